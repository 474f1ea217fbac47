/*
 * statement.h - a select statement as parsed, and its plan
 */
#ifndef JI_STATEMENT_H
#define JI_STATEMENT_H

#include <joist/table.h>

#include "query/select.h"

/* Selects within selects in from. */
#define JI_STATEMENT_DEPTH_MAX 16
#define JI_STATEMENT_BYTES_MAX ((size_t)1 << 20)

struct ji_statement;

enum ji_from_kind { JI_FROM_NOTHING, JI_FROM_FILE, JI_FROM_TABLE, JI_FROM_SELECT };

struct ji_from {
    enum ji_from_kind kind;
    uint32_t position;
    const char *name; /* location, or namespace.table */
    bool has_snapshot;
    struct joist_snapshot_choice snapshot;
    const struct ji_statement *inner; /* SELECT */
};

struct ji_statement {
    struct ji_from from;
    struct ji_select select; /* its alias is that of `from` */
};

/*
 * INVALID says what was expected where ("column 8: ..."), UNSUPPORTED names what SQL has and this has not
 * (joins, with, union, window functions ...). The statement lives in the arena.
 */
enum joist_status ji_statement_parse(struct ji_arena *arena, struct ji_view text,
        const struct ji_statement **statement, struct joist_error *err);

/* Gives the plan of a FILE or TABLE. */
typedef enum joist_status (*ji_open_from_fn)(void *arg, struct ji_query *query, const struct ji_from *from,
        struct ji_plan **plan, struct joist_error *err);

/* The plan of a statement, not optimised. */
enum joist_status ji_statement_plan(struct ji_query *query, const struct ji_statement *statement,
        ji_open_from_fn open_from, void *arg, struct ji_plan **plan, struct joist_error *err);

#endif
