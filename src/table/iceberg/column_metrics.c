/*
 * column_metrics.c - counts and bounds of a data file's columns
 *
 *   1. A bound is never tighter than the truth: a lower one is cut down, an upper one is cut and then
 *      raised, or left out.
 *   2. NaN is in no bound; zero is -0 below and +0 above.
 *   3. Columns below lists and maps have counts and no bounds, as Iceberg's own writers do.
 */
#include "table/iceberg/column_metrics.h"

#include "base/utf8_text.h"
#include "table/iceberg/single_value.h"

#define TRUNCATE_DEFAULT 16
#define INFERRED_DEFAULTS 100
#define CODE_POINT_MAX 0x10FFFFu
#define SURROGATE_FIRST 0xD800u
#define SURROGATE_END 0xE000u

bool ji_metrics_mode_parse(const char *text, struct ji_metrics_mode *mode)
{
    static const struct {
        const char *text;
        enum ji_metrics_kind kind;
    } MODES[] = {{"none", JI_METRICS_NONE}, {"counts", JI_METRICS_COUNTS}, {"full", JI_METRICS_FULL}};
    for (size_t i = 0; i < sizeof MODES / sizeof MODES[0]; i++) {
        if (strcmp(text, MODES[i].text) == 0) {
            mode->kind = MODES[i].kind;
            return true;
        }
    }
    static const char PREFIX[] = "truncate(";
    if (strncmp(text, PREFIX, sizeof PREFIX - 1) != 0)
        return false;
    uint32_t length = 0;
    const char *at = text + sizeof PREFIX - 1;
    for (; *at >= '0' && *at <= '9' && length < 100000000; at++)
        length = length * 10 + (uint32_t)(*at - '0');
    if (length == 0 || strcmp(at, ")") != 0)
        return false;
    mode->kind = JI_METRICS_TRUNCATE;
    mode->length = length;
    return true;
}

struct configuring {
    struct ji_arena *arena;
    const struct ji_table_metadata *model;
    struct ji_metrics_mode standard;
    uint64_t inferred_max;
    struct ji_metrics_config *config;
};

static size_t count_leaves(const struct ji_field *field)
{
    size_t count = field->child_count == 0;
    for (size_t i = 0; i < field->child_count; i++)
        count += count_leaves(&field->children[i]);
    return count;
}

static enum joist_status read_mode(const struct ji_table_metadata *model, const char *key,
        struct ji_metrics_mode *mode, struct joist_error *err)
{
    const char *text = ji_model_property(model, key);
    if (text != NULL && !ji_metrics_mode_parse(text, mode))
        return ji_fail(err, JOIST_ERR_INVALID,
                "table property '%s' is '%s': not one of none, counts, truncate(n), full", key, text);
    return JOIST_OK;
}

/* Names of a list's element and a map's key and value stand in the path, that of a map's entry does not. */
static enum joist_status configure(
        struct configuring *work, const struct ji_field *field, const char *path, struct joist_error *err)
{
    if (field->child_count == 0) {
        struct ji_metrics_mode *mode = &work->config->modes[work->config->count];
        const char *key = NULL;
        *mode = work->config->count < work->inferred_max ? work->standard : (struct ji_metrics_mode){0};
        mode->field_id = field->field_id;
        work->config->count++;
        JI_TRY(ji_arena_printf(work->arena, &key, err, "write.metadata.metrics.column.%s", path));
        return read_mode(work->model, key, mode, err);
    }
    for (size_t i = 0; i < field->child_count; i++) {
        const struct ji_field *child = &field->children[i];
        const char *child_path = path;
        if (field->kind != JI_MAP)
            JI_TRY(ji_arena_printf(work->arena, &child_path, err, "%s.%s", path, child->name));
        JI_TRY(configure(work, child, child_path, err));
    }
    return JOIST_OK;
}

