/*
 * array_shape.h - the physical layout of arrays that come in, or go out
 *
 * A tree beside the ji_schema, node for node: the root's children are the columns, a list's one child its
 * element, a map's its entries. A dictionary's node says how the codes lie; `layout` and
 * below are then those of the dictionary's values.
 */
#ifndef JI_ARRAY_SHAPE_H
#define JI_ARRAY_SHAPE_H

#include "arrow/arrow_type.h"

enum ji_layout {
    JI_LAYOUT_NULL = 0,
    JI_LAYOUT_BITS,
    JI_LAYOUT_SAME,      /* fixed width, as a flat column holds it */
    JI_LAYOUT_DECIMAL,   /* `bits` wide, a flat column holds 64 or 128 */
    JI_LAYOUT_TIME32,    /* int32 seconds or milliseconds */
    JI_LAYOUT_DATE64,    /* int64 milliseconds */
    JI_LAYOUT_OFFSETS32, /* strings and bytes */
    JI_LAYOUT_OFFSETS64,
    JI_LAYOUT_VIEWS,
    JI_LAYOUT_LIST32, /* lists and maps */
    JI_LAYOUT_LIST64,
    JI_LAYOUT_LIST_FIXED,  /* `list_size` elements each */
    JI_LAYOUT_LIST_VIEW32, /* offset and size of each */
    JI_LAYOUT_LIST_VIEW64,
    JI_LAYOUT_STRUCT,
    JI_LAYOUT_DURATION, /* int64 in `unit`; for the engine a number */
};

struct ji_array_shape {
    enum ji_layout layout;
    bool is_dictionary;
    bool is_ordered;        /* the dictionary's order means something */
    enum ji_kind code_kind; /* of a dictionary's codes: INT8 ... UINT64 */
    uint16_t bits;          /* DECIMAL: 32, 64, 128, 256 */
    int32_t list_size;
    enum ji_unit unit; /* DURATION */
    size_t child_count;
    struct ji_array_shape *children;
};

/* The shape of what ji_stream_export makes. */
enum joist_status ji_array_shape_plain(struct ji_arena *arena, const struct ji_schema *schema,
        struct ji_array_shape **shape, struct joist_error *err);
/* The layout of one field, its children apart, there. */
enum ji_layout ji_layout_plain(const struct ji_field *field);

#endif
