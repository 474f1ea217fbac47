/*
 * values_encode.h - the values of a page in any encoding but the dictionary's
 *
 *     PLAIN                     every type
 *     RLE                       BOOLEAN
 *     DELTA_BINARY_PACKED       INT32, INT64
 *     DELTA_LENGTH_BYTE_ARRAY   BYTE_ARRAY
 *     DELTA_BYTE_ARRAY          BYTE_ARRAY, FIXED
 *     BYTE_STREAM_SPLIT         INT32, INT64, FLOAT, DOUBLE, FIXED
 *     ALP                       FLOAT, DOUBLE
 */
#ifndef JI_VALUES_ENCODE_H
#define JI_VALUES_ENCODE_H

#include "base/buffer.h"
#include "parquet/encode/delta_encode.h"
#include "parquet/encode/raw_values.h"

/* May a leaf of this physical type be written so? The dictionary: all but BOOLEAN. */
bool ji_encoding_suits(enum ji_encoding encoding, enum ji_physical physical);

/* How: the shape is DELTA_BINARY_PACKED's, and that of lengths. */
struct ji_encode_plan {
    enum ji_encoding encoding;
    struct ji_delta_shape shape;
};

/* Appends to `out`; `scratch` is for the call. The encoding suits the values' type. */
enum joist_status ji_values_encode(const struct ji_encode_plan *plan, const struct ji_raw_values *raw,
        struct ji_bytes *scratch, struct ji_bytes *out, struct joist_error *err);

#endif
