/*
 * vector.h - columns on their way through an expression, and the memory they stand in
 *
 *     rows:    position 0 .. count-1   ->   batch row (`rows`, or the same number)
 *     vector:  one value a position, FLAT or DICTIONARY, or CONSTANT for all
 *
 *   1. Everything is computed for every position. Where few of a batch's rows are selected they are
 *      gathered to a dense vector first; where most are, the others are computed along, and `active` tells
 *      whose errors count.
 *   2. `narrow`: a decimal of more than 18 digits whose values all fit int64 stands as int64 values.
 *      Nothing outside of expr sees one.
 *   3. The bits of a BOOL behind nulls are 0 in vectors that expr made.
 */
#ifndef JI_VECTOR_H
#define JI_VECTOR_H

#include "expr/expr.h"

struct ji_scratch {
    struct ji_scratch *next;
    uint8_t *data;
    size_t capacity;
};

struct ji_evaluator {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena; /* small things, until the reset */
    struct ji_scratch *used;
    struct ji_scratch *idle;
};

/* Bulk memory until the reset or the drop, 64-byte aligned, not zeroed. `out` is a T **. */
enum joist_status ji_scratch_get(
        struct ji_evaluator *evaluator, size_t bytes, void *out, struct joist_error *err);
/* A bitmap of `count` bits with at least 8 bytes behind that may be written, filled with `value`. */
enum joist_status ji_scratch_bits(
        struct ji_evaluator *evaluator, size_t count, bool value, uint8_t **out, struct joist_error *err);
/* Gives one back early, so that warm memory is used again. What is not scratch memory is left alone. */
void ji_scratch_drop(struct ji_evaluator *evaluator, const void *memory);

/*
 * Gives back all that was handed out since `mark` was the newest (ji_scratch_mark), which is still there. For
 * loops over many arguments, whose parts would pile up until the reset.
 */
static inline struct ji_scratch *ji_scratch_mark(const struct ji_evaluator *evaluator)
{
    return evaluator->used;
}
void ji_scratch_release(struct ji_evaluator *evaluator, const struct ji_scratch *mark);

struct ji_rows {
    const struct ji_batch *batch;
    size_t count;
    const uint32_t *rows;  /* position -> row of the batch; NULL: the same */
    const uint8_t *active; /* a bit a position; NULL: all count */
};

struct ji_vector {
    struct ji_column column;
    bool narrow;
};

/* How the values of a vector stand in memory. */
enum ji_physical {
    JI_PHYSICAL_BOOL,
    JI_PHYSICAL_I8,
    JI_PHYSICAL_I16,
    JI_PHYSICAL_I32,
    JI_PHYSICAL_I64,
    JI_PHYSICAL_U8,
    JI_PHYSICAL_U16,
    JI_PHYSICAL_U32,
    JI_PHYSICAL_U64,
    JI_PHYSICAL_F32,
    JI_PHYSICAL_F64,
    JI_PHYSICAL_I128,
    JI_PHYSICAL_VIEW,
    JI_PHYSICAL_FIXED,
    JI_PHYSICAL_NONE,
};
enum ji_physical ji_physical_of(const struct ji_vector *vector);
/* Bytes of a value, 0 for bits. */
size_t ji_vector_width(const struct ji_vector *vector);

static inline bool ji_vector_constant(const struct ji_vector *vector)
{
    return vector->column.form == JI_CONSTANT;
}
static inline bool ji_vector_null(const struct ji_vector *vector)
{
    return vector->column.form == JI_CONSTANT && ji_column_is_null(&vector->column, 0);
}

/*
 * A flat vector of `type` with room for `count` values, which the pointer that `values` points to gets (any T
 * **), and no validity yet. Bits and views are zeroed.
 */
enum joist_status ji_vector_new(struct ji_evaluator *evaluator, const struct ji_field *type, bool narrow,
        size_t count, struct ji_vector *vector, void *values, struct joist_error *err);
/* A constant null. */
enum joist_status ji_vector_new_null(struct ji_evaluator *evaluator, const struct ji_field *type,
        size_t count, struct ji_vector *vector, struct joist_error *err);
enum joist_status ji_vector_new_literal(struct ji_evaluator *evaluator, const struct ji_field *type,
        const struct ji_value *value, size_t count, struct ji_vector *vector, struct joist_error *err);

/* FLAT with `count` values, from any form. */
enum joist_status ji_vector_flatten(
        struct ji_evaluator *evaluator, size_t count, struct ji_vector *vector, struct joist_error *err);
/* Not narrow. */
enum joist_status ji_vector_widen(
        struct ji_evaluator *evaluator, struct ji_vector *vector, struct joist_error *err);
/* Positions `picks[0..count)` of a vector in its own form; NULL: the first `count`. */
enum joist_status ji_vector_gather(struct ji_evaluator *evaluator, const uint32_t *picks, size_t count,
        struct ji_vector *vector, struct joist_error *err);
/* The bits that are set in both (NULL: all); `*both` may be one of them. */
enum joist_status ji_mask_and(struct ji_evaluator *evaluator, size_t count, const uint8_t *a,
        const uint8_t *b, const uint8_t **both, struct joist_error *err);

/* Copies values [from] -> [to at picks[i]], `width` bytes each or bits where 0. */
void ji_values_scatter(size_t width, const void *from, const uint32_t *picks, size_t count, void *to);
/* Sets the bits at rising `positions`. */
void ji_mask_set(const uint32_t *positions, size_t count, uint8_t *bits);
size_t ji_mask_count(const uint8_t *bits, size_t count);
/* The positions of the set bits, rising; `positions` has room for all. Returns how many. */
size_t ji_mask_positions(const uint8_t *bits, size_t count, uint32_t *positions);

/*
 * Of a boolean vector: for each position whether it is true, and where `known` is not NULL whether it is not
 * null. Both in fresh scratch memory.
 */
enum joist_status ji_vector_truth(struct ji_evaluator *evaluator, const struct ji_vector *vector,
        size_t count, uint8_t **truth, uint8_t **known, struct joist_error *err);

#endif
