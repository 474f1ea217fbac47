/*
 * glob.h - names that match a pattern
 *
 *     *  any bytes but '/'     ?  one character but '/'     [a-c], [!x]  one of, none of     else: itself
 */
#ifndef JI_GLOB_H
#define JI_GLOB_H

#include "base/arena.h"
#include "base/ctx.h"

bool ji_glob_is_pattern(const char *text);
/* Bytes of `pattern` before its first special character. */
size_t ji_glob_literal_bytes(const char *pattern);
bool ji_glob_match(const char *pattern, const char *text);

#define JI_GLOB_FILES_MAX 1000000
/*
 * The locations that a pattern means, in byte order; a location without special characters is itself, there
 * or not. NOT_FOUND where none matches.
 */
enum joist_status ji_glob_expand(struct joist_ctx *ctx, struct ji_arena *arena, const char *pattern,
        const char *const **locations, size_t *count, struct joist_error *err);

#endif
