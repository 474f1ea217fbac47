/*
 * csv_lanes_avx2.c - one field of many rows, four or eight a step
 *
 *     text   ... , 1 7 , ...      a lane: the eight bytes before the field's end
 *     lane   x x x x x , 1 7      what is not of the field is shifted out, and zeros in
 *     digits 0 0 0 0 0 0 1 7      then pairs, fours and the whole, by products and sums of neighbours
 *
 *   1. A step takes all of its fields or none: then each is asked alone, as the plain kernel does, which also
 *      finds where to stop.
 *   2. What a step takes the plain kernel takes, to the same value.
 *   3. Up to sixteen bytes before a field are read, and mean nothing.
 */
#include "text/csv_lanes.h"

#if defined(__x86_64__)
#include <immintrin.h>

#define AVX2 __attribute__((target("avx2")))
#define INLINE_AVX2 AVX2 static inline __attribute__((always_inline))

/* The fields of a step, as where they end. */
struct four {
    const uint8_t *end[4];
    __m256i sizes;
};

static inline __attribute__((always_inline)) long long word_at(const void *at)
{
    return (long long)ji_load_le64(at);
}

INLINE_AVX2 __m256i words_before(const struct four *fields, size_t bytes)
{
    return _mm256_set_epi64x(word_at(fields->end[3] - bytes), word_at(fields->end[2] - bytes),
            word_at(fields->end[1] - bytes), word_at(fields->end[0] - bytes));
}

/* Pairs of ends, that of the field before in the lower half, as sizes. */
INLINE_AVX2 __m256i sizes_of(__m256i pairs)
{
    const __m256i apart = _mm256_sub_epi32(_mm256_srli_epi64(pairs, 32), pairs);
    return _mm256_and_si256(_mm256_sub_epi32(apart, _mm256_set1_epi64x(1)), _mm256_set1_epi64x(UINT32_MAX));
}

INLINE_AVX2 void find_four(const struct ji_csv_lane *lane, size_t at, struct four *fields)
{
    const size_t stride = lane->stride;
    const uint32_t *ends = lane->ends + at * stride;
    for (size_t i = 0; i < 4; i++)
        fields->end[i] = lane->text + ends[i * stride];
    fields->sizes = sizes_of(_mm256_set_epi64x(word_at(ends + 3 * stride - 1), word_at(ends + 2 * stride - 1),
            word_at(ends + stride - 1), word_at(ends - 1)));
}

INLINE_AVX2 bool is_none(__m256i bits)
{
    return _mm256_testz_si256(bits, bits) != 0;
}

/* Eight digits a lane, the first in the lowest byte. */
INLINE_AVX2 __m256i number_of(__m256i digits)
{
    const __m256i pairs = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(0x010A));
    const __m256i fours = _mm256_madd_epi16(pairs, _mm256_set1_epi32(0x00010064));
    return _mm256_add_epi64(_mm256_mul_epu32(fours, _mm256_set1_epi64x(10000)), _mm256_srli_epi64(fours, 32));
}

/* Of digits that are none: other bits than zeros. */
INLINE_AVX2 __m256i beyond_nine(__m256i digits)
{
    return _mm256_subs_epu8(digits, _mm256_set1_epi8(9));
}

/* By how many bits a lane is moved so that `bytes` (0 to 8) of it are left. */
INLINE_AVX2 __m256i shift_for(__m256i bytes)
{
    return _mm256_slli_epi64(_mm256_sub_epi64(_mm256_set1_epi64x(8), bytes), 3);
}

/* Lanes whose lowest byte, the first digit, is a zero though the field is longer than `size`. */
INLINE_AVX2 __m256i codes_of(__m256i first, __m256i sizes, long long size)
{
    const __m256i zero =
            _mm256_cmpeq_epi64(_mm256_and_si256(first, _mm256_set1_epi64x(0xFF)), _mm256_setzero_si256());
    return _mm256_and_si256(zero, _mm256_cmpgt_epi64(sizes, _mm256_set1_epi64x(size)));
}

