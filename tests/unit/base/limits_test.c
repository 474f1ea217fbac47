/*
 * limits_test.c - RAM and cgroup limits, read below a made-up root
 */
#include "support/temp_folder.h"
#include "support/test.h"

#include "base/limits.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define MIB ((uint64_t)1 << 20)

static int open_folder(void **state)
{
    struct temp_folder *folder = test_calloc(1, sizeof *folder);
    temp_folder_open(folder);
    *state = folder;
    return 0;
}

static int close_folder(void **state)
{
    temp_folder_close(*state);
    test_free(*state);
    return 0;
}

static void write_text(const struct temp_folder *folder, const char *name, const char *text)
{
    char path[1024];
    temp_folder_path(folder, name, path);
    for (char *at = path + strlen(folder->path) + 1; (at = strchr(at, '/')) != NULL; at++) {
        *at = '\0';
        mkdir(path, 0755);
        *at = '/';
    }
    temp_file_write(path, text, strlen(text));
}

static void nothing_known_is_no_limit(void **state)
{
    const struct temp_folder *folder = *state;
    assert_true(ji_machine_memory(folder->path) == UINT64_MAX);
    assert_int_equal(ji_memory_default(folder->path), 1024 * MIB);
}

static void ram_alone_counts(void **state)
{
    const struct temp_folder *folder = *state;
    write_text(folder, "proc/meminfo", "MemFree:  1 kB\nMemTotal:       1048576 kB\n");
    assert_int_equal(ji_machine_memory(folder->path), 1024 * MIB);
    assert_int_equal(ji_memory_default(folder->path), 512 * MIB);
    write_text(folder, "proc/meminfo", "MemTotal:       1024 kB\n");
    assert_int_equal(ji_memory_default(folder->path), 16 * MIB);
}

static void the_least_v2_limit_on_the_path_counts_less_what_is_held(void **state)
{
    const struct temp_folder *folder = *state;
    write_text(folder, "proc/meminfo", "MemTotal: 8388608 kB\n");
    write_text(folder, "proc/self/cgroup", "0::/a/b\n");
    write_text(folder, "sys/fs/cgroup/a/b/memory.max", "max\n");
    write_text(folder, "sys/fs/cgroup/a/memory.max", "536870912\n");
    write_text(folder, "sys/fs/cgroup/a/memory.stat", "file 7\nanon 104857600\n");
    assert_int_equal(ji_machine_memory(folder->path), 412 * MIB);
    write_text(folder, "sys/fs/cgroup/a/b/memory.max", "268435456\n");
    assert_int_equal(ji_machine_memory(folder->path), 256 * MIB);
}

static void a_container_sees_its_limit_at_the_mounts_root(void **state)
{
    const struct temp_folder *folder = *state;
    write_text(folder, "proc/self/cgroup", "0::/not/mounted/here");
    write_text(folder, "sys/fs/cgroup/memory.max", "134217728\n");
    assert_int_equal(ji_machine_memory(folder->path), 128 * MIB);
}

static void v1_limits_count(void **state)
{
    const struct temp_folder *folder = *state;
    write_text(folder, "proc/self/cgroup", "11:cpu,cpuacct:/x\n9:memory:/x\nbroken\n");
    write_text(folder, "sys/fs/cgroup/memory/x/memory.limit_in_bytes", "67108864\n");
    write_text(folder, "sys/fs/cgroup/memory/memory.limit_in_bytes", "9223372036854771712\n");
    write_text(folder, "sys/fs/cgroup/memory/x/memory.stat", "total_rss 1048576\n");
    assert_int_equal(ji_machine_memory(folder->path), 63 * MIB);
    write_text(folder, "proc/self/cgroup", "9:hugetlb,memory:/x\n");
    assert_int_equal(ji_machine_memory(folder->path), 63 * MIB);
    write_text(folder, "sys/fs/cgroup/memory/x/memory.limit_in_bytes", "99999999999999999999999999\n");
    assert_true(ji_machine_memory(folder->path) == UINT64_MAX);
}

static void this_machine_has_memory(void **state)
{
    (void)state;
    const uint64_t bytes = ji_machine_memory("");
    assert_true(bytes > 64 * MIB && bytes != UINT64_MAX);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_folder, close_folder)

int main(void)
{
    const struct CMUnitTest tests[] = {
            TEST(nothing_known_is_no_limit),
            TEST(ram_alone_counts),
            TEST(the_least_v2_limit_on_the_path_counts_less_what_is_held),
            TEST(a_container_sees_its_limit_at_the_mounts_root),
            TEST(v1_limits_count),
            TEST(this_machine_has_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
