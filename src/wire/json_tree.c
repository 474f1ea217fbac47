/*
 * json_tree.c - a small document as a tree in an arena
 *
 *     object -> first -> member -next-> member -next-> NULL
 *                         key, kind, text
 *
 *   1. Nodes and texts live in the arena; nothing borrows from the parsed bytes.
 *   2. Members and elements stand in the order of the document.
 *   3. No two members of an object have one key.
 *
 * Keys are compared pairwise in small objects; in large ones a sorted list of them finds the
 * equal ones, so that no choice of keys makes it quadratic.
 */
#include "wire/json_read.h"

#include <assert.h>

#define PAIRWISE_MAX 16
/* Of a key in a message. */
#define SHOWN_BYTES_MAX 80

static enum joist_status fail_duplicate(struct ji_view key, struct joist_error *err)
{
    return ji_fail(err, JOIST_ERR_CORRUPT, "member '%.*s' comes twice in one object",
            (int)ji_min_size(key.size, SHOWN_BYTES_MAX), (const char *)key.data);
}

/* Merges two sorted runs; a bottom-up merge sort needs no recursion and no luck. */
static void merge_runs(const struct ji_json **from, const struct ji_json **to, size_t middle, size_t count)
{
    size_t left = 0;
    size_t right = middle;
    for (size_t i = 0; i < count; i++) {
        const bool take_left =
                left < middle && (right == count || ji_view_compare(from[left]->key, from[right]->key) <= 0);
        to[i] = take_left ? from[left++] : from[right++];
    }
}

static enum joist_status check_sorted(
        struct ji_arena *arena, const struct ji_json *object, struct joist_error *err)
{
    const size_t count = object->count;
    const struct ji_json **from = NULL;
    const struct ji_json **to = NULL;
    JI_TRY(ji_arena_array(arena, count, sizeof *from, &from, err));
    JI_TRY(ji_arena_array(arena, count, sizeof *to, &to, err));
    size_t filled = 0;
    for (const struct ji_json *member = object->first; member != NULL; member = member->next)
        from[filled++] = member;
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t at = 0; at < count; at += 2 * run) {
            const size_t left = count - at;
            merge_runs(from + at, to + at, ji_min_size(run, left), ji_min_size(2 * run, left));
        }
        const struct ji_json **swap = from;
        from = to;
        to = swap;
    }
    for (size_t i = 1; i < count; i++) {
        if (ji_view_equal(from[i - 1]->key, from[i]->key))
            return fail_duplicate(from[i]->key, err);
    }
    return JOIST_OK;
}

static enum joist_status check_keys(
        struct ji_arena *arena, const struct ji_json *object, struct joist_error *err)
{
    if (object->count > PAIRWISE_MAX)
        return check_sorted(arena, object, err);
    for (const struct ji_json *one = object->first; one != NULL; one = one->next) {
        for (const struct ji_json *other = one->next; other != NULL; other = other->next) {
            if (ji_view_equal(one->key, other->key))
                return fail_duplicate(one->key, err);
        }
    }
    return JOIST_OK;
}

static enum joist_status node_of(struct ji_arena *arena, const struct ji_json_token *token,
        struct ji_view key, struct ji_json **node, struct joist_error *err)
{
    struct ji_json *made = NULL;
    JI_TRY(ji_arena_array(arena, 1, sizeof *made, &made, err));
    made->kind = token->kind;
    made->boolean = token->boolean;
    made->key = key;
    if (token->text.size != 0)
        JI_TRY(ji_arena_view(arena, token->text, &made->text, err));
    *node = made;
    return JOIST_OK;
}

static void add_child(struct ji_json *parent, struct ji_json *node)
{
    if (parent->last == NULL)
        parent->first = node;
    else
        parent->last->next = node;
    parent->last = node;
    parent->count++;
}

enum joist_status ji_json_parse(
        struct ji_arena *arena, struct ji_view bytes, struct ji_json **root, struct joist_error *err)
{
    struct ji_json *open[JI_JSON_DEPTH_MAX];
    struct ji_json *top = NULL;
    struct ji_view key = {0};
    struct ji_json_reader reader;
    struct ji_json_token token;
    ji_json_reader_init(&reader, bytes, arena);
    for (;;) {
        const unsigned depth = reader.depth;
        JI_TRY(ji_json_next(&reader, &token, err));
        if (token.kind == JI_JSON_END)
            break;
        if (token.kind == JI_JSON_KEY) {
            JI_TRY(ji_arena_view(arena, token.text, &key, err));
            continue;
        }
        if (token.kind == JI_JSON_ARRAY_END)
            continue;
        if (token.kind == JI_JSON_OBJECT_END) {
            JI_TRY(check_keys(arena, open[depth - 1], err));
            continue;
        }
        struct ji_json *node = NULL;
        JI_TRY(node_of(arena, &token, key, &node, err));
        key = (struct ji_view){0};
        if (depth == 0)
            top = node;
        else
            add_child(open[depth - 1], node);
        if (reader.depth > depth)
            open[depth] = node;
    }
    assert(top != NULL);
    *root = top;
    return JOIST_OK;
}

