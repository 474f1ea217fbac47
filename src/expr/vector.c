/*
 * vector.c - scratch memory and the forms of vectors
 *
 *     used:  what was handed out since the reset        idle:  what may be handed out again, newest first
 *
 * After a few batches every size that a tree asks for lies in the idle list: nothing is allocated then.
 */
#include "expr/vector.h"

#define BITS_SLACK_BYTES 16

enum joist_status ji_scratch_get(
        struct ji_evaluator *evaluator, size_t bytes, void *out, struct joist_error *err)
{
    const size_t wanted = ji_max_size(bytes, JI_SLAB_BYTES_MIN);
    struct ji_scratch **link = &evaluator->idle;
    while (*link != NULL && ((*link)->capacity < wanted || (*link)->capacity / 8 > wanted))
        link = &(*link)->next;
    struct ji_scratch *scratch = *link;
    if (scratch != NULL) {
        *link = scratch->next;
    } else {
        JI_TRY(ji_alloc(evaluator->mem, sizeof *scratch, &scratch, err));
        const enum joist_status status =
                ji_slab_alloc(evaluator->mem, wanted, &scratch->data, &scratch->capacity, err);
        if (status != JOIST_OK) {
            ji_free(evaluator->mem, scratch, sizeof *scratch);
            return status;
        }
    }
    scratch->next = evaluator->used;
    evaluator->used = scratch;
    memcpy(out, &scratch->data, sizeof scratch->data);
    return JOIST_OK;
}

void ji_scratch_drop(struct ji_evaluator *evaluator, const void *memory)
{
    if (memory == NULL)
        return;
    struct ji_scratch **link = &evaluator->used;
    while (*link != NULL && (*link)->data != memory)
        link = &(*link)->next;
    struct ji_scratch *scratch = *link;
    if (scratch == NULL)
        return;
    *link = scratch->next;
    scratch->next = evaluator->idle;
    evaluator->idle = scratch;
}

void ji_scratch_release(struct ji_evaluator *evaluator, const struct ji_scratch *mark)
{
    while (evaluator->used != mark && evaluator->used != NULL) {
        struct ji_scratch *scratch = evaluator->used;
        evaluator->used = scratch->next;
        scratch->next = evaluator->idle;
        evaluator->idle = scratch;
    }
}

enum joist_status ji_scratch_bits(
        struct ji_evaluator *evaluator, size_t count, bool value, uint8_t **out, struct joist_error *err)
{
    const size_t bytes = ji_bitmap_bytes(count) + BITS_SLACK_BYTES;
    JI_TRY(ji_scratch_get(evaluator, bytes, out, err));
    memset(*out, value ? 0xff : 0, bytes);
    return JOIST_OK;
}

enum joist_status ji_evaluator_open(
        struct joist_ctx *ctx, struct ji_mem *mem, struct ji_evaluator **evaluator, struct joist_error *err)
{
    struct ji_evaluator *opened = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *opened, &opened, err));
    opened->ctx = ctx;
    opened->mem = mem;
    ji_arena_init(&opened->arena, mem);
    *evaluator = opened;
    return JOIST_OK;
}

void ji_evaluator_reset(struct ji_evaluator *evaluator)
{
    ji_scratch_release(evaluator, NULL);
    ji_arena_reset(&evaluator->arena);
}

void ji_evaluator_close(struct ji_evaluator *evaluator)
{
    if (evaluator == NULL)
        return;
    ji_evaluator_reset(evaluator);
    while (evaluator->idle != NULL) {
        struct ji_scratch *scratch = evaluator->idle;
        evaluator->idle = scratch->next;
        ji_slab_free(evaluator->mem, scratch->data, scratch->capacity);
        ji_free(evaluator->mem, scratch, sizeof *scratch);
    }
    ji_arena_clear(&evaluator->arena);
    ji_free(evaluator->mem, evaluator, sizeof *evaluator);
}

