/*
 * group_arena.c - a context and an arena of it that all tests of a program share
 */
#include "support/group_arena.h"

#include "support/test.h"

struct joist_ctx *group_ctx;
struct ji_arena group_arena;

int group_arena_open(void **state)
{
    (void)state;
    assert_ok(joist_ctx_open(NULL, &group_ctx, NULL));
    ji_arena_init(&group_arena, ji_ctx_mem(group_ctx));
    return 0;
}

int group_arena_close(void **state)
{
    (void)state;
    ji_arena_clear(&group_arena);
    joist_ctx_close(group_ctx);
    return 0;
}
