/*
 * wide_footer_test.c - a footer that is not held: chunks are found where they stand, by several threads too
 */
#include "support/test.h"

#include "parquet/read/parquet_file.h"
#include "support/bytes_source.h"
#include "support/footer_bytes.h"
#include "support/oom.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#define COLUMNS ((size_t)1500)
#define GROUPS ((size_t)4)
#define ROWS 10
#define DATA_BYTES ((size_t)5000)
#define VALUE_BYTES ((size_t)1100 << 10) /* more than the window that a footer passes through */
#define NAME_BYTES ((size_t)600 << 10)

/* A file of pages that nobody reads and a footer of some 1.4 MB. */
struct wide {
    struct joist_ctx *ctx;
    struct ji_arena arena;
    struct ji_footer footer;
    struct ji_bytes file;
    size_t footer_bytes;
};

static struct ji_view name_of(struct ji_arena *arena, size_t column)
{
    const char *text = NULL;
    if (column == 700) {
        /* One name is longer than the window. */
        char *name = NULL;
        assert_ok(ji_arena_alloc(arena, NAME_BYTES, &name, NULL));
        memset(name, 'n', NAME_BYTES);
        return ji_view_of(name, NAME_BYTES);
    }
    assert_ok(ji_arena_printf(arena, &text, NULL, "column %zu", column * column));
    return ji_view_of_text(text);
}

static struct ji_chunk make_chunk(struct wide *wide, size_t group, size_t column)
{
    struct ji_statistics *statistics = NULL;
    const char *min = NULL;
    assert_ok(ji_arena_array(&wide->arena, 1, sizeof *statistics, &statistics, NULL));
    assert_ok(ji_arena_printf(&wide->arena, &min, NULL, "%zu", group * column * 37));
    statistics->has_min = statistics->has_null_count = true;
    statistics->min = ji_view_of_text(min);
    statistics->null_count = (int64_t)(column % 3);
    return (struct ji_chunk){
            .physical = JI_PHYSICAL_BYTE_ARRAY,
            .codec = JI_PARQUET_SNAPPY,
            .encodings = 1u << (column % 5 == 0 ? JI_ENCODING_PLAIN : JI_ENCODING_RLE_DICTIONARY),
            .has_metadata = true,
            .value_count = ROWS,
            .uncompressed_bytes = (int64_t)(group * 1000 + column),
            .compressed_bytes = (int64_t)(100 + column % 200),
            .data_page_offset = (int64_t)(4 + column),
            .dictionary_page_offset = column % 7 == 0 ? 4 : -1,
            .index_page_offset = -1,
            .bloom_offset = -1,
            .bloom_bytes = -1,
            .offset_index_offset = -1,
            .column_index_offset = -1,
            .path = &wide->footer.elements[column + 1].name,
            .path_count = 1,
            .statistics = column % 11 == 0 ? NULL : statistics,
    };
}

static void make_elements(struct wide *wide)
{
    struct ji_schema_element *elements = NULL;
    assert_ok(ji_arena_array(&wide->arena, COLUMNS + 1, sizeof elements[0], &elements, NULL));
    elements[0] = (struct ji_schema_element){.name = ji_view_of_text("root"),
            .physical = JI_PHYSICAL_NONE,
            .child_count = (int32_t)COLUMNS,
            .converted = JI_CONVERTED_NONE};
    for (size_t column = 0; column < COLUMNS; column++)
        elements[column + 1] = (struct ji_schema_element){.name = name_of(&wide->arena, column),
                .physical = JI_PHYSICAL_BYTE_ARRAY,
                .repetition = JI_OPTIONAL,
                .converted = JI_CONVERTED_NONE};
    wide->footer.elements = elements;
    wide->footer.element_count = COLUMNS + 1;
}

