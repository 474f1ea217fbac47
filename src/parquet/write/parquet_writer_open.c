/*
 * parquet_writer_open.c - a writer from its schema and options
 *
 * Pages and dictionaries shrink with the budget, which is the memory limit over all leaves of all writers
 * that share their lanes: an eighth of a leaf's share for a page, a thirty-second for a dictionary's page,
 * whose table of slots takes up to eight times as much.
 */
#include "parquet/write/parquet_writer.h"

#include "arrow/arrow_schema.h"
#include "parquet/format/arrow_origin.h"
#include "parquet/write/file_schema.h"

#define BLOOM_BYTES_MIN ((uint64_t)32 << 10)
#define PAGE_BYTES_MIN ((size_t)8 << 10)
#define DICTIONARY_BYTES_MAX ((size_t)1 << 20)
#define DICTIONARY_BYTES_MIN ((size_t)1 << 10)
#define PAGE_PARTS 8
#define DICTIONARY_PARTS 32

static enum joist_status codec_of(enum joist_codec codec, enum ji_codec *out, struct joist_error *err)
{
    switch (codec) {
    case JOIST_CODEC_DEFAULT:
    case JOIST_CODEC_ZSTD:
        *out = JI_CODEC_ZSTD;
        return JOIST_OK;
    case JOIST_CODEC_NONE:
        *out = JI_CODEC_NONE;
        return JOIST_OK;
    case JOIST_CODEC_SNAPPY:
        *out = JI_CODEC_SNAPPY;
        return JOIST_OK;
    case JOIST_CODEC_GZIP:
        *out = JI_CODEC_GZIP;
        return JOIST_OK;
    case JOIST_CODEC_BROTLI:
        *out = JI_CODEC_BROTLI;
        return JOIST_OK;
    case JOIST_CODEC_LZ4_RAW:
        *out = JI_CODEC_LZ4_RAW;
        return JOIST_OK;
    }
    return ji_fail(err, JOIST_ERR_INVALID, "codec %d is unknown", (int)codec);
}

/* A pair of the caller's, whose texts are borrowed. */
static struct ji_key_value option_pair(const char *const *pair)
{
    struct ji_key_value made = {.key = ji_view_of_text(pair[0]), .has_value = pair[1] != NULL};
    if (made.has_value)
        made.value = ji_view_of_text(pair[1]);
    return made;
}

static bool is_option(const struct joist_parquet_write_options *options, struct ji_view key)
{
    for (size_t i = 0; i < options->key_value_count; i++)
        if (ji_view_equal_text(key, options->key_values[2 * i]))
            return true;
    return ji_view_equal_text(key, JI_ARROW_SCHEMA_KEY);
}

/* The schema's own pairs, the caller's, which hold where both have a key, and the Arrow schema. */
static enum joist_status make_key_values(struct joist_parquet_writer *writer, struct joist_error *err)
{
    const struct joist_parquet_write_options *options = &writer->options;
    const struct ji_schema *schema = &writer->schema;
    const size_t count = schema->metadata_count + options->key_value_count + 1;
    struct ji_key_value *pairs = NULL;
    size_t made = 0;
    JI_TRY(ji_arena_array(&writer->arena, count, sizeof *pairs, &pairs, err));
    for (size_t i = 0; i < options->key_value_count; i++)
        if (options->key_values[2 * i] == NULL)
            return ji_fail(err, JOIST_ERR_INVALID, "key %zu is NULL", i);
    for (size_t i = 0; i < schema->metadata_count; i++)
        if (!is_option(options, schema->metadata[2 * i]))
            pairs[made++] = (struct ji_key_value){
                    .key = schema->metadata[2 * i], .value = schema->metadata[2 * i + 1], .has_value = true};
    for (size_t i = 0; i < options->key_value_count; i++, made++) {
        pairs[made] = option_pair(&options->key_values[2 * i]);
        JI_TRY(ji_arena_view(&writer->arena, pairs[made].key, &pairs[made].key, err));
        if (pairs[made].has_value)
            JI_TRY(ji_arena_view(&writer->arena, pairs[made].value, &pairs[made].value, err));
    }
    if (writer->origin != NULL && !options->no_arrow_schema)
        JI_TRY(ji_arrow_origin_make(&writer->arena, writer->origin, &pairs[made++], err));
    writer->origin = NULL;
    writer->key_values = pairs;
    writer->key_value_count = made;
    writer->options.key_values = NULL;
    return JOIST_OK;
}

