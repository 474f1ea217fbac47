/*
 * footer_window.c - the bytes of a footer under a Thrift reader: all of them, or a part that moves along
 *
 *     footer    ...... [ passed | at ..... end ] ......          read in pieces of WINDOW_BYTES
 *                      bytes                   window->end
 *
 *   1. The thrift reader stands between bytes and end; end <= footer_bytes. A failure for want of bytes is
 *      one of the footer only where end == footer_bytes.
 *   2. What is read again after such a failure begins at a copy of the reader from before, with more bytes:
 *      the window doubles until they do, and never beyond the footer.
 *
 * A footer of 20 MB in fresh memory costs 10 ms for the first touch of its pages alone; the same 20 MB
 * through one piece that stays in the cache cost 2. The piece is as large as what the reading of a wide
 * schema asks for next, which then is warm.
 */
#include "parquet/format/footer_window.h"

#include <assert.h>

#define WINDOW_BYTES ((size_t)512 << 10)

void ji_footer_window_hold(struct ji_footer_window *window, struct ji_view footer)
{
    *window = (struct ji_footer_window){.footer_bytes = footer.size, .end = footer.size};
    ji_thrift_reader_init(&window->thrift, footer);
}

enum joist_status ji_footer_window_open(struct ji_footer_window *window, struct ji_mem *mem,
        const struct joist_source *source, uint64_t offset, uint64_t footer_bytes, struct joist_error *err)
{
    struct ji_footer_window made = {
            .footer_bytes = footer_bytes, .source = source, .offset = offset, .mem = mem};
    JI_TRY(ji_slab_alloc(mem, WINDOW_BYTES, &made.bytes, &made.capacity, err));
    ji_thrift_reader_init(&made.thrift, ji_view_of(made.bytes, 0));
    *window = made;
    return JOIST_OK;
}

void ji_footer_window_close(struct ji_footer_window *window)
{
    if (window->bytes != NULL)
        ji_slab_free(window->mem, window->bytes, window->capacity);
    window->bytes = NULL;
}

/* The bytes from the reader on move to the front of the window, or of a larger one. */
static enum joist_status make_room(
        struct ji_footer_window *window, size_t left, size_t bytes, struct joist_error *err)
{
    if (bytes <= window->capacity) {
        memmove(window->bytes, window->thrift.at, left);
        return JOIST_OK;
    }
    uint8_t *larger = NULL;
    size_t capacity = 0;
    JI_TRY(ji_slab_alloc(window->mem, bytes, &larger, &capacity, err));
    memcpy(larger, window->thrift.at, left);
    ji_slab_free(window->mem, window->bytes, window->capacity);
    window->bytes = larger;
    window->capacity = capacity;
    return JOIST_OK;
}

enum joist_status ji_footer_window_need(
        struct ji_footer_window *window, size_t bytes, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &window->thrift;
    const size_t left = (size_t)(thrift->end - thrift->at);
    const uint64_t behind = window->footer_bytes - window->end;
    if (left >= bytes || behind == 0 || thrift->error != JI_THRIFT_FINE)
        return JOIST_OK;
    assert(!ji_footer_window_is_whole(window));
    const uint64_t position = ji_footer_window_position(window);
    JI_TRY(make_room(window, left, (size_t)ji_min_u64(bytes, left + behind), err));
    thrift->begin = thrift->at = window->bytes;
    thrift->end = window->bytes + left;
    thrift->start = (size_t)position;
    const size_t more = (size_t)ji_min_u64(behind, window->capacity - left);
    JI_TRY(ji_source_read(window->source, window->offset + window->end, more, window->bytes + left, err));
    thrift->end += more;
    window->end += more;
    return JOIST_OK;
}

enum joist_status ji_footer_window_retry(struct ji_footer_window *window,
        const struct ji_thrift_reader *before, bool *again, struct joist_error *err)
{
    *again = window->thrift.error == JI_THRIFT_SHORT && window->end < window->footer_bytes;
    if (!*again)
        return JOIST_OK;
    window->thrift = *before;
    const size_t left = (size_t)(before->end - before->at);
    return ji_footer_window_need(window, 2 * ji_max_size(left, WINDOW_BYTES / 2), err);
}

enum joist_status ji_footer_window_take(
        struct ji_footer_window *window, size_t bytes, uint8_t *to, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &window->thrift;
    const size_t here = ji_min_size(bytes, (size_t)(thrift->end - thrift->at));
    if (thrift->error != JI_THRIFT_FINE)
        return JOIST_OK;
    if (bytes > window->footer_bytes - ji_footer_window_position(window)) {
        ji_thrift_fail(thrift, JI_THRIFT_SHORT);
        return JOIST_OK;
    }
    if (to != NULL && here > 0)
        memcpy(to, thrift->at, here);
    thrift->at += here;
    if (here == bytes)
        return JOIST_OK;
    if (to != NULL)
        JI_TRY(ji_source_read(window->source, window->offset + window->end, bytes - here, to + here, err));
    window->end += bytes - here;
    thrift->start = (size_t)window->end;
    thrift->begin = thrift->at = thrift->end;
    return JOIST_OK;
}

enum joist_status ji_footer_window_pass(
        struct ji_footer_window *window, size_t bytes, struct joist_error *err)
{
    return ji_footer_window_take(window, bytes, NULL, err);
}

void ji_footer_window_seek(struct ji_footer_window *window, uint64_t position)
{
    struct ji_thrift_reader *const thrift = &window->thrift;
    assert(!ji_footer_window_is_whole(window));
    assert(position <= window->footer_bytes);
    thrift->begin = thrift->at = thrift->end = window->bytes;
    thrift->start = (size_t)position;
    window->end = position;
}