static void make_footer(struct wide *wide)
{
    static struct ji_key_value pair;
    static enum ji_column_order orders[COLUMNS];
    char *value = NULL;
    make_elements(wide);
    assert_ok(ji_arena_alloc(&wide->arena, VALUE_BYTES, &value, NULL));
    for (size_t at = 0; at < VALUE_BYTES; at++)
        value[at] = (char)('a' + at % 26);
    pair = (struct ji_key_value){
            .key = ji_view_of_text("key"), .value = ji_view_of(value, VALUE_BYTES), .has_value = true};
    for (size_t column = 0; column < COLUMNS; column++)
        orders[column] = JI_ORDER_TYPE;
    struct ji_footer *const footer = &wide->footer;
    assert_ok(ji_arena_array(&wide->arena, GROUPS, sizeof footer->groups[0], &footer->groups, NULL));
    for (size_t group = 0; group < GROUPS; group++) {
        struct ji_row_group *const made = &footer->groups[group];
        *made = (struct ji_row_group){.chunk_count = COLUMNS, .row_count = ROWS, .ordinal = (int32_t)group};
        assert_ok(ji_arena_array(&wide->arena, COLUMNS, sizeof made->chunks[0], &made->chunks, NULL));
        for (size_t column = 0; column < COLUMNS; column++)
            made->chunks[column] = make_chunk(wide, group, column);
    }
    footer->version = 2;
    footer->row_count = (int64_t)GROUPS * ROWS;
    footer->group_count = GROUPS;
    footer->key_values = &pair;
    footer->key_value_count = 1;
    footer->created_by = ji_view_of_text("a test");
    footer->orders = orders;
    footer->order_count = COLUMNS;
}

static int open_wide(void **state)
{
    static struct wide wide;
    const struct joist_ctx_options options = {.struct_size = sizeof options};
    wide = (struct wide){.ctx = NULL};
    assert_ok(joist_ctx_open(&options, &wide.ctx, NULL));
    ji_arena_init(&wide.arena, ji_ctx_mem(wide.ctx));
    ji_bytes_init(&wide.file, ji_ctx_mem(wide.ctx));
    make_footer(&wide);
    assert_ok(ji_bytes_append_text(&wide.file, "PAR1", NULL));
    for (size_t at = 4; at < DATA_BYTES; at++)
        assert_ok(ji_bytes_append_byte(&wide.file, 0, NULL));
    footer_bytes(&wide.file, &wide.footer);
    wide.footer_bytes = wide.file.size - DATA_BYTES;
    uint8_t length[4];
    ji_store_le32(length, (uint32_t)wide.footer_bytes);
    assert_ok(ji_bytes_append(&wide.file, length, sizeof length, NULL));
    assert_ok(ji_bytes_append_text(&wide.file, "PAR1", NULL));
    assert_true(wide.footer_bytes > (size_t)5 << 18);
    *state = &wide;
    return 0;
}

static int close_wide(void **state)
{
    struct wide *const wide = *state;
    ji_bytes_clear(&wide->file);
    ji_arena_clear(&wide->arena);
    joist_ctx_close(wide->ctx);
    return 0;
}

static bool is_chunk(const struct ji_chunk *chunk, const struct ji_chunk *wanted)
{
    const struct ji_statistics *const statistics = chunk->statistics;
    if ((statistics != NULL) != (wanted->statistics != NULL))
        return false;
    if (statistics != NULL &&
            (!ji_view_equal(statistics->min, wanted->statistics->min) ||
                    statistics->null_count != wanted->statistics->null_count))
        return false;
    return chunk->physical == wanted->physical && chunk->codec == wanted->codec &&
            chunk->encodings == wanted->encodings && chunk->value_count == wanted->value_count &&
            chunk->uncompressed_bytes == wanted->uncompressed_bytes &&
            chunk->compressed_bytes == wanted->compressed_bytes &&
            chunk->data_page_offset == wanted->data_page_offset &&
            chunk->dictionary_page_offset == wanted->dictionary_page_offset && chunk->path_count == 1 &&
            ji_view_equal(chunk->path[0], wanted->path[0]);
}

