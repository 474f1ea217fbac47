/*
 * show_table.c - aligned columns in a box
 *
 *     heap:  names ..., types ..., row 0 ..., row 1 ...         cell i of line l is number l * columns + i
 *
 * Where lines would be wider than allowed, all columns above one common width are cut to it, with an
 * ellipsis; where even COLUMN_WIDTH_MIN does not help, the last columns are left out and counted.
 */
#include "arrow/show_table.h"

#include "arrow/text_width.h"
#include "arrow/value.h"

#include <assert.h>

#define COLUMN_WIDTH_MIN 8
#define HEADER_LINES 2
/* " x │" around each cell, and the "│" that opens a line. */
#define CELL_EXTRA 3
#define ELLIPSIS "\xe2\x80\xa6"

static struct ji_view cell_text(const struct ji_show_table *table, size_t number)
{
    const size_t *ends = (const size_t *)(const void *)table->ends.data;
    const size_t begin = number == 0 ? 0 : ends[number - 1];
    return ji_view_of(table->heap.data + begin, ends[number] - begin);
}

/* `table->cell` is the next cell of `column`. */
static enum joist_status keep_cell(struct ji_show_table *table, size_t column, struct joist_error *err)
{
    const size_t begin = table->heap.size;
    JI_TRY(ji_text_tame(ji_view_of(table->cell.data, table->cell.size), &table->heap, err));
    const size_t end = table->heap.size;
    JI_TRY(ji_bytes_append(&table->ends, &end, sizeof end, err));
    const size_t width = ji_text_width(ji_view_of(table->heap.data + begin, end - begin));
    table->widths[column] = ji_max_size(table->widths[column], width);
    return JOIST_OK;
}

static enum joist_status keep_header(struct ji_show_table *table, struct joist_error *err)
{
    struct ji_arena arena;
    enum joist_status status = JOIST_OK;
    const struct ji_schema *schema = table->schema;
    ji_arena_init(&arena, table->mem);
    for (size_t i = 0; i < HEADER_LINES * schema->column_count; i++) {
        const size_t column = i % schema->column_count;
        const struct ji_field *field = &schema->columns[column];
        const char *text = field->name;
        if (i >= schema->column_count)
            JI_TRY_OUT(ji_type_text(&arena, field, &text, err));
        table->cell.size = 0;
        JI_TRY_OUT(ji_bytes_append_text(&table->cell, text, err));
        JI_TRY_OUT(keep_cell(table, column, err));
    }
out:
    ji_arena_clear(&arena);
    return status;
}

enum joist_status ji_show_table_open(struct ji_show_table *table, struct ji_mem *mem,
        const struct ji_schema *schema, uint64_t rows_max, unsigned width_max, struct joist_error *err)
{
    struct ji_show_table opened = {
            .mem = mem, .schema = schema, .rows_max = rows_max, .width_max = width_max};
    ji_bytes_init(&opened.heap, mem);
    ji_bytes_init(&opened.ends, mem);
    ji_bytes_init(&opened.cell, mem);
    JI_TRY(ji_alloc_zero(mem, schema->column_count, sizeof *opened.widths, &opened.widths, err));
    const enum joist_status status = keep_header(&opened, err);
    if (status == JOIST_OK)
        *table = opened;
    else
        ji_show_table_close(&opened);
    return status;
}

void ji_show_table_close(struct ji_show_table *table)
{
    ji_bytes_clear(&table->heap);
    ji_bytes_clear(&table->ends);
    ji_bytes_clear(&table->cell);
    ji_free(table->mem, table->widths, table->schema->column_count * sizeof *table->widths);
    table->widths = NULL;
}

static enum joist_status keep_row(
        struct ji_show_table *table, const struct ji_batch *batch, size_t row, struct joist_error *err)
{
    for (size_t i = 0; i < batch->column_count; i++) {
        const struct ji_column *column = &batch->columns[i];
        table->cell.size = 0;
        if (ji_column_is_null(column, row))
            JI_TRY(ji_bytes_append_text(&table->cell, "NULL", err));
        else
            JI_TRY(ji_column_text(column, row, &table->cell, err));
        JI_TRY(keep_cell(table, i, err));
    }
    return JOIST_OK;
}

enum joist_status ji_show_table_batch(
        struct ji_show_table *table, const struct ji_batch *batch, struct joist_error *err)
{
    for (size_t i = 0; i < batch->selection_count && table->row_shown < table->rows_max; i++) {
        const size_t row = batch->selection == NULL ? i : batch->selection[i];
        JI_TRY(keep_row(table, batch, row, err));
        table->row_shown++;
    }
    table->row_count += batch->selection_count;
    return JOIST_OK;
}

/* --- layout --- */

static size_t line_width(const struct ji_show_table *table, size_t columns, size_t cap)
{
    size_t width = 1;
    for (size_t i = 0; i < columns; i++)
        width += ji_min_size(table->widths[i], cap) + CELL_EXTRA;
    return width;
}

