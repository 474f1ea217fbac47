/*
 * page_values.h - the values of one data page, and the dictionary that they may point into
 *
 *     bytes of the page --init--> reader --read(count)--> dense values in memory form
 *                                        \--codes(count)--> dictionary codes
 *
 *   1. Values are dense: nulls are the levels' affair.
 *   2. Views point into the page's bytes (PLAIN) or the dictionary's (else).
 */
#ifndef JI_PAGE_VALUES_H
#define JI_PAGE_VALUES_H

#include "arrow/batch.h"
#include "kernel/rle.h"
#include "parquet/decode/value_type.h"

/* The largest dictionary; codes are int32_t. */
#define JI_DICTIONARY_COUNT_MAX INT32_MAX

struct ji_dictionary {
    struct ji_buffer *page;   /* the bytes that views point into */
    struct ji_buffer *values; /* in memory form */
    size_t count;
    struct ji_column column; /* FLAT, no nulls */
};

enum ji_values_form { JI_VALUES_PLAIN, JI_VALUES_DICTIONARY, JI_VALUES_RUNS };

struct ji_page_values {
    const struct ji_value_type *type;
    const struct ji_dictionary *dictionary; /* of DICTIONARY */
    enum ji_values_form form;
    const uint8_t *at; /* of PLAIN */
    const uint8_t *end;
    size_t bit;        /* of PLAIN booleans: from `at` on */
    bool is_ascii;     /* of PLAIN text: no value needs a check */
    struct ji_rle rle; /* of DICTIONARY and RUNS */
};

/*
 * `bytes` (data not NULL) live as long as the reader, and as the views that it gives. `dictionary` is NULL
 * where the chunk has none. UNSUPPORTED names the encoding.
 */
enum joist_status ji_page_values_init(struct ji_page_values *values, const struct ji_value_type *type,
        enum ji_encoding encoding, struct ji_view bytes, const struct ji_dictionary *dictionary,
        struct joist_error *err);

/*
 * The next `count` values, to `out` + `at` values (bits, for booleans). CORRUPT where there are fewer, or
 * one is not of its type.
 */
enum joist_status ji_page_values_read(
        struct ji_page_values *values, size_t count, uint8_t *out, size_t at, struct joist_error *err);
/* The same as codes, checked to be in range. Only of form DICTIONARY. */
enum joist_status ji_page_values_codes(
        struct ji_page_values *values, size_t count, uint32_t *codes, struct joist_error *err);
enum joist_status ji_page_values_skip(struct ji_page_values *values, size_t count, struct joist_error *err);

/* --- the dictionary --- */

/*
 * Makes the dictionary of `count` values from the bytes of its page; takes a reference on `page`, whose data
 * views point into and whose pool the values come from. `field` is the leaf's.
 */
enum joist_status ji_dictionary_init(struct ji_dictionary *dictionary, const struct ji_value_type *type,
        const struct ji_field *field, struct ji_buffer *page, struct ji_view bytes, size_t count,
        struct joist_error *err);
void ji_dictionary_clear(struct ji_dictionary *dictionary); /* accepts all zero */

#endif
