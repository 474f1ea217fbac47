/*
 * partition_router.c - splits batches by partition and keeps a bounded number of files open
 *
 *     batch --transform--> key of each row --> slot of each row --> one selection a slot --> its writer
 *
 *   1. A row's key is the bytes of its partition values: a null flag, then 8 or 16 bytes or a length and
 *      the bytes.
 *   2. At most JI_OPEN_PARTITIONS_MAX files are open; for one more, the file used least recently is
 *      finished, and counted as small.
 *   3. Rows keep their order within a partition.
 *   4. Before rows go to a file, there is room for them: else open row groups are written and files are
 *      finished until there is (write_relief.h).
 */
#include "table/write/partition_router.h"

#include <inttypes.h>

#include "table/write/write_relief.h"

#define SLOT_NONE UINT32_MAX

struct partition {
    struct ji_open_file file; /* writer NULL: not open */
    struct ji_view key;
    uint32_t hash;
    uint64_t used; /* at which batch */
};

/* A key met in this batch. */
struct slot {
    struct ji_view key;
    uint32_t hash;
    size_t row; /* where it was met first */
    size_t count;
    size_t start;
};

struct ji_partition_router {
    struct ji_write_files *files;
    struct ji_mem *mem;
    struct ji_arena batch;
    struct partition open[JI_OPEN_PARTITIONS_MAX];
    struct ji_bytes keys[JI_OPEN_PARTITIONS_MAX];
    uint64_t batches;
    uint32_t *row_slots; /* JI_BATCH_ROWS_MAX, or the largest batch so far */
    uint32_t *rows;
    size_t row_capacity;
    struct slot *slots; /* of the batch, in its arena */
    size_t slot_count;
    size_t slot_capacity;
    uint32_t *table; /* hash -> slot + 1; a power of two */
    size_t table_size;
};

enum joist_status ji_partition_router_open(
        struct ji_write_files *files, struct ji_partition_router **router, struct joist_error *err)
{
    struct ji_partition_router *made = NULL;
    JI_TRY(ji_alloc_zero(files->mem, 1, sizeof *made, &made, err));
    made->files = files;
    made->mem = files->mem;
    ji_arena_init(&made->batch, files->mem);
    for (size_t i = 0; i < JI_OPEN_PARTITIONS_MAX; i++)
        ji_bytes_init(&made->keys[i], files->mem);
    *router = made;
    return JOIST_OK;
}

void ji_partition_router_close(struct ji_partition_router *router)
{
    if (router == NULL)
        return;
    for (size_t i = 0; i < JI_OPEN_PARTITIONS_MAX; i++) {
        ji_write_file_abort(&router->open[i].file);
        ji_bytes_clear(&router->keys[i]);
    }
    ji_arena_clear(&router->batch);
    ji_free(router->mem, router->row_slots, router->row_capacity * sizeof *router->row_slots);
    ji_free(router->mem, router->rows, router->row_capacity * sizeof *router->rows);
    ji_free(router->mem, router, sizeof *router);
}

/* --- keys --- */

static uint32_t hash_key(struct ji_view key)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    for (size_t i = 0; i < key.size; i++)
        hash = (hash ^ key.data[i]) * UINT64_C(0x100000001B3);
    return (uint32_t)(hash ^ (hash >> 32));
}

static enum joist_status put_key(const struct ji_field *field, const struct ji_value *value,
        struct ji_bytes *key, struct joist_error *err)
{
    uint64_t number = 0;
    JI_TRY(ji_bytes_append_byte(key, value->is_null, err));
    if (value->is_null)
        return JOIST_OK;
    switch (field->kind) {
    case JI_STRING:
    case JI_BINARY:
    case JI_FIXED:
    case JI_UUID:
        number = value->as.view.size;
        JI_TRY(ji_bytes_append(key, &number, sizeof number, err));
        return ji_bytes_append(key, value->as.view.data, value->as.view.size, err);
    case JI_DECIMAL:
        return ji_bytes_append(key, &value->as.decimal, sizeof value->as.decimal, err);
    case JI_BOOL:
        return ji_bytes_append_byte(key, value->as.boolean, err);
    case JI_FLOAT:
    case JI_DOUBLE: {
        const double real = value->as.real != value->as.real ? 0.0 / 1.0 : value->as.real;
        JI_TRY(ji_bytes_append_byte(key, value->as.real != value->as.real, err));
        return ji_bytes_append(key, &real, sizeof real, err);
    }
    default:
        return ji_bytes_append(key, &value->as.integer, sizeof value->as.integer, err);
    }
}

