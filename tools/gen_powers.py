#!/usr/bin/env python3
"""Writes src/base/powers_gen.c: the powers of ten that real_text.c multiplies with.

    tools/gen_powers.py > src/base/powers_gen.c
"""

LOWEST, HIGHEST = -342, 324


def floor_power(power):
    """The 128 highest bits of 10^power, rounded down."""
    if power >= 0:
        value = 10**power
        shift = value.bit_length() - 128
        return value >> shift if shift >= 0 else value << -shift
    value = 10**-power
    bits = 128 + value.bit_length()
    quotient = (1 << bits) // value
    return quotient >> (quotient.bit_length() - 128)


def main():
    print("/*")
    print(" * powers_gen.c - the 128 highest bits of 10^%d to 10^%d, rounded down" % (LOWEST, HIGHEST))
    print(" *")
    print(" * Written by tools/gen_powers.py; not to be changed by hand.")
    print(" */")
    print('#include "base/powers.h"')
    print()
    print("/* clang-format off */")
    print("const struct ji_power_of_ten ji_powers_of_ten[JI_POWER_HIGHEST - JI_POWER_LOWEST + 1] = {")
    for power in range(LOWEST, HIGHEST + 1):
        bits = floor_power(power)
        assert bits >> 127 == 1
        print("        {0x%016x, 0x%016x}, /* 10^%d */" % (bits >> 64, bits & (2**64 - 1), power))
    print("};")
    print("/* clang-format on */")


main()
