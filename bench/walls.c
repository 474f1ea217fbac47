/*
 * walls.c - what a file's codec alone costs: its own pages unpacked, and nothing else done
 *
 *     walls FILE THREADS [COLUMN...]     prints seconds: the wall that no reader of these columns gets past
 *
 * The stored bytes are read before the clock starts; each thread unpacks the next page into its one buffer.
 */
#include <joist/store.h>

#include "measure.h"

#include "codec/codec.h"
#include "parquet/format/page_header_read.h"
#include "parquet/read/parquet_file.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define THREADS_MAX 64

struct page {
    struct ji_view stored;
    size_t bytes;
    enum ji_codec codec;
};

struct work {
    struct joist_ctx *ctx;
    struct page *pages;
    size_t count;
    size_t capacity;
    size_t bytes_max;
    atomic_size_t next;
};

static enum ji_codec codec_of(enum ji_parquet_codec codec)
{
    switch (codec) {
    case JI_PARQUET_SNAPPY:
        return JI_CODEC_SNAPPY;
    case JI_PARQUET_GZIP:
        return JI_CODEC_GZIP;
    case JI_PARQUET_BROTLI:
        return JI_CODEC_BROTLI;
    case JI_PARQUET_ZSTD:
        return JI_CODEC_ZSTD;
    case JI_PARQUET_LZ4:
        return JI_CODEC_LZ4_HADOOP;
    case JI_PARQUET_LZ4_RAW:
        return JI_CODEC_LZ4_RAW;
    default:
        return JI_CODEC_NONE;
    }
}

static void add_page(struct work *work, const struct page *page)
{
    if (work->count == work->capacity) {
        work->capacity = work->capacity == 0 ? 1024 : work->capacity * 2;
        work->pages = realloc(work->pages, work->capacity * sizeof work->pages[0]);
        if (work->pages == NULL)
            measure_stop("no memory");
    }
    work->pages[work->count++] = *page;
    work->bytes_max = ji_max_size(work->bytes_max, page->bytes);
}

static void add_chunk(struct work *work, const struct joist_parquet_file *file, size_t group, size_t leaf)
{
    struct joist_error err = {0};
    const struct ji_chunk *chunk = NULL;
    measure_need(ji_file_chunk(file, group, leaf, &chunk, &err), &err);
    const size_t size = (size_t)chunk->compressed_bytes;
    uint8_t *const bytes = malloc(size);
    if (bytes == NULL)
        measure_stop("no memory");
    measure_need(ji_source_read(&file->source, ji_chunk_begin(chunk), size, bytes, &err), &err);
    for (size_t at = 0; at < size;) {
        struct ji_page_header header;
        size_t header_bytes = 0;
        measure_need(
                ji_page_header_decode(ji_view_of(bytes + at, size - at), &header, &header_bytes, &err), &err);
        if (header_bytes == 0)
            measure_stop("page header goes past its chunk");
        const size_t levels = (size_t)header.rep_bytes + (size_t)header.def_bytes;
        const bool is_plain = header.type == JI_PAGE_DATA_V2 && !header.is_compressed;
        at += header_bytes;
        add_page(work,
                &(struct page){
                        .stored = ji_view_of(bytes + at + levels, (size_t)header.compressed_bytes - levels),
                        .bytes = (size_t)header.uncompressed_bytes - levels,
                        .codec = is_plain ? JI_CODEC_NONE : codec_of(chunk->codec),
                });
        at += (size_t)header.compressed_bytes;
    }
}

static bool is_wanted(const struct ji_leaf *leaf, char **columns, int count)
{
    for (int index = 0; index < count; index++) {
        if (ji_view_equal_text(leaf->path[0], columns[index]))
            return true;
    }
    return count == 0;
}

static void *unpack_pages(void *arg)
{
    struct work *const work = arg;
    struct joist_error err = {0};
    struct ji_codec_context *codecs = NULL;
    uint8_t *const out = malloc(work->bytes_max + 1);
    if (out == NULL)
        measure_stop("no memory");
    measure_need(ji_codec_context_open(ji_ctx_mem(work->ctx), &codecs, &err), &err);
    for (;;) {
        const size_t index = atomic_fetch_add(&work->next, 1);
        if (index >= work->count)
            break;
        const struct page *const page = &work->pages[index];
        if (page->codec != JI_CODEC_NONE && page->bytes > 0)
            measure_need(ji_decompress(codecs, page->codec, page->stored, out, page->bytes, &err), &err);
    }
    ji_codec_context_close(codecs);
    free(out);
    return NULL;
}

int main(int argc, char **argv)
{
    struct joist_error err = {0};
    struct joist_source source = {NULL, NULL};
    struct joist_parquet_file *file = NULL;
    struct work work = {0};
    const int threads = argc > 2 ? atoi(argv[2]) : 0;
    if (threads < 1 || threads > THREADS_MAX)
        measure_stop("usage: walls FILE THREADS [COLUMN...]");
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)1 << 32};
    measure_need(joist_ctx_open(&options, &work.ctx, &err), &err);
    measure_need(joist_source_open(work.ctx, argv[1], &source, &err), &err);
    measure_need(joist_parquet_open(work.ctx, source, NULL, &file, &err), &err);
    for (size_t group = 0; group < file->footer.group_count; group++) {
        for (size_t leaf = 0; leaf < file->schema.leaf_count; leaf++) {
            if (is_wanted(&file->schema.leaves[leaf], argv + 3, argc - 3))
                add_chunk(&work, file, group, leaf);
        }
    }
    pthread_t lanes[THREADS_MAX];
    const double started = measure_now();
    for (int lane = 1; lane < threads; lane++) {
        if (pthread_create(&lanes[lane], NULL, unpack_pages, &work) != 0)
            measure_stop("no thread");
    }
    unpack_pages(&work);
    for (int lane = 1; lane < threads; lane++)
        pthread_join(lanes[lane], NULL);
    printf("%.4f\n", measure_now() - started);
    joist_parquet_close(file);
    joist_ctx_close(work.ctx);
    return 0;
}
