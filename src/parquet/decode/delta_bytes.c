/*
 * delta_bytes.c - lengths become views; prefixes are copied from the value before
 *
 *   1. at <= end; the lengths that were taken lie within the bytes of the page.
 *   2. carry->last is the value before the next one, from the first read of the page on.
 *   3. Memory is asked for by what a call's values add up to, which was counted before.
 *
 * A page may expand without bound (a short page of prefixes is a value over and over), so that it is never
 * expanded as a whole: what one call asked for is.
 */
#include "parquet/decode/delta_bytes.h"

#include "kernel/gather.h"

#include <assert.h>

/* Lengths unpacked at a time: they stay in the first-level cache. */
#define STEP 1024

void ji_bytes_carry_clear(struct ji_bytes_carry *carry)
{
    ji_bytes_clear(&carry->last);
    ji_buffer_release(carry->text);
    carry->text = NULL;
    carry->is_known = false;
}

/* The next `count` <= STEP lengths, which fit what is left of the page. */
static enum joist_status take_lengths(
        struct ji_delta_bytes *bytes, size_t count, uint32_t *lengths, struct joist_error *err)
{
    JI_TRY(ji_delta_values_read32(&bytes->lengths, count, lengths, err));
    const size_t left = (size_t)(bytes->end - bytes->at);
    const uint32_t max = ji_codes_max(lengths, count);
    if (max > INT32_MAX)
        return ji_fail(err, JOIST_ERR_CORRUPT, "byte array of %" PRId32 " bytes", (int32_t)max);
    if ((uint64_t)max * count <= left)
        return JOIST_OK;
    uint64_t sum = 0;
    for (size_t index = 0; index < count; index++)
        sum += lengths[index];
    if (sum > left)
        return ji_fail(err, JOIST_ERR_CORRUPT, "byte arrays of %" PRIu64 " bytes where the page has %zu left",
                sum, left);
    return JOIST_OK;
}

/* --- DELTA_LENGTH_BYTE_ARRAY --- */

enum joist_status ji_delta_length_init(
        struct ji_delta_bytes *bytes, struct ji_view page, struct joist_error *err)
{
    JI_TRY(ji_delta_values_init(&bytes->lengths, page, err));
    bytes->end = page.data + page.size;
    bytes->is_first = true;
    return ji_delta_values_end(&bytes->lengths, &bytes->at, err);
}

enum joist_status ji_delta_length_views(
        struct ji_delta_bytes *bytes, size_t count, struct ji_view *out, struct joist_error *err)
{
    while (count > 0) {
        uint32_t lengths[STEP];
        const size_t step = ji_min_size(count, STEP);
        JI_TRY(take_lengths(bytes, step, lengths, err));
        const uint8_t *at = bytes->at;
        for (size_t index = 0; index < step; index++) {
            out[index] = ji_view_of(at, lengths[index]);
            at += lengths[index];
        }
        bytes->at = at;
        out += step;
        count -= step;
    }
    return JOIST_OK;
}

enum joist_status ji_delta_length_skip(struct ji_delta_bytes *bytes, size_t count, struct joist_error *err)
{
    while (count > 0) {
        uint32_t lengths[STEP];
        const size_t step = ji_min_size(count, STEP);
        JI_TRY(take_lengths(bytes, step, lengths, err));
        for (size_t index = 0; index < step; index++)
            bytes->at += lengths[index];
        count -= step;
    }
    return JOIST_OK;
}

/* --- DELTA_BYTE_ARRAY --- */

