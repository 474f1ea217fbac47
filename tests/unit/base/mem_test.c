/*
 * mem_test.c - pools, limits and slabs
 */
#include "support/temp_folder.h"
#include "support/test.h"

#include "base/pool.h"

#include <inttypes.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_THREAD__) || defined(__SANITIZE_ADDRESS__)
#define RUNS_IN_SHADOW true
#else
#define RUNS_IN_SHADOW false
#endif

#define MIB ((size_t)1 << 20)

static struct ji_mem *open_root(uint64_t bytes_max, uint64_t keep_warm_bytes)
{
    const struct ji_mem_root_options options = {
            .allocator = ji_system_allocator(), .bytes_max = bytes_max, .keep_warm_bytes = keep_warm_bytes};
    struct ji_mem *root = NULL;
    assert_ok(ji_mem_root_open(&options, &root, NULL));
    return root;
}

static void a_block_is_counted_and_given_back(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(64 * MIB, 0);
    struct ji_mem *pool = NULL;
    const uint64_t before = ji_mem_bytes(root);
    assert_ok(ji_mem_open(root, "pool", &pool, NULL));
    uint8_t *block = NULL;
    assert_ok(ji_alloc(pool, 1000, &block, NULL));
    memset(block, 1, 1000);
    assert_int_equal(ji_mem_bytes(pool), 1000);
    ji_free(pool, block, 1000);
    assert_int_equal(ji_mem_bytes(pool), 0);
    ji_mem_close(pool);
    assert_int_equal(ji_mem_bytes(root), before);
    ji_mem_root_close(root);
}

static void a_pool_comes_with_its_object_or_not_at_all(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(64 * MIB, 0);
    struct ji_mem *pool = NULL;
    uint8_t *object = NULL;
    const uint64_t before = ji_mem_bytes(root);
    assert_status(ji_mem_open_with(root, "large", 65 * MIB, &pool, &object, NULL), JOIST_ERR_LIMIT);
    assert_null(pool);
    assert_null(object);
    assert_int_equal(ji_mem_bytes(root), before);
    assert_ok(ji_mem_open_with(root, "small", 1000, &pool, &object, NULL));
    assert_int_equal(ji_mem_bytes(pool), 1000);
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(object[i], 0);
    ji_free(pool, object, 1000);
    ji_mem_close(pool);
    assert_int_equal(ji_mem_bytes(root), before);
    ji_mem_root_close(root);
}

static void room_gathered_has_what_pools_keep_to_spare(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(64 * MIB, 0);
    struct ji_mem *pools[8] = {NULL};
    uint8_t *blocks[8] = {NULL};
    for (size_t i = 0; i < 8; i++) {
        assert_ok(ji_mem_open(root, "pool", &pools[i], NULL));
        assert_ok(ji_alloc(pools[i], 1000, &blocks[i], NULL));
    }
    const uint64_t used = ji_mem_bytes(root);
    assert_true(ji_mem_room(root) < 64 * MIB - used);
    assert_int_equal(ji_mem_room_gathered(root), 64 * MIB - used);
    assert_int_equal(ji_mem_room(root), 64 * MIB - used);
    assert_int_equal(ji_mem_bytes(pools[3]), 1000);
    for (size_t i = 0; i < 8; i++) {
        ji_free(pools[i], blocks[i], 1000);
        ji_mem_close(pools[i]);
    }
    ji_mem_root_close(root);
}

static void nothing_and_null_are_accepted(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(MIB, 0);
    uint8_t *block = (uint8_t *)&root;
    assert_ok(ji_alloc(root, 0, &block, NULL));
    assert_null(block);
    ji_free(root, NULL, 0);
    ji_slab_free(root, NULL, 0);
    ji_mem_close(NULL);
    ji_mem_root_close(NULL);
    ji_mem_root_close(root);
}

