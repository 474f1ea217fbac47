/*
 * parquet_file.c - opens a file: tail, footer, schema, and a look at every number in it
 *
 *     "PAR1" [pages of all chunks] [indexes, filters] [footer] [footer bytes: 4] "PAR1"
 *                                                     ^ data_end
 *
 *   1. Rows of the groups add up to the file's (0 there: nobody counted), and each has a chunk for each leaf.
 *      What a chunk says is decoded and checked when it is asked for (file_chunk.c).
 *   2. All is immutable after open but the reference count and the table of chunks, which has a lock.
 *
 * One read of the tail normally brings the footer with it. One of more than FOOTER_HELD_BYTES is not held:
 * its first touch would cost more than reading it twice; it passes through a window at open, and a chunk's
 * bytes are read again when the chunk is asked for. What is encrypted and lacks its key is DENIED by name: a
 * whole footer at open, a column when it is read.
 */
#include "parquet/read/parquet_file.h"

#include "arrow/arrow_schema.h"
#include "parquet/format/arrow_origin.h"
#include "parquet/format/footer_read.h"
#include "parquet/read/chunk_table.h"
#include "parquet/read/file_crypto.h"

#include <assert.h>

#define TAIL_READ_BYTES ((size_t)64 << 10)
#define FOOTER_BYTES_MAX ((uint64_t)256 << 20)
#define FOOTER_HELD_BYTES ((uint64_t)1 << 20)
_Static_assert(FOOTER_BYTES_MAX <= UINT32_MAX, "marks of chunks are 32 bits wide");

/* The tail that was read, and what it says. */
struct tail {
    uint8_t *bytes;
    size_t size;
    uint64_t footer_bytes;
    bool is_encrypted;
};

static enum joist_status check_tail(struct tail *tail, uint64_t file_bytes, struct joist_error *err)
{
    const uint8_t *const end = tail->bytes + tail->size;
    const struct ji_view magic = ji_view_of(end - JI_PARQUET_MAGIC_BYTES, JI_PARQUET_MAGIC_BYTES);
    tail->is_encrypted = ji_view_equal_text(magic, JI_PARQUET_MAGIC_ENCRYPTED);
    if (!tail->is_encrypted && !ji_view_equal_text(magic, JI_PARQUET_MAGIC))
        return ji_fail(err, JOIST_ERR_CORRUPT, "not a Parquet file: no PAR1 at its end");
    tail->footer_bytes = ji_load_le32(end - JI_PARQUET_TAIL_BYTES);
    const uint64_t room = file_bytes - JI_PARQUET_MAGIC_BYTES - JI_PARQUET_TAIL_BYTES;
    if (tail->footer_bytes == 0 || tail->footer_bytes > room)
        return ji_fail(err, JOIST_ERR_CORRUPT, "footer of %" PRIu64 " bytes in a file of %" PRIu64,
                tail->footer_bytes, file_bytes);
    if (tail->footer_bytes > FOOTER_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "footer of %" PRIu64 " bytes (at most %" PRIu64 ")",
                tail->footer_bytes, FOOTER_BYTES_MAX);
    return JOIST_OK;
}

/* The footer's bytes into the file's arena: from the tail what it has, from the source the rest. */
static enum joist_status hold_footer(struct joist_parquet_file *file, const struct tail *tail,
        struct ji_footer_window *window, struct joist_error *err)
{
    uint8_t *bytes = NULL;
    const size_t size = (size_t)tail->footer_bytes;
    JI_TRY(ji_arena_alloc(&file->arena, size, &bytes, err));
    const size_t held = tail->size - JI_PARQUET_TAIL_BYTES;
    const size_t from_tail = ji_min_size(held, size);
    if (size > from_tail)
        JI_TRY(ji_source_read(&file->source, file->data_end, size - from_tail, bytes, err));
    memcpy(bytes + size - from_tail, tail->bytes + held - from_tail, from_tail);
    file->footer_bytes = ji_view_of(bytes, size);
    if (tail->is_encrypted)
        JI_TRY(ji_file_crypto_open_footer(file, bytes, &file->footer_bytes, err));
    ji_footer_window_hold(window, file->footer_bytes);
    return JOIST_OK;
}

