/*
 * bounds.h - the least and the greatest of a page's, chunk's or file's values
 *
 * The order is the file's (Parquet's TYPE_ORDER): signed or unsigned numbers, bytes unsigned, decimals as
 * signed big-endian numbers. NaN never counts, and is counted. Bytes are kept up to JI_BOUND_BYTES_MAX; a
 * longer value counts by its front, and the bound is then not exact.
 */
#ifndef JI_BOUNDS_H
#define JI_BOUNDS_H

#include "arrow/value.h"
#include "parquet/encode/value_block.h"

#define JI_BOUND_BYTES_MAX 64

enum ji_bound_order {
    JI_BOUND_NONE = 0, /* no values ever (NULL) */
    JI_BOUND_BOOL,
    JI_BOUND_I32,
    JI_BOUND_U32,
    JI_BOUND_I64,
    JI_BOUND_U64,
    JI_BOUND_F32,
    JI_BOUND_F64,
    JI_BOUND_F16,
    JI_BOUND_DECIMAL, /* FIXED, signed big-endian */
    JI_BOUND_BYTES,
    JI_BOUND_TEXT, /* bytes that are UTF-8: a raised maximum stays so */
};

struct ji_bound {
    union {
        int64_t i;
        uint64_t u;
        double f;
    } number;
    uint8_t bytes[JI_BOUND_BYTES_MAX];
    uint8_t size;
    bool exact; /* the value itself, not only its front */
};

struct ji_bounds {
    enum ji_bound_order order;
    uint8_t bytes_max; /* bytes and text are written with no more; 0: JI_BOUND_BYTES_MAX */
    bool has_values;   /* min and max mean something */
    uint64_t nan_count;
    struct ji_bound min;
    struct ji_bound max;
};

enum ji_bound_order ji_leaf_bound_order(const struct ji_leaf *leaf);

/* Of values among which NaN may be. */
static inline bool ji_bound_is_real(enum ji_bound_order order)
{
    return order == JI_BOUND_F32 || order == JI_BOUND_F64 || order == JI_BOUND_F16;
}

/* `order` and the most bytes are kept, all else is emptied. */
void ji_bounds_reset(struct ji_bounds *bounds, enum ji_bound_order order);
void ji_bounds_add(struct ji_bounds *bounds, const struct ji_value_block *block);
void ji_bounds_merge(struct ji_bounds *bounds, const struct ji_bounds *more);

/* A bound as it stands in a file. */
struct ji_bound_text {
    uint8_t bytes[JI_BOUND_BYTES_MAX];
    size_t size;
    bool exact;
};
/*
 * False where there is none, or where it was cut and cannot be raised. -0 and +0: a zero minimum is written
 * as -0, a zero maximum as +0.
 */
bool ji_bounds_min(const struct ji_bounds *bounds, struct ji_bound_text *out);
bool ji_bounds_max(const struct ji_bounds *bounds, struct ji_bound_text *out);

/* Below, at or above 0; both of the same order, both with values. */
int ji_bound_compare(enum ji_bound_order order, const struct ji_bound *a, const struct ji_bound *b);

/*
 * What the bounds say as values of the leaf's field; bytes in the arena. `facts` has its counts already.
 */
enum joist_status ji_bounds_facts(const struct ji_bounds *bounds, const struct ji_leaf *leaf,
        struct ji_arena *arena, struct ji_facts *facts, struct joist_error *err);

#endif
