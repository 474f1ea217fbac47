/*
 * dictionary_facts_test.c - when a dictionary is the set of all values of a chunk, and when it proves nothing
 */
#include "support/test.h"

#include "base/ctx.h"
#include "codec/checksum.h"
#include "parquet/format/page_write.h"
#include "parquet/read/dictionary_facts.h"
#include "support/bytes_source.h"
#include "support/group_arena.h"
#include "support/oom.h"

#include <string.h>

/* A chunk at byte 4: a dictionary page of the words "ab", "cde", "", and where the data pages would be. */
struct coded {
    struct joist_parquet_file file;
    struct ji_field field;
    struct ji_schema_element element;
    struct ji_leaf leaf;
    struct ji_chunk chunk;
    struct ji_row_group group;
    struct ji_encoding_stat stats[2];
    struct ji_page_header header;
    struct bytes_source from;
};

static const uint8_t words[] = "\2\0\0\0ab\3\0\0\0cde\0\0\0\0";

static void make(struct coded *made)
{
    memset(made, 0, sizeof *made);
    made->field = (struct ji_field){.name = "x", .kind = JI_STRING};
    made->element = (struct ji_schema_element){.physical = JI_PHYSICAL_BYTE_ARRAY};
    made->leaf = (struct ji_leaf){.element = &made->element, .field = &made->field, .name = "x"};
    made->stats[0] = (struct ji_encoding_stat){JI_PAGE_DICTIONARY, JI_ENCODING_PLAIN, 1};
    made->stats[1] = (struct ji_encoding_stat){JI_PAGE_DATA, JI_ENCODING_RLE_DICTIONARY, 2};
    made->chunk = (struct ji_chunk){.has_metadata = true,
            .value_count = 10,
            .dictionary_page_offset = 4,
            .encoding_stats = made->stats,
            .encoding_stat_count = 2};
    made->header = (struct ji_page_header){.type = JI_PAGE_DICTIONARY,
            .uncompressed_bytes = sizeof words - 1,
            .compressed_bytes = sizeof words - 1,
            .has_body = true,
            .value_count = 3};
    made->group = (struct ji_row_group){.chunks = &made->chunk, .chunk_count = 1, .row_count = 10};
    made->file.footer.groups = &made->group;
    made->file.footer.group_count = 1;
    made->file.schema.leaves = &made->leaf;
    made->file.schema.leaf_count = 1;
}

static enum joist_status read_facts(struct coded *made, struct ji_arena *arena,
        struct ji_dictionary_facts *facts, struct joist_error *err)
{
    struct ji_bytes bytes;
    enum joist_status status = JOIST_OK;
    ji_bytes_init(&bytes, arena->mem);
    JI_TRY_OUT(ji_bytes_append(&bytes, "PAR1", 4, err));
    JI_TRY_OUT(ji_page_header_write(&bytes, &made->header, err));
    JI_TRY_OUT(ji_bytes_append(&bytes, words, sizeof words - 1, err));
    made->chunk.data_page_offset = (int64_t)bytes.size;
    JI_TRY_OUT(ji_bytes_append(&bytes, "data", 4, err));
    made->chunk.compressed_bytes = (int64_t)bytes.size - 4;
    made->from.data = bytes.data;
    made->from.size = bytes.size;
    made->file.source = bytes_source(&made->from);
    made->file.data_end = bytes.size;
    JI_TRY_OUT(ji_dictionary_facts_read(&made->file, 0, 0, arena, facts, err));
out:
    ji_bytes_clear(&bytes);
    return status;
}

static bool may_have(const struct ji_dictionary_facts *facts, const char *word)
{
    return ji_dictionary_facts_may_have(facts, ji_xxh64(word, strlen(word), 0));
}

static void a_dictionary_has_its_words_and_no_others(void **state)
{
    (void)state;
    struct coded made;
    struct ji_dictionary_facts facts;
    make(&made);
    assert_ok(read_facts(&made, &group_arena, &facts, NULL));
    assert_true(may_have(&facts, "ab") && may_have(&facts, "cde") && may_have(&facts, ""));
    assert_false(may_have(&facts, "a") || may_have(&facts, "abc"));
}

static void without_proof_that_all_pages_are_codes_nothing_is_known(void **state)
{
    (void)state;
    for (int how = 0; how < 9; how++) {
        struct coded made;
        struct ji_dictionary_facts facts;
        make(&made);
        if (how == 0)
            made.chunk.encoding_stat_count = 0;
        else if (how == 1)
            made.stats[0] = (struct ji_encoding_stat){JI_PAGE_DATA_V2, JI_ENCODING_PLAIN, 1};
        else if (how == 2)
            made.stats[1].count = 0;
        else if (how == 3)
            made.stats[0] = (struct ji_encoding_stat){JI_PAGE_DATA, JI_ENCODING_RLE_DICTIONARY, -1};
        else if (how == 4)
            made.stats[1].encoding = (enum ji_encoding)99;
        else if (how == 5)
            made.chunk.dictionary_page_offset = -1;
        else if (how == 6)
            made.chunk.value_count = 0;
        else if (how == 7)
            made.header.type = JI_PAGE_INDEX;
        else
            made.header.encoding = JI_ENCODING_DELTA_BYTE_ARRAY;
        const enum joist_status status = read_facts(&made, &group_arena, &facts, NULL);
        if (status != JOIST_ERR_UNSUPPORTED)
            assert_ok(status);
        if (!may_have(&facts, "nobody"))
            fail_msg("case %d proves something", how);
    }
}

static void dictionaries_that_end_early_are_corrupt(void **state)
{
    (void)state;
    static const int32_t counts[] = {4, 5, 1000000, INT32_MAX};
    for (size_t index = 0; index < 4; index++) {
        struct coded made;
        struct ji_dictionary_facts facts = {.slot_count = 0};
        make(&made);
        made.header.value_count = counts[index];
        assert_status(read_facts(&made, &group_arena, &facts, NULL), JOIST_ERR_CORRUPT);
        assert_true(may_have(&facts, "nobody"));
    }
}

static enum joist_status read_once(struct joist_ctx *swept, void *arg, struct joist_error *err)
{
    struct coded made;
    struct ji_dictionary_facts facts;
    struct ji_arena own;
    make(&made);
    made.from.fail_at = arg != NULL ? *(const uint64_t *)arg : 0;
    ji_arena_init(&own, ji_ctx_mem(swept));
    const enum joist_status status = read_facts(&made, &own, &facts, err);
    ji_arena_clear(&own);
    return status;
}

static void every_failure_is_told(void **state)
{
    (void)state;
    uint64_t first = 1;
    oom_sweep(read_once, NULL);
    assert_status(read_once(group_ctx, &first, NULL), JOIST_ERR_IO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_dictionary_has_its_words_and_no_others),
            cmocka_unit_test(without_proof_that_all_pages_are_codes_nothing_is_known),
            cmocka_unit_test(dictionaries_that_end_early_are_corrupt),
            cmocka_unit_test(every_failure_is_told),
    };
    return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
}
