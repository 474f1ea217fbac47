/*
 * value_fill.c - the values of the page being filled, and the choice of their encoding
 *
 *     chunk begins: raw values --sample full, or page ends--> trials --> codes, or raw values
 *                   `plain`, `lengths`            ^              |       `codes`   as before
 *                                                 `--page goes on-' where the sample has no value twice
 *
 *   1. Values stand in `plain` as raw_values.h has them, or, while `in_dictionary`, as `codes`: never both.
 *   2. The choice is made on values of this chunk and holds until it ends, or until the data drifts: a page
 *      that takes a third more or less than the one after the choice calls for a new one, without dictionary.
 *   3. What the caller asked for by name is not chosen.
 */
#include "parquet/write/value_fill.h"

#include "kernel/join.h"
#include "parquet/encode/hybrid_encode.h"

#include <assert.h>

/* A sample: the first of these to be reached. */
#define SAMPLE_VALUES 16384
#define SAMPLE_BYTES ((size_t)256 << 10)
/* A sample that has hardly a value twice does not say what comes again later: the whole page is looked at. */
#define ALL_NEW_PART 0.98
/* And is tried again where less of it is new. */
#define MOSTLY_NEW_PART 0.75
/* Of one value: its page must be packed in one call. */
#define VALUE_BYTES_MAX (JI_CODEC_BYTES_MAX / 2)
/* A page's bytes a value against those of the page after the choice. */
#define DRIFT_MORE 1.33
#define DRIFT_LESS 0.67
/* Pages of fewer values say nothing of drift. */
#define DRIFT_VALUES_MIN 1024

/* Pages from here on are measured against the first of them. */
static void begin_costs(struct ji_column_writer *writer)
{
    writer->choice_number++;
    writer->page_cost = 0;
}

/* --- values --- */

static enum joist_status add_numbers(struct ji_column_writer *writer, const struct ji_value_block *block,
        size_t width, struct joist_error *err)
{
    return ji_bytes_append(&writer->plain, block->values, block->count * width, err);
}

static enum joist_status add_views(
        struct ji_column_writer *writer, const struct ji_value_block *block, struct joist_error *err)
{
    const struct ji_view *views = block->values;
    size_t bytes = 0;
    size_t most = 0;
    for (size_t i = 0; i < block->count; i++) {
        bytes += views[i].size;
        most = ji_max_size(most, views[i].size);
    }
    if (most > VALUE_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "a value of %zu bytes, at most %zu", most, VALUE_BYTES_MAX);
    JI_TRY(ji_bytes_reserve(&writer->plain, bytes + JI_JOIN_SLACK, err));
    if (writer->leaf->element->physical == JI_PHYSICAL_BYTE_ARRAY) {
        JI_TRY(ji_bytes_reserve(&writer->lengths, block->count * sizeof(uint32_t), err));
        uint32_t *lengths = (uint32_t *)(void *)(writer->lengths.data + writer->lengths.size);
        for (size_t i = 0; i < block->count; i++)
            lengths[i] = (uint32_t)views[i].size;
        writer->lengths.size += block->count * sizeof(uint32_t);
    }
    ji_join(views, block->count, writer->plain.data + writer->plain.size);
    writer->plain.size += bytes;
    return JOIST_OK;
}

enum joist_status ji_values_add(
        struct ji_column_writer *writer, const struct ji_value_block *block, struct joist_error *err)
{
    if (block->count == 0)
        return JOIST_OK;
    switch (writer->block_shape) {
    case JI_BLOCK_BITS:
        JI_TRY(add_numbers(writer, block, 1, err));
        break;
    case JI_BLOCK_FOUR:
    case JI_BLOCK_EIGHT:
        JI_TRY(add_numbers(writer, block, writer->value_bytes, err));
        break;
    case JI_BLOCK_VIEWS:
        JI_TRY(add_views(writer, block, err));
        break;
    }
    ji_column_bounds_add(writer, block);
    writer->value_count += block->count;
    return JOIST_OK;
}

