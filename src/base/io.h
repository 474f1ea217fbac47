/*
 * io.h - short hands over the io interfaces
 */
#ifndef JI_IO_H
#define JI_IO_H

#include <joist/io.h>

#include "base/buffer.h"

static inline uint64_t ji_source_size(const struct joist_source *source)
{
    return source->ops->size(source->self);
}
static inline const char *ji_source_name(const struct joist_source *source)
{
    return source->ops->name(source->self);
}
/* Exactly `bytes` bytes: fewer are CORRUPT ("ends at ..."), prefixed with the source's name. */
enum joist_status ji_source_read(
        const struct joist_source *source, uint64_t offset, size_t bytes, void *out, struct joist_error *err);
/* Up to `bytes` bytes; fewer only at the end. */
enum joist_status ji_source_read_some(const struct joist_source *source, uint64_t offset, size_t bytes,
        void *out, size_t *bytes_read, struct joist_error *err);
/* The whole of it, at most `bytes_max` (else LIMIT), into `bytes` from its start. */
enum joist_status ji_source_read_all(
        const struct joist_source *source, size_t bytes_max, struct ji_bytes *bytes, struct joist_error *err);
/* Accepts one with ops NULL, and sets it so. */
void ji_source_close(struct joist_source *source);
/* The file that holds the source's bytes; -1 where there is none. */
int ji_source_descriptor(const struct joist_source *source);
/* Tells what will be read soon, where the source wants to know. */
void ji_source_will_need(const struct joist_source *source, uint64_t offset, uint64_t bytes);

enum joist_status ji_sink_append(
        struct joist_sink *sink, const void *data, size_t bytes, struct joist_error *err);
/* Bytes of a source, as far as the sink can have them without our reading them: `*copied` of them. */
enum joist_status ji_sink_copy(struct joist_sink *sink, const struct joist_source *source, uint64_t offset,
        uint64_t bytes, uint64_t *copied, struct joist_error *err);
/* Both end the sink and set its ops to NULL; abort accepts one already ended. */
enum joist_status ji_sink_commit(struct joist_sink *sink, struct joist_error *err);
void ji_sink_abort(struct joist_sink *sink);

#endif
