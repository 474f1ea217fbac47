/*
 * fault_store.h - a store around any store that fails on request
 *
 *     struct fault_plan plan = {.fail_at = n, .os_errno = ENOSPC};
 *     fault_store_open(inner, &plan, &store);          the wrapper owns `inner`
 *     joist_ctx_add_store(ctx, "file", store, NULL);
 *
 * Every open, read, append, commit, sync_folder, list, stat and remove counts as one call. It may
 * be used from several threads. With a plan of zeros it is transparent.
 */
#ifndef JI_FAULT_STORE_H
#define JI_FAULT_STORE_H

#include "support/test.h"

#include <stdatomic.h>

struct fault_plan {
    atomic_uint_fast64_t calls;    /* so far */
    atomic_uint_fast64_t failures; /* injected so far */
    uint64_t fail_at;              /* this call fails, 1-based; 0: none */
    bool from_then_on;             /* and all after it */
    int os_errno;                  /* 0: EIO */
    bool short_reads;              /* every read gives about half of what was asked for, 1 byte at least */
    bool torn_write;               /* the append that fails writes its first half before */
    bool lose_unsynced;            /* what no commit or sync_folder made durable goes at fault_store_crash */
};

/* `plan` lives longer than the store and may change while nothing runs. */
enum joist_status fault_store_open(
        struct joist_store inner, struct fault_plan *plan, struct joist_store *store);

/*
 * Power is lost: with `lose_unsynced`, objects committed with JOIST_SINK_FOLDER_LATER whose folder was
 * not synced since are removed from the inner store. Sinks that are open keep nothing.
 */
enum joist_status fault_store_crash(struct joist_store store, struct joist_error *err);

/* Runs the body with the n-th call failing for n = 1, 2, ... until none fails. The body uses `plan` in its store. */
void io_sweep(enum joist_status (*body)(void *arg, struct fault_plan *plan, struct joist_error *err),
        void *arg, int os_errno);

#endif
