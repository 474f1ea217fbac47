/*
 * avro_schema.h - an Avro schema, from its JSON to a tree
 *
 * Specification: https://avro.apache.org/docs/1.12.0/specification/. The attributes that Iceberg adds
 * (field-id, element-id, key-id, value-id, adjust-to-utc) are kept; others, `doc` and `default` among them,
 * are skipped. Named types are resolved: a reference points at the same node as its definition, so that the
 * tree may hold a cycle through a record.
 */
#ifndef JI_AVRO_SCHEMA_H
#define JI_AVRO_SCHEMA_H

#include "base/arena.h"

enum ji_avro_kind {
    JI_AVRO_NULL = 0,
    JI_AVRO_BOOLEAN,
    JI_AVRO_INT,
    JI_AVRO_LONG,
    JI_AVRO_FLOAT,
    JI_AVRO_DOUBLE,
    JI_AVRO_BYTES,
    JI_AVRO_STRING,
    JI_AVRO_RECORD,
    JI_AVRO_ENUM,
    JI_AVRO_ARRAY,
    JI_AVRO_MAP,
    JI_AVRO_UNION,
    JI_AVRO_FIXED,
};

#define JI_AVRO_ID_NONE (-1)
#define JI_AVRO_DEPTH_MAX 64
#define JI_AVRO_FIELDS_MAX 100000
#define JI_AVRO_SCHEMA_BYTES_MAX ((size_t)16 << 20)
#define JI_AVRO_FIXED_BYTES_MAX ((size_t)1 << 20)

struct ji_avro_type;

struct ji_avro_field {
    const char *name;
    const struct ji_avro_type *type;
    int32_t field_id; /* or JI_AVRO_ID_NONE */
};

struct ji_avro_type {
    enum ji_avro_kind kind;
    const char *name;         /* RECORD, ENUM, FIXED: the full name; else NULL */
    const char *logical_type; /* as written ("decimal", "map", "timestamp-micros"), or NULL */
    int32_t precision;        /* of logical type decimal, else 0 */
    int32_t scale;
    bool adjust_to_utc;
    size_t fixed_bytes; /* FIXED */
    size_t field_count; /* RECORD */
    struct ji_avro_field *fields;
    const struct ji_avro_type *items; /* ARRAY and MAP */
    size_t branch_count;              /* UNION */
    const struct ji_avro_type **branches;
    size_t symbol_count; /* ENUM */
    const char **symbols;
    int32_t element_id; /* ARRAY; all three JI_AVRO_ID_NONE where absent */
    int32_t key_id;     /* MAP */
    int32_t value_id;
};

/* CORRUPT with what is wrong; LIMIT beyond the sizes above. The tree is the arena's. */
enum joist_status ji_avro_schema_parse(struct ji_arena *arena, struct ji_view json,
        const struct ji_avro_type **type, struct joist_error *err);

/* The branch that is not null of a union [null, T], [T, null] or [T]; else the type itself. */
const struct ji_avro_type *ji_avro_type_optional(const struct ji_avro_type *type);

/* "int", "record", ...: static text. */
const char *ji_avro_kind_name(enum ji_avro_kind kind);

/* Position of the field with this id (or name) in a record; SIZE_MAX where there is none. */
size_t ji_avro_field_by_id(const struct ji_avro_type *record, int32_t field_id);
size_t ji_avro_field_by_name(const struct ji_avro_type *record, const char *name);

#endif
