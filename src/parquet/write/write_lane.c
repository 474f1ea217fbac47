/*
 * write_lane.c - one lane a thread of the context
 */
#include "parquet/write/page_pool.h"

static void lane_close(struct ji_mem *mem, struct ji_write_lane *lane)
{
    if (lane == NULL)
        return;
    ji_codec_context_close(lane->codec);
    ji_arena_clear(&lane->arena);
    ji_bytes_clear(&lane->body);
    ji_bytes_clear(&lane->packed);
    ji_bytes_clear(&lane->scratch);
    ji_bytes_clear(&lane->header);
    ji_bytes_clear(&lane->sealed);
    ji_bytes_clear(&lane->marks);
    ji_level_room_clear(&lane->levels);
    ji_free(mem, lane, sizeof *lane);
}

static enum joist_status lane_open(struct ji_mem *mem, struct ji_write_lane **out, struct joist_error *err)
{
    struct ji_write_lane *lane = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *lane, &lane, err));
    ji_arena_init(&lane->arena, mem);
    ji_bytes_init(&lane->body, mem);
    ji_bytes_init(&lane->packed, mem);
    ji_bytes_init(&lane->scratch, mem);
    ji_bytes_init(&lane->header, mem);
    ji_bytes_init(&lane->sealed, mem);
    ji_bytes_init(&lane->marks, mem);
    ji_level_room_init(&lane->levels, mem);
    const enum joist_status status = ji_codec_context_open(mem, &lane->codec, err);
    if (status != JOIST_OK) {
        lane_close(mem, lane);
        return status;
    }
    *out = lane;
    return JOIST_OK;
}

void ji_write_lanes_close(struct ji_write_lanes *lanes)
{
    if (lanes == NULL)
        return;
    struct ji_mem *mem = lanes->mem;
    for (size_t i = 0; lanes->lanes != NULL && i < lanes->count; i++)
        lane_close(mem, lanes->lanes[i]);
    ji_page_pool_close(lanes->pool);
    ji_free(mem, lanes->lanes, lanes->count * sizeof *lanes->lanes);
    ji_free(mem, lanes, sizeof *lanes);
    ji_mem_close(mem);
}

enum joist_status ji_write_lanes_open(
        struct joist_ctx *ctx, struct ji_mem *mem, struct ji_write_lanes **lanes, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_mem *pool = NULL;
    struct ji_write_lanes *made = NULL;
    JI_TRY(ji_mem_open(mem, "parquet encoding", &pool, err));
    status = ji_alloc_zero(pool, 1, sizeof *made, &made, err);
    if (status != JOIST_OK) {
        ji_mem_close(pool);
        return status;
    }
    made->ctx = ctx;
    made->mem = pool;
    made->count = ji_ctx_threads(ctx);
    JI_TRY_OUT(ji_alloc_zero(pool, made->count, sizeof *made->lanes, &made->lanes, err));
    JI_TRY_OUT(ji_page_pool_open(pool, (unsigned)made->count, &made->pool, err));
    for (size_t i = 0; i < made->count; i++) {
        JI_TRY_OUT(lane_open(pool, &made->lanes[i], err));
        made->lanes[i]->pool = made->pool;
    }
    *lanes = made;
    return JOIST_OK;

out:
    ji_write_lanes_close(made);
    return status;
}