static void a_product_that_overflows_is_refused(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(MIB, 0);
    void *block = NULL;
    assert_status(ji_alloc_zero(root, SIZE_MAX / 2, 3, &block, NULL), JOIST_ERR_LIMIT);
    assert_status(ji_alloc_array(root, SIZE_MAX / 2, 3, &block, NULL), JOIST_ERR_LIMIT);
    assert_status(ji_alloc(root, SIZE_MAX, &block, NULL), JOIST_ERR_LIMIT);
    size_t capacity = 0;
    assert_status(ji_slab_alloc(root, SIZE_MAX, &block, &capacity, NULL), JOIST_ERR_LIMIT);
    assert_null(block);
    ji_mem_root_close(root);
}

static void the_limit_names_holders_bytes_and_remedy(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(100 * MIB, 0);
    struct ji_mem *reader = NULL;
    struct ji_mem *writer = NULL;
    struct joist_error err = {0};
    assert_ok(ji_mem_open(root, "reader", &reader, NULL));
    assert_ok(ji_mem_open(root, "writer", &writer, NULL));
    assert_ok(ji_mem_reserve(reader, 30 * MIB, NULL));
    assert_ok(ji_mem_reserve(writer, 50 * MIB, NULL));
    assert_status(ji_mem_reserve(reader, 40 * MIB, &err), JOIST_ERR_LIMIT);
    assert_non_null(strstr(err.text, "memory limit of 100 MiB: 'reader' asks for 40 MiB more"));
    assert_non_null(strstr(err.text, "held by 'writer' 50 MiB, 'reader' 30 MiB"));
    assert_non_null(strstr(err.text, "raise --memory"));
    assert_int_equal(ji_mem_bytes(reader), 30 * MIB);
    ji_mem_release(reader, 30 * MIB);
    ji_mem_release(writer, 50 * MIB);
    ji_mem_close(reader);
    ji_mem_close(writer);
    ji_mem_root_close(root);
}

