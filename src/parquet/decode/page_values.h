/*
 * page_values.h - the values of one data page, and the dictionary that they may point into
 *
 *     bytes of the page --init--> reader --read(count)--> dense values in memory form
 *                                        \--codes(count)--> dictionary codes
 *
 *   1. Values are dense: nulls are the levels' affair.
 *   2. Views point into the page's bytes (PLAIN, DELTA_LENGTH), the dictionary's (DICTIONARY), or
 *      `carry.text` (STRINGS): a buffer that the next read renews unless somebody else holds it too.
 *   3. Values are handed out in pieces of any size; only STRINGS needs memory, as much as the values of one
 *      call take.
 */
#ifndef JI_PAGE_VALUES_H
#define JI_PAGE_VALUES_H

#include "arrow/batch.h"
#include "kernel/rle.h"
#include "parquet/decode/alp_values.h"
#include "parquet/decode/delta_bytes.h"
#include "parquet/decode/value_type.h"

/* The largest dictionary; codes are int32_t. */
#define JI_DICTIONARY_COUNT_MAX INT32_MAX

struct ji_dictionary {
    struct ji_buffer *page;   /* the bytes that views point into; NULL where there are none */
    size_t page_bytes;        /* of it, from its start on */
    struct ji_buffer *values; /* in memory form */
    size_t count;
    struct ji_column column; /* FLAT, no nulls */
};

enum ji_values_form {
    JI_VALUES_PLAIN,
    JI_VALUES_DICTIONARY,
    JI_VALUES_RUNS,
    JI_VALUES_DELTA,
    JI_VALUES_DELTA_LENGTH,
    JI_VALUES_STRINGS, /* DELTA_BYTE_ARRAY */
    JI_VALUES_SPLIT,
    JI_VALUES_ALP,
};

/*
 * One after another for the pages of a chunk: zero at the start, `carry.mem` set where DELTA_BYTE_ARRAY may
 * come, cleared at the end.
 */
struct ji_page_values {
    const struct ji_value_type *type;
    const struct ji_dictionary *dictionary; /* of DICTIONARY */
    enum ji_values_form form;
    bool is_ascii;     /* text: no value of the page needs a check */
    const uint8_t *at; /* of PLAIN and SPLIT */
    const uint8_t *end;
    size_t bit;        /* of PLAIN booleans: from `at` on */
    struct ji_rle rle; /* of DICTIONARY and RUNS */
    union {
        struct ji_delta_values deltas;
        struct ji_delta_bytes delta_bytes; /* of DELTA_LENGTH and STRINGS */
        struct ji_alp_values alp;
        struct {
            size_t stride; /* values of the page */
            size_t index;  /* of the next one */
        } split;
    };
    struct ji_bytes_carry carry; /* outlives the page */
};

/*
 * Begins a page; `values->carry` stays. `bytes` (data not NULL) live as long as the reader, and as the views
 * that it gives. `dictionary` is NULL where the chunk has none. UNSUPPORTED names an encoding that nobody
 * knows, CORRUPT one that the type cannot have.
 */
enum joist_status ji_page_values_init(struct ji_page_values *values, const struct ji_value_type *type,
        enum ji_encoding encoding, struct ji_view bytes, const struct ji_dictionary *dictionary,
        struct joist_error *err);

/* `values` accepts all zero. */
void ji_page_values_clear(struct ji_page_values *values);
/*
 * Pages were passed over unread: what comes next does not follow the last value. Writers of which
 * ji_writer_is_before says parquet-mr 1.8.0 let the values of a page refer to the page before.
 */
void ji_page_values_break(struct ji_page_values *values);

/*
 * The next `count` values, to `out` + `at` values (bits, for booleans), aligned for its type. CORRUPT where
 * there are fewer, or one is not of its type.
 */
enum joist_status ji_page_values_read(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err);
/*
 * How many of the next `count` values may be read at once so that the memory that is made for them stays
 * about `bytes_max`: all of them, but for STRINGS.
 */
size_t ji_page_values_fit(const struct ji_page_values *values, size_t count, uint64_t bytes_max);
/* The same as codes, checked to be in range. Only of form DICTIONARY. */
enum joist_status ji_page_values_codes(
        struct ji_page_values *values, size_t count, uint32_t *codes, struct joist_error *err);
enum joist_status ji_page_values_skip(struct ji_page_values *values, size_t count, struct joist_error *err);

/* --- between the modules: values of BYTE_ARRAY, whatever their encoding --- */

/* The next `count` as views, checked where they are text. */
enum joist_status ji_byte_values_views(
        struct ji_page_values *values, size_t count, struct ji_view *out, struct joist_error *err);
/* As decimals, in memory form. */
enum joist_status ji_byte_values_decimals(
        struct ji_page_values *values, size_t count, uint8_t *out, struct joist_error *err);
enum joist_status ji_byte_values_skip(struct ji_page_values *values, size_t count, struct joist_error *err);
enum joist_status ji_values_end_early(size_t missing, struct joist_error *err);

/* --- the dictionary --- */

/*
 * Makes the dictionary of `count` values from the bytes of its page, from whose pool the values come; takes a
 * reference on `page` where they are views, which point into its data. `field` is the leaf's.
 */
enum joist_status ji_dictionary_init(struct ji_dictionary *dictionary, const struct ji_value_type *type,
        const struct ji_field *field, struct ji_buffer *page, struct ji_view bytes, size_t count,
        struct joist_error *err);
void ji_dictionary_clear(struct ji_dictionary *dictionary); /* accepts all zero */

#endif