/* The source of a partition field in one row; a field inside a struct is reached through its parents. */
static struct ji_value source_value(const struct ji_column *column, const struct ji_field *source, size_t row)
{
    while (column->field->field_id != source->field_id) {
        const struct ji_column *next = NULL;
        if (column->field->kind != JI_STRUCT || ji_column_is_null(column, row))
            return (struct ji_value){.is_null = true};
        for (size_t i = 0; i < column->field->child_count && next == NULL; i++) {
            const struct ji_schema inside = {.column_count = 1, .columns = &column->field->children[i]};
            if (ji_iceberg_field_by_id(&inside, source->field_id, NULL) != NULL)
                next = &column->children[i];
        }
        if (next == NULL)
            return (struct ji_value){.is_null = true};
        column = next;
    }
    return ji_column_value(column, row);
}

static enum joist_status partition_of(struct ji_partition_router *router, const struct ji_batch *batch,
        size_t row, struct ji_value *values, struct joist_error *err)
{
    const struct ji_bound_partition *partition = router->files->partition;
    for (size_t i = 0; i < partition->field_count; i++) {
        const struct ji_field *source = partition->sources[i];
        values[i] = (struct ji_value){.is_null = true};
        if (source == NULL)
            continue;
        const struct ji_value value = source_value(&batch->columns[partition->columns[i]], source, row);
        const enum joist_status status =
                ji_transform_apply(&partition->spec->fields[i].transform, source, &value, &values[i], err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "partition field '%s'", partition->results[i].name);
            return status;
        }
    }
    return JOIST_OK;
}

static enum joist_status grow_table(struct ji_partition_router *router, struct joist_error *err)
{
    const size_t size = router->table_size == 0 ? 256 : 4 * router->table_size;
    uint32_t *table = NULL;
    JI_TRY(ji_arena_array(&router->batch, size, sizeof *table, &table, err));
    struct slot *slots = NULL;
    JI_TRY(ji_arena_array(&router->batch, size / 2, sizeof *slots, &slots, err));
    for (size_t i = 0; i < router->slot_count; i++) {
        slots[i] = router->slots[i];
        size_t at = slots[i].hash & (size - 1);
        while (table[at] != 0)
            at = (at + 1) & (size - 1);
        table[at] = (uint32_t)i + 1;
    }
    router->table = table;
    router->table_size = size;
    router->slots = slots;
    router->slot_capacity = size / 2;
    return JOIST_OK;
}

static enum joist_status slot_of(struct ji_partition_router *router, struct ji_view key, size_t row,
        uint32_t *slot, struct joist_error *err)
{
    if (router->slot_count == router->slot_capacity)
        JI_TRY(grow_table(router, err));
    const uint32_t hash = hash_key(key);
    size_t at = hash & (router->table_size - 1);
    for (; router->table[at] != 0; at = (at + 1) & (router->table_size - 1)) {
        const uint32_t found = router->table[at] - 1;
        if (router->slots[found].hash == hash && ji_view_equal(router->slots[found].key, key)) {
            *slot = found;
            return JOIST_OK;
        }
    }
    struct slot made = {.hash = hash, .row = row};
    JI_TRY(ji_arena_view(&router->batch, key, &made.key, err));
    router->slots[router->slot_count] = made;
    router->table[at] = (uint32_t)router->slot_count + 1;
    *slot = (uint32_t)router->slot_count++;
    return JOIST_OK;
}

