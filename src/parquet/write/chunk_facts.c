/*
 * chunk_facts.c - what footer and page index say of a chunk that has ended
 *
 *     offset   dictionary page?   data page   data page ...
 */
#include "parquet/format/page_write.h"
#include "parquet/write/column_writer.h"

static enum joist_status bound_view(const struct ji_bound_text *text, struct ji_arena *arena,
        struct ji_view *view, struct joist_error *err)
{
    return ji_arena_view(arena, ji_view_of(text->bytes, text->size), view, err);
}

static enum joist_status statistics_make(const struct ji_column_writer *writer, struct ji_arena *arena,
        const struct ji_statistics **out, struct joist_error *err)
{
    struct ji_statistics *statistics = NULL;
    struct ji_bound_text text;
    JI_TRY(ji_arena_array(arena, 1, sizeof *statistics, &statistics, err));
    statistics->has_null_count = true;
    statistics->null_count = (int64_t)writer->chunk_nulls;
    statistics->has_nan_count = ji_bound_is_real(writer->chunk_bounds.order);
    statistics->nan_count = (int64_t)writer->chunk_bounds.nan_count;
    if (ji_bounds_min(&writer->chunk_bounds, &text)) {
        JI_TRY(bound_view(&text, arena, &statistics->min, err));
        statistics->has_min = statistics->has_min_exact = true;
        statistics->min_exact = text.exact;
    }
    if (ji_bounds_max(&writer->chunk_bounds, &text)) {
        JI_TRY(bound_view(&text, arena, &statistics->max, err));
        statistics->has_max = statistics->has_max_exact = true;
        statistics->max_exact = text.exact;
    }
    *out = statistics;
    return JOIST_OK;
}

static enum joist_status sizes_make(const struct ji_column_writer *writer, struct ji_arena *arena,
        const struct ji_size_statistics **out, struct joist_error *err)
{
    const struct ji_leaf *leaf = writer->leaf;
    const size_t reps = (size_t)leaf->max_rep + 1;
    const size_t both = reps + leaf->max_def + 1;
    const int64_t *counts = (const int64_t *)(const void *)writer->histograms.data;
    struct ji_size_statistics *sizes = NULL;
    int64_t *sums = NULL;
    JI_TRY(ji_arena_array(arena, 1, sizeof *sizes, &sizes, err));
    JI_TRY(ji_arena_array(arena, both, sizeof *sums, &sums, err));
    if (writer->histograms.size > 0)
        memcpy(sums, counts, both * sizeof *sums);
    sizes->rep_histogram = sums;
    sizes->rep_count = leaf->max_rep > 0 ? reps : 0;
    sizes->def_histogram = sums + reps;
    sizes->def_count = leaf->max_def > 0 ? (size_t)leaf->max_def + 1 : 0;
    if (leaf->element->physical == JI_PHYSICAL_BYTE_ARRAY) {
        sizes->has_unencoded_bytes = true;
        sizes->unencoded_bytes = (int64_t)writer->chunk_unencoded_bytes;
    }
    *out = sizes;
    return JOIST_OK;
}

static enum joist_status encoding_stats_make(const struct ji_column_writer *writer, struct ji_arena *arena,
        struct ji_chunk *chunk, struct joist_error *err)
{
    const enum ji_page_type page_type = ji_column_page_type(writer);
    struct ji_encoding_stat *stats = NULL;
    size_t count = 0;
    JI_TRY(ji_arena_array(arena, JI_ENCODING_ALP + 2, sizeof *stats, &stats, err));
    chunk->encodings = 1u << JI_ENCODING_RLE;
    if (writer->pages_coded[JI_ENCODING_RLE_DICTIONARY] > 0) {
        chunk->encodings |= 1u << JI_ENCODING_PLAIN;
        stats[count++] = (struct ji_encoding_stat){JI_PAGE_DICTIONARY, JI_ENCODING_PLAIN, 1};
    }
    for (unsigned encoding = 0; encoding <= JI_ENCODING_ALP; encoding++) {
        if (writer->pages_coded[encoding] == 0)
            continue;
        chunk->encodings |= 1u << encoding;
        stats[count++] =
                (struct ji_encoding_stat){page_type, encoding, (int32_t)writer->pages_coded[encoding]};
    }
    chunk->encoding_stats = stats;
    chunk->encoding_stat_count = count;
    return JOIST_OK;
}

