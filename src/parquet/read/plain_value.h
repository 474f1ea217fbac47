/*
 * plain_value.h - a value of the engine as the bytes that a file would have for it
 */
#ifndef JI_PLAIN_VALUE_H
#define JI_PLAIN_VALUE_H

#include "arrow/value.h"
#include "parquet/format/parquet_schema.h"

#define JI_PLAIN_FORMS_MAX 2 /* both zeros */

/* The PLAIN bytes, without length, of every form that a value may have in the pages of a leaf. */
struct ji_plain_value {
    size_t count; /* 0: nobody can tell */
    struct ji_view forms[JI_PLAIN_FORMS_MAX];
    uint8_t bytes[JI_PLAIN_FORMS_MAX][16];
};

/*
 * Sets `plain`; its views point into itself or to where the value's point. `value` is of the leaf's kind, or,
 * for integers, decimals and reals, of a wider one. No form where the leaf cannot hold the value exactly,
 * where it is NaN, or where equal values may have different bytes that cannot be named (INT96, decimals of
 * BYTE_ARRAY).
 */
void ji_plain_value(const struct ji_leaf *leaf, const struct ji_value *value, struct ji_plain_value *plain);

#endif