struct ji_raw_values ji_values_raw(const struct ji_column_writer *writer)
{
    const bool has_lengths = writer->leaf->element->physical == JI_PHYSICAL_BYTE_ARRAY;
    return (struct ji_raw_values){
            .shape = writer->block_shape,
            .width = writer->block_shape == JI_BLOCK_VIEWS && !has_lengths ? writer->value_bytes : 0,
            .count = writer->value_count,
            .data = writer->plain.data,
            .bytes = writer->plain.size,
            .lengths = has_lengths ? (const uint32_t *)(const void *)writer->lengths.data : NULL,
    };
}

enum joist_status ji_values_from_codes(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err)
{
    const uint32_t *codes = (const uint32_t *)(const void *)writer->codes.data;
    const size_t count = writer->value_count;
    writer->value_count = 0;
    for (size_t at = 0; at < count; at += JI_BLOCK_VALUES) {
        struct ji_value_block block;
        const size_t take = ji_min_size(JI_BLOCK_VALUES, count - at);
        ji_dictionary_writer_decode(&writer->dictionary, codes + at, take, &lane->block, &block);
        JI_TRY(ji_values_add(writer, &block, err));
    }
    writer->codes.size = 0;
    writer->in_dictionary = false;
    ji_dictionary_writer_clear(&writer->dictionary);
    return JOIST_OK;
}

/* --- the choice --- */

static enum ji_encoding encoding_of(enum joist_encoding wish)
{
    switch (wish) {
    case JOIST_ENCODING_DICTIONARY:
        return JI_ENCODING_RLE_DICTIONARY;
    case JOIST_ENCODING_RLE:
        return JI_ENCODING_RLE;
    case JOIST_ENCODING_DELTA_BINARY_PACKED:
        return JI_ENCODING_DELTA_BINARY_PACKED;
    case JOIST_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
        return JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY;
    case JOIST_ENCODING_DELTA_BYTE_ARRAY:
        return JI_ENCODING_DELTA_BYTE_ARRAY;
    case JOIST_ENCODING_BYTE_STREAM_SPLIT:
        return JI_ENCODING_BYTE_STREAM_SPLIT;
    case JOIST_ENCODING_ALP:
        return JI_ENCODING_ALP;
    case JOIST_ENCODING_DEFAULT:
    case JOIST_ENCODING_PLAIN:
        break;
    }
    return JI_ENCODING_PLAIN;
}

static bool readers_know(
        enum ji_encoding encoding, enum ji_physical physical, enum joist_parquet_compat compat)
{
    switch (encoding) {
    case JI_ENCODING_PLAIN:
    case JI_ENCODING_RLE_DICTIONARY:
        return true;
    case JI_ENCODING_DELTA_BINARY_PACKED:
    case JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY:
        return compat >= JOIST_PARQUET_COMPAT_WIDE;
    case JI_ENCODING_DELTA_BYTE_ARRAY:
        return compat == JOIST_PARQUET_COMPAT_NEW ||
                (compat == JOIST_PARQUET_COMPAT_WIDE && physical == JI_PHYSICAL_BYTE_ARRAY);
    case JI_ENCODING_RLE:
    case JI_ENCODING_BYTE_STREAM_SPLIT:
        return compat == JOIST_PARQUET_COMPAT_NEW;
    default:
        return false; /* ALP only by name */
    }
}

/*
 * Deltas that a reader in wide use fails on, whoever wrote them: Polars 2.1 on those of a required leaf
 * beneath an optional group, in lists too, where one page has nulls and another none, pyarrow 26 on byte
 * arrays that it is to restore as a dictionary. Levels that do not repeat are those of optional groups.
 */
static bool deltas_break(const struct ji_leaf *leaf, const struct ji_leaf_wishes *wishes)
{
    return wishes->restores || (leaf->max_def > leaf->max_rep && leaf->element->repetition == JI_REQUIRED);
}

