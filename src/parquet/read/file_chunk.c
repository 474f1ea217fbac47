/*
 * file_chunk.c - one column chunk as the footer describes it, decoded and checked when it is asked for
 *
 *     footer  ... [chunk chunk ... ][chunk chunk ... ] ...
 *                 ^mark             ^mark                    from the mark before the chunk to the next
 *
 *   1. A chunk that is handed out has the physical type of its leaf and lies in [4, data_end), or in another
 *      file, which it names; a flat one has as many values as its group has rows, a repeated one no fewer.
 *   2. What is read of a footer that is not held is decoded as if nobody had seen it before: should the
 *      source have changed since, that is corruption or another chunk, and both are checked here.
 *   3. The stretch that was read last is kept: columns side by side ask for the chunks of one in turn.
 */
#include "parquet/format/footer_read.h"
#include "parquet/read/chunk_table.h"
#include "parquet/read/file_crypto.h"
#include "parquet/read/parquet_file.h"

#include <assert.h>

struct chunk_place {
    size_t group;
    size_t leaf;
};

static enum joist_status check_chunk(const struct joist_parquet_file *file, const struct ji_leaf *leaf,
        const struct ji_chunk *chunk, int64_t rows, struct joist_error *err)
{
    if (!chunk->has_metadata)
        return chunk->is_encrypted
                ? JOIST_OK
                : ji_fail(err, JOIST_ERR_CORRUPT, "column '%s': chunk without metadata", leaf->name);
    if (chunk->physical != leaf->element->physical)
        return ji_fail(err, JOIST_ERR_CORRUPT, "column '%s': chunk of type %s, schema of %s", leaf->name,
                ji_physical_name(chunk->physical), ji_physical_name(leaf->element->physical));
    if (leaf->max_rep == 0 ? chunk->value_count != rows : chunk->value_count < rows)
        return ji_fail(err, JOIST_ERR_CORRUPT, "column '%s': %" PRId64 " values for %" PRId64 " rows",
                leaf->name, chunk->value_count, rows);
    /* Offsets into another file are refused by who would follow them; statistics still hold. */
    if (chunk->value_count == 0 || chunk->file_path.size > 0)
        return JOIST_OK;
    const uint64_t begin = ji_chunk_begin(chunk);
    if (chunk->data_page_offset < JI_PARQUET_MAGIC_BYTES || chunk->compressed_bytes <= 0 ||
            !ji_range_fits(begin, (uint64_t)chunk->compressed_bytes, file->data_end))
        return ji_fail(err, JOIST_ERR_CORRUPT,
                "column '%s': chunk of %" PRId64 " bytes at %" PRIu64 " leaves the %" PRIu64 " bytes of data",
                leaf->name, chunk->compressed_bytes, begin, file->data_end);
    return JOIST_OK;
}

/* Bytes of a footer that is not held, read unless they are the ones that are there. */
static enum joist_status take_stretch(const struct joist_parquet_file *file, uint64_t begin, size_t size,
        struct ji_footer_stretch *stretch, struct joist_error *err)
{
    if (stretch->bytes != NULL && stretch->begin == begin && stretch->size == size)
        return JOIST_OK;
    stretch->size = 0;
    if (size > stretch->capacity) {
        ji_slab_free(file->mem, stretch->bytes, stretch->capacity);
        *stretch = (struct ji_footer_stretch){.bytes = NULL};
        JI_TRY(ji_slab_alloc(file->mem, size, &stretch->bytes, &stretch->capacity, err));
    }
    JI_TRY(ji_source_read(&file->source, file->data_end + begin, size, stretch->bytes, err));
    stretch->begin = begin;
    stretch->size = size;
    return JOIST_OK;
}