static void all_of_it_is_read_through_the_window(void **state)
{
    struct wide *const wide = *state;
    for (unsigned is_short = 0; is_short < 2; is_short++) {
        struct bytes_source from = {
                .data = wide->file.data, .size = wide->file.size, .is_short = is_short != 0};
        struct joist_parquet_file *file = NULL;
        assert_ok(joist_parquet_open(wide->ctx, bytes_source(&from), NULL, &file, NULL));
        assert_null(file->footer_bytes.data);
        const struct ji_footer *const footer = &file->footer;
        assert_int_equal(footer->version, 2);
        assert_int_equal(footer->row_count, GROUPS * ROWS);
        assert_int_equal(footer->order_count, COLUMNS);
        assert_int_equal(footer->orders[COLUMNS - 1], JI_ORDER_TYPE);
        assert_true(ji_view_equal_text(footer->created_by, "a test"));
        assert_int_equal(footer->decoded_bytes, wide->footer_bytes);
        assert_int_equal(footer->key_value_count, 1);
        assert_true(ji_view_equal(footer->key_values[0].value, wide->footer.key_values[0].value));
        for (size_t column = 0; column < COLUMNS; column++)
            assert_true(
                    ji_view_equal(footer->elements[column + 1].name, wide->footer.elements[column + 1].name));
        struct ji_arena arena;
        ji_arena_init(&arena, ji_ctx_mem(wide->ctx));
        for (size_t group = 0; group < GROUPS; group++) {
            for (size_t column = 0; column < COLUMNS; column++) {
                const struct ji_chunk *chunk = NULL;
                ji_arena_reset(&arena);
                assert_ok(ji_file_chunk_read(file, group, column, &arena, &chunk, NULL));
                assert_true(is_chunk(chunk, &wide->footer.groups[group].chunks[column]));
            }
        }
        ji_arena_clear(&arena);
        joist_parquet_close(file);
    }
}

struct asker {
    const struct wide *wide;
    const struct joist_parquet_file *file;
    size_t start;
    const struct ji_chunk *chunks[GROUPS * COLUMNS];
    bool is_right;
};

static void *ask_all(void *arg)
{
    struct asker *const asker = arg;
    asker->is_right = true;
    for (size_t step = 0; step < GROUPS * COLUMNS; step++) {
        const size_t at = (asker->start + step * 7) % (GROUPS * COLUMNS);
        const struct ji_chunk **const chunk = &asker->chunks[at];
        if (ji_file_chunk(asker->file, at / COLUMNS, at % COLUMNS, chunk, NULL) != JOIST_OK ||
                !is_chunk(*chunk, &asker->wide->footer.groups[at / COLUMNS].chunks[at % COLUMNS]))
            asker->is_right = false;
    }
    return NULL;
}

static void threads_that_ask_at_once_get_the_same_chunks(void **state)
{
    struct wide *const wide = *state;
    struct bytes_source from = {.data = wide->file.data, .size = wide->file.size};
    struct joist_parquet_file *file = NULL;
    assert_ok(joist_parquet_open(wide->ctx, bytes_source(&from), NULL, &file, NULL));
    pthread_t threads[3];
    struct asker *const askers = calloc(3, sizeof *askers);
    for (size_t index = 0; index < 3; index++) {
        askers[index].wide = wide;
        askers[index].file = file;
        askers[index].start = index * 1000;
        assert_int_equal(pthread_create(&threads[index], NULL, ask_all, &askers[index]), 0);
    }
    for (size_t index = 0; index < 3; index++) {
        pthread_join(threads[index], NULL);
        assert_true(askers[index].is_right);
        assert_memory_equal(askers[index].chunks, askers[0].chunks, sizeof askers[0].chunks);
    }
    free(askers);
    joist_parquet_close(file);
}

static void chunks_side_by_side_are_read_at_once(void **state)
{
    struct wide *const wide = *state;
    struct bytes_source from = {.data = wide->file.data, .size = wide->file.size};
    struct joist_parquet_file *file = NULL;
    const struct ji_chunk *chunk = NULL;
    assert_ok(joist_parquet_open(wide->ctx, bytes_source(&from), NULL, &file, NULL));
    from.reads = 0;
    for (size_t leaf = 0; leaf < 4 * (size_t)JI_CHUNKS_A_MARK; leaf++)
        assert_ok(ji_file_chunk(file, 2, leaf, &chunk, NULL));
    assert_int_equal(from.reads, 4);
    /* What could not be read is not there. */
    const size_t leaf = 5 * (size_t)JI_CHUNKS_A_MARK;
    from.reads = 0;
    from.fail_at = 1;
    assert_status(ji_file_chunk(file, 2, leaf, &chunk, NULL), JOIST_ERR_IO);
    from.fail_at = 0;
    assert_ok(ji_file_chunk(file, 2, leaf, &chunk, NULL));
    assert_int_equal(chunk->uncompressed_bytes, 2000 + leaf);
    assert_ok(ji_file_chunk(file, 2, 2, &chunk, NULL));
    assert_int_equal(from.reads, 2);
    joist_parquet_close(file);
}

