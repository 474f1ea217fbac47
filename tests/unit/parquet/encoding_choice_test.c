/*
 * encoding_choice_test.c - which values call for which encoding, and files whose pages are of several
 */
#include "support/test.h"

#include "base/ctx.h"
#include "parquet/encode/encoding_choice.h"
#include "parquet/parquet_file_writer.h"
#include "parquet/read/parquet_file.h"
#include "support/oom.h"
#include "support/test_random.h"

#include <inttypes.h>
#include <stdio.h>

#define ROWS ((size_t)200000)
#define LOCATION "memory:choice.parquet"
#define TEXT_BYTES 64

struct choice_case {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct ji_schema schema;
    struct joist_parquet_writer *writer;
};

static void case_open(struct choice_case *c, const char *schema, enum joist_parquet_compat compat,
        enum joist_encoding encoding)
{
    const struct joist_ctx_options limits = {
            .struct_size = sizeof limits, .memory_bytes_max = (uint64_t)256 << 20, .threads = 1};
    const struct joist_parquet_column_options column = {
            .struct_size = sizeof column, .column = "c", .encoding = encoding};
    const struct joist_parquet_write_options options = {
            .struct_size = sizeof options, .compat = compat, .columns = &column, .column_count = 1};
    struct joist_sink sink;
    assert_ok(joist_ctx_open(&limits, &c->ctx, NULL));
    ji_arena_init(&c->arena, ji_ctx_mem(c->ctx));
    assert_ok(ji_schema_parse(&c->arena, ji_view_of_text(schema), &c->schema, NULL));
    assert_ok(joist_sink_open(c->ctx, LOCATION, JOIST_SINK_REPLACE, &sink, NULL));
    assert_ok(
            ji_parquet_writer_open(c->ctx, ji_ctx_mem(c->ctx), sink, &c->schema, &options, &c->writer, NULL));
}

static void case_append(struct choice_case *c, const void *values, size_t rows)
{
    struct ji_column column = {.field = &c->schema.columns[0], .row_count = rows, .values = values};
    const struct ji_batch batch = {
            .column_count = 1, .columns = &column, .row_count = rows, .selection_count = rows};
    assert_ok(ji_parquet_writer_append(c->writer, &batch, NULL));
}

static struct joist_parquet_choice case_choice(struct choice_case *c)
{
    struct joist_parquet_choice choice = {.struct_size = sizeof choice};
    assert_int_equal(joist_parquet_writer_leaf_count(c->writer), 1);
    assert_ok(joist_parquet_writer_choice(c->writer, 0, &choice, NULL));
    return choice;
}

/* Ends the file, and has every byte of it checked; the chunk's encoding_stats as text: "5:1 8:2". */
static void case_close(struct choice_case *c, const char *pages)
{
    struct joist_source source;
    struct joist_parquet_file *file = NULL;
    struct joist_parquet_checked checked = {.struct_size = sizeof checked};
    const struct ji_chunk *chunk = NULL;
    char text[128] = "";
    assert_ok(joist_parquet_writer_finish(c->writer, NULL, NULL));
    assert_ok(joist_source_open(c->ctx, LOCATION, &source, NULL));
    assert_ok(joist_parquet_open(c->ctx, source, NULL, &file, NULL));
    assert_ok(joist_parquet_check(file, NULL, &checked, NULL));
    assert_int_equal(checked.faults, 0);
    assert_int_equal(checked.unverified, 0);
    assert_ok(ji_file_chunk(file, 0, 0, &chunk, NULL));
    for (size_t i = 0; i < chunk->encoding_stat_count; i++)
        if (chunk->encoding_stats[i].page_type != JI_PAGE_DICTIONARY)
            snprintf(text + strlen(text), sizeof text - strlen(text), "%s%d:%d", text[0] == 0 ? "" : " ",
                    (int)chunk->encoding_stats[i].encoding, (int)chunk->encoding_stats[i].count);
    if (pages != NULL)
        assert_string_equal(text, pages);
    joist_parquet_close(file);
    ji_arena_clear(&c->arena);
    joist_ctx_close(c->ctx);
}

static int64_t numbers[ROWS];
static double reals[ROWS];
static struct ji_view views[ROWS];
static char texts[ROWS][TEXT_BYTES];

enum kind { SORTED, RANDOM, FEW, GROUPS };

static void make_numbers(enum kind kind)
{
    uint64_t seed = 11;
    int64_t value = 1000;
    for (size_t i = 0; i < ROWS; i++) {
        const uint64_t random = test_random(&seed);
        value += (int64_t)(random % 7);
        if (kind == SORTED)
            numbers[i] = value;
        else if (kind == RANDOM)
            numbers[i] = (int64_t)random;
        else if (kind == FEW)
            numbers[i] = (int64_t)(random % 100 * UINT64_C(0x123456789));
        else
            numbers[i] = (int64_t)(i / 4); /* every value four times: a dictionary would grow for ever */
    }
}

