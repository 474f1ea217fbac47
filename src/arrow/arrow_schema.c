/*
 * arrow_schema.c - reads an ArrowSchema that a stranger made
 *
 *   1. Every count is checked before what it counts is touched; depth and number of fields have limits.
 *   2. Names and metadata are UTF-8 and copied: nothing of the schema is needed afterwards.
 *   3. What a type lacks here is UNSUPPORTED and named; what breaks Arrow's own rules is INVALID.
 *
 * The C data interface carries no lengths for `format`, `name` and `metadata`: that they end is the
 * stranger's promise, which nobody can check.
 */
#include "arrow/arrow_schema.h"

#include "arrow/array_shape.h"
#include "kernel/utf8.h"

#include <assert.h>

#define FORMAT_BYTES_MAX 4096
#define NAME_BYTES_MAX ((size_t)64 << 10)
#define METADATA_PAIRS_MAX 10000
#define METADATA_BYTES_MAX (16 << 20)
#define UUID_BYTES 16

struct importer {
    struct ji_arena *arena;
    struct joist_error *err;
    size_t field_count;
};

struct simple_format {
    char format[4];
    enum ji_kind kind;
    enum ji_unit unit;
    enum ji_layout layout;
};

static const struct simple_format simple_formats[] = {
        {"n", JI_NULL, JI_SECOND, JI_LAYOUT_NULL},
        {"b", JI_BOOL, JI_SECOND, JI_LAYOUT_BITS},
        {"c", JI_INT8, JI_SECOND, JI_LAYOUT_SAME},
        {"s", JI_INT16, JI_SECOND, JI_LAYOUT_SAME},
        {"i", JI_INT32, JI_SECOND, JI_LAYOUT_SAME},
        {"l", JI_INT64, JI_SECOND, JI_LAYOUT_SAME},
        {"C", JI_UINT8, JI_SECOND, JI_LAYOUT_SAME},
        {"S", JI_UINT16, JI_SECOND, JI_LAYOUT_SAME},
        {"I", JI_UINT32, JI_SECOND, JI_LAYOUT_SAME},
        {"L", JI_UINT64, JI_SECOND, JI_LAYOUT_SAME},
        {"e", JI_FLOAT16, JI_SECOND, JI_LAYOUT_SAME},
        {"f", JI_FLOAT, JI_SECOND, JI_LAYOUT_SAME},
        {"g", JI_DOUBLE, JI_SECOND, JI_LAYOUT_SAME},
        {"u", JI_STRING, JI_SECOND, JI_LAYOUT_OFFSETS32},
        {"U", JI_STRING, JI_SECOND, JI_LAYOUT_OFFSETS64},
        {"vu", JI_STRING, JI_SECOND, JI_LAYOUT_VIEWS},
        {"z", JI_BINARY, JI_SECOND, JI_LAYOUT_OFFSETS32},
        {"Z", JI_BINARY, JI_SECOND, JI_LAYOUT_OFFSETS64},
        {"vz", JI_BINARY, JI_SECOND, JI_LAYOUT_VIEWS},
        {"tdD", JI_DATE, JI_SECOND, JI_LAYOUT_SAME},
        {"tdm", JI_DATE, JI_SECOND, JI_LAYOUT_DATE64},
        {"tts", JI_TIME, JI_SECOND, JI_LAYOUT_TIME32},
        {"ttm", JI_TIME, JI_MILLI, JI_LAYOUT_TIME32},
        {"ttu", JI_TIME, JI_MICRO, JI_LAYOUT_SAME},
        {"ttn", JI_TIME, JI_NANO, JI_LAYOUT_SAME},
        {"tDs", JI_INT64, JI_SECOND, JI_LAYOUT_DURATION},
        {"tDm", JI_INT64, JI_MILLI, JI_LAYOUT_DURATION},
        {"tDu", JI_INT64, JI_MICRO, JI_LAYOUT_DURATION},
        {"tDn", JI_INT64, JI_NANO, JI_LAYOUT_DURATION},
        {"tin", JI_INTERVAL, JI_SECOND, JI_LAYOUT_SAME},
        {"+l", JI_LIST, JI_SECOND, JI_LAYOUT_LIST32},
        {"+L", JI_LIST, JI_SECOND, JI_LAYOUT_LIST64},
        {"+vl", JI_LIST, JI_SECOND, JI_LAYOUT_LIST_VIEW32},
        {"+vL", JI_LIST, JI_SECOND, JI_LAYOUT_LIST_VIEW64},
        {"+m", JI_MAP, JI_SECOND, JI_LAYOUT_LIST32},
        {"+s", JI_STRUCT, JI_SECOND, JI_LAYOUT_STRUCT},
};

