/*
 * pruning_files_test.c - apache/parquet-testing: what pruning leaves out no full scan finds
 *
 * For each scalar column of each file its own values become literals, as they are and a little beside. Each
 * comparison is asked twice, once of everything that is known and once of every row; the counts are equal. The
 * folder is found, or the test skipped, as in testing_files_test.c.
 */
#include "support/test.h"
#include "support/testing_folder.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/ctx.h"
#include "scan/parquet_source.h"

#define LITERALS_MAX 12
#define TEXT_BYTES_MAX 64

struct literals {
    size_t count;
    struct ji_value values[LITERALS_MAX];
    uint8_t bytes[LITERALS_MAX][TEXT_BYTES_MAX];
};

struct totals {
    uint64_t questions;
    uint64_t groups_pruned;
    uint64_t pages_pruned;
};

static bool is_askable(enum ji_kind kind)
{
    return !ji_kind_is_nested(kind) && kind != JI_NULL;
}

static void keep(const struct ji_field *field, struct ji_value value, struct literals *literals)
{
    const bool is_view = ji_kind_is_view(field->kind) || field->kind == JI_FIXED || field->kind == JI_UUID;
    if (literals->count == LITERALS_MAX || (is_view && value.as.view.size > TEXT_BYTES_MAX))
        return;
    if (is_view && value.as.view.size > 0)
        memcpy(literals->bytes[literals->count], value.as.view.data, value.as.view.size);
    if (is_view)
        value.as.view = ji_view_of(literals->bytes[literals->count], value.as.view.size);
    literals->values[literals->count++] = value;
}

/* The value a little changed: one that the column may lack. */
static struct ji_value beside(const struct ji_field *field, struct ji_value value)
{
    if (field->kind == JI_FLOAT16 || field->kind == JI_FLOAT || field->kind == JI_DOUBLE)
        value.as.real += 0.5;
    else if (field->kind == JI_DECIMAL)
        value.as.decimal += 1;
    else if (field->kind != JI_BOOL && !ji_kind_is_view(field->kind) && field->kind != JI_FIXED &&
            field->kind != JI_UUID && value.as.integer < 100)
        value.as.integer += 1;
    return value;
}

/* Runs a scan to its end; the rows that it selects, and values of the column where `literals` wants some. */
static enum joist_status run(struct joist_ctx *ctx, struct ji_rows_source *source,
        const struct ji_scan_request *request, const struct ji_field *field, struct literals *literals,
        struct ji_scan_counters *counters, uint64_t *rows)
{
    struct ji_rows_scan scan;
    enum joist_status status = source->ops->plan(source->self, request, &scan, NULL);
    if (status != JOIST_OK)
        return status;
    *rows = 0;
    for (size_t morsel = 0; morsel < scan.ops->morsel_count(scan.self) && status == JOIST_OK; morsel++) {
        struct ji_rows_cursor cursor;
        const struct ji_batch *batch = NULL;
        status = scan.ops->open(scan.self, morsel, ji_ctx_mem(ctx), &cursor, NULL);
        if (status != JOIST_OK)
            break;
        while ((status = cursor.ops->next(cursor.self, &batch, NULL)) == JOIST_OK && batch != NULL) {
            *rows += batch->selection_count;
            const size_t step = batch->row_count / 4 + 1;
            for (size_t row = 0; literals != NULL && row < batch->row_count; row += step) {
                const struct ji_value value = ji_column_value(&batch->columns[0], row);
                if (!value.is_null)
                    keep(field, value, literals);
                if (!value.is_null)
                    keep(field, beside(field, value), literals);
            }
        }
        cursor.ops->close(cursor.self);
    }
    *counters = scan.ops->counters(scan.self);
    scan.ops->close(scan.self);
    return status;
}

static void ask(struct joist_ctx *ctx, struct ji_rows_source *source, size_t column,
        const struct ji_expr *predicate, const char *name, struct totals *totals)
{
    const struct ji_field *const field = &source->ops->schema(source->self)->columns[column];
    struct ji_scan_counters counters = {0};
    struct ji_scan_counters whole = {0};
    uint64_t pruned_rows = 0;
    uint64_t rows = 0;
    struct ji_scan_request request = {.columns = &column, .column_count = 1, .predicate = predicate};
    const enum joist_status status = run(ctx, source, &request, field, NULL, &counters, &pruned_rows);
    request.no_prune = true;
    /* A file that does not read may not have to be read. */
    if (run(ctx, source, &request, field, NULL, &whole, &rows) != JOIST_OK)
        return;
    assert_ok(status);
    if (rows != pruned_rows)
        fail_msg("%s, column '%s', operator %d: %d rows, should be %d", name, field->name, (int)predicate->op,
                (int)pruned_rows, (int)rows);
    assert_int_equal(whole.groups_pruned, 0);
    totals->questions++;
    totals->groups_pruned += counters.groups_pruned;
    totals->pages_pruned += counters.pages_pruned;
}

