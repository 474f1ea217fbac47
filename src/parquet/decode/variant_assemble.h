/*
 * variant_assemble.h - binary variants from the columns of a VARIANT group, shredded or not
 *
 * Every value handed out was checked whole (variant_read.h), and the fields of its objects are in the order
 * of their names, whatever the writer did. What is not shredded and in order is not copied. A shredded
 * name that the dictionary lacks is added to it, behind those that are there.
 */
#ifndef JI_VARIANT_ASSEMBLE_H
#define JI_VARIANT_ASSEMBLE_H

#include "arrow/batch.h"
#include "parquet/format/variant_shape.h"
#include "wire/variant_build.h"

struct ji_variant_id; /* the id of a shredded name in the current dictionary */

/*
 * Told of each rule that a value breaks, by its row, those that reading puts right or passes over too. A
 * value that cannot be put together is empty then, and the next one follows.
 */
struct ji_variant_watch {
    void *user;
    enum joist_status (*fault)(
            void *user, size_t row, const struct joist_error *what, struct joist_error *err);
};

struct ji_variant_assembly {
    const struct ji_variant_watch *watch; /* NULL: the first value that cannot be put together fails */
    size_t row;                           /* which one is put together */
    const struct ji_variant_shape *shape;
    struct ji_variant_builder builder;
    struct ji_variant_builder sorter;
    struct ji_arena copies; /* of this batch: values whose fields had to be sorted, dictionaries */
    bool has_copies;        /* of values */
    bool has_dictionaries;  /* that got more names */
    struct ji_buffer *views;
    struct ji_buffer *metadata; /* views of the rows' dictionaries */
    struct ji_buffer *starts;   /* where a built value begins in the builder's bytes */
    struct ji_variant_names names;
    bool has_names;
    uint64_t generation;       /* of `names` */
    struct ji_variant_id *ids; /* of shape->names */
    struct ji_view *added;     /* names that the current dictionary lacks; their ids follow its own */
    size_t added_count;
    size_t written_count;      /* of `added`, in `dictionary` */
    struct ji_view dictionary; /* the current one as it is handed out */
    struct ji_buffer *order;   /* the names in order, where they do not rise */
    bool has_order;
    struct ji_column children[2]; /* metadata, value */
};

/* The little memory that depends on the schema comes from the arena; buffers go with clear. */
enum joist_status ji_variant_assembly_init(struct ji_variant_assembly *assembly, struct ji_arena *arena,
        struct ji_mem *mem, const struct ji_variant_shape *shape, struct joist_error *err);
void ji_variant_assembly_clear(struct ji_variant_assembly *assembly); /* accepts all zero */

/*
 * `storage` is the group's struct column, flat; `*out` the struct of metadata and value, as long, which lives
 * until the next call and borrows from `storage`. CORRUPT with the number of the value that breaks the rules:
 * value and typed_value at once (but for objects that share their fields), a field in both.
 */
enum joist_status ji_variant_assemble(struct ji_variant_assembly *assembly, const struct ji_column *storage,
        struct ji_column *out, struct joist_error *err);

#endif
