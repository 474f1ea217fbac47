/*
 * name_order.h - fields in the order of their names
 */
#ifndef JI_NAME_ORDER_H
#define JI_NAME_ORDER_H

#include "arrow/arrow_type.h"

/* The places of `count` fields, sorted by name: n log n, whatever the header. Of the arena. */
enum joist_status ji_name_order(struct ji_arena *arena, const struct ji_field *fields, size_t count,
        const uint32_t **places, struct joist_error *err);

#endif
