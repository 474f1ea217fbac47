/*
 * dictionary_facts.c - the dictionary of a column chunk as the set of all values that it may have
 *
 *     encoding_stats: all data pages RLE_DICTIONARY -> dictionary page -> values -> hashes
 *
 *   1. Without encoding_stats nothing is known: the list of a chunk's encodings does not tell pages of values
 *      from the dictionary's own.
 *   2. A page with fewer values than its header counts is no set of values: CORRUPT.
 *   3. Two values may share a hash, which makes the answer "may have" too often and never too seldom.
 */
#include "parquet/read/dictionary_facts.h"

#include "codec/checksum.h"
#include "parquet/decode/value_type.h"
#include "parquet/read/file_crypto.h"
#include "parquet/read/page_read.h"

/* A larger dictionary is read for its pages only. */
#define DICTIONARY_BYTES_MAX ((int64_t)256 << 10)
#define LENGTH_BYTES 4

/* Whether the file says that every data page holds codes. */
static bool is_all_codes(const struct ji_chunk *chunk)
{
    bool any = false;
    for (size_t index = 0; index < chunk->encoding_stat_count; index++) {
        const struct ji_encoding_stat *const stat = &chunk->encoding_stats[index];
        if (stat->page_type == JI_PAGE_DICTIONARY || stat->page_type == JI_PAGE_INDEX)
            continue;
        const bool is_codes = stat->encoding == JI_ENCODING_PLAIN_DICTIONARY ||
                stat->encoding == JI_ENCODING_RLE_DICTIONARY;
        if (stat->count < 0 || (stat->count > 0 && !is_codes))
            return false;
        any = any || stat->count > 0;
    }
    return any;
}

static bool is_worth_reading(const struct ji_chunk *chunk)
{
    const int64_t begin = (int64_t)ji_chunk_begin(chunk);
    return !ji_chunk_is_locked(chunk) && chunk->file_path.size == 0 && chunk->value_count > 0 &&
            begin < chunk->data_page_offset && chunk->data_page_offset - begin <= DICTIONARY_BYTES_MAX &&
            is_all_codes(chunk);
}

/* Puts a hash in; 0 stands for an empty slot, so it goes by another name. */
static void put(struct ji_dictionary_facts *facts, uint64_t hash)
{
    const size_t mask = facts->slot_count - 1;
    const uint64_t name = hash != 0 ? hash : 1;
    size_t slot = (size_t)name & mask;
    while (facts->slots[slot] != 0 && facts->slots[slot] != name)
        slot = (slot + 1) & mask;
    facts->slots[slot] = name;
}

bool ji_dictionary_facts_may_have(const struct ji_dictionary_facts *facts, uint64_t hash)
{
    if (facts->slot_count == 0)
        return true;
    const size_t mask = facts->slot_count - 1;
    const uint64_t name = hash != 0 ? hash : 1;
    size_t slot = (size_t)name & mask;
    while (facts->slots[slot] != 0 && facts->slots[slot] != name)
        slot = (slot + 1) & mask;
    return facts->slots[slot] == name;
}

/* The values of the page; `width` 0: each has its length before it. */
static enum joist_status put_all(struct ji_dictionary_facts *facts, struct ji_view bytes, size_t count,
        size_t width, struct joist_error *err)
{
    size_t at = 0;
    for (size_t index = 0; index < count; index++) {
        size_t size = width;
        if (width == 0 && bytes.size - at >= LENGTH_BYTES) {
            size = ji_load_le32(bytes.data + at);
            at += LENGTH_BYTES;
        } else if (width == 0) {
            size = SIZE_MAX;
        }
        if (size > bytes.size - at)
            return ji_fail(err, JOIST_ERR_CORRUPT, "dictionary ends before value %zu of %zu", index, count);
        put(facts, ji_xxh64(bytes.data + at, size, 0));
        at += size;
    }
    return JOIST_OK;
}

static enum joist_status take_page(const struct ji_leaf *leaf, const struct ji_page_header *header,
        struct ji_view bytes, struct ji_arena *arena, struct ji_dictionary_facts *facts,
        struct joist_error *err)
{
    struct ji_value_type type;
    ji_value_type_init(&type, leaf);
    const bool is_bytes = leaf->element->physical == JI_PHYSICAL_BYTE_ARRAY;
    const size_t least = is_bytes ? LENGTH_BYTES : type.file_bytes;
    const size_t count = (size_t)header->value_count;
    if (least == 0)
        return JOIST_OK;
    /* The claim is held against the bytes before any memory follows it. */
    if (count > bytes.size / least)
        return ji_fail(err, JOIST_ERR_CORRUPT, "dictionary of %zu values in %zu bytes", count, bytes.size);
    struct ji_dictionary_facts made = {.slot_count = 16};
    while (made.slot_count < 2 * count)
        made.slot_count *= 2;
    JI_TRY(ji_arena_array(arena, made.slot_count, sizeof made.slots[0], &made.slots, err));
    JI_TRY(put_all(&made, bytes, count, is_bytes ? 0 : type.file_bytes, err));
    *facts = made;
    return JOIST_OK;
}

static enum joist_status read_page(const struct ji_leaf *leaf, struct ji_page_reader *pages,
        struct ji_arena *arena, struct ji_dictionary_facts *facts, struct joist_error *err)
{
    struct ji_page_header header;
    size_t header_bytes = 0;
    JI_TRY(ji_page_reader_header(pages, &header, &header_bytes, err));
    if (header.type != JI_PAGE_DICTIONARY || header.uncompressed_bytes > DICTIONARY_BYTES_MAX ||
            (header.encoding != JI_ENCODING_PLAIN && header.encoding != JI_ENCODING_PLAIN_DICTIONARY))
        return JOIST_OK;
    struct ji_buffer *buffer = NULL;
    struct ji_page_parts parts;
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(ji_page_reader_load(pages, &header, header_bytes, &buffer, &parts, err));
    JI_TRY_OUT(take_page(leaf, &header, parts.values, arena, facts, err));
out:
    ji_buffer_release(buffer);
    return status;
}

enum joist_status ji_dictionary_facts_read(const struct joist_parquet_file *file, size_t group, size_t leaf,
        struct ji_arena *arena, struct ji_dictionary_facts *facts, struct joist_error *err)
{
    const struct ji_chunk *chunk = NULL;
    *facts = (struct ji_dictionary_facts){.slot_count = 0};
    JI_TRY(ji_file_chunk_in(file, group, leaf, arena, &chunk, err));
    if (!is_worth_reading(chunk))
        return JOIST_OK;
    struct ji_codec_context *codecs = NULL;
    struct ji_page_reader pages = {.window = NULL};
    const uint64_t begin = ji_chunk_begin(chunk);
    enum joist_status status = JOIST_OK;
    JI_TRY(ji_codec_context_open(arena->mem, &codecs, err));
    JI_TRY_OUT(ji_page_reader_init(&pages, arena->mem, &file->source, codecs, chunk, begin, err));
    JI_TRY_OUT(ji_chunk_cipher(file, chunk, group, leaf, arena->mem, &pages.cipher, err));
    pages.in_window = true;
    pages.end = ji_min_u64(pages.end, (uint64_t)chunk->data_page_offset);
    JI_TRY_OUT(read_page(&file->schema.leaves[leaf], &pages, arena, facts, err));
out:
    ji_page_reader_clear(&pages);
    ji_codec_context_close(codecs);
    return status;
}
