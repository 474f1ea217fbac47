/*
 * row_pack.c - rows of a batch as bytes
 *
 * A column at a time over many rows, so that what a value is gets decided once a column; nested values one by
 * one. What is written is measured first, by the same walk with nowhere to write to.
 */
#include "arrow/pick.h"
#include "scan/row_bytes.h"

#include <assert.h>

static size_t fixed_part(const struct ji_field *field)
{
    if (field->kind == JI_BOOL || ji_kind_is_view(field->kind) || ji_row_packs(field))
        return 1;
    return ji_field_width(field);
}

enum joist_status ji_row_layout_make(struct ji_arena *arena, const struct ji_schema *schema,
        struct ji_row_layout *layout, struct joist_error *err)
{
    struct ji_row_layout made = {.schema = schema, .fixed_bytes = ji_bitmap_bytes(schema->column_count)};
    JI_TRY(ji_arena_array(arena, schema->column_count + 1, sizeof *made.places, &made.places, err));
    for (size_t column = 0; column < schema->column_count; column++) {
        made.places[column] = made.fixed_bytes;
        made.fixed_bytes += fixed_part(&schema->columns[column]);
    }
    *layout = made;
    return JOIST_OK;
}

enum joist_status ji_row_packer_init(struct ji_row_packer *packer, struct ji_mem *mem, struct ji_arena *arena,
        const struct ji_row_layout *layout, struct joist_error *err)
{
    struct ji_row_packer made = {.layout = layout};
    const size_t columns = layout->schema->column_count;
    ji_arena_init(&made.batch_arena, mem);
    ji_arena_init(&made.step_arena, mem);
    JI_TRY(ji_arena_array(arena, columns + 1, sizeof *made.columns, &made.columns, err));
    *packer = made;
    return JOIST_OK;
}

void ji_row_packer_clear(struct ji_row_packer *packer)
{
    ji_arena_clear(&packer->batch_arena);
    ji_arena_clear(&packer->step_arena);
}

enum joist_status ji_row_packer_begin(
        struct ji_row_packer *packer, const struct ji_batch *batch, struct joist_error *err)
{
    const struct ji_schema *schema = packer->layout->schema;
    assert(batch->column_count == schema->column_count);
    ji_arena_reset(&packer->batch_arena);
    for (size_t column = 0; column < schema->column_count; column++) {
        if (ji_kind_is_nested(schema->columns[column].kind))
            JI_TRY(ji_column_flat(
                    &packer->batch_arena, &batch->columns[column], &packer->columns[column], err));
        else
            packer->columns[column] = batch->columns[column];
    }
    return JOIST_OK;
}

/* --- nested values --- */

/* `to` NULL: bytes are only counted. */
struct output {
    uint8_t *to;
    size_t size;
};

static void put(struct output *output, const void *data, size_t size)
{
    if (output->to != NULL && size > 0)
        memcpy(output->to + output->size, data, size);
    output->size += size;
}

static void put_u32(struct output *output, size_t value)
{
    const uint32_t number = (uint32_t)value;
    put(output, &number, sizeof number);
}

static void put_stretch(struct output *output, const struct ji_field *field, const struct ji_column *column,
        size_t begin, size_t count);

/* False where there are no nulls among them. */
static bool put_validity(struct output *output, const struct ji_field *field, const struct ji_column *column,
        size_t begin, size_t count)
{
    size_t valid = count;
    if (column->validity != NULL && field->kind != JI_NULL)
        valid = ji_bits_count(column->validity, begin, count);
    const uint8_t has_nulls = valid < count;
    put(output, &has_nulls, 1);
    if (!has_nulls)
        return false;
    const size_t bytes = ji_bitmap_bytes(count);
    if (output->to != NULL) {
        const struct ji_pick pick = {.start = begin, .count = count};
        ji_pick_bits(&pick, column->validity, output->to + output->size);
    }
    output->size += bytes;
    return true;
}

static bool is_valid(const struct ji_column *column, bool has_nulls, size_t row)
{
    return !has_nulls || ji_bit_get(column->validity, row);
}

static void put_bools(struct output *output, const struct ji_column *column, size_t begin, size_t count)
{
    for (size_t row = begin; row < begin + count; row++) {
        const uint8_t value = ji_bit_get(column->values, row);
        put(output, &value, 1);
    }
}

static void put_views(
        struct output *output, const struct ji_column *column, bool has_nulls, size_t begin, size_t count)
{
    const struct ji_view *views = column->values;
    for (size_t row = begin; row < begin + count; row++)
        put_u32(output, is_valid(column, has_nulls, row) ? views[row].size : 0);
    for (size_t row = begin; row < begin + count; row++) {
        if (is_valid(column, has_nulls, row))
            put(output, views[row].data, views[row].size);
    }
}