static void only_ten_holders_are_named(void **state)
{
    (void)state;
    static const char *const names[12] = {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"};
    struct ji_mem *root = open_root(100 * MIB, 0);
    struct ji_mem *pools[12];
    struct joist_error err = {0};
    for (size_t i = 0; i < 12; i++) {
        assert_ok(ji_mem_open(root, names[i], &pools[i], NULL));
        assert_ok(ji_mem_reserve(pools[i], (i + 1) * MIB, NULL));
    }
    assert_status(ji_mem_reserve(root, 50 * MIB, &err), JOIST_ERR_LIMIT);
    assert_non_null(strstr(err.text, "'l' 12 MiB, 'k' 11 MiB"));
    assert_non_null(strstr(err.text, "'c' "));
    assert_null(strstr(err.text, "'b' "));
    for (size_t i = 0; i < 12; i++) {
        ji_mem_release(pools[i], (i + 1) * MIB);
        ji_mem_close(pools[i]);
    }
    ji_mem_root_close(root);
}

static void the_last_byte_of_the_limit_can_be_had(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(128 * MIB, 64 * MIB);
    struct ji_mem *a = NULL;
    struct ji_mem *b = NULL;
    assert_ok(ji_mem_open(root, "a", &a, NULL));
    assert_ok(ji_mem_open(a, "b", &b, NULL));
    /* Spare quanta in two pools and a warm slab are in the way. */
    void *slab = NULL;
    size_t capacity = 0;
    assert_ok(ji_slab_alloc(a, MIB, &slab, &capacity, NULL));
    ji_slab_free(a, slab, capacity);
    assert_ok(ji_mem_reserve(b, 1, NULL));
    const uint64_t left = 128 * MIB - ji_mem_bytes(root);
    assert_ok(ji_mem_reserve(a, left, NULL));
    assert_int_equal(ji_mem_bytes(root), 128 * MIB);
    assert_int_equal(ji_mem_room(root), 0);
    assert_status(ji_mem_reserve(a, 1, NULL), JOIST_ERR_LIMIT);
    ji_mem_release(a, left);
    ji_mem_release(b, 1);
    ji_mem_close(b);
    ji_mem_close(a);
    ji_mem_root_close(root);
}

static void a_pool_counts_its_children(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(UINT64_MAX, 0);
    struct ji_mem *query = NULL;
    struct ji_mem *sort = NULL;
    assert_ok(ji_mem_open(root, "query", &query, NULL));
    assert_ok(ji_mem_open(query, "sort", &sort, NULL));
    const uint64_t before = ji_mem_bytes(query);
    assert_ok(ji_mem_reserve(sort, 12345, NULL));
    assert_int_equal(ji_mem_bytes(sort), 12345);
    assert_int_equal(ji_mem_bytes(query), before + 12345);
    assert_true(ji_mem_room(sort) == UINT64_MAX);
    ji_mem_release(sort, 12345);
    ji_mem_close(sort);
    ji_mem_close(query);
    ji_mem_root_close(root);
}

static void moving_changes_the_holder_and_not_the_sum(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(64 * MIB, 0);
    struct ji_mem *query = NULL;
    struct ji_mem *sort = NULL;
    struct ji_mem *exported = NULL;
    assert_ok(ji_mem_open(root, "query", &query, NULL));
    assert_ok(ji_mem_open(query, "sort", &sort, NULL));
    assert_ok(ji_mem_open(root, "exported", &exported, NULL));
    assert_ok(ji_mem_reserve(sort, 5000, NULL));
    const uint64_t sum = ji_mem_root_reserved(root);
    ji_mem_move(sort, exported, 5000);
    assert_int_equal(ji_mem_root_reserved(root), sum);
    assert_int_equal(ji_mem_bytes(exported), 5000);
    assert_int_equal(ji_mem_bytes(sort), 0);
    ji_mem_close(sort);
    ji_mem_close(query);
    ji_mem_release(exported, 5000);
    ji_mem_close(exported);
    ji_mem_root_close(root);
}

static void a_slab_comes_back_warm_and_aligned(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(64 * MIB, 16 * MIB);
    struct ji_mem *pool = NULL;
    assert_ok(ji_mem_open(root, "pool", &pool, NULL));
    uint8_t *first = NULL;
    uint8_t *second = NULL;
    size_t capacity = 0;
    assert_ok(ji_slab_alloc(pool, 5000, &first, &capacity, NULL));
    assert_int_equal(capacity, 8192);
    assert_int_equal((uintptr_t)first % 64, 0);
    assert_int_equal(ji_mem_bytes(pool), 8192);
    ji_slab_free(pool, first, capacity);
    assert_int_equal(ji_mem_bytes(pool), 0);
    assert_ok(ji_slab_alloc(pool, 8192, &second, &capacity, NULL));
    assert_ptr_equal(first, second);
    memset(second, 1, capacity);
    ji_slab_free(pool, second, capacity);
    ji_slab_trim(pool);
    ji_mem_close(pool);
    ji_mem_root_close(root);
}

static void slabs_above_the_warm_limit_go_back(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(64 * MIB, MIB);
    const uint64_t before = ji_mem_root_reserved(root);
    void *blocks[3];
    size_t capacity = 0;
    for (size_t i = 0; i < 3; i++)
        assert_ok(ji_slab_alloc(root, MIB, &blocks[i], &capacity, NULL));
    for (size_t i = 0; i < 3; i++)
        ji_slab_free(root, blocks[i], capacity);
    assert_int_equal(ji_mem_root_reserved(root), before + MIB);
    assert_int_equal(ji_mem_bytes(root), before);
    ji_slab_trim(root);
    assert_int_equal(ji_mem_root_reserved(root), before);
    ji_mem_root_close(root);
}

static void a_slab_above_the_classes_is_whole_pages(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(64 * MIB, 32 * MIB);
    uint8_t *block = NULL;
    size_t capacity = 0;
    assert_ok(ji_slab_alloc(root, JI_SLAB_BYTES_MAX + 1, &block, &capacity, NULL));
    assert_int_equal(capacity, JI_SLAB_BYTES_MAX + 4096);
    block[capacity - 1] = 1;
    ji_slab_free(root, block, capacity);
    ji_mem_root_close(root);
}

/* Under the address sanitizer nothing is cut from chunks, and the same holds. */
static void blocks_cut_from_chunks_are_blocks(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(512 * MIB, 128 * MIB);
    struct ji_mem *pool = NULL;
    assert_ok(ji_mem_open(root, "pool", &pool, NULL));
    uint8_t *blocks[100];
    size_t capacities[100];
    const uint64_t before = ji_mem_root_reserved(root);
    for (size_t i = 0; i < 100; i++) {
        assert_ok(ji_slab_alloc(pool, (size_t)4096 << (i % 10), &blocks[i], &capacities[i], NULL));
        assert_int_equal((uintptr_t)blocks[i] % 64, 0);
        memset(blocks[i], (int)i, capacities[i]);
    }
    for (size_t i = 0; i < 100; i++) {
        assert_int_equal(blocks[i][0], i);
        assert_int_equal(blocks[i][capacities[i] - 1], i);
        ji_slab_free(pool, blocks[i], capacities[i]);
    }
    assert_int_equal(ji_mem_bytes(pool), 0);
    ji_slab_trim(root);
    assert_true(ji_mem_root_reserved(root) <= before + MIB);
    /* The last bytes of the limit are had with chunks about. */
    void *block = NULL;
    size_t capacity = 0;
    assert_ok(ji_slab_alloc(pool, 64 << 10, &block, &capacity, NULL));
    const uint64_t left = 512 * MIB - ji_mem_bytes(root);
    assert_ok(ji_mem_reserve(pool, left, NULL));
    assert_status(ji_slab_alloc(pool, 64 << 10, &block, &capacity, NULL), JOIST_ERR_LIMIT);
    ji_mem_release(pool, left);
    ji_slab_free(pool, block, capacity);
    ji_mem_close(pool);
    ji_mem_root_close(root);
}

/* VmHWM in bytes. */
static uint64_t resident_peak(void)
{
    char text[4096] = {0};
    temp_file_read("/proc/self/status", text, sizeof text - 1);
    const char *at = strstr(text, "VmHWM:");
    assert_non_null(at);
    return strtoull(at + 6, NULL, 10) * 1024;
}

/*
 * The whole limit in small slabs, every second one freed, the rest of the room in large ones, and once more:
 * the process never has more than the limit. The sanitizers' own memory would drown it.
 */
static void the_resident_size_keeps_to_the_limit(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(64 * MIB, 16 * MIB);
    if (!root->root->maps || RUNS_IN_SHADOW) {
        ji_mem_root_close(root);
        skip();
    }
    enum { SMALL_MAX = 16384, LARGE_MAX = 64 };
    static void *small[SMALL_MAX];
    static void *large[LARGE_MAX];
    const uint64_t before = resident_peak();
    size_t capacity = 0;
    for (int round = 0; round < 3; round++) {
        size_t count = 0;
        size_t large_count = 0;
        while (count < SMALL_MAX && ji_slab_alloc(root, 4096, &small[count], &capacity, NULL) == JOIST_OK)
            memset(small[count++], 1, 4096);
        assert_true(count > 60 * MIB / 4096);
        for (size_t i = 0; i < count; i += 2)
            ji_slab_free(root, small[i], 4096);
        while (large_count < LARGE_MAX &&
                ji_slab_alloc(root, MIB, &large[large_count], &capacity, NULL) == JOIST_OK)
            memset(large[large_count++], 1, MIB);
        assert_true(large_count > 24);
        for (size_t i = 1; i < count; i += 2)
            ji_slab_free(root, small[i], 4096);
        while (large_count > 0)
            ji_slab_free(root, large[--large_count], MIB);
    }
    const uint64_t grown = resident_peak() - before;
    if (grown > 66 * MIB)
        fail_msg("%" PRIu64 " bytes are resident under a limit of %zu", grown, 64 * MIB);
    ji_mem_root_close(root);
}

static void realloc_keeps_the_bytes(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(64 * MIB, 0);
    char *text = NULL;
    assert_ok(ji_realloc(root, &text, 0, 6, NULL));
    memcpy(text, "hello", 6);
    assert_ok(ji_realloc(root, &text, 6, 6000, NULL));
    assert_string_equal(text, "hello");
    const char *before = text;
    assert_status(ji_realloc(root, &text, 6000, 65 * MIB, NULL), JOIST_ERR_LIMIT);
    assert_ptr_equal(text, before);
    assert_ok(ji_realloc(root, &text, 6000, 0, NULL));
    assert_null(text);
    ji_mem_root_close(root);
}

static void a_root_below_its_own_size_is_refused(void **state)
{
    (void)state;
    const struct ji_mem_root_options options = {.allocator = ji_system_allocator(), .bytes_max = 10};
    struct ji_mem *root = NULL;
    assert_status(ji_mem_root_open(&options, &root, NULL), JOIST_ERR_LIMIT);
    assert_null(root);
}

struct shared {
    struct ji_mem *pool;
    unsigned seed;
};

static void *churn(void *arg)
{
    const struct shared *shared = arg;
    uint32_t random = shared->seed;
    for (int round = 0; round < 2000; round++) {
        random = random * 1664525u + 1013904223u;
        const size_t bytes = 1 + (random >> 8) % 100000;
        uint8_t *block = NULL;
        size_t capacity = 0;
        if (ji_slab_alloc(shared->pool, bytes, &block, &capacity, NULL) == JOIST_OK) {
            memset(block, round, 64);
            ji_slab_free(shared->pool, block, capacity);
        }
        if (ji_alloc(shared->pool, bytes % 1000 + 1, &block, NULL) == JOIST_OK)
            ji_free(shared->pool, block, bytes % 1000 + 1);
    }
    return NULL;
}

static void the_sum_is_right_after_many_threads(void **state)
{
    (void)state;
    struct ji_mem *root = open_root(2 * MIB, MIB);
    struct ji_mem *pools[2];
    struct shared shared[4];
    pthread_t threads[4];
    assert_ok(ji_mem_open(root, "a", &pools[0], NULL));
    assert_ok(ji_mem_open(pools[0], "b", &pools[1], NULL));
    const uint64_t before = ji_mem_bytes(root);
    for (unsigned i = 0; i < 4; i++) {
        shared[i] = (struct shared){.pool = pools[i % 2], .seed = i};
        assert_int_equal(pthread_create(&threads[i], NULL, churn, &shared[i]), 0);
    }
    for (unsigned i = 0; i < 4; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(ji_mem_bytes(root), before);
    assert_true(ji_mem_root_peak(root) <= 2 * MIB);
    ji_mem_close(pools[1]);
    ji_mem_close(pools[0]);
    ji_mem_root_close(root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_block_is_counted_and_given_back),
            cmocka_unit_test(a_pool_comes_with_its_object_or_not_at_all),
            cmocka_unit_test(room_gathered_has_what_pools_keep_to_spare),
            cmocka_unit_test(nothing_and_null_are_accepted),
            cmocka_unit_test(a_product_that_overflows_is_refused),
            cmocka_unit_test(the_limit_names_holders_bytes_and_remedy),
            cmocka_unit_test(only_ten_holders_are_named),
            cmocka_unit_test(the_last_byte_of_the_limit_can_be_had),
            cmocka_unit_test(a_pool_counts_its_children),
            cmocka_unit_test(moving_changes_the_holder_and_not_the_sum),
            cmocka_unit_test(a_slab_comes_back_warm_and_aligned),
            cmocka_unit_test(slabs_above_the_warm_limit_go_back),
            cmocka_unit_test(a_slab_above_the_classes_is_whole_pages),
            cmocka_unit_test(the_resident_size_keeps_to_the_limit),
            cmocka_unit_test(blocks_cut_from_chunks_are_blocks),
            cmocka_unit_test(realloc_keeps_the_bytes),
            cmocka_unit_test(a_root_below_its_own_size_is_refused),
            cmocka_unit_test(the_sum_is_right_after_many_threads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
