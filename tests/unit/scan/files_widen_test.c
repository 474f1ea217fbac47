/*
 * files_widen_test.c - files of CSV whose later ones want wider types than the first
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <joist/joist.h>

#include "base/error.h"
#include "support/oom.h"
#include "support/sql_csv.h"

#define FILES_MAX 4

struct reading {
    const char *const *locations;
    size_t count;
    unsigned readings; /* that it took */
    char *out;         /* the rows of the last one */
};

static struct joist_ctx *open_ctx(void)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = (uint64_t)64 << 20};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static enum joist_status read_once(struct joist_ctx *ctx, struct reading *reading,
        const struct joist_text_options *text, struct joist_error *err)
{
    const struct joist_files_options options = {.struct_size = sizeof options, .text = text};
    struct ArrowArrayStream stream = {.release = NULL};
    reading->readings++;
    JI_TRY(joist_files_open(ctx, reading->locations, reading->count, &options, &stream, err));
    return stream_csv(ctx, &stream, reading->out, err);
}

/* Once, and where types have to be wider once more. */
static enum joist_status read_widened(struct joist_ctx *ctx, struct reading *reading, struct joist_error *err)
{
    struct joist_text_widening widening = {.due = false};
    struct joist_text_options text = {.struct_size = sizeof text, .sample_bytes = 16, .widening = &widening};
    enum joist_status status = read_once(ctx, reading, &text, err);
    if (!widening.due)
        return status;
    text.schema = &widening.schema;
    text.widening = NULL;
    status = read_once(ctx, reading, &text, err);
    widening.schema.release(&widening.schema);
    return status;
}

static void check(const char *const *texts, const char *wanted, unsigned readings)
{
    static const char *const locations[FILES_MAX] = {
            "memory:1.csv", "memory:2.csv", "memory:3.csv", "memory:4.csv"};
    struct joist_ctx *ctx = open_ctx();
    char out[SQL_CSV_BYTES] = "";
    struct joist_error err = {.text = ""};
    struct reading reading = {.locations = locations, .out = out};
    for (; reading.count < FILES_MAX && texts[reading.count] != NULL; reading.count++)
        write_bytes(ctx, locations[reading.count], texts[reading.count]);
    if (read_widened(ctx, &reading, &err) == JOIST_OK)
        assert_string_equal(out, wanted);
    else
        assert_string_equal(err.text, wanted);
    assert_int_equal(reading.readings, readings);
    joist_ctx_close(ctx);
}

static void types_hold_all_files(void **state)
{
    (void)state;
    static const struct {
        const char *texts[FILES_MAX];
        const char *wanted;
        unsigned readings;
    } cases[] = {
            {{"id,v\n1,2\n", "id,v\n2,3\n"}, "id,v\n1,2\n2,3\n", 1},
            {{"id,v\n1,2\n", "id,v\n2,3.5\n"}, "id,v\n1,2.0\n2,3.5\n", 2},
            {{"id,v\n1,2\n", "id,v\n2,3.5\n", "id,v\n007,x\n"}, "id,v\n1,2\n2,3.5\n007,x\n", 2},
            {{"id,v\n1,2\n2,2.5\n", "id,v\nx,3\n", "id,v\n4,4\n"}, "id,v\n1,2.0\n2,2.5\nx,3.0\n4,4.0\n", 2},
            {{"id,v\n1,\n", "id,v\n2,\n", "id,v\n3,2026-01-01\n"}, "id,v\n1,\n2,\n3,2026-01-01\n", 2},
            {{"id,v\n", "id,v\n2,7\n", "id,v\n3,7\n"}, "id,v\n2,7\n3,7\n", 2},
            {{"id,v\n1,a\n", "id,v\n2,3\n"}, "id,v\n1,a\n2,3\n", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++)
        check(cases[i].texts, cases[i].wanted, cases[i].readings);
}

static void what_no_type_saves_is_told_at_once(void **state)
{
    (void)state;
    static const char *const texts[] = {"id,v\n1,2\n", "id,v\n2,3.5\n", "id,v\n3,\"4\"5\n", NULL};
    check(texts, "3.csv: line 2, column 'v': text behind the closing quote: '\"4\"5'", 1);
    static const char *const others[] = {"id,v\n1,2\n", "id,v\n2,3.5\n", "id,w\n3,4\n", NULL};
    check(others, "3.csv: column 'w' is not in the schema", 1);
}

/* Numbers that read like codes are not taken for numbers since another file was the first. */
static void later_files_are_held_to_the_types_of_the_first(void **state)
{
    (void)state;
    static const char *const locations[] = {"memory:1.csv", "memory:2.csv"};
    struct joist_ctx *ctx = open_ctx();
    char out[SQL_CSV_BYTES];
    struct joist_error err = {.text = ""};
    struct reading reading = {.locations = locations, .count = 2, .out = out};
    const struct joist_text_options text = {.struct_size = sizeof text};
    write_bytes(ctx, locations[0], "id\n1\n");
    write_bytes(ctx, locations[1], "id\n007\n");
    assert_status(read_once(ctx, &reading, &text, &err), JOIST_ERR_INVALID);
    assert_string_equal(
            err.text, "2.csv: line 2, column 'id': '007' would not come back: it reads like a code");
    joist_ctx_close(ctx);
}

static void folders_stay_columns_when_types_widen(void **state)
{
    (void)state;
    static const char *const locations[] = {"memory:in/"};
    struct joist_ctx *ctx = open_ctx();
    char out[SQL_CSV_BYTES];
    struct reading reading = {.locations = locations, .count = 1, .out = out};
    write_bytes(ctx, "memory:in/region=eu/1.csv", "id\n1\n");
    write_bytes(ctx, "memory:in/region=us/1.csv", "id\n2.5\n");
    assert_ok(read_widened(ctx, &reading, NULL));
    assert_string_equal(out, "id,region\n1.0,eu\n2.5,us\n");
    joist_ctx_close(ctx);
}

static enum joist_status put(
        struct joist_ctx *ctx, const char *location, const char *bytes, struct joist_error *err)
{
    struct joist_sink sink;
    JI_TRY(joist_sink_open(ctx, location, JOIST_SINK_CREATE, &sink, err));
    const enum joist_status status = sink.ops->append(sink.self, bytes, strlen(bytes), err);
    if (status == JOIST_OK)
        return joist_sink_commit(&sink, err);
    joist_sink_abort(&sink);
    return status;
}

static enum joist_status sweep_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    static const char *const locations[] = {"memory:1.csv", "memory:2.csv", "memory:3.csv"};
    char out[SQL_CSV_BYTES];
    struct reading reading = {.locations = locations, .count = 3, .out = out};
    (void)arg;
    JI_TRY(put(ctx, locations[0], "id,v\n1,\n", err));
    JI_TRY(put(ctx, locations[1], "id,v\n2,2.5\n", err));
    JI_TRY(put(ctx, locations[2], "id,v\nx,2.5\n", err));
    return read_widened(ctx, &reading, err);
}

