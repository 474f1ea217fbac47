/*
 * encoding_choice.c - trials on a sample, and how a dictionary would grow beyond it
 *
 * A dictionary is paid for by the whole chunk, and the sample has only some of its entries. How many there
 * will be follows from how fast new ones came: `third` of the values between a half and three quarters of the
 * sample were new, `fourth` of those in its last quarter.
 *
 *     values drawn from a set      fourth = third * q, q < 1: the rate falls by q each quarter, and what is
 *                                  still to come is a geometric series
 *     values that follow an order  fourth = third: new ones come on and on
 *
 * Chunks of a column are mostly alike, and trials take a twentieth of a file's time. So a choice is looked
 * over on the next chunk's values, and made again only where they take more or less than those before.
 *
 * Encodings decode at unlike speed: one that is slower must take less by the part that `handicap` says.
 */
#include "parquet/encode/encoding_choice.h"

#include "parquet/encode/hybrid_encode.h"

#include <assert.h>

/* Less is not worth a codec's call. */
#define PACK_BYTES_MIN 512
/* The dictionary's entries are packed in full up to so many bytes, of more only so many. */
#define ENTRY_BYTES_MAX ((size_t)64 << 10)
/* Of a sample of which more is new, the fall of the rate says nothing yet. */
#define MOSTLY_NEW_PART 0.75
/* A rate that falls by less does not fall. */
#define IN_ORDER_PART 0.98
/* An estimate within this factor of another may be the better one on the next values. */
#define CLOSE_FACTOR 1.15
/* What an earlier choice may take more or less, for how many chunks in a row. */
#define ALIKE_FACTOR 1.1
#define HELD_MAX 15
/* Codes go on unless something else takes less than this part. */
#define CODES_PART 0.97

static double handicap(enum ji_encoding encoding)
{
    switch (encoding) {
    case JI_ENCODING_DELTA_BINARY_PACKED:
    case JI_ENCODING_BYTE_STREAM_SPLIT:
        return 1.02;
    case JI_ENCODING_DELTA_BYTE_ARRAY:
        return 1.10;
    case JI_ENCODING_ALP:
        return 1.05;
    default:
        return 1.0;
    }
}

unsigned ji_code_width(uint64_t entries)
{
    return entries <= 2 ? 1 : 64 - (unsigned)__builtin_clzll(entries - 1);
}

/* Bytes that `encoded`, of parts of `part_bytes` or of one, takes in the file. */
static enum joist_status packed_bytes(const struct ji_choice_request *request,
        const struct ji_choice_room *room, struct ji_view encoded, size_t part_bytes, uint64_t *bytes,
        struct joist_error *err)
{
    const struct ji_codec_parts parts = {.all = encoded, .part_bytes = part_bytes};
    size_t size = encoded.size;
    if (request->codec != JI_CODEC_NONE && encoded.size >= PACK_BYTES_MIN) {
        room->packed->size = 0;
        JI_TRY(ji_bytes_reserve(room->packed, ji_codec_bound(request->codec, encoded.size), err));
        JI_TRY(ji_compress_parts(
                room->codec, request->codec, request->codec_level, &parts, room->packed->data, &size, err));
    }
    *bytes = size;
    return JOIST_OK;
}

static void add_estimate(struct ji_encoding_choice *choice, enum ji_encoding encoding, uint64_t bytes)
{
    assert(choice->estimate_count < JI_ESTIMATES_MAX);
    choice->estimates[choice->estimate_count++] =
            (struct ji_encoding_estimate){.encoding = encoding, .bytes = bytes};
}

/* --- the dictionary --- */

/* Entries that the first `count` values made: they are numbered as they came. */
static uint64_t entries_of(const uint32_t *codes, size_t count)
{
    uint32_t most = 0;
    for (size_t i = 0; i < count; i++)
        most = codes[i] > most ? codes[i] : most;
    return count == 0 ? 0 : (uint64_t)most + 1;
}

/*
 * New entries among `more` values: a value was new at rate `before` first, at rate `now` over what lay
 * `apart` values further on. (1 + q) / (1 - q) / 2 stands for -1 / log q.
 */
static double entries_to_come(double before, double now, double apart, double more)
{
    const double in_order = now * more;
    if (now >= before * IN_ORDER_PART)
        return in_order;
    const double part = now / before;
    const double drawn = now * (1 + part) / 2 * apart * (1 + part) / (2 * (1 - part));
    return drawn < in_order ? drawn : in_order;
}

/*
 * The same where nearly all values were new, so that how fast their rate falls is lost in chance: as if drawn
 * from a set, of which `known` values were there while the others came at `rate`.
 */
static double entries_of_set(double known, double rate, double entries, double more)
{
    const double in_order = rate * more;
    if (rate >= 1)
        return in_order;
    const double others = known / (1 - rate) - entries;
    if (others < 0)
        return 0;
    return others < in_order ? others : in_order;
}