void ji_parquet_writer_free(struct joist_parquet_writer *writer)
{
    if (writer == NULL)
        return;
    for (size_t i = 0; writer->columns != NULL && i < writer->layout.leaf_count; i++) {
        ji_column_writer_clear(&writer->columns[i]);
        ji_chunk_pages_clear(&writer->outgoing[i]);
    }
    ji_group_facts_clear(&writer->groups);
    ji_bytes_clear(&writer->group_offsets);
    pthread_mutex_destroy(&writer->spill_lock);
    ji_page_store_clear(&writer->indexes);
    ji_scratch_close(writer->ended_scratch);
    ji_scratch_close(writer->scratch);
    ji_write_crypto_close(writer->crypto);
    ji_sort_verify_clear(&writer->verify);
    ji_column_shreds_clear(writer->shreds, writer->schema.column_count);
    ji_arena_clear(&writer->ended);
    ji_arena_clear(&writer->import);
    ji_arena_clear(&writer->arena);
    if (writer->lanes != NULL)
        writer->lanes->writer_count--;
    if (writer->owns_lanes)
        ji_write_lanes_close(writer->lanes);
    struct ji_mem *mem = writer->mem;
    ji_free(mem, writer, sizeof *writer);
    ji_mem_close(mem);
}

enum joist_status ji_parquet_writer_new(struct joist_ctx *ctx, struct ji_write_lanes *lanes,
        struct ji_mem *mem, const struct joist_parquet_write_options *options,
        struct joist_parquet_writer **writer, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_mem *pool = NULL;
    struct joist_parquet_writer *made = NULL;
    JI_TRY(ji_mem_open(mem, "parquet writer", &pool, err));
    status = ji_alloc_zero(pool, 1, sizeof *made, &made, err);
    if (status != JOIST_OK) {
        ji_mem_close(pool);
        return status;
    }
    made->ctx = ctx;
    made->mem = pool;
    ji_arena_init(&made->arena, pool);
    ji_arena_init(&made->import, pool);
    ji_arena_init(&made->ended, pool);
    ji_arena_init(&made->verify.kept[0], pool);
    ji_arena_init(&made->verify.kept[1], pool);
    ji_group_facts_init(&made->groups, pool);
    ji_bytes_init(&made->group_offsets, pool);
    pthread_mutex_init(&made->spill_lock, NULL);
    ji_page_store_init(&made->indexes, pool);
    JI_TRY_OUT(ji_write_options_read(options, &made->options, err));
    JI_TRY_OUT(codec_of(made->options.codec, &made->settings.codec, err));
    JI_TRY_OUT(ji_codec_check(made->settings.codec, made->options.codec_level, err));
    if (lanes == NULL) {
        JI_TRY_OUT(ji_write_lanes_open(ctx, pool, &lanes, err));
        made->owns_lanes = true;
    }
    made->lanes = lanes;
    lanes->writer_count++;
    *writer = made;
    return JOIST_OK;

out:
    ji_parquet_writer_free(made);
    return status;
}

