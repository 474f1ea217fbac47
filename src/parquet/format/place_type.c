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

static const char *const edge_names[] = {"spherical", "vincenty", "thomas", "andoyer", "karney"};

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
    JI_TRY(ji_bytes_append_byte(out, '{', err));
    JI_TRY(put_crs(arena, logical->crs, key_values, key_value_count, out, err));
    if (logical->kind == JI_LOGICAL_GEOGRAPHY) {
        const size_t number = (size_t)(unsigned)logical->edges;
        if (number >= sizeof edge_names / sizeof edge_names[0])
            return ji_fail(err, JOIST_ERR_UNSUPPORTED, "edge algorithm %d of GEOGRAPHY", (int)logical->edges);
        JI_TRY(ji_bytes_printf(out, err, ",\"edges\":\"%s\"", edge_names[number]));
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

/* --- the way back --- */

/* What the metadata says, as it stands there. */
struct place_words {
    bool has_crs;
    bool crs_is_text;
    struct ji_view crs; /* a text without quotes, or the bytes of an object */
    struct ji_view crs_type;
    struct ji_view edges;
};

static enum joist_status read_crs(
        struct ji_json_reader *json, struct place_words *words, struct joist_error *err)
{
    struct ji_json_reader look = *json;
    struct ji_json_token token;
    JI_TRY(ji_json_next(&look, &token, err));
    if (token.kind == JI_JSON_STRING) {
        words->has_crs = words->crs_is_text = true;
        return ji_json_string(json, &words->crs, err);
    }
    JI_TRY(ji_json_skip(json, err));
    words->has_crs = token.kind == JI_JSON_OBJECT;
    const uint8_t *begin = json->begin + token.at;
    words->crs = ji_view_of(begin, (size_t)(json->at - begin));
    return JOIST_OK;
}

static enum joist_status read_words(
        struct ji_json_reader *json, struct place_words *words, struct joist_error *err)
{
    struct ji_view key;
    bool more = true;
    JI_TRY(ji_json_begin_object(json, err));
    for (;;) {
        JI_TRY(ji_json_next_key(json, &key, &more, err));
        if (!more)
            return ji_json_end(json, err);
        if (ji_view_equal_text(key, "crs"))
            JI_TRY(read_crs(json, words, err));
        else if (ji_view_equal_text(key, "crs_type"))
            JI_TRY(ji_json_string(json, &words->crs_type, err));
        else if (ji_view_equal_text(key, "edges"))
            JI_TRY(ji_json_string(json, &words->edges, err));
        else
            JI_TRY(ji_json_skip(json, err));
    }
}

/* The key of the pair that has the object as its value, where there is one; size 0 where not. */
static struct ji_view key_of(const struct ji_schema *schema, struct ji_view object)
{
    for (size_t i = 0; i < schema->metadata_count; i++)
        if (ji_view_equal(schema->metadata[2 * i + 1], object))
            return schema->metadata[2 * i];
    return ji_view_of(NULL, 0);
}

static enum joist_status take_crs(struct ji_arena *arena, const struct place_words *words,
        const struct ji_schema *schema, struct ji_logical_type *logical, struct joist_error *err)
{
    const char *text = NULL;
    if (!words->has_crs) {
        logical->crs = ji_view_of_text("srid:0");
        return JOIST_OK;
    }
    if (words->crs_is_text && ji_view_equal_text(words->crs, "OGC:CRS84"))
        return JOIST_OK; /* the default, which is not written */
    const struct ji_view key = words->crs_is_text ? ji_view_of(NULL, 0) : key_of(schema, words->crs);
    if (key.size > 0 && key.size <= INT32_MAX) {
        JI_TRY(ji_arena_printf(arena, &text, err, "projjson:%.*s", (int)key.size, (const char *)key.data));
        logical->crs = ji_view_of_text(text);
        return JOIST_OK;
    }
    const bool is_srid = words->crs_is_text && ji_view_equal_text(words->crs_type, "srid");
    JI_TRY(ji_arena_printf(arena, &text, err, "%s%.*s", is_srid ? "srid:" : "", (int)words->crs.size,
            (const char *)words->crs.data));
    logical->crs = ji_view_of_text(text);
    return JOIST_OK;
}

static enum joist_status take_edges(
        struct ji_view edges, struct ji_logical_type *logical, struct joist_error *err)
{
    if (edges.size == 0 || ji_view_equal_text(edges, "planar"))
        return JOIST_OK;
    for (size_t i = 0; i < sizeof edge_names / sizeof edge_names[0]; i++) {
        if (ji_view_equal_text(edges, edge_names[i])) {
            logical->kind = JI_LOGICAL_GEOGRAPHY;
            logical->edges = (enum ji_edges)i;
            return JOIST_OK;
        }
    }
    return ji_fail(err, JOIST_ERR_UNSUPPORTED, "geoarrow.wkb with edges '%.*s'",
            (int)ji_min_size(edges.size, 40), (const char *)edges.data);
}

enum joist_status ji_place_logical(struct ji_arena *arena, const struct ji_field *field,
        const struct ji_schema *schema, struct ji_logical_type *logical, struct joist_error *err)
{
    struct ji_logical_type made = {.kind = JI_LOGICAL_GEOMETRY};
    struct place_words words = {.has_crs = false};
    const char *metadata = field->extension_metadata;
    if (metadata != NULL && metadata[0] != '\0') {
        struct ji_json_reader json;
        ji_json_reader_init(&json, ji_view_of_text(metadata), arena);
        json.fault = JOIST_ERR_INVALID;
        const enum joist_status status = read_words(&json, &words, err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "geoarrow.wkb's metadata");
            return status;
        }
    }
    if (words.crs.size > INT32_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "a reference system of %zu bytes", words.crs.size);
    JI_TRY(take_crs(arena, &words, schema, &made, err));
    JI_TRY(take_edges(words.edges, &made, err));
    *logical = made;
    return JOIST_OK;
}