enum ji_physical ji_physical_of(const struct ji_vector *vector)
{
    static const uint8_t physical[JI_KIND_COUNT] = {
            [JI_NULL] = JI_PHYSICAL_NONE,
            [JI_BOOL] = JI_PHYSICAL_BOOL,
            [JI_INT8] = JI_PHYSICAL_I8,
            [JI_INT16] = JI_PHYSICAL_I16,
            [JI_INT32] = JI_PHYSICAL_I32,
            [JI_INT64] = JI_PHYSICAL_I64,
            [JI_UINT8] = JI_PHYSICAL_U8,
            [JI_UINT16] = JI_PHYSICAL_U16,
            [JI_UINT32] = JI_PHYSICAL_U32,
            [JI_UINT64] = JI_PHYSICAL_U64,
            [JI_FLOAT16] = JI_PHYSICAL_NONE,
            [JI_FLOAT] = JI_PHYSICAL_F32,
            [JI_DOUBLE] = JI_PHYSICAL_F64,
            [JI_DECIMAL] = JI_PHYSICAL_I64,
            [JI_DATE] = JI_PHYSICAL_I32,
            [JI_TIME] = JI_PHYSICAL_I64,
            [JI_TIMESTAMP] = JI_PHYSICAL_I64,
            [JI_STRING] = JI_PHYSICAL_VIEW,
            [JI_BINARY] = JI_PHYSICAL_VIEW,
            [JI_FIXED] = JI_PHYSICAL_FIXED,
            [JI_UUID] = JI_PHYSICAL_FIXED,
            [JI_WIDE_DECIMAL] = JI_PHYSICAL_NONE,
            [JI_INTERVAL] = JI_PHYSICAL_NONE,
            [JI_LIST] = JI_PHYSICAL_NONE,
            [JI_MAP] = JI_PHYSICAL_NONE,
            [JI_STRUCT] = JI_PHYSICAL_NONE,
    };
    const struct ji_field *field = vector->column.field;
    if (field->kind == JI_DECIMAL && field->precision > JI_DECIMAL_DIGITS_INT64 && !vector->narrow)
        return JI_PHYSICAL_I128;
    return (enum ji_physical)physical[field->kind];
}

size_t ji_vector_width(const struct ji_vector *vector)
{
    return vector->narrow ? sizeof(int64_t) : ji_field_width(vector->column.field);
}

enum joist_status ji_vector_new(struct ji_evaluator *evaluator, const struct ji_field *type, bool narrow,
        size_t count, struct ji_vector *vector, void *values, struct joist_error *err)
{
    struct ji_vector made = {
            .column = {.field = type, .form = JI_FLAT, .row_count = count}, .narrow = narrow};
    uint8_t *memory = NULL;
    if (type->kind == JI_BOOL) {
        JI_TRY(ji_scratch_bits(evaluator, count, false, &memory, err));
    } else {
        const size_t bytes = ji_vector_width(&made) * count;
        JI_TRY(ji_scratch_get(evaluator, bytes, &memory, err));
        if (ji_kind_is_view(type->kind))
            memset(memory, 0, bytes);
    }
    made.column.values = memory;
    memcpy(values, &memory, sizeof memory);
    *vector = made;
    return JOIST_OK;
}

static enum joist_status new_constant(struct ji_evaluator *evaluator, const struct ji_field *type, bool valid,
        size_t count, struct ji_vector *vector, void *value_room, struct joist_error *err)
{
    struct ji_vector made = {.column = {.field = type, .form = JI_CONSTANT, .row_count = count}};
    uint8_t *bytes = NULL;
    const size_t room = ji_max_size(ji_field_width(type), sizeof(ji_int128));
    JI_TRY(ji_arena_array(&evaluator->arena, 1, room + 1, &bytes, err));
    bytes[room] = 1;
    made.column.values = bytes;
    if (!valid) {
        bytes[room] = 0;
        made.column.validity = bytes + room;
    }
    memcpy(value_room, &bytes, sizeof bytes);
    *vector = made;
    return JOIST_OK;
}

enum joist_status ji_vector_new_null(struct ji_evaluator *evaluator, const struct ji_field *type,
        size_t count, struct ji_vector *vector, struct joist_error *err)
{
    uint8_t *room = NULL;
    JI_TRY(new_constant(evaluator, type, false, count, vector, &room, err));
    /* One whose values fit int64: so that a null does not make others wide. */
    vector->narrow = type->kind == JI_DECIMAL && type->precision > JI_DECIMAL_DIGITS_INT64;
    return JOIST_OK;
}

