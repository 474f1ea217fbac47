/*
 * alp_values.c - vectors of decimals that were floating-point numbers
 *
 *     page    mode:1 integers:1 log2 of a vector's values:1 values:4, an offset:4 a vector, vectors
 *     vector  exponent:1 factor:1 exceptions:2 frame:4|8 width:1, packed, positions:2 each, exceptions:4|8
 *     each
 *
 *     value = (frame + packed) * 10^factor * 10^-exponent
 *
 *   1. A vector is looked at once its offset, its head and all that the head says it holds lie in the page.
 *   2. Exceptions are put where they belong bit for bit.
 *
 * The two multiplications are those of the format, each rounded to the type itself; the powers are the
 * literals that it names. A piece of a vector looks through all exceptions of the vector: there are few, or
 * the encoding would not have been chosen.
 */
#include "parquet/decode/alp_values.h"

#include "parquet/format/alp_powers.h"

#define HEAD_BYTES 7
#define OFFSET_BYTES 4
#define LOG2_MIN 3
#define LOG2_MAX 15
#define POSITION_BYTES 2
#define STEP 256

static size_t value_bytes(const struct ji_alp_values *values)
{
    return values->is_double ? sizeof(double) : sizeof(float);
}

enum joist_status ji_alp_values_init(
        struct ji_alp_values *values, struct ji_view page, bool is_double, struct joist_error *err)
{
    struct ji_alp_values made = {.is_double = is_double, .vector_log2 = LOG2_MIN};
    *values = made;
    /* A page of nulls alone may have no bytes at all. */
    if (page.size == 0)
        return JOIST_OK;
    if (page.size < HEAD_BYTES)
        return ji_fail(err, JOIST_ERR_CORRUPT, "ALP page of %zu bytes", page.size);
    if (page.data[0] != 0 || page.data[1] != 0)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "ALP mode %u with integers of kind %u", page.data[0],
                page.data[1]);
    made.vector_log2 = page.data[2];
    const uint32_t count = ji_load_le32(page.data + 3);
    if (made.vector_log2 < LOG2_MIN || made.vector_log2 > LOG2_MAX || count > INT32_MAX)
        return ji_fail(err, JOIST_ERR_CORRUPT, "ALP page of %" PRId32 " values in vectors of 2^%u",
                (int32_t)count, made.vector_log2);
    made.count = count;
    made.body = ji_view_of(page.data + HEAD_BYTES, page.size - HEAD_BYTES);
    const size_t vector_count = (made.count + ((size_t)1 << made.vector_log2) - 1) >> made.vector_log2;
    if (vector_count > made.body.size / OFFSET_BYTES)
        return ji_fail(
                err, JOIST_ERR_CORRUPT, "ALP page of %zu vectors in %zu bytes", vector_count, page.size);
    *values = made;
    return JOIST_OK;
}

/* The vector's parts behind its head, which begin at `at`. */
static enum joist_status find_parts(
        const struct ji_alp_values *values, struct ji_alp_vector *vector, size_t at, struct joist_error *err)
{
    const size_t width_max = value_bytes(values) * 8;
    const unsigned exponent_max = values->is_double ? JI_ALP_DOUBLE_EXPONENT_MAX : JI_ALP_FLOAT_EXPONENT_MAX;
    if (vector->width > width_max || vector->exponent > exponent_max || vector->factor > vector->exponent ||
            vector->exception_count > vector->count)
        return ji_fail(err, JOIST_ERR_CORRUPT,
                "ALP vector with exponent %u, factor %u, %u bits and %zu exceptions of %zu", vector->exponent,
                vector->factor, vector->width, vector->exception_count, vector->count);
    const size_t packed = ji_packed_bytes(vector->count, vector->width);
    const size_t positions = vector->exception_count * POSITION_BYTES;
    const size_t exceptions = vector->exception_count * value_bytes(values);
    if (packed + positions + exceptions > values->body.size - at)
        return ji_fail(err, JOIST_ERR_CORRUPT, "ALP vector of %zu bytes where %zu are left",
                packed + positions + exceptions, values->body.size - at);
    vector->packed = ji_view_of(values->body.data + at, packed);
    vector->positions = values->body.data + at + packed;
    vector->exceptions = vector->positions + positions;
    for (size_t index = 0; index < vector->exception_count; index++) {
        const unsigned position = ji_load_le16(vector->positions + index * POSITION_BYTES);
        if (position >= vector->count)
            return ji_fail(
                    err, JOIST_ERR_CORRUPT, "ALP exception %u in a vector of %zu", position, vector->count);
    }
    return JOIST_OK;
}

