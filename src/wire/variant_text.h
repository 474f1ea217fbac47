/*
 * variant_text.h - a binary variant as JSON text
 *
 * Objects and arrays as they are, fields in the order that they have; null, booleans, integers, decimals and
 * finite reals bare; strings, dates, times, timestamps (instants with 'Z') and UUIDs quoted, as everywhere
 * here; NaN and infinities quoted; binary in base64, quoted.
 */
#ifndef JI_VARIANT_TEXT_H
#define JI_VARIANT_TEXT_H

#include "base/buffer.h"
#include "wire/variant_read.h"

/* Appends. CORRUPT and LIMIT as the walk says (what was appended before stays), or what memory says. */
enum joist_status ji_variant_json(
        struct ji_view metadata, struct ji_view value, struct ji_bytes *out, struct joist_error *err);

#endif
