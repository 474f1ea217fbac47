/*
 * csv_rows.c - the ends of fields as rows of equal length
 *
 *     a,b,c\n \n d,e,f\n        ends: , , \n \n , , \n
 *                               rows: , , \n    , , \n      (the blank line's end is taken out)
 *
 * Nearly every text is regular: as many line feeds as rows, one at each columns-th end. That is
 * asked first, and costs one load a row. Only then are the ends walked one by one.
 */
#include "text/csv_rows.h"

#include "base/utf8_text.h"

#include <assert.h>

static bool is_regular(const struct ji_csv_index *index, const uint8_t *text, size_t columns)
{
    const uint32_t *ends = ji_csv_ends(index);
    if (index->row_ends * columns != index->count)
        return false;
    for (size_t i = columns - 1; i < index->count; i += columns) {
        if (text[ends[i]] != '\n')
            return false;
    }
    return true;
}

/* Moves the ends of whole rows together; stops at the first row of another length. Returns how many rows. */
static size_t drop_blanks(struct ji_csv_index *index, const uint8_t *text, size_t columns, bool *blanks,
        struct ji_csv_flaw *flaw)
{
    uint32_t *ends = (uint32_t *)(void *)index->ends.data + 1;
    size_t rows = 0;
    size_t kept = 0;
    size_t row_begin = 0;
    size_t row_first = 0;
    for (size_t i = 0; i < index->count; i++) {
        const uint32_t end = ends[i];
        if (text[end] != '\n')
            continue;
        const size_t found = i + 1 - row_first;
        if (found == 1 && columns > 1 && ji_csv_is_blank(text, row_begin, end)) {
            *blanks = true;
        } else if (found != columns) {
            *flaw = (struct ji_csv_flaw){.at = row_begin, .until = end, .found = found};
            return rows;
        } else {
            memmove(ends + kept, ends + row_first, columns * sizeof *ends);
            kept += columns;
            rows++;
        }
        row_first = i + 1;
        row_begin = (size_t)end + 1;
    }
    return rows;
}

/* Only rows that end before the byte. */
static void cut_rows(struct ji_csv_rows *rows, size_t at)
{
    size_t low = 0;
    size_t high = rows->count;
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (rows->ends[(middle + 1) * rows->columns - 1] < at)
            low = middle + 1;
        else
            high = middle;
    }
    rows->count = low;
}

static void take_flaw(struct ji_csv_rows *rows, struct ji_csv_flaw *flaw, size_t at, const char *what)
{
    if (at >= flaw->until)
        return;
    *flaw = (struct ji_csv_flaw){.at = at, .until = at, .what = what};
    cut_rows(rows, at);
}

enum joist_status ji_csv_rows_make(struct ji_csv_rows *rows, struct ji_csv_index *index, struct ji_view text,
        size_t columns, struct ji_csv_flaw *flaw, struct joist_error *err)
{
    assert(columns > 0);
    *flaw = (struct ji_csv_flaw){.at = SIZE_MAX, .until = SIZE_MAX};
    rows->text = text.data;
    rows->columns = columns;
    rows->blanks = false;
    rows->padded = false;
    rows->doubled = index->doubled;
    rows->ends = ji_csv_ends(index);
    if (is_regular(index, text.data, columns))
        rows->count = index->row_ends;
    else if (rows->pad_short)
        JI_TRY(ji_csv_pad(rows, index, text, flaw, err));
    else
        rows->count = drop_blanks(index, text.data, columns, &rows->blanks, flaw);
    if (index->bad != JI_CSV_NOT_BAD)
        take_flaw(rows, flaw, index->bad,
                text.data[index->bad] == rows->quote ? "a quote within a field that is not quoted"
                                                     : "text behind the closing quote");
    if (index->high) {
        const size_t valid = ji_utf8_prefix(text);
        if (valid < text.size)
            take_flaw(rows, flaw, valid, "not UTF-8; other encodings are to be converted first");
    }
    if (index->open && text.size > 0)
        take_flaw(rows, flaw, text.size - 1, "a quoted field without its closing quote");
    return JOIST_OK;
}

/* --- fields --- */

static inline uint32_t begin_of(const struct ji_csv_rows *rows, size_t at)
{
    return at == 0 ? 0 : rows->ends[at - 1] + 1;
}

