/*
 * sql_test.c - the public calls of sql.h and frame.h over files
 */
#include "support/fault_store.h"
#include "support/oom.h"
#include "support/sql_csv.h"
#include "support/temp_folder.h"

#include <stdio.h>
#include <string.h>

static int open_ctx(void **state)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .threads = 2};
    struct joist_ctx *ctx = NULL;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 1;
    write_numbers(ctx, "memory:n/a.parquet", 0, 500, 100);
    write_numbers(ctx, "memory:n/b.parquet", 500, 500, 100);
    *state = ctx;
    return 0;
}

static int close_ctx(void **state)
{
    joist_ctx_close(*state);
    return 0;
}

static void check(struct joist_ctx *ctx, const char *statement, const char *wanted)
{
    char out[SQL_CSV_BYTES];
    struct joist_error err = {0};
    if (sql_csv(ctx, statement, out, &err) != JOIST_OK)
        fail_msg("%s: %s", statement, err.text);
    assert_string_equal(out, wanted);
}

static void refuse(struct joist_ctx *ctx, const char *statement, enum joist_status wanted, const char *text)
{
    char out[SQL_CSV_BYTES];
    struct joist_error err = {0};
    const enum joist_status status = sql_csv(ctx, statement, out, &err);
    if (status != wanted || strstr(err.text, text) == NULL)
        fail_msg("%s\nwanted %s: %s\ngot %s: %s", statement, joist_status_name(wanted), text,
                joist_status_name(status), err.text);
}

static void globs_of_parquet_files_are_one_table(void **state)
{
    check(*state, "select count(*), sum(g), min(id), max(id), sum(price) from 'memory:n/*.parquet'",
            "count(*),sum(g),min(id),max(id),sum(price)\n1000,2000,0,999,4995.00\n");
    check(*state, "select id, name from 'memory:n/?.parquet' where id between 498 and 501 order by id",
            "id,name\n498,n0\n499,n1\n500,n2\n501,n0\n");
    check(*state, "select name, count(*) as c from 'memory:n/*.parquet' group by name order by c desc, name",
            "name,c\nn0,286\nn2,286\nn1,285\n,143\n");
}

static void row_groups_that_cannot_match_are_skipped(void **state)
{
    char out[SQL_CSV_BYTES];
    struct joist_error err = {0};
    static const char *const predicates[] = {"id = 437", "id > 950 or id < 20", "day = date '2026-02-10'",
            "price between 3.00 and 3.05", "name is null and id < 300", "g = 9", "id in (1, 999)"};
    assert_ok(sql_explain(*state, "select name from 'memory:n/*.parquet' where id = 437", out, &err));
    assert_non_null(strstr(out, "files 1 of 2, row groups 1 of 10"));
    assert_ok(sql_explain(*state, "select name from 'memory:n/*.parquet' limit 5", out, &err));
    if (strstr(out, "at most 5 rows wanted; files 1 of 2, row groups 1 of 5") == NULL)
        fail_msg("%s", out);
    for (size_t index = 0; index < sizeof predicates / sizeof predicates[0]; index++) {
        char statement[512];
        char pruned[SQL_CSV_BYTES];
        snprintf(statement, sizeof statement,
                "select id, name, price from 'memory:n/*.parquet' where %s order by id", predicates[index]);
        assert_ok(sql_csv(*state, statement, pruned, &err));
        /* What case hides no statistics can decide. */
        snprintf(statement, sizeof statement,
                "select id, name, price from 'memory:n/*.parquet' where case when %s then true else false end"
                " order by id",
                predicates[index]);
        assert_ok(sql_csv(*state, statement, out, &err));
        assert_string_equal(pruned, out);
    }
}

