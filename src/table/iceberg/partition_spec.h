/*
 * partition_spec.h - how rows become partitions: fields, each a transform of a column
 */
#ifndef JI_PARTITION_SPEC_H
#define JI_PARTITION_SPEC_H

#include "table/iceberg/iceberg_schema.h"
#include "table/iceberg/transform.h"

#define JI_PARTITION_FIELDS_MAX 1000
#define JI_PARTITION_ID_FIRST 1000

struct ji_partition_field {
    int32_t source_id;
    int32_t field_id;
    const char *name;
    struct ji_transform transform;
};

struct ji_partition_spec {
    int32_t spec_id;
    size_t field_count;
    struct ji_partition_field *fields;
    struct ji_view fields_json; /* the array alone, as manifests want it in their header */
};

/* A spec bound to a schema: where each value comes from, and its type. */
struct ji_bound_partition {
    size_t field_count;
    const struct ji_partition_spec *spec;
    const struct ji_field **sources; /* NULL where the schema no longer has the column */
    size_t *columns;                 /* the top-level column that the source is in */
    struct ji_field *results;        /* named for the partition field, with its id */
};

/* `fields` is the JSON array; v1 metadata has fields without ids: 1000 and on. Borrows from the tree. */
enum joist_status ji_partition_spec_read(struct ji_arena *arena, const struct ji_tree_node *fields,
        int32_t spec_id, struct ji_partition_spec *spec, struct joist_error *err);
/* Appends the array. */
enum joist_status ji_partition_spec_write(
        struct ji_bytes *out, const struct ji_partition_spec *spec, struct joist_error *err);

/*
 * "year(ts), bucket(16, id), region" over `columns`; NULL or "" is the empty spec. Ids from 1000 on, names
 * as Iceberg makes them (ts_year, id_bucket, region). INVALID names the field.
 */
enum joist_status ji_partition_spec_parse(struct ji_arena *arena, const char *text,
        const struct ji_schema *columns, struct ji_partition_spec *spec, struct joist_error *err);

/*
 * UNSUPPORTED for a transform that we do not know. A source that the schema lacks gets NULL and a result of
 * kind NULL: such a field can be carried, not made.
 */
enum joist_status ji_partition_bind(struct ji_arena *arena, const struct ji_partition_spec *spec,
        const struct ji_schema *columns, struct ji_bound_partition *bound, struct joist_error *err);

/*
 * "year=1996/region=north": for people; `for_path` writes every byte outside [A-Za-z0-9._-] of a value as
 * '_'. Appends.
 */
enum joist_status ji_partition_text(const struct ji_bound_partition *bound, const struct ji_value *values,
        bool for_path, struct ji_bytes *out, struct joist_error *err);

#endif
