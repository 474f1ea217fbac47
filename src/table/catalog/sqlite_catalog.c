/*
 * sqlite_catalog.c - the SQLite file under a catalog
 *
 *     reader: opened read-only, one SELECT at a time, no lock held after          (in memory: one connection
 *     writer: opened at the first write, BEGIN IMMEDIATE ... COMMIT                is both)
 *
 *   1. A new file uses the rollback journal; one that is there keeps its mode. synchronous is EXTRA for both:
 *      FULL would not sync the folder after the journal is gone.
 *   2. A locked file is waited for up to BUSY_MS_MAX, in steps with jitter, unless the cancel flag is set;
 *      then CONFLICT.
 *   3. Nothing but SQLite opens the file: a close elsewhere in the process would drop its locks.
 *   4. No setter of SQLite's that is global is called: the host may use it too.
 */
#include "table/catalog/sqlite_catalog.h"

#include <time.h>
#include <unistd.h>

#include "table/catalog/schema_registry.h"

#define BUSY_MS_MAX 30000
#define BUSY_STEP_MS_MAX 50
#define NS_A_MS 1000000L

enum joist_status ji_sqlite_fail(sqlite3 *db, int code, const char *what, struct joist_error *err)
{
    static const struct {
        int code;
        enum joist_status status;
    } KNOWN[] = {
            {SQLITE_BUSY, JOIST_ERR_CONFLICT},
            {SQLITE_LOCKED, JOIST_ERR_CONFLICT},
            {SQLITE_NOMEM, JOIST_ERR_NO_MEMORY},
            {SQLITE_READONLY, JOIST_ERR_DENIED},
            {SQLITE_PERM, JOIST_ERR_DENIED},
            {SQLITE_AUTH, JOIST_ERR_DENIED},
            {SQLITE_INTERRUPT, JOIST_ERR_CANCELLED},
            {SQLITE_CORRUPT, JOIST_ERR_CORRUPT},
            {SQLITE_NOTADB, JOIST_ERR_CORRUPT},
            {SQLITE_TOOBIG, JOIST_ERR_LIMIT},
            {SQLITE_ERROR, JOIST_ERR_CORRUPT},
    };
    enum joist_status status = JOIST_ERR_IO;
    for (size_t i = 0; i < sizeof KNOWN / sizeof KNOWN[0]; i++) {
        if ((code & 0xFF) == KNOWN[i].code)
            status = KNOWN[i].status;
    }
    const int os_errno = db != NULL ? sqlite3_system_errno(db) : 0;
    const char *text = db != NULL ? sqlite3_errmsg(db) : sqlite3_errstr(code);
    status = ji_fail(err, status, "catalog: %s: %s", what, text);
    if (err != NULL)
        err->os_errno = os_errno;
    return status;
}

static int on_busy(void *arg, int calls)
{
    const struct joist_catalog *catalog = arg;
    uint8_t jitter = 0;
    if (catalog->cancel != NULL && joist_cancel_requested(catalog->cancel))
        return 0;
    ji_ignore(ji_ctx_random(catalog->ctx, &jitter, sizeof jitter, NULL),
            "without it we only meet again sooner");
    /* The steps grow 1, 2, 3 ... ms to the largest; the sum of those before is what we have waited. */
    const int64_t ramp = calls < BUSY_STEP_MS_MAX ? calls : BUSY_STEP_MS_MAX;
    const int64_t waited = ramp * (ramp + 1) / 2 + (int64_t)(calls - ramp) * BUSY_STEP_MS_MAX;
    if (waited > BUSY_MS_MAX)
        return 0;
    const long step_ms = (long)(calls + 1 < BUSY_STEP_MS_MAX ? calls + 1 : BUSY_STEP_MS_MAX);
    const struct timespec pause = {.tv_nsec = step_ms * NS_A_MS / 2 + step_ms * NS_A_MS / 256 * jitter};
    nanosleep(&pause, NULL);
    return 1;
}

