/*
 * footer_read.c - decodes FileMetaData straight into its final structs
 *
 *   1. Every list is sized by a count that thrift.c has held against its limit and the bytes left,
 *      and its array is charged to the arena before it is filled.
 *   2. A field that the format requires and the bytes lack is corruption; `need` names it.
 *   3. The thrift reader fails sticky, so decoders of small structs return nothing; the ones that allocate
 *      return a status. Both are settled once, in ji_footer_decode.
 */
#include "parquet/format/footer_read.h"

#include "parquet/format/chunk_read.h"
#include "parquet/format/crypto_read.h"
#include "parquet/format/footer_parts.h"

struct footer_reader {
    struct ji_thrift_reader thrift;
    struct ji_arena *arena;
};

static enum joist_status need(bool is_there, const char *field, struct joist_error *err)
{
    if (is_there)
        return JOIST_OK;
    return ji_fail(err, JOIST_ERR_CORRUPT, "footer lacks %s", field);
}

static enum ji_parquet_unit read_unit(struct ji_thrift_reader *thrift, enum ji_thrift_type type)
{
    enum ji_parquet_unit unit = JI_UNIT_NONE;
    if (!ji_thrift_expect_struct(thrift, type))
        return unit;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (field.id >= JI_UNIT_MILLIS && field.id <= JI_UNIT_NANOS)
            unit = (enum ji_parquet_unit)field.id;
        ji_thrift_skip(thrift, field.type);
    }
    return unit;
}

/* The struct of one member of LogicalType: DECIMAL, TIME, TIMESTAMP, INTEGER have fields that count. */
static void read_logical_member(struct ji_thrift_reader *thrift, struct ji_logical_type *logical)
{
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        const bool is_time = logical->kind == JI_LOGICAL_TIME || logical->kind == JI_LOGICAL_TIMESTAMP;
        if (logical->kind == JI_LOGICAL_DECIMAL && field.id == 1)
            logical->scale = ji_thrift_i32(thrift, field.type);
        else if (logical->kind == JI_LOGICAL_DECIMAL && field.id == 2)
            logical->precision = ji_thrift_i32(thrift, field.type);
        else if (is_time && field.id == 1)
            logical->utc = ji_thrift_bool(thrift, field.type);
        else if (is_time && field.id == 2)
            logical->unit = read_unit(thrift, field.type);
        else if (logical->kind == JI_LOGICAL_INTEGER && field.id == 1)
            logical->bit_width = ji_thrift_i8(thrift, field.type);
        else if (logical->kind == JI_LOGICAL_INTEGER && field.id == 2)
            logical->is_signed = ji_thrift_bool(thrift, field.type);
        else
            ji_thrift_skip(thrift, field.type);
    }
}

static void read_logical(
        struct ji_thrift_reader *thrift, enum ji_thrift_type type, struct ji_logical_type *logical)
{
    if (!ji_thrift_expect_struct(thrift, type))
        return;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        const bool is_known = field.id >= JI_LOGICAL_STRING && field.id <= JI_LOGICAL_FILE && field.id != 9;
        if (!is_known) {
            ji_thrift_skip(thrift, field.type);
            continue;
        }
        *logical = (struct ji_logical_type){.kind = (enum ji_logical)field.id};
        if (ji_thrift_expect_struct(thrift, field.type))
            read_logical_member(thrift, logical);
    }
}

