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

static int32_t read_enum(struct ji_thrift_reader *thrift, enum ji_thrift_type type, int32_t max)
{
    const int32_t value = ji_thrift_i32(thrift, type);
    if (value < 0 || value > max) {
        ji_thrift_fail(thrift, JI_THRIFT_RANGE);
        return 0;
    }
    return value;
}

static void read_element(struct ji_thrift_reader *thrift, struct ji_schema_element *element)
{
    *element = (struct ji_schema_element){
            .physical = JI_PHYSICAL_NONE, .converted = JI_CONVERTED_NONE, .name = {.data = thrift->at}};
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        switch (field.id) {
        case 1:
            element->physical = (enum ji_physical)read_enum(thrift, field.type, JI_PHYSICAL_FIXED);
            break;
        case 2:
            element->type_length = ji_thrift_i32(thrift, field.type);
            break;
        case 3:
            element->repetition = (enum ji_repetition)read_enum(thrift, field.type, JI_REPEATED);
            break;
        case 4:
            element->name = ji_thrift_binary(thrift, field.type);
            break;
        case 5:
            element->child_count = ji_thrift_i32(thrift, field.type);
            break;
        case 6:
            element->converted = (enum ji_converted)read_enum(thrift, field.type, JI_CONVERTED_INTERVAL);
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

static enum joist_status read_key_values(struct footer_reader *reader, enum ji_thrift_type type,
        const struct ji_key_value **key_values, size_t *count, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &reader->thrift;
    const struct ji_thrift_list list = ji_thrift_list(thrift, type);
    struct ji_key_value *pairs = NULL;
    JI_TRY(ji_arena_array(reader->arena, list.count, sizeof pairs[0], &pairs, err));
    for (size_t index = 0; index < list.count; index++) {
        if (!ji_thrift_expect_struct(thrift, list.type))
            break;
        struct ji_thrift_field field = ji_thrift_struct(thrift);
        while (ji_thrift_next(thrift, &field)) {
            if (field.id == 1) {
                pairs[index].key = ji_thrift_binary(thrift, field.type);
            } else if (field.id == 2) {
                pairs[index].value = ji_thrift_binary(thrift, field.type);
                pairs[index].has_value = true;
            } else {
                ji_thrift_skip(thrift, field.type);
            }
        }
    }
    *key_values = pairs;
    *count = list.count;
    return JOIST_OK;
}

static enum joist_status read_statistics(struct footer_reader *reader, enum ji_thrift_type type,
        const struct ji_statistics **statistics, struct joist_error *err)
{
    struct ji_statistics *made = NULL;
    JI_TRY(ji_arena_array(reader->arena, 1, sizeof *made, &made, err));
    ji_statistics_decode(&reader->thrift, type, made);
    *statistics = made;
    return JOIST_OK;
}

static enum joist_status read_encoding_stats(struct footer_reader *reader, enum ji_thrift_type type,
        struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &reader->thrift;
    const struct ji_thrift_list list = ji_thrift_list(thrift, type);
    struct ji_encoding_stat *stats = NULL;
    JI_TRY(ji_arena_array(reader->arena, list.count, sizeof stats[0], &stats, err));
    for (size_t index = 0; index < list.count; index++) {
        if (!ji_thrift_expect_struct(thrift, list.type))
            break;
        struct ji_thrift_field field = ji_thrift_struct(thrift);
        while (ji_thrift_next(thrift, &field)) {
            if (field.id == 1)
                stats[index].page_type = (enum ji_page_type)ji_thrift_i32(thrift, field.type);
            else if (field.id == 2)
                stats[index].encoding = (enum ji_encoding)ji_thrift_i32(thrift, field.type);
            else if (field.id == 3)
                stats[index].count = ji_thrift_i32(thrift, field.type);
            else
                ji_thrift_skip(thrift, field.type);
        }
    }
    chunk->encoding_stats = stats;
    chunk->encoding_stat_count = list.count;
    return JOIST_OK;
}

static enum joist_status read_size_statistics(struct footer_reader *reader, enum ji_thrift_type type,
        const struct ji_size_statistics **out, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &reader->thrift;
    struct ji_size_statistics *made = NULL;
    JI_TRY(ji_arena_array(reader->arena, 1, sizeof *made, &made, err));
    if (!ji_thrift_expect_struct(thrift, type))
        return JOIST_OK;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (field.id == 1) {
            made->unencoded_bytes = ji_thrift_i64(thrift, field.type);
            made->has_unencoded_bytes = true;
        } else if (field.id == 2) {
            JI_TRY(ji_int64_list_decode(
                    thrift, field.type, reader->arena, &made->rep_histogram, &made->rep_count, err));
        } else if (field.id == 3) {
            JI_TRY(ji_int64_list_decode(
                    thrift, field.type, reader->arena, &made->def_histogram, &made->def_count, err));
        } else {
            ji_thrift_skip(thrift, field.type);
        }
    }
    *out = made;
    return JOIST_OK;
}

static void read_encodings(struct ji_thrift_reader *thrift, enum ji_thrift_type type, struct ji_chunk *chunk)
{
    const struct ji_thrift_list list = ji_thrift_list(thrift, type);
    for (size_t index = 0; index < list.count; index++) {
        const int32_t encoding = ji_thrift_i32(thrift, list.type);
        if (encoding >= 0 && encoding < 32)
            chunk->encodings |= UINT32_C(1) << encoding;
    }
}

static enum joist_status read_path(struct footer_reader *reader, enum ji_thrift_type type,
        struct ji_chunk *chunk, struct joist_error *err)
{
    const struct ji_thrift_list list = ji_thrift_list(&reader->thrift, type);
    struct ji_view *path = NULL;
    JI_TRY(ji_arena_array(reader->arena, list.count, sizeof path[0], &path, err));
    for (size_t index = 0; index < list.count; index++)
        path[index] = ji_thrift_binary(&reader->thrift, list.type);
    chunk->path = path;
    chunk->path_count = list.count;
    return JOIST_OK;
}

/* The fields of ColumnMetaData that stand for numbers; false where `id` is another's. */
static bool read_metadata_number(
        struct ji_thrift_reader *thrift, const struct ji_thrift_field *field, struct ji_chunk *chunk)
{
    switch (field->id) {
    case 1:
        chunk->physical = (enum ji_physical)read_enum(thrift, field->type, JI_PHYSICAL_FIXED);
        return true;
    case 2:
        read_encodings(thrift, field->type, chunk);
        return true;
    case 4:
        chunk->codec = (enum ji_parquet_codec)ji_thrift_i32(thrift, field->type);
        return true;
    case 5:
        chunk->value_count = ji_thrift_i64(thrift, field->type);
        return true;
    case 6:
        chunk->uncompressed_bytes = ji_thrift_i64(thrift, field->type);
        return true;
    case 7:
        chunk->compressed_bytes = ji_thrift_i64(thrift, field->type);
        return true;
    case 9:
        chunk->data_page_offset = ji_thrift_i64(thrift, field->type);
        return true;
    case 10:
        chunk->index_page_offset = ji_thrift_i64(thrift, field->type);
        return true;
    case 11:
        chunk->dictionary_page_offset = ji_thrift_i64(thrift, field->type);
        return true;
    case 14:
        chunk->bloom_offset = ji_thrift_i64(thrift, field->type);
        return true;
    case 15:
        chunk->bloom_bytes = ji_thrift_i32(thrift, field->type);
        return true;
    default:
        return false;
    }
}

/*
 * The types of ColumnMetaData's fields by id. Forks of the format have used ids that it gave a meaning to
 * only later: a field of another type is none of ours.
 */
static const uint8_t metadata_types[] = {
        [1] = JI_THRIFT_I32,
        [2] = JI_THRIFT_LIST,
        [3] = JI_THRIFT_LIST,
        [4] = JI_THRIFT_I32,
        [5] = JI_THRIFT_I64,
        [6] = JI_THRIFT_I64,
        [7] = JI_THRIFT_I64,
        [8] = JI_THRIFT_LIST,
        [9] = JI_THRIFT_I64,
        [10] = JI_THRIFT_I64,
        [11] = JI_THRIFT_I64,
        [12] = JI_THRIFT_STRUCT,
        [13] = JI_THRIFT_LIST,
        [14] = JI_THRIFT_I64,
        [15] = JI_THRIFT_I32,
        [16] = JI_THRIFT_STRUCT,
};

static bool is_metadata_field(const struct ji_thrift_field *field)
{
    return field->id > 0 && (size_t)field->id < sizeof metadata_types &&
            metadata_types[field->id] == field->type;
}

/* The ids of ColumnMetaData that are required: 1..7 and 9. */
#define METADATA_REQUIRED 0x2feu

static enum joist_status read_metadata(struct footer_reader *reader, enum ji_thrift_type type,
        struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &reader->thrift;
    if (!ji_thrift_expect_struct(thrift, type))
        return JOIST_OK;
    uint32_t seen = 0;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        if (!is_metadata_field(&field)) {
            ji_thrift_skip(thrift, field.type);
            continue;
        }
        seen |= UINT32_C(1) << field.id;
        if (read_metadata_number(thrift, &field, chunk))
            continue;
        if (field.id == 3)
            JI_TRY(read_path(reader, field.type, chunk, err));
        else if (field.id == 8)
            JI_TRY(read_key_values(reader, field.type, &chunk->key_values, &chunk->key_value_count, err));
        else if (field.id == 12)
            JI_TRY(read_statistics(reader, field.type, &chunk->statistics, err));
        else if (field.id == 13)
            JI_TRY(read_encoding_stats(reader, field.type, chunk, err));
        else
            JI_TRY(read_size_statistics(reader, field.type, &chunk->size_statistics, err));
    }
    chunk->has_metadata = true;
    JI_TRY(ji_thrift_status(thrift, err));
    return need((seen & METADATA_REQUIRED) == METADATA_REQUIRED, "a required field of a column chunk", err);
}