static enum joist_status configure(struct joist_catalog *catalog, sqlite3 *db, struct joist_error *err)
{
    if (sqlite3_busy_handler(db, on_busy, catalog) != SQLITE_OK)
        return ji_sqlite_fail(db, SQLITE_ERROR, "busy handler", err);
    sqlite3_extended_result_codes(db, 1);
    const int code = sqlite3_exec(db,
            "PRAGMA cache_size=-256; PRAGMA synchronous=EXTRA; PRAGMA trusted_schema=OFF", NULL, NULL, NULL);
    return code == SQLITE_OK ? JOIST_OK : ji_sqlite_fail(db, code, "open", err);
}

static enum joist_status open_connection(
        struct joist_catalog *catalog, const char *file, int flags, sqlite3 **db, struct joist_error *err)
{
    sqlite3 *made = NULL;
    JI_TRY(ji_mem_reserve(catalog->mem, JI_SQLITE_CONNECTION_BYTES, err));
    const int code = sqlite3_open_v2(file, &made, flags | SQLITE_OPEN_NOMUTEX, NULL);
    enum joist_status status = JOIST_OK;
    if (code != SQLITE_OK)
        status = ji_sqlite_fail(made, code, file, err);
    else
        status = configure(catalog, made, err);
    if (status != JOIST_OK) {
        sqlite3_close_v2(made);
        ji_mem_release(catalog->mem, JI_SQLITE_CONNECTION_BYTES);
        return status;
    }
    *db = made;
    return JOIST_OK;
}

static void close_connection(struct joist_catalog *catalog, sqlite3 **db)
{
    if (*db == NULL)
        return;
    sqlite3_close_v2(*db);
    ji_mem_release(catalog->mem, JI_SQLITE_CONNECTION_BYTES);
    *db = NULL;
}

/* A connection that has read: an open alone does not touch the file. */
static enum joist_status open_and_read(
        struct joist_catalog *catalog, const char *file, int flags, sqlite3 **db, struct joist_error *err)
{
    sqlite3 *made = NULL;
    JI_TRY(open_connection(catalog, file, flags, &made, err));
    const int code = sqlite3_exec(made, "SELECT 1 FROM sqlite_master LIMIT 1", NULL, NULL, NULL);
    if (code != SQLITE_OK) {
        const enum joist_status status = ji_sqlite_fail(made, code, "read", err);
        close_connection(catalog, &made);
        return status;
    }
    *db = made;
    return JOIST_OK;
}

/*
 * A write-ahead log needs a file beside it; in a folder where none can be made and none is, the file does
 * not change.
 */
static enum joist_status open_immutable(struct joist_catalog *catalog, sqlite3 **db, struct joist_error *err)
{
    const char *uri = NULL;
    struct ji_arena arena;
    ji_arena_init(&arena, catalog->mem);
    enum joist_status status = ji_arena_printf(&arena, &uri, err, "file:%s?immutable=1", catalog->path);
    if (status == JOIST_OK)
        status = open_and_read(catalog, uri, SQLITE_OPEN_READONLY | SQLITE_OPEN_URI, db, err);
    ji_arena_clear(&arena);
    return status;
}

static bool may_be_immutable(const struct joist_catalog *catalog)
{
    char beside[JI_LOCATION_BYTES_MAX];
    const size_t size = strlen(catalog->path);
    if (size + sizeof "-wal" > sizeof beside || access(catalog->path, W_OK) == 0)
        return false;
    memcpy(beside, catalog->path, size);
    memcpy(beside + size, "-wal", sizeof "-wal");
    return access(beside, F_OK) != 0;
}

enum joist_status ji_sqlite_reader(struct joist_catalog *catalog, sqlite3 **db, struct joist_error *err)
{
    if (catalog->path == NULL)
        return ji_sqlite_writer(catalog, db, err);
    if (catalog->reader == NULL) {
        sqlite3 *made = NULL;
        enum joist_status status = open_and_read(catalog, catalog->path, SQLITE_OPEN_READONLY, &made, err);
        if (status != JOIST_OK && may_be_immutable(catalog))
            status = open_immutable(catalog, &made, err);
        else if (status != JOIST_OK &&
                !catalog->read_only) /* a writer alone rolls back a dead one's journal */
            status = open_and_read(catalog, catalog->path, SQLITE_OPEN_READWRITE, &made, err);
        JI_TRY(status);
        catalog->reader = made;
    }
    *db = catalog->reader;
    return JOIST_OK;
}