const struct ji_json *ji_json_get(const struct ji_json *object, const char *key)
{
    if (object == NULL || object->kind != JI_JSON_OBJECT)
        return NULL;
    const struct ji_view wanted = ji_view_of_text(key);
    for (const struct ji_json *member = object->first; member != NULL; member = member->next) {
        if (ji_view_equal(member->key, wanted))
            return member;
    }
    return NULL;
}

/* The member where it is of that kind; NULL where it is absent or null and need not be there. */
static enum joist_status find_member(const struct ji_json *object, const char *key, enum ji_json_kind kind,
        bool wanted, const struct ji_json **found, struct joist_error *err)
{
    static const char *const names[] = {
            [JI_JSON_NULL] = "null",
            [JI_JSON_BOOL] = "a boolean",
            [JI_JSON_NUMBER] = "an integer",
            [JI_JSON_STRING] = "a string",
            [JI_JSON_OBJECT] = "an object",
            [JI_JSON_ARRAY] = "an array",
    };
    const struct ji_json *member = ji_json_get(object, key);
    *found = NULL;
    if (member == NULL || member->kind == JI_JSON_NULL) {
        if (wanted)
            return ji_fail(err, JOIST_ERR_CORRUPT, "'%s' is missing", key);
        return JOIST_OK;
    }
    if (member->kind != kind)
        return ji_fail(err, JOIST_ERR_CORRUPT, "'%s' is not %s", key, names[kind]);
    *found = member;
    return JOIST_OK;
}

static enum joist_status member_int64(
        const struct ji_json *object, const char *key, bool wanted, int64_t *value, struct joist_error *err)
{
    const struct ji_json *member = NULL;
    JI_TRY(find_member(object, key, JI_JSON_NUMBER, wanted, &member, err));
    if (member != NULL && !ji_json_as_int64(member, value))
        return ji_fail(err, JOIST_ERR_CORRUPT, "'%s' is not a 64-bit integer", key);
    return JOIST_OK;
}

enum joist_status ji_json_want_int64(
        const struct ji_json *object, const char *key, int64_t *value, struct joist_error *err)
{
    return member_int64(object, key, true, value, err);
}

enum joist_status ji_json_opt_int64(
        const struct ji_json *object, const char *key, int64_t *value, struct joist_error *err)
{
    return member_int64(object, key, false, value, err);
}

static enum joist_status member_bool(
        const struct ji_json *object, const char *key, bool wanted, bool *value, struct joist_error *err)
{
    const struct ji_json *member = NULL;
    JI_TRY(find_member(object, key, JI_JSON_BOOL, wanted, &member, err));
    if (member != NULL)
        *value = member->boolean;
    return JOIST_OK;
}

enum joist_status ji_json_want_bool(
        const struct ji_json *object, const char *key, bool *value, struct joist_error *err)
{
    return member_bool(object, key, true, value, err);
}

enum joist_status ji_json_opt_bool(
        const struct ji_json *object, const char *key, bool *value, struct joist_error *err)
{
    return member_bool(object, key, false, value, err);
}

static enum joist_status member_text(const struct ji_json *object, const char *key, bool wanted,
        struct ji_view *value, struct joist_error *err)
{
    const struct ji_json *member = NULL;
    JI_TRY(find_member(object, key, JI_JSON_STRING, wanted, &member, err));
    if (member != NULL)
        *value = member->text;
    return JOIST_OK;
}

enum joist_status ji_json_want_text(
        const struct ji_json *object, const char *key, struct ji_view *value, struct joist_error *err)
{
    return member_text(object, key, true, value, err);
}

enum joist_status ji_json_opt_text(
        const struct ji_json *object, const char *key, struct ji_view *value, struct joist_error *err)
{
    return member_text(object, key, false, value, err);
}

static enum joist_status member_node(const struct ji_json *object, const char *key, enum ji_json_kind kind,
        bool wanted, const struct ji_json **value, struct joist_error *err)
{
    const struct ji_json *member = NULL;
    JI_TRY(find_member(object, key, kind, wanted, &member, err));
    if (member != NULL)
        *value = member;
    return JOIST_OK;
}

enum joist_status ji_json_want_object(
        const struct ji_json *object, const char *key, const struct ji_json **value, struct joist_error *err)
{
    return member_node(object, key, JI_JSON_OBJECT, true, value, err);
}

enum joist_status ji_json_opt_object(
        const struct ji_json *object, const char *key, const struct ji_json **value, struct joist_error *err)
{
    return member_node(object, key, JI_JSON_OBJECT, false, value, err);
}

enum joist_status ji_json_want_array(
        const struct ji_json *object, const char *key, const struct ji_json **value, struct joist_error *err)
{
    return member_node(object, key, JI_JSON_ARRAY, true, value, err);
}

enum joist_status ji_json_opt_array(
        const struct ji_json *object, const char *key, const struct ji_json **value, struct joist_error *err)
{
    return member_node(object, key, JI_JSON_ARRAY, false, value, err);
}