static void csv_and_ndjson_files_are_tables_too(void **state)
{
    write_bytes(*state, "memory:t/a.csv", "a,b\n1,x\n2,\n");
    write_bytes(*state, "memory:t/b.csv", "a,b\n3,z\n");
    write_bytes(*state, "memory:t/c.ndjson", "{\"a\":1,\"b\":{\"c\":2}}\n{\"a\":5,\"b\":{\"c\":7}}\n");
    check(*state, "select * from 'memory:t/*.csv' where a > 1", "a,b\n2,\n3,z\n");
    check(*state, "select count(*), max(b) from 'memory:t/*.csv'", "count(*),max(b)\n3,z\n");
    check(*state, "select b.c + a as s from 'memory:t/c.ndjson' where a > 1", "s\n12\n");
    write_bytes(*state, "memory:t/d.csv", "a,b\nq,z\n");
    check(*state, "select * from 'memory:t/[ad].csv'", "a,b\n1,x\n2,\nq,z\n");
    write_bytes(*state, "memory:t/e.csv", "a,c\n4,z\n");
    refuse(*state, "select * from 'memory:t/[ae].csv'", JOIST_ERR_INVALID, "e.csv");
}

static void files_that_do_not_go_together_are_refused(void **state)
{
    write_bytes(*state, "memory:m/a.csv", "a\n1\n");
    write_numbers(*state, "memory:m/a.parquet", 0, 3, 10);
    refuse(*state, "select * from 'memory:m/a.*'", JOIST_ERR_INVALID, "another format");
    refuse(*state, "select * from 'memory:m/none.parquet'", JOIST_ERR_NOT_FOUND, "none.parquet");
    refuse(*state, "select * from 'memory:m/*.tsv'", JOIST_ERR_NOT_FOUND, "no file matches");
    refuse(*state, "select * from 'memory:m/x.csv.gz'", JOIST_ERR_NOT_FOUND, "x.csv.gz");
    refuse(*state, "select * from 'memory:m/x.arrow'", JOIST_ERR_NOT_FOUND, "x.arrow");
    refuse(*state, "select * from 'memory:m/x.doc'", JOIST_ERR_INVALID, "no format is known");
    refuse(*state, "select * from ns.t", JOIST_ERR_INVALID, "no catalog is open");
    refuse(*state, "select * from x.parquet for version as of 1", JOIST_ERR_INVALID, "has no versions");
    write_bytes(*state, "memory:m/bad.parquet", "PAR1 this is none PAR1");
    refuse(*state, "select * from 'memory:m/bad.parquet'", JOIST_ERR_CORRUPT, "bad.parquet");
}

static void rows_outlive_the_file_that_they_were_sorted_from(void **state)
{
    write_bytes(*state, "memory:m/few.csv", "id\n1\n3\n2\n");
    write_bytes(*state, "memory:m/few.ndjson",
            "{\"k\": 1, \"s\": {\"t\": \"elm\"}}\n{\"k\": 2, \"s\": {\"t\": \"oak\"}}\n");
    check(*state, "select id from 'memory:m/few.csv' order by id desc", "id\n3\n2\n1\n");
    check(*state, "select id from 'memory:m/few.csv' order by id limit 2", "id\n1\n2\n");
    check(*state, "select s, k from 'memory:m/few.ndjson' order by k desc limit 1",
            "s,k\n\"{\"\"t\"\":\"\"oak\"\"}\",2\n");
}

static void a_sort_or_group_over_the_limit_names_itself(void **state)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)4 << 20, .scratch_folder = ""};
    struct joist_ctx *ctx = NULL;
    struct temp_folder folder;
    char path[1024];
    char statement[2048];
    temp_folder_open(&folder);
    temp_folder_path(&folder, "big.parquet", path);
    write_numbers(*state, path, 0, 60000, 20000);
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    snprintf(statement, sizeof statement, "select id, name from '%s' order by price desc", path);
    refuse(ctx, statement, JOIST_ERR_LIMIT, "sort");
    snprintf(statement, sizeof statement, "select id, count(*) from '%s' group by id", path);
    refuse(ctx, statement, JOIST_ERR_LIMIT, "aggregate");
    snprintf(statement, sizeof statement, "select id from '%s' order by price desc limit 2", path);
    check(ctx, statement, "id\n59999\n59998\n");
    joist_ctx_close(ctx);
    temp_folder_close(&folder);
}

