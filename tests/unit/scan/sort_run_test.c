/*
 * sort_run_test.c - sorts within and beyond their memory: order, every bit of every type, failures
 */
#include "support/oom.h"
#include "support/random_rows.h"
#include "support/temp_folder.h"
#include "support/test_random.h"

#include "scan/sort_passes.h"
#include "scan/sort_run.h"

#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* Little enough for dozens of runs that need more than one pass. */
#define FEW_BYTES ((uint64_t)192 << 10)

struct orders {
    const struct ji_expr *keys[3];
    struct ji_expr nodes[3];
    struct ji_sort_order orders[3];
    struct ji_sort_options options;
};

/* By two columns; all rows, or a few. */
static void order_by(struct orders *by, const char *first, const char *second, bool descending)
{
    const struct ji_schema *schema = random_rows_schema();
    const char *const names[] = {first, second};
    *by = (struct orders){.options = {.schema = schema, .key_count = second == NULL ? 1 : 2}};
    for (size_t i = 0; i < by->options.key_count; i++) {
        const size_t column = ji_schema_find(schema, ji_view_of_text(names[i]));
        by->nodes[i] = (struct ji_expr){
                .op = JI_EXPR_COLUMN, .type = schema->columns[column], .name = names[i], .column = column};
        by->keys[i] = &by->nodes[i];
        by->orders[i] = (struct ji_sort_order){.descending = descending, .nulls_first = i == 1};
    }
    by->options.keys = by->keys;
    by->options.orders = by->orders;
}

static struct joist_ctx *open_ctx(unsigned threads, const char *scratch, uint64_t scratch_bytes)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options,
            .memory_bytes_max = (uint64_t)256 << 20,
            .threads = threads,
            .scratch_folder = scratch,
            .scratch_bytes_max = scratch_bytes};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

/* Where row `id` is. */
static const struct ji_batch *find(const struct random_rows *rows, int64_t id, size_t *row)
{
    for (size_t index = 0; index < rows->batch_count; index++) {
        const struct ji_batch *batch = &rows->batches[index];
        const int64_t *ids = batch->columns[0].values;
        if (batch->row_count == 0 || id < ids[0] || id > ids[batch->row_count - 1])
            continue;
        *row = (size_t)(id - ids[0]);
        return batch;
    }
    fail_msg("no row %lld", (long long)id);
    return NULL;
}

/* Below, at or above 0, for two rows of the input. */
static int compare_ids(const struct random_rows *rows, const struct orders *by, int64_t a, int64_t b)
{
    size_t a_row = 0;
    size_t b_row = 0;
    const struct ji_batch *left = find(rows, a, &a_row);
    const struct ji_batch *right = find(rows, b, &b_row);
    for (size_t key = 0; key < by->options.key_count; key++) {
        const struct ji_expr *node = by->keys[key];
        const struct ji_value x = ji_column_value(&left->columns[node->column], a_row);
        const struct ji_value y = ji_column_value(&right->columns[node->column], b_row);
        const int order = ji_value_compare_key(
                &node->type, by->orders[key].descending, by->orders[key].nulls_first, &x, &y);
        if (order != 0)
            return order;
    }
    return (a > b) - (a < b);
}

/* All of one sort: rows in order, equal ones as they came, each as it was. Sets how many there were. */
static enum joist_status drain(struct joist_ctx *ctx, struct random_rows *rows, const struct orders *by,
        size_t *count, struct joist_error *err)
{
    struct ji_rows_scan input = random_rows_scan(rows);
    struct ji_rows_scan sorted = {0};
    struct ji_rows_cursor cursor = {0};
    const struct ji_batch *batch = NULL;
    int64_t before = -1;
    *count = 0;
    JI_TRY(ji_sort_run(ctx, &input, &by->options, &sorted, err));
    enum joist_status status = sorted.ops->open(sorted.self, 0, ji_ctx_mem(ctx), &cursor, err);
    while (status == JOIST_OK) {
        status = cursor.ops->next(cursor.self, &batch, err);
        if (status != JOIST_OK || batch == NULL)
            break;
        for (size_t row = 0; row < batch->row_count; row++) {
            const int64_t id = ((const int64_t *)batch->columns[0].values)[row];
            size_t from_row = 0;
            const struct ji_batch *from = find(rows, id, &from_row);
            for (size_t column = 0; column < batch->column_count; column++)
                assert_true(same_value(&from->columns[column], from_row, &batch->columns[column], row));
            assert_true(before < 0 || compare_ids(rows, by, before, id) < 0);
            before = id;
        }
        *count += batch->row_count;
    }
    if (cursor.ops != NULL)
        cursor.ops->close(cursor.self);
    sorted.ops->close(sorted.self);
    return status;
}

