/*
 * sqlite_catalog.h - SQLite as the catalog uses it: connections, statements, transactions
 */
#ifndef JI_SQLITE_CATALOG_H
#define JI_SQLITE_CATALOG_H

#include <sqlite3.h>

#include "table/catalog/catalog.h"

/* Charged to the catalog for each connection: SQLite takes its memory from the host. */
#define JI_SQLITE_CONNECTION_BYTES ((size_t)1 << 20)

/* The connections, opened at first use. NOT_FOUND where the file is not there and may not be made. */
enum joist_status ji_sqlite_reader(struct joist_catalog *catalog, sqlite3 **db, struct joist_error *err);
enum joist_status ji_sqlite_writer(struct joist_catalog *catalog, sqlite3 **db, struct joist_error *err);
void ji_sqlite_close(struct joist_catalog *catalog);

/* What SQLite said, as a status; `what` is prefixed. */
enum joist_status ji_sqlite_fail(sqlite3 *db, int code, const char *what, struct joist_error *err);

/* `texts` are bound to ?1, ?2, ... (NULL as NULL). The statement is the caller's to finalize. */
enum joist_status ji_sqlite_prepare(sqlite3 *db, const char *sql, const char *const *texts, size_t count,
        sqlite3_stmt **statement, struct joist_error *err);
/* Runs one that gives no rows. */
enum joist_status ji_sqlite_run(
        sqlite3 *db, const char *sql, const char *const *texts, size_t count, struct joist_error *err);
/* Steps: `*row` false at the end. */
enum joist_status ji_sqlite_step(sqlite3 *db, sqlite3_stmt *statement, bool *row, struct joist_error *err);
/* A column's text, "" for NULL; borrowed until the next step. */
const char *ji_sqlite_text(sqlite3_stmt *statement, int column);

/* Makes what is missing of Iceberg's and joist's tables, and learns the layout. In one transaction. */
enum joist_status ji_sqlite_create_layout(struct joist_catalog *catalog, struct joist_error *err);
/* Learns layout, root and name from a file that is there. */
enum joist_status ji_sqlite_learn(
        struct joist_catalog *catalog, const char *wanted_name, struct joist_error *err);

#endif