static void read_element(struct ji_thrift_reader *thrift, struct ji_schema_element *element)
{
    *element = (struct ji_schema_element){
            .physical = JI_PHYSICAL_NONE, .converted = JI_CONVERTED_NONE, .name = {.data = thrift->at}};
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        switch (field.id) {
        case 1:
            element->physical = (enum ji_physical)ji_enum_decode(thrift, field.type, JI_PHYSICAL_FIXED);
            break;
        case 2:
            element->type_length = ji_thrift_i32(thrift, field.type);
            break;
        case 3:
            element->repetition = (enum ji_repetition)ji_enum_decode(thrift, field.type, JI_REPEATED);
            break;
        case 4:
            element->name = ji_thrift_binary(thrift, field.type);
            break;
        case 5:
            element->child_count = ji_thrift_i32(thrift, field.type);
            break;
        case 6:
            element->converted = (enum ji_converted)ji_enum_decode(thrift, field.type, JI_CONVERTED_INTERVAL);
            break;
        case 7:
            element->scale = ji_thrift_i32(thrift, field.type);
            break;
        case 8:
            element->precision = ji_thrift_i32(thrift, field.type);
            break;
        case 9:
            element->field_id = ji_thrift_i32(thrift, field.type);
            element->has_field_id = true;
            break;
        case 10:
            read_logical(thrift, field.type, &element->logical);
            break;
        default:
            ji_thrift_skip(thrift, field.type);
        }
    }
}

static enum joist_status read_elements(struct footer_reader *reader, enum ji_thrift_type type,
        struct ji_footer *footer, struct joist_error *err)
{
    const struct ji_thrift_list list = ji_thrift_list(&reader->thrift, type);
    JI_TRY(ji_arena_array(reader->arena, list.count, sizeof footer->elements[0], &footer->elements, err));
    footer->element_count = list.count;
    for (size_t index = 0; index < list.count; index++) {
        if (ji_thrift_expect_struct(&reader->thrift, list.type))
            read_element(&reader->thrift, &footer->elements[index]);
    }
    return JOIST_OK;
}

static enum joist_status read_sorting(struct footer_reader *reader, enum ji_thrift_type type,
        struct ji_row_group *group, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &reader->thrift;
    const struct ji_thrift_list list = ji_thrift_list(thrift, type);
    struct ji_sorting_column *sorting = NULL;
    JI_TRY(ji_arena_array(reader->arena, list.count, sizeof sorting[0], &sorting, err));
    for (size_t index = 0; index < list.count; index++) {
        if (!ji_thrift_expect_struct(thrift, list.type))
            break;
        struct ji_thrift_field field = ji_thrift_struct(thrift);
        while (ji_thrift_next(thrift, &field)) {
            if (field.id == 1)
                sorting[index].column = ji_thrift_i32(thrift, field.type);
            else if (field.id == 2)
                sorting[index].descending = ji_thrift_bool(thrift, field.type);
            else if (field.id == 3)
                sorting[index].nulls_first = ji_thrift_bool(thrift, field.type);
            else
                ji_thrift_skip(thrift, field.type);
        }
    }
    group->sorting = sorting;
    group->sorting_count = list.count;
    return JOIST_OK;
}

static enum joist_status read_chunks(struct footer_reader *reader, enum ji_thrift_type type,
        struct ji_row_group *group, struct joist_error *err)
{
    const struct ji_thrift_list list = ji_thrift_list(&reader->thrift, type);
    JI_TRY(ji_arena_array(reader->arena, list.count, sizeof group->chunks[0], &group->chunks, err));
    group->chunk_count = list.count;
    for (size_t index = 0; index < list.count; index++) {
        if (!ji_thrift_expect_struct(&reader->thrift, list.type))
            break;
        JI_TRY(ji_chunk_decode(&reader->thrift, reader->arena, &group->chunks[index], err));
    }
    return JOIST_OK;
}

static enum joist_status read_group(
        struct footer_reader *reader, struct ji_row_group *group, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &reader->thrift;
    *group = (struct ji_row_group){.row_count = -1, .file_offset = -1, .compressed_bytes = -1, .ordinal = -1};
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        switch (field.id) {
        case 1:
            JI_TRY(read_chunks(reader, field.type, group, err));
            break;
        case 2:
            group->total_bytes = ji_thrift_i64(thrift, field.type);
            break;
        case 3:
            group->row_count = ji_thrift_i64(thrift, field.type);
            break;
        case 4:
            JI_TRY(read_sorting(reader, field.type, group, err));
            break;
        case 5:
            group->file_offset = ji_thrift_i64(thrift, field.type);
            break;
        case 6:
            group->compressed_bytes = ji_thrift_i64(thrift, field.type);
            break;
        case 7:
            group->ordinal = ji_thrift_i16(thrift, field.type);
            break;
        default:
            ji_thrift_skip(thrift, field.type);
        }
    }
    return JOIST_OK;
}

