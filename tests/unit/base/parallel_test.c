/*
 * parallel_test.c - every index once, lanes that never meet, the lowest failure
 */
#include "support/test.h"

#include "base/parallel.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>

#define COUNT 5000
#define LANES_MAX 8

struct tally {
    atomic_uint runs[COUNT];
    atomic_uint inside[LANES_MAX];
    unsigned threads;
    atomic_bool wrong;
    size_t fail_from;
};

static enum joist_status count_one(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    struct tally *tally = arg;
    if (worker >= tally->threads || atomic_fetch_add(&tally->inside[worker], 1) != 0)
        atomic_store(&tally->wrong, true);
    atomic_fetch_add(&tally->runs[index], 1);
    atomic_fetch_sub(&tally->inside[worker], 1);
    if (index >= tally->fail_from)
        return ji_fail(err, JOIST_ERR_INVALID, "index %zu", index);
    return JOIST_OK;
}

static struct joist_ctx *open_ctx(unsigned threads)
{
    struct joist_ctx_options options = {.struct_size = sizeof options, .threads = threads};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    return ctx;
}

static void every_index_runs_once(void **state)
{
    (void)state;
    for (unsigned threads = 1; threads <= 4; threads++) {
        struct joist_ctx *ctx = open_ctx(threads);
        struct tally tally = {.threads = threads, .fail_from = SIZE_MAX};
        assert_int_equal(ji_ctx_threads(ctx), threads);
        assert_ok(ji_parallel(ctx, COUNT, count_one, &tally, NULL));
        for (size_t i = 0; i < COUNT; i++)
            assert_int_equal(tally.runs[i], 1);
        assert_false(tally.wrong);
        joist_ctx_close(ctx);
    }
}

static void no_index_is_no_work(void **state)
{
    (void)state;
    struct joist_ctx *ctx = open_ctx(3);
    struct tally tally = {.threads = 3, .fail_from = 0};
    assert_ok(ji_parallel(ctx, 0, count_one, &tally, NULL));
    joist_ctx_close(ctx);
}

static void the_lowest_failure_is_returned(void **state)
{
    (void)state;
    for (int round = 0; round < 50; round++) {
        struct joist_ctx *ctx = open_ctx(4);
        struct tally tally = {.threads = 4, .fail_from = 100};
        struct joist_error err = {0};
        assert_status(ji_parallel(ctx, COUNT, count_one, &tally, &err), JOIST_ERR_INVALID);
        assert_string_equal(err.text, "index 100");
        assert_status(err.status, JOIST_ERR_INVALID);
        for (size_t i = 0; i <= 100; i++)
            assert_int_equal(tally.runs[i], 1);
        joist_ctx_close(ctx);
    }
}

struct nested {
    struct joist_ctx *ctx;
    atomic_uint leaves;
};

static enum joist_status leaf(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    (void)index;
    (void)worker;
    (void)err;
    atomic_fetch_add(&((struct nested *)arg)->leaves, 1);
    return JOIST_OK;
}

static enum joist_status branch(void *arg, size_t index, unsigned worker, struct joist_error *err)
{
    (void)index;
    (void)worker;
    return ji_parallel(((struct nested *)arg)->ctx, 20, leaf, arg, err);
}

static void work_may_be_parallel_itself(void **state)
{
    (void)state;
    struct nested nested = {.ctx = open_ctx(3)};
    assert_ok(ji_parallel(nested.ctx, 50, branch, &nested, NULL));
    assert_int_equal(nested.leaves, 1000);
    joist_ctx_close(nested.ctx);
}

/* Keeps what it was given and runs it when the test says so. */
struct lazy {
    void (*run[16])(void *arg);
    void *arg[16];
    size_t count;
};

static void lazy_submit(void *user, void (*run)(void *arg), void *arg)
{
    struct lazy *lazy = user;
    assert_true(lazy->count < 16);
    lazy->run[lazy->count] = run;
    lazy->arg[lazy->count++] = arg;
}

