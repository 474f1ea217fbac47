/*
 * leaf_of.h - a leaf that stands alone, and the type of its values, for tests of pages without a file
 */
#ifndef JI_TEST_LEAF_OF_H
#define JI_TEST_LEAF_OF_H

#include "parquet/decode/value_type.h"

struct leaf_of {
    struct ji_schema_element element;
    struct ji_field field;
    struct ji_leaf leaf;
    struct ji_value_type type;
};

/* `of` stays where it is: its parts point to one another. */
static inline void make_type(
        struct leaf_of *of, enum ji_physical physical, int32_t length, struct ji_field field)
{
    of->element = (struct ji_schema_element){.physical = physical, .type_length = length};
    of->field = field;
    of->leaf = (struct ji_leaf){.element = &of->element, .field = &of->field};
    ji_value_type_init(&of->type, &of->leaf);
}

#endif
