/*
 * text_feed.c - bytes of a source, cut into parts at row ends and parsed in parallel
 *
 *     now:    | pad | parsed | part 0 | part 1 | ... | begun row | pad |
 *                            begin                   whole_end   end
 *     ahead:  | pad | begun row (copied) | read while the parts are parsed ... | pad |
 *     held:   what was `now` before, where its rows are still being taken
 *
 *   1. `begin`, `whole_end` and every part's end stand behind a line feed outside of quotes, or at the end of
 *      the source; the quotes from `begin` on count from zero.
 *   2. The source is read front to back, once, by one thread at a time: pipes will do.
 *   3. `ahead` is read in the round that takes the last whole rows of `now`. Its failure is kept until the
 *      rows before it have been handed out.
 *      A round that failed may be had again: then it is not read a second time.
 *   4. `line` is the line of `begin`; parsers count the line feeds of their part: nobody counts twice.
 *
 * Whether a line feed is within quotes follows from the parity of the quotes before it: a count, which
 * is far cheaper than a parse. Where a stray quote breaks that rule the parser of the part it stands
 * in refuses it; nothing behind it is handed out.
 */
#include "text/text_feed.h"

#include "base/parallel.h"
#include "text/byte_count.h"

#include <assert.h>

#define PART_BYTES ((size_t)512 << 10)
#define PART_BYTES_MIN ((size_t)64 << 10)
#define PARTS_PER_THREAD 2
#define PARTS_MAX 64
/* Blocks and what is made of them take so many times their bytes, about; an eighth of the limit is theirs. */
#define FOOTPRINT 4
#define SHARE 8
/* Enough to know the encoding by. */
#define SAMPLE_BYTES_MIN ((size_t)16)

static uint8_t *block_data(const struct ji_text_block *block)
{
    return block->buffer->data;
}

static void choose_sizes(struct ji_text_feed *feed, const struct ji_text_tuning *tuning)
{
    feed->parts_max = ji_min_size(PARTS_PER_THREAD * (size_t)ji_ctx_threads(feed->ctx), PARTS_MAX);
    feed->part_bytes = PART_BYTES;
    const uint64_t share = ji_mem_limit(feed->mem) / SHARE;
    while (feed->part_bytes > PART_BYTES_MIN && feed->part_bytes * feed->parts_max * FOOTPRINT > share)
        feed->part_bytes /= 2;
    if (tuning != NULL && tuning->part_bytes != 0)
        feed->part_bytes = tuning->part_bytes;
    if (tuning != NULL && tuning->parts != 0)
        feed->parts_max = tuning->parts;
}

/* --- row ends --- */

/* Whether the line feeds behind `size` bytes that begin outside of quotes are within them. */
static bool ends_quoted(const struct ji_text_feed *feed, const uint8_t *data, size_t size)
{
    return feed->quote != JI_TEXT_NO_QUOTE && (ji_byte_count(data, size, (uint8_t)feed->quote) & 1) != 0;
}

/* Behind the first row end at or behind `at`, or `end`. */
static const uint8_t *row_end_behind(
        const struct ji_text_feed *feed, const uint8_t *at, const uint8_t *end, bool quoted)
{
    if (feed->quote == JI_TEXT_NO_QUOTE) {
        const uint8_t *found = memchr(at, '\n', (size_t)(end - at));
        return found == NULL ? end : found + 1;
    }
    for (; at < end; at++) {
        if (*at == (uint8_t)feed->quote)
            quoted = !quoted;
        else if (*at == '\n' && !quoted)
            return at + 1;
    }
    return end;
}

/* Behind the last row end within [begin, end), which ends quoted or not, or `begin`. */
static const uint8_t *last_row_end(
        const struct ji_text_feed *feed, const uint8_t *begin, const uint8_t *end, bool quoted)
{
    for (const uint8_t *at = end; at > begin; at--) {
        if (feed->quote != JI_TEXT_NO_QUOTE && at[-1] == (uint8_t)feed->quote)
            quoted = !quoted;
        else if (at[-1] == '\n' && !quoted)
            return at;
    }
    return begin;
}

/* --- reading --- */

