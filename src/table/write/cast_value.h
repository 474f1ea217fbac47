/*
 * cast_value.h - one value to another type, whole or not at all
 */
#ifndef JI_CAST_VALUE_H
#define JI_CAST_VALUE_H

#include "arrow/value.h"

/* Whether there is a way from one scalar type to another at all; the same type is one. */
bool ji_cast_exists(const struct ji_field *from, const struct ji_field *to);

/*
 * NULL where it went, else why not ("is out of range for int"). `value` is not null;
 * views of the result borrow from it.
 */
const char *ji_cast_value(const struct ji_field *from, const struct ji_value *value,
        const struct ji_field *to, struct ji_value *result);

/*
 * Why a value of the very type is still none that the table may hold, or NULL: digits of decimals, times of
 * day.
 */
const char *ji_value_refused(const struct ji_field *field, const struct ji_value *value);

#endif
