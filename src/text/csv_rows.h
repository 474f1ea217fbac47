/*
 * csv_rows.h - the ends of fields as rows of equal length
 */
#ifndef JI_CSV_ROWS_H
#define JI_CSV_ROWS_H

#include "text/csv_column.h"
#include "text/csv_index.h"

/* Rows of `columns` fields each: field f of row r ends at ends[r * columns + f]. */
struct ji_csv_rows {
    const uint8_t *text;
    const uint32_t *ends;
    size_t columns;
    size_t count;
    bool blanks; /* blank lines may stand before a row's first field */
    bool doubled;
    bool padded; /* fields may be missing: what follows one that does not end at a delimiter */
    uint8_t quote;
    uint8_t delimiter;
    bool pad_short;     /* asked for: rows may be short */
    bool has_null_text; /* else an empty bare field is null */
    struct ji_view null_text;
    const struct ji_csv_lane_kernels *kernels; /* of lanes; NULL: all fields are to be gathered */
    struct ji_bytes padded_ends;               /* uint32_t each; the caller's to clear */
};

/* Where the text stops being CSV. */
struct ji_csv_flaw {
    size_t at;        /* the byte, or SIZE_MAX: no flaw */
    size_t until;     /* a flaw before this byte goes first: it may be what made the row too long */
    size_t found;     /* a row of so many fields; 0: another flaw */
    const char *what; /* else what it is */
};

static inline bool ji_csv_is_blank(const uint8_t *text, size_t begin, size_t end)
{
    return begin == end || (begin + 1 == end && text[begin] == '\r');
}

/*
 * The rows before the first flaw, and the flaw: bad quoting, a row that is too short (but where short
 * rows are padded) or too long, bytes that are not UTF-8. `index` is of `text`; blank lines are taken out
 * of it, unless there is one column: they are rows then. Format, null text and padding of `rows` are set
 * before. Fails only for want of memory to pad.
 */
enum joist_status ji_csv_rows_make(struct ji_csv_rows *rows, struct ji_csv_index *index, struct ji_view text,
        size_t columns, struct ji_csv_flaw *flaw, struct joist_error *err);
/* The same where some row is not of rows->columns fields: short ones are filled up. */
enum joist_status ji_csv_pad(struct ji_csv_rows *rows, const struct ji_csv_index *index, struct ji_view text,
        struct ji_csv_flaw *flaw, struct joist_error *err);

/*
 * Field `column` of rows [first, first + count), count <= JI_CSV_CHUNK. False where a carriage return stands
 * between a closing quote and the field's end; `fields->count` is that row's place then.
 */
bool ji_csv_rows_gather(const struct ji_csv_rows *rows, size_t column, size_t first, size_t count,
        struct ji_csv_fields *fields);

/* The same fields as a lane; false where they are to be gathered: rows not regular, or ended by two bytes. */
bool ji_csv_rows_lane(
        const struct ji_csv_rows *rows, size_t column, size_t first, size_t count, struct ji_csv_lane *lane);

/* Which field (from 0) of its row the byte at `at` is in, and where that field begins. */
size_t ji_csv_field_of(const struct ji_csv_index *index, struct ji_view text, size_t at, size_t *begin);

#endif
