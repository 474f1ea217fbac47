/*
 * number_window.h - codes of numbers that lie close together, by the number itself
 *
 *     codes   [code + 1 of base][of base + 1] ... [of base + size - 1]         0: no entry
 *
 * No hash and no search: most columns of numbers that have a dictionary at all are days, quantities, rates,
 * keys of small tables.
 */
#ifndef JI_NUMBER_WINDOW_H
#define JI_NUMBER_WINDOW_H

#include "base/bytes.h"
#include "base/mem.h"

struct ji_number_window {
    uint32_t *codes; /* owned; NULL: no window yet */
    size_t size;     /* a power of two */
    uint64_t base;   /* modulo 2^32 for numbers of 32 bits */
};

/* Entries in the order of their codes; the array has room for `count_max`. */
struct ji_number_entries {
    void *values; /* uint32_t or uint64_t */
    uint32_t count;
    size_t count_max;
};

void ji_number_window_free(struct ji_number_window *window, struct ji_mem *mem);
/* Forgets all codes. */
void ji_number_window_reset(struct ji_number_window *window);
uint64_t ji_number_window_held(const struct ji_number_window *window);

/*
 * Codes of the first values, new ones entered; how many: up to the first that lies outside, or that is new
 * where there is no room.
 */
size_t ji_number_window_encode32(struct ji_number_window *window, struct ji_number_entries *entries,
        const uint32_t *values, size_t count, uint32_t *codes);
size_t ji_number_window_encode64(struct ji_number_window *window, struct ji_number_entries *entries,
        const uint64_t *values, size_t count, uint32_t *codes);

bool ji_number_window_has32(const struct ji_number_window *window, uint32_t value);
bool ji_number_window_has64(const struct ji_number_window *window, uint64_t value);

/*
 * A window for all entries and `values`. `*fits` is false where that would take more than `bytes_max`; then
 * nothing has changed.
 */
enum joist_status ji_number_window_widen32(struct ji_number_window *window, struct ji_mem *mem,
        const struct ji_number_entries *entries, struct ji_view values, size_t bytes_max, bool *fits,
        struct joist_error *err);
enum joist_status ji_number_window_widen64(struct ji_number_window *window, struct ji_mem *mem,
        const struct ji_number_entries *entries, struct ji_view values, size_t bytes_max, bool *fits,
        struct joist_error *err);

#endif
