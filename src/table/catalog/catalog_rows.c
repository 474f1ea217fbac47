/*
 * catalog_rows.c - the rows of iceberg_tables: found, listed, made, moved and removed
 *
 * A commit is one transaction:
 *
 *     BEGIN IMMEDIATE
 *     UPDATE iceberg_tables SET metadata_location = new, previous_metadata_location = old
 *            WHERE ... AND metadata_location = old                 exactly one row, or somebody was first
 *     the mirror
 *     COMMIT                                                       on disk when it returns
 *
 * Where COMMIT does not say OK, the row is read again: it has the new location, or the old one, or
 * nobody knows; only in the middle case may the commit's files go.
 */
#include "table/catalog/catalog.h"
#include "table/catalog/schema_registry.h"
#include "table/catalog/sqlite_catalog.h"

#define KEY "catalog_name = ?1 AND table_namespace = ?2 AND table_name = ?3"

/* Views share the table; NULL counts as a table. */
static const char *only_tables(const struct joist_catalog *catalog)
{
    return catalog->has_type ? " AND (iceberg_type IS NULL OR iceberg_type = 'TABLE')" : "";
}

enum joist_status ji_catalog_writable(const struct joist_catalog *catalog, struct joist_error *err)
{
    if (catalog->read_only)
        return ji_fail(err, JOIST_ERR_DENIED, "the catalog was opened to read only");
    if (catalog->map.from != NULL)
        return ji_fail(err, JOIST_ERR_DENIED,
                "the warehouse was made as %s and is now %s: it can be read; to write to it, run: joist "
                "relocate",
                catalog->map.from, catalog->map.to);
    return JOIST_OK;
}

enum joist_status ji_catalog_list(
        struct joist_catalog *catalog, ji_catalog_each each, void *arg, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    struct ji_arena arena;
    const char *sql = NULL;
    bool row = false;
    ji_arena_init(&arena, catalog->mem);
    JI_TRY_OUT(ji_sqlite_reader(catalog, &db, err));
    JI_TRY_OUT(ji_arena_printf(&arena, &sql, err,
            "SELECT table_namespace, table_name, metadata_location, %s FROM iceberg_tables t WHERE "
            "catalog_name = ?1%s ORDER BY 1, 2",
            catalog->has_own
                    ? "EXISTS (SELECT 1 FROM joist_schema_stale s WHERE s.catalog_name = t.catalog_name"
                      " AND s.table_namespace = t.table_namespace AND s.table_name = t.table_name)"
                    : "1",
            only_tables(catalog)));
    const char *const texts[] = {catalog->name};
    JI_TRY_OUT(ji_sqlite_prepare(db, sql, texts, 1, &statement, err));
    for (;;) {
        JI_TRY_OUT(ji_sqlite_step(db, statement, &row, err));
        if (!row)
            break;
        const struct ji_table_name name = {
                .name_space = ji_sqlite_text(statement, 0), .table = ji_sqlite_text(statement, 1)};
        JI_TRY_OUT(
                each(arg, &name, ji_sqlite_text(statement, 2), sqlite3_column_int(statement, 3) != 0, err));
    }
out:
    sqlite3_finalize(statement);
    ji_arena_clear(&arena);
    return status;
}

struct finding {
    struct ji_arena *arena;
    const struct ji_table_name *wanted;
    bool exact;
    size_t found;
    struct ji_table_name name;
    const char *location;
};

static enum joist_status find_each(void *arg, const struct ji_table_name *name, const char *location,
        bool stale, struct joist_error *err)
{
    struct finding *finding = arg;
    (void)stale;
    const bool exact = strcmp(name->table, finding->wanted->table) == 0 &&
            strcmp(name->name_space, finding->wanted->name_space) == 0;
    const bool similar = ji_text_equal_without_case(name->table, finding->wanted->table) &&
            ji_text_equal_without_case(name->name_space, finding->wanted->name_space);
    if (!similar || finding->exact)
        return JOIST_OK;
    finding->exact = exact;
    finding->found = exact ? 1 : finding->found + 1;
    JI_TRY(ji_arena_text(finding->arena, ji_view_of_text(name->name_space), &finding->name.name_space, err));
    JI_TRY(ji_arena_text(finding->arena, ji_view_of_text(name->table), &finding->name.table, err));
    return ji_arena_text(finding->arena, ji_view_of_text(location), &finding->location, err);
}