/* Elements lie together unless a null between them has some, which nobody may see. */
static void put_lists(struct output *output, const struct ji_field *field, const struct ji_column *column,
        bool has_nulls, size_t begin, size_t count)
{
    const int32_t *offsets = column->offsets;
    size_t total = 0;
    for (size_t row = begin; row < begin + count; row++) {
        const size_t elements =
                is_valid(column, has_nulls, row) ? (size_t)(offsets[row + 1] - offsets[row]) : 0;
        put_u32(output, elements);
        total += elements;
    }
    const uint8_t together = total == (size_t)(offsets[begin + count] - offsets[begin]);
    put(output, &together, 1);
    if (together) {
        put_stretch(output, &field->children[0], &column->children[0], (size_t)offsets[begin], total);
        return;
    }
    for (size_t row = begin; row < begin + count; row++) {
        const size_t elements =
                is_valid(column, has_nulls, row) ? (size_t)(offsets[row + 1] - offsets[row]) : 0;
        put_stretch(output, &field->children[0], &column->children[0], (size_t)offsets[row], elements);
    }
}

/* The depth is the schema's, at most JI_SCHEMA_DEPTH_MAX. */
static void put_stretch(struct output *output, const struct ji_field *field, const struct ji_column *column,
        size_t begin, size_t count)
{
    const size_t width = ji_field_width(field);
    const bool has_nulls = put_validity(output, field, column, begin, count);
    switch (field->kind) {
    case JI_NULL:
        return;
    case JI_BOOL:
        put_bools(output, column, begin, count);
        return;
    case JI_STRING:
    case JI_BINARY:
        put_views(output, column, has_nulls, begin, count);
        return;
    case JI_LIST:
    case JI_MAP:
        put_lists(output, field, column, has_nulls, begin, count);
        return;
    case JI_STRUCT:
        for (size_t child = 0; child < field->child_count; child++)
            put_stretch(output, &field->children[child], &column->children[child], begin, count);
        return;
    default:
        if (count > 0)
            put(output, (const uint8_t *)column->values + begin * width, count * width);
        return;
    }
}

/* --- columns --- */

/* One column of a step. */
struct step {
    const struct ji_field *field;
    const struct ji_column *column; /* as it came */
    const struct ji_column *flat;   /* where its values are */
    const uint32_t *rows;           /* of `column` */
    struct ji_pick pick;            /* of `flat` */
    const uint8_t *valid;           /* bits; NULL: no nulls */
    uint8_t bits[JI_ROW_STEP / 8];
};

static enum joist_status open_step(struct ji_row_packer *packer, size_t index, const uint32_t *rows,
        size_t count, struct step *step, struct joist_error *err)
{
    assert(count <= JI_ROW_STEP);
    step->field = &packer->layout->schema->columns[index];
    step->column = &packer->columns[index];
    step->flat = step->column;
    step->rows = rows;
    step->pick = (struct ji_pick){.rows = rows, .count = count};
    step->valid = ji_pick_validity(&step->pick, step->column, step->bits) > 0 ? step->bits : NULL;
    return ji_pick_resolve(&packer->step_arena, &step->flat, &step->pick, err);
}

static bool step_is_null(const struct step *step, size_t index)
{
    return step->valid != NULL && !ji_bit_get(step->valid, index);
}

static uint64_t zigzag_at(const struct step *step, size_t index)
{
    const uint64_t value = ((const uint64_t *)step->flat->values)[step->pick.rows[index]];
    return step_is_null(step, index) ? 0 : value << 1 ^ (value >> 63 != 0 ? UINT64_MAX : 0);
}

static size_t bytes_of(uint64_t zigzag)
{
    return zigzag == 0 ? 0 : (size_t)(71 - __builtin_clzll(zigzag)) / 8;
}

static size_t text_bytes(size_t size)
{
    return size < JI_ROW_TEXT_LONG ? size : size + sizeof(uint32_t);
}

/* What the rows' tails hold of one column. */
static void measure_column(const struct step *step, uint64_t *sizes)
{
    const size_t count = step->pick.count;
    if (ji_row_packs(step->field)) {
        for (size_t i = 0; i < count; i++)
            sizes[i] += bytes_of(zigzag_at(step, i));
        return;
    }
    const struct ji_view *views = step->flat->values;
    for (size_t i = 0; i < count; i++) {
        struct output output = {.to = NULL};
        if (step_is_null(step, i))
            continue;
        if (ji_kind_is_view(step->field->kind))
            output.size = text_bytes(views[step->pick.rows[i]].size);
        else
            put_stretch(&output, step->field, step->flat, step->pick.rows[i], 1);
        sizes[i] += output.size;
    }
}

enum joist_status ji_row_packer_measure(struct ji_row_packer *packer, const uint32_t *rows, size_t count,
        uint64_t *sizes, struct joist_error *err)
{
    const struct ji_row_layout *layout = packer->layout;
    struct step step;
    ji_arena_reset(&packer->step_arena);
    for (size_t i = 0; i < count; i++)
        sizes[i] += layout->fixed_bytes;
    for (size_t column = 0; column < layout->schema->column_count; column++) {
        const struct ji_field *field = &layout->schema->columns[column];
        if (!ji_kind_is_view(field->kind) && !ji_kind_is_nested(field->kind) && !ji_row_packs(field))
            continue;
        JI_TRY(open_step(packer, column, rows, count, &step, err));
        measure_column(&step, sizes);
    }
    return JOIST_OK;
}

