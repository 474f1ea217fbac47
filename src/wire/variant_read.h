/*
 * variant_read.h - Parquet's binary variant (VariantEncoding.md): its dictionary, a walk over a value
 *
 *     struct ji_variant_walk walk;
 *     JI_TRY(ji_variant_names_init(&names, metadata, err));
 *     ji_variant_walk_init(&walk, &names, value, 0);
 *     do {
 *         JI_TRY(ji_variant_next(&walk, &event, err));
 *         ...
 *     } while (event.kind != JI_VARIANT_END_VALUE);
 *
 * All is checked on the way: every size and offset against the bytes left, every field id against the
 * dictionary, strings UTF-8, no byte left over. Whether the names of each object rise is told and no failure:
 * DuckDB writes fields in any order (variant_build.h puts them right). What a container's
 * members take together is held against what it has, so that a walk costs at most depth x bytes, however
 * the offsets overlap. Bad bytes are CORRUPT, more than JI_VARIANT_DEPTH_MAX levels are LIMIT. Nothing is
 * allocated and nothing recurses.
 */
#ifndef JI_VARIANT_READ_H
#define JI_VARIANT_READ_H

#include "base/bytes.h"
#include "base/error.h"

/* Containers inside one another. */
#define JI_VARIANT_DEPTH_MAX 64
/* Names in one dictionary. */
#define JI_VARIANT_NAMES_MAX (1u << 24)

/* The physical types by their number in the format; what follows has none. */
enum ji_variant_type {
    JI_VARIANT_NULL = 0,
    JI_VARIANT_TRUE = 1,
    JI_VARIANT_FALSE = 2,
    JI_VARIANT_INT8 = 3,
    JI_VARIANT_INT16 = 4,
    JI_VARIANT_INT32 = 5,
    JI_VARIANT_INT64 = 6,
    JI_VARIANT_DOUBLE = 7,
    JI_VARIANT_DECIMAL4 = 8,
    JI_VARIANT_DECIMAL8 = 9,
    JI_VARIANT_DECIMAL16 = 10,
    JI_VARIANT_DATE = 11,
    JI_VARIANT_TIMESTAMP_MICROS_UTC = 12,
    JI_VARIANT_TIMESTAMP_MICROS = 13,
    JI_VARIANT_FLOAT = 14,
    JI_VARIANT_BINARY = 15,
    JI_VARIANT_STRING = 16, /* short ones too */
    JI_VARIANT_TIME = 17,   /* microseconds */
    JI_VARIANT_TIMESTAMP_NANOS_UTC = 18,
    JI_VARIANT_TIMESTAMP_NANOS = 19,
    JI_VARIANT_UUID = 20,
    JI_VARIANT_OBJECT = 64,
    JI_VARIANT_ARRAY = 65,
};

/* "int8", "object" ...: static text. */
const char *ji_variant_type_name(enum ji_variant_type type);

/* --- the dictionary --- */

struct ji_variant_names {
    struct ji_view bytes; /* the metadata, whole */
    uint32_t count;
    bool rises; /* each name above the one before, whatever the header says */
    unsigned offset_bytes;
    const uint8_t *offsets;
    const uint8_t *text;
};

/* Borrows `metadata`, which has exactly one dictionary. */
enum joist_status ji_variant_names_init(
        struct ji_variant_names *names, struct ji_view metadata, struct joist_error *err);
/* The same for a dictionary at the front of `bytes`; `*used` is its size. */
enum joist_status ji_variant_names_prefix(
        struct ji_variant_names *names, struct ji_view bytes, size_t *used, struct joist_error *err);
/* id < count */
struct ji_view ji_variant_name(const struct ji_variant_names *names, uint32_t id);

/* --- values --- */

/* A value's head, and all of a primitive. */
struct ji_variant {
    enum ji_variant_type type;
    struct ji_view bytes; /* the encoded value, whole */
    int64_t integer;      /* INT8..INT64, DATE, TIME, TIMESTAMP_* */
    double real;          /* FLOAT (widened), DOUBLE */
    ji_int128 decimal;    /* DECIMAL*, unscaled */
    unsigned scale;
    struct ji_view view; /* BINARY, STRING, UUID */
    /* OBJECT, ARRAY: */
    uint32_t count;
    unsigned id_bytes; /* OBJECT */
    unsigned offset_bytes;
    const uint8_t *ids; /* OBJECT */
    const uint8_t *offsets;
    struct ji_view members;
};

/*
 * The value at the front of `bytes`; `value->bytes` says how far it goes. Members of a container are not
 * looked at. CORRUPT.
 */
enum joist_status ji_variant_parse(struct ji_view bytes, struct ji_variant *value, struct joist_error *err);

/* A member of a container that was walked or checked: its name's id (OBJECT), its encoded value. */
uint32_t ji_variant_member_id(const struct ji_variant *object, uint32_t index);
struct ji_view ji_variant_member_bytes(const struct ji_variant *container, uint32_t index);

enum ji_variant_event_kind {
    JI_VARIANT_PRIMITIVE,
    JI_VARIANT_BEGIN,     /* of an object or array */
    JI_VARIANT_END,       /* of the innermost one */
    JI_VARIANT_END_VALUE, /* nothing is left */
};

struct ji_variant_event {
    enum ji_variant_event_kind kind;
    bool has_name; /* a member of an object */
    uint32_t name_id;
    struct ji_view name;
    struct ji_variant value; /* PRIMITIVE, BEGIN; of END: its container */
};

struct ji_variant_frame {
    struct ji_variant value;
    uint32_t next;        /* member */
    uint64_t bytes_spent; /* by the members before */
    struct ji_view name;  /* of the member before; data NULL: none */
};

struct ji_variant_walk {
    const struct ji_variant_names *names;
    struct ji_view bytes;
    bool has_begun;
    bool is_sorted; /* so far: names of one object rise strictly, as the format wants it */
    unsigned depth;
    unsigned depth_max;
    struct ji_variant_frame frames[JI_VARIANT_DEPTH_MAX];
};

/* Both are borrowed. `depth` levels are used up already. */
void ji_variant_walk_init(struct ji_variant_walk *walk, const struct ji_variant_names *names,
        struct ji_view value, unsigned depth);
enum joist_status ji_variant_next(
        struct ji_variant_walk *walk, struct ji_variant_event *event, struct joist_error *err);

/* Walks to the end; `*is_sorted` as the walk says. */
enum joist_status ji_variant_check(const struct ji_variant_names *names, struct ji_view value, unsigned depth,
        bool *is_sorted, struct joist_error *err);

#endif
