/*
 * single_value.h - one value as the bytes of Iceberg's Appendix D: bounds in manifests, summaries in lists
 */
#ifndef JI_SINGLE_VALUE_H
#define JI_SINGLE_VALUE_H

#include "arrow/value.h"

/* Of any kind but those whose bytes are the value's own view. */
#define JI_SINGLE_VALUE_BYTES_MAX 16

/* Two's complement, big-endian, as few bytes as keep the sign; says how many (1..16). */
size_t ji_decimal_bytes(ji_int128 value, uint8_t bytes[JI_SINGLE_VALUE_BYTES_MAX]);

/*
 * The bytes of a value that is not null: in `room`, or the value's own view. Kinds that Iceberg cannot have
 * in bounds (nested, NULL) give a view with data NULL.
 */
struct ji_view ji_single_value_encode(
        const struct ji_field *field, const struct ji_value *value, uint8_t room[JI_SINGLE_VALUE_BYTES_MAX]);

/*
 * The value back; views borrow from `bytes`. Bytes that were written when the column was narrower
 * (int before long, float before double) are told by their length. False where the length fits nothing.
 */
bool ji_single_value_decode(const struct ji_field *field, struct ji_view bytes, struct ji_value *value);

#endif
