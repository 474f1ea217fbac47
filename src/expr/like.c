/*
 * like.c - text like pattern: '%' is any run of characters, '_' one, '\' takes the next as it is
 *
 *     no wildcard   equal            abc%   prefix          %abc   suffix          %abc%   contains
 *     anything else                  a walk with one place to go back to: the last '%'
 *
 * A constant pattern is looked at once. '_' is one UTF-8 character; the walk goes back to whole characters
 * only.
 */
#include "expr/evaluate.h"
#include "expr/value_order.h"

enum like_shape { LIKE_EQUAL, LIKE_PREFIX, LIKE_SUFFIX, LIKE_CONTAINS, LIKE_ANY, LIKE_WALK };

struct like_pattern {
    enum like_shape shape;
    struct ji_view raw;
    struct ji_view fixed; /* what has to be there, escapes gone */
};

static size_t character_bytes(struct ji_view text, size_t at)
{
    size_t bytes = 1;
    while (at + bytes < text.size && (text.data[at + bytes] & 0xc0) == 0x80)
        bytes++;
    return bytes;
}

/* One step of a pattern that is no '%': whether it takes what stands at `at`, and how much of either. */
static bool take_step(struct ji_view pattern, size_t step, struct ji_view text, size_t at, size_t *step_bytes,
        size_t *text_bytes)
{
    if (step >= pattern.size)
        return false;
    const bool escaped = pattern.data[step] == '\\' && step + 1 < pattern.size;
    *step_bytes = escaped ? 2 : 1;
    *text_bytes = 1;
    if (!escaped && pattern.data[step] == '_') {
        *text_bytes = character_bytes(text, at);
        return true;
    }
    return pattern.data[step + escaped] == text.data[at];
}

static bool walk(struct ji_view pattern, struct ji_view text)
{
    size_t step = 0;
    size_t at = 0;
    size_t back_step = SIZE_MAX;
    size_t back_at = 0;
    while (at < text.size) {
        size_t step_bytes = 0;
        size_t text_bytes = 0;
        if (step < pattern.size && pattern.data[step] == '%') {
            back_step = ++step;
            back_at = at;
        } else if (take_step(pattern, step, text, at, &step_bytes, &text_bytes)) {
            step += step_bytes;
            at += text_bytes;
        } else if (back_step != SIZE_MAX) {
            back_at += character_bytes(text, back_at);
            at = back_at;
            step = back_step;
        } else {
            return false;
        }
    }
    while (step < pattern.size && pattern.data[step] == '%')
        step++;
    return step == pattern.size;
}

static bool ends_in_escape(struct ji_view pattern)
{
    size_t i = 0;
    while (i < pattern.size) {
        if (pattern.data[i] == '\\' && i + 1 == pattern.size)
            return true;
        i += pattern.data[i] == '\\' ? 2 : 1;
    }
    return false;
}

/* The bytes between leading and trailing '%', and the shape; `room` holds pattern.size bytes. */
static void understand(struct ji_view raw, uint8_t *room, struct like_pattern *pattern)
{
    size_t begin = 0;
    size_t size = 0;
    bool open_end = false;
    *pattern = (struct like_pattern){.shape = LIKE_WALK, .raw = raw};
    while (begin < raw.size && raw.data[begin] == '%')
        begin++;
    for (size_t i = begin; i < raw.size; i++) {
        const bool wild = raw.data[i] == '%';
        if (raw.data[i] == '_' || (open_end && !wild))
            return;
        open_end = wild;
        if (wild)
            continue;
        i += raw.data[i] == '\\';
        room[size++] = raw.data[i];
    }
    const bool open_start = begin > 0;
    pattern->fixed = ji_view_of(room, size);
    if (open_start && size == 0)
        pattern->shape = LIKE_ANY;
    else if (open_start && open_end)
        pattern->shape = LIKE_CONTAINS;
    else if (open_start)
        pattern->shape = LIKE_SUFFIX;
    else
        pattern->shape = open_end ? LIKE_PREFIX : LIKE_EQUAL;
}

static bool contains(struct ji_view text, struct ji_view part)
{
    return part.size <= text.size &&
            (part.size == 0 || memmem(text.data, text.size, part.data, part.size) != NULL);
}

static bool matches(const struct like_pattern *pattern, struct ji_view text)
{
    const struct ji_view fixed = pattern->fixed;
    switch (pattern->shape) {
    case LIKE_ANY:
        return true;
    case LIKE_EQUAL:
        return ji_view_equal(text, fixed);
    case LIKE_PREFIX:
        return text.size >= fixed.size && memcmp(text.data, fixed.data, fixed.size) == 0;
    case LIKE_SUFFIX:
        return text.size >= fixed.size &&
                memcmp(text.data + (text.size - fixed.size), fixed.data, fixed.size) == 0;
    case LIKE_CONTAINS:
        return contains(text, fixed);
    case LIKE_WALK:
        break;
    }
    return walk(pattern->raw, text);
}

enum joist_status ji_run_like(struct ji_call *call, struct joist_error *err)
{
    const struct ji_vector *patterns = &call->arguments[1];
    const struct ji_view *texts = call->arguments[0].column.values;
    const struct ji_view *raws = patterns->column.values;
    const size_t text_step = !ji_vector_constant(&call->arguments[0]);
    const bool constant = ji_vector_constant(patterns);
    struct like_pattern pattern = {.shape = LIKE_WALK};
    uint8_t *bits = NULL;
    uint8_t *room = NULL;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &bits, err));
    bool bad = constant && ends_in_escape(raws[0]);
    if (constant && !bad) {
        JI_TRY(ji_arena_alloc(&call->evaluator->arena, raws[0].size, &room, err));
        understand(raws[0], room, &pattern);
    }
    for (size_t i = 0; i < call->count; i++) {
        if (!ji_call_needs(call, i))
            continue;
        if (!constant) {
            pattern.raw = raws[i];
            bad = ends_in_escape(raws[i]);
        }
        if (bad)
            return ji_call_fail(call, err, "pattern ends with its escape character");
        if (matches(&pattern, texts[i * text_step]))
            ji_bit_set(bits, i);
    }
    return JOIST_OK;
}
