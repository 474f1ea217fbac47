/*
 * group_facts.c - row groups on their way into the footer
 *
 *     group | sorting columns | chunk | ColumnMetaData | encrypted metadata | chunk ...      group ...
 *     struct   struct ...       struct  Thrift           a module
 *
 * Structs are as memory has them, for no other process reads them. Page indexes stand behind all row groups:
 * just their places wait for the end, and are numbers here.
 */
#include "parquet/write/group_facts.h"

#include "parquet/format/footer_write.h"

struct kept_group {
    struct ji_row_group group; /* `chunks` and `sorting` say nothing */
    uint64_t bytes;            /* of what follows */
    bool moves_indexes;
};

struct kept_chunk {
    int64_t offset_index_offset; /* -1: absent */
    int64_t column_index_offset; /* -1: absent */
    int32_t offset_index_bytes;
    int32_t column_index_bytes;
    uint32_t metadata_bytes; /* 0: absent */
    uint32_t sealed_bytes;   /* 0: absent */
};

void ji_group_facts_init(struct ji_group_facts *facts, struct ji_mem *mem)
{
    ji_page_store_init(&facts->store, mem);
    ji_bytes_init(&facts->made, mem);
    facts->count = 0;
}

void ji_group_facts_clear(struct ji_group_facts *facts)
{
    ji_page_store_clear(&facts->store);
    ji_bytes_clear(&facts->made);
}

static enum joist_status add_chunk(
        struct ji_bytes *out, const struct ji_chunk *chunk, struct joist_error *err)
{
    struct kept_chunk kept = {
            .offset_index_offset = chunk->offset_index_offset,
            .column_index_offset = chunk->column_index_offset,
            .offset_index_bytes = chunk->offset_index_bytes,
            .column_index_bytes = chunk->column_index_bytes,
            .sealed_bytes = (uint32_t)chunk->sealed_metadata.size,
    };
    const size_t at = out->size;
    JI_TRY(ji_bytes_append(out, &kept, sizeof kept, err));
    if (chunk->has_metadata)
        JI_TRY(ji_column_metadata_write(out, chunk, err));
    kept.metadata_bytes = (uint32_t)(out->size - at - sizeof kept);
    memcpy(out->data + at, &kept, sizeof kept);
    return ji_bytes_append(out, chunk->sealed_metadata.data, chunk->sealed_metadata.size, err);
}

enum joist_status ji_group_facts_add(struct ji_group_facts *facts, const struct ji_row_group *group,
        bool moves_indexes, struct joist_error *err)
{
    struct ji_bytes *out = &facts->made;
    struct kept_group kept = {.group = *group, .moves_indexes = moves_indexes};
    out->size = 0;
    JI_TRY(ji_bytes_append(out, &kept, sizeof kept, err));
    JI_TRY(ji_bytes_append(out, group->sorting, group->sorting_count * sizeof *group->sorting, err));
    for (size_t i = 0; i < group->chunk_count; i++)
        JI_TRY(add_chunk(out, &group->chunks[i], err));
    kept.bytes = out->size - sizeof kept;
    memcpy(out->data, &kept, sizeof kept);
    JI_TRY(ji_page_store_append(&facts->store, ji_view_of(out->data, out->size), err));
    facts->count++;
    return JOIST_OK;
}

void ji_group_cursor_init(
        struct ji_group_cursor *cursor, const struct ji_group_facts *facts, uint64_t index_begin)
{
    ji_page_cursor_init(&cursor->place, &facts->store);
    ji_bytes_init(&cursor->body, facts->store.mem);
    ji_bytes_init(&cursor->chunks, facts->store.mem);
    cursor->index_begin = index_begin;
}

void ji_group_cursor_clear(struct ji_group_cursor *cursor)
{
    ji_bytes_clear(&cursor->chunks);
    ji_bytes_clear(&cursor->body);
    ji_page_cursor_clear(&cursor->place);
}

/* The chunk at `at` of the body; returns where the next one is. */
static const uint8_t *take_chunk(const uint8_t *at, uint64_t index_begin, struct ji_chunk *chunk)
{
    struct kept_chunk kept;
    memcpy(&kept, at, sizeof kept);
    at += sizeof kept;
    *chunk = (struct ji_chunk){
            .offset_index_offset = kept.offset_index_offset,
            .offset_index_bytes = kept.offset_index_bytes,
            .column_index_offset = kept.column_index_offset,
            .column_index_bytes = kept.column_index_bytes,
    };
    if (kept.metadata_bytes > 0)
        chunk->metadata = ji_view_of(at, kept.metadata_bytes);
    at += kept.metadata_bytes;
    if (kept.sealed_bytes > 0)
        chunk->sealed_metadata = ji_view_of(at, kept.sealed_bytes);
    if (chunk->offset_index_offset >= 0)
        chunk->offset_index_offset += (int64_t)index_begin;
    if (chunk->column_index_offset >= 0)
        chunk->column_index_offset += (int64_t)index_begin;
    return at + kept.sealed_bytes;
}

enum joist_status ji_group_cursor_next(
        struct ji_group_cursor *cursor, struct ji_row_group *group, struct joist_error *err)
{
    struct kept_group kept;
    JI_TRY(ji_page_cursor_read(&cursor->place, &kept, sizeof kept, err));
    const size_t chunks = kept.group.chunk_count;
    const size_t sorting = kept.group.sorting_count * sizeof *kept.group.sorting;
    cursor->body.size = cursor->chunks.size = 0;
    JI_TRY(ji_bytes_reserve(&cursor->body, (size_t)kept.bytes, err));
    JI_TRY(ji_bytes_reserve(&cursor->chunks, chunks * sizeof *group->chunks, err));
    JI_TRY(ji_page_cursor_read(&cursor->place, cursor->body.data, (size_t)kept.bytes, err));
    *group = kept.group;
    group->sorting = (const struct ji_sorting_column *)(const void *)cursor->body.data;
    group->chunks = (struct ji_chunk *)(void *)cursor->chunks.data;
    const uint8_t *at = cursor->body.data + sorting;
    for (size_t i = 0; i < chunks; i++)
        at = take_chunk(at, kept.moves_indexes ? cursor->index_begin : 0, &group->chunks[i]);
    return JOIST_OK;
}
