/*
 * schema_export.c - makes an ArrowSchema
 *
 * One home for the tree (export_home.h). Metadata is Arrow's binary form: int32 pairs, then each key and
 * value with its int32 length, in host order.
 */
#include "arrow/array_shape.h"
#include "arrow/arrow_schema.h"
#include "arrow/export_home.h"

#include <assert.h>

#define EXTENSION_NAME "ARROW:extension:name"
#define EXTENSION_METADATA "ARROW:extension:metadata"
#define FIELD_ID_KEY "PARQUET:field_id"
#define ANNOTATION_KEY "PARQUET:logical_type"

static void release_schema(struct ArrowSchema *schema)
{
    struct ji_export_home *home = schema->private_data;
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (schema->children[i]->release != NULL)
            schema->children[i]->release(schema->children[i]);
    }
    if (schema->dictionary != NULL && schema->dictionary->release != NULL)
        schema->dictionary->release(schema->dictionary);
    schema->release = NULL;
    ji_export_home_release(home);
}

static enum joist_status time_format(
        struct ji_arena *arena, const struct ji_field *field, const char **format, struct joist_error *err)
{
    static const char *const times[] = {"tts", "ttm", "ttu", "ttn"};
    static const char units[] = "smun";
    if (field->kind == JI_TIME) {
        *format = times[field->unit];
        return JOIST_OK;
    }
    const char *zone = "";
    if (field->utc)
        zone = field->zone != NULL ? field->zone : "UTC";
    return ji_arena_printf(arena, format, err, "ts%c:%s", units[field->unit], zone);
}

/* What the shape says otherwise than the kind; NULL where it says nothing. */
static enum joist_status shaped_format(struct ji_arena *arena, const struct ji_field *field,
        const struct ji_array_shape *shape, const char **format, struct joist_error *err)
{
    static const char *const durations[] = {"tDs", "tDm", "tDu", "tDn"};
    const bool is_text = field->kind == JI_STRING;
    *format = NULL;
    switch (shape->layout) {
    case JI_LAYOUT_OFFSETS64:
        *format = is_text ? "U" : "Z";
        return JOIST_OK;
    case JI_LAYOUT_VIEWS:
        *format = is_text ? "vu" : "vz";
        return JOIST_OK;
    case JI_LAYOUT_LIST64:
        *format = "+L";
        return JOIST_OK;
    case JI_LAYOUT_LIST_VIEW32:
        *format = "+vl";
        return JOIST_OK;
    case JI_LAYOUT_LIST_VIEW64:
        *format = "+vL";
        return JOIST_OK;
    case JI_LAYOUT_LIST_FIXED:
        return ji_arena_printf(arena, format, err, "+w:%" PRId32, shape->list_size);
    case JI_LAYOUT_DATE64:
        *format = "tdm";
        return JOIST_OK;
    case JI_LAYOUT_DURATION:
        *format = durations[shape->unit];
        return JOIST_OK;
    case JI_LAYOUT_DECIMAL:
        if (shape->bits == 128)
            return JOIST_OK;
        return ji_arena_printf(arena, format, err, "d:%u,%d,%u", (unsigned)field->precision,
                (int)field->scale, (unsigned)shape->bits);
    default:
        return JOIST_OK;
    }
}

static enum joist_status format_of(struct ji_arena *arena, const struct ji_field *field,
        const struct ji_array_shape *shape, const char **format, struct joist_error *err)
{
    static const char *const formats[JI_KIND_COUNT] = {[JI_NULL] = "n",
            [JI_BOOL] = "b",
            [JI_INT8] = "c",
            [JI_INT16] = "s",
            [JI_INT32] = "i",
            [JI_INT64] = "l",
            [JI_UINT8] = "C",
            [JI_UINT16] = "S",
            [JI_UINT32] = "I",
            [JI_UINT64] = "L",
            [JI_FLOAT16] = "e",
            [JI_FLOAT] = "f",
            [JI_DOUBLE] = "g",
            [JI_DATE] = "tdD",
            [JI_INTERVAL] = "tin",
            [JI_STRING] = "u",
            [JI_BINARY] = "z",
            [JI_LIST] = "+l",
            [JI_MAP] = "+m",
            [JI_STRUCT] = "+s"};
    if (shape != NULL) {
        JI_TRY(shaped_format(arena, field, shape, format, err));
        if (*format != NULL)
            return JOIST_OK;
    }
    if (field->kind == JI_TIME || field->kind == JI_TIMESTAMP)
        return time_format(arena, field, format, err);
    if (field->kind == JI_DECIMAL)
        return ji_arena_printf(arena, format, err, "d:%u,%d", (unsigned)field->precision, (int)field->scale);
    if (field->kind == JI_WIDE_DECIMAL)
        return ji_arena_printf(
                arena, format, err, "d:%u,%d,256", (unsigned)field->precision, (int)field->scale);
    if (field->kind == JI_FIXED || field->kind == JI_UUID)
        return ji_arena_printf(arena, format, err, "w:%" PRIu32, field->fixed_bytes);
    *format = formats[field->kind];
    return JOIST_OK;
}