static void a_sort_over_the_limit_goes_on_in_scratch_files(void **state)
{
    static const unsigned threads[] = {1, 3};
    struct temp_folder folder;
    char path[1024];
    char statement[2048];
    temp_folder_open(&folder);
    temp_folder_path(&folder, "big.parquet", path);
    write_numbers(*state, path, 0, 60000, 20000);
    for (size_t index = 0; index < 2; index++) {
        const struct joist_ctx_options options = {.struct_size = sizeof options,
                .memory_bytes_max = (uint64_t)4 << 20,
                .threads = threads[index],
                .scratch_folder = folder.path};
        struct joist_ctx *ctx = NULL;
        assert_ok(joist_ctx_open(&options, &ctx, NULL));
        snprintf(statement, sizeof statement,
                "select id from (select id, name from '%s' order by price desc) as all_rows where id %% "
                "20000 = "
                "7",
                path);
        check(ctx, statement, "id\n40007\n20007\n7\n");
        snprintf(statement, sizeof statement,
                "select id, name from '%s' order by id desc limit 1 offset 59998", path);
        check(ctx, statement, "id,name\n1,n1\n");
        assert_int_equal(temp_folder_count(folder.path), 1);
        joist_ctx_close(ctx);
    }
    temp_folder_close(&folder);
}

static void write_types(struct joist_ctx *ctx, const char *location)
{
    static const char *const rows[][14] = {
            {"true", "1", "2", "0.5", "-1.25", "10:00:00", "2026-01-02T03:04:05", "2026-01-02T03:04:05Z", "a",
                    "00112233-4455-6677-8899-aabbccddeeff", "0a0b", "ff", "12345678901234567890.5", "0.1"},
            {"false", "-1", "7", "1.5", "nan", "09:00:00", "1969-01-02T03:04:05", "2030-01-02T03:04:05Z", "",
                    "10112233-4455-6677-8899-aabbccddeeff", "0102", "", "-1.0", "2.2"},
            {NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL},
            {"true", "1", "2", "-0.5", "3", "10:00:00", "2026-01-02T03:04:05", "2026-01-02T03:04:05Z", "a",
                    "00112233-4455-6677-8899-aabbccddeeff", "0a0b", "ff", "12345678901234567890.5", "0.1"},
    };
    struct joist_builder *builder = NULL;
    struct joist_parquet_writer *writer = NULL;
    struct ArrowArrayStream stream;
    struct ArrowSchema schema;
    struct joist_sink sink = {0};
    assert_ok(joist_builder_open(ctx,
            "b boolean, i int, l long, f float, d double, t time, ts timestamp, tz timestamptz, s string, "
            "u uuid, x fixed(2), y binary, big decimal(30,1), small decimal(4,1), items list<string>, "
            "pairs map<string, int>, both struct<p int, q string>",
            &builder, NULL));
    for (size_t row = 0; row < 4; row++) {
        for (size_t column = 0; column < 14; column++) {
            const char *text = rows[row][column];
            if (text == NULL)
                assert_ok(joist_builder_null(builder, NULL));
            else if (column == 10 || column == 11)
                assert_ok(joist_builder_bytes(builder, text, column == 10 ? 2 : strlen(text), NULL));
            else
                assert_ok(joist_builder_text(builder, text, strlen(text), NULL));
        }
        assert_ok(joist_builder_begin(builder, NULL));
        for (size_t item = 0; item < row; item++)
            assert_ok(joist_builder_text(builder, "item", 4, NULL));
        assert_ok(joist_builder_end(builder, NULL));
        assert_ok(joist_builder_begin(builder, NULL));
        assert_ok(joist_builder_text(builder, "k", 1, NULL));
        assert_ok(joist_builder_int64(builder, (int64_t)row, NULL));
        assert_ok(joist_builder_end(builder, NULL));
        assert_ok(joist_builder_begin(builder, NULL));
        assert_ok(joist_builder_int64(builder, (int64_t)row, NULL));
        assert_ok(joist_builder_text(builder, "qq", 2, NULL));
        assert_ok(joist_builder_end(builder, NULL));
        assert_ok(joist_builder_end_row(builder, NULL));
    }
    assert_ok(joist_builder_take(builder, &stream, NULL));
    assert_int_equal(stream.get_schema(&stream, &schema), 0);
    assert_ok(joist_sink_open(ctx, location, JOIST_SINK_CREATE, &sink, NULL));
    assert_ok(joist_parquet_writer_open(ctx, sink, &schema, NULL, &writer, NULL));
    assert_ok(joist_parquet_writer_append_stream(writer, &stream, NULL));
    assert_ok(joist_parquet_writer_finish(writer, NULL, NULL));
    schema.release(&schema);
    stream.release(&stream);
    joist_builder_close(builder);
}

