/*
 * snapshot_files.h - the live data files of a snapshot, a manifest at a time and only where asked
 */
#ifndef JI_SNAPSHOT_FILES_H
#define JI_SNAPSHOT_FILES_H

#include <pthread.h>

#include "table/catalog/catalog.h"
#include "table/iceberg/manifest.h"

struct ji_loaded_manifest {
    struct ji_manifest_file manifest;
    struct ji_bound_partition partition;
    bool loaded;
    size_t entry_count; /* live ones */
    size_t entry_capacity;
    struct ji_manifest_entry *entries;
};

/* Shared: the manifests are read under the lock, and immutable once `loaded`. */
struct ji_snapshot_files {
    const struct ji_table *table;
    const struct ji_snapshot *snapshot; /* NULL: no rows */
    const struct ji_schema *columns;
    struct ji_arena arena;
    pthread_mutex_t lock;
    size_t manifest_count;
    struct ji_loaded_manifest *manifests;
};

/*
 * Reads the list. `table`, `snapshot` and `columns` are borrowed. UNSUPPORTED where the snapshot has
 * deletes: rows would be too many; it names the file.
 */
enum joist_status ji_snapshot_files_init(struct ji_snapshot_files *files, const struct ji_table *table,
        const struct ji_snapshot *snapshot, const struct ji_schema *columns, struct joist_error *err);
void ji_snapshot_files_clear(struct ji_snapshot_files *files); /* accepts one of zeros */

/* Reads one manifest, if it has not been. UNSUPPORTED names a file that is not Parquet or is encrypted. */
enum joist_status ji_snapshot_files_load(
        struct ji_snapshot_files *files, size_t manifest, struct joist_error *err);
enum joist_status ji_snapshot_files_load_all(struct ji_snapshot_files *files, struct joist_error *err);

/* From the list alone; UINT64_MAX where a manifest of version 1 does not say. */
uint64_t ji_snapshot_files_rows(const struct ji_snapshot_files *files);

#endif
