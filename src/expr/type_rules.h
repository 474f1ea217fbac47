/*
 * type_rules.h - which types go together, and what comes out
 */
#ifndef JI_TYPE_RULES_H
#define JI_TYPE_RULES_H

#include "expr/expr.h"
#include "expr/type_name.h"

/* The least type that holds every value of both, or false. */
bool ji_type_common(const struct ji_field *a, const struct ji_field *b, struct ji_field *common);

bool ji_type_is_number(const struct ji_field *type);
static inline bool ji_type_is_real(const struct ji_field *type)
{
    return type->kind == JI_FLOAT || type->kind == JI_DOUBLE;
}
/* The decimal type that holds every value of an integer kind. */
struct ji_field ji_type_decimal_of_integer(enum ji_kind kind);

/* Least and greatest value of an integer, decimal, date, time or timestamp type. */
void ji_type_range(const struct ji_field *type, ji_int128 *least, ji_int128 *greatest);

/* How a literal stands to the values of a type. */
enum ji_fit {
    JI_FIT_EXACT,   /* `value` is it */
    JI_FIT_BETWEEN, /* strictly between `value` and the one that follows it */
    JI_FIT_BELOW,   /* below all of them */
    JI_FIT_ABOVE,
    JI_FIT_NOT, /* no statement: widen */
};
/* INVALID where a string literal is not the text of such a value. `literal` is not null. */
enum joist_status ji_literal_fit(struct ji_arena *arena, const struct ji_expr *literal,
        const struct ji_field *type, enum ji_fit *fit, struct ji_value *value, struct joist_error *err);

#endif