static void store_integer(size_t width, uint8_t *to, uint64_t value)
{
    const uint8_t one = (uint8_t)value;
    const uint16_t two = (uint16_t)value;
    const uint32_t four = (uint32_t)value;
    switch (width) {
    case 1:
        memcpy(to, &one, 1);
        break;
    case 2:
        memcpy(to, &two, 2);
        break;
    case 4:
        memcpy(to, &four, 4);
        break;
    default:
        memcpy(to, &value, 8);
    }
}

enum joist_status ji_vector_new_literal(struct ji_evaluator *evaluator, const struct ji_field *type,
        const struct ji_value *value, size_t count, struct ji_vector *vector, struct joist_error *err)
{
    if (value->is_null || type->kind == JI_NULL)
        return ji_vector_new_null(evaluator, type, count, vector, err);
    uint8_t *room = NULL;
    JI_TRY(new_constant(evaluator, type, true, count, vector, &room, err));
    const float real = (float)value->as.real;
    switch (type->kind) {
    case JI_BOOL:
        *room = value->as.boolean;
        break;
    case JI_FLOAT:
        memcpy(room, &real, sizeof real);
        break;
    case JI_DOUBLE:
        memcpy(room, &value->as.real, sizeof value->as.real);
        break;
    case JI_STRING:
    case JI_BINARY:
        memcpy(room, &value->as.view, sizeof value->as.view);
        break;
    case JI_FIXED:
    case JI_UUID:
        memcpy(room, value->as.view.data, type->fixed_bytes);
        break;
    case JI_DECIMAL:
        vector->narrow =
                type->precision > JI_DECIMAL_DIGITS_INT64 && value->as.decimal == (int64_t)value->as.decimal;
        if (vector->narrow || type->precision <= JI_DECIMAL_DIGITS_INT64)
            store_integer(8, room, (uint64_t)value->as.decimal);
        else
            memcpy(room, &value->as.decimal, sizeof value->as.decimal);
        break;
    case JI_UINT64:
        store_integer(8, room, value->as.unsigned_integer);
        break;
    default:
        store_integer(ji_field_width(type), room, (uint64_t)value->as.integer);
    }
    return JOIST_OK;
}

#define GATHER(type)                                                                                         \
    do {                                                                                                     \
        const type *restrict source = from;                                                                  \
        type *restrict target = to;                                                                          \
        for (size_t i = 0; i < count; i++)                                                                   \
            target[i] = source[picks[i]];                                                                    \
    } while (0)

struct wide {
    uint64_t words[2];
};

static void gather_bits(const uint8_t *from, const uint32_t *picks, size_t count, uint8_t *to)
{
    size_t i = 0;
    for (; i + 8 <= count; i += 8) {
        unsigned byte = 0;
        for (unsigned j = 0; j < 8; j++)
            byte |= (unsigned)ji_bit_get(from, picks[i + j]) << j;
        to[i / 8] = (uint8_t)byte;
    }
    unsigned rest = 0;
    for (unsigned j = 0; i + j < count; j++)
        rest |= (unsigned)ji_bit_get(from, picks[i + j]) << j;
    if (i < count)
        to[i / 8] = (uint8_t)rest;
}

static void gather_values(size_t width, const void *from, const uint32_t *picks, size_t count, void *to)
{
    uint8_t *bytes = to;
    switch (width) {
    case 0:
        gather_bits(from, picks, count, bytes);
        break;
    case 1:
        GATHER(uint8_t);
        break;
    case 2:
        GATHER(uint16_t);
        break;
    case 4:
        GATHER(uint32_t);
        break;
    case 8:
        GATHER(uint64_t);
        break;
    case 16:
        GATHER(struct wide);
        break;
    default:
        for (size_t i = 0; i < count; i++)
            memcpy(bytes + i * width, (const uint8_t *)from + picks[i] * width, width);
    }
}

void ji_values_scatter(size_t width, const void *from, const uint32_t *picks, size_t count, void *to)
{
    const uint8_t *source = from;
    uint8_t *target = to;
    if (width == 0) {
        for (size_t i = 0; i < count; i++) {
            const uint32_t at = picks[i];
            const uint8_t bit = (uint8_t)(1u << (at & 7));
            target[at >> 3] = (uint8_t)((target[at >> 3] & ~bit) | (ji_bit_get(source, i) ? bit : 0));
        }
    } else if (width == 8) {
        for (size_t i = 0; i < count; i++)
            memcpy(target + (size_t)picks[i] * 8, source + i * 8, 8);
    } else {
        for (size_t i = 0; i < count; i++)
            memcpy(target + picks[i] * width, source + i * width, width);
    }
}

