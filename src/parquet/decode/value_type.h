/*
 * value_type.h - how the values of a leaf go from the file into memory
 */
#ifndef JI_VALUE_TYPE_H
#define JI_VALUE_TYPE_H

#include "parquet/format/parquet_schema.h"

enum ji_conversion {
    JI_CONVERT_NONE, /* NULL: there are no values */
    JI_CONVERT_BIT,  /* BOOLEAN -> a bit */
    JI_CONVERT_COPY, /* the same bytes */
    JI_CONVERT_INT8, /* INT32 -> the small integers, checked */
    JI_CONVERT_INT16,
    JI_CONVERT_UINT8,
    JI_CONVERT_UINT16,
    JI_CONVERT_INT32_TO_64,
    JI_CONVERT_INT32_TO_128,
    JI_CONVERT_INT64_TO_128,
    JI_CONVERT_FIXED_TO_64, /* big-endian two's complement, checked */
    JI_CONVERT_FIXED_TO_128,
    JI_CONVERT_BYTES_TO_64,
    JI_CONVERT_BYTES_TO_128,
    JI_CONVERT_FIXED_TO_256, /* to JI_WIDE_DECIMAL */
    JI_CONVERT_BYTES_TO_256,
    JI_CONVERT_INT96, /* Julian day and nanoseconds -> the unit of the field since 1970, checked */
    JI_CONVERT_INT96_MICRO,
    JI_CONVERT_INT96_MILLI,
    JI_CONVERT_INTERVAL, /* months, days, milliseconds: unsigned -> struct ji_interval, checked */
    JI_CONVERT_VIEW,     /* BYTE_ARRAY -> struct ji_view */
};

struct ji_value_type {
    enum ji_physical physical;
    enum ji_conversion conversion;
    size_t file_bytes;   /* of one PLAIN value; 0: BOOLEAN and BYTE_ARRAY */
    size_t memory_bytes; /* of one value in memory; 0: bits and NULL */
    size_t number_bytes; /* COPY: of a little-endian number, 0 for bytes in their own order */
    bool is_text;        /* the bytes must be UTF-8 */
};

void ji_value_type_init(struct ji_value_type *type, const struct ji_leaf *leaf);
/* From now on as values leave the library (ji_column.is_laid_out), but for strings, which stay views. */
void ji_value_type_lay_out(struct ji_value_type *type, const struct ji_leaf *leaf);

/*
 * Converts `count` values of file_bytes each, as PLAIN has them; not for BIT, VIEW and BYTES. `out` need not
 * be aligned. False where a value does not fit its type in memory.
 */
bool ji_values_convert(const struct ji_value_type *type, const uint8_t *in, size_t count, void *out);
/* Numbers of `width` bytes (0: none) between little-endian and host order, in place. */
void ji_values_swap(void *values, size_t width, size_t count);
/*
 * Days since 4713 BC and nanoseconds of the day as time since 1970, rounded down; false where it does not
 * fit.
 */
bool ji_int96_to_unit(const uint8_t *in, enum ji_unit unit, int64_t *since_1970);
static inline bool ji_int96_to_nanos(const uint8_t *in, int64_t *nanos)
{
    return ji_int96_to_unit(in, JI_NANO, nanos);
}

#endif
