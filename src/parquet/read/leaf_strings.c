/*
 * leaf_strings.c - strings of a page as the views that leave the library
 *
 *     heaps of a part:  [dictionary page?] [page] [page] ... [packed?]        each with a reference
 *
 *   1. Where a dictionary with a string of more than 12 bytes is known, its page is a heap of every part that
 *      has heaps, the first of them but where it was met within the part: its views are made once and then
 *      only looked up, and made anew where that number changes.
 *   2. A part keeps a page where it will take an eighth of it or more, or the page is small; strings of other
 *      pages are copied to the packed heap. A batch that outlives the stream so keeps at most eight times its
 *      own bytes, and those that follow one another share what they keep.
 *   3. Views hold offsets, not pointers: the packed heap may move while it grows.
 */
#include "kernel/gather.h"
#include "parquet/read/leaf_cursor.h"

/* Strings taken from the page at a time: they stay in the first-level cache until they are views. */
#define STRINGS_STEP 512
#define CODES_STEP 2048
#define SMALL_PAGE_BYTES ((size_t)64 << 10)
#define SHARE_LEAST 8

void ji_leaf_drop_heaps(struct ji_leaf_cursor *cursor)
{
    for (size_t index = 0; index < cursor->heap_count; index++)
        ji_buffer_release(cursor->heaps[index].buffer);
    cursor->heap_count = 0;
    cursor->page_is_heap = false;
    cursor->has_packed_heap = false;
    cursor->has_dictionary_heap = false;
}

size_t ji_leaf_part_bytes(const struct ji_leaf_cursor *cursor)
{
    size_t bytes = cursor->slots * cursor->type.memory_bytes;
    const size_t first = cursor->has_dictionary_heap ? 2 : 1;
    for (size_t index = first; index < cursor->heap_count; index++)
        bytes += cursor->heaps[index].bytes;
    for (size_t index = 1; index < cursor->held_count; index++)
        bytes += cursor->held[index]->capacity;
    return bytes;
}

/* One more heap; the reference moves there on success. */
static enum joist_status add_heap(
        struct ji_leaf_cursor *cursor, struct ji_buffer *buffer, size_t bytes, struct joist_error *err)
{
    if (cursor->heap_count == cursor->heap_capacity) {
        const size_t capacity = ji_max_size(cursor->heap_capacity * 2, 8);
        JI_TRY(ji_realloc(cursor->mem, &cursor->heaps, cursor->heap_capacity * sizeof cursor->heaps[0],
                capacity * sizeof cursor->heaps[0], err));
        cursor->heap_capacity = capacity;
    }
    cursor->heaps[cursor->heap_count++] = (struct ji_heap){buffer, bytes};
    return JOIST_OK;
}

/*
 * The dictionary's strings as views into the heap of that number. In place: a string view is as large as the
 * engine's, which nobody asks for any more.
 */
static void make_dictionary_views(struct ji_leaf_cursor *cursor, size_t number)
{
    const struct ji_dictionary *const dictionary = &cursor->dictionary;
    uint8_t *const values = dictionary->values->data;
    for (size_t index = 0; index < dictionary->count; index++) {
        struct ji_view string;
        memcpy(&string, values + index * sizeof string, sizeof string);
        const bool is_short = string.size <= JI_STRING_VIEW_INLINE_MAX;
        const struct ji_string_view view = is_short
                ? ji_string_view_short(string.data, string.size)
                : ji_string_view_long(string.data, string.size, (int32_t)number,
                          (size_t)(string.data - dictionary->page->data));
        memcpy(values + index * sizeof view, &view, sizeof view);
        cursor->dictionary_has_heap |= !is_short;
    }
    cursor->dictionary_has_views = true;
    cursor->dictionary_number = number;
}
_Static_assert(sizeof(struct ji_view) == sizeof(struct ji_string_view), "one takes the place of the other");

/* The same views into the heap of another number. */
static void renumber_views(struct ji_leaf_cursor *cursor, size_t number)
{
    struct ji_string_view *const views = (struct ji_string_view *)(void *)cursor->dictionary.values->data;
    for (size_t index = 0; index < cursor->dictionary.count; index++) {
        if (views[index].size > JI_STRING_VIEW_INLINE_MAX)
            views[index].buffer = (int32_t)number;
    }
    cursor->dictionary_number = number;
}

/* The dictionary's page is a heap of the part, where the dictionary wants one. */
static enum joist_status want_dictionary_heap(struct ji_leaf_cursor *cursor, struct joist_error *err)
{
    if (!cursor->has_dictionary || cursor->has_dictionary_heap)
        return JOIST_OK;
    const size_t number = cursor->heap_count;
    if (!cursor->dictionary_has_views)
        make_dictionary_views(cursor, number);
    else if (cursor->dictionary_has_heap && cursor->dictionary_number != number)
        renumber_views(cursor, number);
    if (!cursor->dictionary_has_heap)
        return JOIST_OK;
    struct ji_buffer *const page = cursor->dictionary.page;
    JI_TRY(add_heap(cursor, page, cursor->dictionary.page_bytes, err));
    ji_buffer_retain(page);
    cursor->has_dictionary_heap = true;
    /* The last heap is another one now. */
    cursor->page_is_heap = false;
    return JOIST_OK;
}

