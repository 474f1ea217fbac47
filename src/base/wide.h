/*
 * wide.h - unsigned integers of up to 4,608 bits, for the exact ends of parsing and dividing
 *
 * Wide enough for 800 decimal digits times 10^1200. Callers keep within that; it is asserted.
 */
#ifndef JI_WIDE_H
#define JI_WIDE_H

#include "base/checked.h"

#define JI_WIDE_LIMBS 72
#define JI_WIDE_DIGITS_MAX 800

/* limbs[0] is the lowest; limbs[count - 1] is not 0. Zero has none. */
struct ji_wide {
    size_t count;
    uint64_t limbs[JI_WIDE_LIMBS];
};

void ji_wide_set(struct ji_wide *wide, ji_uint128 value);
/* wide = wide * factor + more */
void ji_wide_multiply_add(struct ji_wide *wide, uint64_t factor, uint64_t more);
/* wide = wide * 10^power */
void ji_wide_multiply_power(struct ji_wide *wide, unsigned power);

/*
 * a / b = (quotient + rest) * 2^exponent with the top bit of `quotient` set and 0 <= rest < 1;
 * `*inexact` says that rest > 0. Neither is zero. Both are used up.
 */
uint64_t ji_wide_divide(struct ji_wide *a, struct ji_wide *b, int *exponent, bool *inexact);

#endif
