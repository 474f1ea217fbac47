/*
 * pool.c - the tree of pools: who holds how much, and whether there is room for more
 *
 *     root    granted [ child's granted ..... | own use | warm slabs ]   <= bytes_max
 *     child   granted [ own use | spare ]
 *
 *   1. used = granted - spare - the children's granted; it is never below zero.
 *   2. A pool takes from its parent in quanta and keeps at most two of them spare, so
 *      that most reservations change one counter. The root has no spare. A quantum grows with
 *      what the pool holds, from 64 KiB to 1 MiB (64 KiB always under a small root): a hundred
 *      small pools do not sit on a hundred MiB.
 *   3. The root's granted is the sum of everything, and only there the limit is checked.
 *   4. A refusal is final only after the exact number of bytes was asked for, with all spare quanta
 *      collected and the warm slabs given back.
 *   5. The links of the tree change under `tree_lock`; the counters are atomic.
 */
#include "base/pool.h"

#include "base/checked.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#define QUANTUM_BYTES_MAX ((uint64_t)1 << 20)
#define QUANTUM_BYTES_MIN ((uint64_t)64 << 10)
#define QUANTUM_SHARE 8 /* of what a pool holds, its quantum is one part in so many */
#define SMALL_ROOT_BYTES ((uint64_t)64 << 20)
#define RESERVE_BYTES_MAX (UINT64_MAX / 4)
#define CHUNK_ROOT_BYTES ((uint64_t)128 << 20) /* from this limit on, chunks of 2 MiB do no harm */
#define HOLDERS_MAX 10

static void raise_peak(struct ji_root *root, uint64_t bytes)
{
    uint64_t peak = atomic_load_explicit(&root->peak, memory_order_relaxed);
    while (bytes > peak &&
            !atomic_compare_exchange_weak_explicit(
                    &root->peak, &peak, bytes, memory_order_relaxed, memory_order_relaxed)) {
    }
}

bool ji_root_take(struct ji_root *root, uint64_t bytes)
{
    uint64_t taken = atomic_load_explicit(&root->pool.granted, memory_order_relaxed);
    do {
        if (taken > root->bytes_max || bytes > root->bytes_max - taken)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(
            &root->pool.granted, &taken, taken + bytes, memory_order_relaxed, memory_order_relaxed));
    raise_peak(root, taken + bytes);
    return true;
}

static bool take_spare(struct ji_mem *mem, uint64_t bytes)
{
    uint64_t spare = atomic_load_explicit(&mem->spare, memory_order_relaxed);
    while (spare >= bytes) {
        if (atomic_compare_exchange_weak_explicit(
                    &mem->spare, &spare, spare - bytes, memory_order_relaxed, memory_order_relaxed))
            return true;
    }
    return false;
}

/* Gives `bytes` of each pool from `mem` up to `end` back to the one above it. */
static void give_up(struct ji_mem *mem, const struct ji_mem *end, uint64_t bytes)
{
    for (struct ji_mem *pool = mem; pool != end; pool = pool->parent)
        atomic_fetch_sub_explicit(&pool->granted, bytes, memory_order_relaxed);
}

/*
 * Looks upward for the first pool that has `want` bytes to spare, the limit at last, and
 * grants them to every pool below it.
 */
static bool take(struct ji_mem *mem, uint64_t bytes, uint64_t want)
{
    if (mem->parent == NULL)
        return ji_root_take(mem->root, bytes);
    if (take_spare(mem, bytes))
        return true;

    struct ji_mem *giver = mem->parent;
    while (giver->parent != NULL && !take_spare(giver, want))
        giver = giver->parent;
    if (giver->parent == NULL && !ji_root_take(mem->root, want))
        return false;
    for (struct ji_mem *pool = mem; pool != giver; pool = pool->parent)
        atomic_fetch_add_explicit(&pool->granted, want, memory_order_relaxed);
    if (want > bytes)
        atomic_fetch_add_explicit(&mem->spare, want - bytes, memory_order_relaxed);
    return true;
}

/* The next pool of the tree in pre-order, NULL at its end; under the lock. */
static struct ji_mem *next_pool(struct ji_mem *mem, const struct ji_mem *top)
{
    if (mem->child != NULL)
        return mem->child;
    while (mem != top && mem->next == NULL)
        mem = mem->parent;
    return mem == top ? NULL : mem->next;
}

