/*
 * wide_value.h - any integer, decimal, boolean, date or time of a vector as a 128-bit integer, one at a time
 *
 * For the slow passes: what runs millions of times has loops of its own.
 */
#ifndef JI_WIDE_VALUE_H
#define JI_WIDE_VALUE_H

#include "expr/vector.h"

#define JI_WIDE_LOAD(type)                                                                                   \
    do {                                                                                                     \
        type value_ = 0;                                                                                     \
        memcpy(&value_, values + at * sizeof value_, sizeof value_);                                         \
        return (ji_int128)value_;                                                                            \
    } while (0)

static inline ji_int128 ji_wide_load(const struct ji_vector *vector, size_t i)
{
    const size_t at = ji_vector_constant(vector) ? 0 : i;
    const uint8_t *values = vector->column.values;
    switch (ji_physical_of(vector)) {
    case JI_PHYSICAL_BOOL:
        return ji_bit_get(values, at);
    case JI_PHYSICAL_I8:
        JI_WIDE_LOAD(int8_t);
    case JI_PHYSICAL_I16:
        JI_WIDE_LOAD(int16_t);
    case JI_PHYSICAL_I32:
        JI_WIDE_LOAD(int32_t);
    case JI_PHYSICAL_U8:
        JI_WIDE_LOAD(uint8_t);
    case JI_PHYSICAL_U16:
        JI_WIDE_LOAD(uint16_t);
    case JI_PHYSICAL_U32:
        JI_WIDE_LOAD(uint32_t);
    case JI_PHYSICAL_U64:
        JI_WIDE_LOAD(uint64_t);
    case JI_PHYSICAL_I128:
        JI_WIDE_LOAD(ji_int128);
    default:
        JI_WIDE_LOAD(int64_t);
    }
}

/* `values` is the memory of `vector`, which is flat; the value fits. */
static inline void ji_wide_store(const struct ji_vector *vector, uint8_t *values, size_t i, ji_int128 value)
{
    const uint8_t one = (uint8_t)value;
    const uint16_t two = (uint16_t)value;
    const uint32_t four = (uint32_t)value;
    const uint64_t eight = (uint64_t)value;
    switch (ji_vector_width(vector)) {
    case 0:
        if (value != 0)
            ji_bit_set(values, i);
        break;
    case 1:
        memcpy(values + i, &one, 1);
        break;
    case 2:
        memcpy(values + i * 2, &two, 2);
        break;
    case 4:
        memcpy(values + i * 4, &four, 4);
        break;
    case 8:
        memcpy(values + i * 8, &eight, 8);
        break;
    default:
        memcpy(values + i * 16, &value, 16);
    }
}

#endif
