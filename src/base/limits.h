/*
 * limits.h - what the machine or the container has
 */
#ifndef JI_LIMITS_H
#define JI_LIMITS_H

#include <stdint.h>

/*
 * The least of RAM and every memory limit on this process's cgroup path (v1 and v2), each less
 * what is in use there and cannot be reclaimed; UINT64_MAX where nothing tells. `root` stands
 * before every path: "" but in tests.
 */
uint64_t ji_machine_memory(const char *root);

/* min(1 GiB, half of that). */
uint64_t ji_memory_default(const char *root);

#endif
