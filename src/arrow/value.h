/*
 * value.h - one value, and what is known of many without reading them
 */
#ifndef JI_VALUE_H
#define JI_VALUE_H

#include "arrow/batch.h"

/*
 * A scalar of the type that its context says (a `ji_field`): which member counts follows from the kind.
 * `view` is borrowed.
 */
struct ji_value {
    bool is_null;
    union {
        bool boolean;
        int64_t integer;           /* INT8..INT64, DATE, TIME, TIMESTAMP, UINT8..UINT32 */
        uint64_t unsigned_integer; /* UINT64 */
        double real;               /* FLOAT16 and FLOAT (widened), DOUBLE */
        ji_int128 decimal;         /* DECIMAL, unscaled, whatever its precision */
        struct ji_view view;       /* STRING, BINARY, FIXED, UUID, WIDE_DECIMAL, INTERVAL */
    } as;
};

/* Row `row` of a column of a scalar kind, any form. */
struct ji_value ji_column_value(const struct ji_column *column, size_t row);

/* IEEE 754 binary16 to double: exact. */
double ji_half_to_double(uint16_t half);
/* And back: false where no binary16 is the value, as for every NaN. */
bool ji_half_of_double(double value, uint16_t *half);

/*
 * The order of the type: numbers by value, NaN above all and equal to itself, -0 equal to 0, strings and
 * bytes unsigned bytewise, false before true. Neither is null. Below, at or above 0.
 */
int ji_value_compare(const struct ji_field *field, const struct ji_value *a, const struct ji_value *b);
/* The order of rows by a key: the same, or against it, and nulls, equal to each other, at one end. */
int ji_value_compare_key(const struct ji_field *field, bool descending, bool nulls_first,
        const struct ji_value *a, const struct ji_value *b);

/* The text that people and CSV read: locale-free; strings as they are. Appends. */
enum joist_status ji_value_text(const struct ji_field *field, const struct ji_value *value,
        struct ji_bytes *out, struct joist_error *err);
/* Any kind, nested ones as JSON. Appends. */
enum joist_status ji_column_text(
        const struct ji_column *column, size_t row, struct ji_bytes *out, struct joist_error *err);
/* The value as JSON: numbers bare, text quoted and escaped, null, nested any depth. Appends. */
enum joist_status ji_column_json(
        const struct ji_column *column, size_t row, struct ji_bytes *out, struct joist_error *err);
/*
 * From text, exactly: no rounding, no blanks, no trailing bytes; binary and fixed are hexadecimal, as they
 * print. INVALID with the value and the reason ("'x' is no date"), which the caller prefixes with the place.
 * `value->as.view` borrows from `text`, for BINARY, FIXED and UUID from the arena, which may be NULL for
 * all others.
 */
enum joist_status ji_value_parse(const struct ji_field *field, struct ji_view text, struct ji_arena *arena,
        struct ji_value *value, struct joist_error *err);

/* Whether an integer, date, time or timestamp type can hold the number. */
bool ji_kind_holds(const struct ji_field *field, int64_t value);

/*
 * Facts about a column within a file, row group or page. What is not known is absent; a
 * missing null count is never 0. Bounds hold for all values that are neither null nor NaN; NaN may lie
 * outside.
 */
struct ji_facts {
    uint64_t row_count;
    bool has_null_count;
    uint64_t null_count;
    bool has_min;
    bool has_max;
    bool min_exact;
    bool max_exact;
    bool has_nan_count;
    uint64_t nan_count;
    struct ji_value min;
    struct ji_value max;
};

#endif
