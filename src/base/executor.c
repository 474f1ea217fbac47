/*
 * executor.c - the bundled pool of threads
 *
 *     submit ->  [ring of 256 tasks]  -> n threads
 *
 *   1. `closing` is set once; threads end when it is set and the ring is empty.
 *   2. Who closes joins all the others. A thread that dropped the last reference on its own
 *      context cannot join itself: it notes so in `closer`, finishes its task, joins the others,
 *      detaches itself and is the one that frees.
 */
#include "base/executor.h"

#include <assert.h>
#include <pthread.h>
#include <signal.h>

#define TASKS_MAX 256
#define STACK_BYTES ((size_t)1 << 20)

struct task {
    void (*run)(void *arg);
    void *arg;
};

struct ji_executor {
    struct ji_mem *mem;
    pthread_mutex_t lock;
    pthread_cond_t work;
    struct task tasks[TASKS_MAX];
    size_t first;
    size_t count;
    bool closing;
    bool closer_is_ours;
    pthread_t closer; /* valid where closer_is_ours */
    void (*ended)(void *arg);
    void *ended_arg;
    unsigned started;
    unsigned threads_max;
    pthread_t threads[];
};

static size_t executor_bytes(unsigned threads)
{
    return sizeof(struct ji_executor) + threads * sizeof(pthread_t);
}

/* Joins every thread but the calling one, and frees. */
static void finish(struct ji_executor *executor)
{
    void (*ended)(void *arg) = executor->ended;
    void *ended_arg = executor->ended_arg;
    for (unsigned i = 0; i < executor->started; i++) {
        if (pthread_equal(executor->threads[i], pthread_self()))
            pthread_detach(executor->threads[i]);
        else
            pthread_join(executor->threads[i], NULL);
    }
    pthread_cond_destroy(&executor->work);
    pthread_mutex_destroy(&executor->lock);
    ji_free(executor->mem, executor, executor_bytes(executor->threads_max));
    if (ended != NULL)
        ended(ended_arg);
}

static void *thread_main(void *arg)
{
    struct ji_executor *executor = arg;
    pthread_mutex_lock(&executor->lock);
    for (;;) {
        while (executor->count == 0 && !executor->closing)
            pthread_cond_wait(&executor->work, &executor->lock);
        if (executor->count == 0)
            break;
        const struct task task = executor->tasks[executor->first];
        executor->first = (executor->first + 1) % TASKS_MAX;
        executor->count--;
        pthread_mutex_unlock(&executor->lock);
        task.run(task.arg);
        pthread_mutex_lock(&executor->lock);
    }
    const bool finishes = executor->closer_is_ours && pthread_equal(executor->closer, pthread_self());
    pthread_mutex_unlock(&executor->lock);
    if (finishes)
        finish(executor);
    return NULL;
}

/* Signals are the host's: none is delivered to our threads. */
static int start_thread(struct ji_executor *executor, pthread_t *thread)
{
    pthread_attr_t attributes;
    int error = pthread_attr_init(&attributes);
    if (error != 0)
        return error;
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_attr_setstacksize(&attributes, STACK_BYTES);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    error = pthread_create(thread, &attributes, thread_main, executor);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    pthread_attr_destroy(&attributes);
    return error;
}

enum joist_status ji_executor_open(
        struct ji_mem *mem, unsigned threads, struct ji_executor **executor, struct joist_error *err)
{
    assert(threads > 0);
    struct ji_executor *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, executor_bytes(threads), &made, err));
    made->mem = mem;
    made->threads_max = threads;
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->work, NULL);
    int error = 0;
    /* Under the lock, so that no thread looks at `threads` before all are there. */
    pthread_mutex_lock(&made->lock);
    while (made->started < threads && error == 0) {
        error = start_thread(made, &made->threads[made->started]);
        made->started += error == 0;
    }
    pthread_mutex_unlock(&made->lock);
    if (error != 0) {
        const unsigned started = made->started;
        ji_executor_close(made, NULL, NULL);
        return ji_fail_errno(err, error, "thread %u of %u could not be started", started + 1, threads);
    }
    *executor = made;
    return JOIST_OK;
}

void ji_executor_submit(struct ji_executor *executor, void (*run)(void *arg), void *arg)
{
    pthread_mutex_lock(&executor->lock);
    const bool fits = executor->count < TASKS_MAX;
    if (fits) {
        executor->tasks[(executor->first + executor->count) % TASKS_MAX] = (struct task){run, arg};
        executor->count++;
        pthread_cond_signal(&executor->work);
    }
    pthread_mutex_unlock(&executor->lock);
    if (!fits)
        run(arg);
}

size_t ji_executor_withdraw(struct ji_executor *executor, const void *arg)
{
    pthread_mutex_lock(&executor->lock);
    size_t kept = 0;
    const size_t before = executor->count;
    for (size_t i = 0; i < before; i++) {
        const struct task task = executor->tasks[(executor->first + i) % TASKS_MAX];
        if (task.arg != arg)
            executor->tasks[(executor->first + kept++) % TASKS_MAX] = task;
    }
    executor->count = kept;
    pthread_mutex_unlock(&executor->lock);
    return before - kept;
}

void ji_executor_close(struct ji_executor *executor, void (*ended)(void *arg), void *arg)
{
    pthread_mutex_lock(&executor->lock);
    executor->closing = true;
    executor->ended = ended;
    executor->ended_arg = arg;
    for (unsigned i = 0; i < executor->started; i++) {
        if (pthread_equal(executor->threads[i], pthread_self())) {
            executor->closer_is_ours = true;
            executor->closer = pthread_self();
        }
    }
    const bool later = executor->closer_is_ours;
    pthread_cond_broadcast(&executor->work);
    pthread_mutex_unlock(&executor->lock);
    if (!later)
        finish(executor);
}