static void make_texts(const char *format, uint64_t distinct)
{
    uint64_t seed = 5;
    for (size_t i = 0; i < ROWS; i++) {
        const uint64_t random = test_random(&seed);
        const int size = snprintf(texts[i], TEXT_BYTES, format,
                (unsigned)(distinct == 0 ? i : random % distinct), (unsigned)(random >> 40));
        views[i] = ji_view_of(texts[i], (size_t)size);
    }
}

static void expect(const char *schema, enum joist_parquet_compat compat, const void *values,
        const char *encoding, const char *pages)
{
    struct choice_case c;
    case_open(&c, schema, compat, JOIST_ENCODING_DEFAULT);
    case_append(&c, values, ROWS);
    const struct joist_parquet_choice choice = case_choice(&c);
    assert_string_equal(choice.encoding, encoding);
    assert_string_equal(choice.column, "c");
    assert_false(choice.is_asked);
    assert_in_range(choice.sample_values, 1000, 20000);
    assert_true(choice.sample_bytes > 0 && choice.alternative_count > 1);
    case_close(&c, pages);
}

static void integers_take_the_encoding_that_suits_them(void **state)
{
    (void)state;
    make_numbers(SORTED);
    expect("c long", JOIST_PARQUET_COMPAT_WIDE, numbers, "DELTA_BINARY_PACKED", "5:4");
    make_numbers(GROUPS);
    expect("c long", JOIST_PARQUET_COMPAT_WIDE, numbers, "DELTA_BINARY_PACKED", "5:4");
    make_numbers(FEW);
    expect("c long", JOIST_PARQUET_COMPAT_WIDE, numbers, "RLE_DICTIONARY", "8:4");
    make_numbers(RANDOM);
    expect("c long", JOIST_PARQUET_COMPAT_WIDE, numbers, "PLAIN", "0:4");
}

static void old_readers_get_what_they_know(void **state)
{
    (void)state;
    make_numbers(SORTED);
    expect("c long", JOIST_PARQUET_COMPAT_V1, numbers, "PLAIN", "0:4");
    make_texts("%u/%u", 0);
    expect("c string", JOIST_PARQUET_COMPAT_V1, views, "PLAIN", NULL);
}

static void texts_take_the_encoding_that_suits_them(void **state)
{
    (void)state;
    make_texts("word %u", 300);
    expect("c string", JOIST_PARQUET_COMPAT_WIDE, views, "RLE_DICTIONARY", "8:4");
    make_texts("%u quickly %x beside the foxes", UINT32_MAX);
    expect("c string", JOIST_PARQUET_COMPAT_WIDE, views, "DELTA_LENGTH_BYTE_ARRAY", NULL);
    make_texts("https://example.org/a/long/way/to/page/%012u", 0);
    expect("c string", JOIST_PARQUET_COMPAT_WIDE, views, "DELTA_BYTE_ARRAY", NULL);
}

static void reals_take_dictionary_or_streams(void **state)
{
    (void)state;
    uint64_t seed = 9;
    for (size_t i = 0; i < ROWS; i++)
        reals[i] = (double)(test_random(&seed) % 10000) / 100.0;
    expect("c double", JOIST_PARQUET_COMPAT_WIDE, reals, "RLE_DICTIONARY", "8:4");
    for (size_t i = 0; i < ROWS; i++)
        reals[i] = (double)(test_random(&seed) >> 11) / 9007199254740992.0;
    expect("c double", JOIST_PARQUET_COMPAT_WIDE, reals, "PLAIN", "0:4");
    expect("c double", JOIST_PARQUET_COMPAT_NEW, reals, "BYTE_STREAM_SPLIT", "9:4");
}

/* Four pages of few values, then values that are all new: the dictionary ends, and the chunk goes on. */
static void a_chunk_goes_on_otherwise_where_the_data_drifts(void **state)
{
    (void)state;
    struct choice_case c;
    make_numbers(FEW);
    case_open(&c, "c long", JOIST_PARQUET_COMPAT_WIDE, JOIST_ENCODING_DEFAULT);
    case_append(&c, numbers, 131072);
    make_numbers(SORTED);
    case_append(&c, numbers, ROWS);
    case_close(&c, NULL);

    /*
     * From steps to leaps: the differences take much more, and are tried against the others again, once the
     * first page that did is known to, which is two pages later.
     */
    make_numbers(SORTED);
    case_open(&c, "c long", JOIST_PARQUET_COMPAT_WIDE, JOIST_ENCODING_DEFAULT);
    case_append(&c, numbers, 131072);
    make_numbers(RANDOM);
    case_append(&c, numbers, 196608);
    case_append(&c, numbers, 131072);
    case_close(&c, "0:2 5:5");
}

