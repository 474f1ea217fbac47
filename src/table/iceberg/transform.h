/*
 * transform.h - partition transforms: from a column's value to a partition's, and back to a range
 *
 * Specification: apache/iceberg format/spec.md, Partition Transforms and Appendix B. All of them floor
 * towards minus infinity; null gives null.
 */
#ifndef JI_TRANSFORM_H
#define JI_TRANSFORM_H

#include "arrow/value.h"
#include "base/buffer.h"

enum ji_transform_kind {
    JI_TRANSFORM_IDENTITY = 0,
    JI_TRANSFORM_BUCKET,
    JI_TRANSFORM_TRUNCATE,
    JI_TRANSFORM_YEAR,
    JI_TRANSFORM_MONTH,
    JI_TRANSFORM_DAY,
    JI_TRANSFORM_HOUR,
    JI_TRANSFORM_VOID,
    JI_TRANSFORM_UNKNOWN, /* another engine's: kept by its text, never applied */
};

struct ji_transform {
    enum ji_transform_kind kind;
    uint32_t width;   /* BUCKET, TRUNCATE */
    const char *text; /* as Iceberg writes it: "bucket[16]" */
};

/* Iceberg's text of a transform. What we do not know becomes UNKNOWN with its text; width 0 is INVALID. */
enum joist_status ji_transform_parse(
        struct ji_arena *arena, struct ji_view text, struct ji_transform *transform, struct joist_error *err);

/* The type of the result for a column of `source`'s type; INVALID where the transform does not take it. */
enum joist_status ji_transform_result(const struct ji_transform *transform, const struct ji_field *source,
        struct ji_field *result, struct joist_error *err);

/*
 * The partition value of `value`. Views borrow from it. Never called for UNKNOWN. INVALID where the result
 * does not fit its type (truncate near the least value).
 */
enum joist_status ji_transform_apply(const struct ji_transform *transform, const struct ji_field *source,
        const struct ji_value *value, struct ji_value *result, struct joist_error *err);

/*
 * What a file's (or a range of files') partition values say of the source column: sets min and max of
 * `facts` where the transform keeps order, and the null count where `no_nulls` or all are null. `low` and
 * `high` may be NULL. Bounds are of INT32..DECIMAL kinds and views that borrow from the values; nothing is
 * set that is not proved.
 */
void ji_transform_facts(const struct ji_transform *transform, const struct ji_field *source,
        const struct ji_value *low, const struct ji_value *high, struct ji_facts *facts);

/* The 32-bit hash of Appendix B of a value that is not null. */
uint32_t ji_iceberg_hash(const struct ji_field *source, const struct ji_value *value);

/*
 * What people read, as in Iceberg's folders: "1996", "1996-03", "1996-03-13", "1996-03-13-07", "null", else
 * the value's text. Appends.
 */
enum joist_status ji_transform_text(const struct ji_transform *transform, const struct ji_field *result,
        const struct ji_value *value, struct ji_bytes *out, struct joist_error *err);

#endif
