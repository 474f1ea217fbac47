/*
 * select_names.h - what names in a select block mean
 */
#ifndef JI_SELECT_NAMES_H
#define JI_SELECT_NAMES_H

#include "query/select.h"

/* The list of a block with '*' written out. */
struct ji_item {
    const char *name;              /* of the result's column */
    const struct ji_expr *unbound; /* NULL where it came from '*' */
    struct ji_expr *bound;         /* to the input */
};
struct ji_item_list {
    struct ji_item *items;
    size_t count;
};

enum joist_status ji_select_items(struct ji_query *query, const struct ji_select *select,
        const struct ji_schema *input, struct ji_item_list *list, struct joist_error *err);

/*
 * Binds to the input. `alias.column` is the column; with `list`, a name that the input lacks is the item of
 * that alias.
 */
enum joist_status ji_select_bind(struct ji_query *query, const struct ji_select *select,
        const struct ji_item_list *list, const struct ji_schema *input, const struct ji_expr *expr,
        struct ji_expr **bound, struct joist_error *err);

/*
 * A whole number as a place in the list, from 1; 0 for any other expression. INVALID where there is no such
 * place.
 */
enum joist_status ji_select_ordinal(
        const struct ji_expr *expr, size_t count, const char *clause, size_t *place, struct joist_error *err);
/* The item that a bare name means, SIZE_MAX where none. */
size_t ji_item_find(const struct ji_item_list *list, const struct ji_expr *expr);

#endif