/* `kept` is the stretch that the file keeps, or one of the caller's. */
static enum joist_status decode_chunk(const struct joist_parquet_file *file, struct chunk_place at,
        struct ji_footer_stretch *kept, struct ji_arena *arena, struct ji_chunk *chunk,
        struct joist_error *err)
{
    const uint32_t *const marks = &file->footer.groups[at.group].chunk_marks[at.leaf / JI_CHUNKS_A_MARK];
    const size_t before = at.leaf % JI_CHUNKS_A_MARK;
    const size_t size = marks[1] - marks[0];
    if (file->footer_bytes.data != NULL)
        return ji_footer_chunk_decode(
                arena, ji_view_of(file->footer_bytes.data + marks[0], size), before, chunk, err);

    JI_TRY(take_stretch(file, marks[0], size, kept, err));
    return ji_footer_chunk_decode(arena, ji_view_of(kept->bytes, size), before, chunk, err);
}

/* `locked` is the file where its table is locked: it may ask for keys and use what is kept; else NULL. */
static enum joist_status make_chunk(const struct joist_parquet_file *file, struct joist_parquet_file *locked,
        struct chunk_place at, struct ji_arena *arena, const struct ji_chunk **chunk, struct joist_error *err)
{
    struct ji_footer_stretch own = {.bytes = NULL};
    struct ji_chunk *made = NULL;
    JI_TRY(ji_arena_array(arena, 1, sizeof *made, &made, err));
    const enum joist_status status =
            decode_chunk(file, at, locked != NULL ? &locked->stretch : &own, arena, made, err);
    ji_slab_free(file->mem, own.bytes, own.capacity);
    if (status != JOIST_OK)
        return status;
    if (locked != NULL)
        JI_TRY(ji_file_crypto_unlock(locked, at.group, at.leaf, made, err));
    JI_TRY(check_chunk(
            file, &file->schema.leaves[at.leaf], made, file->footer.groups[at.group].row_count, err));
    *chunk = made;
    return JOIST_OK;
}

static enum joist_status prefix(enum joist_status status, size_t group, struct joist_error *err)
{
    if (status != JOIST_OK)
        ji_error_prefix(err, "row group %zu", group);
    return status;
}

enum joist_status ji_file_chunk_make(struct joist_parquet_file *file, size_t group, size_t leaf,
        struct ji_arena *arena, const struct ji_chunk **chunk, struct joist_error *err)
{
    const struct chunk_place at = {group, leaf};
    return prefix(make_chunk(file, file, at, arena, chunk, err), group, err);
}

static enum joist_status find_chunk(const struct joist_parquet_file *file, size_t group, size_t leaf,
        struct ji_arena *spare, const struct ji_chunk **chunk, struct joist_error *err)
{
    assert(group < file->footer.group_count);
    assert(leaf < file->schema.leaf_count);
    /* A footer that was put together and not read has its chunks at hand. */
    if (file->footer.groups[group].chunks != NULL) {
        *chunk = &file->footer.groups[group].chunks[leaf];
        return JOIST_OK;
    }
    return ji_chunk_table_get(file->chunks, group, leaf, spare, chunk, err);
}

enum joist_status ji_file_chunk(const struct joist_parquet_file *file, size_t group, size_t leaf,
        const struct ji_chunk **chunk, struct joist_error *err)
{
    return find_chunk(file, group, leaf, NULL, chunk, err);
}

enum joist_status ji_file_chunk_in(const struct joist_parquet_file *file, size_t group, size_t leaf,
        struct ji_arena *arena, const struct ji_chunk **chunk, struct joist_error *err)
{
    /* What names keys lives as long as the file. */
    return find_chunk(file, group, leaf, file->crypto == NULL ? arena : NULL, chunk, err);
}

enum joist_status ji_file_chunk_read(const struct joist_parquet_file *file, size_t group, size_t leaf,
        struct ji_arena *arena, const struct ji_chunk **chunk, struct joist_error *err)
{
    /* Keys are asked for under the table's lock, and what names them lives as long as they. */
    if (file->crypto != NULL || file->footer.groups[group].chunks != NULL)
        return ji_file_chunk(file, group, leaf, chunk, err);
    const struct chunk_place at = {group, leaf};
    return prefix(make_chunk(file, NULL, at, arena, chunk, err), group, err);
}
