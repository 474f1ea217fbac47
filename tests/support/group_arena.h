/*
 * group_arena.h - a context and an arena of it that all tests of a program share
 *
 *     return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
 */
#ifndef JI_GROUP_ARENA_H
#define JI_GROUP_ARENA_H

#include "base/arena.h"
#include "base/ctx.h"

extern struct joist_ctx *group_ctx;
extern struct ji_arena group_arena;

int group_arena_open(void **state);
int group_arena_close(void **state);

#endif
