/*
 * select_parse.c - the lists of a select block from text, for statements and for frames
 */
#include "query/select_parse.h"

#include "expr/expr_parser.h"

#define LIST_FIRST 8

/* A list that grows in an arena. */
struct list {
    uint8_t *items;
    size_t count;
    size_t room;
};

static enum joist_status list_add(
        struct ji_arena *arena, struct list *list, const void *item, size_t bytes, struct joist_error *err)
{
    if (list->count == JI_LIST_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "a list of more than %d", JI_LIST_MAX);
    if (list->count == list->room) {
        const size_t room = list->room == 0 ? LIST_FIRST : list->room * 2;
        uint8_t *items = NULL;
        JI_TRY(ji_arena_array(arena, room, bytes, &items, err));
        if (list->count > 0)
            memcpy(items, list->items, list->count * bytes);
        list->items = items;
        list->room = room;
    }
    memcpy(list->items + list->count++ * bytes, item, bytes);
    return JOIST_OK;
}

enum joist_status ji_parse_expr(
        struct ji_arena *arena, struct ji_lexer *lexer, const struct ji_expr **expr, struct joist_error *err)
{
    size_t at = lexer->token.position;
    struct ji_expr *made = NULL;
    JI_TRY(ji_expr_parse(arena, lexer->text, &at, &made, err));
    *expr = made;
    return ji_lexer_seek(lexer, at, err);
}

enum joist_status ji_parse_name(
        struct ji_arena *arena, struct ji_lexer *lexer, const char **name, struct joist_error *err)
{
    const struct ji_token token = lexer->token;
    const bool bare = token.kind == JI_TOKEN_NAME && !ji_word_is_reserved(token.text);
    struct ji_view value;
    *name = NULL;
    if (!bare && token.kind != JI_TOKEN_QUOTED_NAME)
        return JOIST_OK;
    JI_TRY(ji_token_value(arena, &token, &value, err));
    *name = (const char *)value.data;
    return ji_lexer_next(lexer, err);
}

static enum joist_status refuse_window(const struct ji_lexer *lexer, struct joist_error *err)
{
    struct ji_lexer ahead = *lexer;
    if (!ji_token_is(&ahead.token, "over") && !ji_token_is(&ahead.token, "filter"))
        return JOIST_OK;
    const size_t column = ahead.token.position + 1;
    const bool over = ji_token_is(&ahead.token, "over");
    JI_TRY(ji_lexer_next(&ahead, err));
    if (!ji_token_is_symbol(&ahead.token, "("))
        return JOIST_OK;
    return ji_fail(err, JOIST_ERR_UNSUPPORTED, "column %zu: %s", column,
            over ? "window functions (over)" : "filter behind an aggregate");
}

static enum joist_status parse_item(
        struct ji_arena *arena, struct ji_lexer *lexer, struct ji_select_item *item, struct joist_error *err)
{
    bool found = false;
    *item = (struct ji_select_item){.position = (uint32_t)lexer->token.position};
    JI_TRY(ji_lexer_accept_symbol(lexer, "*", &found, err));
    if (found)
        return JOIST_OK;
    JI_TRY(ji_parse_expr(arena, lexer, &item->expr, err));
    JI_TRY(refuse_window(lexer, err));
    JI_TRY(ji_lexer_accept(lexer, "as", &found, err));
    JI_TRY(ji_parse_name(arena, lexer, &item->alias, err));
    if (found && item->alias == NULL)
        return ji_token_fail(&lexer->token, "a name", err);
    return JOIST_OK;
}

enum joist_status ji_parse_items(struct ji_arena *arena, struct ji_lexer *lexer,
        const struct ji_select_item **items, size_t *count, struct joist_error *err)
{
    struct list list = {0};
    bool more = true;
    while (more) {
        struct ji_select_item item;
        JI_TRY(parse_item(arena, lexer, &item, err));
        JI_TRY(list_add(arena, &list, &item, sizeof item, err));
        JI_TRY(ji_lexer_accept_symbol(lexer, ",", &more, err));
    }
    *items = (const struct ji_select_item *)(const void *)list.items;
    *count = list.count;
    return JOIST_OK;
}

enum joist_status ji_parse_exprs(struct ji_arena *arena, struct ji_lexer *lexer,
        const struct ji_expr *const **exprs, size_t *count, struct joist_error *err)
{
    struct list list = {0};
    bool more = true;
    while (more) {
        const struct ji_expr *expr = NULL;
        JI_TRY(ji_parse_expr(arena, lexer, &expr, err));
        JI_TRY(list_add(arena, &list, &expr, sizeof expr, err));
        JI_TRY(ji_lexer_accept_symbol(lexer, ",", &more, err));
    }
    *exprs = (const struct ji_expr *const *)(const void *)list.items;
    *count = list.count;
    return JOIST_OK;
}

static enum joist_status parse_order_item(
        struct ji_arena *arena, struct ji_lexer *lexer, struct ji_order_item *item, struct joist_error *err)
{
    bool found = false;
    *item = (struct ji_order_item){0};
    JI_TRY(ji_parse_expr(arena, lexer, &item->expr, err));
    JI_TRY(ji_lexer_accept(lexer, "desc", &item->order.descending, err));
    if (!item->order.descending)
        JI_TRY(ji_lexer_accept(lexer, "asc", &found, err));
    JI_TRY(ji_lexer_accept(lexer, "nulls", &found, err));
    if (!found)
        return JOIST_OK;
    JI_TRY(ji_lexer_accept(lexer, "first", &item->order.nulls_first, err));
    return item->order.nulls_first ? JOIST_OK : ji_lexer_expect(lexer, "last", err);
}

enum joist_status ji_parse_order(struct ji_arena *arena, struct ji_lexer *lexer,
        const struct ji_order_item **items, size_t *count, struct joist_error *err)
{
    struct list list = {0};
    bool more = true;
    while (more) {
        struct ji_order_item item;
        JI_TRY(parse_order_item(arena, lexer, &item, err));
        JI_TRY(list_add(arena, &list, &item, sizeof item, err));
        JI_TRY(ji_lexer_accept_symbol(lexer, ",", &more, err));
    }
    *items = (const struct ji_order_item *)(const void *)list.items;
    *count = list.count;
    return JOIST_OK;
}