static enum joist_status find_slots(struct ji_partition_router *router, const struct ji_batch *batch,
        struct ji_bytes *key, struct joist_error *err)
{
    const struct ji_bound_partition *partition = router->files->partition;
    struct ji_value *values = NULL;
    uint32_t last = SLOT_NONE;
    JI_TRY(ji_arena_array(&router->batch, partition->field_count, sizeof *values, &values, err));
    for (size_t row = 0; row < batch->row_count; row++) {
        JI_TRY(partition_of(router, batch, row, values, err));
        key->size = 0;
        for (size_t i = 0; i < partition->field_count; i++)
            JI_TRY(put_key(&partition->results[i], &values[i], key, err));
        const struct ji_view view = ji_view_of(key->data, key->size);
        if (last == SLOT_NONE || !ji_view_equal(router->slots[last].key, view))
            JI_TRY(slot_of(router, view, row, &last, err));
        router->row_slots[row] = last;
        router->slots[last].count++;
    }
    return JOIST_OK;
}

/* --- files --- */

/* One step of what is to be done for more room; `*done` where nothing is. */
static enum joist_status relieve(struct ji_partition_router *router, bool *done, struct joist_error *err)
{
    struct ji_relief_candidate candidates[JI_OPEN_PARTITIONS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < JI_OPEN_PARTITIONS_MAX; i++) {
        const struct partition *partition = &router->open[i];
        if (partition->file.writer == NULL)
            continue;
        candidates[count++] = (struct ji_relief_candidate){
                .place = i,
                .held = ji_parquet_writer_held(partition->file.writer),
                .used = partition->used,
        };
    }
    const struct ji_relief relief =
            ji_relief_choose(candidates, count, ji_mem_room_gathered(router->mem), ji_mem_limit(router->mem));
    struct ji_open_file *file = &router->open[relief.place].file;
    *done = relief.kind == JI_RELIEF_NONE;
    if (relief.kind == JI_RELIEF_FLUSH)
        return ji_parquet_writer_flush_group(file->writer, err);
    if (relief.kind == JI_RELIEF_NONE)
        return JOIST_OK;
    router->files->small_files++;
    return ji_write_file_finish(router->files, file, err);
}

/* Before each part of a batch in need, else once a batch: looking at all open files is not free. */
static enum joist_status make_room(
        struct ji_partition_router *router, bool begins_batch, struct joist_error *err)
{
    const uint64_t limit = ji_mem_limit(router->mem);
    bool done = false;
    while (!done) {
        const uint64_t room = ji_mem_room(router->mem);
        if (!(begins_batch ? ji_relief_wanted(room, limit) : ji_relief_urgent(room, limit)))
            return JOIST_OK;
        JI_TRY(relieve(router, &done, err));
    }
    return JOIST_OK;
}

static struct partition *find_open(struct ji_partition_router *router, const struct slot *slot)
{
    for (size_t i = 0; i < JI_OPEN_PARTITIONS_MAX; i++) {
        struct partition *partition = &router->open[i];
        if (partition->file.writer != NULL && partition->hash == slot->hash &&
                ji_view_equal(partition->key, slot->key))
            return partition;
    }
    return NULL;
}

/* One that is not open; the least recently used is finished where all are. */
static enum joist_status free_place(
        struct ji_partition_router *router, size_t *place, struct joist_error *err)
{
    size_t oldest = 0;
    for (size_t i = 0; i < JI_OPEN_PARTITIONS_MAX; i++) {
        if (router->open[i].file.writer == NULL) {
            *place = i;
            return JOIST_OK;
        }
        if (router->open[i].used < router->open[oldest].used)
            oldest = i;
    }
    router->files->small_files++;
    *place = oldest;
    return ji_write_file_finish(router->files, &router->open[oldest].file, err);
}

static enum joist_status open_partition(struct ji_partition_router *router, const struct ji_batch *batch,
        const struct slot *slot, struct partition **partition, struct joist_error *err)
{
    struct ji_value *values = NULL;
    size_t place = 0;
    JI_TRY(free_place(router, &place, err));
    const size_t count = router->files->partition->field_count;
    JI_TRY(ji_arena_array(&router->batch, count, sizeof *values, &values, err));
    JI_TRY(partition_of(router, batch, slot->row, values, err));
    struct partition *made = &router->open[place];
    struct ji_bytes *key = &router->keys[place];
    key->size = 0;
    JI_TRY(ji_bytes_append(key, slot->key.data, slot->key.size, err));
    made->key = ji_view_of(key->data, key->size);
    made->hash = slot->hash;
    JI_TRY(ji_write_file_open(router->files, values, &made->file, err));
    *partition = made;
    return JOIST_OK;
}