static enum joist_status fail_unsupported(const struct importer *importer, const char *format)
{
    const char *what = "type";
    if (strncmp(format, "ti", 2) == 0)
        what = "interval type";
    else if (strncmp(format, "+u", 2) == 0)
        what = "union type";
    else if (strcmp(format, "+r") == 0)
        what = "run-end encoded type";
    return ji_fail(importer->err, JOIST_ERR_UNSUPPORTED, "Arrow's %s '%.40s'", what, format);
}

/* A number from the front of `*at`, which moves behind it; false where there is none up to `max`. */
static bool read_number(const char **at, int64_t max, int64_t *number)
{
    const char *from = *at;
    const bool minus = *from == '-';
    from += minus;
    int64_t value = 0;
    const char *digits = from;
    while (*from >= '0' && *from <= '9' && value <= max)
        value = value * 10 + (*from++ - '0');
    if (from == digits || value > max)
        return false;
    *at = from;
    *number = minus ? -value : value;
    return true;
}

/* "d:precision,scale[,bits]" */
static enum joist_status read_decimal(const struct importer *importer, const char *format,
        struct ji_field *field, struct ji_array_shape *shape)
{
    int64_t precision;
    int64_t scale;
    int64_t bits = 128;
    const char *at = format + 2;
    bool good = read_number(&at, 1000, &precision) && *at++ == ',' && read_number(&at, 1000, &scale);
    if (good && *at == ',') {
        at++;
        good = read_number(&at, 1000, &bits);
    }
    if (!good || *at != '\0' || precision < 1)
        return ji_fail(importer->err, JOIST_ERR_INVALID, "bad decimal format '%.40s'", format);
    if (bits != 32 && bits != 64 && bits != 128 && bits != 256)
        return ji_fail(importer->err, JOIST_ERR_UNSUPPORTED, "decimals of %" PRId64 " bits", bits);
    const int64_t digits_max = bits < 256 ? JI_DECIMAL_DIGITS_MAX : JI_WIDE_DECIMAL_DIGITS_MAX;
    if (precision > digits_max || scale < 0 || scale > precision)
        return ji_fail(
                importer->err, JOIST_ERR_UNSUPPORTED, "decimal(%" PRId64 ", %" PRId64 ")", precision, scale);
    field->kind = JI_DECIMAL;
    field->precision = (uint8_t)precision;
    field->scale = (int8_t)scale;
    shape->layout = JI_LAYOUT_DECIMAL;
    shape->bits = (uint16_t)bits;
    if (precision > JI_DECIMAL_DIGITS_MAX) {
        field->kind = JI_WIDE_DECIMAL;
        field->fixed_bytes = JI_WIDE_DECIMAL_BYTES;
        shape->layout = JI_LAYOUT_SAME;
    }
    return JOIST_OK;
}