void ji_parquet_writer_settle(struct joist_parquet_writer *writer)
{
    struct ji_column_settings *settings = &writer->settings;
    const uint64_t leaves = ji_max_size(writer->layout.leaf_count, 1);
    const uint64_t writers = ji_max_size(writer->lanes->writer_count, 1);
    const uint64_t share = ji_mem_limit(writer->mem) / leaves / writers;
    const uint64_t page = ji_max_u64(PAGE_BYTES_MIN, share / PAGE_PARTS);
    const uint64_t dictionary = ji_max_u64(DICTIONARY_BYTES_MIN, share / DICTIONARY_PARTS);
    settings->page_bytes_max = (size_t)ji_min_u64(writer->options.page_bytes_max, page);
    settings->bloom_bytes_max = (size_t)ji_max_u64(BLOOM_BYTES_MIN, share / PAGE_PARTS);
    settings->dictionary_bytes_max = (size_t)ji_min_u64(DICTIONARY_BYTES_MAX, dictionary);
}

static void settle_options(struct joist_parquet_writer *writer)
{
    const struct joist_parquet_write_options *options = &writer->options;
    struct ji_column_settings *settings = &writer->settings;
    settings->codec_level = options->codec_level;
    settings->compat = options->compat;
    settings->page_rows_max = options->page_rows_max;
    settings->group_rows_max = options->row_group_rows_max;
    settings->bound_bytes_max = (uint8_t)options->bound_bytes_max;
    settings->no_statistics = options->no_statistics;
    settings->no_page_index = options->no_page_index;
    settings->no_crc = options->no_crc;
    settings->cancel = options->cancel;
    ji_parquet_writer_settle(writer);
}

/* Leaves that come as dictionaries; what is shredded has others than its arrays. As deep as schemas are. */
static void find_dictionaries(
        const struct ji_array_shape *arrays, const struct ji_shape *shape, struct ji_leaf_wishes *wishes)
{
    if (!ji_kind_is_nested(shape->field->kind))
        wishes[shape->leaf_start].restores = arrays->is_dictionary;
    for (size_t i = 0; i < arrays->child_count && arrays->child_count == shape->field->child_count; i++)
        find_dictionaries(&arrays->children[i], &shape->children[i], wishes);
}

/* What the caller wants of single columns; nothing of the caller's is needed from here on. */
static enum joist_status spread_options(
        struct joist_parquet_writer *writer, struct ji_leaf_wishes **wishes, struct joist_error *err)
{
    struct joist_parquet_write_options *options = &writer->options;
    const struct ji_array_shape *const arrays = options->no_arrow_schema ? NULL : writer->array_shape;
    struct ji_sort_key *keys = NULL;
    JI_TRY(ji_leaf_wishes_make(options, &writer->layout, &writer->arena, wishes, err));
    for (size_t i = 0; arrays != NULL && i < arrays->child_count; i++)
        find_dictionaries(&arrays->children[i], &writer->layout.shapes[i], *wishes);
    JI_TRY(ji_sort_keys_make(options, &writer->layout, &writer->arena, &keys, err));
    JI_TRY(ji_sort_verify_init(
            &writer->verify, writer->mem, &writer->arena, keys, options->sorting_count, err));
    options->columns = NULL;
    options->sorting = NULL;
    return JOIST_OK;
}

