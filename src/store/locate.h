/*
 * locate.h - from a location to the store that has it
 */
#ifndef JI_LOCATE_H
#define JI_LOCATE_H

#include <joist/store.h>

#include "base/ctx.h"

/*
 * The store of a location's scheme and the path in it, which points into `location`; both live
 * as long as the context and the location. "-" has no store: INVALID. UNSUPPORTED names
 * the scheme, INVALID says what is wrong with the location.
 *
 *     "/a/b" "a/b" "./a:b"           file, as they are
 *     "file:/a/b" "file:///a/b"      file, "/a/b", nothing decoded
 *     "memory:x"                     memory, "x"
 *     "s3:..."                       what joist_ctx_add_store was given for "s3"
 */
enum joist_status ji_locate(struct joist_ctx *ctx, const char *location, struct joist_store *store,
        const char **path, struct joist_error *err);

/* "-": standard input or output. */
bool ji_location_is_stream(const char *location);

#endif
