/*
 * delta_bytes.h - byte arrays by DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY
 *
 *     DELTA_LENGTH_BYTE_ARRAY   lengths, bytes           views into the page
 *     DELTA_BYTE_ARRAY          prefixes, lengths, bytes   a value begins with the first `prefix` bytes of
 *                                                          the one before: views into a buffer of ours
 */
#ifndef JI_DELTA_BYTES_H
#define JI_DELTA_BYTES_H

#include "base/buffer.h"
#include "parquet/decode/delta_values.h"

/*
 * What goes from page to page of a chunk: writers before parquet-mr 1.8 let the first prefix of a page refer
 * to the last value of the page before (PARQUET-246). Set `mem`, else all zero; cleared at the end.
 */
struct ji_bytes_carry {
    struct ji_mem *mem;
    struct ji_bytes last;   /* the value before the next one */
    bool is_known;          /* `last` is what the next page's first prefix may refer to */
    struct ji_buffer *text; /* what the views of the last read point into */
};

struct ji_delta_bytes {
    struct ji_delta_values prefixes; /* of DELTA_BYTE_ARRAY */
    struct ji_delta_values lengths;
    const uint8_t *at; /* of the bytes */
    const uint8_t *end;
    bool is_first; /* no value of the page was taken yet */
};

void ji_bytes_carry_clear(struct ji_bytes_carry *carry); /* accepts all zero */
/* Pages were passed over: what comes next does not follow `last`. */
static inline void ji_bytes_carry_break(struct ji_bytes_carry *carry)
{
    carry->is_known = false;
}

enum joist_status ji_delta_length_init(
        struct ji_delta_bytes *bytes, struct ji_view page, struct joist_error *err);
/* The next `count` as views into the page. CORRUPT where there are fewer. */
enum joist_status ji_delta_length_views(
        struct ji_delta_bytes *bytes, size_t count, struct ji_view *out, struct joist_error *err);
enum joist_status ji_delta_length_skip(struct ji_delta_bytes *bytes, size_t count, struct joist_error *err);

enum joist_status ji_delta_strings_init(struct ji_delta_bytes *bytes, struct ji_bytes_carry *carry,
        struct ji_view page, struct joist_error *err);
/*
 * The next `count` as views into `carry->text`, which the next call renews, or replaces where somebody else
 * holds it too. LIMIT where they do not fit the memory.
 */
enum joist_status ji_delta_strings_views(struct ji_delta_bytes *bytes, struct ji_bytes_carry *carry,
        size_t count, struct ji_view *out, struct joist_error *err);
/* How many of the next `count` values take at most `bytes_max` bytes as text; at least one, or all. */
size_t ji_delta_strings_fit(const struct ji_delta_bytes *bytes, size_t count, uint64_t bytes_max);
/* The next `count`, all of `width` bytes, to `out`: FIXED. */
enum joist_status ji_delta_strings_fixed(struct ji_delta_bytes *bytes, struct ji_bytes_carry *carry,
        size_t width, size_t count, uint8_t *out, struct joist_error *err);
enum joist_status ji_delta_strings_skip(
        struct ji_delta_bytes *bytes, struct ji_bytes_carry *carry, size_t count, struct joist_error *err);

#endif