enum joist_status ji_delta_strings_init(struct ji_delta_bytes *bytes, struct ji_bytes_carry *carry,
        struct ji_view page, struct joist_error *err)
{
    assert(carry->mem != NULL);
    carry->last.mem = carry->mem;
    bytes->is_first = true;
    bytes->end = page.data + page.size;
    bytes->at = page.data;
    JI_TRY(ji_delta_values_init(&bytes->prefixes, page, err));
    JI_TRY(ji_delta_values_end(&bytes->prefixes, &bytes->at, err));
    const struct ji_view rest = ji_view_of(bytes->at, (size_t)(bytes->end - bytes->at));
    JI_TRY(ji_delta_values_init(&bytes->lengths, rest, err));
    return ji_delta_values_end(&bytes->lengths, &bytes->at, err);
}

/* Before the first value of a page: which value it may refer to. */
static enum joist_status begin_page(struct ji_delta_bytes *bytes, struct ji_bytes_carry *carry,
        uint32_t first_prefix, struct joist_error *err)
{
    if (!bytes->is_first)
        return JOIST_OK;
    bytes->is_first = false;
    if (first_prefix == 0)
        carry->last.size = 0;
    else if (!carry->is_known)
        return ji_fail(err, JOIST_ERR_CORRUPT,
                "the first value shares %" PRIu32 " bytes with one of a page before that was not read",
                first_prefix);
    carry->is_known = false;
    return JOIST_OK;
}

/* After values were taken: the next page may refer to the last one once all of this page's are. */
static void end_read(const struct ji_delta_bytes *bytes, struct ji_bytes_carry *carry)
{
    carry->is_known = bytes->lengths.left == 0;
}

/* The next `count` <= STEP prefixes and lengths; the lengths fit what is left of the page. */
static enum joist_status take_pairs(struct ji_delta_bytes *bytes, struct ji_bytes_carry *carry, size_t count,
        uint32_t *prefixes, uint32_t *lengths, struct joist_error *err)
{
    JI_TRY(ji_delta_values_read32(&bytes->prefixes, count, prefixes, err));
    JI_TRY(take_lengths(bytes, count, lengths, err));
    return begin_page(bytes, carry, prefixes[0], err);
}

static enum joist_status bad_prefix(uint32_t prefix, uint64_t size, struct joist_error *err)
{
    return ji_fail(
            err, JOIST_ERR_CORRUPT, "prefix of %" PRIu32 " bytes of a value of %" PRIu64, prefix, size);
}

_Static_assert(sizeof(size_t) == 8, "a prefix and a length share the size of a view");

/*
 * Notes `count` values in the views that they become: where their own bytes are, and prefix and length side
 * by side as the size. `*total` is what all of them take.
 */
static enum joist_status note_pairs(struct ji_delta_bytes *bytes, struct ji_bytes_carry *carry, size_t count,
        struct ji_view *out, uint64_t *total, struct joist_error *err)
{
    const uint8_t *const start = bytes->at;
    uint64_t size = 0;
    *total = 0;
    for (size_t done = 0; done < count;) {
        uint32_t prefixes[STEP];
        uint32_t lengths[STEP];
        const size_t step = ji_min_size(count - done, STEP);
        JI_TRY(take_pairs(bytes, carry, step, prefixes, lengths, err));
        if (done == 0)
            size = carry->last.size;
        for (size_t index = 0; index < step; index++, done++) {
            if (prefixes[index] > size)
                return bad_prefix(prefixes[index], size, err);
            size = (uint64_t)prefixes[index] + lengths[index];
            *total += size;
            out[done] = ji_view_of(bytes->at, (size_t)prefixes[index] << 32 | lengths[index]);
            bytes->at += lengths[index];
        }
    }
    bytes->at = start;
    return JOIST_OK;
}

static enum joist_status keep_last(struct ji_bytes_carry *carry, struct ji_view last, struct joist_error *err)
{
    carry->last.size = 0;
    return ji_bytes_append(&carry->last, last.data, last.size, err);
}

