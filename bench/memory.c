/*
 * memory.c - how fast this machine copies memory, and how fast it gives out fresh memory
 *
 *     memory        prints GB/s, the best of some rounds: a memcpy of 256 MiB, the first touch of 256 MiB in
 *                   small pages, and in huge ones where the system gives them
 *
 * First touch is what a buffer costs that was not there before: readers that keep their buffers pay it once.
 */
#define _DEFAULT_SOURCE 1
#include "measure.h"

#include <stdint.h>
#include <string.h>
#include <sys/mman.h>

#define BYTES ((size_t)256 << 20)
#define HUGE_BYTES ((size_t)2 << 20)
#define PAGE_BYTES 4096
#define ROUNDS 5

static uint8_t *map(size_t bytes)
{
    void *const memory = mmap(NULL, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (memory == MAP_FAILED)
        measure_stop("mmap");
    return memory;
}

/* Writes a byte to each page of fresh memory. */
static double touch(int advice)
{
    uint8_t *const memory = map(BYTES + HUGE_BYTES);
    uint8_t *const start = memory + (HUGE_BYTES - (uintptr_t)memory % HUGE_BYTES);
    (void)madvise(start, BYTES, advice);
    const double began = measure_now();
    for (size_t at = 0; at < BYTES; at += PAGE_BYTES)
        *(volatile uint8_t *)(start + at) = 1;
    const double seconds = measure_now() - began;
    (void)munmap(memory, BYTES + HUGE_BYTES);
    return seconds;
}

static double copy(uint8_t *to, const uint8_t *from)
{
    const double began = measure_now();
    memcpy(to, from, BYTES);
    return measure_now() - began;
}

static void tell(const char *what, double seconds)
{
    printf("%-28s %6.2f GB/s\n", what, (double)BYTES / seconds / 1e9);
}

int main(void)
{
    uint8_t *const from = map(BYTES);
    uint8_t *const to = map(BYTES);
    double best[3] = {1e9, 1e9, 1e9};
    memset(from, 1, BYTES);
    memset(to, 2, BYTES);
    for (int round = 0; round < ROUNDS; round++) {
        const double seconds[3] = {copy(to, from), touch(MADV_NOHUGEPAGE), touch(MADV_HUGEPAGE)};
        for (int kind = 0; kind < 3; kind++)
            best[kind] = seconds[kind] < best[kind] ? seconds[kind] : best[kind];
    }
    tell("memcpy", best[0]);
    tell("first touch, small pages", best[1]);
    tell("first touch, huge pages", best[2]);
    return to[BYTES - 1] == 1 ? 0 : 1;
}