/* "w:bytes" and "+w:size" */
static enum joist_status read_fixed(const struct importer *importer, const char *format,
        struct ji_field *field, struct ji_array_shape *shape)
{
    int64_t size;
    const bool is_list = format[0] == '+';
    const char *at = format + (is_list ? 3 : 2);
    if (!read_number(&at, INT32_MAX, &size) || *at != '\0' || size < 0)
        return ji_fail(importer->err, JOIST_ERR_INVALID, "bad fixed-size format '%.40s'", format);
    if (is_list) {
        field->kind = JI_LIST;
        shape->layout = JI_LAYOUT_LIST_FIXED;
        shape->list_size = (int32_t)size;
        return JOIST_OK;
    }
    if (size == 0)
        return ji_fail(importer->err, JOIST_ERR_UNSUPPORTED, "fixed-size binary of 0 bytes");
    if (size > JI_FIXED_BYTES_MAX)
        return ji_fail(importer->err, JOIST_ERR_LIMIT, "fixed-size binary of %" PRId64 " bytes", size);
    field->kind = JI_FIXED;
    field->fixed_bytes = (uint32_t)size;
    shape->layout = JI_LAYOUT_SAME;
    return JOIST_OK;
}

/* "tsu:UTC": an instant where a zone is named, whichever it is. */
static enum joist_status read_timestamp(const struct importer *importer, const char *format,
        struct ji_field *field, struct ji_array_shape *shape)
{
    static const char units[] = "smun";
    const char *unit = format[2] == '\0' ? NULL : strchr(units, format[2]);
    if (unit == NULL || format[3] != ':')
        return ji_fail(importer->err, JOIST_ERR_INVALID, "bad timestamp format '%.40s'", format);
    field->kind = JI_TIMESTAMP;
    field->unit = (enum ji_unit)(unit - units);
    field->utc = format[4] != '\0';
    shape->layout = JI_LAYOUT_SAME;
    if (!field->utc || strcmp(format + 4, "UTC") == 0)
        return JOIST_OK;
    const struct ji_view zone = ji_view_of_text(format + 4);
    if (!ji_utf8_valid(zone))
        return ji_fail(importer->err, JOIST_ERR_INVALID, "a time zone that is not UTF-8");
    return ji_arena_text(importer->arena, zone, &field->zone, importer->err);
}

static enum joist_status read_format(const struct importer *importer, const char *format,
        struct ji_field *field, struct ji_array_shape *shape)
{
    if (format == NULL || format[0] == '\0')
        return ji_fail(importer->err, JOIST_ERR_INVALID, "an ArrowSchema without a format");
    if (strnlen(format, FORMAT_BYTES_MAX) == FORMAT_BYTES_MAX)
        return ji_fail(importer->err, JOIST_ERR_INVALID, "a format of %d bytes or more", FORMAT_BYTES_MAX);
    for (size_t i = 0; i < sizeof simple_formats / sizeof simple_formats[0]; i++) {
        const struct simple_format *simple = &simple_formats[i];
        if (strcmp(simple->format, format) != 0)
            continue;
        field->kind = simple->kind;
        field->unit = shape->unit = simple->unit;
        shape->layout = simple->layout;
        if (field->kind == JI_INTERVAL)
            field->fixed_bytes = JI_INTERVAL_BYTES;
        return JOIST_OK;
    }
    if (strncmp(format, "d:", 2) == 0)
        return read_decimal(importer, format, field, shape);
    if (strncmp(format, "w:", 2) == 0 || strncmp(format, "+w:", 3) == 0)
        return read_fixed(importer, format, field, shape);
    if (strncmp(format, "ts", 2) == 0)
        return read_timestamp(importer, format, field, shape);
    return fail_unsupported(importer, format);
}

/* Bytes that are no text (another program's own form) are not kept. */
static enum joist_status take_text(const struct importer *importer, struct ji_view value, const char **text)
{
    const bool has_nul = value.size > 0 && memchr(value.data, 0, value.size) != NULL;
    if (has_nul || !ji_utf8_valid(value))
        return JOIST_OK;
    return ji_arena_text(importer->arena, value, text, importer->err);
}