/* --- metadata --- */

/* Pairs of a field's metadata on their way into one run of bytes. */
struct pairs {
    int32_t count;
    size_t size;
    char *bytes; /* NULL: only counted */
};

static void put_view(struct pairs *pairs, struct ji_view text)
{
    const int32_t length = (int32_t)text.size;
    if (pairs->bytes != NULL) {
        memcpy(pairs->bytes + pairs->size, &length, sizeof length);
        if (text.size > 0)
            memcpy(pairs->bytes + pairs->size + sizeof length, text.data, text.size);
    }
    pairs->size += sizeof length + text.size;
}

static void put_pair(struct pairs *pairs, const char *key, const char *value)
{
    put_view(pairs, ji_view_of_text(key));
    put_view(pairs, ji_view_of_text(value));
    pairs->count++;
}

static void put_words(struct pairs *pairs, const struct ji_field *field, const char *field_id)
{
    const char *extension = field->kind == JI_UUID ? "arrow.uuid" : field->extension_name;
    pairs->size = sizeof pairs->count;
    pairs->count = 0;
    if (field_id != NULL)
        put_pair(pairs, FIELD_ID_KEY, field_id);
    if (field->annotation != JI_ANNOTATION_NONE)
        put_pair(pairs, ANNOTATION_KEY, ji_annotation_name(field->annotation));
    if (extension != NULL)
        put_pair(pairs, EXTENSION_NAME, extension);
    if (extension != NULL && field->extension_metadata != NULL)
        put_pair(pairs, EXTENSION_METADATA, field->extension_metadata);
    for (size_t i = 0; i < field->metadata_count; i++) {
        put_view(pairs, field->metadata[2 * i]);
        put_view(pairs, field->metadata[2 * i + 1]);
        pairs->count++;
    }
}

static enum joist_status metadata_of(
        struct ji_arena *arena, const struct ji_field *field, const char **metadata, struct joist_error *err)
{
    const char *field_id = NULL;
    struct pairs pairs = {.bytes = NULL};
    *metadata = NULL;
    if (field->field_id >= 0)
        JI_TRY(ji_arena_printf(arena, &field_id, err, "%" PRId32, field->field_id));
    put_words(&pairs, field, field_id);
    if (pairs.count == 0)
        return JOIST_OK;
    const size_t size = pairs.size;
    JI_TRY(ji_arena_alloc(arena, size, &pairs.bytes, err));
    put_words(&pairs, field, field_id);
    assert(pairs.size == size);
    memcpy(pairs.bytes, &pairs.count, sizeof pairs.count);
    *metadata = pairs.bytes;
    return JOIST_OK;
}

/* --- the tree --- */

static enum joist_status fill_schema(struct ji_export_home *home, const struct ji_field *field,
        const struct ji_array_shape *shape, struct ArrowSchema *out, struct joist_error *err);

static enum joist_status fill_children(struct ji_export_home *home, const struct ji_field *fields,
        size_t count, const struct ji_array_shape *shape, struct ArrowSchema *out, struct joist_error *err)
{
    struct ArrowSchema *children;
    JI_TRY(ji_arena_array(&home->arena, count, sizeof *children, &children, err));
    JI_TRY(ji_arena_array(&home->arena, count, sizeof *out->children, &out->children, err));
    for (size_t i = 0; i < count; i++) {
        out->children[i] = &children[i];
        JI_TRY(fill_schema(home, &fields[i], shape == NULL ? NULL : &shape->children[i], &children[i], err));
    }
    out->n_children = (int64_t)count;
    return JOIST_OK;
}

