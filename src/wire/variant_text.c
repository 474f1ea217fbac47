/*
 * variant_text.c - one walk over the value; json_write puts the commas
 */
#include "wire/variant_text.h"

#include "base/calendar.h"
#include "base/decimal.h"
#include "base/real_text.h"
#include "base/uuid.h"
#include "wire/json_write.h"

/* The longest of the texts below, and its quotes. */
#define TEXT_MAX 64
_Static_assert(JI_TIMESTAMP_TEXT_MAX < TEXT_MAX && JI_DECIMAL_TEXT_MAX < TEXT_MAX &&
                JI_DOUBLE_TEXT_MAX < TEXT_MAX && JI_UUID_TEXT_BYTES < TEXT_MAX,
        "a scalar's text fits");

static size_t print_real(const struct ji_variant *value, char *out)
{
    return value->type == JI_VARIANT_FLOAT ? ji_float_print((float)value->real, out)
                                           : ji_double_print(value->real, out);
}

static size_t print_uuid(struct ji_view bytes, char *out)
{
    char text[JI_UUID_TEXT_BYTES];
    ji_uuid_print(bytes.data, text);
    memcpy(out, text, JI_UUID_TEXT_BYTES - 1);
    return JI_UUID_TEXT_BYTES - 1;
}

/* What stands between quotes; 0 where the type has no such text. */
static size_t print_quoted(const struct ji_variant *value, char *out)
{
    switch (value->type) {
    case JI_VARIANT_DATE:
        return ji_date_print(value->integer, out);
    case JI_VARIANT_TIME:
        return ji_time_print(value->integer, JI_MICRO, out);
    case JI_VARIANT_TIMESTAMP_MICROS_UTC:
    case JI_VARIANT_TIMESTAMP_MICROS:
        return ji_timestamp_print(
                value->integer, JI_MICRO, value->type == JI_VARIANT_TIMESTAMP_MICROS_UTC, out);
    case JI_VARIANT_TIMESTAMP_NANOS_UTC:
    case JI_VARIANT_TIMESTAMP_NANOS:
        return ji_timestamp_print(
                value->integer, JI_NANO, value->type == JI_VARIANT_TIMESTAMP_NANOS_UTC, out);
    case JI_VARIANT_UUID:
        return print_uuid(value->view, out);
    default: /* a real that is not finite */
        return print_real(value, out);
    }
}

static enum joist_status write_binary(
        struct ji_json_writer *json, struct ji_view bytes, struct ji_bytes *scratch, struct joist_error *err)
{
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    scratch->size = 0;
    JI_TRY(ji_bytes_reserve(scratch, bytes.size / 3 * 4 + 4, err));
    for (size_t at = 0; at < bytes.size; at += 3) {
        const size_t left = ji_min_size(bytes.size - at, 3);
        uint32_t group = (uint32_t)bytes.data[at] << 16;
        if (left > 1)
            group |= (uint32_t)bytes.data[at + 1] << 8;
        if (left > 2)
            group |= bytes.data[at + 2];
        for (size_t step = 0; step < 4; step++)
            scratch->data[scratch->size++] =
                    step <= left ? (uint8_t)digits[group >> (18 - 6 * step) & 63] : (uint8_t)'=';
    }
    ji_json_write_string(json, ji_view_of(scratch->data, scratch->size));
    return JOIST_OK;
}

static enum joist_status write_primitive(struct ji_json_writer *json, const struct ji_variant *value,
        struct ji_bytes *scratch, struct joist_error *err)
{
    char text[TEXT_MAX];
    switch (value->type) {
    case JI_VARIANT_NULL:
        ji_json_write_null(json);
        return JOIST_OK;
    case JI_VARIANT_TRUE:
    case JI_VARIANT_FALSE:
        ji_json_write_bool(json, value->type == JI_VARIANT_TRUE);
        return JOIST_OK;
    case JI_VARIANT_INT8:
    case JI_VARIANT_INT16:
    case JI_VARIANT_INT32:
    case JI_VARIANT_INT64:
        ji_json_write_int64(json, value->integer);
        return JOIST_OK;
    case JI_VARIANT_DECIMAL4:
    case JI_VARIANT_DECIMAL8:
    case JI_VARIANT_DECIMAL16:
        ji_json_write_raw(json, ji_view_of(text, ji_decimal_print(value->decimal, value->scale, text)));
        return JOIST_OK;
    case JI_VARIANT_STRING:
        ji_json_write_string(json, value->view);
        return JOIST_OK;
    case JI_VARIANT_BINARY:
        return write_binary(json, value->view, scratch, err);
    default:
        break;
    }
    const bool is_real = value->type == JI_VARIANT_FLOAT || value->type == JI_VARIANT_DOUBLE;
    if (is_real && value->real - value->real == 0)
        ji_json_write_raw(json, ji_view_of(text, print_real(value, text)));
    else
        ji_json_write_string(json, ji_view_of(text, print_quoted(value, text)));
    return JOIST_OK;
}

static enum joist_status write_event(struct ji_json_writer *json, const struct ji_variant_event *event,
        struct ji_bytes *scratch, struct joist_error *err)
{
    const bool is_object = event->value.type == JI_VARIANT_OBJECT;
    if (event->has_name)
        ji_json_write_key_view(json, event->name);
    switch (event->kind) {
    case JI_VARIANT_PRIMITIVE:
        return write_primitive(json, &event->value, scratch, err);
    case JI_VARIANT_BEGIN:
        (is_object ? ji_json_write_begin_object : ji_json_write_begin_array)(json);
        return JOIST_OK;
    case JI_VARIANT_END:
        (is_object ? ji_json_write_end_object : ji_json_write_end_array)(json);
        return JOIST_OK;
    case JI_VARIANT_END_VALUE:
        break;
    }
    return JOIST_OK;
}

enum joist_status ji_variant_json(
        struct ji_view metadata, struct ji_view value, struct ji_bytes *out, struct joist_error *err)
{
    struct ji_variant_names names;
    JI_TRY(ji_variant_names_init(&names, metadata, err));
    struct ji_variant_walk walk;
    ji_variant_walk_init(&walk, &names, value, 0);
    struct ji_json_writer json;
    ji_json_writer_init(&json, out, err);
    struct ji_bytes scratch;
    ji_bytes_init(&scratch, out->mem);
    enum joist_status status = JOIST_OK;
    struct ji_variant_event event;
    do {
        JI_TRY_OUT(ji_variant_next(&walk, &event, err));
        JI_TRY_OUT(write_event(&json, &event, &scratch, err));
    } while (event.kind != JI_VARIANT_END_VALUE);
    JI_TRY_OUT(ji_json_writer_finish(&json));

out:
    ji_bytes_clear(&scratch);
    return status;
}
