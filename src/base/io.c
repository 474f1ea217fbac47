/*
 * io.c - short hands over the io interfaces
 *
 * Errors of a source already name it where the world failed; what is found here (an early
 * end, a limit) is prefixed with its name.
 */
#include "base/io.h"

#include <assert.h>

#define READ_BYTES ((size_t)256 << 10)

enum joist_status ji_source_read_some(const struct joist_source *source, uint64_t offset, size_t bytes,
        void *out, size_t *bytes_read, struct joist_error *err)
{
    assert(source != NULL && source->ops != NULL);
    size_t done = 0;
    uint8_t *to = out;
    while (done < bytes) {
        size_t got = 0;
        JI_TRY(source->ops->read_at(source->self, offset + done, bytes - done, to + done, &got, err));
        if (got == 0)
            break;
        if (got > bytes - done)
            return ji_fail(err, JOIST_ERR_INTERNAL, "%s: %zu bytes were read where %zu were asked for",
                    ji_source_name(source), got, bytes - done);
        done += got;
    }
    *bytes_read = done;
    return JOIST_OK;
}

enum joist_status ji_source_read(
        const struct joist_source *source, uint64_t offset, size_t bytes, void *out, struct joist_error *err)
{
    size_t got = 0;
    JI_TRY(ji_source_read_some(source, offset, bytes, out, &got, err));
    if (got < bytes)
        return ji_fail(err, JOIST_ERR_CORRUPT, "%s: ends at %" PRIu64 ", %zu bytes were due from %" PRIu64,
                ji_source_name(source), offset + got, bytes, offset);
    return JOIST_OK;
}

static enum joist_status fail_too_long(
        const struct joist_source *source, size_t bytes_max, struct joist_error *err)
{
    return ji_fail(err, JOIST_ERR_LIMIT, "%s: is longer than %zu bytes", ji_source_name(source), bytes_max);
}

enum joist_status ji_source_read_all(
        const struct joist_source *source, size_t bytes_max, struct ji_bytes *bytes, struct joist_error *err)
{
    assert(source != NULL && bytes != NULL);
    const uint64_t known = ji_source_size(source);
    if (known != JOIST_SIZE_UNKNOWN && known > bytes_max)
        return fail_too_long(source, bytes_max, err);
    bytes->size = 0;
    /* One byte more than is known, so that the end is seen by the first read. */
    size_t step = known != JOIST_SIZE_UNKNOWN ? (size_t)known + 1 : READ_BYTES;
    for (;;) {
        size_t got = 0;
        JI_TRY(ji_bytes_reserve(bytes, step, err));
        JI_TRY(ji_source_read_some(source, bytes->size, step, bytes->data + bytes->size, &got, err));
        bytes->size += got;
        if (bytes->size > bytes_max)
            return fail_too_long(source, bytes_max, err);
        if (got < step)
            return JOIST_OK;
        step = READ_BYTES;
    }
}

void ji_source_close(struct joist_source *source)
{
    if (source == NULL || source->ops == NULL)
        return;
    source->ops->close(source->self);
    *source = (struct joist_source){.ops = NULL, .self = NULL};
}

enum joist_status ji_sink_append(
        struct joist_sink *sink, const void *data, size_t bytes, struct joist_error *err)
{
    assert(sink != NULL && sink->ops != NULL);
    return bytes == 0 ? JOIST_OK : sink->ops->append(sink->self, data, bytes, err);
}

enum joist_status ji_sink_copy(struct joist_sink *sink, const struct joist_source *source, uint64_t offset,
        uint64_t bytes, uint64_t *copied, struct joist_error *err)
{
    const struct joist_sink_ops *const ops = sink->ops;
    const size_t least = offsetof(struct joist_sink_ops, copy) + sizeof ops->copy;
    *copied = 0;
    if (bytes == 0 || ops->struct_size < least || ops->copy == NULL)
        return JOIST_OK;
    return ops->copy(sink->self, source, offset, bytes, copied, err);
}

enum joist_status ji_sink_commit(struct joist_sink *sink, struct joist_error *err)
{
    assert(sink != NULL && sink->ops != NULL);
    const struct joist_sink ending = *sink;
    *sink = (struct joist_sink){.ops = NULL, .self = NULL};
    return ending.ops->commit(ending.self, err);
}

void ji_sink_abort(struct joist_sink *sink)
{
    if (sink == NULL || sink->ops == NULL)
        return;
    const struct joist_sink ending = *sink;
    *sink = (struct joist_sink){.ops = NULL, .self = NULL};
    ending.ops->abort(ending.self);
}

void ji_source_will_need(const struct joist_source *source, uint64_t offset, uint64_t bytes)
{
    const struct joist_source_ops *const ops = source->ops;
    const size_t least = offsetof(struct joist_source_ops, will_need) + sizeof ops->will_need;
    if (bytes > 0 && ops->struct_size >= least && ops->will_need != NULL)
        ops->will_need(source->self, offset, bytes);
}

int ji_source_descriptor(const struct joist_source *source)
{
    const struct joist_source_ops *const ops = source->ops;
    const size_t least = offsetof(struct joist_source_ops, descriptor) + sizeof ops->descriptor;
    return ops->struct_size >= least && ops->descriptor != NULL ? ops->descriptor(source->self) : -1;
}
