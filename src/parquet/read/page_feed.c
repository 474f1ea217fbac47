/*
 * page_feed.c - a ring of pages, each known by the header before it
 *
 *   1. Slots [first, first + count) hold pages that follow one another; only the last one's next_position may
 *      be unknown.
 *   2. A slot that is LOADING is its loader's; else the lock's. The first slot is the leaf's between take and
 *      give_back.
 *   3. No page is asked for at the chunk's end or behind it, nor while memory is short.
 */
#include "parquet/read/page_feed.h"

#include <assert.h>

static struct ji_page_slot *slot_at(struct ji_page_feed *feed, size_t index)
{
    return &feed->slots[(feed->first + index) % JI_PAGES_AHEAD];
}

/* --- under the lock --- */

static void want(struct ji_page_feed *feed, uint64_t position)
{
    struct ji_page_slot *const slot = slot_at(feed, feed->count++);
    slot->state = JI_PAGE_WANTED;
    slot->position = position;
    slot->next_position = 0;
    feed->service->wanted++;
}

/* Asks for the page behind the last one, where there is room and its place is known. */
static void extend(struct ji_page_feed *feed)
{
    if (feed->count == 0 || feed->count == JI_PAGES_AHEAD)
        return;
    const struct ji_page_slot *const last = slot_at(feed, feed->count - 1);
    if (last->next_position == 0 || last->next_position >= last->reader.end ||
            !feed->service->may_read_ahead(feed->service->user))
        return;
    want(feed, last->next_position);
    feed->service->call(feed->service->user);
}

static void claim(struct ji_page_slot *slot)
{
    assert(slot->state == JI_PAGE_WANTED);
    slot->state = JI_PAGE_LOADING;
    slot->feed->service->wanted--;
}

/* A wanted slot from `index` on, or NULL. */
static struct ji_page_slot *find_wanted(struct ji_page_feed *feed, size_t index)
{
    for (; index < feed->count; index++) {
        if (slot_at(feed, index)->state == JI_PAGE_WANTED)
            return slot_at(feed, index);
    }
    return NULL;
}

/* --- the work --- */

/* Without the lock. */
static enum joist_status read_header(struct ji_page_slot *slot, size_t *header_bytes)
{
    JI_TRY(ji_page_reader_header(&slot->reader, &slot->header, header_bytes, NULL));
    if (slot->header.type != JI_PAGE_DATA && slot->header.type != JI_PAGE_DATA_V2)
        return JOIST_ERR_UNSUPPORTED; /* the leaf knows what to do */
    return JOIST_OK;
}

/* Loads a claimed slot; the lock is held before and after. */
static void load(struct ji_page_slot *slot, struct ji_codec_context *codecs)
{
    struct ji_page_feed *const feed = slot->feed;
    struct ji_page_service *const service = feed->service;
    size_t header_bytes = 0;
    slot->reader.position = slot->position;
    slot->reader.codecs = codecs;
    pthread_mutex_unlock(service->lock);
    enum joist_status status = read_header(slot, &header_bytes);
    pthread_mutex_lock(service->lock);
    if (status == JOIST_OK) {
        slot->next_position = slot->position + header_bytes + (uint64_t)slot->header.compressed_bytes;
        if (slot == slot_at(feed, feed->count - 1))
            extend(feed);
        pthread_mutex_unlock(service->lock);
        status = ji_page_reader_load(
                &slot->reader, &slot->header, header_bytes, &slot->buffer, &slot->parts, NULL);
        pthread_mutex_lock(service->lock);
    }
    slot->status = status;
    slot->state = JI_PAGE_LOADED;
    pthread_cond_broadcast(service->changed);
}

void ji_page_service_work(struct ji_page_service *service, struct ji_codec_context *codecs)
{
    assert(service->wanted > 0);
    struct ji_page_slot *slot = NULL;
    for (struct ji_page_feed *feed = service->feeds; feed != NULL && slot == NULL; feed = feed->next)
        slot = find_wanted(feed, 0);
    assert(slot != NULL);
    claim(slot);
    load(slot, codecs);
}

