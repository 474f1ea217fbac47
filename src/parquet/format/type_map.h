/*
 * type_map.h - a scalar field <-> physical and logical type
 *
 *     kind             physical             logical            memory (arrow_type.h)
 *     BOOL             BOOLEAN              -                  bits
 *     INT8..UINT32     INT32                INTEGER            1, 2, 4 bytes
 *     INT64, UINT64    INT64                INTEGER            8 bytes
 *     DECIMAL 1..9     INT32                DECIMAL            int64_t
 *     DECIMAL 10..18   INT64                DECIMAL            int64_t
 *     DECIMAL 19..38   FIXED, least bytes   DECIMAL            ji_int128 (big-endian in the file)
 *     DECIMAL 39..76   FIXED, least bytes   DECIMAL            32 bytes (big-endian in the file)
 *     DATE             INT32                DATE               int32_t
 *     TIME             INT32 ms, INT64      TIME               int64_t
 *     TIMESTAMP        INT64                TIMESTAMP          int64_t
 *     STRING, BINARY   BYTE_ARRAY           STRING, -          views
 *     FIXED, UUID      FIXED                -, UUID            bytes
 *     FLOAT16          FIXED 2              FLOAT16            2 bytes
 *     NULL             INT32                UNKNOWN            -
 *
 * Annotated (ji_annotation): STRING as ENUM or JSON, BINARY as BSON, TIMESTAMP as INT96, which has no
 * logical type.
 *
 * Read besides: DECIMAL from INT32, INT64, FIXED and BYTE_ARRAY at any precision (WIDE_DECIMAL from 39 digits
 * on), INT96 as TIMESTAMP in nanoseconds, ENUM and JSON as STRING (annotated, and as Arrow's arrow.json),
 * BSON, GEOMETRY and GEOGRAPHY as BINARY (the last two as geoarrow.wkb), INTERVAL as INTERVAL. A logical
 * type, or a unit of time, that we do not know leaves the physical type.
 */
#ifndef JI_TYPE_MAP_H
#define JI_TYPE_MAP_H

#include "arrow/arrow_type.h"
#include "parquet/format/footer_model.h"

/* Bytes of the shortest FIXED that holds every decimal of `precision` digits. */
unsigned ji_decimal_fixed_bytes(unsigned precision);

/* Fills kind and parameters of `field` from a leaf's element; name, nullability, id are the caller's. */
enum joist_status ji_type_from_element(
        const struct ji_schema_element *element, struct ji_field *field, struct joist_error *err);
/* Fills the types of `element` from a scalar field; name, repetition, id are the caller's. */
enum joist_status ji_type_to_element(
        const struct ji_field *field, struct ji_schema_element *element, struct joist_error *err);

#endif