/* Opens and asks for one chunk of the last group. */
static enum joist_status ask_one(struct joist_ctx *ctx, struct bytes_source *from, struct joist_error *err)
{
    struct joist_parquet_file *file = NULL;
    const struct ji_chunk *chunk = NULL;
    JI_TRY(joist_parquet_open(ctx, bytes_source(from), NULL, &file, err));
    const enum joist_status status = ji_file_chunk(file, GROUPS - 1, 77, &chunk, err);
    joist_parquet_close(file);
    return status;
}

static void every_read_that_fails_is_an_error(void **state)
{
    struct wide *const wide = *state;
    struct bytes_source from = {.data = wide->file.data, .size = wide->file.size};
    for (from.fail_at = 1;; from.fail_at++) {
        from.reads = 0;
        const enum joist_status status = ask_one(wide->ctx, &from, NULL);
        if (from.reads < from.fail_at) {
            assert_ok(status);
            break;
        }
        assert_status(status, JOIST_ERR_IO);
    }
    assert_true(from.fail_at > 5);
}

static enum joist_status open_short_of_memory(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct wide *const wide = arg;
    struct bytes_source from = {.data = wide->file.data, .size = wide->file.size};
    return ask_one(ctx, &from, err);
}

static void every_allocation_that_fails_is_given_back(void **state)
{
    oom_sweep(open_short_of_memory, *state);
}

static void a_footer_that_ends_early_is_corrupt_wherever_it_ends(void **state)
{
    struct wide *const wide = *state;
    const size_t tail = 8;
    uint8_t *const bytes = malloc(wide->file.size);
    for (size_t cut = 1; cut < wide->footer_bytes - ((size_t)1 << 20); cut += 9973) {
        const size_t kept = wide->file.size - tail - cut;
        memcpy(bytes, wide->file.data, kept);
        memcpy(bytes + kept, wide->file.data + wide->file.size - tail, tail);
        ji_store_le32(bytes + kept, (uint32_t)(wide->footer_bytes - cut));
        struct bytes_source from = {.data = bytes, .size = kept + tail};
        struct joist_error err;
        assert_status(ask_one(wide->ctx, &from, &err), JOIST_ERR_CORRUPT);
        assert_non_null(strstr(err.text, "footer: "));
    }
    free(bytes);
}

static void a_chunk_that_is_wrong_is_refused_when_it_is_asked_for(void **state)
{
    struct wide *const wide = *state;
    struct ji_bytes changed;
    ji_bytes_init(&changed, ji_ctx_mem(wide->ctx));
    assert_ok(ji_bytes_append(&changed, wide->file.data, DATA_BYTES, NULL));
    struct ji_chunk *const wrong = &wide->footer.groups[2].chunks[100];
    wrong->value_count++;
    footer_bytes(&changed, &wide->footer);
    wrong->value_count--;
    uint8_t length[4];
    ji_store_le32(length, (uint32_t)(changed.size - DATA_BYTES));
    assert_ok(ji_bytes_append(&changed, length, sizeof length, NULL));
    assert_ok(ji_bytes_append_text(&changed, "PAR1", NULL));
    struct bytes_source from = {.data = changed.data, .size = changed.size};
    struct joist_parquet_file *file = NULL;
    struct joist_error err;
    const struct ji_chunk *chunk = NULL;
    assert_ok(joist_parquet_open(wide->ctx, bytes_source(&from), NULL, &file, NULL));
    assert_ok(ji_file_chunk(file, 2, 99, &chunk, NULL));
    assert_ok(ji_file_chunk(file, 3, 100, &chunk, NULL));
    assert_status(ji_file_chunk(file, 2, 100, &chunk, &err), JOIST_ERR_CORRUPT);
    assert_non_null(strstr(err.text, "row group 2: column 'column 10000': 11 values for 10 rows"));
    joist_parquet_close(file);
    ji_bytes_clear(&changed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(all_of_it_is_read_through_the_window),
            cmocka_unit_test(threads_that_ask_at_once_get_the_same_chunks),
            cmocka_unit_test(chunks_side_by_side_are_read_at_once),
            cmocka_unit_test(every_read_that_fails_is_an_error),
            cmocka_unit_test(every_allocation_that_fails_is_given_back),
            cmocka_unit_test(a_footer_that_ends_early_is_corrupt_wherever_it_ends),
            cmocka_unit_test(a_chunk_that_is_wrong_is_refused_when_it_is_asked_for),
    };
    return cmocka_run_group_tests(tests, open_wide, close_wide);
}