static void every_type_groups_sorts_and_has_extremes(void **state)
{
    static const char *const columns[] = {
            "b", "i", "l", "f", "t", "ts", "tz", "s", "u", "x", "y", "big", "small"};
    char statement[512];
    char out[SQL_CSV_BYTES];
    struct joist_error err = {0};
    write_types(*state, "memory:types.parquet");
    for (size_t index = 0; index < sizeof columns / sizeof columns[0]; index++) {
        const char *c = columns[index];
        const bool twice = strcmp(c, "f") != 0;
        snprintf(statement, sizeof statement,
                "select count(distinct %s), count(*), count(%s), count(distinct i) from "
                "'memory:types.parquet'",
                c, c);
        check(*state, strcat(statement, " where l is null or l < 100"),
                twice ? (snprintf(out, sizeof out,
                                 "count(distinct %s),count(*),count(%s),count(distinct i)\n2,4,3,2\n", c, c),
                                out)
                      : "count(distinct f),count(*),count(f),count(distinct i)\n3,4,3,2\n");
        snprintf(statement, sizeof statement,
                "select (mn = a) and (mx = z) and lo = 1 as ok from (select min(%s) as mn, max(%s) as mx, "
                "min(%s) as a, max(%s) as z, count(distinct 1) as lo from 'memory:types.parquet' where l < "
                "100) q",
                c, c, c, c);
        if (strcmp(c, "x") != 0 && strcmp(c, "y") != 0 && strcmp(c, "u") != 0)
            check(*state, statement, "ok\ntrue\n");
        snprintf(statement, sizeof statement,
                "select l, items, pairs, both from 'memory:types.parquet' order by %s desc nulls first, l",
                c);
        assert_ok(sql_csv(*state, statement, out, &err));
        assert_int_equal(strncmp(out, "l,items,pairs,both\n,", 20), 0);
        snprintf(statement, sizeof statement, "select %s, count(*) from 'memory:types.parquet' group by %s",
                c, c);
        assert_ok(sql_csv(*state, statement, out, &err));
    }
    check(*state, "select both.p, items from 'memory:types.parquet' order by i nulls first, both.p desc",
            "p,items\n2,\"[\"\"item\"\",\"\"item\"\"]\"\n1,\"[\"\"item\"\"]\"\n"
            "3,\"[\"\"item\"\",\"\"item\"\",\"\"item\"\"]\"\n0,[]\n");
    check(*state, "select sum(f), avg(f), sum(i), avg(small), sum(big) from 'memory:types.parquet'",
            "sum(f),avg(f),sum(i),avg(small),sum(big)\n1.5,0.5,1,0.8,24691357802469135780."
            "0\n");
    refuse(*state, "select items, count(*) from 'memory:types.parquet' group by items", JOIST_ERR_UNSUPPORTED,
            "grouping by a list, map or struct");
    refuse(*state, "select distinct both from 'memory:types.parquet'", JOIST_ERR_UNSUPPORTED, "grouping by");
    refuse(*state, "select 1 + 1,\n i / 0 from 'memory:types.parquet'", JOIST_ERR_INVALID,
            "line 2, column 4: division by zero");
}

static enum joist_status no_key(void *user, const struct joist_parquet_key_request *request, uint8_t key[32],
        size_t *key_bytes, struct joist_error *err)
{
    (void)user;
    (void)request;
    (void)key;
    (void)key_bytes;
    (void)err;
    return JOIST_ERR_NOT_FOUND;
}