enum joist_status ji_metrics_config_make(struct ji_arena *arena, const struct ji_table_metadata *model,
        const struct ji_schema *columns, struct ji_metrics_config *config, struct joist_error *err)
{
    struct ji_metrics_config made = {0};
    struct configuring work = {
            .arena = arena,
            .model = model,
            .standard = {.kind = JI_METRICS_TRUNCATE, .length = TRUNCATE_DEFAULT},
            .inferred_max = ji_model_property_number(
                    model, "write.metadata.metrics.max-inferred-column-defaults", INFERRED_DEFAULTS),
            .config = &made,
    };
    size_t leaves = 0;
    for (size_t i = 0; i < columns->column_count; i++)
        leaves += count_leaves(&columns->columns[i]);
    JI_TRY(ji_arena_array(arena, leaves, sizeof *made.modes, &made.modes, err));
    if (ji_model_property(model, "write.metadata.metrics.default") != NULL)
        work.inferred_max = UINT64_MAX; /* said outright, it holds for every column */
    JI_TRY(read_mode(model, "write.metadata.metrics.default", &work.standard, err));
    for (size_t i = 0; i < columns->column_count; i++)
        JI_TRY(configure(&work, &columns->columns[i], columns->columns[i].name, err));
    *config = made;
    return JOIST_OK;
}

static uint32_t decode_code_point(const uint8_t *bytes, size_t size)
{
    if (size == 1)
        return bytes[0];
    uint32_t made = bytes[0] & (0xFFu >> (size + 1));
    for (size_t i = 1; i < size; i++)
        made = made << 6 | (bytes[i] & 0x3Fu);
    return made;
}

static size_t encode_code_point(uint32_t code, uint8_t bytes[4])
{
    const size_t size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (size == 1) {
        bytes[0] = (uint8_t)code;
        return 1;
    }
    for (size_t i = size; i > 1; i--) {
        bytes[i - 1] = (uint8_t)(0x80 | (code & 0x3F));
        code >>= 6;
    }
    bytes[0] = (uint8_t)((0xF00u >> size) | code);
    return size;
}

/* Raises the last code point that can be; what follows it goes. `bytes` has room for 4 more than `*size`. */
static bool raise_text(uint8_t *bytes, size_t *size)
{
    size_t end = *size;
    while (end > 0) {
        size_t start = end - 1;
        while (start > 0 && (bytes[start] & 0xC0) == 0x80)
            start--;
        uint32_t code = decode_code_point(bytes + start, end - start) + 1;
        if (code == SURROGATE_FIRST)
            code = SURROGATE_END;
        if (code <= CODE_POINT_MAX) {
            *size = start + encode_code_point(code, bytes + start);
            return true;
        }
        end = start;
    }
    return false;
}

static bool raise_bytes(uint8_t *bytes, size_t *size)
{
    for (size_t end = *size; end > 0; end--) {
        if (bytes[end - 1] == 0xFF)
            continue;
        bytes[end - 1]++;
        *size = end;
        return true;
    }
    return false;
}

enum joist_status ji_bound_cut(struct ji_arena *arena, const struct ji_field *field, struct ji_view bound,
        uint32_t length, bool upper, struct ji_view *cut, struct joist_error *err)
{
    size_t size =
            field->kind == JI_STRING ? ji_utf8_bytes_of(bound, length) : ji_min_size(bound.size, length);
    uint8_t *bytes = NULL;
    const bool whole = size == bound.size;
    JI_TRY(ji_arena_alloc(arena, size + 4, &bytes, err));
    if (size > 0)
        memcpy(bytes, bound.data, size);
    if (upper && !whole && !(field->kind == JI_STRING ? raise_text(bytes, &size) : raise_bytes(bytes, &size)))
        bytes = NULL;
    *cut = ji_view_of(bytes, bytes != NULL ? size : 0);
    return JOIST_OK;
}

static enum joist_status add_bound(struct ji_arena *arena, const struct ji_metrics_mode *mode,
        const struct ji_field *field, struct ji_value value, bool upper, struct ji_id_bounds *bounds,
        struct joist_error *err)
{
    uint8_t room[JI_SINGLE_VALUE_BYTES_MAX];
    struct ji_view bytes;
    if ((field->kind == JI_FLOAT || field->kind == JI_DOUBLE) && value.as.real == 0)
        value.as.real = upper ? 0.0 : -0.0;
    const struct ji_view encoded = ji_single_value_encode(field, &value, room);
    if (encoded.data == NULL)
        return JOIST_OK;
    if (mode->kind == JI_METRICS_TRUNCATE && ji_kind_is_view(field->kind))
        JI_TRY(ji_bound_cut(arena, field, encoded, mode->length, upper, &bytes, err));
    else
        JI_TRY(ji_arena_view(arena, encoded, &bytes, err));
    if (bytes.data == NULL)
        return JOIST_OK;
    bounds->items[bounds->size++] = (struct ji_id_bytes){.id = field->field_id, .bytes = bytes};
    return JOIST_OK;
}

