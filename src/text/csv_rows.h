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
    uint8_t quote;
    bool has_null_text; /* else an empty bare field is null */
    struct ji_view null_text;
};

/* Where the text stops being CSV. */
struct ji_csv_flaw {
    size_t at;        /* the byte, or SIZE_MAX: no flaw */
    size_t until;     /* a flaw before this byte goes first: it may be what made the row too long */
    size_t found;     /* a row of so many fields; 0: another flaw */
    const char *what; /* else what it is */
};

/*
 * The rows before the first flaw, and the flaw: bad quoting, a row that is too short or too long, bytes that
 * are not UTF-8. `index` is of `text`; blank lines are taken out of it, unless there is one column: they are
 * rows then.
 */
void ji_csv_rows_make(struct ji_csv_rows *rows, struct ji_csv_index *index, struct ji_view text,
        size_t columns, struct ji_csv_flaw *flaw);

/*
 * Field `column` of rows [first, first + count), count <= JI_CSV_CHUNK. False where a carriage return stands
 * between a closing quote and the field's end; `fields->count` is that row's place then.
 */
bool ji_csv_rows_gather(const struct ji_csv_rows *rows, size_t column, size_t first, size_t count,
        struct ji_csv_fields *fields);

/* Which field (from 0) of its row the byte at `at` is in, and where that field begins. */
size_t ji_csv_field_of(const struct ji_csv_index *index, struct ji_view text, size_t at, size_t *begin);

#endif
