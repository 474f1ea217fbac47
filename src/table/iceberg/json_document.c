/*
 * json_document.c - builds the tree from the tokenizer's tokens
 *
 *   1. A node's `raw` begins where its first token begins and ends where its last one ends.
 *   2. Nothing recurses: the open containers stand on a stack of JI_JSON_DEPTH_MAX.
 *   3. No object has a key twice.
 */
#include "table/iceberg/json_document.h"

struct open_container {
    struct ji_tree_node *node;
    struct ji_tree_node *last;
};

struct building {
    struct ji_arena *arena;
    struct ji_json_reader reader;
    struct ji_view document;
    struct open_container stack[JI_JSON_DEPTH_MAX + 1];
    size_t depth;
    struct ji_tree_node *root;
    struct ji_view key;
};

static const enum ji_tree_kind KINDS[] = {
        [JI_JSON_NULL] = JI_TREE_NULL,
        [JI_JSON_BOOL] = JI_TREE_BOOLEAN,
        [JI_JSON_NUMBER] = JI_TREE_NUMBER,
        [JI_JSON_STRING] = JI_TREE_TEXT,
        [JI_JSON_OBJECT] = JI_TREE_OBJECT,
        [JI_JSON_ARRAY] = JI_TREE_ARRAY,
};

static enum joist_status check_member(struct building *building, const struct ji_tree_node *object,
        struct ji_view name, struct joist_error *err)
{
    if (object->count >= JI_TREE_MEMBERS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "JSON object of more than %d members", JI_TREE_MEMBERS_MAX);
    for (const struct ji_tree_node *node = object->first; node != NULL; node = node->next) {
        if (ji_view_equal(node->name, name))
            return ji_json_fail(&building->reader, err, "key '%.*s' comes twice",
                    (int)ji_min_size(name.size, 100), (const char *)name.data);
    }
    return JOIST_OK;
}

static enum joist_status add_node(
        struct building *building, const struct ji_json_token *token, struct joist_error *err)
{
    struct ji_tree_node *node = NULL;
    JI_TRY(ji_arena_array(building->arena, 1, sizeof *node, &node, err));
    node->kind = KINDS[token->kind];
    node->boolean = token->boolean;
    node->raw = ji_view_of(building->document.data + token->at,
            (size_t)(building->reader.at - building->document.data) - token->at);
    node->text = token->text;
    if (node->kind == JI_TREE_TEXT) {
        const char *text = NULL;
        JI_TRY(ji_arena_text(building->arena, token->text, &text, err));
        node->text.data = (const uint8_t *)text;
    }
    if (building->depth == 0) {
        building->root = node;
    } else {
        struct open_container *open = &building->stack[building->depth - 1];
        if (open->node->kind == JI_TREE_OBJECT) {
            JI_TRY(check_member(building, open->node, building->key, err));
            node->name = building->key;
        }
        if (open->last == NULL)
            open->node->first = node;
        else
            open->last->next = node;
        open->last = node;
        open->node->count++;
    }
    if (node->kind == JI_TREE_OBJECT || node->kind == JI_TREE_ARRAY) {
        if (building->depth > JI_JSON_DEPTH_MAX)
            return ji_fail(err, JOIST_ERR_LIMIT, "JSON nested deeper than %d", JI_JSON_DEPTH_MAX);
        building->stack[building->depth++] = (struct open_container){.node = node};
    }
    return JOIST_OK;
}

enum joist_status ji_tree_parse(
        struct ji_arena *arena, struct ji_view document, struct ji_tree_node **root, struct joist_error *err)
{
    struct building building = {.arena = arena, .document = document};
    ji_json_reader_init(&building.reader, document, arena);
    for (;;) {
        struct ji_json_token token;
        JI_TRY(ji_json_next(&building.reader, &token, err));
        switch (token.kind) {
        case JI_JSON_END:
            *root = building.root;
            return JOIST_OK;
        case JI_JSON_KEY:
            building.key = token.text;
            break;
        case JI_JSON_OBJECT_END:
        case JI_JSON_ARRAY_END: {
            struct ji_tree_node *node = building.stack[--building.depth].node;
            node->raw.size = (size_t)(building.reader.at - node->raw.data);
            break;
        }
        default:
            JI_TRY(add_node(&building, &token, err));
            break;
        }
    }
}

const struct ji_tree_node *ji_tree_member(const struct ji_tree_node *object, const char *name)
{
    if (object == NULL || object->kind != JI_TREE_OBJECT)
        return NULL;
    const struct ji_view wanted = ji_view_of_text(name);
    for (const struct ji_tree_node *node = object->first; node != NULL; node = node->next) {
        if (ji_view_equal(node->name, wanted))
            return node->kind == JI_TREE_NULL ? NULL : node;
    }
    return NULL;
}

