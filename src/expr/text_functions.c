/*
 * text_functions.c - ||, length, lower, upper, trim, substr, starts_with, ends_with, contains
 *
 * Characters are UTF-8's; lower and upper change ASCII letters alone, since more needs tables of a language.
 * What only cuts (trim, substr) makes views into the bytes that are there.
 */
#include "expr/evaluate.h"

static struct ji_view view_at(const struct ji_vector *vector, size_t i)
{
    const struct ji_view *views = vector->column.values;
    return views[ji_vector_constant(vector) ? 0 : i];
}

static int64_t long_at(const struct ji_vector *vector, size_t i)
{
    const int64_t *values = vector->column.values;
    return values[ji_vector_constant(vector) ? 0 : i];
}

static bool continues(uint8_t byte)
{
    return (byte & 0xc0) == 0x80;
}

enum joist_status ji_run_concat(struct ji_call *call, struct joist_error *err)
{
    struct ji_view *out = NULL;
    uint8_t *heap = NULL;
    size_t bytes = 0;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &out, err));
    for (size_t i = 0; i < call->count; i++) {
        for (size_t a = 0; a < call->expr->argument_count && ji_call_needs(call, i); a++) {
            if (!ji_add_size(bytes, view_at(&call->arguments[a], i).size, &bytes))
                return ji_call_fail(call, err, "text too long");
        }
    }
    JI_TRY(ji_scratch_get(call->evaluator, bytes, &heap, err));
    for (size_t i = 0; i < call->count; i++) {
        out[i].data = heap;
        for (size_t a = 0; a < call->expr->argument_count && ji_call_needs(call, i); a++) {
            const struct ji_view part = view_at(&call->arguments[a], i);
            if (part.size > 0)
                memcpy(heap, part.data, part.size);
            heap += part.size;
            out[i].size += part.size;
        }
    }
    return JOIST_OK;
}

enum joist_status ji_run_length(struct ji_call *call, struct joist_error *err)
{
    const struct ji_field *type = call->arguments[0].column.field;
    const bool characters = type->kind == JI_STRING && strcmp(call->expr->name, "octet_length") != 0;
    int64_t *out = NULL;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &out, err));
    for (size_t i = 0; i < call->count; i++) {
        out[i] = type->fixed_bytes;
        if (type->fixed_bytes > 0 || !ji_call_needs(call, i))
            continue;
        const struct ji_view text = view_at(&call->arguments[0], i);
        out[i] = (int64_t)text.size;
        for (size_t b = 0; characters && b < text.size; b++)
            out[i] -= continues(text.data[b]);
    }
    return JOIST_OK;
}

static struct ji_view trimmed(struct ji_view text, bool left, bool right)
{
    while (left && text.size > 0 && text.data[0] == ' ') {
        text.data++;
        text.size--;
    }
    while (right && text.size > 0 && text.data[text.size - 1] == ' ')
        text.size--;
    return text;
}

static enum joist_status change_case(
        struct ji_call *call, bool upper, struct ji_view *out, struct joist_error *err)
{
    const uint8_t first = upper ? 'a' : 'A';
    uint8_t *heap = NULL;
    size_t bytes = 0;
    for (size_t i = 0; i < call->count; i++)
        bytes += ji_call_needs(call, i) ? view_at(&call->arguments[0], i).size : 0;
    JI_TRY(ji_scratch_get(call->evaluator, bytes, &heap, err));
    for (size_t i = 0; i < call->count; i++) {
        if (!ji_call_needs(call, i))
            continue;
        const struct ji_view text = view_at(&call->arguments[0], i);
        for (size_t b = 0; b < text.size; b++) {
            const uint8_t byte = text.data[b];
            heap[b] = (uint8_t)(byte ^ ((uint8_t)(byte - first) < 26 ? 0x20 : 0));
        }
        out[i] = ji_view_of(heap, text.size);
        heap += text.size;
    }
    return JOIST_OK;
}

enum joist_status ji_run_text(struct ji_call *call, struct joist_error *err)
{
    const char *name = call->expr->name;
    struct ji_view *out = NULL;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &out, err));
    if (strcmp(name, "lower") == 0 || strcmp(name, "upper") == 0)
        return change_case(call, name[0] == 'u', out, err);
    const bool left = name[0] != 'r';
    const bool right = name[0] != 'l';
    for (size_t i = 0; i < call->count; i++) {
        if (ji_call_needs(call, i))
            out[i] = trimmed(view_at(&call->arguments[0], i), left, right);
    }
    return JOIST_OK;
}

/* Characters [begin, end) counted from 0. */
static struct ji_view cut(struct ji_view text, int64_t begin, int64_t end)
{
    size_t from = 0;
    int64_t character = 0;
    while (from < text.size && character < begin) {
        from++;
        while (from < text.size && continues(text.data[from]))
            from++;
        character++;
    }
    size_t to = from;
    while (to < text.size && character < end) {
        to++;
        while (to < text.size && continues(text.data[to]))
            to++;
        character++;
    }
    return ji_view_of(text.data == NULL ? NULL : text.data + from, to - from);
}

/*
 * substr(text, start, count): characters start .. start + count - 1, counted from 1; those before 1 do not
 * exist.
 */
enum joist_status ji_run_substr(struct ji_call *call, struct joist_error *err)
{
    const bool counted = call->expr->argument_count == 3;
    struct ji_view *out = NULL;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &out, err));
    for (size_t i = 0; i < call->count; i++) {
        if (!ji_call_needs(call, i))
            continue;
        const int64_t start = long_at(&call->arguments[1], i);
        int64_t end = INT64_MAX;
        if (counted) {
            const int64_t count = long_at(&call->arguments[2], i);
            if (count < 0)
                return ji_call_fail(call, err, "negative count in substr");
            if (!ji_add_i64(start, count, &end))
                end = INT64_MAX;
        }
        const int64_t begin = start > 1 ? start - 1 : 0;
        out[i] = cut(view_at(&call->arguments[0], i), begin, end == INT64_MAX ? end : end - 1);
    }
    return JOIST_OK;
}

static bool test_text(char which, struct ji_view text, struct ji_view part)
{
    if (part.size == 0)
        return true;
    if (part.size > text.size)
        return false;
    if (which == 's')
        return memcmp(text.data, part.data, part.size) == 0;
    if (which == 'e')
        return memcmp(text.data + (text.size - part.size), part.data, part.size) == 0;
    return memmem(text.data, text.size, part.data, part.size) != NULL;
}

enum joist_status ji_run_text_test(struct ji_call *call, struct joist_error *err)
{
    const char which = call->expr->name[0];
    uint8_t *bits = NULL;
    JI_TRY(ji_vector_new(call->evaluator, &call->expr->type, false, call->count, call->out, &bits, err));
    for (size_t i = 0; i < call->count; i++) {
        const bool needed = ji_call_needs(call, i);
        if (needed && test_text(which, view_at(&call->arguments[0], i), view_at(&call->arguments[1], i)))
            ji_bit_set(bits, i);
    }
    return JOIST_OK;
}