static enum joist_status look_up(
        struct ji_leaf_cursor *cursor, size_t count, struct ji_string_view *out, struct joist_error *err)
{
    uint32_t codes[CODES_STEP];
    JI_TRY(want_dictionary_heap(cursor, err));
    while (count > 0) {
        const size_t step = ji_min_size(count, CODES_STEP);
        JI_TRY(ji_page_values_codes(&cursor->values, step, codes, err));
        ji_gather(cursor->dictionary.values->data, sizeof out[0], codes, step, out);
        out += step;
        count -= step;
    }
    return JOIST_OK;
}

/* The bytes of long strings, copied to the packed heap; short ones are whole in their views. */
static enum joist_status pack(struct ji_leaf_cursor *cursor, const struct ji_view *strings, size_t count,
        struct ji_string_view *out, struct joist_error *err)
{
    size_t bytes = 0;
    for (size_t index = 0; index < count; index++)
        bytes += strings[index].size > JI_STRING_VIEW_INLINE_MAX ? strings[index].size : 0;
    if (!cursor->has_packed_heap && bytes > 0) {
        struct ji_buffer *made = NULL;
        JI_TRY(ji_buffer_new(cursor->output.mem, bytes, &made, err));
        const enum joist_status status = add_heap(cursor, made, 0, err);
        if (status != JOIST_OK) {
            ji_buffer_release(made);
            return status;
        }
        cursor->packed_heap = cursor->heap_count - 1;
        cursor->has_packed_heap = true;
        cursor->page_is_heap = false;
    }
    struct ji_heap *const heap = cursor->has_packed_heap ? &cursor->heaps[cursor->packed_heap] : NULL;
    if (bytes > 0 && heap->bytes + bytes > INT32_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "strings of %zu bytes in one batch", heap->bytes + bytes);
    if (bytes > 0 && heap->bytes + bytes > heap->buffer->capacity) {
        struct ji_buffer *larger = NULL;
        JI_TRY(ji_buffer_new(
                cursor->output.mem, ji_max_size(heap->bytes + bytes, heap->bytes * 2), &larger, err));
        memcpy(larger->data, heap->buffer->data, heap->bytes);
        ji_buffer_release(heap->buffer);
        heap->buffer = larger;
    }
    for (size_t index = 0; index < count; index++) {
        const struct ji_view string = strings[index];
        if (string.size <= JI_STRING_VIEW_INLINE_MAX) {
            out[index] = ji_string_view_short(string.data, string.size);
            continue;
        }
        memcpy(heap->buffer->data + heap->bytes, string.data, string.size);
        out[index] = ji_string_view_long(string.data, string.size, (int32_t)cursor->packed_heap, heap->bytes);
        heap->bytes += string.size;
    }
    return JOIST_OK;
}

/* The page becomes the last heap, where it is not yet. */
static enum joist_status want_page_heap(struct ji_leaf_cursor *cursor, struct joist_error *err)
{
    if (cursor->page_is_heap)
        return JOIST_OK;
    JI_TRY(want_dictionary_heap(cursor, err));
    JI_TRY(add_heap(cursor, cursor->page_buffer, cursor->page_bytes, err));
    ji_buffer_retain(cursor->page_buffer);
    cursor->page_is_heap = true;
    return JOIST_OK;
}

/* How many entries of the page the part will take, `dense` at least. */
static size_t still_wanted(const struct ji_leaf_cursor *cursor, size_t dense)
{
    const size_t expected = cursor->part_entries > cursor->slots ? cursor->part_entries - cursor->slots : 0;
    return ji_max_size(dense, ji_min_size(expected, cursor->page_left));
}

static bool keeps(const struct ji_leaf_cursor *cursor, size_t dense)
{
    return cursor->page_is_heap || cursor->page_bytes <= SMALL_PAGE_BYTES ||
            still_wanted(cursor, dense) >= cursor->page_count / SHARE_LEAST;
}

enum joist_status ji_leaf_read_strings(
        struct ji_leaf_cursor *cursor, size_t dense, struct ji_string_view *out, struct joist_error *err)
{
    if (dense == 0)
        return JOIST_OK;
    if (cursor->values.form == JI_VALUES_DICTIONARY)
        return look_up(cursor, dense, out, err);
    /* What was put together from prefixes is in no page. */
    const bool is_in_page = cursor->values.form != JI_VALUES_STRINGS;
    const bool keeps_page = is_in_page && keeps(cursor, dense);
    if (keeps_page)
        JI_TRY(want_page_heap(cursor, err));
    else
        JI_TRY(want_dictionary_heap(cursor, err));
    const size_t number = cursor->heap_count - 1;
    struct ji_view strings[STRINGS_STEP];
    while (dense > 0) {
        const size_t step = ji_min_size(dense, STRINGS_STEP);
        JI_TRY(ji_page_values_read(&cursor->values, step, (uint8_t *)strings, 0, err));
        if (!keeps_page)
            JI_TRY(pack(cursor, strings, step, out, err));
        else
            ji_string_views_of(strings, step, cursor->page_buffer->data, (int32_t)number, out);
        out += step;
        dense -= step;
    }
    return JOIST_OK;
}