static const char *kind_name(enum ji_tree_kind kind)
{
    static const char *const NAMES[] = {"null", "a boolean", "a number", "a text", "an array", "an object"};
    return NAMES[kind];
}

enum joist_status ji_tree_want(const struct ji_tree_node *object, const char *name, enum ji_tree_kind kind,
        const struct ji_tree_node **node, struct joist_error *err)
{
    if (object == NULL || object->kind != JI_TREE_OBJECT)
        return ji_fail(err, JOIST_ERR_CORRUPT, "no JSON object with '%s'", name);
    const struct ji_tree_node *found = ji_tree_member(object, name);
    if (found != NULL && found->kind != kind)
        return ji_fail(err, JOIST_ERR_CORRUPT, "member '%s' is no %s", name, kind_name(kind) + 2);
    *node = found;
    return JOIST_OK;
}

enum joist_status ji_tree_need(const struct ji_tree_node *object, const char *name, enum ji_tree_kind kind,
        const struct ji_tree_node **node, struct joist_error *err)
{
    const struct ji_tree_node *found = NULL;
    JI_TRY(ji_tree_want(object, name, kind, &found, err));
    if (found == NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "member '%s' is missing", name);
    *node = found;
    return JOIST_OK;
}

bool ji_tree_integer(const struct ji_tree_node *node, int64_t *value)
{
    if (node == NULL || node->kind != JI_TREE_NUMBER || node->text.size == 0)
        return false;
    const bool negative = node->text.data[0] == '-';
    int64_t made = 0;
    for (size_t i = negative; i < node->text.size; i++) {
        const uint8_t digit = node->text.data[i];
        if (digit < '0' || digit > '9' || !ji_mul_i64(made, 10, &made))
            return false;
        if (!(negative ? ji_sub_i64(made, digit - '0', &made) : ji_add_i64(made, digit - '0', &made)))
            return false;
    }
    *value = made;
    return true;
}

enum joist_status ji_tree_want_integer(const struct ji_tree_node *object, const char *name, int64_t absent,
        int64_t *value, struct joist_error *err)
{
    const struct ji_tree_node *node = NULL;
    JI_TRY(ji_tree_want(object, name, JI_TREE_NUMBER, &node, err));
    int64_t made = absent;
    if (node != NULL && !ji_tree_integer(node, &made))
        return ji_fail(err, JOIST_ERR_CORRUPT, "member '%s' is no 64-bit integer", name);
    *value = made;
    return JOIST_OK;
}

enum joist_status ji_tree_need_integer(
        const struct ji_tree_node *object, const char *name, int64_t *value, struct joist_error *err)
{
    const struct ji_tree_node *node = NULL;
    JI_TRY(ji_tree_need(object, name, JI_TREE_NUMBER, &node, err));
    return ji_tree_want_integer(object, name, 0, value, err);
}

enum joist_status ji_tree_want_id(const struct ji_tree_node *object, const char *name, int32_t absent,
        int32_t *value, struct joist_error *err)
{
    int64_t wide = 0;
    JI_TRY(ji_tree_want_integer(object, name, absent, &wide, err));
    if (wide < INT32_MIN || wide > INT32_MAX)
        return ji_fail(err, JOIST_ERR_CORRUPT, "member '%s' is no 32-bit integer", name);
    *value = (int32_t)wide;
    return JOIST_OK;
}

enum joist_status ji_tree_need_id(
        const struct ji_tree_node *object, const char *name, int32_t *value, struct joist_error *err)
{
    const struct ji_tree_node *node = NULL;
    JI_TRY(ji_tree_need(object, name, JI_TREE_NUMBER, &node, err));
    return ji_tree_want_id(object, name, 0, value, err);
}

enum joist_status ji_tree_want_text(const struct ji_tree_node *object, const char *name, const char *absent,
        const char **text, struct joist_error *err)
{
    const struct ji_tree_node *node = NULL;
    JI_TRY(ji_tree_want(object, name, JI_TREE_TEXT, &node, err));
    if (node != NULL && memchr(node->text.data, 0, node->text.size) != NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "member '%s' holds a NUL", name);
    *text = node != NULL ? (const char *)node->text.data : absent;
    return JOIST_OK;
}

enum joist_status ji_tree_need_text(
        const struct ji_tree_node *object, const char *name, const char **text, struct joist_error *err)
{
    const struct ji_tree_node *node = NULL;
    JI_TRY(ji_tree_need(object, name, JI_TREE_TEXT, &node, err));
    return ji_tree_want_text(object, name, NULL, text, err);
}