/* Cuts the widths to fit; how many columns are shown. */
static size_t lay_out(struct ji_show_table *table)
{
    const size_t columns = table->schema->column_count;
    const size_t room = table->width_max == 0 ? SIZE_MAX : table->width_max;
    if (line_width(table, columns, SIZE_MAX) <= room)
        return columns;
    size_t cap = COLUMN_WIDTH_MIN;
    while (cap < room && line_width(table, columns, cap + 1) <= room)
        cap++;
    for (size_t i = 0; i < columns; i++)
        table->widths[i] = ji_min_size(table->widths[i], cap);
    size_t shown = columns;
    while (shown > 1 && line_width(table, shown, cap) > room)
        shown--;
    return shown;
}

static bool stands_right(const struct ji_field *field)
{
    return ji_kind_is_integer(field->kind) || (field->kind >= JI_FLOAT16 && field->kind <= JI_DECIMAL);
}

static enum joist_status print_rule(const struct ji_show_table *table, size_t columns,
        const char *const marks[3], struct ji_bytes *out, struct joist_error *err)
{
    for (size_t i = 0; i < columns; i++) {
        JI_TRY(ji_bytes_append_text(out, i == 0 ? marks[0] : marks[1], err));
        for (size_t k = 0; k < table->widths[i] + 2; k++)
            JI_TRY(ji_bytes_append_text(out, "\xe2\x94\x80", err));
    }
    JI_TRY(ji_bytes_append_text(out, marks[2], err));
    return ji_bytes_append_byte(out, '\n', err);
}

static enum joist_status print_blanks(size_t count, struct ji_bytes *out, struct joist_error *err)
{
    JI_TRY(ji_bytes_reserve(out, count, err));
    if (count > 0)
        memset(out->data + out->size, ' ', count);
    out->size += count;
    return JOIST_OK;
}

static enum joist_status print_cell(
        struct ji_view text, size_t width, bool right, struct ji_bytes *out, struct joist_error *err)
{
    size_t taken;
    size_t bytes = ji_text_fit(text, width, &taken);
    const bool cut = bytes < text.size;
    if (cut) {
        bytes = ji_text_fit(text, width - 1, &taken);
        taken++;
    }
    if (right)
        JI_TRY(print_blanks(width - taken, out, err));
    JI_TRY(ji_bytes_append(out, text.data, bytes, err));
    if (cut)
        JI_TRY(ji_bytes_append_text(out, ELLIPSIS, err));
    return right ? JOIST_OK : print_blanks(width - taken, out, err);
}

static enum joist_status print_line(const struct ji_show_table *table, size_t line, size_t columns,
        struct ji_bytes *out, struct joist_error *err)
{
    const size_t first = line * table->schema->column_count;
    for (size_t i = 0; i < columns; i++) {
        const bool right = stands_right(&table->schema->columns[i]);
        JI_TRY(ji_bytes_append_text(out, "\xe2\x94\x82 ", err));
        JI_TRY(print_cell(cell_text(table, first + i), table->widths[i], right, out, err));
        JI_TRY(ji_bytes_append_byte(out, ' ', err));
    }
    return ji_bytes_append_text(out, "\xe2\x94\x82\n", err);
}

static enum joist_status print_count(
        const struct ji_show_table *table, size_t columns, struct ji_bytes *out, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_byte(out, '(', err));
    if (table->row_shown < table->row_count)
        JI_TRY(ji_bytes_printf(out, err, "%" PRIu64 " of ", table->row_shown));
    JI_TRY(ji_bytes_printf(
            out, err, "%" PRIu64 " %s", table->row_count, table->row_count == 1 ? "row" : "rows"));
    if (columns < table->schema->column_count)
        JI_TRY(ji_bytes_printf(out, err, ", %zu of %zu columns", columns, table->schema->column_count));
    return ji_bytes_append_text(out, ")\n", err);
}

enum joist_status ji_show_table_print(
        struct ji_show_table *table, struct ji_bytes *out, struct joist_error *err)
{
    static const char *const top[3] = {"\xe2\x94\x8c", "\xe2\x94\xac", "\xe2\x94\x90"};
    static const char *const middle[3] = {"\xe2\x94\x9c", "\xe2\x94\xbc", "\xe2\x94\xa4"};
    static const char *const bottom[3] = {"\xe2\x94\x94", "\xe2\x94\xb4", "\xe2\x94\x98"};
    const size_t columns = table->schema->column_count == 0 ? 0 : lay_out(table);
    if (columns > 0) {
        JI_TRY(print_rule(table, columns, top, out, err));
        for (size_t line = 0; line < HEADER_LINES + table->row_shown; line++) {
            if (line == HEADER_LINES)
                JI_TRY(print_rule(table, columns, middle, out, err));
            JI_TRY(print_line(table, line, columns, out, err));
        }
        JI_TRY(print_rule(table, columns, bottom, out, err));
    }
    return print_count(table, columns, out, err);
}
