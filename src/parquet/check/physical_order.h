/*
 * physical_order.h - the order of a column's values, over their bytes in PLAIN form without length
 *
 * The pruning code has its own orders, over decoded values: here are others, so that a fault in one does not
 * hide in both.
 */
#ifndef JI_PHYSICAL_ORDER_H
#define JI_PHYSICAL_ORDER_H

#include "parquet/format/parquet_schema.h"

enum ji_value_order {
    JI_ORDERED_NOT, /* the format leaves it open, or we do not know it */
    JI_ORDERED_BOOL,
    JI_ORDERED_I32,
    JI_ORDERED_U32,
    JI_ORDERED_I64,
    JI_ORDERED_U64,
    JI_ORDERED_F16, /* NaN outside, zeros equal */
    JI_ORDERED_F32,
    JI_ORDERED_F64,
    JI_ORDERED_BYTES,
    JI_ORDERED_DECIMAL,   /* big-endian two's complement of any length */
    JI_ORDERED_F16_TOTAL, /* NaN outside unless there is nothing else */
    JI_ORDERED_F32_TOTAL,
    JI_ORDERED_F64_TOTAL,
    JI_ORDERED_INT96,
};

enum ji_value_order ji_leaf_value_order(const struct ji_schema_element *element, enum ji_column_order order);
bool ji_order_is_total(enum ji_value_order order);
/* Of floats: NaN has its own place. */
bool ji_order_has_nan(enum ji_value_order order);
/* Whether the bytes can be a value of a column in this order: their length. */
bool ji_order_fits(enum ji_value_order order, struct ji_view value);
/* The value fits and has NaN's bits; false for orders without NaN. */
bool ji_order_is_nan(enum ji_value_order order, struct ji_view value);
/* Below, at or above 0. Both fit; NaN only in total orders. */
int ji_order_compare(enum ji_value_order order, struct ji_view a, struct ji_view b);
/* Bounds may be cut: bytes and text. */
static inline bool ji_order_may_cut(enum ji_value_order order)
{
    return order == JI_ORDERED_BYTES;
}

#endif