enum joist_status ji_delta_strings_views(struct ji_delta_bytes *bytes, struct ji_bytes_carry *carry,
        size_t count, struct ji_view *out, struct joist_error *err)
{
    if (count == 0)
        return JOIST_OK;
    uint64_t total;
    JI_TRY(note_pairs(bytes, carry, count, out, &total, err));
    if (total > SIZE_MAX / 2)
        return ji_fail(err, JOIST_ERR_LIMIT, "%zu values of %" PRIu64 " bytes", count, total);
    JI_TRY(ji_buffer_renew(carry->mem, &carry->text, ji_max_size((size_t)total, 1), err));
    uint8_t *to = carry->text->data;
    const uint8_t *before = carry->last.data;
    for (size_t index = 0; index < count; index++) {
        const size_t prefix = out[index].size >> 32;
        const size_t length = out[index].size & UINT32_MAX;
        if (prefix > 0)
            memcpy(to, before, prefix);
        if (length > 0)
            memcpy(to + prefix, out[index].data, length);
        bytes->at += length;
        out[index] = ji_view_of(to, prefix + length);
        before = to;
        to += prefix + length;
    }
    JI_TRY(keep_last(carry, out[count - 1], err));
    end_read(bytes, carry);
    return JOIST_OK;
}

size_t ji_delta_strings_fit(const struct ji_delta_bytes *bytes, size_t count, uint64_t bytes_max)
{
    struct ji_delta_values prefixes = bytes->prefixes;
    struct ji_delta_values lengths = bytes->lengths;
    uint64_t total = 0;
    for (size_t done = 0; done < count;) {
        uint32_t prefix[STEP];
        uint32_t length[STEP];
        const size_t step = ji_min_size(count - done, STEP);
        /* What is wrong with them, the read will tell. */
        if (ji_delta_values_read32(&prefixes, step, prefix, NULL) != JOIST_OK ||
                ji_delta_values_read32(&lengths, step, length, NULL) != JOIST_OK)
            return count;
        for (size_t index = 0; index < step; index++, done++) {
            total += (uint64_t)prefix[index] + length[index];
            if (total > bytes_max)
                return ji_max_size(done, 1);
        }
    }
    return count;
}

/* One value after another through carry->last, each handed to `out` where that is not NULL. */
static enum joist_status walk_pairs(struct ji_delta_bytes *bytes, struct ji_bytes_carry *carry, size_t count,
        size_t width, uint8_t *out, struct joist_error *err)
{
    uint32_t prefixes[STEP];
    uint32_t lengths[STEP];
    JI_TRY(take_pairs(bytes, carry, count, prefixes, lengths, err));
    struct ji_bytes *const last = &carry->last;
    for (size_t index = 0; index < count; index++) {
        if (prefixes[index] > last->size)
            return bad_prefix(prefixes[index], last->size, err);
        last->size = prefixes[index];
        JI_TRY(ji_bytes_append(last, bytes->at, lengths[index], err));
        bytes->at += lengths[index];
        if (out == NULL)
            continue;
        if (last->size != width)
            return ji_fail(
                    err, JOIST_ERR_CORRUPT, "value of %zu bytes in a column of %zu", last->size, width);
        memcpy(out + index * width, last->data, width);
    }
    return JOIST_OK;
}

enum joist_status ji_delta_strings_fixed(struct ji_delta_bytes *bytes, struct ji_bytes_carry *carry,
        size_t width, size_t count, uint8_t *out, struct joist_error *err)
{
    while (count > 0) {
        const size_t step = ji_min_size(count, STEP);
        JI_TRY(walk_pairs(bytes, carry, step, width, out, err));
        end_read(bytes, carry);
        out += step * width;
        count -= step;
    }
    return JOIST_OK;
}

enum joist_status ji_delta_strings_skip(
        struct ji_delta_bytes *bytes, struct ji_bytes_carry *carry, size_t count, struct joist_error *err)
{
    while (count > 0) {
        const size_t step = ji_min_size(count, STEP);
        JI_TRY(walk_pairs(bytes, carry, step, 0, NULL, err));
        end_read(bytes, carry);
        count -= step;
    }
    return JOIST_OK;
}