/* All spare quanta go home to the root. */
static void collect_spare(struct ji_root *root)
{
    pthread_mutex_lock(&root->tree_lock);
    for (struct ji_mem *pool = root->pool.child; pool != NULL; pool = next_pool(pool, &root->pool)) {
        const uint64_t spare = atomic_exchange_explicit(&pool->spare, 0, memory_order_relaxed);
        if (spare > 0)
            give_up(pool, NULL, spare);
    }
    pthread_mutex_unlock(&root->tree_lock);
}

struct holder {
    const char *name;
    uint64_t bytes;
};

static void add_holder(struct holder *holders, struct holder holder)
{
    for (size_t at = 0; at < HOLDERS_MAX && holder.bytes > 0; at++) {
        if (holder.bytes > holders[at].bytes) {
            const struct holder lower = holders[at];
            holders[at] = holder;
            holder = lower;
        }
    }
}

/* What the pool itself uses; under the lock. Other threads may be half-way: never below zero. */
static uint64_t own_bytes(const struct ji_mem *mem)
{
    uint64_t others = atomic_load_explicit(&mem->spare, memory_order_relaxed);
    for (const struct ji_mem *child = mem->child; child != NULL; child = child->next)
        others += atomic_load_explicit(&child->granted, memory_order_relaxed);
    if (mem->parent == NULL) {
        others += atomic_load_explicit(&mem->root->warm, memory_order_relaxed);
        others += atomic_load_explicit(&mem->root->overhead, memory_order_relaxed);
    }
    const uint64_t granted = atomic_load_explicit(&mem->granted, memory_order_relaxed);
    return granted > others ? granted - others : 0;
}

struct size_text {
    char text[32];
};

static struct size_text size_text(uint64_t bytes)
{
    struct size_text size;
    if (bytes >= (uint64_t)10 << 20)
        snprintf(size.text, sizeof size.text, "%" PRIu64 " MiB", bytes >> 20);
    else if (bytes >= (uint64_t)10 << 10)
        snprintf(size.text, sizeof size.text, "%" PRIu64 " KiB", bytes >> 10);
    else
        snprintf(size.text, sizeof size.text, "%" PRIu64 " bytes", bytes);
    return size;
}

static enum joist_status fail_limit(struct ji_mem *mem, uint64_t bytes, struct joist_error *err)
{
    if (err == NULL)
        return JOIST_ERR_LIMIT;
    struct ji_root *root = mem->root;
    struct holder holders[HOLDERS_MAX] = {{.name = "", .bytes = 0}};
    pthread_mutex_lock(&root->tree_lock);
    for (struct ji_mem *pool = &root->pool; pool != NULL; pool = next_pool(pool, &root->pool))
        add_holder(holders, (struct holder){.name = pool->name, .bytes = own_bytes(pool)});
    pthread_mutex_unlock(&root->tree_lock);

    char held[JOIST_ERROR_TEXT_MAX / 2] = "";
    size_t used = 0;
    for (size_t i = 0; i < HOLDERS_MAX && holders[i].bytes > 0; i++) {
        const int size = snprintf(held + used, sizeof held - used, "%s'%.24s' %s", i == 0 ? "" : ", ",
                holders[i].name, size_text(holders[i].bytes).text);
        if (size < 0 || (size_t)size >= sizeof held - used)
            break;
        used += (size_t)size;
    }
    return ji_fail(err, JOIST_ERR_LIMIT,
            "memory limit of %s: '%.40s' asks for %s more; held by %s; raise --memory",
            size_text(root->bytes_max).text, mem->name, size_text(bytes).text, used > 0 ? held : "nobody");
}

static uint64_t quantum_of(const struct ji_mem *mem)
{
    const uint64_t share = atomic_load_explicit(&mem->granted, memory_order_relaxed) / QUANTUM_SHARE;
    return ji_min_u64(mem->root->quantum_max, ji_max_u64(QUANTUM_BYTES_MIN, share));
}