static void a_cancelled_query_stops(void **state)
{
    struct joist_cancel cancel = {0};
    const struct joist_sql_options options = {.struct_size = sizeof options, .cancel = &cancel};
    struct ArrowArrayStream stream;
    struct ArrowArray array;
    assert_ok(joist_sql_query(*state, "select * from 'memory:n/*.parquet'", &options, &stream, NULL));
    joist_cancel_request(&cancel);
    assert_status(joist_stream_next(&stream, &array, NULL), JOIST_ERR_CANCELLED);
    stream.release(&stream);
}

static void options_of_parquet_are_for_its_files(void **state)
{
    struct joist_parquet_open_options parquet = {.struct_size = sizeof parquet, .no_arrow_schema = true};
    struct joist_sql_options options = {.struct_size = sizeof options, .parquet = &parquet};
    struct ArrowArrayStream stream;
    struct joist_error err;
    assert_ok(joist_sql_query(*state, "select * from 'memory:n/*.parquet'", &options, &stream, NULL));
    stream.release(&stream);
    assert_status(joist_sql_query(*state, "select * from a.b", &options, &stream, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "options of Parquet (keys) for 'a.b', which is a table"));
    /* A caller that was built before there was the option. */
    options.struct_size = offsetof(struct joist_sql_options, parquet);
    assert_status(joist_sql_query(*state, "select * from a.b", &options, &stream, &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "no catalog is open"));
    /* Keys for a file that needs none. */
    const struct joist_parquet_keys keys = {.key = no_key};
    options.struct_size = sizeof options;
    parquet.keys = &keys;
    assert_status(joist_sql_query(*state, "select * from 'memory:n/a.parquet'", &options, &stream, &err),
            JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "keys were given, but the file is not encrypted"));
}

static void frames_chain_steps(void **state)
{
    struct joist_frame *frame = NULL;
    struct ArrowArrayStream stream;
    char out[SQL_CSV_BYTES];
    struct joist_error err = {0};
    uint64_t rows = 0;
    assert_ok(joist_frame_scan(*state, NULL, "memory:n/*.parquet", &frame, &err));
    assert_ok(joist_frame_count(frame, &rows, &err));
    assert_int_equal(rows, 1000);
    assert_ok(joist_frame_filter(frame, "id >= 10 and g < 2", &err));
    assert_ok(joist_frame_count(frame, &rows, &err));
    assert_int_equal(rows, 396);
    assert_ok(joist_frame_group_by(frame, "g, id % 2", &err));
    assert_status(joist_frame_limit(frame, 1, 0, &err), JOIST_ERR_INVALID);
    assert_ok(joist_frame_aggregate(frame, "count(*) as n, max(price) as top", &err));
    assert_ok(joist_frame_filter(frame, "top > 9.8", &err));
    assert_ok(joist_frame_sort(frame, "top desc, g", &err));
    assert_ok(joist_frame_limit(frame, 3, 1, &err));
    assert_ok(joist_frame_stream(frame, NULL, &stream, &err));
    assert_ok(stream_csv(*state, &stream, out, &err));
    assert_string_equal(out, "g,id % 2,n,top\n0,1,99,9.95\n1,1,99,9.91\n0,0,99,9.90\n");
    assert_ok(joist_frame_select(frame, "n * 2 as twice", &err));
    assert_ok(joist_frame_stream(frame, NULL, &stream, &err));
    joist_frame_close(frame);
    assert_ok(stream_csv(*state, &stream, out, &err));
    assert_string_equal(out, "twice\n198\n198\n198\n");
}

static void frames_check_each_step(void **state)
{
    struct joist_frame *frame = NULL;
    struct joist_error err = {0};
    uint64_t rows = 0;
    assert_status(joist_frame_scan(*state, NULL, "memory:n/none.csv", &frame, &err), JOIST_ERR_NOT_FOUND);
    assert_status(joist_frame_scan(*state, NULL, "ns.t", &frame, &err), JOIST_ERR_INVALID);
    assert_ok(joist_frame_scan(*state, NULL, "memory:n/a.parquet", &frame, &err));
    assert_status(joist_frame_filter(frame, "idd > 1", &err), JOIST_ERR_INVALID);
    assert_non_null(strstr(err.text, "column 1: no column 'idd'"));
    assert_status(joist_frame_filter(frame, "id > 1 garbage", &err), JOIST_ERR_INVALID);
    assert_status(joist_frame_select(frame, "", &err), JOIST_ERR_INVALID);
    assert_status(joist_frame_aggregate(frame, "id", &err), JOIST_ERR_INVALID);
    assert_status(joist_frame_aggregate(frame, "*", &err), JOIST_ERR_INVALID);
    assert_status(joist_frame_group_by(frame, "nope", &err), JOIST_ERR_INVALID);
    assert_status(joist_frame_sort(frame, "id upwards", &err), JOIST_ERR_INVALID);
    assert_ok(joist_frame_count(frame, &rows, &err));
    assert_int_equal(rows, 500);
    joist_frame_close(frame);
    joist_frame_close(NULL);
}