/* Makes room for `more` bytes behind the block's end, keeping what is there. */
static enum joist_status grow_block(
        struct ji_text_feed *feed, struct ji_text_block *block, size_t more, struct joist_error *err)
{
    const size_t held = block->end - block->begin;
    if (block->buffer != NULL && block->buffer->capacity - block->end >= more + JI_TEXT_PAD)
        return JOIST_OK;
    struct ji_buffer *larger = NULL;
    JI_TRY(ji_buffer_new(feed->mem, held + more + 2 * (size_t)JI_TEXT_PAD, &larger, err));
    memset(larger->data, 0, JI_TEXT_PAD);
    if (held > 0)
        memcpy(larger->data + JI_TEXT_PAD, block_data(block) + block->begin, held);
    ji_buffer_release(block->buffer);
    block->buffer = larger;
    block->begin = JI_TEXT_PAD;
    block->end = JI_TEXT_PAD + held;
    return JOIST_OK;
}

/* Reads up to `bytes` bytes behind the block's end, where there is room for them and the pad. */
static enum joist_status read_more(
        struct ji_text_feed *feed, struct ji_text_block *block, size_t bytes, struct joist_error *err)
{
    size_t got = 0;
    JI_TRY(ji_source_read_some(
            &feed->source, feed->offset, bytes, block_data(block) + block->end, &got, err));
    feed->offset += got;
    block->end += got;
    block->final = got < bytes;
    if (block->final && block->end > block->begin && block_data(block)[block->end - 1] != '\n')
        block_data(block)[block->end++] = '\n';
    memset(block_data(block) + block->end, 0, JI_TEXT_PAD - 1);
    return JOIST_OK;
}

static void find_whole_end(const struct ji_text_feed *feed, struct ji_text_block *block)
{
    const uint8_t *data = block_data(block);
    const uint8_t *begin = data + block->begin;
    const size_t bytes = block->end - block->begin;
    const bool has_quotes = feed->quote != JI_TEXT_NO_QUOTE;
    block->quotes = has_quotes ? ji_byte_count(begin, bytes, (uint8_t)feed->quote) : 0;
    block->whole_end = block->end;
    if (!block->final)
        block->whole_end =
                (size_t)(last_row_end(feed, begin, data + block->end, (block->quotes & 1) != 0) - data);
}

/* Reads on until `now`, whose last row end is known, holds a whole row, or the source ends. */
static enum joist_status complete_row(struct ji_text_feed *feed, struct joist_error *err)
{
    struct ji_text_block *block = &feed->now;
    while (block->whole_end == block->begin && !block->final) {
        const size_t held = block->end - block->begin;
        if (feed->check != NULL)
            JI_TRY(feed->check(feed->check_arg, block_data(block) + block->begin, held, err));
        if (held > JI_TEXT_ROW_BYTES_MAX)
            return ji_fail(err, JOIST_ERR_LIMIT, "%s: line %" PRIu64 ": a row of more than %zu bytes",
                    ji_source_name(&feed->source), feed->line, JI_TEXT_ROW_BYTES_MAX);
        JI_TRY(ji_cancel_check(feed->cancel, err));
        const size_t more = ji_max_size(held, feed->part_bytes);
        JI_TRY(grow_block(feed, block, more, err));
        JI_TRY(read_more(feed, block, more, err));
        find_whole_end(feed, block);
    }
    return JOIST_OK;
}

/* --- opening --- */

static enum joist_status check_encoding(
        const struct ji_text_feed *feed, struct ji_text_block *block, struct joist_error *err)
{
    const uint8_t *data = block_data(block) + block->begin;
    const size_t size = block->end - block->begin;
    const char *name = NULL;
    if (size >= 4 && memcmp(data, "\xFF\xFE\0\0", 4) == 0)
        name = "UTF-32";
    else if (size >= 4 && memcmp(data, "\0\0\xFE\xFF", 4) == 0)
        name = "UTF-32";
    else if (size >= 2 && (memcmp(data, "\xFF\xFE", 2) == 0 || memcmp(data, "\xFE\xFF", 2) == 0))
        name = "UTF-16";
    else if (size >= 4 && ((data[0] == 0 && data[1] != 0) || (data[1] == 0 && data[0] != 0)) &&
            (data[2] == 0) == (data[0] == 0) && (data[3] == 0) == (data[1] == 0))
        name = "UTF-16";
    if (name != NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "%s: text in %s; UTF-8 is read",
                ji_source_name(&feed->source), name);
    if (size >= 3 && memcmp(data, "\xEF\xBB\xBF", 3) == 0)
        block->begin += 3;
    return JOIST_OK;
}

