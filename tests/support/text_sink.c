/*
 * text_sink.c - a sink into memory that can fail
 */
#include "support/text_sink.h"

#include <errno.h>

static enum joist_status sink_append(void *self, const void *data, size_t bytes, struct joist_error *err)
{
    struct text_sink *sink = self;
    if (++sink->appends == sink->fail_at)
        return ji_fail_errno(err, ENOSPC, "sink");
    return ji_bytes_append(&sink->bytes, data, bytes, err);
}

static enum joist_status sink_commit(void *self, struct joist_error *err)
{
    (void)self;
    return ji_fail(err, JOIST_ERR_INTERNAL, "a writer of text commits nothing");
}

static void sink_abort(void *self)
{
    (void)self;
}

static const struct joist_sink_ops sink_ops = {
        .struct_size = sizeof sink_ops,
        .append = sink_append,
        .commit = sink_commit,
        .abort = sink_abort,
};

struct joist_sink text_sink_of(struct text_sink *sink)
{
    return (struct joist_sink){.ops = &sink_ops, .self = sink};
}
