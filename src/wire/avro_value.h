/*
 * avro_value.h - one datum, between its bytes and a small tree of values
 *
 * Which member counts follows from `kind`. A value never has kind UNION: it is the
 * branch's. Numbers of manifests are few, so that a tree costs little and is easy to walk.
 */
#ifndef JI_AVRO_VALUE_H
#define JI_AVRO_VALUE_H

#include "base/buffer.h"
#include "wire/avro_schema.h"

struct ji_avro_value {
    enum ji_avro_kind kind;
    const struct ji_avro_type *type; /* set by decode, not read by encode */
    union {
        bool boolean;
        int64_t integer;      /* INT, LONG; ENUM: the symbol's position */
        double real;          /* FLOAT (widened), DOUBLE */
        struct ji_view bytes; /* BYTES, STRING (UTF-8), FIXED */
        struct {
            const struct ji_avro_value *values; /* RECORD: one a field, in order; ARRAY; MAP: values */
            const struct ji_view *keys;         /* MAP alone */
            size_t count;
        } items;
    } as;
};

static inline struct ji_avro_value ji_avro_null(void)
{
    return (struct ji_avro_value){.kind = JI_AVRO_NULL};
}
static inline struct ji_avro_value ji_avro_boolean(bool value)
{
    return (struct ji_avro_value){.kind = JI_AVRO_BOOLEAN, .as.boolean = value};
}
static inline struct ji_avro_value ji_avro_int(int32_t value)
{
    return (struct ji_avro_value){.kind = JI_AVRO_INT, .as.integer = value};
}
static inline struct ji_avro_value ji_avro_long(int64_t value)
{
    return (struct ji_avro_value){.kind = JI_AVRO_LONG, .as.integer = value};
}
static inline struct ji_avro_value ji_avro_float(float value)
{
    return (struct ji_avro_value){.kind = JI_AVRO_FLOAT, .as.real = (double)value};
}
static inline struct ji_avro_value ji_avro_double(double value)
{
    return (struct ji_avro_value){.kind = JI_AVRO_DOUBLE, .as.real = value};
}
/* The bytes are borrowed as long as the value. */
static inline struct ji_avro_value ji_avro_string(struct ji_view value)
{
    return (struct ji_avro_value){.kind = JI_AVRO_STRING, .as.bytes = value};
}
static inline struct ji_avro_value ji_avro_bytes(struct ji_view value)
{
    return (struct ji_avro_value){.kind = JI_AVRO_BYTES, .as.bytes = value};
}
static inline struct ji_avro_value ji_avro_fixed(struct ji_view value)
{
    return (struct ji_avro_value){.kind = JI_AVRO_FIXED, .as.bytes = value};
}
static inline struct ji_avro_value ji_avro_record(const struct ji_avro_value *fields, size_t count)
{
    return (struct ji_avro_value){.kind = JI_AVRO_RECORD, .as.items = {.values = fields, .count = count}};
}
static inline struct ji_avro_value ji_avro_array(const struct ji_avro_value *values, size_t count)
{
    return (struct ji_avro_value){.kind = JI_AVRO_ARRAY, .as.items = {.values = values, .count = count}};
}

/*
 * One datum of `type` from the front of `bytes`; `*used` says how many it took. The value and everything
 * below it, strings copied, live in the arena. CORRUPT where the bytes do not hold it; STRINGs are checked
 * for UTF-8.
 */
enum joist_status ji_avro_decode(struct ji_arena *arena, const struct ji_avro_type *type,
        struct ji_view bytes, struct ji_avro_value *value, size_t *used, struct joist_error *err);

/*
 * Appends the datum. A union takes the first branch of the value's kind; INT and LONG stand for each other
 * where the number fits. INVALID where the value does not fit its type, naming the field; `out` is as
 * before then.
 */
enum joist_status ji_avro_encode(const struct ji_avro_type *type, const struct ji_avro_value *value,
        struct ji_bytes *out, struct joist_error *err);

/* The field of a decoded record, or NULL where the writer's schema has none; a null field has kind NULL. */
const struct ji_avro_value *ji_avro_get(const struct ji_avro_value *record, int32_t field_id);

#endif
