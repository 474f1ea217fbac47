/*
 * json_write.h - JSON onto the end of a ji_bytes
 *
 * The writer fails sticky, as thrift's: after the first failure every call does nothing, and `finish` says
 * what happened. Commas, colons and the indent are its affair; that keys and values alternate in
 * objects, and that begins and ends pair, is the caller's (asserted).
 *
 *     ji_json_writer_init(&writer, &out, err);
 *     ji_json_write_begin_object(&writer);
 *     ji_json_write_key(&writer, "format-version");
 *     ji_json_write_int64(&writer, 2);
 *     ji_json_write_end_object(&writer);
 *     JI_TRY(ji_json_writer_finish(&writer));
 *
 * Strings are escaped as little as RFC 8259 allows: the quote, the backslash, control characters. They hold
 * UTF-8 already; a byte that does not is replaced by U+FFFD, so that what is written is always JSON.
 */
#ifndef JI_JSON_WRITE_H
#define JI_JSON_WRITE_H

#include "base/buffer.h"
#include "wire/json_read.h"

struct ji_json_writer {
    struct ji_bytes *out; /* borrowed; appended to */
    struct joist_error *err;
    enum joist_status status;
    unsigned depth;
    unsigned indent; /* spaces a level; 0: all on one line */
    uint64_t objects;
    uint64_t filled; /* bit d: the container at depth d has a member or element already */
    bool has_key;
};

void ji_json_writer_init(struct ji_json_writer *writer, struct ji_bytes *out, struct joist_error *err);
/* Exactly one value has been written. */
enum joist_status ji_json_writer_finish(struct ji_json_writer *writer);

void ji_json_write_begin_object(struct ji_json_writer *writer);
void ji_json_write_end_object(struct ji_json_writer *writer);
void ji_json_write_begin_array(struct ji_json_writer *writer);
void ji_json_write_end_array(struct ji_json_writer *writer);
void ji_json_write_key(struct ji_json_writer *writer, const char *key);
void ji_json_write_key_view(struct ji_json_writer *writer, struct ji_view key);
void ji_json_write_null(struct ji_json_writer *writer);
void ji_json_write_bool(struct ji_json_writer *writer, bool value);
void ji_json_write_int64(struct ji_json_writer *writer, int64_t value);
void ji_json_write_uint64(struct ji_json_writer *writer, uint64_t value);
void ji_json_write_string(struct ji_json_writer *writer, struct ji_view value);
void ji_json_write_text(struct ji_json_writer *writer, const char *value);
/* Text that is JSON already: a number, or a value made elsewhere. */
void ji_json_write_raw(struct ji_json_writer *writer, struct ji_view json);
/* A whole tree; its own key, where it has one, is not written. */
void ji_json_write_tree(struct ji_json_writer *writer, const struct ji_json *node);

/* Appends the string with quotes and escapes. */
enum joist_status ji_json_append_string(struct ji_bytes *out, struct ji_view value, struct joist_error *err);

#endif
