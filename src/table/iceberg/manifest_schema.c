/*
 * manifest_schema.c - the Avro schema of a manifest
 *
 * Record names (manifest_entry, r2, r102, k117_v118 ...), the logical type `map`, and field ids as plain
 * integers are what Spark, PyIceberg and iceberg-rust ask for. `equality_ids` is a list of int. A partition
 * field whose name Avro does not allow is written with a legal one and keeps its own as "iceberg-field-name".
 */
#include "table/iceberg/manifest.h"

#include <inttypes.h>

static const char HEAD[] =
        "{\"type\":\"record\",\"name\":\"manifest_entry\",\"fields\":["
        "{\"name\":\"status\",\"type\":\"int\",\"field-id\":0},"
        "{\"name\":\"snapshot_id\",\"type\":[\"null\",\"long\"],\"default\":null,\"field-id\":1},"
        "{\"name\":\"sequence_number\",\"type\":[\"null\",\"long\"],\"default\":null,\"field-id\":3},"
        "{\"name\":\"file_sequence_number\",\"type\":[\"null\",\"long\"],\"default\":null,\"field-id\":4},"
        "{\"name\":\"data_file\",\"type\":{\"type\":\"record\",\"name\":\"r2\",\"fields\":["
        "{\"name\":\"content\",\"type\":\"int\",\"field-id\":134},"
        "{\"name\":\"file_path\",\"type\":\"string\",\"field-id\":100},"
        "{\"name\":\"file_format\",\"type\":\"string\",\"field-id\":101},"
        "{\"name\":\"partition\",\"type\":{\"type\":\"record\",\"name\":\"r102\",\"fields\":[";

#define INT_MAP(name, id, key, value, type)                                                                  \
    "{\"name\":\"" name "\",\"type\":[\"null\",{\"type\":\"array\",\"items\":{\"type\":\"record\",\"name\":" \
    "\"k" #key "_v" #value "\",\"fields\":[{\"name\":\"key\",\"type\":\"int\",\"field-id\":" #key            \
    "},{\"name\":\"value\",\"type\":\"" type "\",\"field-id\":" #value                                       \
    "}]},\"logicalType\":\"map\"}],\"default\":null,\"field-id\":" #id "},"

static const char TAIL[] =
        "]},\"field-id\":102},"
        "{\"name\":\"record_count\",\"type\":\"long\",\"field-id\":103},"
        "{\"name\":\"file_size_in_bytes\",\"type\":\"long\",\"field-id\":104}," INT_MAP(
                "column_sizes", 108, 117, 118, "long") INT_MAP("value_counts", 109, 119, 120, "long")
                INT_MAP("null_value_counts", 110, 121, 122, "long") INT_MAP("nan_value_counts", 137, 138, 139,
                        "long") INT_MAP("lower_bounds", 125, 126, 127, "bytes") INT_MAP("upper_bounds", 128,
                        129, 130, "bytes") "{\"name\":\"key_metadata\",\"type\":[\"null\",\"bytes\"],"
                                           "\"default\":null,\"field-id\":131},"
                                           "{\"name\":\"split_offsets\",\"type\":[\"null\",{\"type\":"
                                           "\"array\",\"items\":\"long\",\"element-id\":133}],"
                                           "\"default\":null,\"field-id\":132},"
                                           "{\"name\":\"equality_ids\",\"type\":[\"null\",{\"type\":"
                                           "\"array\",\"items\":\"int\",\"element-id\":136}],"
                                           "\"default\":null,\"field-id\":135},"
                                           "{\"name\":\"sort_order_id\",\"type\":[\"null\",\"int\"],"
                                           "\"default\":null,\"field-id\":140}"
                                           "]},\"field-id\":2}]}";

static bool is_letter(uint8_t byte)
{
    return (byte >= 'a' && byte <= 'z') || (byte >= 'A' && byte <= 'Z') || byte == '_';
}

static bool is_digit(uint8_t byte)
{
    return byte >= '0' && byte <= '9';
}

/* A name that Avro allows; `*changed` where it is another than `name`. */
static enum joist_status put_name(
        struct ji_bytes *out, const char *name, bool *changed, struct joist_error *err)
{
    *changed = false;
    for (size_t i = 0; name[i] != '\0'; i++) {
        const uint8_t byte = (uint8_t)name[i];
        if (is_letter(byte) || (i > 0 && is_digit(byte))) {
            JI_TRY(ji_bytes_append_byte(out, byte, err));
            continue;
        }
        *changed = true;
        if (is_digit(byte))
            JI_TRY(ji_bytes_printf(out, err, "_%c", byte));
        else
            JI_TRY(ji_bytes_printf(out, err, "_x%X", (unsigned)byte));
    }
    return JOIST_OK;
}

