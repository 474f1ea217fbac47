/*
 * page_feed.h - the next pages of one leaf, read and unpacked ahead of it by whoever has time
 *
 *     leaf:  ... page i (being decoded)   feed:  [i + 1: loaded] [i + 2: loading] [i + 3: wanted]
 *
 * The values of a leaf are decoded one page after another; reading, checking and unpacking a page needs
 * only its place, which the header of the page before tells. What goes wrong here is not told: the leaf
 * meets it again when it loads the page by itself.
 */
#ifndef JI_PAGE_FEED_H
#define JI_PAGE_FEED_H

#include <pthread.h>

#include "parquet/read/page_read.h"

#define JI_PAGES_AHEAD 3

struct ji_page_feed;

/*
 * What the feeds of one read share: the lock of their states, and how to find hands. `call` and
 * `may_read_ahead` run under the lock; the first may let go of it meanwhile.
 */
struct ji_page_service {
    pthread_mutex_t *lock;
    pthread_cond_t *changed;
    struct ji_page_feed *feeds; /* those that are open */
    size_t wanted;              /* pages that nobody has claimed yet */
    void *user;
    void (*call)(void *user);
    bool (*may_read_ahead)(void *user);
};

enum ji_page_state { JI_PAGE_WANTED, JI_PAGE_LOADING, JI_PAGE_LOADED };

struct ji_page_slot {
    struct ji_page_feed *feed;
    enum ji_page_state state;
    enum joist_status status; /* of LOADED */
    uint64_t position;
    uint64_t next_position; /* 0: not known yet */
    struct ji_page_reader reader;
    struct ji_page_header header;
    struct ji_buffer *buffer;
    struct ji_page_parts parts;
};

struct ji_page_feed {
    struct ji_page_service *service; /* NULL: not open */
    struct ji_page_feed *next;
    struct ji_page_feed *prev;
    struct ji_page_slot slots[JI_PAGES_AHEAD]; /* a ring */
    size_t first;
    size_t count;
};

/* A feed of the chunk that `pages` reads, which is not encrypted. It does not move while it is open. */
void ji_page_feed_open(
        struct ji_page_feed *feed, struct ji_page_service *service, const struct ji_page_reader *pages);
/* Waits for what is in flight. Accepts all zero. */
void ji_page_feed_close(struct ji_page_feed *feed);

/* The page at `position` and those behind it are wanted, where the feed has none. */
void ji_page_feed_start(struct ji_page_feed *feed, uint64_t position);
/*
 * The page at `position`, a data page: waits for it or loads it by itself. NULL where the feed has another
 * one, none, or could not load it; it is empty then. The slot is the caller's until it is given back.
 */
struct ji_page_slot *ji_page_feed_take(
        struct ji_page_feed *feed, uint64_t position, struct ji_codec_context *codecs);
/* Of what was taken: the slot's reader and buffer may be others than before. */
void ji_page_feed_give_back(struct ji_page_feed *feed);

/* Loads one wanted page of any feed, under the lock, which it lets go of meanwhile. `wanted` > 0. */
void ji_page_service_work(struct ji_page_service *service, struct ji_codec_context *codecs);

#endif
