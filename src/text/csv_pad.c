/*
 * csv_pad.c - short rows made as long as the others
 *
 *     a,b,c\n d\r\n e,f,g\n      ends: , , \n \n , , \n
 *                                rows: , , \n | \r \n \n | , , \n
 *
 * The fields that a row lacks end at its line feed, each of them; the last one that it has ends before a
 * carriage return. So a field is missing where the one before it does not end at a delimiter.
 */
#include "text/csv_rows.h"

struct padding {
    const struct ji_csv_index *index;
    struct ji_view text;
    struct ji_csv_rows *rows;
    struct ji_csv_flaw *flaw;
};

static enum joist_status put_row(
        const struct padding *padding, const uint32_t *ends, size_t found, struct joist_error *err)
{
    struct ji_bytes *out = &padding->rows->padded_ends;
    const size_t columns = padding->rows->columns;
    const uint32_t end = ends[found - 1];
    JI_TRY(ji_bytes_reserve(out, columns * sizeof *ends, err));
    uint32_t *to = (uint32_t *)(void *)(out->data + out->size);
    memcpy(to, ends, found * sizeof *ends);
    if (found < columns) {
        if (end > 0 && padding->text.data[end - 1] == '\r')
            to[found - 1] = end - 1;
        for (size_t i = found; i < columns; i++)
            to[i] = end;
    }
    out->size += columns * sizeof *ends;
    return JOIST_OK;
}

/* Rows up to the first that is too long. */
static enum joist_status put_rows(const struct padding *padding, struct joist_error *err)
{
    const uint32_t *ends = ji_csv_ends(padding->index);
    struct ji_csv_rows *rows = padding->rows;
    size_t row_begin = 0;
    size_t first = 0;
    for (size_t i = 0; i < padding->index->count; i++) {
        const uint32_t end = ends[i];
        if (padding->text.data[end] != '\n')
            continue;
        const size_t found = i + 1 - first;
        if (found == 1 && rows->columns > 1 && ji_csv_is_blank(padding->text.data, row_begin, end)) {
            rows->blanks = true;
        } else if (found > rows->columns) {
            *padding->flaw = (struct ji_csv_flaw){.at = row_begin, .until = end, .found = found};
            return JOIST_OK;
        } else {
            JI_TRY(put_row(padding, ends + first, found, err));
            rows->count++;
        }
        first = i + 1;
        row_begin = (size_t)end + 1;
    }
    return JOIST_OK;
}

enum joist_status ji_csv_pad(struct ji_csv_rows *rows, const struct ji_csv_index *index, struct ji_view text,
        struct ji_csv_flaw *flaw, struct joist_error *err)
{
    const struct padding padding = {.index = index, .text = text, .rows = rows, .flaw = flaw};
    rows->padded_ends.size = 0;
    rows->count = 0;
    JI_TRY(put_rows(&padding, err));
    rows->padded = true;
    rows->ends = (const uint32_t *)(const void *)rows->padded_ends.data;
    return JOIST_OK;
}
