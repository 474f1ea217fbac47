/*
 * write_files.h - the data files of one append: opened, filled, finished, known, and removed if it comes to
 * nothing
 */
#ifndef JI_WRITE_FILES_H
#define JI_WRITE_FILES_H

#include "parquet/parquet_file_writer.h"
#include "table/catalog/catalog.h"
#include "table/iceberg/column_metrics.h"
#include "table/iceberg/manifest.h"

/* Locations of files or folders that a commit has made, growing. */
struct ji_location_list {
    size_t count;
    size_t capacity;
    const char **items; /* in the arena of who adds */
};
enum joist_status ji_location_add(
        struct ji_arena *arena, struct ji_location_list *list, const char *location, struct joist_error *err);
/* Added only where it is not there yet. */
enum joist_status ji_location_add_once(
        struct ji_arena *arena, struct ji_location_list *list, const char *location, struct joist_error *err);
/* Removes all, whatever happens; a failure is logged. Syncs nothing. */
void ji_locations_remove(struct joist_ctx *ctx, const struct ji_location_list *list);

struct ji_write_files {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena; /* until the append has ended: names, entries */
    const struct ji_schema *columns;
    const struct ji_bound_partition *partition;
    struct ji_metrics_config metrics;
    struct joist_parquet_write_options options;
    struct ji_write_lanes *lanes; /* shared by the files, which are filled one after another */
    const char *data_folder;
    const char *uuid;
    uint64_t bytes_target;
    uint64_t file_number;
    size_t entry_count;
    size_t entry_capacity;
    struct ji_data_file *entries;
    struct ji_location_list written; /* every file ever begun */
    struct ji_location_list folders;
    uint64_t rows;
    uint64_t bytes;
    uint64_t small_files;
};

/*
 * `table` and `partition` (its default spec, bound) are borrowed until close. UNSUPPORTED names a table
 * property that wants what we cannot write.
 */
enum joist_status ji_write_files_init(struct ji_write_files *files, const struct ji_table *table,
        const struct ji_bound_partition *partition, uint64_t bytes_target, struct joist_error *err);
void ji_write_files_clear(struct ji_write_files *files);

struct ji_open_file {
    struct joist_parquet_writer *writer;
    const char *location;
    const struct ji_value *partition; /* in the arena of the files */
};
/* `partition` is copied. */
enum joist_status ji_write_file_open(struct ji_write_files *files, const struct ji_value *partition,
        struct ji_open_file *file, struct joist_error *err);
/* Durable but for its name; its entry is added. The file is closed either way. */
enum joist_status ji_write_file_finish(
        struct ji_write_files *files, struct ji_open_file *file, struct joist_error *err);
void ji_write_file_abort(struct ji_open_file *file); /* accepts one that is closed */

#endif
