/*
 * schema_check.c - annotations against what they annotate
 *
 * That the elements make one tree was checked when the file was opened. What old writers did and the format's
 * compatibility rules still read is a note; what no rule reads is a finding.
 */
#include "parquet/check/footer_check.h"

struct schema_check {
    struct ji_checker *checker;
    struct ji_arena arena;
};

/* The element's path becomes the place of what is said next. */
static enum joist_status stand_at(struct schema_check *check, size_t element, struct joist_error *err)
{
    struct ji_leaf named = {.element = NULL};
    ji_arena_reset(&check->arena);
    JI_TRY(ji_schema_tree_path(&check->arena, &check->checker->tree, element, &named, err));
    check->checker->column = named.name;
    return JOIST_OK;
}

#define SAY(check_, element_, err_, ...)                                                                     \
    do {                                                                                                     \
        JI_TRY(stand_at((check_), (element_), (err_)));                                                      \
        JI_TRY(ji_find((check_)->checker, JI_CHECK_SCHEMA, (err_), __VA_ARGS__));                            \
    } while (0)

#define NOTE(check_, element_, err_, ...)                                                                    \
    do {                                                                                                     \
        JI_TRY(stand_at((check_), (element_), (err_)));                                                      \
        JI_TRY(ji_find_note((check_)->checker, JI_CHECK_LEGACY, (err_), __VA_ARGS__));                       \
    } while (0)

/* --- leaves --- */

/* The digits that any value of so many bytes, two's complement, can have. */
static int32_t digits_of_bytes(int32_t bytes)
{
    /* floor(log10(2^(8 n - 1))): log10(2) as a fraction that is right for all lengths that matter. */
    return (int32_t)(((int64_t)bytes * 8 - 1) * 30103 / 100000);
}

static bool integer_fits(const struct ji_schema_element *element)
{
    const int bits = element->logical.bit_width;
    if (bits == 64)
        return element->physical == JI_PHYSICAL_INT64;
    return (bits == 8 || bits == 16 || bits == 32) && element->physical == JI_PHYSICAL_INT32;
}

static bool time_fits(const struct ji_schema_element *element)
{
    const enum ji_parquet_unit unit = element->logical.unit;
    if (unit == JI_UNIT_MILLIS)
        return element->physical == JI_PHYSICAL_INT32;
    return (unit == JI_UNIT_MICROS || unit == JI_UNIT_NANOS) && element->physical == JI_PHYSICAL_INT64;
}

static bool is_fixed(const struct ji_schema_element *element, int32_t bytes)
{
    return element->physical == JI_PHYSICAL_FIXED && element->type_length == bytes;
}

static bool holds_decimal(const struct ji_schema_element *element)
{
    return element->physical == JI_PHYSICAL_INT32 || element->physical == JI_PHYSICAL_INT64 ||
            element->physical == JI_PHYSICAL_FIXED || element->physical == JI_PHYSICAL_BYTE_ARRAY;
}

/* Whether a leaf of that physical type may bear its logical type. */
static bool logical_fits(const struct ji_schema_element *element)
{
    switch (element->logical.kind) {
    case JI_LOGICAL_STRING:
    case JI_LOGICAL_ENUM:
    case JI_LOGICAL_JSON:
    case JI_LOGICAL_BSON:
    case JI_LOGICAL_GEOMETRY:
    case JI_LOGICAL_GEOGRAPHY:
        return element->physical == JI_PHYSICAL_BYTE_ARRAY;
    case JI_LOGICAL_MAP:
    case JI_LOGICAL_LIST:
    case JI_LOGICAL_VARIANT:
    case JI_LOGICAL_FILE:
        return false;
    case JI_LOGICAL_DECIMAL:
        return holds_decimal(element);
    case JI_LOGICAL_DATE:
        return element->physical == JI_PHYSICAL_INT32;
    case JI_LOGICAL_TIME:
        return time_fits(element);
    case JI_LOGICAL_TIMESTAMP:
        return element->physical == JI_PHYSICAL_INT64;
    case JI_LOGICAL_INTEGER:
        return integer_fits(element);
    case JI_LOGICAL_UUID:
        return is_fixed(element, 16);
    case JI_LOGICAL_FLOAT16:
        return is_fixed(element, 2);
    default:
        return true;
    }
}

static bool converted_fits(const struct ji_schema_element *element)
{
    switch (element->converted) {
    case JI_CONVERTED_UTF8:
    case JI_CONVERTED_ENUM:
    case JI_CONVERTED_JSON:
    case JI_CONVERTED_BSON:
        return element->physical == JI_PHYSICAL_BYTE_ARRAY;
    case JI_CONVERTED_MAP:
    case JI_CONVERTED_MAP_KEY_VALUE:
    case JI_CONVERTED_LIST:
        return false;
    case JI_CONVERTED_DECIMAL:
        return holds_decimal(element);
    case JI_CONVERTED_TIME_MICROS:
    case JI_CONVERTED_TIMESTAMP_MILLIS:
    case JI_CONVERTED_TIMESTAMP_MICROS:
    case JI_CONVERTED_UINT_64:
    case JI_CONVERTED_INT_64:
        return element->physical == JI_PHYSICAL_INT64;
    case JI_CONVERTED_INTERVAL:
        return is_fixed(element, 12);
    case JI_CONVERTED_NONE:
        return true;
    default:
        return (int)element->converted > JI_CONVERTED_INTERVAL || element->physical == JI_PHYSICAL_INT32;
    }
}

