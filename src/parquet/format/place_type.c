/*
 * place_type.c - a reference system and the way of edges as GeoArrow's JSON
 *
 *     absent or empty        "OGC:CRS84"         authority_code: the default of Parquet, not of GeoArrow
 *     srid:N                 "N"                 srid
 *     projjson:KEY           the object of KEY   projjson, where the file has the key and it is JSON
 *     { ... }                the object itself   projjson
 *     anything else          as it stands        no crs_type
 */
#include "parquet/format/place_type.h"

#include "wire/json_read.h"
#include "wire/json_write.h"

static bool starts_with(struct ji_view text, const char *prefix, struct ji_view *rest)
{
    const size_t size = strlen(prefix);
    if (text.size < size || memcmp(text.data, prefix, size) != 0)
        return false;
    *rest = ji_view_of(text.data + size, text.size - size);
    return true;
}

/* Whether the bytes are one JSON object, and so may stand in another. */
static bool is_object(struct ji_arena *arena, struct ji_view text)
{
    struct ji_json_reader reader;
    struct joist_error err;
    if (text.size == 0 || text.data[0] != '{')
        return false;
    ji_json_reader_init(&reader, text, arena);
    return ji_json_skip(&reader, &err) == JOIST_OK && ji_json_end(&reader, &err) == JOIST_OK;
}

static struct ji_view value_of(
        const struct ji_key_value *key_values, size_t key_value_count, struct ji_view key)
{
    for (size_t i = 0; i < key_value_count; i++) {
        if (ji_view_equal(key_values[i].key, key))
            return key_values[i].value;
    }
    return ji_view_of("", 0);
}

static enum joist_status put_crs(struct ji_arena *arena, struct ji_view crs,
        const struct ji_key_value *key_values, size_t key_value_count, struct ji_bytes *out,
        struct joist_error *err)
{
    struct ji_view rest;
    if (crs.size == 0)
        return ji_bytes_append_text(out, "\"crs\":\"OGC:CRS84\",\"crs_type\":\"authority_code\"", err);
    struct ji_view object = crs;
    if (starts_with(crs, "projjson:", &rest))
        object = value_of(key_values, key_value_count, rest);
    JI_TRY(ji_bytes_append_text(out, "\"crs\":", err));
    if (is_object(arena, object)) {
        JI_TRY(ji_bytes_append(out, object.data, object.size, err));
        return ji_bytes_append_text(out, ",\"crs_type\":\"projjson\"", err);
    }
    if (starts_with(crs, "srid:", &rest)) {
        JI_TRY(ji_json_append_string(out, rest, err));
        return ji_bytes_append_text(out, ",\"crs_type\":\"srid\"", err);
    }
    return ji_json_append_string(out, crs, err);
}

static enum joist_status put_metadata(struct ji_arena *arena, const struct ji_logical_type *logical,
        const struct ji_key_value *key_values, size_t key_value_count, struct ji_bytes *out,
        struct joist_error *err)
{
    static const char *const edges[] = {"spherical", "vincenty", "thomas", "andoyer", "karney"};
    JI_TRY(ji_bytes_append_byte(out, '{', err));
    JI_TRY(put_crs(arena, logical->crs, key_values, key_value_count, out, err));
    if (logical->kind == JI_LOGICAL_GEOGRAPHY) {
        const size_t number = (size_t)(unsigned)logical->edges;
        if (number >= sizeof edges / sizeof edges[0])
            return ji_fail(err, JOIST_ERR_UNSUPPORTED, "edge algorithm %d of GEOGRAPHY", (int)logical->edges);
        JI_TRY(ji_bytes_printf(out, err, ",\"edges\":\"%s\"", edges[number]));
    }
    return ji_bytes_append_byte(out, '}', err);
}

enum joist_status ji_place_extension(struct ji_arena *arena, const struct ji_logical_type *logical,
        const struct ji_key_value *key_values, size_t key_value_count, struct ji_field *field,
        struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_bytes text;
    ji_bytes_init(&text, arena->mem);
    JI_TRY_OUT(put_metadata(arena, logical, key_values, key_value_count, &text, err));
    JI_TRY_OUT(ji_arena_text(arena, ji_view_of(text.data, text.size), &field->extension_metadata, err));
    field->extension_name = "geoarrow.wkb";
out:
    ji_bytes_clear(&text);
    return status;
}