static void check(unsigned threads, uint64_t memory_bytes, uint64_t limit, size_t morsel_batches,
        const char *first, const char *second)
{
    struct temp_folder folder;
    struct random_rows rows;
    struct orders by;
    size_t count = 0;
    temp_folder_open(&folder);
    struct joist_ctx *ctx = open_ctx(threads, folder.path, 0);
    for (int descending = 0; descending < 2; descending++) {
        random_rows_make(&rows, ji_ctx_mem(ctx), threads + limit + morsel_batches, 24, 160, morsel_batches);
        order_by(&by, first, second, descending == 1);
        by.options.memory_bytes = memory_bytes;
        by.options.limit = limit;
        assert_ok(drain(ctx, &rows, &by, &count, NULL));
        assert_int_equal(count, limit != 0 && limit < rows.row_count ? limit : rows.row_count);
        random_rows_clear(&rows);
    }
    joist_ctx_close(ctx);
    temp_folder_close(&folder);
}

static void rows_of_all_types_are_the_same_in_memory(void **state)
{
    (void)state;
    check(1, 0, 0, 3, "few", "text");
    check(4, 0, 0, 3, "text", NULL);
}

static void rows_of_all_types_are_the_same_from_runs(void **state)
{
    static const char *const kinds[] = {"few", "text", "u64", "half", "float", "double", "price", "wealth",
            "day", "bytes", "three", "uuid", "wide", "span", "yes", "i8", "u16", "nothing"};
    (void)state;
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++)
        check(1 + (unsigned)i % 3, FEW_BYTES, 0, 3, kinds[i], "few");
}

static void batches_of_one_morsel_are_cut_for_the_threads(void **state)
{
    struct random_rows rows;
    struct orders by;
    size_t count = 0;
    (void)state;
    struct joist_ctx *ctx = open_ctx(3, NULL, 0);
    random_rows_make(&rows, ji_ctx_mem(ctx), 5, 2, 9000, 2);
    order_by(&by, "few", "text", false);
    by.options.memory_bytes = (uint64_t)1 << 20;
    assert_ok(drain(ctx, &rows, &by, &count, NULL));
    assert_int_equal(count, rows.row_count);
    random_rows_clear(&rows);
    joist_ctx_close(ctx);
}

static void a_limit_ends_the_rows(void **state)
{
    static const uint64_t limits[] = {1, 7, 500, 1000000};
    (void)state;
    for (size_t i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        check(1, 0, limits[i], 4, "few", "text");
        check(2, FEW_BYTES, limits[i], 4, "text", NULL);
    }
}

static void a_top_of_many_rows_throws_out_the_others(void **state)
{
    struct random_rows rows;
    struct orders by;
    size_t count = 0;
    (void)state;
    struct joist_ctx *ctx = open_ctx(1, "", 0);
    random_rows_make(&rows, ji_ctx_mem(ctx), 9, 4, 9000, 4);
    order_by(&by, "text", NULL, false);
    by.options.limit = 100;
    assert_ok(drain(ctx, &rows, &by, &count, NULL));
    assert_int_equal(count, 100);
    random_rows_clear(&rows);
    joist_ctx_close(ctx);
}

static void nothing_sorted_is_nothing(void **state)
{
    struct random_rows rows;
    struct orders by;
    size_t count = 1;
    (void)state;
    struct joist_ctx *ctx = open_ctx(2, NULL, 0);
    order_by(&by, "few", NULL, false);
    for (size_t batches = 0; batches < 3; batches++) {
        random_rows_make(&rows, ji_ctx_mem(ctx), 1, batches, 0, 1);
        assert_ok(drain(ctx, &rows, &by, &count, NULL));
        assert_int_equal(count, 0);
        random_rows_clear(&rows);
    }
    joist_ctx_close(ctx);
}

