/*
 * json_document.h - a JSON document as a tree whose nodes remember their own bytes
 *
 * Metadata is read by picking members and rewritten by copying what was not touched, byte for byte: members
 * that we do not know travel through, and a snapshot costs one memcpy and not one serialisation.
 */
#ifndef JI_JSON_DOCUMENT_H
#define JI_JSON_DOCUMENT_H

#include "base/arena.h"
#include "base/buffer.h"
#include "wire/json_write.h"

#define JI_TREE_MEMBERS_MAX 10000

enum ji_tree_kind {
    JI_TREE_NULL = 0,
    JI_TREE_BOOLEAN,
    JI_TREE_NUMBER,
    JI_TREE_TEXT,
    JI_TREE_ARRAY,
    JI_TREE_OBJECT
};

struct ji_tree_node {
    enum ji_tree_kind kind;
    bool boolean;
    struct ji_view name; /* of a member, unescaped */
    struct ji_view raw;  /* the value's own bytes in the document */
    struct ji_view text; /* TEXT, unescaped, with a NUL behind it */
    size_t count;        /* ARRAY, OBJECT */
    struct ji_tree_node *first;
    struct ji_tree_node *next; /* of the same parent */
};

/* `document` is borrowed as long as the tree. CORRUPT with the offset. */
enum joist_status ji_tree_parse(
        struct ji_arena *arena, struct ji_view document, struct ji_tree_node **root, struct joist_error *err);

/* The member, or NULL where it is not there or null. `object` may be NULL. */
const struct ji_tree_node *ji_tree_member(const struct ji_tree_node *object, const char *name);

/* A member that must be there; CORRUPT names it. */
enum joist_status ji_tree_need(const struct ji_tree_node *object, const char *name, enum ji_tree_kind kind,
        const struct ji_tree_node **node, struct joist_error *err);
/* One that may be absent: then NULL. Of another kind: CORRUPT. */
enum joist_status ji_tree_want(const struct ji_tree_node *object, const char *name, enum ji_tree_kind kind,
        const struct ji_tree_node **node, struct joist_error *err);
enum joist_status ji_tree_need_integer(
        const struct ji_tree_node *object, const char *name, int64_t *value, struct joist_error *err);
enum joist_status ji_tree_need_id(
        const struct ji_tree_node *object, const char *name, int32_t *value, struct joist_error *err);
enum joist_status ji_tree_want_integer(const struct ji_tree_node *object, const char *name, int64_t absent,
        int64_t *value, struct joist_error *err);
enum joist_status ji_tree_want_id(const struct ji_tree_node *object, const char *name, int32_t absent,
        int32_t *value, struct joist_error *err);
/* The text ends in NUL and holds none before it (else CORRUPT); borrowed from the tree. */
enum joist_status ji_tree_need_text(
        const struct ji_tree_node *object, const char *name, const char **text, struct joist_error *err);
enum joist_status ji_tree_want_text(const struct ji_tree_node *object, const char *name, const char *absent,
        const char **text, struct joist_error *err);

/* A number node as an exact 64-bit integer. */
bool ji_tree_integer(const struct ji_tree_node *node, int64_t *value);

#endif