enum joist_status ji_catalog_location(struct joist_catalog *catalog, struct ji_arena *arena,
        const struct ji_table_name *name, const char **location, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    const char *sql = NULL;
    bool row = false;
    JI_TRY_OUT(ji_sqlite_reader(catalog, &db, err));
    JI_TRY_OUT(ji_arena_printf(arena, &sql, err,
            "SELECT metadata_location FROM iceberg_tables WHERE " KEY "%s", only_tables(catalog)));
    const char *const texts[] = {catalog->name, name->name_space, name->table};
    JI_TRY_OUT(ji_sqlite_prepare(db, sql, texts, 3, &statement, err));
    JI_TRY_OUT(ji_sqlite_step(db, statement, &row, err));
    if (row)
        JI_TRY_OUT(ji_arena_text(arena, ji_view_of_text(ji_sqlite_text(statement, 0)), location, err));
    else
        status = ji_fail(err, JOIST_ERR_NOT_FOUND, "no table '%s.%s'", name->name_space, name->table);
out:
    sqlite3_finalize(statement);
    return status;
}

enum joist_status ji_catalog_find(struct joist_catalog *catalog, struct ji_arena *arena, const char *text,
        struct ji_table_name *name, const char **location, struct joist_error *err)
{
    struct ji_table_name wanted;
    const char *found = NULL;
    JI_TRY(ji_table_name_parse(arena, text, &wanted, err));
    const enum joist_status status = ji_catalog_location(catalog, arena, &wanted, &found, err);
    if (status == JOIST_OK) {
        *name = wanted;
        if (location != NULL)
            *location = found;
        return JOIST_OK;
    }
    if (status != JOIST_ERR_NOT_FOUND)
        return status;
    struct finding finding = {.arena = arena, .wanted = &wanted};
    JI_TRY(ji_catalog_list(catalog, find_each, &finding, err));
    if (finding.found == 0)
        return ji_fail(err, JOIST_ERR_NOT_FOUND, "no table '%s' in catalog '%s'", text, catalog->name);
    if (finding.found > 1)
        return ji_fail(err, JOIST_ERR_INVALID, "several tables differ from '%s' only by case", text);
    *name = finding.name;
    if (location != NULL)
        *location = finding.location;
    return JOIST_OK;
}