static void without_a_place_for_runs_rows_stay_in_memory(void **state)
{
    static const char *const nowhere[] = {"", "/nowhere/at/all"};
    struct random_rows rows;
    struct orders by;
    size_t count = 0;
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct joist_ctx *ctx = open_ctx(2, nowhere[i], 0);
        random_rows_make(&rows, ji_ctx_mem(ctx), 3, 24, 160, 3);
        order_by(&by, "few", "text", false);
        by.options.memory_bytes = FEW_BYTES;
        assert_ok(drain(ctx, &rows, &by, &count, NULL));
        assert_int_equal(count, rows.row_count);
        random_rows_clear(&rows);
        joist_ctx_close(ctx);
    }
}

/* --- failures --- */

static struct random_rows few_rows;

static enum joist_status sort_few(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    size_t count = 0;
    return drain(ctx, &few_rows, arg, &count, err);
}

static void memory_runs_out_anywhere(void **state)
{
    struct joist_ctx *ctx = open_ctx(1, NULL, 0);
    struct orders by;
    (void)state;
    random_rows_make(&few_rows, ji_ctx_mem(ctx), 11, 8, 60, 3);
    order_by(&by, "few", "text", false);
    oom_sweep_sparse(sort_few, &by);
    by.options.memory_bytes = FEW_BYTES / 4;
    oom_sweep_sparse(sort_few, &by);
    by.options.limit = 30;
    oom_sweep_sparse(sort_few, &by);
    random_rows_clear(&few_rows);
    joist_ctx_close(ctx);
}

static void a_full_disk_is_an_error_and_leaves_nothing(void **state)
{
    struct rlimit before;
    struct temp_folder folder;
    struct random_rows rows;
    struct orders by;
    size_t count = 0;
    size_t failed = 0;
    enum joist_status status = JOIST_ERR_IO;
    (void)state;
    temp_folder_open(&folder);
    struct joist_ctx *ctx = open_ctx(2, folder.path, 0);
    const uint64_t bytes = joist_ctx_memory(ctx).bytes;
    random_rows_make(&rows, ji_ctx_mem(ctx), 4, 24, 160, 3);
    order_by(&by, "few", "text", false);
    by.options.memory_bytes = FEW_BYTES;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    void (*const handler)(int) = signal(SIGXFSZ, SIG_IGN);
    for (rlim_t room = 0; status != JOIST_OK; room += 20011) {
        const struct rlimit less = {.rlim_cur = room, .rlim_max = before.rlim_max};
        struct joist_error err = {.status = JOIST_OK};
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &less), 0);
        status = drain(ctx, &rows, &by, &count, &err);
        assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
        if (status == JOIST_OK)
            break;
        failed++;
        assert_status(status, JOIST_ERR_IO);
        assert_non_null(strstr(err.text, "sort: a scratch file in "));
    }
    signal(SIGXFSZ, handler);
    assert_true(failed > 3);
    assert_int_equal(count, rows.row_count);
    random_rows_clear(&rows);
    assert_true(joist_ctx_memory(ctx).bytes <= bytes + ((uint64_t)64 << 20));
    joist_ctx_close(ctx);
    temp_folder_close(&folder);
}

static void the_limit_of_scratch_files_holds(void **state)
{
    struct random_rows rows;
    struct orders by;
    size_t count = 0;
    (void)state;
    for (uint64_t most = 1; most < 400000; most = most * 3 + 1) {
        struct joist_ctx *ctx = open_ctx(2, NULL, most);
        struct joist_error err = {.status = JOIST_OK};
        random_rows_make(&rows, ji_ctx_mem(ctx), 4, 24, 160, 3);
        order_by(&by, "few", "text", false);
        by.options.memory_bytes = FEW_BYTES;
        assert_status(drain(ctx, &rows, &by, &count, &err), JOIST_ERR_LIMIT);
        assert_non_null(strstr(err.text, "sort"));
        random_rows_clear(&rows);
        joist_ctx_close(ctx);
    }
}