static enum ji_parquet_codec file_codec(enum ji_codec codec)
{
    switch (codec) {
    case JI_CODEC_SNAPPY:
        return JI_PARQUET_SNAPPY;
    case JI_CODEC_GZIP:
        return JI_PARQUET_GZIP;
    case JI_CODEC_BROTLI:
        return JI_PARQUET_BROTLI;
    case JI_CODEC_ZSTD:
        return JI_PARQUET_ZSTD;
    case JI_CODEC_LZ4_RAW:
        return JI_PARQUET_LZ4_RAW;
    default:
        return JI_PARQUET_UNCOMPRESSED;
    }
}

enum joist_status ji_column_writer_chunk(const struct ji_column_writer *writer, uint64_t offset,
        struct ji_arena *arena, struct ji_chunk *chunk, struct joist_error *err)
{
    const struct ji_leaf *leaf = writer->leaf;
    const size_t dictionary_bytes = writer->dictionary_page.size;
    struct ji_chunk made = {
            .physical = leaf->element->physical,
            .codec = writer->is_unpacked ? JI_PARQUET_UNCOMPRESSED : file_codec(writer->settings->codec),
            .has_metadata = true,
            .value_count = (int64_t)writer->chunk_entries,
            .uncompressed_bytes = (int64_t)writer->uncompressed_bytes,
            .compressed_bytes = (int64_t)(writer->store.bytes + dictionary_bytes),
            .data_page_offset = (int64_t)(offset + dictionary_bytes),
            .dictionary_page_offset = dictionary_bytes > 0 ? (int64_t)offset : -1,
            .index_page_offset = -1,
            .bloom_offset = -1,
            .bloom_bytes = -1,
            .offset_index_offset = -1,
            .column_index_offset = -1,
            .path = leaf->path,
            .path_count = leaf->path_count,
    };
    if (!writer->settings->no_statistics) {
        JI_TRY(statistics_make(writer, arena, &made.statistics, err));
        JI_TRY(ji_geo_bounds_make(&writer->places, arena, &made.geo_statistics, err));
    }
    JI_TRY(sizes_make(writer, arena, &made.size_statistics, err));
    JI_TRY(encoding_stats_make(writer, arena, &made, err));
    *chunk = made;
    return JOIST_OK;
}

/* Arrays that both indexes are made of, one element a page. */
struct index_room {
    struct ji_page_location *locations;
    int64_t *unencoded_bytes;
    int64_t *null_counts;
    int64_t *nan_counts;
    struct ji_view *min_values;
    struct ji_view *max_values;
    bool *null_pages;
    int64_t *rep_histograms;
    int64_t *def_histograms;
};

static enum joist_status index_room_get(struct ji_arena *arena, const struct ji_leaf *leaf, size_t pages,
        struct index_room *room, struct joist_error *err)
{
    JI_TRY(ji_arena_array(arena, pages, sizeof *room->locations, &room->locations, err));
    JI_TRY(ji_arena_array(arena, pages, sizeof(int64_t), &room->unencoded_bytes, err));
    JI_TRY(ji_arena_array(arena, pages, sizeof(int64_t), &room->null_counts, err));
    JI_TRY(ji_arena_array(arena, pages, sizeof(int64_t), &room->nan_counts, err));
    JI_TRY(ji_arena_array(arena, pages, sizeof(struct ji_view), &room->min_values, err));
    JI_TRY(ji_arena_array(arena, pages, sizeof(struct ji_view), &room->max_values, err));
    JI_TRY(ji_arena_array(arena, pages, sizeof(bool), &room->null_pages, err));
    JI_TRY(ji_arena_array(arena, pages * (leaf->max_rep + 1u), sizeof(int64_t), &room->rep_histograms, err));
    return ji_arena_array(arena, pages * (leaf->max_def + 1u), sizeof(int64_t), &room->def_histograms, err);
}

/*
 * False where a page has values and no bounds (NaN alone, or bytes that cannot be raised): no column index
 * then. The bounds point into `facts`.
 */
