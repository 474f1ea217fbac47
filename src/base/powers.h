/*
 * powers.h - 128 bits of each power of ten that a double can need
 */
#ifndef JI_POWERS_H
#define JI_POWERS_H

#include <stdint.h>

#define JI_POWER_LOWEST (-342)
#define JI_POWER_HIGHEST 324
/* From 10^0 to this one they are exact; all others are rounded down. */
#define JI_POWER_EXACT_HIGHEST 55

/* 10^p = (high * 2^64 + low) * 2^(floor(p * log2(10)) - 127), the top bit of `high` set. */
struct ji_power_of_ten {
    uint64_t high;
    uint64_t low;
};
extern const struct ji_power_of_ten ji_powers_of_ten[JI_POWER_HIGHEST - JI_POWER_LOWEST + 1];

/* floor(p * log2(10)) for |p| <= 1233 */
static inline int ji_power_log2(int power)
{
    return (int)(((int64_t)power * 1741647) >> 19);
}

#endif