static enum joist_status read_groups(struct footer_reader *reader, enum ji_thrift_type type,
        struct ji_footer *footer, struct joist_error *err)
{
    const struct ji_thrift_list list = ji_thrift_list(&reader->thrift, type);
    JI_TRY(ji_arena_array(reader->arena, list.count, sizeof footer->groups[0], &footer->groups, err));
    footer->group_count = list.count;
    for (size_t index = 0; index < list.count; index++) {
        if (!ji_thrift_expect_struct(&reader->thrift, list.type))
            break;
        const enum joist_status status = read_group(reader, &footer->groups[index], err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "row group %zu", index);
            return status;
        }
    }
    return JOIST_OK;
}

static enum joist_status read_orders(struct footer_reader *reader, enum ji_thrift_type type,
        struct ji_footer *footer, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &reader->thrift;
    const struct ji_thrift_list list = ji_thrift_list(thrift, type);
    enum ji_column_order *orders = NULL;
    JI_TRY(ji_arena_array(reader->arena, list.count, sizeof orders[0], &orders, err));
    for (size_t index = 0; index < list.count; index++) {
        if (!ji_thrift_expect_struct(thrift, list.type))
            break;
        struct ji_thrift_field field = ji_thrift_struct(thrift);
        while (ji_thrift_next(thrift, &field)) {
            if (field.id >= JI_ORDER_TYPE && field.id <= JI_ORDER_INT96)
                orders[index] = (enum ji_column_order)field.id;
            ji_thrift_skip(thrift, field.type);
        }
    }
    footer->orders = orders;
    footer->order_count = list.count;
    return JOIST_OK;
}

/* The ids of FileMetaData that are required: 1..4. */
#define FOOTER_REQUIRED 0x1eu

static enum joist_status read_footer(
        struct footer_reader *reader, struct ji_footer *footer, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &reader->thrift;
    uint32_t seen = 0;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (field.id > 0 && field.id < 32)
            seen |= UINT32_C(1) << field.id;
        switch (field.id) {
        case 1:
            footer->version = ji_thrift_i32(thrift, field.type);
            break;
        case 2:
            JI_TRY(read_elements(reader, field.type, footer, err));
            break;
        case 3:
            footer->row_count = ji_thrift_i64(thrift, field.type);
            break;
        case 4:
            JI_TRY(read_groups(reader, field.type, footer, err));
            break;
        case 5:
            JI_TRY(ji_key_values_decode(
                    thrift, field.type, reader->arena, &footer->key_values, &footer->key_value_count, err));
            break;
        case 6:
            footer->created_by = ji_thrift_binary(thrift, field.type);
            break;
        case 7:
            JI_TRY(read_orders(reader, field.type, footer, err));
            break;
        case 8:
            ji_encryption_algorithm_decode(thrift, field.type, &footer->encryption);
            break;
        case 9:
            footer->encryption.key_metadata = ji_thrift_binary(thrift, field.type);
            break;
        default:
            ji_thrift_skip(thrift, field.type);
        }
    }
    footer->decoded_bytes = ji_thrift_position(thrift);
    JI_TRY(ji_thrift_status(thrift, err));
    return need((seen & FOOTER_REQUIRED) == FOOTER_REQUIRED, "a required field", err);
}

enum joist_status ji_footer_decode(
        struct ji_arena *arena, struct ji_view bytes, struct ji_footer *footer, struct joist_error *err)
{
    struct footer_reader reader = {.arena = arena};
    ji_thrift_reader_init(&reader.thrift, bytes);
    struct ji_footer made = {.version = 0};
    const enum joist_status status = read_footer(&reader, &made, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "footer");
        return status;
    }
    *footer = made;
    return JOIST_OK;
}
