/*
 * joist/table.h - Apache Iceberg tables in a warehouse with a SQLite catalog
 *
 * A warehouse is a folder with `catalog.db` and <namespace>/<table>/{data,metadata}/,
 * or "memory:", which is gone when the catalog is closed. Table names are
 * "namespace.table"; the last part is the table. Specification: apache/iceberg
 * format/spec.md, version 2.
 *
 * A catalog may be used by one thread at a time; any number of processes may
 * hold the same warehouse open. A commit is atomic and durable: when it returns OK it is
 * on disk, when it fails the table is as before.
 */
#ifndef JOIST_TABLE_H
#define JOIST_TABLE_H

#include <joist/arrow.h>
#include <joist/io.h>

#ifdef __cplusplus
extern "C" {
#endif

struct joist_catalog_options {
    size_t struct_size;
    const char *catalog_name; /* NULL: the only one in the file; a new file's is "default" */
    bool read_only;           /* nothing is created or written */
    bool must_exist;          /* NOT_FOUND instead of a new warehouse */
};

struct joist_catalog;

JOIST_API enum joist_status joist_catalog_open(struct joist_ctx *ctx, const char *warehouse,
        const struct joist_catalog_options *options, struct joist_catalog **catalog, struct joist_error *err);
JOIST_API void joist_catalog_close(struct joist_catalog *catalog);

struct joist_table_create_options {
    size_t struct_size;
    const struct ArrowSchema *schema; /* one of the two; borrowed */
    const char *schema_json;          /* Iceberg's JSON form of a schema */
    const char *partition;            /* "year(ts), bucket(16, id), region"; NULL: none */
    const char *const *properties;    /* key, value, ... */
    size_t property_count;            /* pairs */
};
JOIST_API enum joist_status joist_table_create(struct joist_catalog *catalog, const char *table,
        const struct joist_table_create_options *options, struct joist_error *err);

struct joist_append_options {
    size_t struct_size;
    bool validate_only; /* the whole check, nothing written */
    enum {
        JOIST_EXTRA_REFUSE = 0, /* a column that the table lacks is INVALID */
        JOIST_EXTRA_IGNORE,
    } extra_columns;
    uint64_t file_bytes_target; /* 0: the table's write.target-file-size-bytes, else 512 MiB */
    const struct joist_cancel *cancel;
};
struct joist_append_report {
    uint64_t rows;
    uint64_t files;
    uint64_t bytes;
    int64_t snapshot_id;  /* 0: nothing was committed (no rows, or validate_only) */
    uint64_t small_files; /* finished early: more than 256 partitions were open, or memory ran short */
};
/*
 * Every row of the stream or none. Columns match by name, missing ones are null where the
 * table allows, values are cast where no information is lost; the first bad row is
 * INVALID with row, column and value. The stream is drained; the caller releases it.
 */
JOIST_API enum joist_status joist_table_append(struct joist_catalog *catalog, const char *table,
        struct ArrowArrayStream *stream, const struct joist_append_options *options,
        struct joist_append_report *report, struct joist_error *err);

/* Which snapshot: all zero is the current one; at most one field set. */
struct joist_snapshot_choice {
    int64_t snapshot_id;
    const char *ref; /* branch or tag */
    bool has_as_of;
    int64_t as_of_us; /* what was current then, by the snapshot log */
};

struct joist_scan_options {
    size_t struct_size;
    struct joist_snapshot_choice snapshot;
    const char *const *columns; /* NULL: all */
    size_t column_count;
    const char *where; /* an expression, or NULL */
    uint64_t limit;    /* 0: none */
    const struct joist_cancel *cancel;
};
JOIST_API enum joist_status joist_table_scan(struct joist_catalog *catalog, const char *table,
        const struct joist_scan_options *options, struct ArrowArrayStream *stream, struct joist_error *err);

/*
 * What there is to know, as Arrow streams, one row each:
 *   tables:  namespace, name, metadata_location, snapshot_id, rows, bytes, files, stale (mirror behind)
 *   history: made_current_at, snapshot_id, parent_id, operation, added_rows, added_files, total_rows,
 *            is_current
 *   files:   path, partition, rows, bytes, created_at, snapshot_id
 *   schema:  id, name, type, required, partition (transform or null)
 */
JOIST_API enum joist_status joist_catalog_tables(
        struct joist_catalog *catalog, struct ArrowArrayStream *stream, struct joist_error *err);
JOIST_API enum joist_status joist_table_history(struct joist_catalog *catalog, const char *table,
        struct ArrowArrayStream *stream, struct joist_error *err);
JOIST_API enum joist_status joist_table_files(struct joist_catalog *catalog, const char *table,
        const struct joist_snapshot_choice *snapshot, struct ArrowArrayStream *stream,
        struct joist_error *err);
JOIST_API enum joist_status joist_table_schema_rows(struct joist_catalog *catalog, const char *table,
        struct ArrowArrayStream *stream, struct joist_error *err);
/* The current schema as Arrow; the caller releases it. Field ids as "PARQUET:field_id". */
JOIST_API enum joist_status joist_table_schema(struct joist_catalog *catalog, const char *table,
        struct ArrowSchema *schema, struct joist_error *err);

/* Renews the mirror `joist_schema` in catalog.db for every table that another engine changed. */
JOIST_API enum joist_status joist_catalog_sync(
        struct joist_catalog *catalog, uint64_t *renewed, struct joist_error *err);

/* Removes the catalog's row. With `purge`, then every file that its metadata names. */
JOIST_API enum joist_status joist_table_drop(struct joist_catalog *catalog, const char *table, bool purge,
        uint64_t *files_removed, struct joist_error *err);

#ifdef __cplusplus
}
#endif
#endif
