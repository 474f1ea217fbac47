/*
 * element_read.c - decodes one element of the schema
 *
 *     15 04  25 02  18 | 05 | 63 34 39 39 39 | 6c ac 13 ... 00
 *     ----- head -----   size  name             ---- tail ----        as the one before, but for the name
 *
 *   1. A thrift parser that has passed the same bytes is in the same state: an element whose bytes equal the
 *      model's up to the name's length and again behind the name is the model with another name.
 *   2. A model is kept only of an element whose name has a length of one byte, right before it.
 *   3. What an element points to is a copy: it outlives the bytes.
 *
 * The ten thousand columns of a wide file are of few types, and those of one type stand together: one by one
 * their fields take five times as long.
 */
#include "parquet/format/element_read.h"

#include "parquet/format/footer_parts.h"

#define NAME_BYTES_MAX 127 /* a length of one byte */

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

/* The struct of one member of LogicalType: those of the types below have fields that count. */
static void read_logical_member(struct ji_thrift_reader *thrift, struct ji_logical_type *logical)
{
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        const bool is_time = logical->kind == JI_LOGICAL_TIME || logical->kind == JI_LOGICAL_TIMESTAMP;
        const bool is_place = logical->kind == JI_LOGICAL_GEOMETRY || logical->kind == JI_LOGICAL_GEOGRAPHY;
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
        else if (is_place && field.id == 1)
            logical->crs = ji_thrift_binary(thrift, field.type);
        else if (logical->kind == JI_LOGICAL_GEOGRAPHY && field.id == 2)
            logical->edges = (enum ji_edges)ji_thrift_i32(thrift, field.type);
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

static void read_fields(struct ji_thrift_reader *thrift, struct ji_schema_element *element)
{
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field)) {
        switch (field.id) {
        case 1:
            element->physical = (enum ji_physical)ji_enum_decode(thrift, field.type, JI_PHYSICAL_FIXED);
            break;
        case 2:
            element->type_length = ji_thrift_i32(thrift, field.type);
            break;
        case 3:
            element->repetition = (enum ji_repetition)ji_enum_decode(thrift, field.type, JI_REPEATED);
            break;
        case 4:
            element->name = ji_thrift_binary(thrift, field.type);
            break;
        case 5:
            element->child_count = ji_thrift_i32(thrift, field.type);
            break;
        case 6:
            element->converted = (enum ji_converted)ji_enum_decode(thrift, field.type, JI_CONVERTED_INTERVAL);
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

/* An element that differs from the model in its name alone; false where it does not resemble it. */
static bool read_like_model(const struct ji_element_model *model, struct ji_thrift_reader *thrift,
        struct ji_schema_element *element)
{
    const uint8_t *const at = thrift->at;
    if (model->size == 0 || (size_t)(thrift->end - at) < model->size + 1 + NAME_BYTES_MAX ||
            memcmp(at, model->bytes, model->head) != 0)
        return false;
    const uint8_t *const name = at + model->head + 1;
    const size_t size = at[model->head];
    const size_t tail = model->size - model->head;
    if (size > NAME_BYTES_MAX || memcmp(name + size, model->bytes + model->head, tail) != 0)
        return false;
    *element = model->element;
    element->name = ji_view_of(name, size);
    thrift->at = name + size + tail;
    return true;
}

/* `start` is where the element began. */
static void keep_model(struct ji_element_model *model, const uint8_t *start,
        const struct ji_thrift_reader *thrift, const struct ji_schema_element *element)
{
    const struct ji_view name = element->name;
    model->size = 0;
    if (thrift->error != JI_THRIFT_FINE || name.size == 0 || name.size > NAME_BYTES_MAX ||
            name.data[-1] != name.size)
        return;
    const size_t head = (size_t)(name.data - 1 - start);
    const size_t tail = (size_t)(thrift->at - name.data) - name.size;
    if (head + tail > sizeof model->bytes)
        return;
    memcpy(model->bytes, start, head);
    memcpy(model->bytes + head, name.data + name.size, tail);
    model->head = head;
    model->size = head + tail;
    model->element = *element;
}

enum joist_status ji_element_read(struct ji_footer_steps *steps, void *out, struct joist_error *err)
{
    struct ji_thrift_reader *const thrift = &steps->window->thrift;
    struct ji_schema_element *const element = out;
    const uint8_t *const start = thrift->at;
    if (thrift->error == JI_THRIFT_FINE && steps->list.type == JI_THRIFT_STRUCT &&
            read_like_model(&steps->element_model, thrift, element))
        return ji_arena_view(steps->arena, element->name, &element->name, err);

    *element = (struct ji_schema_element){
            .name = ji_view_of("", 0), .physical = JI_PHYSICAL_NONE, .converted = JI_CONVERTED_NONE};
    if (!ji_thrift_expect_struct(thrift, steps->list.type))
        return JOIST_OK;
    read_fields(thrift, element);
    if (element->logical.crs.data != NULL)
        JI_TRY(ji_arena_view(steps->arena, element->logical.crs, &element->logical.crs, err));
    keep_model(&steps->element_model, start, thrift, element);
    return ji_arena_view(steps->arena, element->name, &element->name, err);
}