static enum joist_status fresh_values(
        struct ji_evaluator *evaluator, size_t width, size_t count, uint8_t **out, struct joist_error *err)
{
    if (width == 0)
        return ji_scratch_bits(evaluator, count, false, out, err);
    return ji_scratch_get(evaluator, width * count, out, err);
}

static enum joist_status flatten_constant(
        struct ji_evaluator *evaluator, size_t count, struct ji_vector *vector, struct joist_error *err)
{
    struct ji_column *column = &vector->column;
    const size_t width = ji_vector_width(vector);
    uint8_t *values = NULL;
    JI_TRY(fresh_values(evaluator, width, count, &values, err));
    if (ji_column_is_null(column, 0)) {
        uint8_t *validity = NULL;
        JI_TRY(ji_scratch_bits(evaluator, count, false, &validity, err));
        memset(values, 0, width == 0 ? ji_bitmap_bytes(count) : width * count);
        column->validity = validity;
    } else {
        column->validity = NULL;
        if (width == 0)
            memset(values, (*(const uint8_t *)column->values & 1) != 0 ? 0xff : 0, ji_bitmap_bytes(count));
        for (size_t i = 0; width != 0 && i < count; i++)
            memcpy(values + i * width, column->values, width);
    }
    column->values = values;
    column->form = JI_FLAT;
    column->row_count = count;
    column->values_buffer = NULL;
    column->validity_buffer = NULL;
    return JOIST_OK;
}

enum joist_status ji_vector_flatten(
        struct ji_evaluator *evaluator, size_t count, struct ji_vector *vector, struct joist_error *err)
{
    struct ji_column *column = &vector->column;
    if (column->form == JI_FLAT)
        return JOIST_OK;
    if (column->form == JI_CONSTANT)
        return flatten_constant(evaluator, count, vector, err);
    const struct ji_column *entries = column->dictionary;
    const size_t width = ji_vector_width(vector);
    uint8_t *values = NULL;
    JI_TRY(fresh_values(evaluator, width, count, &values, err));
    /* An empty dictionary goes with nulls alone. */
    if (entries->row_count == 0)
        memset(values, 0, width == 0 ? ji_bitmap_bytes(count) : width * count);
    else
        gather_values(width, entries->values, (const uint32_t *)column->values, count, values);
    if (entries->validity != NULL) {
        uint8_t *validity = NULL;
        JI_TRY(ji_scratch_bits(evaluator, count, false, &validity, err));
        if (entries->row_count > 0)
            gather_values(0, entries->validity, (const uint32_t *)column->values, count, validity);
        JI_TRY(ji_mask_and(evaluator, count, validity, column->validity, &column->validity, err));
    }
    column->values = values;
    column->form = JI_FLAT;
    column->dictionary = NULL;
    column->values_buffer = NULL;
    column->heap = entries->heap;
    return JOIST_OK;
}

enum joist_status ji_vector_widen(
        struct ji_evaluator *evaluator, struct ji_vector *vector, struct joist_error *err)
{
    if (!vector->narrow)
        return JOIST_OK;
    struct ji_column *column = &vector->column;
    struct ji_column *target = column;
    if (column->form == JI_DICTIONARY) {
        JI_TRY(ji_arena_array(&evaluator->arena, 1, sizeof *target, &target, err));
        *target = *column->dictionary;
        column->dictionary = target;
    }
    const size_t count = column->form == JI_CONSTANT ? 1 : target->row_count;
    const int64_t *from = target->values;
    ji_int128 *to = NULL;
    JI_TRY(ji_scratch_get(evaluator, count * sizeof *to, &to, err));
    for (size_t i = 0; i < count; i++)
        to[i] = from[i];
    target->values = to;
    target->values_buffer = NULL;
    vector->narrow = false;
    return JOIST_OK;
}