static enum joist_status read_chunk(
        struct footer_reader *reader, struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &reader->thrift;
    *chunk = (struct ji_chunk){
            .physical = JI_PHYSICAL_NONE,
            .dictionary_page_offset = -1,
            .index_page_offset = -1,
            .bloom_offset = -1,
            .bloom_bytes = -1,
            .offset_index_offset = -1,
            .column_index_offset = -1,
    };
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        switch (field.id) {
        case 1:
            chunk->file_path = ji_thrift_binary(thrift, field.type);
            break;
        case 3:
            JI_TRY(read_metadata(reader, field.type, chunk, err));
            break;
        case 4:
            chunk->offset_index_offset = ji_thrift_i64(thrift, field.type);
            break;
        case 5:
            chunk->offset_index_bytes = ji_thrift_i32(thrift, field.type);
            break;
        case 6:
            chunk->column_index_offset = ji_thrift_i64(thrift, field.type);
            break;
        case 7:
            chunk->column_index_bytes = ji_thrift_i32(thrift, field.type);
            break;
        case 8:
        case 9:
            chunk->is_encrypted = true;
            ji_thrift_skip(thrift, field.type);
            break;
        default:
            ji_thrift_skip(thrift, field.type);
        }
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
        JI_TRY(read_chunk(reader, &group->chunks[index], err));
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
            JI_TRY(read_key_values(reader, field.type, &footer->key_values, &footer->key_value_count, err));
            break;
        case 6:
            footer->created_by = ji_thrift_binary(thrift, field.type);
            break;
        case 7:
            JI_TRY(read_orders(reader, field.type, footer, err));
            break;
        case 8:
            footer->is_encrypted = true;
            ji_thrift_skip(thrift, field.type);
            break;
        default:
            ji_thrift_skip(thrift, field.type);
        }
    }
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