enum joist_status ji_sqlite_writer(struct joist_catalog *catalog, sqlite3 **db, struct joist_error *err)
{
    if (catalog->writer == NULL && catalog->path == NULL) {
        JI_TRY(open_connection(catalog, ":memory:", SQLITE_OPEN_READWRITE, &catalog->writer, err));
    } else if (catalog->writer == NULL) {
        JI_TRY(open_connection(
                catalog, catalog->path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, &catalog->writer, err));
    }
    *db = catalog->writer;
    return JOIST_OK;
}

void ji_sqlite_close(struct joist_catalog *catalog)
{
    close_connection(catalog, &catalog->reader);
    close_connection(catalog, &catalog->writer);
}

enum joist_status ji_sqlite_prepare(sqlite3 *db, const char *sql, const char *const *texts, size_t count,
        sqlite3_stmt **statement, struct joist_error *err)
{
    sqlite3_stmt *made = NULL;
    int code = sqlite3_prepare_v2(db, sql, -1, &made, NULL);
    for (size_t i = 0; i < count && code == SQLITE_OK; i++) {
        code = texts[i] == NULL ? sqlite3_bind_null(made, (int)i + 1)
                                : sqlite3_bind_text(made, (int)i + 1, texts[i], -1, SQLITE_STATIC);
    }
    if (code != SQLITE_OK) {
        const enum joist_status status = ji_sqlite_fail(db, code, "statement", err);
        sqlite3_finalize(made);
        return status;
    }
    *statement = made;
    return JOIST_OK;
}

enum joist_status ji_sqlite_step(sqlite3 *db, sqlite3_stmt *statement, bool *row, struct joist_error *err)
{
    const int code = sqlite3_step(statement);
    if (code != SQLITE_ROW && code != SQLITE_DONE)
        return ji_sqlite_fail(db, code, "statement", err);
    *row = code == SQLITE_ROW;
    return JOIST_OK;
}

enum joist_status ji_sqlite_run(
        sqlite3 *db, const char *sql, const char *const *texts, size_t count, struct joist_error *err)
{
    sqlite3_stmt *statement = NULL;
    bool row = false;
    JI_TRY(ji_sqlite_prepare(db, sql, texts, count, &statement, err));
    const enum joist_status status = ji_sqlite_step(db, statement, &row, err);
    sqlite3_finalize(statement);
    return status;
}

const char *ji_sqlite_text(sqlite3_stmt *statement, int column)
{
    const unsigned char *text = sqlite3_column_text(statement, column);
    return text == NULL ? "" : (const char *)text;
}

static const char ICEBERG_TABLES[] =
        "CREATE TABLE IF NOT EXISTS iceberg_tables (catalog_name VARCHAR(255) NOT NULL, "
        "table_namespace VARCHAR(255) NOT NULL, table_name VARCHAR(255) NOT NULL, "
        "metadata_location VARCHAR(1000), previous_metadata_location VARCHAR(1000), iceberg_type VARCHAR(5), "
        "PRIMARY KEY (catalog_name, table_namespace, table_name));"
        "CREATE TABLE IF NOT EXISTS iceberg_namespace_properties (catalog_name VARCHAR(255) NOT NULL, "
        "namespace VARCHAR(255) NOT NULL, property_key VARCHAR(255) NOT NULL, "
        "property_value VARCHAR(1000) NOT NULL, PRIMARY KEY (catalog_name, namespace, property_key));"
        "CREATE TABLE IF NOT EXISTS joist_catalog (name VARCHAR(255) NOT NULL PRIMARY KEY, "
        "value TEXT NOT NULL);";

