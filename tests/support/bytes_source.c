/*
 * bytes_source.c - a source over borrowed bytes
 */
#include "support/bytes_source.h"

#include <errno.h>
#include <string.h>

#include "base/error.h"

static uint64_t source_size(void *self)
{
    const struct bytes_source *const from = self;
    return from->size;
}

static const char *source_name(void *self)
{
    (void)self;
    return "bytes";
}

static enum joist_status source_read(
        void *self, uint64_t offset, size_t bytes, void *out, size_t *bytes_read, struct joist_error *err)
{
    struct bytes_source *const from = self;
    if (++from->reads == from->fail_at)
        return ji_fail_errno(err, EIO, "bytes");
    const uint64_t left = offset < from->size ? from->size - offset : 0;
    size_t step = left < bytes ? (size_t)left : bytes;
    if (from->is_short && step > 1)
        step /= 2;
    if (step > 0)
        memcpy(out, from->data + offset, step);
    *bytes_read = step;
    return JOIST_OK;
}

static void source_will_need(void *self, uint64_t offset, uint64_t bytes)
{
    struct bytes_source *const from = self;
    from->hints += offset < from->size && bytes <= from->size - offset;
}

static void source_close(void *self)
{
    (void)self;
}

struct joist_source bytes_source(struct bytes_source *from)
{
    static const struct joist_source_ops ops = {
            .struct_size = sizeof ops,
            .size = source_size,
            .name = source_name,
            .read_at = source_read,
            .close = source_close,
            .will_need = source_will_need,
    };
    return (struct joist_source){.ops = &ops, .self = from};
}