/* Empties the feed: what is in flight is waited for. */
static void drop_pages(struct ji_page_feed *feed)
{
    struct ji_page_slot *slot;
    while ((slot = find_wanted(feed, 0)) != NULL) {
        claim(slot);
        slot->state = JI_PAGE_LOADED;
    }
    for (size_t index = 0; index < feed->count; index++) {
        while (slot_at(feed, index)->state == JI_PAGE_LOADING) {
            pthread_cond_wait(feed->service->changed, feed->service->lock);
            /* Its loader may have asked for one more. */
            while ((slot = find_wanted(feed, 0)) != NULL) {
                claim(slot);
                slot->state = JI_PAGE_LOADED;
            }
        }
    }
    feed->count = 0;
}

void ji_page_feed_open(
        struct ji_page_feed *feed, struct ji_page_service *service, const struct ji_page_reader *pages)
{
    assert(pages->cipher == NULL);
    *feed = (struct ji_page_feed){.service = service};
    for (size_t index = 0; index < JI_PAGES_AHEAD; index++) {
        struct ji_page_slot *const slot = &feed->slots[index];
        slot->feed = feed;
        slot->reader = *pages;
        slot->reader.window = NULL;
        slot->reader.window_capacity = slot->reader.window_bytes = 0;
    }
    pthread_mutex_lock(service->lock);
    feed->next = service->feeds;
    if (feed->next != NULL)
        feed->next->prev = feed;
    service->feeds = feed;
    pthread_mutex_unlock(service->lock);
}

void ji_page_feed_close(struct ji_page_feed *feed)
{
    if (feed->service == NULL)
        return;
    struct ji_page_service *const service = feed->service;
    pthread_mutex_lock(service->lock);
    drop_pages(feed);
    if (feed->prev != NULL)
        feed->prev->next = feed->next;
    else
        service->feeds = feed->next;
    if (feed->next != NULL)
        feed->next->prev = feed->prev;
    pthread_mutex_unlock(service->lock);
    for (size_t index = 0; index < JI_PAGES_AHEAD; index++) {
        ji_page_reader_clear(&feed->slots[index].reader);
        ji_buffer_release(feed->slots[index].buffer);
    }
    feed->service = NULL;
}

void ji_page_feed_start(struct ji_page_feed *feed, uint64_t position)
{
    struct ji_page_service *const service = feed->service;
    pthread_mutex_lock(service->lock);
    if (feed->count == 0 && position < feed->slots[0].reader.end && service->may_read_ahead(service->user)) {
        want(feed, position);
        service->call(service->user);
    }
    pthread_mutex_unlock(service->lock);
}

struct ji_page_slot *ji_page_feed_take(
        struct ji_page_feed *feed, uint64_t position, struct ji_codec_context *codecs)
{
    struct ji_page_service *const service = feed->service;
    struct ji_page_slot *const slot = slot_at(feed, 0);
    pthread_mutex_lock(service->lock);
    bool is_right = feed->count > 0 && slot->position == position;
    while (is_right && slot->state != JI_PAGE_LOADED) {
        /* While another thread loads it, the next one may as well be loaded here. */
        struct ji_page_slot *const wanted = find_wanted(feed, 0);
        if (wanted == NULL) {
            pthread_cond_wait(service->changed, service->lock);
            continue;
        }
        claim(wanted);
        load(wanted, codecs);
    }
    is_right = is_right && slot->status == JOIST_OK;
    if (!is_right)
        drop_pages(feed);
    pthread_mutex_unlock(service->lock);
    return is_right ? slot : NULL;
}

void ji_page_feed_give_back(struct ji_page_feed *feed)
{
    struct ji_page_service *const service = feed->service;
    pthread_mutex_lock(service->lock);
    const uint64_t next = slot_at(feed, 0)->next_position;
    feed->first = (feed->first + 1) % JI_PAGES_AHEAD;
    feed->count--;
    if (feed->count > 0) {
        extend(feed);
    } else if (next < feed->slots[0].reader.end && service->may_read_ahead(service->user)) {
        want(feed, next);
        service->call(service->user);
    }
    pthread_mutex_unlock(service->lock);
}
