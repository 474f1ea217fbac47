/*
 * arrow_type.h - logical types, fields and schemas as all layers above know them
 *
 * One tree of `ji_field`s in somebody's arena, immutable once made. It has a place for
 * everything that Iceberg and Parquet want to know of a column; what an ArrowSchema
 * says is mapped to and from it in arrow_schema.h.
 *
 * Values of a flat column, by kind (host byte order, `ji_field_width` bytes each):
 *
 *     NULL                  no values
 *     BOOL                  one bit each, LSB first
 *     INT8 ... UINT64       1, 2, 4, 8 bytes
 *     FLOAT, DOUBLE         4, 8 (FLOAT16: 2, raw)
 *     DECIMAL               precision <= 18: int64_t; else ji_int128. Unscaled.
 *     DATE                  int32_t days since 1970
 *     TIME, TIMESTAMP       int64_t in `unit`; TIMESTAMP with `utc` is an instant
 *     STRING, BINARY        struct ji_view (16 bytes)
 *     FIXED, UUID           `fixed_bytes` raw bytes each (UUID: 16)
 *     WIDE_DECIMAL          39 to 76 digits: 32 bytes (base/wide_decimal.h)
 *     INTERVAL              struct ji_interval: months, days, nanoseconds
 *     LIST, MAP             int32_t offsets, rows + 1, into children[0]
 *     STRUCT                children, each as long as the parent
 *
 * A MAP's one child is a required STRUCT of (key required, value).
 */
#ifndef JI_ARROW_TYPE_H
#define JI_ARROW_TYPE_H

#include "base/arena.h"
#include "base/calendar.h"
#include "base/decimal.h"
#include "base/wide_decimal.h"

enum ji_kind {
    JI_NULL = 0,
    JI_BOOL,
    JI_INT8,
    JI_INT16,
    JI_INT32,
    JI_INT64,
    JI_UINT8,
    JI_UINT16,
    JI_UINT32,
    JI_UINT64,
    JI_FLOAT16,
    JI_FLOAT,
    JI_DOUBLE,
    JI_DECIMAL,
    JI_DATE,
    JI_TIME,
    JI_TIMESTAMP,
    JI_STRING,
    JI_BINARY,
    JI_FIXED,
    JI_UUID,
    JI_WIDE_DECIMAL,
    JI_INTERVAL,
    JI_LIST,
    JI_MAP,
    JI_STRUCT,
};
#define JI_KIND_COUNT (JI_STRUCT + 1)

#define JI_DECIMAL_DIGITS_INT64 18
/* What Parquet calls values that are no more than their kind for the engine: "PARQUET:logical_type". */
enum ji_annotation {
    JI_ANNOTATION_NONE = 0,
    JI_ANNOTATION_ENUM,  /* STRING */
    JI_ANNOTATION_JSON,  /* STRING; what is read as such is arrow.json instead */
    JI_ANNOTATION_BSON,  /* BINARY */
    JI_ANNOTATION_FILE,  /* STRUCT */
    JI_ANNOTATION_INT96, /* TIMESTAMP; only ever wished for, never read */
};
#define JI_ANNOTATION_COUNT (JI_ANNOTATION_INT96 + 1)

#define JI_FIELD_ID_NONE (-1)
#define JI_SCHEMA_DEPTH_MAX 64
#define JI_COLUMNS_MAX 100000
#define JI_FIXED_BYTES_MAX (1u << 20)

struct ji_field {
    const char *name; /* UTF-8, never NULL */
    enum ji_kind kind;
    bool nullable;
    uint8_t precision;    /* DECIMAL: 1..38; WIDE_DECIMAL: 39..76 */
    int8_t scale;         /* both: 0..precision */
    enum ji_unit unit;    /* TIME, TIMESTAMP */
    bool utc;             /* TIMESTAMP: an instant (timestamptz) */
    uint8_t annotation;   /* enum ji_annotation, one that fits the kind */
    uint32_t fixed_bytes; /* FIXED, UUID, WIDE_DECIMAL (32), INTERVAL (16) */
    int32_t field_id;     /* or JI_FIELD_ID_NONE */
    /* What Arrow says of the column and the engine only hands on. NULL where there is nothing to say. */
    const char *zone;               /* TIMESTAMP with `utc`: its zone; NULL is UTC */
    const char *extension_name;     /* an extension type over this kind (UUID has its own) */
    const char *extension_metadata; /* with a name */
    const struct ji_view *metadata; /* key, value, key, value ... */
    size_t metadata_count;          /* pairs */
    size_t child_count;
    struct ji_field *children;
};

struct ji_schema {
    size_t column_count;
    const struct ji_field *columns;
    const struct ji_view *metadata; /* key, value, key, value ...; only handed on */
    size_t metadata_count;          /* pairs */
};

/* Bytes of one flat value: 0 for NULL, BOOL, LIST, MAP, STRUCT. */
size_t ji_field_width(const struct ji_field *field);
static inline bool ji_kind_is_nested(enum ji_kind kind)
{
    return kind >= JI_LIST;
}
static inline bool ji_kind_is_integer(enum ji_kind kind)
{
    return kind >= JI_INT8 && kind <= JI_UINT64;
}
static inline bool ji_kind_is_view(enum ji_kind kind)
{
    return kind == JI_STRING || kind == JI_BINARY;
}
/* Values of a fixed number of bytes, which a ji_value holds as a view. */
static inline bool ji_kind_is_fixed(enum ji_kind kind)
{
    return kind == JI_FIXED || kind == JI_UUID || kind == JI_WIDE_DECIMAL || kind == JI_INTERVAL;
}
/* Kinds that are read, kept and shown, and that no operation of an expression knows (float16 as a double). */
static inline bool ji_kind_is_opaque(enum ji_kind kind)
{
    return kind == JI_FLOAT16 || kind == JI_WIDE_DECIMAL || kind == JI_INTERVAL;
}
/* "ENUM" ...; NULL of NONE. */
const char *ji_annotation_name(enum ji_annotation annotation);
/* Whether fields of the kind may be annotated so. */
bool ji_annotation_fits(enum ji_annotation annotation, enum ji_kind kind);
/* Kind and parameters, children too; names, ids, nullability and what is only handed on apart. */
bool ji_type_equal(const struct ji_field *a, const struct ji_field *b);

/* Deep copies into the arena. */
enum joist_status ji_field_copy(
        struct ji_arena *arena, const struct ji_field *from, struct ji_field *to, struct joist_error *err);
enum joist_status ji_schema_copy(
        struct ji_arena *arena, const struct ji_schema *from, struct ji_schema *to, struct joist_error *err);

/* By exact name, else by the only one that matches without (ASCII) case; SIZE_MAX where there is none. */
size_t ji_schema_find(const struct ji_schema *schema, struct ji_view name);

/*
 * In Iceberg's words where it has one: "decimal(15, 2)", "timestamptz", "list<string>", "struct<a int
 * required>".
 */
enum joist_status ji_type_text(
        struct ji_arena *arena, const struct ji_field *field, const char **text, struct joist_error *err);
/* The text back: a type, or a list of `name type [required]` (joist_builder_open documents both). */
enum joist_status ji_type_parse(
        struct ji_arena *arena, struct ji_view text, struct ji_field *field, struct joist_error *err);
enum joist_status ji_schema_parse(
        struct ji_arena *arena, struct ji_view text, struct ji_schema *schema, struct joist_error *err);

#endif