static void add_count(struct ji_id_counts *counts, int32_t id, uint64_t count)
{
    counts->items[counts->size++] =
            (struct ji_id_count){.id = id, .count = (int64_t)ji_min_u64(count, INT64_MAX)};
}

static enum joist_status room_for(
        struct ji_arena *arena, size_t leaves, struct ji_data_file *file, struct joist_error *err)
{
    struct ji_id_counts *counts[] = {
            &file->column_sizes, &file->value_counts, &file->null_counts, &file->nan_counts};
    struct ji_id_bounds *bounds[] = {&file->lower_bounds, &file->upper_bounds};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        counts[i]->present = true;
        counts[i]->size = 0;
        JI_TRY(ji_arena_array(arena, leaves, sizeof *counts[i]->items, &counts[i]->items, err));
    }
    for (size_t i = 0; i < sizeof bounds / sizeof bounds[0]; i++) {
        bounds[i]->present = true;
        bounds[i]->size = 0;
        JI_TRY(ji_arena_array(arena, leaves, sizeof *bounds[i]->items, &bounds[i]->items, err));
    }
    return JOIST_OK;
}

static const struct ji_metrics_mode *mode_of(const struct ji_metrics_config *config, size_t leaf, int32_t id)
{
    if (leaf < config->count && config->modes[leaf].field_id == id)
        return &config->modes[leaf];
    for (size_t i = 0; i < config->count; i++) {
        if (config->modes[i].field_id == id)
            return &config->modes[i];
    }
    return NULL;
}

enum joist_status ji_column_metrics(struct ji_arena *arena, const struct ji_metrics_config *config,
        const struct ji_file_facts *facts, struct ji_data_file *file, struct joist_error *err)
{
    JI_TRY(room_for(arena, facts->leaf_count, file, err));
    for (size_t i = 0; i < facts->leaf_count; i++) {
        const struct ji_leaf_facts *leaf = &facts->leaves[i];
        const int32_t id = leaf->field->field_id;
        const struct ji_metrics_mode *mode = mode_of(config, i, id);
        if (mode == NULL)
            continue;
        add_count(&file->column_sizes, id, leaf->compressed_bytes);
        if (mode->kind == JI_METRICS_NONE)
            continue;
        add_count(&file->value_counts, id, leaf->value_count);
        if (leaf->facts.has_null_count)
            add_count(&file->null_counts, id, leaf->facts.null_count);
        if (leaf->facts.has_nan_count)
            add_count(&file->nan_counts, id, leaf->facts.nan_count);
        if (mode->kind == JI_METRICS_COUNTS)
            continue;
        if (leaf->facts.has_min)
            JI_TRY(add_bound(arena, mode, leaf->field, leaf->facts.min, false, &file->lower_bounds, err));
        if (leaf->facts.has_max)
            JI_TRY(add_bound(arena, mode, leaf->field, leaf->facts.max, true, &file->upper_bounds, err));
    }
    file->split_count = facts->group_count;
    JI_TRY(ji_arena_array(arena, facts->group_count, sizeof *file->splits, &file->splits, err));
    for (size_t i = 0; i < facts->group_count; i++)
        file->splits[i] = (int64_t)facts->group_offsets[i];
    return JOIST_OK;
}

const struct ji_id_bytes *ji_bounds_find(const struct ji_id_bounds *bounds, int32_t field_id)
{
    for (size_t i = 0; i < bounds->size; i++) {
        if (bounds->items[i].id == field_id)
            return &bounds->items[i];
    }
    return NULL;
}

const struct ji_id_count *ji_counts_find(const struct ji_id_counts *counts, int32_t field_id)
{
    for (size_t i = 0; i < counts->size; i++) {
        if (counts->items[i].id == field_id)
            return &counts->items[i];
    }
    return NULL;
}
