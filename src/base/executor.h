/*
 * executor.h - the bundled pool of threads, for ctx.c
 *
 * Threads are started at open and joined at close, never between. The queue is
 * fixed in size; what does not fit it is run by the thread that submits.
 */
#ifndef JI_EXECUTOR_H
#define JI_EXECUTOR_H

#include "base/mem.h"

struct ji_executor;

/* Starts `threads` threads, at least 1. */
enum joist_status ji_executor_open(
        struct ji_mem *mem, unsigned threads, struct ji_executor **executor, struct joist_error *err);
void ji_executor_submit(struct ji_executor *executor, void (*run)(void *arg), void *arg);
/* Takes the waiting tasks with this `arg` out of the queue: how many. */
size_t ji_executor_withdraw(struct ji_executor *executor, const void *arg);
/*
 * Runs what waits, joins the threads, frees the executor and calls `ended(arg)`. Where the caller
 * is one of the threads itself, that happens on it after the task that it is in.
 */
void ji_executor_close(struct ji_executor *executor, void (*ended)(void *arg), void *arg);

#endif