/* Integers of up to 8 digits each. */
INLINE_AVX2 bool take_short(const struct four *fields, const struct ji_csv_shape *shape, int64_t *out)
{
    const __m256i word = _mm256_xor_si256(words_before(fields, 8), _mm256_set1_epi8('0'));
    const __m256i shift = shift_for(fields->sizes);
    const __m256i first = _mm256_srlv_epi64(word, shift);
    const __m256i digits = _mm256_sllv_epi64(first, shift);
    __m256i bad = beyond_nine(digits);
    if (shape->no_codes)
        bad = _mm256_or_si256(bad, codes_of(first, fields->sizes, 1));
    _mm256_storeu_si256((__m256i *)(void *)out, number_of(digits));
    return is_none(bad);
}

/* Integers of up to 16 digits each. */
INLINE_AVX2 bool take_long(const struct four *fields, const struct ji_csv_shape *shape, int64_t *out)
{
    const __m256i zeros = _mm256_set1_epi8('0');
    const __m256i low_sizes = _mm256_min_epi32(fields->sizes, _mm256_set1_epi64x(8));
    const __m256i high_sizes = _mm256_sub_epi64(fields->sizes, low_sizes);
    const __m256i low_shift = shift_for(low_sizes);
    const __m256i high_shift = shift_for(high_sizes);
    const __m256i low_first = _mm256_srlv_epi64(_mm256_xor_si256(words_before(fields, 8), zeros), low_shift);
    const __m256i high_first =
            _mm256_srlv_epi64(_mm256_xor_si256(words_before(fields, 16), zeros), high_shift);
    const __m256i low = _mm256_sllv_epi64(low_first, low_shift);
    const __m256i high = _mm256_sllv_epi64(high_first, high_shift);
    __m256i bad = _mm256_or_si256(beyond_nine(low), beyond_nine(high));
    if (shape->no_codes) {
        const __m256i is_long = _mm256_cmpgt_epi64(fields->sizes, _mm256_set1_epi64x(8));
        const __m256i first = _mm256_blendv_epi8(low_first, high_first, is_long);
        bad = _mm256_or_si256(bad, codes_of(first, fields->sizes, 1));
    }
    const __m256i value = _mm256_add_epi64(
            _mm256_mul_epu32(number_of(high), _mm256_set1_epi64x(100000000)), number_of(low));
    _mm256_storeu_si256((__m256i *)(void *)out, value);
    return is_none(bad);
}

AVX2 static size_t int64_avx2(
        const struct ji_csv_lane *lane, size_t from, const struct ji_csv_shape *shape, int64_t *out)
{
    size_t i = from;
    while (i + 4 <= lane->count) {
        struct four fields;
        find_four(lane, i, &fields);
        const __m256i less = _mm256_sub_epi64(fields.sizes, _mm256_set1_epi64x(1));
        const bool is_short = is_none(_mm256_srli_epi64(less, 3));
        if (is_short ? take_short(&fields, shape, out + i)
                     : is_none(_mm256_srli_epi64(less, 4)) && take_long(&fields, shape, out + i)) {
            i += 4;
            continue;
        }
        for (const size_t end = i + 4; i < end; i++) {
            if (!ji_csv_lane_int64(lane, i, shape, &out[i]))
                return i;
        }
    }
    while (i < lane->count && ji_csv_lane_int64(lane, i, shape, &out[i]))
        i++;
    return i;
}

/* What is the same for all decimals of a column. */
struct points {
    __m256i shortest; /* a digit, the point and those behind it */
    __m256i mask;     /* where the point is */
    __m256i point;
    __m256i behind; /* what is behind it */
    __m256i limit;
};

INLINE_AVX2 struct points points_of(const struct ji_csv_shape *shape)
{
    const unsigned at = 8 * (7 - shape->scale);
    return (struct points){
            .shortest = _mm256_set1_epi64x((long long)shape->scale + 2),
            .mask = _mm256_set1_epi64x((long long)(UINT64_C(0xFF) << at)),
            .point = _mm256_set1_epi64x((long long)((uint64_t)'.' << at)),
            .behind = _mm256_set1_epi64x((long long)(UINT64_MAX << at << 8)),
            .limit = _mm256_set1_epi64x(shape->limit),
    };
}

