/*
 * select.h - one select block over an input: names resolved, aggregates pulled out, operators in their order
 *
 *     input -> where -> group by, aggregates -> having -> list -> distinct -> order by -> limit
 *
 * Names in group by, having and order by: a column of the input first, then an alias of the list; a bare
 * name in order by is an alias first. A whole number in group by and order by is a place in the list, from
 * 1.
 */
#ifndef JI_SELECT_H
#define JI_SELECT_H

#include "query/plan.h"

struct ji_select_item {
    const struct ji_expr *expr; /* as parsed; NULL: '*' */
    const char *alias;          /* or NULL */
    uint32_t position;
};
struct ji_order_item {
    const struct ji_expr *expr; /* as parsed */
    struct ji_sort_order order;
};
struct ji_select {
    const char *alias; /* of the input, for alias.column; or NULL */
    const struct ji_select_item *items;
    size_t item_count;
    bool distinct;
    const struct ji_expr *where;
    const struct ji_expr *const *group_by;
    size_t group_count;
    const struct ji_expr *having;
    const struct ji_order_item *order_by;
    size_t order_count;
    bool has_limit;
    uint64_t limit;
    uint64_t offset;
};

/* INVALID points at the place: "column 8: ...", bytes of the text that the trees were parsed from. */
enum joist_status ji_select_plan(struct ji_query *query, struct ji_plan *input,
        const struct ji_select *select, struct ji_plan **plan, struct joist_error *err);

#endif
