/*
 * manifest.h - what manifests and manifest lists hold, as structs, and their Avro files
 *
 *     list (snap-*.avro): one manifest_file a manifest  -->  manifest (*-m0.avro): one manifest_entry a
 *     data file
 *
 * Fields are found by id, whatever their names: Java has renamed some. Both are read and written in memory
 * as a whole; a caller bounds the bytes.
 */
#ifndef JI_MANIFEST_H
#define JI_MANIFEST_H

#include "table/iceberg/table_model.h"
#include "wire/avro_file.h"

#define JI_MANIFEST_BYTES_MAX ((size_t)512 << 20)
#define JI_NUMBER_ABSENT INT64_C(-1)

struct ji_id_count {
    int32_t id;
    int64_t count;
};
struct ji_id_counts {
    bool present;
    size_t size;
    struct ji_id_count *items;
};
struct ji_id_bytes {
    int32_t id;
    struct ji_view bytes;
};
struct ji_id_bounds {
    bool present;
    size_t size;
    struct ji_id_bytes *items;
};

enum ji_file_content { JI_CONTENT_DATA = 0, JI_CONTENT_POSITION_DELETES, JI_CONTENT_EQUALITY_DELETES };

struct ji_data_file {
    int32_t content; /* enum ji_file_content */
    const char *path;
    const char *format;               /* as written: "PARQUET" */
    const struct ji_value *partition; /* one a field of the spec */
    int64_t record_count;
    int64_t file_bytes;
    struct ji_id_counts column_sizes, value_counts, null_counts, nan_counts;
    struct ji_id_bounds lower_bounds, upper_bounds;
    struct ji_view key_metadata; /* data NULL: none */
    size_t split_count;
    int64_t *splits;
    size_t equality_count;
    int32_t *equality_ids;
    int64_t sort_order_id; /* or JI_NUMBER_ABSENT */
};

enum ji_entry_status { JI_ENTRY_EXISTING = 0, JI_ENTRY_ADDED, JI_ENTRY_DELETED };

/* Numbers that the file leaves to be inherited are JI_NUMBER_ABSENT. */
struct ji_manifest_entry {
    int32_t status; /* enum ji_entry_status */
    int64_t snapshot_id;
    int64_t sequence_number;
    int64_t file_sequence_number;
    struct ji_data_file file;
};

struct ji_field_summary {
    bool contains_null;
    int8_t contains_nan;         /* -1: unknown */
    struct ji_view lower, upper; /* data NULL: none */
};

enum ji_manifest_content { JI_MANIFEST_DATA = 0, JI_MANIFEST_DELETES };

struct ji_manifest_file {
    const char *path;
    int64_t length;
    int32_t spec_id;
    int32_t content; /* enum ji_manifest_content */
    int64_t sequence_number;
    int64_t min_sequence_number;
    int64_t added_snapshot_id;
    int64_t added_files, existing_files, deleted_files; /* or JI_NUMBER_ABSENT */
    int64_t added_rows, existing_rows, deleted_rows;    /* or JI_NUMBER_ABSENT */
    bool has_partitions;
    size_t partition_count;
    struct ji_field_summary *partitions;
    struct ji_view key_metadata; /* data NULL: none */
};

/* --- writing --- */

struct ji_manifest_writer_options {
    const struct ji_iceberg_schema *schema;
    const struct ji_bound_partition *partition;
    uint8_t sync[JI_AVRO_SYNC_BYTES];
};

struct ji_manifest_writer;

/* Appends to `out`, which is borrowed until close; the options' pointers too. */
enum joist_status ji_manifest_writer_open(struct ji_mem *mem,
        const struct ji_manifest_writer_options *options, struct ji_bytes *out,
        struct ji_manifest_writer **writer, struct joist_error *err);
enum joist_status ji_manifest_writer_append(
        struct ji_manifest_writer *writer, const struct ji_manifest_entry *entry, struct joist_error *err);
/*
 * Ends the file. `summary` gets the counts and the partition summaries of what was appended, in `arena`;
 * its path, snapshot and sequence number are the caller's to fill.
 */
enum joist_status ji_manifest_writer_finish(struct ji_manifest_writer *writer, struct ji_arena *arena,
        struct ji_manifest_file *summary, struct joist_error *err);
void ji_manifest_writer_close(struct ji_manifest_writer *writer);

struct ji_manifest_list_header {
    int64_t snapshot_id;
    int64_t parent_id; /* or JI_SNAPSHOT_NONE */
    int64_t sequence_number;
    uint8_t sync[JI_AVRO_SYNC_BYTES];
};
/* Appends the whole file to `out`. */
enum joist_status ji_manifest_list_write(struct ji_mem *mem, const struct ji_manifest_list_header *header,
        const struct ji_manifest_file *manifests, size_t count, struct ji_bytes *out,
        struct joist_error *err);

/* --- reading --- */

/* Everything in `arena`, strings copied. CORRUPT names the record. */
enum joist_status ji_manifest_list_read(struct ji_arena *arena, struct ji_view file,
        struct ji_manifest_file **manifests, size_t *count, struct joist_error *err);

/*
 * `each` sees every entry, deleted ones too, in the order of the file, with what it inherits from
 * `manifest` filled in. The entry lives in `arena`. `partition` is the manifest's spec bound to the table's
 * schema.
 */
typedef enum joist_status (*ji_manifest_each)(
        void *arg, const struct ji_manifest_entry *entry, struct joist_error *err);
enum joist_status ji_manifest_read(struct ji_arena *arena, struct ji_view file,
        const struct ji_manifest_file *manifest, const struct ji_bound_partition *partition,
        ji_manifest_each each, void *arg, struct joist_error *err);

/* --- shared --- */

/* Appends the Avro schema of a manifest with these partition fields. */
enum joist_status ji_manifest_avro_schema(
        struct ji_bytes *out, const struct ji_bound_partition *partition, struct joist_error *err);
/* The codecs of Avro's object files over a codec context: null, deflate, zstandard, snappy. */
struct ji_codec_context;
struct ji_avro_codec ji_avro_codecs(struct ji_codec_context *context);

#endif