enum joist_status ji_text_feed_open(struct ji_text_feed *feed, struct joist_source source,
        size_t sample_bytes, const struct ji_text_tuning *tuning, struct joist_error *err)
{
    assert(feed->ctx != NULL && feed->mem != NULL);
    feed->source = source;
    feed->line = 1;
    feed->now = (struct ji_text_block){.begin = JI_TEXT_PAD, .end = JI_TEXT_PAD};
    feed->ahead = feed->now;
    choose_sizes(feed, tuning);
    sample_bytes = ji_max_size(sample_bytes, SAMPLE_BYTES_MIN);
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(ji_alloc_zero(feed->mem, feed->parts_max, sizeof *feed->parts, &feed->parts, err));
    feed->parts_made = feed->parts_max;
    JI_TRY_OUT(grow_block(feed, &feed->now, sample_bytes, err));
    JI_TRY_OUT(read_more(feed, &feed->now, sample_bytes, err));
    JI_TRY_OUT(check_encoding(feed, &feed->now, err));
    find_whole_end(feed, &feed->now);
    JI_TRY_OUT(complete_row(feed, err));

out:
    if (status != JOIST_OK)
        ji_text_feed_close(feed);
    return status;
}

void ji_text_feed_close(struct ji_text_feed *feed)
{
    ji_buffer_release(feed->now.buffer);
    ji_buffer_release(feed->ahead.buffer);
    ji_buffer_release(feed->held.buffer);
    ji_free(feed->mem, feed->parts, feed->parts_made * sizeof *feed->parts);
    feed->now.buffer = NULL;
    feed->ahead.buffer = NULL;
    feed->held.buffer = NULL;
    feed->parts = NULL;
}

struct ji_view ji_text_feed_sample(const struct ji_text_feed *feed)
{
    const struct ji_text_block *block = &feed->now;
    return ji_view_of(block_data(block) + block->begin, block->whole_end - block->begin);
}

void ji_text_feed_skip(struct ji_text_feed *feed, size_t bytes, uint64_t newlines)
{
    assert(bytes <= feed->now.whole_end - feed->now.begin);
    feed->now.begin += bytes;
    feed->line += newlines;
}

enum joist_status ji_text_feed_refill(struct ji_text_feed *feed, struct joist_error *err)
{
    if (feed->now.begin == feed->now.whole_end && !feed->now.final)
        return complete_row(feed, err);
    return JOIST_OK;
}

void ji_text_feed_limit_parts(struct ji_text_feed *feed, size_t parts)
{
    feed->parts_max = ji_max_size(1, ji_min_size(parts, feed->parts_max));
}

/* --- rounds --- */

static void leave_parts(struct ji_text_feed *feed)
{
    for (size_t i = 0; i < feed->part_count; i++) {
        feed->now.begin += feed->parts[i].size;
        feed->line += feed->parts[i].newlines;
    }
    feed->part_count = 0;
}

static void cut_parts(struct ji_text_feed *feed)
{
    const uint8_t *at = block_data(&feed->now) + feed->now.begin;
    const uint8_t *end = block_data(&feed->now) + feed->now.whole_end;
    size_t count = 0;
    while (at < end && count < feed->parts_max) {
        const size_t wanted = ji_min_size(feed->part_bytes, (size_t)(end - at));
        /* From the byte before, so that a row which ends just there is not joined with the next one. */
        const bool quoted = feed->now.quotes > 0 && ends_quoted(feed, at, wanted - 1);
        const uint8_t *cut = row_end_behind(feed, at + wanted - 1, end, quoted);
        feed->parts[count++] = (struct ji_text_part){.begin = at, .size = (size_t)(cut - at)};
        at = cut;
    }
    feed->part_count = count;
}