/* False for words that are not ours, or not of this kind: they are somebody's metadata. */
static bool take_annotation(struct ji_view value, struct ji_field *field)
{
    for (int i = JI_ANNOTATION_NONE + 1; i < JI_ANNOTATION_COUNT; i++) {
        const enum ji_annotation annotation = (enum ji_annotation)i;
        if (ji_view_equal_text(value, ji_annotation_name(annotation)) &&
                ji_annotation_fits(annotation, field->kind)) {
            field->annotation = (uint8_t)i;
            return true;
        }
    }
    return false;
}

/* What has no place of its own in a field goes behind the pairs in `kept`. */
static enum joist_status take_pair(const struct importer *importer, struct ji_view key, struct ji_view value,
        struct ji_field *field, const struct ji_array_shape *shape, struct ji_view *kept)
{
    if (ji_view_equal_text(key, "PARQUET:field_id")) {
        char text[16] = {0};
        int64_t id;
        const char *at = text;
        if (value.size < sizeof text && value.size > 0)
            memcpy(text, value.data, value.size);
        if (!read_number(&at, INT32_MAX, &id) || *at != '\0')
            return ji_fail(importer->err, JOIST_ERR_INVALID, "PARQUET:field_id is '%.*s'",
                    (int)ji_min_size(value.size, 40), (const char *)value.data);
        field->field_id = id < 0 ? JI_FIELD_ID_NONE : (int32_t)id;
    } else if (ji_view_equal_text(key, "PARQUET:logical_type") && take_annotation(value, field)) {
        return JOIST_OK;
    } else if (ji_view_equal_text(key, "ARROW:extension:name") && ji_view_equal_text(value, "arrow.uuid")) {
        if (field->kind != JI_FIXED || field->fixed_bytes != UUID_BYTES || shape->is_dictionary)
            return ji_fail(importer->err, JOIST_ERR_INVALID, "arrow.uuid is not of 16 fixed bytes");
        field->kind = JI_UUID;
    } else if (ji_view_equal_text(key, "ARROW:extension:name")) {
        return take_text(importer, value, &field->extension_name);
    } else if (ji_view_equal_text(key, "ARROW:extension:metadata")) {
        return take_text(importer, value, &field->extension_metadata);
    } else {
        struct ji_view *const pair = kept + 2 * field->metadata_count;
        JI_TRY(ji_arena_view(importer->arena, key, &pair[0], importer->err));
        JI_TRY(ji_arena_view(importer->arena, value, &pair[1], importer->err));
        field->metadata_count++;
    }
    return JOIST_OK;
}

static enum joist_status read_length(
        const struct importer *importer, const char **at, int64_t max, int32_t *length)
{
    memcpy(length, *at, sizeof *length);
    *at += sizeof *length;
    if (*length < 0 || *length > max)
        return ji_fail(importer->err, JOIST_ERR_INVALID, "metadata with a length of %" PRId32, *length);
    return JOIST_OK;
}

static enum joist_status read_metadata(const struct importer *importer, const char *metadata,
        struct ji_field *field, struct ji_array_shape *shape)
{
    if (metadata == NULL)
        return JOIST_OK;
    const char *at = metadata;
    int32_t pairs;
    JI_TRY(read_length(importer, &at, METADATA_PAIRS_MAX, &pairs));
    struct ji_view *kept = NULL;
    JI_TRY(ji_arena_array(importer->arena, 2 * (size_t)pairs, sizeof *kept, &kept, importer->err));
    field->metadata = kept;
    field->metadata_count = 0;
    for (int32_t i = 0; i < pairs; i++) {
        int32_t size;
        JI_TRY(read_length(importer, &at, METADATA_BYTES_MAX, &size));
        const struct ji_view key = ji_view_of(at, (size_t)size);
        at += size;
        JI_TRY(read_length(importer, &at, METADATA_BYTES_MAX, &size));
        const struct ji_view value = ji_view_of(at, (size_t)size);
        at += size;
        JI_TRY(take_pair(importer, key, value, field, shape, kept));
    }
    return JOIST_OK;
}