enum joist_status ji_parquet_writer_prepare(struct joist_parquet_writer *writer, struct joist_error *err)
{
    struct ji_schema file;
    JI_TRY(ji_file_schema_make(&writer->arena, &writer->schema, &writer->options, &file, err));
    JI_TRY(ji_parquet_schema_write(&writer->arena, &file, &writer->layout, err));
    JI_TRY(ji_column_shreds_make(
            &writer->arena, writer->mem, &writer->schema, &writer->layout, &writer->shreds, err));
    if (writer->shreds != NULL)
        JI_TRY(ji_arena_array(&writer->arena, writer->schema.column_count, sizeof *writer->shredded,
                &writer->shredded, err));
    const size_t leaves = writer->layout.leaf_count;
    struct ji_leaf_wishes *wishes = NULL;
    JI_TRY(make_key_values(writer, err));
    JI_TRY(spread_options(writer, &wishes, err));
    settle_options(writer);
    if (writer->options.encryption != NULL)
        JI_TRY(ji_write_crypto_open(writer->ctx, writer->mem, &writer->arena, writer->options.encryption,
                &writer->layout, &writer->crypto, err));
    writer->options.encryption = NULL;
    struct ji_column_writer *columns = NULL;
    JI_TRY(ji_arena_array(&writer->arena, leaves, sizeof *columns, &columns, err));
    JI_TRY(ji_arena_array(&writer->arena, leaves, sizeof *writer->order, &writer->order, err));
    JI_TRY(ji_arena_array(&writer->arena, leaves, sizeof *writer->totals, &writer->totals, err));
    JI_TRY(ji_arena_array(&writer->arena, leaves, sizeof *writer->outgoing, &writer->outgoing, err));
    for (size_t i = 0; i < leaves; i++)
        ji_chunk_pages_init(&writer->outgoing[i], writer->mem);
    for (size_t i = 0; i < leaves; i++) {
        const struct ji_leaf *leaf = &writer->layout.leaves[i];
        if (leaf->field->kind == JI_NULL && !leaf->field->nullable)
            return ji_fail(err, JOIST_ERR_UNSUPPORTED, "column '%s': a required null", leaf->name);
        ji_column_writer_init(&columns[i], writer->mem, leaf, &writer->layout.shapes[leaf->column],
                &writer->settings, &wishes[i]);
        if (writer->crypto != NULL && writer->crypto->leaves[i].is_encrypted)
            columns[i].seal = &writer->crypto->leaves[i].seal;
        ji_bounds_reset(&writer->totals[i].bounds, ji_leaf_bound_order(leaf));
        writer->order[i] = i;
    }
    writer->columns = columns;
    return JOIST_OK;
}

static enum joist_status open_with_schema(struct joist_ctx *ctx, struct ji_write_lanes *lanes,
        struct ji_mem *mem, const struct ji_schema *schema, const struct joist_parquet_write_options *options,
        struct joist_parquet_writer **writer, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct joist_parquet_writer *made = NULL;
    JI_TRY(ji_parquet_writer_new(ctx, lanes, mem, options, &made, err));
    JI_TRY_OUT(ji_schema_copy(&made->arena, schema, &made->schema, err));
    JI_TRY_OUT(ji_parquet_writer_prepare(made, err));
    *writer = made;
    return JOIST_OK;

out:
    ji_parquet_writer_free(made);
    return status;
}

enum joist_status ji_parquet_writer_open(struct joist_ctx *ctx, struct ji_mem *mem, struct joist_sink sink,
        const struct ji_schema *schema, const struct joist_parquet_write_options *options,
        struct joist_parquet_writer **writer, struct joist_error *err)
{
    struct joist_parquet_writer *made = NULL;
    JI_TRY(open_with_schema(ctx, NULL, mem, schema, options, &made, err));
    made->sink = sink;
    *writer = made;
    return JOIST_OK;
}

enum joist_status ji_parquet_writer_open_shared(struct ji_write_lanes *lanes, struct ji_mem *mem,
        struct joist_sink sink, const struct ji_schema *schema,
        const struct joist_parquet_write_options *options, struct joist_parquet_writer **writer,
        struct joist_error *err)
{
    struct joist_parquet_writer *made = NULL;
    JI_TRY(open_with_schema(lanes->ctx, lanes, mem, schema, options, &made, err));
    made->sink = sink;
    *writer = made;
    return JOIST_OK;
}

enum joist_status joist_parquet_writer_open(struct joist_ctx *ctx, struct joist_sink sink,
        const struct ArrowSchema *schema, const struct joist_parquet_write_options *options,
        struct joist_parquet_writer **writer, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct joist_parquet_writer *made = NULL;
    JI_TRY(ji_parquet_writer_new(ctx, NULL, ji_ctx_mem(ctx), options, &made, err));
    JI_TRY_OUT(ji_schema_import_shape(&made->arena, schema, &made->schema, &made->array_shape, err));
    made->origin = schema;
    JI_TRY_OUT(ji_parquet_writer_prepare(made, err));
    made->sink = sink;
    *writer = made;
    return JOIST_OK;

out:
    ji_parquet_writer_free(made);
    return status;
}