static uint32_t allowed_of(const struct ji_column_writer *writer)
{
    const enum ji_physical physical = writer->leaf->element->physical;
    const struct ji_leaf_wishes *wishes = writer->wishes;
    uint32_t allowed = 0;
    /* A dictionary that did not hold the values so far does not begin anew. */
    if (wishes->encoding == JOIST_ENCODING_DICTIONARY && writer->chunk_values > 0)
        return 1u << JI_ENCODING_PLAIN;
    if (wishes->encoding != JOIST_ENCODING_DEFAULT)
        return 1u << encoding_of(wishes->encoding);
    for (unsigned encoding = 0; encoding <= JI_ENCODING_ALP; encoding++)
        if (ji_encoding_suits(encoding, physical) &&
                readers_know(encoding, physical, writer->settings->compat))
            allowed |= 1u << encoding;
    if (writer->settings->compat < JOIST_PARQUET_COMPAT_NEW && deltas_break(writer->leaf, wishes))
        allowed &= 1u << JI_ENCODING_PLAIN | 1u << JI_ENCODING_RLE_DICTIONARY;
    if (wishes->no_dictionary || writer->chunk_values > 0)
        allowed &= ~(1u << JI_ENCODING_RLE_DICTIONARY);
    return allowed;
}

/* Blocks of what stands raw, as the dictionary takes them. */
static void raw_block(const struct ji_raw_values *raw, size_t at, size_t *offset, struct ji_block_room *room,
        struct ji_value_block *block)
{
    block->count = ji_min_size(JI_BLOCK_VALUES, raw->count - at);
    if (raw->shape != JI_BLOCK_VIEWS) {
        block->values = raw->data + at * (raw->shape == JI_BLOCK_FOUR ? sizeof(uint32_t) : sizeof(uint64_t));
        return;
    }
    block->values = room->views;
    for (size_t i = 0; i < block->count; i++) {
        const size_t size = raw->lengths != NULL ? raw->lengths[at + i] : raw->width;
        room->views[i] = ji_view_of(raw->data + *offset, size);
        *offset += size;
    }
}

/* Codes of all that stands raw; false where the dictionary did not take it. */
static enum joist_status codes_of_raw(struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct ji_raw_values *raw, bool *taken, struct joist_error *err)
{
    size_t offset = 0;
    *taken = false;
    writer->codes.size = 0;
    JI_TRY(ji_bytes_reserve(&writer->codes, raw->count * sizeof(uint32_t), err));
    for (size_t at = 0; at < raw->count; at += JI_BLOCK_VALUES) {
        struct ji_value_block block;
        size_t coded = 0;
        uint32_t *codes = (uint32_t *)(void *)writer->codes.data + at;
        raw_block(raw, at, &offset, &lane->block, &block);
        JI_TRY(ji_dictionary_writer_encode(&writer->dictionary, &block, codes, &coded, err));
        if (coded < block.count)
            return JOIST_OK;
    }
    *taken = true;
    return JOIST_OK;
}

static uint64_t chunk_values_expected(const struct ji_column_writer *writer, bool is_last)
{
    const uint64_t now = writer->chunk_values + writer->value_count;
    if (is_last)
        return now;
    if (writer->values_before > 0)
        return ji_max_u64(now, writer->values_before);
    const uint64_t rows = ji_max_u64(writer->chunk_rows + writer->row_count, 1);
    return ji_max_u64(now, writer->settings->group_rows_max / rows * now);
}

/* From raw values to codes: their bounds come from the entries, once the page ends. */
static void take_codes(struct ji_column_writer *writer)
{
    writer->in_dictionary = true;
    writer->codes.size = writer->value_count * sizeof(uint32_t);
    writer->plain.size = writer->lengths.size = 0;
    writer->entries_before = writer->dictionary.count;
    writer->coded_before = writer->chunk_values + writer->value_count;
    writer->entry_rate = writer->choice.entry_rate;
    ji_bounds_reset(&writer->bounds, writer->bounds.order);
}