static void a_failure_of_the_input_is_the_sorts(void **state)
{
    struct random_rows rows;
    struct orders by;
    size_t count = 0;
    (void)state;
    struct joist_ctx *ctx = open_ctx(2, NULL, 0);
    random_rows_make(&rows, ji_ctx_mem(ctx), 4, 24, 160, 3);
    order_by(&by, "few", "text", false);
    by.options.memory_bytes = FEW_BYTES;
    for (rows.fail_at = 1; rows.fail_at <= rows.batch_count; rows.fail_at++)
        assert_status(drain(ctx, &rows, &by, &count, NULL), JOIST_ERR_CORRUPT);
    rows.fail_at = 0;
    assert_ok(drain(ctx, &rows, &by, &count, NULL));
    random_rows_clear(&rows);
    joist_ctx_close(ctx);
}

static void a_cancel_ends_the_sort(void **state)
{
    struct joist_cancel cancel = {0};
    struct random_rows rows;
    struct orders by;
    size_t count = 0;
    (void)state;
    struct joist_ctx *ctx = open_ctx(1, NULL, 0);
    random_rows_make(&rows, ji_ctx_mem(ctx), 4, 24, 160, 3);
    order_by(&by, "few", "text", false);
    by.options.memory_bytes = FEW_BYTES;
    by.options.cancel = &cancel;
    assert_ok(drain(ctx, &rows, &by, &count, NULL));
    joist_cancel_request(&cancel);
    assert_status(drain(ctx, &rows, &by, &count, NULL), JOIST_ERR_CANCELLED);
    random_rows_clear(&rows);
    joist_ctx_close(ctx);
}

/* --- parts --- */

/* A row of `size` bytes with an empty body, whose key is `number`. */
static void put_row(uint8_t *row, uint32_t size, uint64_t number)
{
    const uint32_t head[2] = {size, sizeof number};
    memset(row, 0, size);
    memcpy(row, head, sizeof head);
    ji_store_be64(row + sizeof head, number);
}

static void rows_larger_than_a_buffer_come_back(void **state)
{
    static uint8_t row[100000];
    uint8_t buffer[256];
    struct ji_spill_writer writer;
    struct ji_spill_reader reader = {.mem = NULL};
    struct ji_sort_spill run;
    struct ji_scratch *scratch = NULL;
    const uint8_t *found = NULL;
    (void)state;
    struct joist_ctx *ctx = open_ctx(1, NULL, 0);
    assert_ok(ji_scratch_open(ctx, ji_ctx_mem(ctx), &scratch, NULL));
    ji_spill_writer_begin(&writer, scratch, buffer, sizeof buffer, NULL);
    for (uint32_t i = 0; i < 200; i++) {
        put_row(row, i % 50 == 7 ? (uint32_t)sizeof row : 16 + i, i);
        assert_ok(ji_spill_writer_add(&writer, row, NULL));
    }
    assert_ok(ji_spill_writer_end(&writer, &run, NULL));
    assert_int_equal(run.row_bytes_max, sizeof row);
    assert_ok(ji_spill_reader_open(&reader, ji_ctx_mem(ctx), &run, 16, NULL));
    for (uint32_t i = 0; i < 200; i++) {
        assert_ok(ji_spill_reader_next(&reader, &found, NULL));
        assert_non_null(found);
        assert_int_equal(ji_load_be64(ji_row_key_of(found).data), i);
        assert_int_equal(ji_row_size(found), i % 50 == 7 ? sizeof row : 16 + i);
    }
    assert_ok(ji_spill_reader_next(&reader, &found, NULL));
    assert_null(found);
    ji_spill_reader_close(&reader);
    ji_scratch_close(scratch);
    joist_ctx_close(ctx);
}

