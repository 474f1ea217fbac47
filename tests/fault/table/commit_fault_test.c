/*
 * commit_fault_test.c - the n-th I/O of a table's life fails, for every n: the table is the old one or the new one
 *
 * A warehouse in memory on a store that fails on request. What was acknowledged is there afterwards, also when
 * everything that nothing made durable is taken away; what failed left the table as it was.
 */
#include "support/test.h"

#include <errno.h>
#include <string.h>

#include "base/ctx.h"
#include "support/fault_store.h"

static const char SCHEMA[] = "id long required, kind string";

struct life {
    struct joist_ctx *ctx;
    struct joist_catalog *catalog;
    struct joist_store store;
    bool created;
    int appended; /* acknowledged appends of two rows */
};

static enum joist_status two_rows(
        struct joist_ctx *ctx, struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct joist_builder *builder = NULL;
    enum joist_status status = JOIST_OK;
    JI_TRY(joist_builder_open(ctx, SCHEMA, &builder, err));
    for (int i = 0; i < 2; i++) {
        JI_TRY_OUT(joist_builder_int64(builder, i, err));
        JI_TRY_OUT(joist_builder_bytes(builder, i == 0 ? "oak" : "yew", 3, err));
        JI_TRY_OUT(joist_builder_end_row(builder, err));
    }
    JI_TRY_OUT(joist_builder_take(builder, stream, err));
out:
    joist_builder_close(builder);
    return status;
}

static enum joist_status live(struct life *life, struct joist_error *err)
{
    const struct joist_table_create_options options = {.struct_size = sizeof options,
            .schema_json = "{\"fields\":[{\"id\":1,\"name\":\"id\",\"required\":true,\"type\":\"long\"},"
                           "{\"id\":2,\"name\":\"kind\",\"required\":false,\"type\":\"string\"}]}",
            .partition = "kind"};
    JI_TRY(joist_table_create(life->catalog, "n.t", &options, err));
    life->created = true;
    for (int i = 0; i < 2; i++) {
        struct ArrowArrayStream stream = {0};
        JI_TRY(two_rows(life->ctx, &stream, err));
        const enum joist_status status = joist_table_append(life->catalog, "n.t", &stream, NULL, NULL, err);
        stream.release(&stream);
        if (status != JOIST_OK)
            return status;
        life->appended++;
    }
    return JOIST_OK;
}

static int64_t count_rows(struct joist_catalog *catalog)
{
    struct ArrowArrayStream stream = {0};
    struct joist_error err = {0};
    int64_t rows = 0;
    if (joist_table_scan(catalog, "n.t", NULL, &stream, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    for (;;) {
        struct ArrowArray array = {0};
        if (joist_stream_next(&stream, &array, &err) != JOIST_OK)
            fail_msg("%s", err.text);
        if (array.release == NULL)
            break;
        rows += array.length;
        array.release(&array);
    }
    stream.release(&stream);
    return rows;
}

static enum joist_status open_life(struct life *life, struct fault_plan *plan, struct joist_error *err)
{
    struct joist_store inner = {0};
    JI_TRY(joist_ctx_open(NULL, &life->ctx, err));
    JI_TRY(joist_memory_store_open(life->ctx, &inner, err));
    JI_TRY(fault_store_open(inner, plan, &life->store));
    JI_TRY(joist_ctx_add_store(life->ctx, "memory", life->store, err));
    return joist_catalog_open(life->ctx, "memory:", NULL, &life->catalog, err);
}

static void close_life(struct life *life)
{
    joist_catalog_close(life->catalog);
    joist_ctx_close(life->ctx);
}

/* Whatever failed, the table says what was acknowledged. */
static enum joist_status body(void *arg, struct fault_plan *plan, struct joist_error *err)
{
    const bool *crashes = arg;
    struct life life = {0};
    assert_ok(open_life(&life, plan, NULL));
    const enum joist_status status = live(&life, err);
    plan->fail_at = 0;
    plan->from_then_on = false;
    if (*crashes)
        assert_ok(fault_store_crash(life.store, NULL));
    if (life.created)
        assert_int_equal(count_rows(life.catalog), 2 * life.appended);
    if (status != JOIST_OK)
        assert_true(strlen(err->text) > 0);
    close_life(&life);
    return status;
}

static void every_failed_call_leaves_old_or_new(void **state)
{
    (void)state;
    static bool crashes = false;
    io_sweep(body, &crashes, ENOSPC);
}

static enum joist_status crashing_body(void *arg, struct fault_plan *plan, struct joist_error *err)
{
    plan->from_then_on = true;
    plan->lose_unsynced = true;
    plan->torn_write = true;
    return body(arg, plan, err);
}

static void power_lost_at_every_call_leaves_old_or_new(void **state)
{
    (void)state;
    static bool crashes = true;
    io_sweep(crashing_body, &crashes, EIO);
}

/* Readers: a failing read is an error, never fewer rows. */
static enum joist_status reading_body(void *arg, struct fault_plan *plan, struct joist_error *err)
{
    (void)arg;
    struct life life = {0};
    const uint64_t fail_at = plan->fail_at;
    plan->fail_at = 0;
    assert_ok(open_life(&life, plan, NULL));
    assert_ok(live(&life, NULL));
    plan->calls = 0;
    plan->fail_at = fail_at;
    struct ArrowArrayStream stream = {0};
    enum joist_status status = joist_table_scan(life.catalog, "n.t", NULL, &stream, err);
    int64_t rows = 0;
    while (status == JOIST_OK) {
        struct ArrowArray array = {0};
        status = joist_stream_next(&stream, &array, err);
        if (status != JOIST_OK || array.release == NULL)
            break;
        rows += array.length;
        array.release(&array);
    }
    if (stream.release != NULL)
        stream.release(&stream);
    if (status == JOIST_OK)
        assert_int_equal(rows, 4);
    plan->fail_at = 0;
    close_life(&life);
    return status;
}

static void a_failing_read_is_an_error(void **state)
{
    (void)state;
    io_sweep(reading_body, NULL, EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_failed_call_leaves_old_or_new),
            cmocka_unit_test(power_lost_at_every_call_leaves_old_or_new),
            cmocka_unit_test(a_failing_read_is_an_error),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