/* Entries that the chunk is expected to have. */
static double entries_expected(const struct ji_choice_request *request, struct ji_encoding_choice *choice)
{
    const size_t count = request->raw.count;
    const double entries = request->dictionary->count;
    const double more = (double)(request->chunk_values - ji_min_u64(request->chunk_values, count));
    const size_t quarter = count / 4;
    if (quarter == 0 || more == 0)
        return entries;
    const double half = (double)entries_of(request->codes, count - 2 * quarter);
    const double three = (double)entries_of(request->codes, count - quarter);
    const double third = (three - half) / (double)quarter;
    const double fourth = (entries - three) / (double)quarter;
    choice->entry_rate = fourth;
    if (entries > MOSTLY_NEW_PART * (double)count && fourth < 1)
        return entries +
                entries_of_set((entries + half) / 2, (entries - half) / (2 * (double)quarter), entries, more);
    return entries + entries_to_come(third, fourth, (double)quarter, more);
}

/* What the codec leaves of entries and codes. */
static enum joist_status weigh_dictionary(const struct ji_choice_request *request,
        const struct ji_choice_room *room, struct ji_encoding_choice *choice, struct joist_error *err)
{
    const struct ji_dictionary_writer *dictionary = request->dictionary;
    const struct ji_view entries =
            ji_view_of(dictionary->page.data, ji_min_size(dictionary->page.size, ENTRY_BYTES_MAX));
    const unsigned width = ji_code_width(dictionary->count);
    const size_t count = request->raw.count;
    uint64_t entry_bytes = 0;
    uint64_t code_bytes = 0;
    JI_TRY(packed_bytes(request, room, entries, 0, &entry_bytes, err));
    const double entry_part = (double)entry_bytes / (double)entries.size;
    choice->entry_cost = entry_part * (double)dictionary->page.size / (double)dictionary->count;

    room->encoded->size = 0;
    JI_TRY(ji_bytes_reserve(room->encoded, ji_hybrid_bound(count, width), err));
    const uint8_t *end = ji_hybrid_encode_codes(request->codes, count, width, room->encoded->data);
    const struct ji_view codes = ji_view_of(room->encoded->data, (size_t)(end - room->encoded->data));
    JI_TRY(packed_bytes(request, room, codes, 0, &code_bytes, err));
    choice->code_part = (double)code_bytes * 8 / ((double)count * width);
    return JOIST_OK;
}

static enum joist_status try_dictionary(const struct ji_choice_request *request,
        const struct ji_choice_room *room, struct ji_encoding_choice *choice, struct joist_error *err)
{
    const struct ji_dictionary_writer *dictionary = request->dictionary;
    if (dictionary == NULL || (request->allowed >> JI_ENCODING_RLE_DICTIONARY & 1) == 0 ||
            dictionary->page.size == 0)
        return JOIST_OK;
    JI_TRY(weigh_dictionary(request, room, choice, err));
    const double entries = entries_expected(request, choice);
    const double values = (double)ji_max_u64(request->chunk_values, request->raw.count);
    const double plain_entry = (double)dictionary->page.size / (double)dictionary->count;
    double bytes =
            entries * choice->entry_cost + values * choice->code_part * ji_code_width((uint64_t)entries) / 8;
    bytes *= (double)request->raw.count / values;
    /* One that would not find room ends half-way, and has been paid for. */
    if (entries * plain_entry > (double)dictionary->page_size_max)
        bytes += (double)ji_raw_plain_bytes(&request->raw);
    add_estimate(choice, JI_ENCODING_RLE_DICTIONARY, (uint64_t)bytes);
    return JOIST_OK;
}

bool ji_dictionary_pays_on(const struct ji_encoding_choice *choice, const struct ji_dictionary_growth *growth,
        uint64_t entries, uint64_t more)
{
    const double fresh =
            entries_to_come(growth->rate_before, growth->rate, (double)growth->apart, (double)more);
    const double code_bytes = (double)more * choice->code_part * ji_code_width(entries + (uint64_t)fresh) / 8;
    return (fresh * choice->entry_cost + code_bytes) * CODES_PART <= choice->fallback_cost * (double)more;
}

/* --- the others --- */

static struct ji_delta_shape shape_for(const struct ji_raw_values *raw, enum ji_encoding encoding)
{
    const void *values = raw->data;
    if (encoding == JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY)
        return ji_delta_shape_for32(raw->lengths, raw->count);
    if (encoding != JI_ENCODING_DELTA_BINARY_PACKED)
        return JI_DELTA_SHAPE_SMALL;
    return raw->shape == JI_BLOCK_FOUR ? ji_delta_shape_for32(values, raw->count)
                                       : ji_delta_shape_for64(values, raw->count);
}

