/*
 * variant_equal.h - two binary variants that mean the same, whatever their dictionaries
 */
#ifndef JI_VARIANT_EQUAL_H
#define JI_VARIANT_EQUAL_H

#include "wire/variant_build.h"

/* Same types, values and names; both are valid, else false. */
bool variant_equal(
        struct ji_view metadata_a, struct ji_view value_a, struct ji_view metadata_b, struct ji_view value_b);

/* Appends the value as a walk over it tells, in the least widths. */
enum joist_status variant_rebuild(const struct ji_variant_names *names, struct ji_view value,
        struct ji_variant_builder *builder, struct joist_error *err);

#endif
