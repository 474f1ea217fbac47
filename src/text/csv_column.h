/*
 * csv_column.h - fields of one column of CSV, from text to values
 */
#ifndef JI_CSV_COLUMN_H
#define JI_CSV_COLUMN_H

#include "arrow/value.h"
#include "text/csv_lanes.h"
#include "text/type_guess.h"

/* Rows converted at a time: their field ends stay in the first cache. */
#define JI_CSV_CHUNK 512
#define JI_CSV_NULL UINT32_MAX

/* The fields of one column in up to JI_CSV_CHUNK rows, without their quotes. */
struct ji_csv_fields {
    const uint8_t *text; /* with JI_TEXT_PAD before it */
    size_t count;
    bool doubled; /* quoted ones may hold doubled quotes */
    uint8_t quote;
    uint32_t begin[JI_CSV_CHUNK];
    uint32_t size[JI_CSV_CHUNK]; /* JI_CSV_NULL: null */
    bool quoted[JI_CSV_CHUNK];
};

/* The values that a part gives a column. Buffers of the context's own pool, which exports may share. */
struct ji_csv_column {
    const struct ji_field *field;
    struct ji_mem *mem;
    /*
     * What the type was guessed from; NULL: it was given, and takes what can be read. One that was guessed
     * refuses what would have led to another type.
     */
    struct ji_type_guess *guess;
    bool decimals;    /* of the guess */
    bool strict;      /* a decimal that was guessed takes as many digits behind the point as the first had */
    bool provisional; /* strings, for want of a text that says more: whatever would be more is refused */
    struct ji_buffer *values;
    struct ji_buffer *validity; /* of use where has_nulls */
    size_t row_count;
    bool has_nulls;
};

/* Scalar kinds alone: UNSUPPORTED names the column otherwise. */
enum joist_status ji_csv_column_check(const struct ji_field *field, struct joist_error *err);
enum joist_status ji_csv_column_begin(
        struct ji_csv_column *column, size_t row_count, struct joist_error *err);
/* Whether texts of the column are to be added to its guess as they come. */
static inline bool ji_csv_column_is_open(const struct ji_csv_column *column)
{
    return column->provisional && column->guess != NULL && !ji_type_guess_is_settled(column->guess);
}
/*
 * Values `first` and on. On a bad value INVALID with the reason alone ("not a date"), and `*bad` is its place
 * among the fields. Strings borrow from the text, or from the arena where they held doubled quotes.
 */
enum joist_status ji_csv_column_convert(struct ji_csv_column *column, const struct ji_csv_fields *fields,
        size_t first, struct ji_arena *arena, size_t *bad, struct joist_error *err);
/* A null; INVALID in a required column. */
enum joist_status ji_csv_column_null(struct ji_csv_column *column, size_t row, struct joist_error *err);
/*
 * As many values as are of the common shape, from field `from` of the lane on, whose first is row `first`.
 * Answers at which field it stopped: that one is to be gathered and converted, or all are done.
 */
size_t ji_csv_column_run(struct ji_csv_column *column, const struct ji_csv_lane_kernels *kernels,
        const struct ji_csv_lane *lane, size_t from, size_t first);
/* Whether runs are of use: the fields look as though most were of the common shape. */
bool ji_csv_column_can_run(const struct ji_csv_column *column, const struct ji_csv_lane *lane);
/* Rows [first, first + count) as a column of a batch; `first` is a multiple of 8. */
struct ji_column ji_csv_column_slice(const struct ji_csv_column *column, size_t first, size_t count);
void ji_csv_column_clear(struct ji_csv_column *column);

#endif
