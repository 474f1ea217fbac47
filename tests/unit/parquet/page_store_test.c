/*
 * page_store_test.c - bytes in slabs and in a scratch file are read in their order, whatever the pieces
 */
#include "support/test.h"

#include "parquet/write/page_store.h"
#include "support/test_random.h"

#define BYTES ((size_t)3 << 20)
#define PIECE_MAX 20000

struct store_case {
    struct joist_ctx *ctx;
    struct ji_scratch *scratch;
    struct ji_page_store store;
    uint8_t *wanted;
};

static void case_open(struct store_case *c)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20, .scratch_folder = "."};
    uint64_t random = 7;
    assert_ok(joist_ctx_open(&options, &c->ctx, NULL));
    assert_ok(ji_scratch_open(c->ctx, ji_ctx_mem(c->ctx), &c->scratch, NULL));
    assert_ok(ji_alloc(ji_ctx_mem(c->ctx), BYTES, &c->wanted, NULL));
    test_random_fill(&random, c->wanted, BYTES);
    ji_page_store_init(&c->store, ji_ctx_mem(c->ctx));
}

static void case_close(struct store_case *c)
{
    ji_page_store_clear(&c->store);
    ji_free(ji_ctx_mem(c->ctx), c->wanted, BYTES);
    ji_scratch_close(c->scratch);
    joist_ctx_close(c->ctx);
}

/* In pieces, with everything moved to the scratch file `spills` times on the way. */
static void fill(struct store_case *c, size_t spills)
{
    uint64_t random = 11;
    size_t spilled = 0;
    for (size_t at = 0; at < BYTES;) {
        const size_t take = ji_min_size(test_random(&random) % PIECE_MAX, BYTES - at);
        assert_ok(ji_page_store_append(&c->store, ji_view_of(c->wanted + at, take), NULL));
        at += take;
        if (spilled < spills && at > BYTES / (spills + 1) * (spilled + 1)) {
            assert_ok(ji_page_store_spill(&c->store, c->scratch, NULL));
            spilled++;
        }
    }
    assert_int_equal(c->store.bytes, BYTES);
    assert_int_equal(c->store.extent_count, spills);
}

static void read_and_compare(struct store_case *c, size_t piece_max)
{
    static uint8_t piece[PIECE_MAX * 20];
    struct ji_page_cursor cursor;
    uint64_t random = 13;
    ji_page_cursor_init(&cursor, &c->store);
    for (size_t at = 0; at < BYTES;) {
        const size_t take = ji_min_size(test_random(&random) % piece_max, BYTES - at);
        assert_ok(ji_page_cursor_read(&cursor, piece, take, NULL));
        assert_memory_equal(piece, c->wanted + at, take);
        at += take;
    }
    ji_page_cursor_clear(&cursor);
}

static void what_was_stored_is_read_in_its_order(void **state)
{
    (void)state;
    for (size_t spills = 0; spills < 4; spills++) {
        struct store_case c;
        case_open(&c);
        fill(&c, spills);
        read_and_compare(&c, 100);
        read_and_compare(&c, PIECE_MAX * 20);
        case_close(&c);
    }
}

static void an_empty_store_gives_nothing(void **state)
{
    (void)state;
    struct store_case c;
    struct ji_page_cursor cursor;
    case_open(&c);
    ji_page_cursor_init(&cursor, &c.store);
    assert_ok(ji_page_cursor_read(&cursor, NULL, 0, NULL));
    ji_page_cursor_clear(&cursor);
    case_close(&c);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(what_was_stored_is_read_in_its_order),
            cmocka_unit_test(an_empty_store_gives_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
