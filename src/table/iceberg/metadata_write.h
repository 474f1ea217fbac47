/*
 * metadata_write.h - the next metadata.json, from a model and what a commit adds
 */
#ifndef JI_METADATA_WRITE_H
#define JI_METADATA_WRITE_H

#include "table/iceberg/table_model.h"

#define JI_METADATA_LOG_DEFAULT 100

struct ji_new_table {
    const char *table_uuid;
    const char *location;
    int64_t now_ms;
    const struct ji_schema *columns;
    int32_t last_column_id;
    const struct ji_partition_spec *spec;
    const struct ji_property *properties;
    size_t property_count;
};
/* Appends the metadata of a table that has no snapshot yet. */
enum joist_status ji_metadata_create(
        struct ji_bytes *out, const struct ji_new_table *table, struct joist_error *err);

struct ji_new_snapshot {
    int64_t snapshot_id;
    int64_t sequence_number;
    int64_t timestamp_ms;
    const char *manifest_list;
    const struct ji_property *summary; /* "operation" among them */
    size_t summary_count;
};
/*
 * Makes `snapshot` the current one of branch main in `next`, which starts as a copy of `model` and shares
 * its arena; the metadata that `model` was read from, `model_location`, enters the log, which keeps
 * `log_max` entries.
 */
enum joist_status ji_metadata_append(struct ji_arena *arena, const struct ji_table_metadata *model,
        const char *model_location, const struct ji_new_snapshot *snapshot, uint64_t log_max,
        struct ji_table_metadata *next, struct joist_error *err);

/*
 * Appends the whole document: what the model was read from, with the parts that a commit changes made anew.
 */
enum joist_status ji_metadata_write(
        struct ji_bytes *out, const struct ji_table_metadata *model, struct joist_error *err);

#endif