/* Decimals of up to 8 digits each, all those behind the point written out. */
INLINE_AVX2 bool take_decimals(const struct four *fields, const struct ji_csv_shape *shape,
        const struct points *points, int64_t *out)
{
    const __m256i last = words_before(fields, 8);
    __m256i bad = _mm256_or_si256(_mm256_cmpgt_epi64(points->shortest, fields->sizes),
            _mm256_cmpgt_epi64(fields->sizes, _mm256_set1_epi64x(9)));
    bad = _mm256_or_si256(bad, _mm256_xor_si256(_mm256_and_si256(last, points->mask), points->point));
    /* The digits before the point, moved one byte towards those behind it. */
    const __m256i joined = _mm256_blendv_epi8(words_before(fields, 9), last, points->behind);
    const __m256i shift = shift_for(_mm256_sub_epi64(fields->sizes, _mm256_set1_epi64x(1)));
    const __m256i first = _mm256_srlv_epi64(_mm256_xor_si256(joined, _mm256_set1_epi8('0')), shift);
    const __m256i digits = _mm256_sllv_epi64(first, shift);
    bad = _mm256_or_si256(bad, beyond_nine(digits));
    if (shape->no_codes)
        bad = _mm256_or_si256(bad, codes_of(first, fields->sizes, (long long)shape->scale + 2));
    const __m256i value = number_of(digits);
    const __m256i small = _mm256_cmpgt_epi64(points->limit, value);
    _mm256_storeu_si256((__m256i *)(void *)out, value);
    return is_none(bad) && _mm256_movemask_epi8(small) == -1;
}

AVX2 static size_t decimal_avx2(
        const struct ji_csv_lane *lane, size_t from, const struct ji_csv_shape *shape, int64_t *out)
{
    size_t i = from;
    if (shape->scale <= 7) {
        const struct points points = points_of(shape);
        while (i + 4 <= lane->count) {
            struct four fields;
            find_four(lane, i, &fields);
            if (take_decimals(&fields, shape, &points, out + i)) {
                i += 4;
                continue;
            }
            for (const size_t end = i + 4; i < end; i++) {
                if (!ji_csv_lane_decimal(lane, i, shape, &out[i]))
                    return i;
            }
        }
    }
    while (i < lane->count && ji_csv_lane_decimal(lane, i, shape, &out[i]))
        i++;
    return i;
}

/* Two fields in a row, and two that stand four rows behind them: shuffles within halves put all in order. */
INLINE_AVX2 __m256i take_days(const struct ji_csv_lane *lane, size_t at, __m256i *bad)
{
    const size_t stride = lane->stride;
    const uint32_t *ends = lane->ends + at * stride - 1;
    const __m256i pairs = _mm256_set_epi64x(
            word_at(ends + 5 * stride), word_at(ends + 4 * stride), word_at(ends + stride), word_at(ends));
    const uint8_t *a = lane->text + (uint32_t)(ends[0] + 1);
    const uint8_t *b = lane->text + (uint32_t)(ends[stride] + 1);
    const uint8_t *c = lane->text + (uint32_t)(ends[4 * stride] + 1);
    const uint8_t *d = lane->text + (uint32_t)(ends[5 * stride] + 1);
    /* "YYYY-MM-" and "YY-MM-DD" of each, less what would be all zeros. */
    const __m256i head = _mm256_xor_si256(_mm256_set_epi64x(word_at(d), word_at(c), word_at(b), word_at(a)),
            _mm256_set1_epi64x(INT64_C(0x2D30302D30303030)));
    const __m256i tail = _mm256_xor_si256(
            _mm256_set_epi64x(word_at(d + 2), word_at(c + 2), word_at(b + 2), word_at(a + 2)),
            _mm256_set1_epi8('0'));
    const __m256i far = _mm256_xor_si256(sizes_of(pairs), _mm256_set1_epi64x(10));
    const __m256i over =
            _mm256_or_si256(_mm256_subs_epu8(head, _mm256_set1_epi64x(INT64_C(0x0009010009090909))),
                    _mm256_subs_epu8(tail, _mm256_set1_epi64x(INT64_C(0x0903FFFFFFFFFFFF))));
    *bad = _mm256_or_si256(*bad, _mm256_or_si256(far, over));
    const __m256i places = _mm256_set_epi8(-1, -1, 14, 13, 11, 10, 9, 8, -1, -1, 6, 5, 3, 2, 1, 0, -1, -1, 14,
            13, 11, 10, 9, 8, -1, -1, 6, 5, 3, 2, 1, 0);
    const __m256i digits = _mm256_blend_epi16(_mm256_shuffle_epi8(head, places), tail, 0x88);
    const __m256i numbers = _mm256_maddubs_epi16(digits, _mm256_set1_epi16(0x010A));
    /* The year, and 64 times the month with the day. */
    return _mm256_madd_epi16(numbers, _mm256_set1_epi64x(INT64_C(0x0001004000010064)));
}