static bool is_new(const struct ji_column_writer *writer, double part)
{
    return (double)writer->dictionary.count > part * (double)writer->value_count;
}

/* Codes for the trials, where there may be and the dictionary takes them. */
static enum joist_status give_codes(struct ji_column_writer *writer, struct ji_write_lane *lane,
        struct ji_choice_request *request, struct joist_error *err)
{
    bool taken = false;
    if ((request->allowed >> JI_ENCODING_RLE_DICTIONARY & 1) == 0 || request->codes != NULL)
        return JOIST_OK;
    JI_TRY(codes_of_raw(writer, lane, &request->raw, &taken, err));
    request->dictionary = taken ? &writer->dictionary : NULL;
    request->codes = taken ? (const uint32_t *)(const void *)writer->codes.data : NULL;
    return JOIST_OK;
}

/* The choice of the chunk before, where it may hold for this one, else a new one. */
static enum joist_status make_choice(struct ji_column_writer *writer, struct ji_write_lane *lane,
        struct ji_choice_request *request, struct joist_error *err)
{
    const struct ji_choice_room room = {
            .codec = lane->codec, .encoded = &lane->body, .packed = &lane->packed, .scratch = &lane->scratch};
    bool holds = false;
    if (writer->chunk_values == 0 && !writer->waits &&
            ji_choice_may_hold(&writer->choice, request->allowed)) {
        if (ji_choice_wants_codes(&writer->choice))
            JI_TRY(give_codes(writer, lane, request, err));
        JI_TRY(ji_encoding_look_over(request, &room, &writer->choice, &holds, err));
    }
    if (holds)
        return JOIST_OK;
    JI_TRY(give_codes(writer, lane, request, err));
    if (writer->waits && (request->codes == NULL || is_new(writer, MOSTLY_NEW_PART)))
        return JOIST_OK; /* as it was for the sample */
    return ji_encoding_choose(request, &room, &writer->choice, err);
}

/* `may_wait`: the page goes on. */
static enum joist_status choose(struct ji_column_writer *writer, struct ji_write_lane *lane, bool is_last,
        bool may_wait, struct joist_error *err)
{
    assert(!writer->in_dictionary && !writer->is_chosen);
    if (writer->value_count == 0)
        return JOIST_OK;
    struct ji_choice_request request = {
            .raw = ji_values_raw(writer),
            .allowed = allowed_of(writer),
            .chunk_values = chunk_values_expected(writer, is_last),
            .codec = writer->settings->codec,
            .codec_level = writer->settings->codec_level,
    };
    JI_TRY(make_choice(writer, lane, &request, err));
    writer->waits = may_wait && request.codes != NULL &&
            writer->choice.plan.encoding != JI_ENCODING_RLE_DICTIONARY && is_new(writer, ALL_NEW_PART);
    if (writer->waits) {
        writer->codes.size = 0;
        ji_dictionary_writer_reset(&writer->dictionary);
        return JOIST_OK;
    }
    writer->plan = writer->choice.plan;
    writer->is_chosen = true;
    begin_costs(writer);
    if (writer->plan.encoding == JI_ENCODING_RLE_DICTIONARY) {
        take_codes(writer);
    } else {
        writer->codes.size = 0;
        if (writer->block_shape != JI_BLOCK_BITS && writer->pages_coded[JI_ENCODING_RLE_DICTIONARY] == 0)
            ji_dictionary_writer_clear(&writer->dictionary);
    }
    return JOIST_OK;
}

enum joist_status ji_values_choose(
        struct ji_column_writer *writer, struct ji_write_lane *lane, bool is_last, struct joist_error *err)
{
    return choose(writer, lane, is_last, false, err);
}

enum joist_status ji_values_sampled(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err)
{
    if (writer->is_chosen || writer->waits ||
            (writer->value_count < SAMPLE_VALUES && writer->plain.size < SAMPLE_BYTES))
        return JOIST_OK;
    return choose(writer, lane, false, true, err);
}