static bool index_room_fill(const struct ji_column_writer *writer, uint64_t offset, const uint8_t *facts,
        const struct index_room *room)
{
    const size_t reps = writer->leaf->max_rep + 1u;
    const size_t defs = writer->leaf->max_def + 1u;
    const uint32_t *sizes = (const uint32_t *)(const void *)writer->page_sizes.data;
    bool has_all_bounds = true;
    offset += writer->dictionary_page.size;
    for (size_t i = 0; i < writer->page_count; i++) {
        struct ji_page_record record;
        memcpy(&record, facts, sizeof record);
        facts += sizeof record;
        room->locations[i] = (struct ji_page_location){.offset = (int64_t)offset,
                .compressed_bytes = (int32_t)sizes[i],
                .first_row = (int64_t)record.first_row};
        offset += sizes[i];
        room->unencoded_bytes[i] = (int64_t)record.unencoded_bytes;
        room->null_counts[i] = (int64_t)record.null_count;
        room->nan_counts[i] = (int64_t)record.nan_count;
        room->null_pages[i] = record.is_null;
        room->min_values[i] = ji_view_of(facts, record.min_bytes);
        facts += record.min_bytes;
        room->max_values[i] = ji_view_of(facts, record.max_bytes);
        facts += record.max_bytes;
        has_all_bounds &= record.is_null || record.has_bounds;
        memcpy(room->rep_histograms + i * reps, facts, reps * sizeof(int64_t));
        facts += reps * sizeof(int64_t);
        memcpy(room->def_histograms + i * defs, facts, defs * sizeof(int64_t));
        facts += defs * sizeof(int64_t);
    }
    return has_all_bounds;
}

static enum joist_status column_index_write(const struct ji_column_writer *writer,
        const struct index_room *room, size_t pages, struct ji_bytes *out, struct joist_error *err)
{
    const struct ji_leaf *leaf = writer->leaf;
    enum ji_boundary_order order = JI_UNORDERED;
    if (writer->has_rising_pages)
        order = JI_ASCENDING;
    else if (writer->has_falling_pages)
        order = JI_DESCENDING;
    const struct ji_column_index index = {
            .page_count = pages,
            .null_pages = room->null_pages,
            .min_values = room->min_values,
            .max_values = room->max_values,
            .order = order,
            .null_counts = room->null_counts,
            .nan_counts = ji_bound_is_real(writer->chunk_bounds.order) ? room->nan_counts : NULL,
            .rep_histograms = leaf->max_rep > 0 ? room->rep_histograms : NULL,
            .rep_histogram_count = pages * (leaf->max_rep + 1u),
            .def_histograms = leaf->max_def > 0 ? room->def_histograms : NULL,
            .def_histogram_count = pages * (leaf->max_def + 1u),
    };
    return ji_column_index_write(out, &index, err);
}

/* What stands in `out` behind `begin` becomes a module, where the column is encrypted. */
static enum joist_status seal_index(struct ji_column_writer *writer, enum ji_module module,
        struct ji_bytes *out, size_t begin, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_bytes plain;
    if (writer->seal == NULL)
        return JOIST_OK;
    ji_bytes_init(&plain, writer->mem);
    JI_TRY_OUT(ji_bytes_append(&plain, out->data + begin, out->size - begin, err));
    out->size = begin;
    JI_TRY_OUT(ji_module_seal_append(writer->seal, module, 0, ji_view_of(plain.data, plain.size), out, err));
out:
    ji_bytes_clear(&plain);
    return status;
}

enum joist_status ji_column_writer_indexes(struct ji_column_writer *writer, uint64_t offset,
        struct ji_bytes *out, size_t *offset_index_bytes, size_t *column_index_bytes, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    struct index_room room = {.locations = NULL};
    struct ji_bytes facts;
    const size_t pages = writer->page_count;
    const size_t before = out->size;
    ji_arena_init(&arena, writer->mem);
    ji_bytes_init(&facts, writer->mem);
    JI_TRY_OUT(ji_page_store_load(&writer->facts, &facts, err));
    JI_TRY_OUT(index_room_get(&arena, writer->leaf, pages, &room, err));
    const bool has_all_bounds = index_room_fill(writer, offset, facts.data, &room);
    const struct ji_offset_index index = {
            .pages = room.locations,
            .page_count = pages,
            .unencoded_bytes =
                    writer->leaf->element->physical == JI_PHYSICAL_BYTE_ARRAY ? room.unencoded_bytes : NULL,
    };
    JI_TRY_OUT(ji_offset_index_write(out, &index, err));
    JI_TRY_OUT(seal_index(writer, JI_MODULE_OFFSET_INDEX, out, before, err));
    *offset_index_bytes = out->size - before;
    *column_index_bytes = 0;
    if (has_all_bounds && !writer->settings->no_statistics) {
        JI_TRY_OUT(column_index_write(writer, &room, pages, out, err));
        JI_TRY_OUT(seal_index(writer, JI_MODULE_COLUMN_INDEX, out, before + *offset_index_bytes, err));
        *column_index_bytes = out->size - before - *offset_index_bytes;
    }
out:
    ji_bytes_clear(&facts);
    ji_arena_clear(&arena);
    return status;
}