static void memory_runs_out_anywhere(void **state)
{
    (void)state;
    oom_sweep_sparse(sweep_body, NULL);
}

/* --- queries --- */

static void check_query(struct joist_ctx *ctx, const char *statement, const char *wanted)
{
    char out[SQL_CSV_BYTES] = "";
    struct joist_error err = {.text = ""};
    if (sql_csv(ctx, statement, out, &err) == JOIST_OK)
        assert_string_equal(out, wanted);
    else
        assert_string_equal(err.text, wanted);
}

static void queries_see_types_that_hold_all_files(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    write_bytes(ctx, "memory:q/1.csv", "id,v\n1,2\n");
    write_bytes(ctx, "memory:q/2.csv", "id,v\n2,2.5\n");
    write_bytes(ctx, "memory:q/3.csv", "id,v\n007,\n");
    check_query(ctx, "select id, v from 'memory:q/*.csv' order by id", "id,v\n007,\n1,2.0\n2,2.5\n");
    write_bytes(ctx, "memory:o/1.csv", "id,v\n1,2\n");
    write_bytes(ctx, "memory:o/2.csv", "v,id\n5,6\n");
    check_query(ctx, "select * from 'memory:o/*.csv'",
            "memory:o/2.csv: column 1, 'v', has another name or type than in the first file");
    write_bytes(ctx, "memory:f/1.csv", "id\n1\n");
    write_bytes(ctx, "memory:f/2.csv", "id\n2\"\n");
    check_query(ctx, "select id from 'memory:f/1.csv'", "id\n1\n");
    check_query(ctx, "select id from 'memory:f/*.csv'",
            "f/2.csv: line 2, column 'id': a quote within a field that is not quoted: '2\"'");
    joist_ctx_close(ctx);
}

/* `last` is what only the last line says. */
static char *long_text(const char *header, const char *line, const char *last)
{
    const size_t lines = ((size_t)3 << 19) / strlen(line);
    char *text = malloc(strlen(header) + lines * strlen(line) + strlen(last) + 1);
    char *at = text + sprintf(text, "%s", header);
    for (size_t i = 0; i < lines; i++)
        at += sprintf(at, "%s", line);
    (void)sprintf(at, "%s", last);
    return text;
}

static void queries_know_values_behind_the_sample(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx();
    char *csv = long_text("id,note\n", "1,abcdefghijklmnopqrstuvwxyz\n", "1.5,x\n");
    write_bytes(ctx, "memory:long.csv", csv);
    check_query(ctx, "select max(id) as most from 'memory:long.csv'", "most\n1.5\n");
    free(csv);
    char *ndjson = long_text("", "{\"id\":1}\n", "{\"id\":2,\"x\":7}\n");
    write_bytes(ctx, "memory:long.ndjson", ndjson);
    check_query(ctx, "select sum(x) as x from 'memory:long.ndjson'", "x\n7\n");
    free(ndjson);
    joist_ctx_close(ctx);
}

static enum joist_status query_body(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    char out[SQL_CSV_BYTES];
    (void)arg;
    JI_TRY(put(ctx, "memory:1.csv", "id,v\n1,2\n", err));
    JI_TRY(put(ctx, "memory:2.csv", "id,v\n2,2.5\n", err));
    return sql_csv(ctx, "select sum(v) as s from 'memory:?.csv'", out, err);
}

static void memory_runs_out_anywhere_in_a_query(void **state)
{
    (void)state;
    oom_sweep_sparse(query_body, NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(types_hold_all_files),
            cmocka_unit_test(what_no_type_saves_is_told_at_once),
            cmocka_unit_test(later_files_are_held_to_the_types_of_the_first),
            cmocka_unit_test(folders_stay_columns_when_types_widen),
            cmocka_unit_test(memory_runs_out_anywhere),
            cmocka_unit_test(queries_see_types_that_hold_all_files),
            cmocka_unit_test(queries_know_values_behind_the_sample),
            cmocka_unit_test(memory_runs_out_anywhere_in_a_query),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