/* A named Avro type is defined once and named after that; says whether `index` is the first of its type. */
static bool is_first_of_type(const struct ji_bound_partition *partition, size_t index)
{
    for (size_t i = 0; i < index; i++) {
        if (ji_type_equal(&partition->results[i], &partition->results[index]))
            return false;
    }
    return true;
}

static size_t decimal_fixed_bytes(unsigned precision)
{
    ji_int128 largest = 1;
    for (unsigned i = 0; i < precision; i++)
        largest *= 10;
    uint8_t room[16];
    size_t count = 1;
    while (count < sizeof room && (largest - 1) >> (8 * count - 1) != 0)
        count++;
    return count;
}

static enum joist_status put_fixed(struct ji_bytes *out, const struct ji_bound_partition *partition,
        size_t index, struct joist_error *err)
{
    const struct ji_field *field = &partition->results[index];
    const bool first = is_first_of_type(partition, index);
    if (field->kind == JI_DECIMAL) {
        if (!first)
            return ji_bytes_printf(out, err, "\"decimal_%d_%d\"", (int)field->precision, (int)field->scale);
        return ji_bytes_printf(out, err,
                "{\"type\":\"fixed\",\"name\":\"decimal_%d_%d\",\"size\":%zu,\"logicalType\":\"decimal\","
                "\"precision\":%d,\"scale\":%d}",
                (int)field->precision, (int)field->scale, decimal_fixed_bytes(field->precision),
                (int)field->precision, (int)field->scale);
    }
    if (field->kind == JI_UUID)
        return ji_bytes_append_text(out,
                first ? "{\"type\":\"fixed\",\"name\":\"uuid_fixed\",\"size\":16,\"logicalType\":\"uuid\"}"
                      : "\"uuid_fixed\"",
                err);
    if (!first)
        return ji_bytes_printf(out, err, "\"fixed_%" PRIu32 "\"", field->fixed_bytes);
    return ji_bytes_printf(out, err,
            "{\"type\":\"fixed\",\"name\":\"fixed_%" PRIu32 "\",\"size\":%" PRIu32 "}", field->fixed_bytes,
            field->fixed_bytes);
}

static enum joist_status put_type(struct ji_bytes *out, const struct ji_bound_partition *partition,
        size_t index, struct joist_error *err)
{
    const struct ji_field *field = &partition->results[index];
    const char *text = "\"int\""; /* also of a field whose column is gone: all null */
    switch (field->kind) {
    case JI_BOOL:
        text = "\"boolean\"";
        break;
    case JI_INT64:
        text = "\"long\"";
        break;
    case JI_FLOAT:
        text = "\"float\"";
        break;
    case JI_DOUBLE:
        text = "\"double\"";
        break;
    case JI_DATE:
        text = "{\"type\":\"int\",\"logicalType\":\"date\"}";
        break;
    case JI_TIME:
        text = "{\"type\":\"long\",\"logicalType\":\"time-micros\"}";
        break;
    case JI_TIMESTAMP:
        return ji_bytes_printf(out, err,
                "{\"type\":\"long\",\"logicalType\":\"timestamp-%s\",\"adjust-to-utc\":%s}",
                field->unit == JI_NANO ? "nanos" : "micros", field->utc ? "true" : "false");
    case JI_STRING:
        text = "\"string\"";
        break;
    case JI_BINARY:
        text = "\"bytes\"";
        break;
    case JI_DECIMAL:
    case JI_UUID:
    case JI_FIXED:
        return put_fixed(out, partition, index, err);
    default:
        break;
    }
    return ji_bytes_append_text(out, text, err);
}

enum joist_status ji_manifest_avro_schema(
        struct ji_bytes *out, const struct ji_bound_partition *partition, struct joist_error *err)
{
    JI_TRY(ji_bytes_append(out, HEAD, sizeof HEAD - 1, err));
    for (size_t i = 0; i < partition->field_count; i++) {
        const struct ji_field *field = &partition->results[i];
        bool changed = false;
        JI_TRY(ji_bytes_append_text(out, i > 0 ? ",{\"name\":\"" : "{\"name\":\"", err));
        JI_TRY(put_name(out, field->name, &changed, err));
        JI_TRY(ji_bytes_append_text(out, "\",\"type\":[\"null\",", err));
        JI_TRY(put_type(out, partition, i, err));
        JI_TRY(ji_bytes_printf(out, err, "],\"default\":null,\"field-id\":%" PRId32, field->field_id));
        if (changed) {
            JI_TRY(ji_bytes_append_text(out, ",\"iceberg-field-name\":", err));
            JI_TRY(ji_json_append_string(out, ji_view_of_text(field->name), err));
        }
        JI_TRY(ji_bytes_append_byte(out, '}', err));
    }
    return ji_bytes_append(out, TAIL, sizeof TAIL - 1, err);
}