static enum joist_status read_name(struct importer *importer, const char *name, struct ji_field *field)
{
    const char *text = name == NULL ? "" : name;
    const size_t size = strnlen(text, NAME_BYTES_MAX);
    if (size == NAME_BYTES_MAX)
        return ji_fail(importer->err, JOIST_ERR_LIMIT, "a name of %zu bytes or more", NAME_BYTES_MAX);
    if (!ji_utf8_valid(ji_view_of(text, size)))
        return ji_fail(importer->err, JOIST_ERR_INVALID, "a name that is not UTF-8");
    return ji_arena_text(importer->arena, ji_view_of(text, size), &field->name, importer->err);
}

static enum joist_status read_field(struct importer *importer, const struct ArrowSchema *from, unsigned depth,
        struct ji_field *field, struct ji_array_shape *shape);

static enum joist_status read_children(struct importer *importer, const struct ArrowSchema *from,
        unsigned depth, struct ji_field *field, struct ji_array_shape *shape)
{
    const size_t count = (size_t)from->n_children;
    if (from->n_children < 0 || from->n_children > JI_COLUMNS_MAX)
        return ji_fail(importer->err, JOIST_ERR_LIMIT, "%" PRId64 " children", from->n_children);
    if (count > 0 && from->children == NULL)
        return ji_fail(importer->err, JOIST_ERR_INVALID, "%zu children and no pointers to them", count);
    const bool fits = field->kind == JI_STRUCT || (ji_kind_is_nested(field->kind) ? count == 1 : count == 0);
    if (!fits)
        return ji_fail(
                importer->err, JOIST_ERR_INVALID, "%zu children under format '%.40s'", count, from->format);
    field->child_count = count;
    shape->child_count = count;
    if (count == 0)
        return JOIST_OK;
    struct joist_error *err = importer->err;
    JI_TRY(ji_arena_array(importer->arena, count, sizeof *field->children, &field->children, err));
    JI_TRY(ji_arena_array(importer->arena, count, sizeof *shape->children, &shape->children, err));
    for (size_t i = 0; i < count; i++) {
        if (from->children[i] == NULL || from->children[i]->release == NULL)
            return ji_fail(err, JOIST_ERR_INVALID, "child %zu is missing or released", i);
        JI_TRY(read_field(importer, from->children[i], depth + 1, &field->children[i], &shape->children[i]));
    }
    return JOIST_OK;
}

