/*
 * csv_lanes.h - one field of many rows, from text to values, several rows a step
 *
 * The index has the end of every field; those of one column stand `stride` apart. So numbers and dates of
 * the common shape are read right where they stand, without a list of where each begins.
 */
#ifndef JI_CSV_LANES_H
#define JI_CSV_LANES_H

#include "text/csv_index.h"
#include "text/fast_parse.h"

/* Fields of rows that are regular: each begins behind the end of the one before. */
struct ji_csv_lane {
    const uint8_t *text; /* with JI_TEXT_PAD bytes before it */
    const uint32_t
            *ends; /* of the first row; that of the field before is in front of it (JI_CSV_NO_END: none) */
    size_t stride;
    size_t count;
    uint8_t quote;
    bool doubled; /* quoted fields may hold doubled quotes */
    bool trim;    /* a carriage return before the end is none of the field's */
};

/* What a number is to be. */
struct ji_csv_shape {
    bool no_codes;  /* "007" is none */
    unsigned scale; /* of decimals: 1 to 8 digits behind the point */
    uint64_t power; /* 10^scale */
    int64_t limit;  /* the decimal is less, and more than its negative */
};

static inline uint32_t ji_csv_lane_end(const struct ji_csv_lane *lane, size_t at)
{
    return lane->ends[at * lane->stride];
}

static inline uint32_t ji_csv_lane_begin(const struct ji_csv_lane *lane, size_t at)
{
    return lane->ends[(ptrdiff_t)(at * lane->stride) - 1] + 1;
}

static inline bool ji_csv_lane_is_empty(const struct ji_csv_lane *lane, size_t at)
{
    return ji_csv_lane_begin(lane, at) == ji_csv_lane_end(lane, at);
}

static inline bool ji_csv_lane_is_quoted(const struct ji_csv_lane *lane, size_t at)
{
    return lane->text[ji_csv_lane_begin(lane, at)] == lane->quote;
}

/*
 * Each writes out[i] from i = `from` on, and answers at which it stopped: a field that is not of the common
 * shape (empty, quoted, in want of the exact parser), or lane->count.
 */
struct ji_csv_lane_kernels {
    size_t (*int64)(
            const struct ji_csv_lane *lane, size_t from, const struct ji_csv_shape *shape, int64_t *out);
    size_t (*decimal)(
            const struct ji_csv_lane *lane, size_t from, const struct ji_csv_shape *shape, int64_t *out);
    size_t (*date)(const struct ji_csv_lane *lane, size_t from, int32_t *out);
};

const struct ji_csv_lane_kernels *ji_csv_lane_kernels(enum ji_csv_level level);
#if defined(__x86_64__)
extern const struct ji_csv_lane_kernels ji_csv_lane_avx2;
#endif

/* The same for texts, without their quotes; it stops where those may be doubled. */
size_t ji_csv_lane_views(const struct ji_csv_lane *lane, size_t from, struct ji_view *out);

/* --- one field of the common shape --- */

static inline bool ji_csv_lane_int64(
        const struct ji_csv_lane *lane, size_t at, const struct ji_csv_shape *shape, int64_t *value)
{
    const uint32_t begin = ji_csv_lane_begin(lane, at);
    const uint32_t size = ji_csv_lane_end(lane, at) - begin;
    const uint8_t *text = lane->text + begin;
    return size != 0 && !(shape->no_codes && ji_fast_is_code(text, size)) && ji_fast_int64(text, size, value);
}

static inline bool ji_csv_lane_decimal(
        const struct ji_csv_lane *lane, size_t at, const struct ji_csv_shape *shape, int64_t *value)
{
    const uint32_t begin = ji_csv_lane_begin(lane, at);
    const uint32_t size = ji_csv_lane_end(lane, at) - begin;
    const uint8_t *text = lane->text + begin;
    return size != 0 && !(shape->no_codes && ji_fast_is_code(text, size)) &&
            ji_fast_decimal(text, size, shape->scale, shape->power, value) &&
            *value<shape->limit && * value> - shape->limit;
}

static inline bool ji_csv_lane_date(const struct ji_csv_lane *lane, size_t at, int32_t *value)
{
    const uint32_t begin = ji_csv_lane_begin(lane, at);
    return ji_csv_lane_end(lane, at) - begin == 10 && ji_fast_date(lane->text + begin, value);
}

#endif
