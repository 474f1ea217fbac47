/*
 * module_read.c - the parts of a file that stand beside its pages: page indexes and Bloom filters
 *
 * The one place where their bytes come in.
 */
#include "parquet/read/module_read.h"

#include "parquet/read/file_crypto.h"

enum joist_status ji_file_read_module(const struct ji_module_place *place, struct ji_arena *arena,
        uint64_t offset, size_t bytes, struct ji_view *plain, struct joist_error *err)
{
    const struct joist_parquet_file *const file = place->file;
    const struct ji_chunk *chunk = NULL;
    JI_TRY(ji_file_chunk_in(file, place->group, place->leaf, arena, &chunk, err));
    if (chunk->is_encrypted) {
        const struct ji_chunk_part part = {
                .group = place->group,
                .leaf = place->leaf,
                .module = place->module,
                .offset = offset,
                .bytes = bytes,
        };
        return ji_chunk_part_read(file, &part, bytes, arena, plain, NULL, err);
    }
    if (offset < JI_PARQUET_MAGIC_BYTES || !ji_range_fits(offset, bytes, file->data_end))
        return ji_fail(err, JOIST_ERR_CORRUPT, "%zu bytes at %" PRIu64 " leave the %" PRIu64 " bytes of data",
                bytes, offset, file->data_end);
    uint8_t *out = NULL;
    JI_TRY(ji_arena_alloc(arena, bytes, &out, err));
    JI_TRY(ji_source_read(&file->source, offset, bytes, out, err));
    *plain = ji_view_of(out, bytes);
    return JOIST_OK;
}