void ji_values_leave_dictionary(struct ji_column_writer *writer)
{
    writer->in_dictionary = false;
    writer->plan = writer->choice.fallback;
    begin_costs(writer);
    if (writer->pages_coded[JI_ENCODING_RLE_DICTIONARY] == 0)
        ji_dictionary_writer_clear(&writer->dictionary);
    else
        ji_dictionary_writer_freeze(&writer->dictionary);
}

/* New entries a value since the worth of codes was last judged. */
static double entry_rate(const struct ji_column_writer *writer)
{
    const uint64_t values = writer->chunk_values + writer->value_count - writer->coded_before;
    return (double)(writer->dictionary.count - writer->entries_before) / (double)values;
}

bool ji_values_codes_pay(const struct ji_column_writer *writer, bool is_last)
{
    const uint64_t values = writer->chunk_values + writer->value_count;
    if (writer->wishes->encoding == JOIST_ENCODING_DICTIONARY || values <= writer->coded_before)
        return true;
    const struct ji_dictionary_growth growth = {.rate_before = writer->entry_rate,
            .rate = entry_rate(writer),
            .apart = values - writer->coded_before};
    const uint64_t more = chunk_values_expected(writer, is_last) - values;
    return more == 0 || ji_dictionary_pays_on(&writer->choice, &growth, writer->dictionary.count, more);
}

/* The page's bytes a value, against those of the first page of the same choice. */
static void judge_size(struct ji_column_writer *writer, size_t page)
{
    const struct ji_page_cost *before = &writer->costs[page % (JI_PAGES_AWAY + 1)];
    uint32_t bytes = 0;
    if (before->values == 0 || before->choice != writer->choice_number)
        return;
    memcpy(&bytes, writer->page_sizes.data + page * sizeof bytes, sizeof bytes);
    const double cost = (double)bytes / (double)before->values;
    if (writer->page_cost == 0)
        writer->page_cost = cost;
    else if (cost > writer->page_cost * DRIFT_MORE || cost < writer->page_cost * DRIFT_LESS)
        writer->is_chosen = false;
}

void ji_values_watch(struct ji_column_writer *writer)
{
    const uint64_t values = writer->chunk_values + writer->value_count;
    const bool tells = writer->value_count >= DRIFT_VALUES_MIN && writer->is_chosen;
    writer->costs[writer->page_count % (JI_PAGES_AWAY + 1)] =
            (struct ji_page_cost){.values = tells && !writer->in_dictionary ? writer->value_count : 0,
                    .choice = writer->choice_number};
    if (tells && writer->in_dictionary) {
        if (values > writer->coded_before)
            writer->entry_rate = entry_rate(writer);
        writer->entries_before = writer->dictionary.count;
        writer->coded_before = values;
    }
    if (writer->page_count >= JI_PAGES_AWAY)
        judge_size(writer, writer->page_count - JI_PAGES_AWAY);
}

enum joist_status ji_values_put(struct ji_column_writer *writer, struct ji_write_lane *lane,
        struct ji_bytes *body, struct joist_error *err)
{
    if (!writer->in_dictionary) {
        const struct ji_raw_values raw = ji_values_raw(writer);
        return ji_values_encode(&writer->plan, &raw, &lane->scratch, body, err);
    }
    const unsigned width = ji_code_width(writer->dictionary.count);
    JI_TRY(ji_bytes_reserve(body, 1 + ji_hybrid_bound(writer->value_count, width), err));
    uint8_t *out = body->data + body->size;
    *out++ = (uint8_t)width; /* 0 would do for one entry, but not every reader takes it */
    out = ji_hybrid_encode_codes(
            (const uint32_t *)(const void *)writer->codes.data, writer->value_count, width, out);
    body->size = (size_t)(out - body->data);
    return JOIST_OK;
}
