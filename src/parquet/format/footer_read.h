/*
 * footer_read.h - from bytes to the structs of footer_model.h
 */
#ifndef JI_FOOTER_READ_H
#define JI_FOOTER_READ_H

#include "base/arena.h"
#include "parquet/format/footer_model.h"
#include "parquet/format/footer_window.h"

/*
 * The whole FileMetaData but the column chunks, of which each group gets count and marks; arrays in the
 * arena. Texts are in the arena too, or views into a footer that is held whole, which must live as long; the
 * names of schema elements have a NUL behind them. Fields and union members that we do not know are passed
 * over. The threads of `ctx` (may be NULL) help with a long one. CORRUPT, LIMIT, and what the source answers.
 */
enum joist_status ji_footer_decode(struct joist_ctx *ctx, struct ji_arena *arena,
        struct ji_footer_window *window, struct ji_footer *footer, struct joist_error *err);

/*
 * One chunk: the one behind `before` others in `bytes`, which begin at a mark of the group and end at the
 * next. What the chunk points to is in the arena.
 */
enum joist_status ji_footer_chunk_decode(struct ji_arena *arena, struct ji_view bytes, size_t before,
        struct ji_chunk *chunk, struct joist_error *err);

#endif
