/*
 * write_lane.h - what one thread needs while it encodes
 *
 * Nothing in a lane outlives an append: columns borrow it for a call, writers one after another.
 */
#ifndef JI_WRITE_LANE_H
#define JI_WRITE_LANE_H

#include "base/arena.h"
#include "codec/codec.h"
#include "parquet/encode/level_write.h"
#include "parquet/encode/value_block.h"
#include "parquet/parquet_file_writer.h"

struct ji_page_pool;

struct ji_write_lane {
    struct ji_page_pool *pool; /* of all lanes */
    struct ji_codec_context *codec;
    struct ji_arena arena;
    struct ji_bytes body;    /* a page before its compression */
    struct ji_bytes packed;  /* and after */
    struct ji_bytes scratch; /* for encoding */
    struct ji_bytes header;
    struct ji_bytes sealed; /* an encrypted page */
    struct ji_bytes marks;  /* a byte for each dictionary entry: used in this page */
    struct ji_level_room levels;
    struct ji_block_room block;
    uint32_t rows[JI_BLOCK_VALUES];
    uint8_t defs[JI_BLOCK_VALUES];
};

struct ji_write_lanes {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    size_t count;
    struct ji_write_lane **lanes;
    struct ji_page_pool *pool;
    size_t writer_count; /* open on these lanes: they share the budget */
};

#endif