/* Trials on so many of `values` against `choice`, in a request of an INT64 column without dictionary. */
static bool holds(struct joist_ctx *ctx, struct ji_encoding_choice *choice, size_t count, bool anew)
{
    struct ji_codec_context *codec = NULL;
    struct ji_bytes rooms[3];
    bool is_held = false;
    assert_ok(ji_codec_context_open(ji_ctx_mem(ctx), &codec, NULL));
    for (size_t i = 0; i < 3; i++)
        ji_bytes_init(&rooms[i], ji_ctx_mem(ctx));
    const struct ji_choice_room room = {
            .codec = codec, .encoded = &rooms[0], .packed = &rooms[1], .scratch = &rooms[2]};
    const struct ji_choice_request request = {
            .raw = {.shape = JI_BLOCK_EIGHT,
                    .count = count,
                    .data = (const uint8_t *)numbers,
                    .bytes = count * sizeof numbers[0]},
            .allowed = 1u << JI_ENCODING_PLAIN | 1u << JI_ENCODING_DELTA_BINARY_PACKED,
            .chunk_values = ROWS,
            .codec = JI_CODEC_ZSTD,
    };
    if (anew)
        assert_ok(ji_encoding_choose(&request, &room, choice, NULL));
    else
        assert_ok(ji_encoding_look_over(&request, &room, choice, &is_held, NULL));
    for (size_t i = 0; i < 3; i++)
        ji_bytes_clear(&rooms[i]);
    ji_codec_context_close(codec);
    return is_held;
}

static void a_choice_holds_for_chunks_that_are_alike(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct ji_encoding_choice choice = {.sample_values = 0};
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_false(ji_choice_may_hold(&choice, UINT32_MAX));
    make_numbers(SORTED);
    holds(ctx, &choice, 16384, true);
    assert_int_equal(choice.plan.encoding, JI_ENCODING_DELTA_BINARY_PACKED);
    assert_false(ji_choice_may_hold(&choice, 1u << JI_ENCODING_PLAIN));
    const size_t estimates = choice.estimate_count;
    assert_int_equal(estimates, 2);
    for (unsigned chunk = 0; chunk < 3; chunk++)
        assert_true(holds(ctx, &choice, 16384 - chunk, false));
    assert_int_equal(choice.held, 3);
    assert_int_equal(choice.estimate_count, estimates);
    make_numbers(RANDOM);
    assert_false(holds(ctx, &choice, 16384, false));
    make_numbers(SORTED);
    while (ji_choice_may_hold(&choice, UINT32_MAX)) /* not for ever, however alike they are */
        assert_true(holds(ctx, &choice, 16384, false));
    assert_in_range(choice.held, 4, 100);
    holds(ctx, &choice, 16384, true);
    assert_int_equal(choice.held, 0);
    joist_ctx_close(ctx);
}

static void an_encoding_asked_for_is_not_chosen(void **state)
{
    (void)state;
    struct choice_case c;
    make_numbers(FEW);
    case_open(&c, "c long", JOIST_PARQUET_COMPAT_NEW, JOIST_ENCODING_BYTE_STREAM_SPLIT);
    case_append(&c, numbers, ROWS);
    const struct joist_parquet_choice choice = case_choice(&c);
    assert_string_equal(choice.encoding, "BYTE_STREAM_SPLIT");
    assert_true(choice.is_asked);
    case_close(&c, "9:4");
    for (size_t i = 0; i < ROWS; i++)
        reals[i] = (double)(int64_t)(i % 1000) / 8;
    case_open(&c, "c double", JOIST_PARQUET_COMPAT_NEW, JOIST_ENCODING_ALP);
    case_append(&c, reals, ROWS);
    case_close(&c, "10:4");
    make_numbers(RANDOM);
    case_open(&c, "c long", JOIST_PARQUET_COMPAT_WIDE, JOIST_ENCODING_DICTIONARY);
    case_append(&c, numbers, 1000);
    case_close(&c, "8:1");
    /* It holds what it can; what comes behind is as it is. */
    case_open(&c, "c long", JOIST_PARQUET_COMPAT_WIDE, JOIST_ENCODING_DICTIONARY);
    case_append(&c, numbers, ROWS);
    case_append(&c, numbers, ROWS);
    case_close(&c, NULL);
}