/* Codes of a dictionary are integers; the values' type is the column's. */
static enum joist_status read_dictionary(struct importer *importer, const struct ArrowSchema *from,
        unsigned depth, struct ji_field *field, struct ji_array_shape *shape)
{
    const enum ji_kind code_kind = field->kind;
    if (!ji_kind_is_integer(code_kind) || from->n_children != 0)
        return ji_fail(importer->err, JOIST_ERR_INVALID, "dictionary codes of format '%.40s'", from->format);
    const struct ArrowSchema *values = from->dictionary;
    if (values->release == NULL)
        return ji_fail(importer->err, JOIST_ERR_INVALID, "a dictionary's schema has been released");
    if (values->dictionary != NULL)
        return ji_fail(importer->err, JOIST_ERR_UNSUPPORTED, "a dictionary of dictionaries");
    JI_TRY(read_format(importer, values->format, field, shape));
    JI_TRY(read_children(importer, values, depth, field, shape));
    JI_TRY(read_metadata(importer, values->metadata, field, shape));
    shape->is_dictionary = true;
    shape->is_ordered = (from->flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0;
    shape->code_kind = code_kind;
    return JOIST_OK;
}

static enum joist_status check_map(const struct importer *importer, struct ji_field *field)
{
    struct ji_field *entry = &field->children[0];
    if (entry->kind != JI_STRUCT || entry->child_count != 2)
        return ji_fail(importer->err, JOIST_ERR_INVALID, "a map without a pair of key and value");
    entry->nullable = false;
    entry->children[0].nullable = false;
    return JOIST_OK;
}

static enum joist_status read_field_inner(struct importer *importer, const struct ArrowSchema *from,
        unsigned depth, struct ji_field *field, struct ji_array_shape *shape)
{
    JI_TRY(read_format(importer, from->format, field, shape));
    if (from->dictionary != NULL)
        JI_TRY(read_dictionary(importer, from, depth, field, shape));
    JI_TRY(read_metadata(importer, from->metadata, field, shape));
    if (!shape->is_dictionary)
        JI_TRY(read_children(importer, from, depth, field, shape));
    if (field->kind != JI_MAP)
        return JOIST_OK;
    if (!shape->is_dictionary)
        shape->is_ordered = (from->flags & ARROW_FLAG_MAP_KEYS_SORTED) != 0;
    return check_map(importer, field);
}

static enum joist_status read_field(struct importer *importer, const struct ArrowSchema *from, unsigned depth,
        struct ji_field *field, struct ji_array_shape *shape)
{
    if (depth > JI_SCHEMA_DEPTH_MAX)
        return ji_fail(importer->err, JOIST_ERR_LIMIT, "types nest deeper than %d", JI_SCHEMA_DEPTH_MAX);
    if (++importer->field_count > JI_COLUMNS_MAX)
        return ji_fail(importer->err, JOIST_ERR_LIMIT, "more than %d columns", JI_COLUMNS_MAX);
    *field = (struct ji_field){
            .name = "", .nullable = (from->flags & ARROW_FLAG_NULLABLE) != 0, .field_id = JI_FIELD_ID_NONE};
    *shape = (struct ji_array_shape){.layout = JI_LAYOUT_NULL};
    JI_TRY(read_name(importer, from->name, field));
    const enum joist_status status = read_field_inner(importer, from, depth, field, shape);
    if (status != JOIST_OK && depth > 0)
        ji_error_prefix(importer->err, "column '%.200s'", field->name);
    return status;
}

static enum joist_status import_schema(struct importer *importer, const struct ArrowSchema *from,
        struct ji_schema *schema, const struct ji_array_shape **shape)
{
    struct joist_error *const err = importer->err;
    assert(from != NULL);
    if (from->release == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "an ArrowSchema that has been released");
    struct ji_field root;
    struct ji_array_shape *root_shape;
    JI_TRY(ji_arena_array(importer->arena, 1, sizeof *root_shape, &root_shape, err));
    JI_TRY(read_field(importer, from, 0, &root, root_shape));
    if (root.kind != JI_STRUCT || root_shape->is_dictionary)
        return ji_fail(err, JOIST_ERR_INVALID, "an ArrowSchema of rows is a struct ('+s'), not '%.40s'",
                from->format);
    *schema = (struct ji_schema){.column_count = root.child_count,
            .columns = root.children,
            .metadata = root.metadata,
            .metadata_count = root.metadata_count};
    *shape = root_shape;
    return JOIST_OK;
}

enum joist_status ji_schema_import_shape(struct ji_arena *arena, const struct ArrowSchema *from,
        struct ji_schema *schema, const struct ji_array_shape **shape, struct joist_error *err)
{
    struct importer importer = {.arena = arena, .err = err};
    assert(arena != NULL);
    return import_schema(&importer, from, schema, shape);
}

enum joist_status ji_schema_import(struct ji_arena *arena, const struct ArrowSchema *from,
        struct ji_schema *schema, struct joist_error *err)
{
    const struct ji_array_shape *shape;
    struct importer importer = {.arena = arena, .err = err};
    assert(arena != NULL);
    return import_schema(&importer, from, schema, &shape);
}