/* Whether this round takes the last whole rows: then the begun one moves ahead, and is read on. */
static enum joist_status prepare_ahead(struct ji_text_feed *feed, bool *reading, struct joist_error *err)
{
    struct ji_text_block *now = &feed->now;
    const struct ji_text_part *last = &feed->parts[feed->part_count - 1];
    *reading = false;
    if (feed->ahead_read || now->final || last->begin + last->size != block_data(now) + now->whole_end)
        return JOIST_OK;
    const size_t begun = now->end - now->whole_end;
    const size_t bytes = feed->part_bytes * feed->parts_max;
    struct ji_text_block *ahead = &feed->ahead;
    JI_TRY(ji_buffer_renew(feed->mem, &ahead->buffer, begun + bytes + 2 * (size_t)JI_TEXT_PAD, err));
    ahead->begin = JI_TEXT_PAD;
    ahead->end = JI_TEXT_PAD + begun;
    ahead->final = false;
    memset(block_data(ahead), 0, JI_TEXT_PAD);
    memcpy(block_data(ahead) + ahead->begin, block_data(now) + now->whole_end, begun);
    *reading = true;
    return JOIST_OK;
}

enum joist_status ji_text_feed_run(struct ji_text_feed *feed, size_t piece, struct joist_error *err)
{
    JI_TRY(ji_cancel_check(feed->cancel, err));
    if (piece < feed->part_count)
        return feed->parse(feed->parse_arg, piece, err);
    feed->ahead_status =
            read_more(feed, &feed->ahead, feed->part_bytes * feed->parts_max, &feed->ahead_error);
    if (feed->ahead_status == JOIST_OK)
        find_whole_end(feed, &feed->ahead);
    feed->ahead_read = true;
    return JOIST_OK;
}

static enum joist_status run_index(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    (void)worker;
    return ji_text_feed_run(arg, index, err);
}

/* Makes `now` the block that was read ahead. */
static enum joist_status turn_block(struct ji_text_feed *feed, struct joist_error *err)
{
    feed->has_ahead = false;
    feed->ahead_read = false;
    if (feed->ahead_status != JOIST_OK) {
        if (err != NULL)
            *err = feed->ahead_error;
        return feed->ahead_status;
    }
    const struct ji_text_block spent = feed->holds ? feed->held : feed->now;
    if (feed->holds)
        feed->held = feed->now;
    feed->now = feed->ahead;
    feed->ahead = spent;
    return complete_row(feed, err);
}

enum joist_status ji_text_feed_plan(
        struct ji_text_feed *feed, ji_text_parse_fn parse, void *arg, size_t *pieces, struct joist_error *err)
{
    *pieces = 0;
    leave_parts(feed);
    if (feed->has_ahead)
        JI_TRY(turn_block(feed, err));
    JI_TRY(ji_text_feed_refill(feed, err));
    cut_parts(feed);
    if (feed->part_count == 0)
        return JOIST_OK;
    bool reading = false;
    JI_TRY(prepare_ahead(feed, &reading, err));
    feed->parse = parse;
    feed->parse_arg = arg;
    *pieces = feed->part_count + reading;
    return JOIST_OK;
}

void ji_text_feed_over(struct ji_text_feed *feed)
{
    feed->has_ahead = feed->ahead_read;
}

enum joist_status ji_text_feed_round(
        struct ji_text_feed *feed, ji_text_parse_fn parse, void *arg, struct joist_error *err)
{
    size_t pieces = 0;
    JI_TRY(ji_text_feed_plan(feed, parse, arg, &pieces, err));
    JI_TRY(ji_parallel(feed->ctx, pieces, run_index, feed, err));
    ji_text_feed_over(feed);
    return JOIST_OK;
}

void ji_text_feed_again(struct ji_text_feed *feed)
{
    feed->part_count = 0;
}

uint64_t ji_text_feed_line(const struct ji_text_feed *feed, const uint8_t *at)
{
    const uint8_t *begin = block_data(&feed->now) + feed->now.begin;
    assert(at >= begin);
    return feed->line + ji_byte_count(begin, (size_t)(at - begin), '\n');
}

uint64_t ji_text_feed_done(const struct ji_text_feed *feed)
{
    uint64_t left = feed->now.end - feed->now.begin;
    for (size_t i = 0; i < feed->part_count; i++)
        left -= feed->parts[i].size;
    if (feed->has_ahead)
        left = feed->ahead.end - feed->ahead.begin;
    return feed->offset > left ? feed->offset - left : 0;
}