static void too_few_values_for_a_sample_are_enough_for_who_asks(void **state)
{
    (void)state;
    struct choice_case c;
    make_numbers(SORTED);
    case_open(&c, "c long", JOIST_PARQUET_COMPAT_WIDE, JOIST_ENCODING_DEFAULT);
    assert_null(case_choice(&c).encoding);
    case_append(&c, numbers, 100);
    const struct joist_parquet_choice choice = case_choice(&c);
    assert_string_equal(choice.encoding, "DELTA_BINARY_PACKED");
    assert_int_equal(choice.sample_values, 100);
    assert_int_equal(choice.sample_bytes, 800);
    struct joist_error err;
    struct joist_parquet_choice unset = {.struct_size = 0};
    assert_status(joist_parquet_writer_choice(c.writer, 0, &unset, &err), JOIST_ERR_INVALID);
    unset.struct_size = sizeof unset;
    assert_status(joist_parquet_writer_choice(c.writer, 1, &unset, &err), JOIST_ERR_INVALID);
    case_close(&c, "5:1");
}

struct sweep {
    const char *schema;
    enum joist_encoding encoding;
    const void *values;
    size_t rows;
};

static enum joist_status write_one(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct sweep *sweep = arg;
    const struct joist_parquet_column_options column = {
            .struct_size = sizeof column, .column = "c", .encoding = sweep->encoding};
    const struct joist_parquet_write_options options = {.struct_size = sizeof options,
            .compat = JOIST_PARQUET_COMPAT_NEW,
            .columns = &column,
            .column_count = 1};
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    struct ji_schema schema;
    struct joist_sink sink = {.ops = NULL};
    struct joist_parquet_writer *writer = NULL;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    JI_TRY_OUT(ji_schema_parse(&arena, ji_view_of_text(sweep->schema), &schema, err));
    JI_TRY_OUT(joist_sink_open(ctx, LOCATION, JOIST_SINK_REPLACE, &sink, err));
    JI_TRY_OUT(ji_parquet_writer_open(ctx, ji_ctx_mem(ctx), sink, &schema, &options, &writer, err));
    sink.ops = NULL;
    struct ji_column values = {
            .field = &schema.columns[0], .row_count = sweep->rows, .values = sweep->values};
    const struct ji_batch batch = {
            .column_count = 1, .columns = &values, .row_count = sweep->rows, .selection_count = sweep->rows};
    JI_TRY_OUT(ji_parquet_writer_append(writer, &batch, err));
    struct joist_parquet_choice choice = {.struct_size = sizeof choice};
    JI_TRY_OUT(joist_parquet_writer_choice(writer, 0, &choice, err));
    struct joist_parquet_writer *finished = writer;
    writer = NULL;
    status = joist_parquet_writer_finish(finished, NULL, err);
out:
    if (writer != NULL)
        joist_parquet_writer_abort(writer);
    else if (sink.ops != NULL)
        joist_sink_abort(&sink);
    ji_arena_clear(&arena);
    return status;
}

static void every_failed_allocation_is_told(void **state)
{
    (void)state;
    make_numbers(SORTED);
    make_texts("%u quickly %x", 0);
    for (size_t i = 0; i < ROWS; i++)
        reals[i] = (double)(int64_t)(i % 1000) / 8;
    const struct sweep sweeps[] = {
            {"c long", JOIST_ENCODING_DEFAULT, numbers, 3000},
            {"c long", JOIST_ENCODING_BYTE_STREAM_SPLIT, numbers, 3000},
            {"c string", JOIST_ENCODING_DEFAULT, views, 3000},
            {"c string", JOIST_ENCODING_DELTA_BYTE_ARRAY, views, 3000},
            {"c double", JOIST_ENCODING_ALP, reals, 3000},
    };
    for (size_t i = 0; i < sizeof sweeps / sizeof sweeps[0]; i++) {
        struct sweep sweep = sweeps[i];
        oom_sweep(write_one, &sweep);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(integers_take_the_encoding_that_suits_them),
            cmocka_unit_test(old_readers_get_what_they_know),
            cmocka_unit_test(texts_take_the_encoding_that_suits_them),
            cmocka_unit_test(reals_take_dictionary_or_streams),
            cmocka_unit_test(a_chunk_goes_on_otherwise_where_the_data_drifts),
            cmocka_unit_test(a_choice_holds_for_chunks_that_are_alike),
            cmocka_unit_test(an_encoding_asked_for_is_not_chosen),
            cmocka_unit_test(too_few_values_for_a_sample_are_enough_for_who_asks),
            cmocka_unit_test(every_failed_allocation_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