/* Codes outside, the values' type inside. */
static enum joist_status fill_dictionary(struct ji_export_home *home, const struct ji_field *field,
        const struct ji_array_shape *shape, struct ArrowSchema *out, struct joist_error *err)
{
    struct ArrowSchema *values;
    const struct ji_field code = {.name = "", .kind = shape->code_kind};
    JI_TRY(ji_arena_array(&home->arena, 1, sizeof *values, &values, err));
    *values = (struct ArrowSchema){.format = out->format, .name = "", .flags = ARROW_FLAG_NULLABLE};
    out->dictionary = values;
    if (field->child_count > 0)
        JI_TRY(fill_children(home, field->children, field->child_count, shape, values, err));
    if (shape->is_ordered)
        out->flags |= ARROW_FLAG_DICTIONARY_ORDERED;
    return format_of(&home->arena, &code, NULL, &out->format, err);
}

/* Nodes get their release last of all, in `adopt`: until then the home alone owns everything. */
static enum joist_status fill_schema(struct ji_export_home *home, const struct ji_field *field,
        const struct ji_array_shape *shape, struct ArrowSchema *out, struct joist_error *err)
{
    *out = (struct ArrowSchema){.flags = field->nullable ? ARROW_FLAG_NULLABLE : 0};
    JI_TRY(format_of(&home->arena, field, shape, &out->format, err));
    JI_TRY(ji_arena_text(&home->arena, ji_view_of_text(field->name), &out->name, err));
    JI_TRY(metadata_of(&home->arena, field, &out->metadata, err));
    if (shape != NULL && shape->is_dictionary)
        return fill_dictionary(home, field, shape, out, err);
    if (shape != NULL && field->kind == JI_MAP && shape->is_ordered)
        out->flags |= ARROW_FLAG_MAP_KEYS_SORTED;
    if (field->child_count == 0)
        return JOIST_OK;
    return fill_children(home, field->children, field->child_count, shape, out, err);
}

static void adopt(struct ji_export_home *home, struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++)
        adopt(home, schema->children[i]);
    if (schema->dictionary != NULL)
        adopt(home, schema->dictionary);
    ji_export_home_retain(home);
    schema->private_data = home;
    schema->release = release_schema;
}

static enum joist_status export_schema(struct ji_mem *mem, struct joist_ctx *ctx,
        const struct ji_schema *schema, const struct ji_array_shape *shape, struct ArrowSchema *out,
        struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_export_home *home;
    struct ArrowSchema made = {.format = "+s", .name = ""};
    JI_TRY(ji_export_home_open(mem, ctx, &home, err));
    const struct ji_field root = {.name = "",
            .kind = JI_STRUCT,
            .field_id = JI_FIELD_ID_NONE,
            .metadata = schema->metadata,
            .metadata_count = schema->metadata_count};
    JI_TRY_OUT(metadata_of(&home->arena, &root, &made.metadata, err));
    JI_TRY_OUT(fill_children(home, schema->columns, schema->column_count, shape, &made, err));
    adopt(home, &made);
    *out = made;
out:
    ji_export_home_release(home);
    return status;
}

enum joist_status ji_schema_export(
        struct ji_mem *mem, const struct ji_schema *schema, struct ArrowSchema *out, struct joist_error *err)
{
    return export_schema(mem, NULL, schema, NULL, out, err);
}

enum joist_status ji_schema_hand_out(struct joist_ctx *ctx, const struct ji_schema *schema,
        struct ArrowSchema *out, struct joist_error *err)
{
    return export_schema(ji_ctx_exported(ctx), ctx, schema, NULL, out, err);
}

enum joist_status ji_shaped_schema_hand_out(struct joist_ctx *ctx, const struct ji_schema *schema,
        const struct ji_array_shape *shape, struct ArrowSchema *out, struct joist_error *err)
{
    return export_schema(ji_ctx_exported(ctx), ctx, schema, shape, out, err);
}
