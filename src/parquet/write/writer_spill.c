/*
 * writer_spill.c - a row group that outgrows the memory goes on in a scratch file
 *
 *     memory short: pages of all leaves -> scratch file; the group goes on        no such file: the group
 *     ends
 *
 * What fails here costs nothing but the group's size: what has not moved stays in memory, and no more is
 * tried.
 */
#include "parquet/write/parquet_writer.h"

/* Pages move when less than this part of the limit is left, and they are so many bytes. */
#define SHORT_PART 4
#define SPILL_BYTES_MIN ((uint64_t)1 << 20)
/* Those of one leaf alone, while the others go on. */
#define LEAF_BYTES_MIN ((uint64_t)256 << 10)
/* Page indexes of ended groups move when they take more than this part; facts for the footer too. */
#define ENDED_PART 32

static enum joist_status spill_leaf(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    struct joist_parquet_writer *writer = arg;
    (void)worker;
    return ji_column_writer_spill(&writer->columns[index], writer->scratch, err);
}

static uint64_t movable_bytes(const struct joist_parquet_writer *writer)
{
    uint64_t bytes = 0;
    for (size_t i = 0; i < writer->layout.leaf_count; i++)
        bytes += ji_column_writer_movable(&writer->columns[i]);
    return bytes;
}

/* The scratch file of the row group, which any thread may be the first to need. */
static enum joist_status open_scratch(struct joist_parquet_writer *writer, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    pthread_mutex_lock(&writer->spill_lock);
    if (writer->scratch == NULL)
        status = ji_scratch_open(writer->ctx, writer->mem, &writer->scratch, err);
    pthread_mutex_unlock(&writer->spill_lock);
    return status;
}

static enum joist_status spill(struct joist_parquet_writer *writer, struct joist_error *err)
{
    JI_TRY(open_scratch(writer, err));
    return ji_parallel(writer->ctx, writer->layout.leaf_count, spill_leaf, writer, err);
}

static void give_up(struct joist_parquet_writer *writer, const struct joist_error *why)
{
    pthread_mutex_lock(&writer->spill_lock);
    const bool is_first = !writer->has_no_scratch;
    writer->has_no_scratch = true;
    pthread_mutex_unlock(&writer->spill_lock);
    if (is_first && why->status != JOIST_ERR_NOT_FOUND)
        ji_log(writer->ctx, JOIST_LOG_WARN, "row groups end early: %s", why->text);
}

static bool may_spill(struct joist_parquet_writer *writer)
{
    pthread_mutex_lock(&writer->spill_lock);
    const bool may = !writer->has_no_scratch;
    pthread_mutex_unlock(&writer->spill_lock);
    return may;
}

static bool memory_is_short(const struct joist_parquet_writer *writer)
{
    return ji_mem_room(writer->mem) < ji_mem_limit(writer->mem) / SHORT_PART;
}

bool ji_parquet_writer_make_room(struct joist_parquet_writer *writer)
{
    struct joist_error why = {.status = JOIST_OK};
    if (!memory_is_short(writer) || movable_bytes(writer) < SPILL_BYTES_MIN)
        return true;
    if (!writer->has_no_scratch && spill(writer, &why) != JOIST_OK)
        give_up(writer, &why);
    return !writer->has_no_scratch;
}

void ji_parquet_writer_relieve_leaf(struct joist_parquet_writer *writer, struct ji_column_writer *leaf)
{
    struct joist_error why = {.status = JOIST_OK};
    if (!memory_is_short(writer) || ji_column_writer_movable(leaf) < LEAF_BYTES_MIN || !may_spill(writer))
        return;
    enum joist_status status = open_scratch(writer, &why);
    if (status == JOIST_OK)
        status = ji_column_writer_spill(leaf, writer->scratch, &why);
    if (status != JOIST_OK)
        give_up(writer, &why);
}

static enum joist_status store_ended(
        struct joist_parquet_writer *writer, struct ji_page_store *store, struct joist_error *err)
{
    if (writer->has_no_scratch || store->held <= ji_mem_limit(writer->mem) / ENDED_PART)
        return JOIST_OK;
    if (writer->ended_scratch == NULL)
        JI_TRY(ji_scratch_open(writer->ctx, writer->mem, &writer->ended_scratch, err));
    return ji_page_store_spill(store, writer->ended_scratch, err);
}

void ji_parquet_writer_store_ended(struct joist_parquet_writer *writer)
{
    struct joist_error why = {.status = JOIST_OK};
    if (store_ended(writer, &writer->indexes, &why) != JOIST_OK ||
            store_ended(writer, &writer->groups.store, &why) != JOIST_OK)
        give_up(writer, &why);
}

void ji_parquet_writer_drop_scratch(struct joist_parquet_writer *writer)
{
    ji_scratch_close(writer->scratch);
    writer->scratch = NULL;
}
