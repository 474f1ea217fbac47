/*
 * projection.h - the columns of one file as the columns that are wanted
 */
#ifndef JI_PROJECTION_H
#define JI_PROJECTION_H

#include "arrow/value.h"

enum ji_match {
    JI_MATCH_NAME, /* exact names */
    JI_MATCH_ID,   /* field ids; where the wanted column or the file has none, names */
};

enum ji_widen {
    JI_WIDEN_NONE, /* the values are what is wanted; the field changes */
    JI_WIDEN_INTEGER,
    JI_WIDEN_REAL,    /* float to double */
    JI_WIDEN_DECIMAL, /* int64 to int128 */
    JI_WIDEN_NESTED,  /* the children are projected */
    JI_WIDEN_ABSENT,  /* not in the file: `value` in every row */
};

struct ji_projected {
    const struct ji_field *field; /* wanted */
    const struct ji_field *from;  /* in the file; NULL where absent */
    size_t index;                 /* of `from` among the file's columns, or among its struct's children */
    enum ji_widen widen;
    bool same; /* not a value has to be touched, at any depth */
    struct ji_value value;
    struct ji_projected *children;
};

/* Whether any of them has a field id. */
bool ji_fields_have_ids(const struct ji_field *fields, size_t count);

/* Where `wanted` stands among `count` fields, SIZE_MAX where it does not. */
size_t ji_field_match(
        const struct ji_field *wanted, const struct ji_field *fields, size_t count, enum ji_match match);
/*
 * Finds `field` among the `count` fields of a file (or of a struct in it) and sees how its values get there.
 * INVALID where the types do not go together, or where it is absent, required and without a constant.
 */
enum joist_status ji_projected_init(struct ji_arena *arena, const struct ji_field *field,
        const struct ji_field *fields, size_t count, enum ji_match match, struct ji_projected *projected,
        struct joist_error *err);
/* The same for a column that the file lacks and that has `value` in every row. */
void ji_projected_constant(
        const struct ji_field *field, const struct ji_value *value, struct ji_projected *projected);

/*
 * `rows` rows of the wanted column; `from` is the file's, NULL where absent. Borrows from it and from the
 * arena.
 */
enum joist_status ji_project_column(struct ji_arena *arena, const struct ji_projected *projected,
        const struct ji_column *from, size_t rows, struct ji_column *to, struct joist_error *err);

#endif