static enum joist_status append_slot(struct ji_partition_router *router, const struct ji_batch *batch,
        const struct slot *slot, struct joist_error *err)
{
    JI_TRY(make_room(router, slot->start == 0, err));
    struct partition *partition = find_open(router, slot);
    if (partition == NULL)
        JI_TRY(open_partition(router, batch, slot, &partition, err));
    partition->used = ++router->batches;
    struct ji_batch part = *batch;
    if (slot->count < batch->row_count) {
        part.selection = router->rows + slot->start;
        part.selection_count = slot->count;
    }
    JI_TRY(ji_parquet_writer_append(partition->file.writer, &part, err));
    if (ji_parquet_writer_bytes(partition->file.writer) >= router->files->bytes_target)
        return ji_write_file_finish(router->files, &partition->file, err);
    return JOIST_OK;
}

static enum joist_status grow_rows(struct ji_partition_router *router, size_t rows, struct joist_error *err)
{
    if (rows <= router->row_capacity)
        return JOIST_OK;
    const size_t capacity = ji_max_size(rows, JI_BATCH_ROWS_MAX);
    uint32_t *slots = NULL;
    uint32_t *order = NULL;
    JI_TRY(ji_alloc_array(router->mem, capacity, sizeof *slots, &slots, err));
    const enum joist_status status = ji_alloc_array(router->mem, capacity, sizeof *order, &order, err);
    if (status != JOIST_OK) {
        ji_free(router->mem, slots, capacity * sizeof *slots);
        return status;
    }
    ji_free(router->mem, router->row_slots, router->row_capacity * sizeof *slots);
    ji_free(router->mem, router->rows, router->row_capacity * sizeof *order);
    router->row_slots = slots;
    router->rows = order;
    router->row_capacity = capacity;
    return JOIST_OK;
}

static enum joist_status split(
        struct ji_partition_router *router, const struct ji_batch *batch, struct joist_error *err)
{
    struct ji_bytes key;
    ji_bytes_init(&key, router->mem);
    const enum joist_status status = find_slots(router, batch, &key, err);
    ji_bytes_clear(&key);
    if (status != JOIST_OK)
        return status;
    size_t start = 0;
    for (size_t i = 0; i < router->slot_count; i++) {
        router->slots[i].start = start;
        start += router->slots[i].count;
        router->slots[i].count = 0;
    }
    for (size_t row = 0; row < batch->row_count; row++) {
        struct slot *slot = &router->slots[router->row_slots[row]];
        router->rows[slot->start + slot->count++] = (uint32_t)row;
    }
    return JOIST_OK;
}

enum joist_status ji_partition_router_append(
        struct ji_partition_router *router, const struct ji_batch *batch, struct joist_error *err)
{
    if (batch->row_count == 0)
        return JOIST_OK;
    ji_arena_reset(&router->batch);
    router->table_size = 0;
    router->slot_count = 0;
    router->slot_capacity = 0;
    if (router->files->partition->field_count == 0) {
        const struct slot all = {.hash = 0, .count = batch->row_count};
        return append_slot(router, batch, &all, err);
    }
    JI_TRY(grow_rows(router, batch->row_count, err));
    JI_TRY(split(router, batch, err));
    for (size_t i = 0; i < router->slot_count; i++)
        JI_TRY(append_slot(router, batch, &router->slots[i], err));
    return JOIST_OK;
}

enum joist_status ji_partition_router_finish(struct ji_partition_router *router, struct joist_error *err)
{
    for (size_t i = 0; i < JI_OPEN_PARTITIONS_MAX; i++) {
        if (router->open[i].file.writer != NULL)
            JI_TRY(ji_write_file_finish(router->files, &router->open[i].file, err));
    }
    return JOIST_OK;
}
