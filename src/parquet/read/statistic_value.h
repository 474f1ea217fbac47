/*
 * statistic_value.h - bounds as the file stores them, as values of the engine
 */
#ifndef JI_STATISTIC_VALUE_H
#define JI_STATISTIC_VALUE_H

#include "arrow/value.h"
#include "parquet/format/parquet_schema.h"

/*
 * A bound in PLAIN form without length. False where the bytes are not a value of the leaf's type, or its kind
 * has no bounds. Strings borrow from `bytes`.
 */
bool ji_statistic_value(const struct ji_leaf *leaf, struct ji_view bytes, struct ji_value *value);

/* The same as text for people, or hexadecimal where it is no value (or raw bytes). Appends. */
enum joist_status ji_statistic_text(
        const struct ji_leaf *leaf, struct ji_view bytes, struct ji_bytes *out, struct joist_error *err);

#endif