static enum joist_status begin(struct joist_catalog *catalog, sqlite3 **db, struct joist_error *err)
{
    JI_TRY(ji_catalog_writable(catalog, err));
    if (!catalog->has_own)
        JI_TRY(ji_sqlite_create_layout(catalog, err));
    JI_TRY(ji_sqlite_writer(catalog, db, err));
    JI_TRY(ji_cancel_check(catalog->cancel, err));
    const int code = sqlite3_exec(*db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    return code == SQLITE_OK ? JOIST_OK : ji_sqlite_fail(*db, code, "begin", err);
}

/* Ends the transaction: COMMIT where `status` is OK, else or if that fails ROLLBACK. */
static enum joist_status end(sqlite3 *db, enum joist_status status, struct joist_error *err)
{
    if (status == JOIST_OK) {
        const int code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
        if (code == SQLITE_OK)
            return JOIST_OK;
        status = ji_sqlite_fail(db, code, "commit", err);
    }
    if (sqlite3_get_autocommit(db) == 0)
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
    return status;
}

static enum joist_status insert_rows(struct joist_catalog *catalog, sqlite3 *db,
        const struct ji_table_name *name, const char *location, struct joist_error *err)
{
    const char *const space[] = {catalog->name, name->name_space};
    JI_TRY(ji_sqlite_run(db,
            "INSERT OR IGNORE INTO iceberg_namespace_properties (catalog_name, namespace, property_key, "
            "property_value) VALUES (?1, ?2, 'exists', 'true')",
            space, 2, err));
    const char *const texts[] = {catalog->name, name->name_space, name->table, location};
    const char *sql = catalog->has_type
            ? "INSERT OR IGNORE INTO iceberg_tables (catalog_name, table_namespace, table_name, "
              "metadata_location, iceberg_type) VALUES (?1, ?2, ?3, ?4, 'TABLE')"
            : "INSERT OR IGNORE INTO iceberg_tables (catalog_name, table_namespace, table_name, "
              "metadata_location) VALUES (?1, ?2, ?3, ?4)";
    JI_TRY(ji_sqlite_run(db, sql, texts, 4, err));
    if (sqlite3_changes(db) != 1)
        return ji_fail(
                err, JOIST_ERR_EXISTS, "table '%s.%s' is there already", name->name_space, name->table);
    return JOIST_OK;
}

enum joist_status ji_catalog_insert(struct joist_catalog *catalog, const struct ji_table_name *name,
        const char *location, const struct ji_table_metadata *model, struct joist_error *err)
{
    sqlite3 *db = NULL;
    JI_TRY(begin(catalog, &db, err));
    enum joist_status status = insert_rows(catalog, db, name, location, err);
    if (status == JOIST_OK)
        status = ji_schema_registry_put(catalog, db, name, location, model, err);
    return end(db, status, err);
}

/* What the row says now: DONE, LOST (another location, or none) or FAILED where it is still the old one. */
static enum ji_swap look_again(struct joist_catalog *catalog, const struct ji_table_name *name,
        const char *location_old, const char *location)
{
    enum ji_swap outcome = JI_SWAP_UNKNOWN;
    const char *now = NULL;
    struct ji_arena arena;
    ji_arena_init(&arena, catalog->mem);
    const enum joist_status status = ji_catalog_location(catalog, &arena, name, &now, NULL);
    if (status == JOIST_OK && strcmp(now, location) == 0)
        outcome = JI_SWAP_DONE;
    else if (status == JOIST_OK && strcmp(now, location_old) == 0)
        outcome = JI_SWAP_FAILED;
    ji_arena_clear(&arena);
    return outcome;
}

enum ji_swap ji_catalog_swap(struct joist_catalog *catalog, const struct ji_table_name *name,
        const char *location_old, const char *location, const struct ji_table_metadata *model,
        struct joist_error *err)
{
    static const char UPDATE[] = "UPDATE iceberg_tables SET metadata_location = ?5, "
                                 "previous_metadata_location = ?4 WHERE " KEY " AND metadata_location = ?4";
    sqlite3 *db = NULL;
    if (begin(catalog, &db, err) != JOIST_OK)
        return JI_SWAP_FAILED;
    const char *const texts[] = {catalog->name, name->name_space, name->table, location_old, location};
    enum joist_status status = ji_sqlite_run(db, UPDATE, texts, 5, err);
    if (status == JOIST_OK && sqlite3_changes(db) != 1) {
        ji_ignore(end(db, JOIST_ERR_CONFLICT, NULL), "nothing was changed");
        ji_ignore(ji_fail(err, JOIST_ERR_CONFLICT, "table '%s.%s' was changed by somebody else",
                          name->name_space, name->table),
                "LOST says it");
        return JI_SWAP_LOST;
    }
    if (status == JOIST_OK)
        status = ji_schema_registry_put(catalog, db, name, location, model, err);
    const bool tried = status == JOIST_OK;
    status = end(db, status, err);
    if (status == JOIST_OK)
        return JI_SWAP_DONE;
    return tried ? look_again(catalog, name, location_old, location) : JI_SWAP_FAILED;
}

enum joist_status ji_catalog_delete(struct joist_catalog *catalog, const struct ji_table_name *name,
        const char *location, struct joist_error *err)
{
    sqlite3 *db = NULL;
    const char *const texts[] = {catalog->name, name->name_space, name->table, location};
    JI_TRY(begin(catalog, &db, err));
    enum joist_status status = ji_sqlite_run(
            db, "DELETE FROM iceberg_tables WHERE " KEY " AND metadata_location = ?4", texts, 4, err);
    if (status == JOIST_OK && sqlite3_changes(db) != 1)
        status = ji_fail(err, JOIST_ERR_CONFLICT, "table '%s.%s' was changed by somebody else",
                name->name_space, name->table);
    if (status == JOIST_OK)
        status = ji_schema_registry_remove(catalog, db, name, err);
    return end(db, status, err);
}

enum joist_status ji_catalog_mirror(struct joist_catalog *catalog, const struct ji_table_name *name,
        const char *location, const struct ji_table_metadata *model, struct joist_error *err)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *statement = NULL;
    bool row = false;
    const char *const texts[] = {catalog->name, name->name_space, name->table, location};
    JI_TRY(begin(catalog, &db, err));
    enum joist_status status =
            ji_sqlite_prepare(db, "SELECT 1 FROM iceberg_tables WHERE " KEY " AND metadata_location = ?4",
                    texts, 4, &statement, err);
    if (status == JOIST_OK)
        status = ji_sqlite_step(db, statement, &row, err);
    sqlite3_finalize(statement);
    if (status == JOIST_OK && row)
        status = ji_schema_registry_put(catalog, db, name, location, model, err);
    return end(db, status, err);
}
