/*
 * array_export.h - picked rows of a batch as an ArrowArray
 */
#ifndef JI_ARRAY_EXPORT_H
#define JI_ARRAY_EXPORT_H

#include <joist/arrow.h>

#include "arrow/pick.h"
#include "base/ctx.h"

/*
 * A struct array of all columns, laid out as ji_stream_export promises. It holds a reference on the ctx and
 * owns or counts all that it points to. `scratch` is for what the making needs.
 */
enum joist_status ji_array_export(struct joist_ctx *ctx, struct ji_arena *scratch,
        const struct ji_batch *batch, const struct ji_pick *pick, struct ArrowArray *out,
        struct joist_error *err);

#endif