static const char *const swept[] = {
        "select name, sum(price), count(distinct g) from '%s' where id > 20 group by name order by 2 desc",
        "select id, name from '%s' where name = 'n1' and price < 0.6 limit 7",
        "select min(id), max(name), count(*) from '%s'",
};

struct sweep {
    char path[1024];
    const char *statement;
};

static enum joist_status sweep_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct sweep *sweep = arg;
    char out[SQL_CSV_BYTES];
    char statement[2048];
    const char *hole = strstr(sweep->statement, "%s");
    snprintf(statement, sizeof statement, "%.*s%s%s", (int)(hole - sweep->statement), sweep->statement,
            sweep->path, hole + 2);
    return sql_csv(ctx, statement, out, err);
}

static enum joist_status fault_body(void *arg, struct fault_plan *plan, struct joist_error *err)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options};
    struct joist_ctx *ctx = NULL;
    struct joist_store inner = {0};
    struct joist_store store = {0};
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    assert_ok(joist_file_store_open(ctx, &inner, NULL));
    assert_ok(fault_store_open(inner, plan, &store));
    assert_ok(joist_ctx_add_store(ctx, "file", store, NULL));
    const enum joist_status status = sweep_body(ctx, arg, err);
    joist_ctx_close(ctx);
    return status;
}

static void no_failing_allocation_or_read_does_harm(void **state)
{
    struct sweep sweep = {0};
    struct temp_folder folder;
    temp_folder_open(&folder);
    temp_folder_path(&folder, "n.parquet", sweep.path);
    write_numbers(*state, sweep.path, 0, 90, 30);
    for (size_t index = 0; index < sizeof swept / sizeof swept[0]; index++) {
        sweep.statement = swept[index];
        oom_sweep_sparse(sweep_body, &sweep);
        io_sweep(fault_body, &sweep, 0);
    }
    temp_folder_close(&folder);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(globs_of_parquet_files_are_one_table, open_ctx, close_ctx),
            cmocka_unit_test_setup_teardown(row_groups_that_cannot_match_are_skipped, open_ctx, close_ctx),
            cmocka_unit_test_setup_teardown(csv_and_ndjson_files_are_tables_too, open_ctx, close_ctx),
            cmocka_unit_test_setup_teardown(files_that_do_not_go_together_are_refused, open_ctx, close_ctx),
            cmocka_unit_test_setup_teardown(
                    rows_outlive_the_file_that_they_were_sorted_from, open_ctx, close_ctx),
            cmocka_unit_test_setup_teardown(a_sort_or_group_over_the_limit_names_itself, open_ctx, close_ctx),
            cmocka_unit_test_setup_teardown(
                    a_sort_over_the_limit_goes_on_in_scratch_files, open_ctx, close_ctx),
            cmocka_unit_test_setup_teardown(every_type_groups_sorts_and_has_extremes, open_ctx, close_ctx),
            cmocka_unit_test_setup_teardown(a_cancelled_query_stops, open_ctx, close_ctx),
            cmocka_unit_test_setup_teardown(options_of_parquet_are_for_its_files, open_ctx, close_ctx),
            cmocka_unit_test_setup_teardown(frames_chain_steps, open_ctx, close_ctx),
            cmocka_unit_test_setup_teardown(frames_check_each_step, open_ctx, close_ctx),
            cmocka_unit_test_setup_teardown(no_failing_allocation_or_read_does_harm, open_ctx, close_ctx),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