/* The ladder: spare quanta of all pools, as many warm slabs as are missing, all of them. */
static bool take_hard(struct ji_mem *mem, uint64_t bytes)
{
    struct ji_root *root = mem->root;
    if (take(mem, bytes, bytes))
        return true;
    collect_spare(root);
    if (take(mem, bytes, bytes))
        return true;
    ji_slabs_trim(root, bytes);
    if (take(mem, bytes, bytes))
        return true;
    ji_slabs_trim(root, UINT64_MAX);
    collect_spare(root);
    return take(mem, bytes, bytes);
}

enum joist_status ji_mem_reserve(struct ji_mem *mem, size_t bytes, struct joist_error *err)
{
    assert(mem != NULL);
    if (bytes > RESERVE_BYTES_MAX)
        return fail_limit(mem, bytes, err);
    if (mem->parent != NULL && take_spare(mem, bytes))
        return JOIST_OK;
    const uint64_t quantum = quantum_of(mem);
    const uint64_t want = (bytes + quantum - 1) / quantum * quantum;
    if (take(mem, bytes, want) || take_hard(mem, bytes))
        return JOIST_OK;
    return fail_limit(mem, bytes, err);
}

void ji_mem_release(struct ji_mem *mem, size_t bytes)
{
    assert(mem != NULL);
    struct ji_mem *pool = mem;
    uint64_t given = bytes;
    while (pool->parent != NULL) {
        uint64_t spare = atomic_fetch_add_explicit(&pool->spare, given, memory_order_relaxed) + given;
        const uint64_t quantum = quantum_of(pool);
        if (spare <= 2 * quantum)
            return;
        given = spare - quantum;
        if (!atomic_compare_exchange_strong_explicit(
                    &pool->spare, &spare, spare - given, memory_order_relaxed, memory_order_relaxed))
            return; /* somebody else is at it: theirs is the newer sum */
        atomic_fetch_sub_explicit(&pool->granted, given, memory_order_relaxed);
        pool = pool->parent;
    }
    atomic_fetch_sub_explicit(&pool->granted, given, memory_order_relaxed);
}

void ji_mem_hand_to_root(struct ji_mem *mem, uint64_t bytes)
{
    give_up(mem, &mem->root->pool, bytes);
}

void ji_mem_take_from_root(struct ji_mem *mem, uint64_t bytes)
{
    for (struct ji_mem *pool = mem; pool->parent != NULL; pool = pool->parent)
        atomic_fetch_add_explicit(&pool->granted, bytes, memory_order_relaxed);
}

void ji_mem_move(struct ji_mem *from, struct ji_mem *to, size_t bytes)
{
    assert(from->root == to->root);
    ji_mem_take_from_root(to, bytes);
    ji_mem_hand_to_root(from, bytes);
}

enum joist_status ji_mem_open(
        struct ji_mem *parent, const char *name, struct ji_mem **mem, struct joist_error *err)
{
    assert(parent != NULL && name != NULL);
    struct ji_mem *made = NULL;
    JI_TRY(ji_alloc_zero(parent, 1, sizeof *made, &made, err));
    made->root = parent->root;
    made->parent = parent;
    made->name = name;
    pthread_mutex_lock(&made->root->tree_lock);
    made->next = parent->child;
    if (parent->child != NULL)
        parent->child->prev = made;
    parent->child = made;
    pthread_mutex_unlock(&made->root->tree_lock);
    *mem = made;
    return JOIST_OK;
}

enum joist_status ji_mem_open_with(struct ji_mem *parent, const char *name, size_t bytes, struct ji_mem **mem,
        void *object, struct joist_error *err)
{
    struct ji_mem *made = NULL;
    JI_TRY(ji_mem_open(parent, name, &made, err));
    const enum joist_status status = ji_alloc_zero(made, 1, bytes, object, err);
    if (status != JOIST_OK) {
        ji_mem_close(made);
        return status;
    }
    *mem = made;
    return JOIST_OK;
}

