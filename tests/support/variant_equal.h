/*
 * variant_equal.h - two binary variants that mean the same, whatever their dictionaries
 */
#ifndef JI_VARIANT_EQUAL_H
#define JI_VARIANT_EQUAL_H

#include "wire/variant_read.h"

/* Same types, values and names; both are valid, else false. */
bool variant_equal(
        struct ji_view metadata_a, struct ji_view value_a, struct ji_view metadata_b, struct ji_view value_b);

#endif
