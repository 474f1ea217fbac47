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
    JI_WIDEN_ABSENT,  /* not in the file: `value` or `row` in every row */
};

struct ji_projected {
    const struct ji_field *field; /* wanted */
    const struct ji_field *from;  /* in the file; NULL where absent */
    size_t index;                 /* of `from` among the file's columns, or among its struct's children */
    enum ji_widen widen;
    bool same;    /* not a value has to be touched, at any depth */
    bool narrows; /* at some depth the file may have nulls where none are wanted (ji_required_check) */
    struct ji_value value;       /* of a scalar, where there is no `row` */
    const struct ji_column *row; /* one row, FLAT; NULL: `value`, of what is nested null */
    struct ji_projected *children;
};

/* What a wanted column is looked for among: the columns of a file, or the children of a struct in it. */
struct ji_field_offer {
    const struct ji_field *fields;
    size_t count;
    enum ji_match match;
    bool have_ids; /* any of them */
    size_t next;   /* where the search begins; behind the last it goes on with the first */
};

/* Whether any of them has a field id. */
bool ji_fields_have_ids(const struct ji_field *fields, size_t count);
struct ji_field_offer ji_field_offer_of(const struct ji_field *fields, size_t count, enum ji_match match);
/*
 * The next search begins behind what was found: that is where it mostly stands, and of some with one name
 * each is found once.
 */
void ji_field_offer_pass(struct ji_field_offer *offer, const struct ji_projected *projected);

/* Where `wanted` stands among the fields, SIZE_MAX where it does not. */
size_t ji_field_match(const struct ji_field *wanted, const struct ji_field_offer *offer);
/*
 * Finds `field` among the fields and sees how its values get there. Where the file lacks it, or only has
 * nulls of no type for it, it is null, or, lacking, what `fallback` says: one FLAT row of it that lives as
 * long as the arena; NULL: nothing. Of a struct that is there, children that are not have the fallback's.
 * INVALID where the types do not go together, or where it is absent, required and without a value.
 */
enum joist_status ji_projected_init(struct ji_arena *arena, const struct ji_field *field,
        const struct ji_field_offer *offer, const struct ji_column *fallback, struct ji_projected *projected,
        struct joist_error *err);
/* The same for a column that the file lacks and that has `value` in every row. */
void ji_projected_constant(
        const struct ji_field *field, const struct ji_value *value, struct ji_projected *projected);
/*
 * `from` is what `projected` was made for, without children of structs that it does not take values from, or
 * with one of them where it takes none: it borrows from `from` then.
 */
enum joist_status ji_projected_narrow(struct ji_arena *arena, const struct ji_field *from,
        struct ji_projected *projected, struct joist_error *err);

/*
 * `rows` rows of the wanted column; `from` is the file's, NULL where absent. Borrows from it and from the
 * arena.
 */
enum joist_status ji_project_column(struct ji_arena *arena, const struct ji_projected *projected,
        const struct ji_column *from, size_t rows, struct ji_column *to, struct joist_error *err);

#endif
