/*
 * schema_registry.h - the mirror of every table's schemas in catalog.db, to be asked with plain SQL
 *
 * Nothing reads it back: the tables' metadata is the truth. It changes in the transaction that moves a
 * table's pointer; what another engine's commit leaves behind shows in the view joist_schema_stale until
 * the next commit or sync.
 */
#ifndef JI_SCHEMA_REGISTRY_H
#define JI_SCHEMA_REGISTRY_H

#include "table/catalog/sqlite_catalog.h"

/* The statements that make table and view. */
extern const char ji_schema_registry_sql[];

/* Inside the caller's transaction. */
enum joist_status ji_schema_registry_put(struct joist_catalog *catalog, sqlite3 *db,
        const struct ji_table_name *name, const char *location, const struct ji_table_metadata *model,
        struct joist_error *err);
enum joist_status ji_schema_registry_remove(struct joist_catalog *catalog, sqlite3 *db,
        const struct ji_table_name *name, struct joist_error *err);

#endif
