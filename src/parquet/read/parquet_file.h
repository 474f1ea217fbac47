/*
 * parquet_file.h - an open file, for the modules of this wing
 */
#ifndef JI_PARQUET_FILE_H
#define JI_PARQUET_FILE_H

#include <stdatomic.h>

#include "arrow/array_shape.h"
#include "base/io.h"
#include "parquet/format/parquet_schema.h"
#include "parquet/parquet_reader.h"

struct ji_file_crypto;

/* A part of a footer that is not held, as it was read last: the chunks beside one are asked for next. */
struct ji_footer_stretch {
    uint8_t *bytes; /* slab; NULL: none */
    size_t capacity;
    uint64_t begin; /* in the footer */
    size_t size;
};

struct joist_parquet_file {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena; /* everything below, the footer's bytes too; after open under the chunks' lock */
    struct joist_parquet_open_options options; /* what they point to lives as long as `open` runs */
    struct joist_source source;
    atomic_size_t references;
    uint64_t data_end; /* where the footer begins: no page lies behind */
    uint64_t file_bytes;
    struct ji_view footer_bytes;      /* data NULL: not held; they are in the source at data_end */
    struct ji_footer_stretch stretch; /* under the chunks' lock */
    struct ji_footer footer;
    struct ji_encryption footer_encryption; /* of either kind of footer */
    struct ji_file_crypto *crypto;          /* NULL: not encrypted, or no keys were given */
    struct ji_parquet_schema schema;
    const struct ji_array_shape *layout; /* of its arrays, where the caller has no other wish */
    struct ji_chunk_table *chunks;       /* those that ji_file_chunk was asked for */
};

/*
 * What the footer says of one column chunk, decoded and checked when first asked for; lives as long as the
 * file. Any thread. CORRUPT names row group and column.
 */
enum joist_status ji_file_chunk(const struct joist_parquet_file *file, size_t group, size_t leaf,
        const struct ji_chunk **chunk, struct joist_error *err);
/* The same; where many of the file's chunks are held already, for as long as the arena at least. */
enum joist_status ji_file_chunk_in(const struct joist_parquet_file *file, size_t group, size_t leaf,
        struct ji_arena *arena, const struct ji_chunk **chunk, struct joist_error *err);
/* Decodes and checks it into the arena: for the table of chunks, under its lock. */
enum joist_status ji_file_chunk_make(struct joist_parquet_file *file, size_t group, size_t leaf,
        struct ji_arena *arena, const struct ji_chunk **chunk, struct joist_error *err);
/* As ji_file_chunk_in, but holds none of them: for who walks over all the chunks there are. */
enum joist_status ji_file_chunk_read(const struct joist_parquet_file *file, size_t group, size_t leaf,
        struct ji_arena *arena, const struct ji_chunk **chunk, struct joist_error *err);

/* Encrypted, and its key was not given. */
static inline bool ji_chunk_is_locked(const struct ji_chunk *chunk)
{
    return chunk->is_encrypted && chunk->key == NULL;
}

/* The first byte of a chunk, all of which is checked to lie before data_end. */
static inline uint64_t ji_chunk_begin(const struct ji_chunk *chunk)
{
    const bool has_dictionary =
            chunk->dictionary_page_offset > 0 && chunk->dictionary_page_offset < chunk->data_page_offset;
    return (uint64_t)(has_dictionary ? chunk->dictionary_page_offset : chunk->data_page_offset);
}

#endif
