/*
 * batch.h - rows on their way through the engine
 *
 * A batch borrows everything: it and what it points to live until its producer is
 * asked for the next one or closed. Who keeps values copies them, or takes a
 * reference on the buffer that a column names.
 *
 *     batch: row_count, selection?            column: field, form, validity?, values
 *
 *   1. Every column has `row_count` rows, selected or not.
 *   2. `selection`, where there is one, holds rising row numbers below row_count;
 *      the batch then means those rows only, in that order.
 *   3. FLAT: values as arrow_type.h says. DICTIONARY: `values` are int32_t codes
 *      into `dictionary`, a FLAT column with no nulls; codes of null rows are 0 or in range.
 *      CONSTANT: one value, row 0 of `values`, for all rows (or null for all, where
 *      `validity` is set and its bit 0 is clear).
 *   4. `validity` NULL: no nulls; else one bit a row, LSB first, 1 is valid, bit 0 first.
 *      A struct's children do not repeat their parent's nulls.
 *   5. Values behind nulls are zero or in range: they may be read.
 *   6. Children (LIST, MAP, STRUCT) are FLAT or DICTIONARY; a LIST's child has
 *      offsets[row_count] rows at least, offsets[0] >= 0, offsets never fall.
 */
#ifndef JI_BATCH_H
#define JI_BATCH_H

#include "arrow/arrow_type.h"
#include "base/buffer.h"

#define JI_BATCH_ROWS_MAX 65536
#define JI_BATCH_BYTES_MAX ((size_t)16 << 20)
#define JI_BATCH_BYTES_MIN ((size_t)1 << 20)
#define JI_BATCH_PARTS 16

/* About what a batch may take: less where memory is short, since some are under way at once. */
static inline size_t ji_batch_bytes_max(const struct ji_mem *mem)
{
    const uint64_t share = ji_mem_limit(mem) / JI_BATCH_PARTS;
    return share >= JI_BATCH_BYTES_MAX   ? JI_BATCH_BYTES_MAX
            : share > JI_BATCH_BYTES_MIN ? (size_t)share
                                         : JI_BATCH_BYTES_MIN;
}

enum ji_form { JI_FLAT = 0, JI_DICTIONARY, JI_CONSTANT };

/* The bytes of a counted buffer that string views may point into. */
struct ji_heap {
    struct ji_buffer *buffer;
    size_t bytes;
};

struct ji_column {
    const struct ji_field *field;
    enum ji_form form;
    size_t row_count;
    const uint8_t *validity;
    const void *values;           /* FLAT and CONSTANT: by kind; DICTIONARY: int32_t codes */
    const int32_t *offsets;       /* LIST and MAP */
    struct ji_column *dictionary; /* DICTIONARY */
    struct ji_column *children;   /* field->child_count */
    /*
     * The counted buffers that `values` (or `offsets`) and `validity` start at, or NULL: an export takes a
     * reference instead of a copy where at most half of the buffer would lie idle. One that only its producer
     * holds moves to the pool ji_ctx_exported for that; another of a query's pool, which would end with the
     * query, is copied. For views, `heap` holds the bytes that all views point into, or NULL.
     */
    struct ji_buffer *values_buffer;
    struct ji_buffer *validity_buffer;
    struct ji_buffer *heap;
    /*
     * FLAT and made for an export alone: values are laid out as they leave, decimals as ji_int128, times of
     * seconds and milliseconds as int32_t, strings as struct ji_string_view into `heaps` (string_view.h).
     */
    bool is_laid_out;
    const struct ji_heap *heaps;
    size_t heap_count;
};

struct ji_batch {
    size_t row_count;
    const uint32_t *selection;
    size_t selection_count; /* rows that count; == row_count where selection is NULL */
    size_t column_count;
    struct ji_column *columns;
};

static inline bool ji_column_is_null(const struct ji_column *column, size_t row)
{
    if (column->field->kind == JI_NULL)
        return true;
    if (column->validity == NULL)
        return false;
    return !ji_bit_get(column->validity, column->form == JI_CONSTANT ? 0 : row);
}

/*
 * The same values FLAT, in memory of the arena (the column itself where it is flat
 * already). Children and dictionaries of children become flat too.
 */
enum joist_status ji_column_flat(struct ji_arena *arena, const struct ji_column *column,
        struct ji_column *flat, struct joist_error *err);

/* The selected rows alone, every column flat, in memory of the arena. */
enum joist_status ji_batch_flat(
        struct ji_arena *arena, const struct ji_batch *batch, struct ji_batch *flat, struct joist_error *err);

/* `count` rows of `column` picked by `rows`, flat, in memory of the arena. Strings are not copied. */
enum joist_status ji_column_gather(struct ji_arena *arena, const struct ji_column *column,
        const uint32_t *rows, size_t count, struct ji_column *picked, struct joist_error *err);

/* Approximate bytes that the selected rows would take flat, strings included. */
size_t ji_batch_bytes(const struct ji_batch *batch);

#endif
