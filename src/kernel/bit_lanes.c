/*
 * bit_lanes.c - the tables, computed by the compiler
 */
#include "kernel/bit_lanes.h"

#define FOUR(from) (from), (from) + 1, (from) + 2, (from) + 3
#define EIGHT(from) FOUR(from), FOUR((from) + 4)

#define BYTE32(width, lane) ((lane) * (width) / 8 - ((lane) < 4 ? 0 : (width) / 2))
#define QUAD32(width, lane)                                                                                  \
    FOUR(BYTE32(width, lane)), FOUR(BYTE32(width, lane + 1)), FOUR(BYTE32(width, lane + 2)),                 \
            FOUR(BYTE32(width, lane + 3))
#define ROW32(width)                                                                                         \
    {                                                                                                        \
        QUAD32(width, 0), QUAD32(width, 4)                                                                   \
    }

#define BYTE64(width, lane) ((lane) * (width) / 8 - (lane) / 2 * 2 * (width) / 8)
#define PAIR64(width, lane) EIGHT(BYTE64(width, lane)), EIGHT(BYTE64(width, lane + 1))
#define ROW64(width)                                                                                         \
    {                                                                                                        \
        PAIR64(width, 0), PAIR64(width, 2), PAIR64(width, 4), PAIR64(width, 6)                               \
    }

#define FIVE(row, from) row(from), row(from + 1), row(from + 2), row(from + 3), row(from + 4)

const uint8_t ji_lanes32[JI_LANES32_WIDTH_MAX + 1][32] = {
        ROW32(0),
        FIVE(ROW32, 1),
        FIVE(ROW32, 6),
        FIVE(ROW32, 11),
        FIVE(ROW32, 16),
        FIVE(ROW32, 21),
};

const uint8_t ji_lanes64[JI_LANES64_WIDTH_MAX + 1][64] = {
        ROW64(0),
        FIVE(ROW64, 1),
        FIVE(ROW64, 6),
        FIVE(ROW64, 11),
        FIVE(ROW64, 16),
        FIVE(ROW64, 21),
        FIVE(ROW64, 26),
        FIVE(ROW64, 31),
        FIVE(ROW64, 36),
        FIVE(ROW64, 41),
        FIVE(ROW64, 46),
        FIVE(ROW64, 51),
        ROW64(56),
        ROW64(57),
};