void ji_mem_close(struct ji_mem *mem)
{
    if (mem == NULL)
        return;
    assert(mem->parent != NULL); /* the root is closed by ji_mem_root_close */
    pthread_mutex_lock(&mem->root->tree_lock);
    assert(mem->child == NULL);
    if (mem->prev != NULL)
        mem->prev->next = mem->next;
    else
        mem->parent->child = mem->next;
    if (mem->next != NULL)
        mem->next->prev = mem->prev;
    pthread_mutex_unlock(&mem->root->tree_lock);
    const uint64_t granted = atomic_load(&mem->granted);
    assert(granted == atomic_load(&mem->spare)); /* all that was allocated has been freed */
    struct ji_mem *parent = mem->parent;
    ji_mem_release(parent, granted);
    ji_free(parent, mem, sizeof *mem);
}

uint64_t ji_mem_bytes(const struct ji_mem *mem)
{
    struct ji_root *root = mem->root;
    pthread_mutex_lock(&root->tree_lock);
    uint64_t bytes = own_bytes(mem);
    for (struct ji_mem *pool = mem->child; pool != NULL; pool = next_pool(pool, mem))
        bytes += own_bytes(pool);
    pthread_mutex_unlock(&root->tree_lock);
    return bytes;
}

uint64_t ji_mem_room(const struct ji_mem *mem)
{
    const struct ji_root *root = mem->root;
    if (root->bytes_max == UINT64_MAX)
        return UINT64_MAX;
    const uint64_t taken = atomic_load_explicit(&root->pool.granted, memory_order_relaxed);
    const uint64_t warm = atomic_load_explicit(&root->warm, memory_order_relaxed);
    const uint64_t left = taken < root->bytes_max ? root->bytes_max - taken : 0;
    return left + warm + atomic_load_explicit(&mem->spare, memory_order_relaxed);
}

uint64_t ji_mem_room_gathered(const struct ji_mem *mem)
{
    collect_spare(mem->root);
    return ji_mem_room(mem);
}

uint64_t ji_mem_limit(const struct ji_mem *mem)
{
    return mem->root->bytes_max;
}

uint64_t ji_mem_root_reserved(const struct ji_mem *root)
{
    return atomic_load_explicit(&root->root->pool.granted, memory_order_relaxed);
}

uint64_t ji_mem_root_peak(const struct ji_mem *root)
{
    return atomic_load_explicit(&root->root->peak, memory_order_relaxed);
}

enum joist_status ji_mem_root_open(
        const struct ji_mem_root_options *options, struct ji_mem **root, struct joist_error *err)
{
    assert(options->allocator.alloc != NULL && options->allocator.free != NULL);
    if (options->bytes_max < sizeof(struct ji_root))
        return ji_fail(err, JOIST_ERR_LIMIT, "memory limit of %" PRIu64 " bytes is below the least of %zu",
                options->bytes_max, sizeof(struct ji_root));
    struct ji_root *made =
            options->allocator.alloc(options->allocator.user, sizeof *made, _Alignof(struct ji_root));
    if (made == NULL)
        return ji_fail(err, JOIST_ERR_NO_MEMORY, "the allocator refused %zu bytes", sizeof *made);
    memset(made, 0, sizeof *made);
    made->pool.root = made;
    made->pool.name = "context";
    made->allocator = options->allocator;
    made->bytes_max = options->bytes_max;
    made->quantum_max = options->bytes_max < SMALL_ROOT_BYTES ? QUANTUM_BYTES_MIN : QUANTUM_BYTES_MAX;
    made->keep_warm_bytes = options->keep_warm_bytes;
    made->maps = ji_allocator_maps(&options->allocator);
    made->cuts_chunks = made->maps && options->bytes_max >= CHUNK_ROOT_BYTES;
    atomic_store(&made->pool.granted, sizeof *made);
    atomic_store(&made->peak, sizeof *made);
    pthread_mutex_init(&made->tree_lock, NULL);
    ji_slabs_init(made);
    *root = &made->pool;
    return JOIST_OK;
}

void ji_mem_root_close(struct ji_mem *root)
{
    if (root == NULL)
        return;
    struct ji_root *made = root->root;
    assert(root == &made->pool && root->child == NULL);
    ji_slabs_trim(made, UINT64_MAX);
    ji_slabs_clear(made);
    assert(atomic_load(&made->pool.granted) == sizeof *made); /* all that was allocated has been freed */
    pthread_mutex_destroy(&made->tree_lock);
    const struct joist_allocator allocator = made->allocator;
    allocator.free(allocator.user, made, sizeof *made);
}
