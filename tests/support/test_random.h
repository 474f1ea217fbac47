/*
 * test_random.h - numbers that are the same in every run
 */
#ifndef JI_TEST_RANDOM_H
#define JI_TEST_RANDOM_H

#include <stddef.h>
#include <stdint.h>

/* splitmix64; the state is the seed. */
static inline uint64_t test_random(uint64_t *state)
{
    uint64_t mixed = *state += UINT64_C(0x9e3779b97f4a7c15);
    mixed = (mixed ^ (mixed >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return mixed ^ (mixed >> 31);
}

static inline void test_random_fill(uint64_t *state, uint8_t *out, size_t size)
{
    for (size_t index = 0; index < size; index++)
        out[index] = (uint8_t)test_random(state);
}

#endif
