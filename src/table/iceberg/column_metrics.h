/*
 * column_metrics.h - what a manifest says of a file's columns, from what its writer knows
 *
 * Table properties choose: write.metadata.metrics.default, write.metadata.metrics.column.<name>
 * (none | counts | truncate(n) | full), write.metadata.metrics.max-inferred-column-defaults.
 */
#ifndef JI_COLUMN_METRICS_H
#define JI_COLUMN_METRICS_H

#include "parquet/parquet_file_writer.h"
#include "table/iceberg/manifest.h"

enum ji_metrics_kind { JI_METRICS_NONE = 0, JI_METRICS_COUNTS, JI_METRICS_TRUNCATE, JI_METRICS_FULL };

struct ji_metrics_mode {
    int32_t field_id;
    enum ji_metrics_kind kind;
    uint32_t length; /* TRUNCATE */
};

struct ji_metrics_config {
    size_t count; /* one a leaf, in the order of the schema */
    struct ji_metrics_mode *modes;
};

/* INVALID names a property whose value is no mode. */
enum joist_status ji_metrics_config_make(struct ji_arena *arena, const struct ji_table_metadata *model,
        const struct ji_schema *columns, struct ji_metrics_config *config, struct joist_error *err);

/* Fills sizes, counts, bounds and split offsets of `file`; everything in `arena`. */
enum joist_status ji_column_metrics(struct ji_arena *arena, const struct ji_metrics_config *config,
        const struct ji_file_facts *facts, struct ji_data_file *file, struct joist_error *err);

/* "none", "counts", "full", "truncate(16)". */
bool ji_metrics_mode_parse(const char *text, struct ji_metrics_mode *mode);

/*
 * A lower (upper) bound of at most `length` code points, bytes for binary: `bound` itself, its prefix, or
 * its prefix with the last code point raised, in `arena`. `cut->data` is NULL where no upper one exists.
 */
enum joist_status ji_bound_cut(struct ji_arena *arena, const struct ji_field *field, struct ji_view bound,
        uint32_t length, bool upper, struct ji_view *cut, struct joist_error *err);

/* The bytes, or NULL, and the number behind an id. */
const struct ji_id_bytes *ji_bounds_find(const struct ji_id_bounds *bounds, int32_t field_id);
const struct ji_id_count *ji_counts_find(const struct ji_id_counts *counts, int32_t field_id);

#endif