/* The converted type that a writer has to put beside a logical one; NONE where there is none. */
static enum ji_converted twin_of(const struct ji_logical_type *logical)
{
    static const enum ji_converted simple[] = {
            [JI_LOGICAL_STRING] = JI_CONVERTED_UTF8,
            [JI_LOGICAL_MAP] = JI_CONVERTED_MAP,
            [JI_LOGICAL_LIST] = JI_CONVERTED_LIST,
            [JI_LOGICAL_ENUM] = JI_CONVERTED_ENUM,
            [JI_LOGICAL_DECIMAL] = JI_CONVERTED_DECIMAL,
            [JI_LOGICAL_DATE] = JI_CONVERTED_DATE,
    };
    const bool is_time = logical->kind == JI_LOGICAL_TIME;
    if (logical->kind > JI_LOGICAL_NONE && logical->kind <= JI_LOGICAL_DATE)
        return simple[logical->kind];
    if (logical->kind == JI_LOGICAL_JSON)
        return JI_CONVERTED_JSON;
    if (logical->kind == JI_LOGICAL_BSON)
        return JI_CONVERTED_BSON;
    if (is_time || logical->kind == JI_LOGICAL_TIMESTAMP) {
        if (logical->unit == JI_UNIT_MILLIS)
            return is_time ? JI_CONVERTED_TIME_MILLIS : JI_CONVERTED_TIMESTAMP_MILLIS;
        if (logical->unit == JI_UNIT_MICROS)
            return is_time ? JI_CONVERTED_TIME_MICROS : JI_CONVERTED_TIMESTAMP_MICROS;
    }
    if (logical->kind == JI_LOGICAL_INTEGER) {
        const int step = logical->bit_width == 8 ? 0 : logical->bit_width == 16 ? 1 : 2;
        const int first = logical->is_signed ? JI_CONVERTED_INT_8 : JI_CONVERTED_UINT_8;
        return (enum ji_converted)(first + (logical->bit_width == 64 ? 3 : step));
    }
    return JI_CONVERTED_NONE;
}

static enum joist_status check_twins(struct schema_check *check, size_t index, struct joist_error *err)
{
    const struct ji_schema_element *const element = &check->checker->tree.elements[index];
    const enum ji_converted twin = twin_of(&element->logical);
    if (element->logical.kind == JI_LOGICAL_NONE || twin == element->converted)
        return JOIST_OK;
    /* A converted time says UTC to old readers: writers leave it out where the logical one does not. */
    const bool is_time =
            element->logical.kind == JI_LOGICAL_TIME || element->logical.kind == JI_LOGICAL_TIMESTAMP;
    if (is_time && !element->logical.utc && element->converted == JI_CONVERTED_NONE)
        return JOIST_OK;
    if (element->converted == JI_CONVERTED_NONE) {
        NOTE(check, index, err, "logical type %s without converted type %s",
                ji_logical_name((int)element->logical.kind), ji_converted_name((int)twin));
        return JOIST_OK;
    }
    if (element->converted == JI_CONVERTED_MAP_KEY_VALUE && element->logical.kind == JI_LOGICAL_MAP)
        return JOIST_OK;
    SAY(check, index, err, "logical type %s beside converted type %s",
            ji_logical_name((int)element->logical.kind), ji_converted_name((int)element->converted));
    return JOIST_OK;
}

static enum joist_status check_decimal(struct schema_check *check, size_t index, struct joist_error *err)
{
    const struct ji_schema_element *const element = &check->checker->tree.elements[index];
    const bool is_logical = element->logical.kind == JI_LOGICAL_DECIMAL;
    if (!is_logical &&
            (element->logical.kind != JI_LOGICAL_NONE || element->converted != JI_CONVERTED_DECIMAL))
        return JOIST_OK;
    const int32_t precision = is_logical ? element->logical.precision : element->precision;
    const int32_t scale = is_logical ? element->logical.scale : element->scale;
    int32_t most = INT32_MAX;
    if (element->physical == JI_PHYSICAL_INT32)
        most = 9;
    else if (element->physical == JI_PHYSICAL_INT64)
        most = 18;
    else if (element->physical == JI_PHYSICAL_FIXED)
        most = digits_of_bytes(element->type_length);
    if (precision <= 0 || scale < 0 || scale > precision || precision > most)
        SAY(check, index, err, "decimal of precision %" PRId32 " and scale %" PRId32 " in %s", precision,
                scale, ji_physical_name((int)element->physical));
    if (is_logical && element->converted == JI_CONVERTED_DECIMAL &&
            (element->precision != precision || element->scale != scale))
        SAY(check, index, err,
                "decimal(%" PRId32 ", %" PRId32 ") whose converted type says (%" PRId32 ", %" PRId32 ")",
                precision, scale, element->precision, element->scale);
    return JOIST_OK;
}

