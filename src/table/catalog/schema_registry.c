/*
 * schema_registry.c - every schema version of every table as a row
 *
 *     joist_schema: catalog_name, table_namespace, table_name, schema_version | schema, created_at,
 *     metadata_location
 *
 *   1. The row of a table's current schema names the metadata that was current when it was written; a
 *      table whose location is on no row is stale.
 *   2. A version's text and date never change once they are there.
 */
#include "table/catalog/schema_registry.h"

#include <inttypes.h>

#include "base/calendar.h"

const char ji_schema_registry_sql[] =
        "CREATE TABLE IF NOT EXISTS joist_schema ("
        "catalog_name VARCHAR(255) NOT NULL, table_namespace VARCHAR(255) NOT NULL, "
        "table_name VARCHAR(255) NOT NULL, schema_version INTEGER NOT NULL, schema TEXT NOT NULL, "
        "created_at TEXT NOT NULL, metadata_location VARCHAR(1000) NOT NULL, "
        "PRIMARY KEY (catalog_name, table_namespace, table_name, schema_version));"
        "CREATE VIEW IF NOT EXISTS joist_schema_stale AS SELECT t.catalog_name, t.table_namespace, "
        "t.table_name, t.metadata_location FROM iceberg_tables t WHERE NOT EXISTS ("
        "SELECT 1 FROM joist_schema s WHERE s.catalog_name = t.catalog_name AND "
        "s.table_namespace = t.table_namespace AND s.table_name = t.table_name AND "
        "s.metadata_location = t.metadata_location);";

static enum joist_status put_version(sqlite3 *db, const char *const key[3], const char *location,
        const struct ji_iceberg_schema *schema, const char *now, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    sqlite3_stmt *statement = NULL;
    bool row = false;
    const char *const texts[] = {key[0], key[1], key[2], location, now};
    JI_TRY_OUT(ji_sqlite_prepare(db,
            "INSERT OR IGNORE INTO joist_schema (catalog_name, table_namespace, table_name, "
            "metadata_location, created_at, schema_version, schema) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            texts, 5, &statement, err));
    if (sqlite3_bind_int64(statement, 6, schema->schema_id) != SQLITE_OK ||
            sqlite3_bind_text64(statement, 7, (const char *)schema->json.data, schema->json.size,
                    SQLITE_STATIC, SQLITE_UTF8) != SQLITE_OK) {
        status = ji_sqlite_fail(db, SQLITE_NOMEM, "mirror of schemas", err);
        goto out;
    }
    JI_TRY_OUT(ji_sqlite_step(db, statement, &row, err));
out:
    sqlite3_finalize(statement);
    return status;
}

static enum joist_status mark_current(sqlite3 *db, const char *const key[3], const char *location,
        int32_t schema_id, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    sqlite3_stmt *statement = NULL;
    bool row = false;
    const char *const texts[] = {key[0], key[1], key[2], location};
    JI_TRY_OUT(ji_sqlite_prepare(db,
            "UPDATE joist_schema SET metadata_location = ?4 WHERE catalog_name = ?1 AND "
            "table_namespace = ?2 AND table_name = ?3 AND schema_version = ?5",
            texts, 4, &statement, err));
    if (sqlite3_bind_int64(statement, 5, schema_id) != SQLITE_OK) {
        status = ji_sqlite_fail(db, SQLITE_NOMEM, "mirror of schemas", err);
        goto out;
    }
    JI_TRY_OUT(ji_sqlite_step(db, statement, &row, err));
out:
    sqlite3_finalize(statement);
    return status;
}

enum joist_status ji_schema_registry_put(struct joist_catalog *catalog, sqlite3 *db,
        const struct ji_table_name *name, const char *location, const struct ji_table_metadata *model,
        struct joist_error *err)
{
    const char *const key[3] = {catalog->name, name->name_space, name->table};
    char now[JI_TIMESTAMP_TEXT_MAX + 1];
    const int64_t now_us = ji_ctx_now_us(catalog->ctx);
    now[ji_timestamp_print(now_us / 1000, JI_MILLI, true, now)] = '\0';
    for (size_t i = 0; i < model->schema_count; i++)
        JI_TRY(put_version(db, key, location, &model->schemas[i], now, err));
    return mark_current(db, key, location, model->schemas[model->current_schema].schema_id, err);
}

enum joist_status ji_schema_registry_remove(
        struct joist_catalog *catalog, sqlite3 *db, const struct ji_table_name *name, struct joist_error *err)
{
    const char *const key[3] = {catalog->name, name->name_space, name->table};
    return ji_sqlite_run(db,
            "DELETE FROM joist_schema WHERE catalog_name = ?1 AND table_namespace = ?2 AND table_name = ?3",
            key, 3, err);
}