static void an_executor_that_never_comes_stops_nothing(void **state)
{
    (void)state;
    struct lazy lazy = {.count = 0};
    const struct joist_executor executor = {.user = &lazy, .threads = 3, .submit = lazy_submit};
    struct joist_ctx_options options = {.struct_size = sizeof options, .executor = &executor};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    struct tally tally = {.threads = 4, .fail_from = SIZE_MAX};
    assert_ok(ji_parallel(ctx, 10, count_one, &tally, NULL));
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(tally.runs[i], 1);
    joist_ctx_close(ctx);
    /* Those who come late find the job closed, though the context was closed by its owner. */
    for (size_t i = 0; i < lazy.count; i++)
        lazy.run[i](lazy.arg[i]);
    for (size_t i = 0; i < 10; i++)
        assert_int_equal(tally.runs[i], 1);
}

static void run_at_once(void *user, void (*run)(void *arg), void *arg)
{
    (void)user;
    run(arg);
}

static void an_executor_may_run_at_once(void **state)
{
    (void)state;
    const struct joist_executor executor = {.threads = 2, .submit = run_at_once};
    struct joist_ctx_options options = {.struct_size = sizeof options, .executor = &executor};
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    struct tally tally = {.threads = 3, .fail_from = SIZE_MAX};
    assert_ok(ji_parallel(ctx, 10, count_one, &tally, NULL));
    assert_false(tally.wrong);
    joist_ctx_close(ctx);
}

struct last_one {
    struct joist_ctx *ctx;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool closed_by_owner;
    bool freed;
};

static void last_free(void *user, void *memory, size_t bytes)
{
    struct last_one *last = user;
    const struct joist_allocator system = ji_system_allocator();
    system.free(system.user, memory, bytes);
    (void)last;
}

static void *last_alloc(void *user, size_t bytes, size_t alignment)
{
    (void)user;
    const struct joist_allocator system = ji_system_allocator();
    return system.alloc(system.user, bytes, alignment);
}

static void close_on_thread(void *arg)
{
    struct last_one *last = arg;
    pthread_mutex_lock(&last->lock);
    while (!last->closed_by_owner)
        pthread_cond_wait(&last->changed, &last->lock);
    pthread_mutex_unlock(&last->lock);
    joist_ctx_close(last->ctx);
    pthread_mutex_lock(&last->lock);
    last->freed = true;
    pthread_cond_signal(&last->changed);
    pthread_mutex_unlock(&last->lock);
}

static void the_last_reference_may_go_on_a_thread_of_the_pool(void **state)
{
    (void)state;
    struct last_one last = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    const struct joist_allocator allocator = {.user = &last, .alloc = last_alloc, .free = last_free};
    struct joist_ctx_options options = {.struct_size = sizeof options, .threads = 3, .allocator = &allocator};
    assert_ok(joist_ctx_open(&options, &last.ctx, NULL));
    ji_ctx_submit(ji_ctx_retain(last.ctx), close_on_thread, &last);
    joist_ctx_close(last.ctx);
    pthread_mutex_lock(&last.lock);
    last.closed_by_owner = true;
    pthread_cond_broadcast(&last.changed);
    while (!last.freed)
        pthread_cond_wait(&last.changed, &last.lock);
    pthread_mutex_unlock(&last.lock);
}

static void more_tasks_than_the_queue_holds_all_run(void **state)
{
    (void)state;
    struct nested nested = {.ctx = open_ctx(2)};
    struct joist_ctx *ctx = nested.ctx;
    for (int i = 0; i < 1000; i++)
        assert_ok(ji_parallel(ctx, 3, leaf, &nested, NULL));
    assert_int_equal(nested.leaves, 3000);
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_index_runs_once),
            cmocka_unit_test(no_index_is_no_work),
            cmocka_unit_test(the_lowest_failure_is_returned),
            cmocka_unit_test(work_may_be_parallel_itself),
            cmocka_unit_test(an_executor_that_never_comes_stops_nothing),
            cmocka_unit_test(an_executor_may_run_at_once),
            cmocka_unit_test(the_last_reference_may_go_on_a_thread_of_the_pool),
            cmocka_unit_test(more_tasks_than_the_queue_holds_all_run),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