#define PUT_LOOP(bytes)                                                                                      \
    for (size_t i = 0; i < count; i++)                                                                       \
    memcpy(bodies[i] + place, from + (size_t)rows[i] * (bytes), bytes)

static void put_fixed(const struct step *step, uint8_t *const *bodies, size_t place)
{
    const size_t width = ji_field_width(step->field);
    const size_t count = step->pick.count;
    const uint32_t *rows = step->pick.rows;
    const uint8_t *from = step->flat->values;
    switch (width) {
    case 1:
        PUT_LOOP(1);
        break;
    case 2:
        PUT_LOOP(2);
        break;
    case 4:
        PUT_LOOP(4);
        break;
    case 8:
        PUT_LOOP(8);
        break;
    case 16:
        PUT_LOOP(16);
        break;
    default:
        PUT_LOOP(width);
        break;
    }
}

/* Exactly `size` bytes are written: what is behind them is the next row's. */
static void put_zigzag(uint8_t *to, uint64_t zigzag, size_t size)
{
    if (size >= 4) {
        ji_store_le32(to, (uint32_t)zigzag);
        ji_store_le32(to + size - 4, (uint32_t)(zigzag >> (8 * (size - 4))));
    } else if (size >= 2) {
        ji_store_le16(to, (uint16_t)zigzag);
        ji_store_le16(to + size - 2, (uint16_t)(zigzag >> (8 * (size - 2))));
    } else if (size == 1) {
        *to = (uint8_t)zigzag;
    }
}

static void put_integers(const struct step *step, uint8_t *const *bodies, uint8_t **tails, size_t place)
{
    for (size_t i = 0; i < step->pick.count; i++) {
        const uint64_t zigzag = zigzag_at(step, i);
        const size_t size = bytes_of(zigzag);
        bodies[i][place] = (uint8_t)size;
        put_zigzag(tails[i], zigzag, size);
        tails[i] += size;
    }
}

static void put_strings(const struct step *step, uint8_t *const *bodies, uint8_t **tails, size_t place)
{
    const struct ji_view *views = step->flat->values;
    for (size_t i = 0; i < step->pick.count; i++) {
        struct ji_view view = {0};
        if (!step_is_null(step, i))
            view = views[step->pick.rows[i]];
        const uint32_t size = (uint32_t)view.size;
        bodies[i][place] = (uint8_t)ji_min_size(size, JI_ROW_TEXT_LONG);
        if (size >= JI_ROW_TEXT_LONG) {
            memcpy(tails[i], &size, sizeof size);
            tails[i] += sizeof size;
        }
        if (size > 0)
            memcpy(tails[i], view.data, size);
        tails[i] += size;
    }
}

static void put_column(const struct step *step, uint8_t *const *bodies, uint8_t **tails, size_t place)
{
    const enum ji_kind kind = step->field->kind;
    if (ji_kind_is_view(kind)) {
        put_strings(step, bodies, tails, place);
    } else if (ji_kind_is_nested(kind)) {
        for (size_t i = 0; i < step->pick.count; i++) {
            struct output output = {.to = tails[i]};
            if (!step_is_null(step, i))
                put_stretch(&output, step->field, step->flat, step->pick.rows[i], 1);
            tails[i] += output.size;
        }
    } else if (ji_row_packs(step->field)) {
        put_integers(step, bodies, tails, place);
    } else if (kind == JI_BOOL) {
        for (size_t i = 0; i < step->pick.count; i++)
            bodies[i][place] = ji_bit_get(step->flat->values, step->pick.rows[i]);
    } else if (kind != JI_NULL) {
        put_fixed(step, bodies, place);
    }
}

enum joist_status ji_row_packer_put(struct ji_row_packer *packer, const uint32_t *rows, size_t count,
        uint8_t **bodies, struct joist_error *err)
{
    const struct ji_row_layout *layout = packer->layout;
    struct step step;
    uint8_t **tails = NULL;
    ji_arena_reset(&packer->step_arena);
    JI_TRY(ji_arena_alloc(&packer->step_arena, count * sizeof *tails, &tails, err));
    for (size_t i = 0; i < count; i++) {
        memset(bodies[i], 0, ji_bitmap_bytes(layout->schema->column_count));
        tails[i] = bodies[i] + layout->fixed_bytes;
    }
    for (size_t column = 0; column < layout->schema->column_count; column++) {
        JI_TRY(open_step(packer, column, rows, count, &step, err));
        put_column(&step, bodies, tails, layout->places[column]);
        for (size_t i = 0; step.valid != NULL && i < count; i++)
            bodies[i][column / 8] |= (uint8_t)((unsigned)step_is_null(&step, i) << (column % 8));
    }
    return JOIST_OK;
}
