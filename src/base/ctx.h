/*
 * ctx.h - what a context holds, for the layers above
 *
 * Shared and immutable after open but for the counters, the slab lists and the store table,
 * which lock themselves.
 */
#ifndef JI_CTX_H
#define JI_CTX_H

#include <joist/io.h>

#include "base/mem.h"

#define JI_STORE_SCHEMES_MAX 16

struct joist_ctx; /* opaque to all but ctx.c; ask through these */

/* The root pool: parent of every reader's, writer's and query's own. */
struct ji_mem *ji_ctx_mem(struct joist_ctx *ctx);
/* Parent of what was exported and outlives its query. */
struct ji_mem *ji_ctx_exported(struct joist_ctx *ctx);
/* One more reference, ended by joist_ctx_close. */
struct joist_ctx *ji_ctx_retain(struct joist_ctx *ctx);

int64_t ji_ctx_now_us(struct joist_ctx *ctx);
enum joist_status ji_ctx_random(struct joist_ctx *ctx, void *out, size_t bytes, struct joist_error *err);
/* How many threads may work at once, the caller's included: at least 1. */
unsigned ji_ctx_threads(const struct joist_ctx *ctx);
/* Runs `run(arg)` on some other thread, or at once where there is none. */
void ji_ctx_submit(struct joist_ctx *ctx, void (*run)(void *arg), void *arg);
/*
 * Takes back what was submitted with `arg` and has not begun: how many times. A foreign
 * executor gives nothing back, and then `*all_begun` is false: the rest may begin at any time.
 */
size_t ji_ctx_withdraw(struct joist_ctx *ctx, const void *arg, bool *all_begun);

/*
 * Where files without a name may stand that hold what does not fit in memory; NULL: nowhere. `take` counts
 * bytes of them against the context's limit: LIMIT where there is no room, and nothing is taken.
 */
const char *ji_ctx_scratch_folder(const struct joist_ctx *ctx);
enum joist_status ji_ctx_scratch_take(struct joist_ctx *ctx, uint64_t bytes, struct joist_error *err);
void ji_ctx_scratch_give(struct joist_ctx *ctx, uint64_t bytes);

/* One line for people, without newline; cheap where nobody listens. */
void ji_log(struct joist_ctx *ctx, enum joist_log_level level, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/*
 * The table scheme -> store. `find` sets ops = NULL where there is none; `add` fails
 * with EXISTS. The context closes them when it goes.
 */
enum joist_status ji_ctx_store_add(
        struct joist_ctx *ctx, const char *scheme, struct joist_store store, struct joist_error *err);
struct joist_store ji_ctx_store_find(struct joist_ctx *ctx, const char *scheme);

/* Runs `add` under the table's lock at the first call for this context; later calls wait and do nothing. */
enum joist_status ji_ctx_stores_once(struct joist_ctx *ctx,
        enum joist_status (*add)(struct joist_ctx *ctx, struct joist_error *err), struct joist_error *err);

/* CANCELLED where the flag (NULL allowed) is set. */
enum joist_status ji_cancel_check(const struct joist_cancel *cancel, struct joist_error *err);

#endif