/* Makes `vector` the one that holds the next value, which there is. */
static enum joist_status find_vector(struct ji_alp_values *values, struct joist_error *err)
{
    const size_t number = values->index >> values->vector_log2;
    struct ji_alp_vector made = {.first = number << values->vector_log2};
    if (values->vector.count > 0 && values->vector.first == made.first)
        return JOIST_OK;
    made.count = ji_min_size(values->count - made.first, (size_t)1 << values->vector_log2);
    const size_t offset = ji_load_le32(values->body.data + number * OFFSET_BYTES);
    const size_t head = 4 + value_bytes(values) + 1;
    if (!ji_range_fits(offset, head, values->body.size))
        return ji_fail(err, JOIST_ERR_CORRUPT, "ALP vector at %zu in a page of %zu bytes", offset,
                values->body.size);
    const uint8_t *const from = values->body.data + offset;
    made.exponent = from[0];
    made.factor = from[1];
    made.exception_count = ji_load_le16(from + 2);
    made.frame = values->is_double ? ji_load_le64(from + 4) : ji_load_le32(from + 4);
    made.width = from[head - 1];
    JI_TRY(find_parts(values, &made, offset + head, err));
    values->vector = made;
    return JOIST_OK;
}

/* Values `at` .. `at` + count of the vector. */
static void decode_doubles(const struct ji_alp_vector *vector, size_t at, size_t count, uint8_t *out)
{
    const double up = ji_alp_powers[vector->factor];
    const double down = ji_alp_inverses[vector->exponent];
    struct ji_bit_unpacker unpacker;
    ji_bit_unpacker_init(&unpacker, vector->width);
    while (count > 0) {
        uint64_t packed[STEP];
        const size_t step = ji_min_size(count, STEP);
        ji_bit_unpack64(&unpacker, vector->packed.data, vector->packed.size, at, step, packed);
        for (size_t index = 0; index < step; index++) {
            const double value = (double)(int64_t)(packed[index] + vector->frame) * up * down;
            memcpy(out + index * sizeof value, &value, sizeof value);
        }
        at += step;
        count -= step;
        out += step * sizeof(double);
    }
}

static void decode_floats(const struct ji_alp_vector *vector, size_t at, size_t count, uint8_t *out)
{
    const float up = ji_alp_powers_float[vector->factor];
    const float down = ji_alp_inverses_float[vector->exponent];
    struct ji_bit_unpacker unpacker;
    ji_bit_unpacker_init(&unpacker, vector->width);
    while (count > 0) {
        uint32_t packed[STEP];
        const size_t step = ji_min_size(count, STEP);
        ji_bit_unpack(&unpacker, vector->packed.data, vector->packed.size, at, step, packed);
        for (size_t index = 0; index < step; index++) {
            const float scaled = (float)(int32_t)(packed[index] + (uint32_t)vector->frame) * up;
            const float value = scaled * down;
            memcpy(out + index * sizeof value, &value, sizeof value);
        }
        at += step;
        count -= step;
        out += step * sizeof(float);
    }
}

/* The exceptions among values `at` .. `at` + count. */
static void put_exceptions(
        const struct ji_alp_vector *vector, bool is_double, size_t at, size_t count, uint8_t *out)
{
    for (size_t index = 0; index < vector->exception_count; index++) {
        const size_t position = ji_load_le16(vector->positions + index * POSITION_BYTES);
        if (position - at >= count)
            continue;
        if (is_double) {
            const uint64_t bits = ji_load_le64(vector->exceptions + index * sizeof bits);
            memcpy(out + (position - at) * sizeof bits, &bits, sizeof bits);
        } else {
            const uint32_t bits = ji_load_le32(vector->exceptions + index * sizeof bits);
            memcpy(out + (position - at) * sizeof bits, &bits, sizeof bits);
        }
    }
}

enum joist_status ji_alp_values_skip(struct ji_alp_values *values, size_t count, struct joist_error *err)
{
    const size_t left = values->count - values->index;
    if (count > left)
        return ji_fail(err, JOIST_ERR_CORRUPT, "page ends %zu values early", count - left);
    values->index += count;
    return JOIST_OK;
}

enum joist_status ji_alp_values_read(
        struct ji_alp_values *values, size_t count, uint8_t *out, struct joist_error *err)
{
    const size_t left = values->count - values->index;
    if (count > left)
        return ji_fail(err, JOIST_ERR_CORRUPT, "page ends %zu values early", count - left);
    while (count > 0) {
        JI_TRY(find_vector(values, err));
        const struct ji_alp_vector *const vector = &values->vector;
        const size_t at = values->index - vector->first;
        const size_t step = ji_min_size(count, vector->count - at);
        if (values->is_double)
            decode_doubles(vector, at, step, out);
        else
            decode_floats(vector, at, step, out);
        put_exceptions(vector, values->is_double, at, step, out);
        values->index += step;
        out += step * value_bytes(values);
        count -= step;
    }
    return JOIST_OK;
}
