/*
 * variant_build.h - writes binary variant values one behind another, containers in the least widths
 *
 *     ji_variant_builder_init(&builder, mem);
 *     const struct ji_variant_mark mark = ji_variant_begin(&builder);
 *     JI_TRY(ji_variant_member(&builder, mark, id, err));      before each value; names rise
 *     JI_TRY(ji_variant_put_integer(&builder, JI_VARIANT_INT8, 34, err));
 *     JI_TRY(ji_variant_end_object(&builder, mark, err));
 *
 * A container's head is put before its members when they are all there: its widths follow from them. The
 * bytes stand at builder->out from where the value began; they move while more is written.
 */
#ifndef JI_VARIANT_BUILD_H
#define JI_VARIANT_BUILD_H

#include "base/buffer.h"
#include "wire/variant_read.h"

/* One value; offsets are 32-bit. */
#define JI_VARIANT_BYTES_MAX ((size_t)1 << 30)

struct ji_variant_builder {
    struct ji_bytes out;
    struct ji_bytes entries; /* of the containers that are open, innermost last */
    struct ji_bytes named;   /* entries of one object with their names, to be sorted */
};

/* Where a container began. */
struct ji_variant_mark {
    size_t out;
    size_t entries;
};

void ji_variant_builder_init(struct ji_variant_builder *builder, struct ji_mem *mem);
void ji_variant_builder_clear(struct ji_variant_builder *builder); /* accepts all zero */
/* Forgets all that was written, keeps the memory: after a failure, too. */
void ji_variant_builder_reset(struct ji_variant_builder *builder);

enum joist_status ji_variant_put_null(struct ji_variant_builder *builder, struct joist_error *err);
enum joist_status ji_variant_put_bool(
        struct ji_variant_builder *builder, bool value, struct joist_error *err);
/* INT8..INT64, DATE, TIME, TIMESTAMP_*: the value fits the type. */
enum joist_status ji_variant_put_integer(struct ji_variant_builder *builder, enum ji_variant_type type,
        int64_t value, struct joist_error *err);
/* FLOAT (narrowed) or DOUBLE. */
enum joist_status ji_variant_put_real(
        struct ji_variant_builder *builder, enum ji_variant_type type, double value, struct joist_error *err);
/* DECIMAL4, DECIMAL8, DECIMAL16: the value fits their bytes, scale <= 38. */
enum joist_status ji_variant_put_decimal(struct ji_variant_builder *builder, enum ji_variant_type type,
        ji_int128 value, unsigned scale, struct joist_error *err);
/* BINARY, STRING (short where it is below 64 bytes; UTF-8), UUID (16 bytes). */
enum joist_status ji_variant_put_view(struct ji_variant_builder *builder, enum ji_variant_type type,
        struct ji_view value, struct joist_error *err);
/* A value that is encoded already. */
enum joist_status ji_variant_put_encoded(
        struct ji_variant_builder *builder, struct ji_view value, struct joist_error *err);

struct ji_variant_mark ji_variant_begin(const struct ji_variant_builder *builder);
/* A member follows, in an object with the id of its name; in an array `id` is 0. */
enum joist_status ji_variant_member(struct ji_variant_builder *builder, struct ji_variant_mark mark,
        uint32_t id, struct joist_error *err);
enum joist_status ji_variant_end_object(
        struct ji_variant_builder *builder, struct ji_variant_mark mark, struct joist_error *err);
enum joist_status ji_variant_end_array(
        struct ji_variant_builder *builder, struct ji_variant_mark mark, struct joist_error *err);

/*
 * Appends a dictionary to `out`: that of `names`, whose ids stay, and behind it the `count` names of `more`.
 * It is said to be sorted where each name is above the one before. LIMIT.
 */
enum joist_status ji_variant_put_names(struct ji_bytes *out, const struct ji_variant_names *names,
        const struct ji_view *more, size_t count, struct joist_error *err);

/*
 * A value that is encoded already, its objects' fields put in the order of their names, in the least widths.
 * CORRUPT and LIMIT as the walk says, and where an object has a name twice; what was appended stays then.
 */
enum joist_status ji_variant_put_sorted(struct ji_variant_builder *builder,
        const struct ji_variant_names *names, struct ji_view value, struct joist_error *err);

#endif