static uint32_t behind_blanks(const uint8_t *text, uint32_t begin)
{
    while (text[begin] == '\n' || (text[begin] == '\r' && text[begin + 1] == '\n'))
        begin++;
    return begin;
}

static inline bool is_null(const struct ji_csv_rows *rows, uint32_t begin, uint32_t size)
{
    if (!rows->has_null_text)
        return size == 0;
    return size == rows->null_text.size && memcmp(rows->text + begin, rows->null_text.data, size) == 0;
}

/* The field that is quoted, without its quotes; false where it does not end with one. */
static inline bool take_quotes(
        const struct ji_csv_rows *rows, struct ji_csv_fields *fields, size_t i, uint32_t begin, uint32_t end)
{
    if (end - begin < 2 || rows->text[end - 1] != rows->quote)
        return false;
    fields->begin[i] = begin + 1;
    fields->size[i] = end - begin - 2;
    fields->quoted[i] = true;
    return true;
}

static void put_missing(struct ji_csv_fields *fields, size_t i, uint32_t at)
{
    fields->begin[i] = at;
    fields->size[i] = JI_CSV_NULL;
    fields->quoted[i] = false;
}

bool ji_csv_rows_gather(const struct ji_csv_rows *rows, size_t column, size_t first, size_t count,
        struct ji_csv_fields *fields)
{
    assert(count <= JI_CSV_CHUNK && first + count <= rows->count);
    const uint8_t *text = rows->text;
    const bool is_last = column + 1 == rows->columns;
    const bool skip_blanks = rows->blanks && column == 0;
    const bool find_missing = rows->padded && column > 0;
    fields->text = text;
    fields->quote = rows->quote;
    fields->doubled = rows->doubled;
    fields->count = count;
    size_t at = first * rows->columns + column;
    for (size_t i = 0; i < count; i++, at += rows->columns) {
        uint32_t begin = begin_of(rows, at);
        uint32_t end = rows->ends[at];
        if (find_missing && text[begin - 1] != rows->delimiter) {
            put_missing(fields, i, begin - 1);
            continue;
        }
        if (skip_blanks)
            begin = behind_blanks(text, begin);
        if (is_last && end > begin && text[end - 1] == '\r')
            end--;
        if (begin < end && text[begin] == rows->quote) {
            if (!take_quotes(rows, fields, i, begin, end)) {
                fields->count = i;
                return false;
            }
            continue;
        }
        fields->begin[i] = begin;
        fields->size[i] = is_null(rows, begin, end - begin) ? JI_CSV_NULL : end - begin;
        fields->quoted[i] = false;
    }
    return true;
}

bool ji_csv_rows_lane(
        const struct ji_csv_rows *rows, size_t column, size_t first, size_t count, struct ji_csv_lane *lane)
{
    assert(first + count <= rows->count);
    if (rows->kernels == NULL || rows->padded || rows->has_null_text || (rows->blanks && column == 0) ||
            count == 0)
        return false;
    *lane = (struct ji_csv_lane){
            .text = rows->text,
            .ends = rows->ends + first * rows->columns + column,
            .stride = rows->columns,
            .count = count,
            .quote = rows->quote,
            .doubled = rows->doubled,
            .trim = column + 1 == rows->columns,
    };
    const uint32_t begin = ji_csv_lane_begin(lane, 0);
    const uint32_t end = ji_csv_lane_end(lane, 0);
    if (lane->trim && end > begin && rows->text[end - 1] == '\r')
        return false;
    return true;
}

size_t ji_csv_field_of(const struct ji_csv_index *index, struct ji_view text, size_t at, size_t *begin)
{
    const uint32_t *ends = ji_csv_ends(index);
    size_t field = 0;
    *begin = 0;
    for (size_t i = 0; i < index->count && ends[i] < at; i++) {
        field = text.data[ends[i]] == '\n' ? 0 : field + 1;
        *begin = (size_t)ends[i] + 1;
    }
    /* Blank lines before the row are no longer in the index. */
    while (*begin < at &&
            (text.data[*begin] == '\n' || (text.data[*begin] == '\r' && text.data[*begin + 1] == '\n')))
        (*begin)++;
    return field;
}