/* Days since 1970 of dates in the calendar of today; `bad` where there is none, or a 29th of February. */
INLINE_AVX2 __m256i days_since(__m256i years, __m256i months_days, __m256i *bad)
{
    const __m256i month = _mm256_srli_epi32(months_days, 6);
    const __m256i day = _mm256_and_si256(months_days, _mm256_set1_epi32(63));
    const __m256i one = _mm256_set1_epi32(1);
    const __m256i lengths = _mm256_broadcastsi128_si256(
            _mm_setr_epi8(0, 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 0, 0, 0));
    const __m256i no_day = _mm256_or_si256(
            _mm256_cmpgt_epi32(day, _mm256_shuffle_epi8(lengths, month)), _mm256_cmpgt_epi32(one, day));
    const __m256i no_month = _mm256_cmpgt_epi32(month, _mm256_set1_epi32(12));
    const __m256i no_year = _mm256_cmpgt_epi32(one, years);
    *bad = _mm256_or_si256(*bad, _mm256_or_si256(no_day, _mm256_or_si256(no_month, no_year)));
    /* Years begin in March, so that the odd day is their last. */
    const __m256i early = _mm256_cmpgt_epi32(_mm256_set1_epi32(3), month);
    const __m256i year = _mm256_add_epi32(years, early);
    const __m256i from_march = _mm256_add_epi32(month, _mm256_and_si256(early, _mm256_set1_epi32(12)));
    const __m256i before_month = _mm256_srli_epi32(
            _mm256_sub_epi32(_mm256_madd_epi16(from_march, _mm256_set1_epi32(979)), _mm256_set1_epi32(2919)),
            5);
    const __m256i hundreds = _mm256_srli_epi32(_mm256_mulhi_epu16(year, _mm256_set1_epi32(5243)), 3);
    __m256i days = _mm256_madd_epi16(year, _mm256_set1_epi32(365));
    days = _mm256_add_epi32(days, _mm256_srli_epi32(year, 2));
    days = _mm256_sub_epi32(days, hundreds);
    days = _mm256_add_epi32(days, _mm256_srli_epi32(hundreds, 2));
    days = _mm256_add_epi32(days, _mm256_add_epi32(before_month, day));
    return _mm256_sub_epi32(days, _mm256_set1_epi32(719469));
}

AVX2 static size_t date_avx2(const struct ji_csv_lane *lane, size_t from, int32_t *out)
{
    size_t i = from;
    while (i + 8 <= lane->count) {
        __m256i bad = _mm256_setzero_si256();
        const __m256 left = _mm256_castsi256_ps(take_days(lane, i, &bad));
        const __m256 right = _mm256_castsi256_ps(take_days(lane, i + 2, &bad));
        const __m256i years = _mm256_castps_si256(_mm256_shuffle_ps(left, right, 0x88));
        const __m256i rest = _mm256_castps_si256(_mm256_shuffle_ps(left, right, 0xDD));
        const __m256i days = days_since(years, rest, &bad);
        _mm256_storeu_si256((__m256i *)(void *)(out + i), days);
        if (is_none(bad)) {
            i += 8;
            continue;
        }
        for (const size_t end = i + 8; i < end; i++) {
            if (!ji_csv_lane_date(lane, i, &out[i]))
                return i;
        }
    }
    while (i < lane->count && ji_csv_lane_date(lane, i, &out[i]))
        i++;
    return i;
}

const struct ji_csv_lane_kernels ji_csv_lane_avx2 = {
        .int64 = int64_avx2,
        .decimal = decimal_avx2,
        .date = date_avx2,
};
#endif
