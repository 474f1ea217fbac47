/*
 * parallel.c - the same work for many indexes
 *
 *     caller: lane 0 ----------------- closes ---- waits for those inside -- returns
 *     helper: lane 1   (enters) ------ leaves
 *     helper: never ran, or too late: finds the job closed and only drops its reference
 *
 *   1. The job lives until the caller and every helper that was submitted dropped it.
 *   2. Helpers of the bundled pool that have not begun are withdrawn, so that none of them
 *      outlives the call. A foreign executor's may: each holds the context.
 */
#include "base/parallel.h"

#include <assert.h>
#include <pthread.h>
#include <stdatomic.h>

struct job {
    struct joist_ctx *ctx;
    ji_parallel_fn run;
    void *arg;
    size_t count;
    atomic_size_t next;
    atomic_bool stop;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t references; /* the caller's and one a submitted helper */
    unsigned lanes;    /* given out so far; the caller's is 0 */
    unsigned inside;   /* helpers at work */
    bool closed;
    size_t failed_index;
    enum joist_status failed;
    struct joist_error error;
};

static void work(struct job *job, unsigned lane)
{
    while (!atomic_load_explicit(&job->stop, memory_order_relaxed)) {
        const size_t index = atomic_fetch_add_explicit(&job->next, 1, memory_order_relaxed);
        if (index >= job->count)
            return;
        struct joist_error error;
        error.text[0] = '\0';
        error.os_errno = 0;
        const enum joist_status status = job->run(job->arg, index, lane, &error);
        if (status == JOIST_OK)
            continue;
        error.status = status;
        atomic_store_explicit(&job->stop, true, memory_order_relaxed);
        pthread_mutex_lock(&job->lock);
        if (job->failed == JOIST_OK || index < job->failed_index) {
            job->failed = status;
            job->failed_index = index;
            job->error = error;
        }
        pthread_mutex_unlock(&job->lock);
    }
}

static void free_job(struct job *job)
{
    struct joist_ctx *ctx = job->ctx;
    pthread_mutex_destroy(&job->lock);
    pthread_cond_destroy(&job->changed);
    ji_free(ji_ctx_mem(ctx), job, sizeof *job);
    joist_ctx_close(ctx);
}

static void help(void *arg)
{
    struct job *job = arg;
    pthread_mutex_lock(&job->lock);
    if (!job->closed) {
        const unsigned lane = ++job->lanes;
        job->inside++;
        pthread_mutex_unlock(&job->lock);
        work(job, lane);
        pthread_mutex_lock(&job->lock);
        job->inside--;
    }
    const bool last = --job->references == 0;
    if (!last)
        pthread_cond_signal(&job->changed);
    pthread_mutex_unlock(&job->lock);
    if (last)
        free_job(job);
}

static enum joist_status run_inline(size_t count, ji_parallel_fn run, void *arg, struct joist_error *err)
{
    for (size_t index = 0; index < count; index++)
        JI_TRY(run(arg, index, 0, err));
    return JOIST_OK;
}

static enum joist_status open_job(struct joist_ctx *ctx, struct job **job, struct joist_error *err)
{
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof **job, job, err));
    (*job)->ctx = ji_ctx_retain(ctx);
    (*job)->references = 1;
    pthread_mutex_init(&(*job)->lock, NULL);
    pthread_cond_init(&(*job)->changed, NULL);
    return JOIST_OK;
}

enum joist_status ji_parallel(
        struct joist_ctx *ctx, size_t count, ji_parallel_fn run, void *arg, struct joist_error *err)
{
    assert(ctx != NULL && run != NULL);
    const unsigned threads = ji_ctx_threads(ctx);
    if (threads == 1 || count <= 1)
        return run_inline(count, run, arg, err);

    struct job *job = NULL;
    JI_TRY(open_job(ctx, &job, err));
    job->run = run;
    job->arg = arg;
    job->count = count;
    const size_t helpers = count - 1 < threads - 1 ? count - 1 : threads - 1;
    job->references += helpers;
    for (size_t i = 0; i < helpers; i++)
        ji_ctx_submit(ctx, help, job);
    work(job, 0);

    bool all_begun = false;
    pthread_mutex_lock(&job->lock);
    job->closed = true;
    pthread_mutex_unlock(&job->lock);
    const size_t withdrawn = ji_ctx_withdraw(ctx, job, &all_begun);
    pthread_mutex_lock(&job->lock);
    job->references -= withdrawn;
    while (job->inside > 0 || (all_begun && job->references > 1))
        pthread_cond_wait(&job->changed, &job->lock);
    const enum joist_status failed = job->failed;
    if (failed != JOIST_OK && err != NULL)
        *err = job->error;
    const bool last = --job->references == 0;
    pthread_mutex_unlock(&job->lock);
    if (last)
        free_job(job);
    return failed;
}
