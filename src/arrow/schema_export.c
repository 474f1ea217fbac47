/*
 * schema_export.c - makes an ArrowSchema
 *
 * One home for the tree (export_home.h). Metadata is Arrow's binary form: int32 pairs, then each key and
 * value with its int32 length, in host order.
 */
#include "arrow/arrow_schema.h"
#include "arrow/export_home.h"

#include <assert.h>

#define METADATA_BYTES_MAX 128
#define EXTENSION_NAME "ARROW:extension:name"
#define FIELD_ID_KEY "PARQUET:field_id"

static void release_schema(struct ArrowSchema *schema)
{
    struct ji_export_home *home = schema->private_data;
    for (int64_t i = 0; i < schema->n_children; i++) {
        if (schema->children[i]->release != NULL)
            schema->children[i]->release(schema->children[i]);
    }
    schema->release = NULL;
    ji_export_home_release(home);
}

static const char *time_format(const struct ji_field *field)
{
    static const char *const times[] = {"tts", "ttm", "ttu", "ttn"};
    static const char *const local[] = {"tss:", "tsm:", "tsu:", "tsn:"};
    static const char *const instants[] = {"tss:UTC", "tsm:UTC", "tsu:UTC", "tsn:UTC"};
    if (field->kind == JI_TIME)
        return times[field->unit];
    return field->utc ? instants[field->unit] : local[field->unit];
}

static enum joist_status format_of(
        struct ji_arena *arena, const struct ji_field *field, const char **format, struct joist_error *err)
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
            [JI_STRING] = "u",
            [JI_BINARY] = "z",
            [JI_LIST] = "+l",
            [JI_MAP] = "+m",
            [JI_STRUCT] = "+s"};
    if (field->kind == JI_TIME || field->kind == JI_TIMESTAMP) {
        *format = time_format(field);
        return JOIST_OK;
    }
    if (field->kind == JI_DECIMAL)
        return ji_arena_printf(arena, format, err, "d:%u,%d", (unsigned)field->precision, (int)field->scale);
    if (field->kind == JI_FIXED || field->kind == JI_UUID)
        return ji_arena_printf(arena, format, err, "w:%" PRIu32, field->fixed_bytes);
    *format = formats[field->kind];
    return JOIST_OK;
}

static size_t put_text(char *to, size_t at, const char *text)
{
    const size_t size = strlen(text);
    const int32_t length = (int32_t)size;
    memcpy(to + at, &length, sizeof length);
    memcpy(to + at + sizeof length, text, size);
    return at + sizeof length + size;
}

static const char *extension_of(const struct ji_field *field)
{
    return field->kind == JI_UUID ? "arrow.uuid" : field->extension_name;
}

/* The field id and the extension's name: at most 2 pairs. */
static enum joist_status metadata_of(
        struct ji_arena *arena, const struct ji_field *field, const char **metadata, struct joist_error *err)
{
    const char *const extension = extension_of(field);
    const int32_t pairs = (field->field_id >= 0) + (extension != NULL);
    *metadata = NULL;
    if (pairs == 0)
        return JOIST_OK;
    char *bytes;
    const size_t room = METADATA_BYTES_MAX + (extension != NULL ? strlen(extension) : 0);
    JI_TRY(ji_arena_alloc(arena, room, &bytes, err));
    memcpy(bytes, &pairs, sizeof pairs);
    size_t size = sizeof pairs;
    if (field->field_id >= 0) {
        const char *text;
        JI_TRY(ji_arena_printf(arena, &text, err, "%" PRId32, field->field_id));
        size = put_text(bytes, size, FIELD_ID_KEY);
        size = put_text(bytes, size, text);
    }
    if (extension != NULL) {
        size = put_text(bytes, size, EXTENSION_NAME);
        size = put_text(bytes, size, extension);
    }
    assert(size <= room);
    *metadata = bytes;
    return JOIST_OK;
}

static enum joist_status fill_schema(struct ji_export_home *home, const struct ji_field *field,
        struct ArrowSchema *out, struct joist_error *err);

static enum joist_status fill_children(struct ji_export_home *home, const struct ji_field *fields,
        size_t count, struct ArrowSchema *out, struct joist_error *err)
{
    struct ArrowSchema *children;
    JI_TRY(ji_arena_array(&home->arena, count, sizeof *children, &children, err));
    JI_TRY(ji_arena_array(&home->arena, count, sizeof *out->children, &out->children, err));
    for (size_t i = 0; i < count; i++) {
        out->children[i] = &children[i];
        JI_TRY(fill_schema(home, &fields[i], &children[i], err));
    }
    out->n_children = (int64_t)count;
    return JOIST_OK;
}

/* Nodes get their release last of all, in `adopt`: until then the home alone owns everything. */
static enum joist_status fill_schema(struct ji_export_home *home, const struct ji_field *field,
        struct ArrowSchema *out, struct joist_error *err)
{
    *out = (struct ArrowSchema){.flags = field->nullable ? ARROW_FLAG_NULLABLE : 0};
    JI_TRY(format_of(&home->arena, field, &out->format, err));
    JI_TRY(ji_arena_text(&home->arena, ji_view_of_text(field->name), &out->name, err));
    JI_TRY(metadata_of(&home->arena, field, &out->metadata, err));
    if (field->child_count == 0)
        return JOIST_OK;
    return fill_children(home, field->children, field->child_count, out, err);
}

static void adopt(struct ji_export_home *home, struct ArrowSchema *schema)
{
    for (int64_t i = 0; i < schema->n_children; i++)
        adopt(home, schema->children[i]);
    ji_export_home_retain(home);
    schema->private_data = home;
    schema->release = release_schema;
}

static enum joist_status export_schema(struct ji_mem *mem, struct joist_ctx *ctx,
        const struct ji_schema *schema, struct ArrowSchema *out, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_export_home *home;
    struct ArrowSchema made = {.format = "+s", .name = ""};
    JI_TRY(ji_export_home_open(mem, ctx, &home, err));
    JI_TRY_OUT(fill_children(home, schema->columns, schema->column_count, &made, err));
    adopt(home, &made);
    *out = made;
out:
    ji_export_home_release(home);
    return status;
}

enum joist_status ji_schema_export(
        struct ji_mem *mem, const struct ji_schema *schema, struct ArrowSchema *out, struct joist_error *err)
{
    return export_schema(mem, NULL, schema, out, err);
}

enum joist_status ji_schema_hand_out(struct joist_ctx *ctx, const struct ji_schema *schema,
        struct ArrowSchema *out, struct joist_error *err)
{
    return export_schema(ji_ctx_exported(ctx), ctx, schema, out, err);
}
