/*
 * footer_steps.h - from value to value of a footer that may not be all here
 */
#ifndef JI_FOOTER_STEPS_H
#define JI_FOOTER_STEPS_H

#include "base/arena.h"
#include "base/ctx.h"
#include "parquet/format/footer_model.h"
#include "parquet/format/footer_window.h"
#include "wire/thrift_pattern.h"

/* Any of the footer's values but texts and lists, and a list's head. */
#define JI_FOOTER_VALUE_BYTES ((size_t)1 << 10)
_Static_assert(
        JI_FOOTER_VALUE_BYTES >= JI_THRIFT_PATTERN_BYTES_MAX + 32, "the next chunk, where it has a pattern");

/* An element of the schema as it was read, and its bytes without the name and the name's length. */
struct ji_element_model {
    size_t size; /* 0: none */
    size_t head; /* bytes before the name's length */
    uint8_t bytes[96];
    struct ji_schema_element element;
};

struct ji_footer_steps {
    struct ji_footer_window *window;
    struct ji_arena *arena;
    struct joist_ctx *ctx;          /* whose threads help; NULL: nobody does */
    struct ji_thrift_list list;     /* whose elements are being read */
    enum ji_thrift_type field_type; /* of the field that is being read */
    struct ji_thrift_pattern chunk_pattern;
    struct ji_element_model element_model;
};

/* A decoder of a value that may be longer than what is here of the footer: it sets all that it fills. */
typedef enum joist_status (*ji_footer_read_fn)(
        struct ji_footer_steps *steps, void *out, struct joist_error *err);
/* Decodes a value, again and with more bytes where they did not suffice. */
enum joist_status ji_footer_read_whole(
        struct ji_footer_steps *steps, ji_footer_read_fn read, void *out, struct joist_error *err);
/* A list's head, into `steps->list`. */
enum joist_status ji_footer_list_head(
        struct ji_footer_steps *steps, enum ji_thrift_type type, struct joist_error *err);
/* A list of structs, each read by `read` into an array (`things`) of things of `size` bytes. */
enum joist_status ji_footer_read_list(struct ji_footer_steps *steps, enum ji_thrift_type type, size_t size,
        ji_footer_read_fn read, void *things, size_t *count, struct joist_error *err);
/* A field that we do not know; others keep megabytes in such a text, which need not pass through here. */
enum joist_status ji_footer_skip_field(
        struct ji_footer_steps *steps, enum ji_thrift_type type, struct joist_error *err);
/* The next field's head, with the bytes of a small value behind it; false behind the last, or on failure. */
bool ji_footer_next_field(struct ji_footer_steps *steps, struct ji_thrift_field *field,
        enum joist_status *status, struct joist_error *err);

#endif