enum joist_status ji_sqlite_create_layout(struct joist_catalog *catalog, struct joist_error *err)
{
    sqlite3 *db = NULL;
    JI_TRY(ji_sqlite_writer(catalog, &db, err));
    int code = sqlite3_exec(db, "BEGIN IMMEDIATE", NULL, NULL, NULL);
    if (code != SQLITE_OK)
        return ji_sqlite_fail(db, code, "begin", err);
    code = sqlite3_exec(db, ICEBERG_TABLES, NULL, NULL, NULL);
    if (code == SQLITE_OK)
        code = sqlite3_exec(db, ji_schema_registry_sql, NULL, NULL, NULL);
    enum joist_status status = JOIST_OK;
    if (code != SQLITE_OK)
        status = ji_sqlite_fail(db, code, "layout", err);
    const char *const texts[] = {catalog->root};
    if (status == JOIST_OK)
        status = ji_sqlite_run(db,
                "INSERT OR IGNORE INTO joist_catalog (name, value) VALUES ('warehouse', ?1)", texts, 1, err);
    if (status == JOIST_OK) {
        code = sqlite3_exec(db, "COMMIT", NULL, NULL, NULL);
        if (code != SQLITE_OK)
            status = ji_sqlite_fail(db, code, "commit", err);
    }
    if (status != JOIST_OK) {
        sqlite3_exec(db, "ROLLBACK", NULL, NULL, NULL);
        return status;
    }
    catalog->has_own = true;
    return JOIST_OK;
}

static enum joist_status has_rows(sqlite3 *db, const char *sql, bool *found, struct joist_error *err)
{
    sqlite3_stmt *statement = NULL;
    JI_TRY(ji_sqlite_prepare(db, sql, NULL, 0, &statement, err));
    const enum joist_status status = ji_sqlite_step(db, statement, found, err);
    sqlite3_finalize(statement);
    return status;
}

/* The recorded root, where it is another than the present one, becomes the map. */
static enum joist_status learn_root(struct joist_catalog *catalog, sqlite3 *db, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    sqlite3_stmt *statement = NULL;
    bool row = false;
    JI_TRY_OUT(ji_sqlite_prepare(
            db, "SELECT value FROM joist_catalog WHERE name = 'warehouse'", NULL, 0, &statement, err));
    JI_TRY_OUT(ji_sqlite_step(db, statement, &row, err));
    if (row && !ji_location_equal(ji_sqlite_text(statement, 0), catalog->root)) {
        JI_TRY_OUT(ji_arena_text(
                &catalog->arena, ji_view_of_text(ji_sqlite_text(statement, 0)), &catalog->map.from, err));
        catalog->map.to = catalog->root;
    }
out:
    sqlite3_finalize(statement);
    return status;
}

static enum joist_status learn_name(struct joist_catalog *catalog, sqlite3 *db, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    sqlite3_stmt *statement = NULL;
    bool row = false;
    const char *names = NULL;
    size_t count = 0;
    JI_TRY_OUT(ji_sqlite_prepare(db,
            "SELECT catalog_name FROM iceberg_tables UNION SELECT catalog_name FROM "
            "iceberg_namespace_properties",
            NULL, 0, &statement, err));
    for (;;) {
        JI_TRY_OUT(ji_sqlite_step(db, statement, &row, err));
        if (!row)
            break;
        JI_TRY_OUT(ji_arena_printf(&catalog->arena, &names, err, "%s%s%s", count > 0 ? names : "",
                count > 0 ? ", " : "", ji_sqlite_text(statement, 0)));
        count++;
    }
    if (count > 1)
        status = ji_fail(err, JOIST_ERR_INVALID, "the file holds several catalogs (%s): name one", names);
    else
        catalog->name = count == 1 ? names : "default";
out:
    sqlite3_finalize(statement);
    return status;
}

enum joist_status ji_sqlite_learn(
        struct joist_catalog *catalog, const char *wanted_name, struct joist_error *err)
{
    sqlite3 *db = NULL;
    bool has_tables = false;
    JI_TRY(ji_sqlite_reader(catalog, &db, err));
    JI_TRY(has_rows(db, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'iceberg_tables'",
            &has_tables, err));
    if (!has_tables)
        return ji_fail(err, JOIST_ERR_CORRUPT, "catalog: '%s' has no table iceberg_tables", catalog->path);
    JI_TRY(has_rows(db, "SELECT 1 FROM pragma_table_info('iceberg_tables') WHERE name = 'iceberg_type'",
            &catalog->has_type, err));
    JI_TRY(has_rows(db, "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'joist_catalog'",
            &catalog->has_own, err));
    if (catalog->has_own)
        JI_TRY(learn_root(catalog, db, err));
    if (wanted_name != NULL)
        return ji_arena_text(&catalog->arena, ji_view_of_text(wanted_name), &catalog->name, err);
    return learn_name(catalog, db, err);
}
