/*
 * csv_lanes.c - one field of many rows, a row a step: the plain kernels, and the choice
 */
#include "text/csv_lanes.h"

static size_t int64_plain(
        const struct ji_csv_lane *lane, size_t from, const struct ji_csv_shape *shape, int64_t *out)
{
    size_t i = from;
    while (i < lane->count && ji_csv_lane_int64(lane, i, shape, &out[i]))
        i++;
    return i;
}

static size_t decimal_plain(
        const struct ji_csv_lane *lane, size_t from, const struct ji_csv_shape *shape, int64_t *out)
{
    size_t i = from;
    while (i < lane->count && ji_csv_lane_decimal(lane, i, shape, &out[i]))
        i++;
    return i;
}

static size_t date_plain(const struct ji_csv_lane *lane, size_t from, int32_t *out)
{
    size_t i = from;
    while (i < lane->count && ji_csv_lane_date(lane, i, &out[i]))
        i++;
    return i;
}

static const struct ji_csv_lane_kernels plain = {
        .int64 = int64_plain,
        .decimal = decimal_plain,
        .date = date_plain,
};

const struct ji_csv_lane_kernels *ji_csv_lane_kernels(enum ji_csv_level level)
{
#if defined(__x86_64__)
    if (level == JI_CSV_BEST && __builtin_cpu_supports("avx2"))
        return &ji_csv_lane_avx2;
#endif
    (void)level;
    return &plain;
}

size_t ji_csv_lane_views(const struct ji_csv_lane *lane, size_t from, struct ji_view *out)
{
    const uint8_t *text = lane->text;
    const size_t stride = lane->stride;
    const uint32_t *ends = lane->ends + from * stride;
    for (size_t i = from; i < lane->count; i++, ends += stride) {
        const uint32_t begin = ends[-1] + 1;
        uint32_t end = *ends;
        if (lane->trim && end > begin && text[end - 1] == '\r')
            end--;
        if (end == begin)
            return i;
        const bool quoted = text[begin] == lane->quote;
        if (quoted && (lane->doubled || end - begin < 2 || text[end - 1] != lane->quote))
            return i;
        out[i] = ji_view_of(text + begin + quoted, end - begin - 2 * (uint32_t)quoted);
    }
    return lane->count;
}