static void ask_column(struct joist_ctx *ctx, struct ji_rows_source *source, size_t column, const char *name,
        struct totals *totals)
{
    const struct ji_field *const field = &source->ops->schema(source->self)->columns[column];
    const struct ji_scan_request request = {.columns = &column, .column_count = 1};
    struct literals literals = {.count = 0};
    struct ji_scan_counters counters;
    uint64_t rows = 0;
    struct ji_expr of_column = {.op = JI_EXPR_COLUMN, .type = *field, .name = field->name, .column = column};
    struct ji_expr *of_cast = &of_column;
    struct ji_expr widened = {.op = JI_EXPR_CAST,
            .type = {.kind = JI_DOUBLE, .nullable = field->nullable, .name = ""},
            .argument_count = 1,
            .arguments = &of_cast};
    const bool is_half = field->kind == JI_FLOAT16; /* compared as the double that it is */
    struct ji_expr literal = {.op = JI_EXPR_LITERAL, .type = is_half ? widened.type : *field};
    struct ji_expr *arguments[] = {is_half ? &widened : &of_column, &literal};
    struct ji_expr predicate = {.type = {.kind = JI_BOOL, .nullable = true, .name = ""},
            .argument_count = 2,
            .arguments = arguments};
    if (run(ctx, source, &request, field, &literals, &counters, &rows) != JOIST_OK)
        return;
    for (size_t index = 0; index < literals.count; index++) {
        literal.value = literals.values[index];
        for (int op = JI_EXPR_EQUAL; op <= JI_EXPR_GREATER_EQUAL; op++) {
            predicate.op = (enum ji_expr_op)op;
            ask(ctx, source, column, &predicate, name, totals);
        }
    }
    predicate.argument_count = 1;
    predicate.op = JI_EXPR_IS_NULL;
    ask(ctx, source, column, &predicate, name, totals);
    predicate.op = JI_EXPR_IS_NOT_NULL;
    ask(ctx, source, column, &predicate, name, totals);
}

static void ask_file(const char *folder, const char *name, struct totals *totals)
{
    char path[2048];
    const char *const location = path;
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)512 << 20};
    struct joist_ctx *ctx = NULL;
    struct ji_rows_source source;
    (void)snprintf(path, sizeof path, "%s/data/%s", folder, name);
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    if (ji_parquet_source_open(ctx, &location, 1, NULL, &source, NULL) == JOIST_OK) {
        const struct ji_schema *const schema = source.ops->schema(source.self);
        for (size_t column = 0; column < schema->column_count; column++) {
            if (is_askable(schema->columns[column].kind))
                ask_column(ctx, &source, column, name, totals);
        }
        source.ops->close(source.self);
    }
    joist_ctx_close(ctx);
}

static void pruned_scans_find_what_full_scans_find(void **state)
{
    (void)state;
    char folder[1024];
    char data[1100];
    struct totals totals = {0};
    if (!testing_folder("", folder, sizeof folder))
        return;
    (void)snprintf(data, sizeof data, "%s/data", folder);
    DIR *const files = opendir(data);
    assert_non_null(files);
    for (const struct dirent *entry = readdir(files); entry != NULL; entry = readdir(files)) {
        if (strstr(entry->d_name, ".parquet") != NULL)
            ask_file(folder, entry->d_name, &totals);
    }
    closedir(files);
    print_message("%d questions, %d row groups and %d pages pruned\n", (int)totals.questions,
            (int)totals.groups_pruned, (int)totals.pages_pruned);
    assert_true(totals.questions > 1000 && totals.groups_pruned > 100 && totals.pages_pruned > 100);
}

/* Two files whose one column has strings and a Bloom filter, with a length of it and without. */
static void bloom_filters_of_others_are_asked(void **state)
{
    (void)state;
    static const char *const names[] = {
            "data_index_bloom_encoding_stats.parquet", "data_index_bloom_encoding_with_length.parquet"};
    /* Between the least and the greatest string of the files, and in neither. */
    static const char *const words[] = {"Hellp", "I", "b", "cat", "quick", "e", "lazy", "tes"};
    char folder[1024];
    if (!testing_folder("", folder, sizeof folder))
        return;
    for (size_t index = 0; index < 2; index++) {
        char path[2048];
        const char *const location = path;
        const size_t column = 0;
        struct joist_ctx *ctx = NULL;
        struct ji_rows_source source;
        uint64_t pruned = 0;
        (void)snprintf(path, sizeof path, "%s/data/%s", folder, names[index]);
        assert_ok(joist_ctx_open(NULL, &ctx, NULL));
        assert_ok(ji_parquet_source_open(ctx, &location, 1, NULL, &source, NULL));
        const struct ji_field *const field = &source.ops->schema(source.self)->columns[0];
        struct ji_expr of_column = {.op = JI_EXPR_COLUMN, .type = *field, .name = field->name};
        struct ji_expr literal = {.op = JI_EXPR_LITERAL, .type = *field};
        struct ji_expr *arguments[] = {&of_column, &literal};
        const struct ji_expr predicate = {.op = JI_EXPR_EQUAL,
                .type = {.kind = JI_BOOL, .nullable = true, .name = ""},
                .argument_count = 2,
                .arguments = arguments};
        const struct ji_scan_request request = {
                .columns = &column, .column_count = 1, .predicate = &predicate};
        for (size_t word = 0; word < sizeof words / sizeof words[0]; word++) {
            struct ji_scan_counters counters;
            uint64_t rows = 0;
            literal.value.as.view = ji_view_of_text(words[word]);
            assert_ok(run(ctx, &source, &request, field, NULL, &counters, &rows));
            assert_int_equal(rows, 0);
            pruned += counters.groups_pruned;
        }
        assert_true(pruned >= 7);
        source.ops->close(source.self);
        joist_ctx_close(ctx);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(pruned_scans_find_what_full_scans_find),
            cmocka_unit_test(bloom_filters_of_others_are_asked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