enum joist_status ji_vector_gather(struct ji_evaluator *evaluator, const uint32_t *picks, size_t count,
        struct ji_vector *vector, struct joist_error *err)
{
    struct ji_column *column = &vector->column;
    column->row_count = count;
    if (column->form == JI_CONSTANT || picks == NULL || column->field->kind == JI_NULL)
        return JOIST_OK;
    const size_t width = column->form == JI_DICTIONARY ? sizeof(int32_t) : ji_vector_width(vector);
    uint8_t *values = NULL;
    JI_TRY(fresh_values(evaluator, width, count, &values, err));
    gather_values(width, column->values, picks, count, values);
    column->values = values;
    column->values_buffer = NULL;
    if (column->validity != NULL) {
        uint8_t *validity = NULL;
        JI_TRY(ji_scratch_bits(evaluator, count, false, &validity, err));
        gather_values(0, column->validity, picks, count, validity);
        column->validity = validity;
        column->validity_buffer = NULL;
    }
    return JOIST_OK;
}

enum joist_status ji_mask_and(struct ji_evaluator *evaluator, size_t count, const uint8_t *a,
        const uint8_t *b, const uint8_t **both, struct joist_error *err)
{
    if (a == NULL || b == NULL) {
        *both = a == NULL ? b : a;
        return JOIST_OK;
    }
    uint8_t *bits = NULL;
    const size_t bytes = ji_bitmap_bytes(count);
    JI_TRY(ji_scratch_bits(evaluator, count, false, &bits, err));
    for (size_t i = 0; i < bytes; i++)
        bits[i] = a[i] & b[i];
    *both = bits;
    return JOIST_OK;
}

/* Eight bytes of a bitmap as one word, bits beyond `count` 0. */
static uint64_t load_bits(const uint8_t *bits, size_t at, size_t count)
{
    const size_t left = count - at;
    if (left >= 64)
        return ji_load_le64(bits + at / 8);
    uint64_t word = 0;
    for (size_t i = 0; i < ji_bitmap_bytes(left); i++)
        word |= (uint64_t)bits[at / 8 + i] << (8 * i);
    return word & (((uint64_t)1 << left) - 1);
}

size_t ji_mask_count(const uint8_t *bits, size_t count)
{
    size_t sum = 0;
    for (size_t at = 0; at < count; at += 64)
        sum += (size_t)__builtin_popcountll(load_bits(bits, at, count));
    return sum;
}

/* Neighbours share a byte: it is put together before it is stored. */
void ji_mask_set(const uint32_t *positions, size_t count, uint8_t *bits)
{
    size_t i = 0;
    while (i < count) {
        const uint32_t at = positions[i] >> 3;
        unsigned byte = 0;
        for (; i < count && positions[i] >> 3 == at; i++)
            byte |= 1u << (positions[i] & 7);
        bits[at] |= (uint8_t)byte;
    }
}

size_t ji_mask_positions(const uint8_t *bits, size_t count, uint32_t *positions)
{
    size_t found = 0;
    for (size_t at = 0; at < count; at += 64) {
        uint64_t word = load_bits(bits, at, count);
        if (word == UINT64_MAX) {
            for (unsigned i = 0; i < 64; i++)
                positions[found + i] = (uint32_t)(at + i);
            found += 64;
            continue;
        }
        for (; word != 0; word &= word - 1)
            positions[found++] = (uint32_t)(at + (unsigned)__builtin_ctzll(word));
    }
    return found;
}

enum joist_status ji_vector_truth(struct ji_evaluator *evaluator, const struct ji_vector *vector,
        size_t count, uint8_t **truth, uint8_t **known, struct joist_error *err)
{
    struct ji_vector flat = *vector;
    const size_t bytes = ji_bitmap_bytes(count);
    uint8_t *bits = NULL;
    JI_TRY(ji_vector_flatten(evaluator, count, &flat, err));
    JI_TRY(ji_scratch_bits(evaluator, count, false, &bits, err));
    memcpy(bits, flat.column.values, bytes);
    const uint8_t *validity = flat.column.validity;
    for (size_t i = 0; validity != NULL && i < bytes; i++)
        bits[i] &= validity[i];
    if (known != NULL) {
        uint8_t *valid = NULL;
        JI_TRY(ji_scratch_bits(evaluator, count, true, &valid, err));
        if (validity != NULL)
            memcpy(valid, validity, bytes);
        *known = valid;
    }
    *truth = bits;
    return JOIST_OK;
}