static enum joist_status try_values(const struct ji_choice_request *request,
        const struct ji_choice_room *room, struct ji_encode_plan plan, struct ji_encoding_choice *choice,
        struct joist_error *err)
{
    uint64_t bytes = 0;
    room->encoded->size = 0;
    JI_TRY(ji_values_encode(&plan, &request->raw, room->scratch, room->encoded, err));
    const struct ji_view encoded = ji_view_of(room->encoded->data, room->encoded->size);
    const size_t part_bytes = plan.encoding == JI_ENCODING_BYTE_STREAM_SPLIT ? request->raw.count : 0;
    JI_TRY(packed_bytes(request, room, encoded, part_bytes, &bytes, err));
    add_estimate(choice, plan.encoding, bytes);
    const double cost = (double)bytes / (double)request->raw.count;
    if (choice->fallback_cost < 0 ||
            cost * handicap(plan.encoding) < choice->fallback_cost * handicap(choice->fallback.encoding)) {
        choice->fallback = plan;
        choice->fallback_cost = cost;
    }
    return JOIST_OK;
}

/* The dictionary against the best of the others. */
static void settle(const struct ji_choice_request *request, struct ji_encoding_choice *choice)
{
    const struct ji_encoding_estimate *dictionary = NULL;
    for (size_t i = 0; i < choice->estimate_count; i++)
        if (choice->estimates[i].encoding == JI_ENCODING_RLE_DICTIONARY)
            dictionary = &choice->estimates[i];
    const struct ji_encode_plan codes = {
            .encoding = JI_ENCODING_RLE_DICTIONARY, .shape = JI_DELTA_SHAPE_SMALL};
    if (choice->fallback_cost < 0)
        choice->fallback =
                (struct ji_encode_plan){.encoding = JI_ENCODING_PLAIN, .shape = JI_DELTA_SHAPE_SMALL};
    choice->plan = choice->fallback;
    choice->cost = choice->fallback_cost;
    if (dictionary == NULL)
        return;
    const double others = choice->fallback_cost * handicap(choice->fallback.encoding);
    const double cost = (double)dictionary->bytes / (double)request->raw.count;
    choice->is_close =
            choice->fallback_cost >= 0 && cost < others * CLOSE_FACTOR && others < cost * CLOSE_FACTOR;
    if (choice->fallback_cost < 0 || cost <= others) {
        choice->plan = codes;
        choice->cost = cost;
    }
}

enum joist_status ji_encoding_choose(const struct ji_choice_request *request,
        const struct ji_choice_room *room, struct ji_encoding_choice *choice, struct joist_error *err)
{
    static const enum ji_encoding tried[] = {JI_ENCODING_PLAIN, JI_ENCODING_RLE,
            JI_ENCODING_DELTA_BINARY_PACKED, JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY,
            JI_ENCODING_DELTA_BYTE_ARRAY, JI_ENCODING_BYTE_STREAM_SPLIT, JI_ENCODING_ALP};
    struct ji_encoding_choice made = {.fallback_cost = -1,
            .sample_values = request->raw.count,
            .sample_bytes = ji_raw_plain_bytes(&request->raw)};
    assert(request->raw.count > 0);
    JI_TRY(try_dictionary(request, room, &made, err));
    for (size_t i = 0; i < sizeof tried / sizeof tried[0]; i++) {
        if ((request->allowed >> tried[i] & 1) == 0)
            continue;
        const struct ji_encode_plan plan = {
                .encoding = tried[i], .shape = shape_for(&request->raw, tried[i])};
        JI_TRY(try_values(request, room, plan, &made, err));
    }
    settle(request, &made);
    *choice = made;
    return JOIST_OK;
}

bool ji_choice_may_hold(const struct ji_encoding_choice *choice, uint32_t allowed)
{
    return choice->sample_values > 0 && choice->held < HELD_MAX && !choice->is_close &&
            (allowed >> choice->plan.encoding & 1) != 0 && (allowed >> choice->fallback.encoding & 1) != 0;
}

static bool is_alike(double cost, double before)
{
    return cost <= before * ALIKE_FACTOR && before <= cost * ALIKE_FACTOR;
}

enum joist_status ji_encoding_look_over(const struct ji_choice_request *request,
        const struct ji_choice_room *room, struct ji_encoding_choice *choice, bool *holds,
        struct joist_error *err)
{
    assert(request->raw.count > 0 && ji_choice_may_hold(choice, request->allowed));
    struct ji_encoding_choice made = {.fallback_cost = -1};
    const struct ji_encode_plan fallback = {.encoding = choice->fallback.encoding,
            .shape = shape_for(&request->raw, choice->fallback.encoding)};
    *holds = false;
    if (ji_choice_wants_codes(choice)) {
        JI_TRY(try_dictionary(request, room, &made, err));
        if (made.estimate_count == 0)
            return JOIST_OK;
    }
    JI_TRY(try_values(request, room, fallback, &made, err));
    settle(request, &made);
    *holds = made.plan.encoding == choice->plan.encoding && !made.is_close &&
            is_alike(made.cost, choice->cost) && is_alike(made.fallback_cost, choice->fallback_cost);
    if (!*holds)
        return JOIST_OK;
    choice->plan = made.plan;
    choice->fallback = made.fallback;
    choice->fallback_cost = made.fallback_cost;
    choice->held++;
    if (ji_choice_wants_codes(choice)) {
        choice->entry_cost = made.entry_cost;
        choice->code_part = made.code_part;
        choice->entry_rate = made.entry_rate;
    }
    return JOIST_OK;
}
