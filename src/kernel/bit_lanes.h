/*
 * bit_lanes.h - where the values of a packed group of eight lie, for the AVX2 kernels
 *
 *     a group: eight values of `width` bits, `width` bytes; value v begins at bit v * width of it
 *
 *     32-bit lanes, width <= 25:  two loads, at byte 0 and byte width / 2, four values each
 *     64-bit lanes, width <= 57:  four loads, each at the first byte of an even value, two values each
 *
 * A value of 25 (57) bits that begins at any bit of a byte lies within 4 (8) bytes: a shuffle brings those
 * to the value's lane, a shift by 0..7 drops the bits before it, a mask those behind it.
 */
#ifndef JI_BIT_LANES_H
#define JI_BIT_LANES_H

#include <stdint.h>

#define JI_LANES32_WIDTH_MAX 25
#define JI_LANES64_WIDTH_MAX 57

/* The bytes of each lane, counted from the first byte of its 16-byte load; row 0 is not used. */
extern const uint8_t ji_lanes32[JI_LANES32_WIDTH_MAX + 1][32];
extern const uint8_t ji_lanes64[JI_LANES64_WIDTH_MAX + 1][64];

/* Bytes from a group's start that its loads touch. */
static inline unsigned ji_lanes32_reach(unsigned width)
{
    return width / 2 + 16;
}
static inline unsigned ji_lanes64_reach(unsigned width)
{
    return 6 * width / 8 + 16;
}

#endif