static enum joist_status read_footer(struct joist_parquet_file *file, struct joist_error *err)
{
    file->file_bytes = ji_source_size(&file->source);
    if (file->file_bytes == JOIST_SIZE_UNKNOWN)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "Parquet from a pipe: its footer is at the end");
    if (file->file_bytes < JI_PARQUET_MAGIC_BYTES + JI_PARQUET_TAIL_BYTES)
        return ji_fail(err, JOIST_ERR_CORRUPT, "not a Parquet file: %" PRIu64 " bytes", file->file_bytes);

    enum joist_status status = JOIST_OK;
    struct tail tail = {.size = (size_t)ji_min_u64(file->file_bytes, TAIL_READ_BYTES)};
    JI_TRY(ji_alloc(file->mem, tail.size, &tail.bytes, err));
    struct ji_footer_window window = {.bytes = NULL};
    JI_TRY_OUT(ji_source_read(&file->source, file->file_bytes - tail.size, tail.size, tail.bytes, err));
    JI_TRY_OUT(check_tail(&tail, file->file_bytes, err));
    file->data_end = file->file_bytes - JI_PARQUET_TAIL_BYTES - tail.footer_bytes;
    if (tail.footer_bytes <= FOOTER_HELD_BYTES || tail.is_encrypted)
        JI_TRY_OUT(hold_footer(file, &tail, &window, err));
    else
        JI_TRY_OUT(ji_footer_window_open(
                &window, file->mem, &file->source, file->data_end, tail.footer_bytes, err));
    JI_TRY_OUT(ji_footer_decode(file->ctx, &file->arena, &window, &file->footer, err));
    if (file->footer.encryption.algorithm != JI_ENCRYPTION_NONE && !ji_footer_window_is_whole(&window)) {
        /* What it says of keys and signature is needed in one piece. */
        ji_footer_window_close(&window);
        JI_TRY_OUT(hold_footer(file, &tail, &window, err));
        JI_TRY_OUT(ji_footer_decode(file->ctx, &file->arena, &window, &file->footer, err));
    }
    if (!tail.is_encrypted)
        JI_TRY_OUT(ji_file_crypto_check_footer(file, file->footer_bytes, err));
out:
    ji_footer_window_close(&window);
    ji_free(file->mem, tail.bytes, tail.size);
    return status;
}

static enum joist_status check_group(
        const struct joist_parquet_file *file, const struct ji_row_group *group, struct joist_error *err)
{
    if (group->row_count < 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "%" PRId64 " rows", group->row_count);
    if (group->chunk_count != file->schema.leaf_count)
        return ji_fail(err, JOIST_ERR_CORRUPT, "%zu column chunks for %zu columns", group->chunk_count,
                file->schema.leaf_count);
    return JOIST_OK;
}

static enum joist_status check_footer(struct joist_parquet_file *file, struct joist_error *err)
{
    int64_t rows = 0;
    for (size_t index = 0; index < file->footer.group_count; index++) {
        const struct ji_row_group *const group = &file->footer.groups[index];
        const enum joist_status status = check_group(file, group, err);
        if (status != JOIST_OK) {
            ji_error_prefix(err, "row group %zu", index);
            return status;
        }
        if (!ji_add_i64(rows, group->row_count, &rows))
            return ji_fail(err, JOIST_ERR_CORRUPT, "row groups of more than 2^63 rows");
    }
    /* Some writers leave 0 there: the groups know. */
    if (file->footer.row_count == 0)
        file->footer.row_count = rows;
    if (rows != file->footer.row_count)
        return ji_fail(err, JOIST_ERR_CORRUPT,
                "%" PRId64 " rows in the footer, %" PRId64 " in its row groups", file->footer.row_count,
                rows);
    return JOIST_OK;
}

/* Clears `restores` where the schema has to be made again without the Arrow schema. */
static enum joist_status try_schema(struct joist_parquet_file *file, bool *restores, struct joist_error *err)
{
    static const enum ji_unit units[] = {JI_NANO, JI_MICRO, JI_MILLI};
    const struct ji_footer *const footer = &file->footer;
    const struct ji_schema_wishes wishes = {.int96_unit = units[file->options.int96_unit],
            .key_values = footer->key_values,
            .key_value_count = footer->key_value_count};
    struct ji_parquet_schema *const schema = &file->schema;
    JI_TRY(ji_parquet_schema_read(
            &file->arena, footer->elements, footer->element_count, &wishes, schema, err));
    return ji_arrow_origin_apply(&file->arena, footer, restores, schema, &file->layout, err);
}