static void other_bytes_than_were_written_are_an_error(void **state)
{
    static const uint32_t heads[][2] = {{0, 0}, {7, 0}, {64, 57}, {64, UINT32_MAX}, {UINT32_MAX, 8}, {65, 8}};
    (void)state;
    struct joist_ctx *ctx = open_ctx(1, NULL, 0);
    for (size_t i = 0; i < sizeof heads / sizeof heads[0]; i++) {
        struct ji_scratch *scratch = NULL;
        struct ji_spill_reader reader = {.mem = NULL};
        uint8_t bytes[64] = {0};
        const uint8_t *row = NULL;
        memcpy(bytes, heads[i], sizeof heads[i]);
        assert_ok(ji_scratch_open(ctx, ji_ctx_mem(ctx), &scratch, NULL));
        struct ji_sort_spill run = {.scratch = scratch, .bytes = sizeof bytes, .row_bytes_max = 64};
        assert_ok(ji_scratch_append(scratch, bytes, sizeof bytes, &run.offset, NULL));
        assert_ok(ji_spill_reader_open(&reader, ji_ctx_mem(ctx), &run, 64, NULL));
        assert_status(ji_spill_reader_next(&reader, &row, NULL), JOIST_ERR_IO);
        ji_spill_reader_close(&reader);
        run.bytes = 1000; /* the file ends early */
        assert_ok(ji_spill_reader_open(&reader, ji_ctx_mem(ctx), &run, 4096, NULL));
        assert_status(ji_spill_reader_next(&reader, &row, NULL), JOIST_ERR_IO);
        ji_spill_reader_close(&reader);
        ji_scratch_close(scratch);
    }
    joist_ctx_close(ctx);
}

static int compare_rows(const void *a, const void *b)
{
    const struct ji_sort_entry *x = a;
    const struct ji_sort_entry *y = b;
    return ji_view_compare(ji_row_key_of(x->row), ji_row_key_of(y->row));
}

static void entries_are_ordered_by_the_bytes_that_differ(void **state)
{
    enum { COUNT = 3000, BYTES = 120 };
    static uint8_t rows[COUNT][BYTES];
    static struct ji_sort_entry entries[2 * COUNT];
    static struct ji_sort_entry wanted[COUNT];
    uint64_t seed = 17;
    (void)state;
    for (size_t count = 1; count <= COUNT; count = count * 3 + 1) {
        for (unsigned values = 2; values <= 200; values *= 10) {
            struct ji_key_spread spread = {.bytes = 0};
            for (size_t i = 0; i < count; i++) {
                const uint32_t size = 40 + (uint32_t)(test_random(&seed) % 40);
                const uint32_t head[2] = {BYTES, size + 8};
                memcpy(rows[i], head, sizeof head);
                for (size_t at = 0; at < size; at++)
                    rows[i][8 + at] = at % 3 == 0 ? 7 : (uint8_t)(test_random(&seed) % values);
                ji_store_be64(rows[i] + 8 + size, i);
                ji_key_spread_add(&spread, ji_row_key_of(rows[i]));
                entries[i].row = rows[i];
            }
            const struct ji_key_prefix prefix = ji_key_prefix_of(&spread);
            for (size_t i = 0; i < count; i++) {
                entries[i].prefix = ji_key_prefix(&prefix, entries[i].row);
                wanted[i] = entries[i];
            }
            qsort(wanted, count, sizeof wanted[0], compare_rows);
            ji_sort_entries(entries, entries + COUNT, count);
            for (size_t i = 0; i < count; i++)
                assert_ptr_equal(entries[i].row, wanted[i].row);
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(rows_of_all_types_are_the_same_in_memory),
            cmocka_unit_test(rows_of_all_types_are_the_same_from_runs),
            cmocka_unit_test(batches_of_one_morsel_are_cut_for_the_threads),
            cmocka_unit_test(a_limit_ends_the_rows),
            cmocka_unit_test(a_top_of_many_rows_throws_out_the_others),
            cmocka_unit_test(nothing_sorted_is_nothing),
            cmocka_unit_test(without_a_place_for_runs_rows_stay_in_memory),
            cmocka_unit_test(memory_runs_out_anywhere),
            cmocka_unit_test(a_full_disk_is_an_error_and_leaves_nothing),
            cmocka_unit_test(the_limit_of_scratch_files_holds),
            cmocka_unit_test(a_failure_of_the_input_is_the_sorts),
            cmocka_unit_test(a_cancel_ends_the_sort),
            cmocka_unit_test(rows_larger_than_a_buffer_come_back),
            cmocka_unit_test(other_bytes_than_were_written_are_an_error),
            cmocka_unit_test(entries_are_ordered_by_the_bytes_that_differ),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