static enum joist_status check_leaf(struct schema_check *check, size_t index, struct joist_error *err)
{
    const struct ji_schema_element *const element = &check->checker->tree.elements[index];
    if (element->physical == JI_PHYSICAL_FIXED && element->type_length <= 0)
        SAY(check, index, err, "FIXED_LEN_BYTE_ARRAY of %" PRId32 " bytes", element->type_length);
    if (!logical_fits(element)) {
        SAY(check, index, err, "logical type %s in %s", ji_logical_name((int)element->logical.kind),
                ji_physical_name((int)element->physical));
        return JOIST_OK;
    }
    if (!converted_fits(element)) {
        SAY(check, index, err, "converted type %s in %s", ji_converted_name((int)element->converted),
                ji_physical_name((int)element->physical));
        return JOIST_OK;
    }
    JI_TRY(check_decimal(check, index, err));
    return check_twins(check, index, err);
}

/* --- groups --- */

static bool is_group(const struct ji_schema_element *element)
{
    return element->physical == JI_PHYSICAL_NONE;
}

static enum joist_status check_list(struct schema_check *check, size_t index, struct joist_error *err)
{
    const struct ji_schema_element *const element = &check->checker->tree.elements[index];
    const struct ji_schema_element *const repeated = element + 1;
    if (element->child_count != 1 || repeated->repetition != JI_REPEATED) {
        SAY(check, index, err, "LIST without one repeated field in it");
        return JOIST_OK;
    }
    if (element->repetition == JI_REPEATED)
        NOTE(check, index, err, "LIST that is repeated itself");
    const bool is_three =
            is_group(repeated) && repeated->child_count == 1 && repeated[1].repetition != JI_REPEATED;
    if (!is_three)
        NOTE(check, index, err, "LIST of two levels");
    return JOIST_OK;
}

static enum joist_status check_map(struct schema_check *check, size_t index, struct joist_error *err)
{
    const struct ji_schema_element *const element = &check->checker->tree.elements[index];
    const struct ji_schema_element *const pair = element + 1;
    if (element->child_count != 1 || pair->repetition != JI_REPEATED || !is_group(pair) ||
            pair->child_count < 1 || pair->child_count > 2) {
        SAY(check, index, err, "MAP without one repeated group of key and value in it");
        return JOIST_OK;
    }
    if (element->repetition == JI_REPEATED)
        NOTE(check, index, err, "MAP that is repeated itself");
    if (pair[1].repetition != JI_REQUIRED)
        NOTE(check, index, err, "MAP whose key is not required");
    if (pair->child_count == 1)
        NOTE(check, index, err, "MAP without values");
    return JOIST_OK;
}

static enum joist_status check_group(struct schema_check *check, size_t index, struct joist_error *err)
{
    const struct ji_schema_element *const element = &check->checker->tree.elements[index];
    const enum ji_logical kind = element->logical.kind;
    const enum ji_converted converted = element->converted;
    if (element->child_count == 0 && index > 0)
        NOTE(check, index, err, "group without fields");
    if (kind == JI_LOGICAL_LIST || (kind == JI_LOGICAL_NONE && converted == JI_CONVERTED_LIST))
        return check_list(check, index, err);
    if (kind == JI_LOGICAL_MAP || (kind == JI_LOGICAL_NONE && converted == JI_CONVERTED_MAP))
        return check_map(check, index, err);
    const bool is_leaf_type = kind != JI_LOGICAL_NONE && kind <= JI_LOGICAL_GEOGRAPHY &&
            kind != JI_LOGICAL_VARIANT && kind != JI_LOGICAL_UNKNOWN;
    if (is_leaf_type)
        SAY(check, index, err, "logical type %s on a group", ji_logical_name((int)kind));
    else if (converted == JI_CONVERTED_MAP_KEY_VALUE)
        NOTE(check, index, err, "converted type MAP_KEY_VALUE");
    else if (kind == JI_LOGICAL_NONE && converted != JI_CONVERTED_NONE)
        SAY(check, index, err, "converted type %s on a group", ji_converted_name((int)converted));
    return JOIST_OK;
}

static enum joist_status check_elements(struct schema_check *check, struct joist_error *err)
{
    const struct ji_parquet_schema *const schema = &check->checker->file->schema;
    for (size_t index = 1; index < schema->element_count; index++) {
        const struct ji_schema_element *const element = &schema->elements[index];
        if ((unsigned)element->repetition > JI_REPEATED)
            SAY(check, index, err, "repetition %d", (int)element->repetition);
        JI_TRY(is_group(element) ? check_group(check, index, err) : check_leaf(check, index, err));
        check->checker->column = NULL;
    }
    return JOIST_OK;
}

enum joist_status ji_check_schema(struct ji_checker *checker, struct joist_error *err)
{
    struct schema_check check = {.checker = checker};
    ji_checker_place(checker, -1, NULL);
    ji_arena_init(&check.arena, checker->mem);
    const enum joist_status status = check_elements(&check, err);
    checker->column = NULL;
    ji_arena_clear(&check.arena);
    return status;
}