static enum joist_status read_schema(struct joist_parquet_file *file, struct joist_error *err)
{
    const bool wanted = !file->options.no_arrow_schema;
    bool restores = wanted;
    JI_TRY(try_schema(file, &restores, err));
    return restores == wanted ? JOIST_OK : try_schema(file, &restores, err);
}

static enum joist_status read_file(struct joist_parquet_file *file, struct joist_error *err)
{
    JI_TRY(ji_chunk_table_open(file->mem, ji_file_chunk_make, file, &file->chunks, err));
    JI_TRY(read_footer(file, err));
    JI_TRY(read_schema(file, err));
    return check_footer(file, err);
}

static void free_file(struct joist_parquet_file *file)
{
    struct ji_mem *const mem = file->mem;
    struct joist_ctx *const ctx = file->ctx;
    ji_chunk_table_close(file->chunks);
    ji_slab_free(mem, file->stretch.bytes, file->stretch.capacity);
    ji_file_crypto_close(file);
    ji_arena_clear(&file->arena);
    ji_free(mem, file, sizeof *file);
    ji_mem_close(mem);
    joist_ctx_close(ctx);
}

enum joist_status joist_parquet_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_parquet_open_options *options, struct joist_parquet_file **file,
        struct joist_error *err)
{
    assert(ctx != NULL);
    assert(source.ops != NULL);
    assert(options == NULL || options->keys == NULL || options->keys->key != NULL);

    /* A caller built against an older, shorter struct leaves the fields behind it at their defaults. */
    struct joist_parquet_open_options own = {.struct_size = sizeof own};
    if (options != NULL)
        memcpy(&own, options, ji_min_size(options->struct_size, sizeof own));
    if ((unsigned)own.int96_unit > JOIST_INT96_MILLI)
        return ji_fail(err, JOIST_ERR_INVALID, "unit %d of INT96", (int)own.int96_unit);
    struct ji_mem *mem = NULL;
    struct joist_parquet_file *made = NULL;
    JI_TRY(ji_mem_open_with(ji_ctx_mem(ctx), "Parquet file", sizeof *made, &mem, &made, err));
    made->ctx = ji_ctx_retain(ctx);
    made->mem = mem;
    made->options = own;
    made->source = source;
    atomic_init(&made->references, 1);
    ji_arena_init(&made->arena, mem);
    const enum joist_status status = read_file(made, err);
    if (status != JOIST_OK) {
        ji_error_place(err, ji_source_name(&source));
        free_file(made);
        return status;
    }
    *file = made;
    return JOIST_OK;
}

void joist_parquet_close(struct joist_parquet_file *file)
{
    if (file == NULL || atomic_fetch_sub_explicit(&file->references, 1, memory_order_acq_rel) > 1)
        return;
    ji_source_close(&file->source);
    free_file(file);
}

struct joist_parquet_file *ji_parquet_retain(struct joist_parquet_file *file)
{
    atomic_fetch_add_explicit(&file->references, 1, memory_order_relaxed);
    return file;
}

uint64_t joist_parquet_row_count(const struct joist_parquet_file *file)
{
    return (uint64_t)file->footer.row_count;
}

size_t joist_parquet_row_group_count(const struct joist_parquet_file *file)
{
    return file->footer.group_count;
}

enum joist_status joist_parquet_schema(
        const struct joist_parquet_file *file, struct ArrowSchema *schema, struct joist_error *err)
{
    return ji_shaped_schema_hand_out(file->ctx, &file->schema.schema, file->layout, schema, err);
}

const struct ji_schema *ji_parquet_schema(const struct joist_parquet_file *file)
{
    return &file->schema.schema;
}

uint64_t ji_parquet_group_rows(const struct joist_parquet_file *file, size_t group)
{
    assert(group < file->footer.group_count);
    return (uint64_t)file->footer.groups[group].row_count;
}
