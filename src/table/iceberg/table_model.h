/*
 * table_model.h - what a metadata.json says, as structs
 *
 * Everything lives in one arena, and each part remembers the bytes it was read from: writing the next
 * metadata copies those and makes only what changed. A model grows by appending to `snapshots`, `log` and
 * `metadata_log`, whose arrays have spare room; a copy of the struct taken before still says what it said.
 */
#ifndef JI_TABLE_MODEL_H
#define JI_TABLE_MODEL_H

#include "table/iceberg/iceberg_schema.h"
#include "table/iceberg/partition_spec.h"

#define JI_FORMAT_VERSION_WRITTEN 2
#define JI_FORMAT_VERSION_MAX 3
#define JI_SNAPSHOT_NONE INT64_C(-1)
#define JI_SNAPSHOTS_MAX 10000000
#define JI_METADATA_BYTES_MAX ((size_t)512 << 20)

struct ji_snapshot {
    int64_t snapshot_id;
    int64_t parent_id; /* or JI_SNAPSHOT_NONE */
    int64_t sequence_number;
    int64_t timestamp_ms;
    int32_t schema_id;                    /* or -1 */
    const char *manifest_list;            /* NULL: v1 with a list of manifests inside */
    const char *operation;                /* "" where the summary is absent */
    const struct ji_tree_node *summary;   /* object or NULL */
    const struct ji_tree_node *manifests; /* v1: array of paths, or NULL */
    struct ji_view json;
};

struct ji_log_entry {
    int64_t timestamp_ms;
    int64_t snapshot_id;
};

struct ji_metadata_log_entry {
    int64_t timestamp_ms;
    const char *metadata_file;
};

struct ji_snapshot_ref {
    const char *name;
    int64_t snapshot_id;
    bool is_branch;
    const struct ji_tree_node *node;
};

struct ji_property {
    const char *key;
    const char *value;
};

struct ji_table_metadata {
    int32_t format_version;
    const char *table_uuid; /* "" in v1 without one */
    const char *location;
    int64_t last_sequence_number;
    int64_t last_updated_ms;
    int32_t last_column_id;
    size_t schema_count;
    struct ji_iceberg_schema *schemas;
    size_t current_schema; /* index */
    size_t spec_count;
    struct ji_partition_spec *specs;
    size_t default_spec; /* index */
    int32_t default_sort_order_id;
    size_t property_count;
    struct ji_property *properties;
    int64_t current_snapshot_id; /* or JI_SNAPSHOT_NONE */
    size_t snapshot_count;
    size_t snapshot_capacity;
    struct ji_snapshot *snapshots;
    size_t log_count;
    size_t log_capacity;
    struct ji_log_entry *log;
    size_t metadata_log_count;
    struct ji_metadata_log_entry *metadata_log;
    size_t ref_count;
    struct ji_snapshot_ref *refs;
    const struct ji_tree_node *root; /* the document: members that nobody touched are copied from it */
};

/* NULL where there is none. */
const struct ji_snapshot *ji_model_snapshot(const struct ji_table_metadata *model, int64_t snapshot_id);
const struct ji_iceberg_schema *ji_model_schema(const struct ji_table_metadata *model, int32_t schema_id);
const struct ji_partition_spec *ji_model_spec(const struct ji_table_metadata *model, int32_t spec_id);
const char *ji_model_property(const struct ji_table_metadata *model, const char *key);
/* A property that is a whole number >= 0; `absent` where it is not there or is none. */
uint64_t ji_model_property_number(const struct ji_table_metadata *model, const char *key, uint64_t absent);
/* The number behind `key` of a snapshot's summary; false where it is not there or is none. */
bool ji_summary_number(const struct ji_snapshot *snapshot, const char *key, uint64_t *number);

#endif
