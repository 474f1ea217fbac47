/*
 * text_export.c - strings leave the engine: packed behind offsets, or as views
 *
 *     struct ji_view { data, size } ...  ->  offsets 0 3 8 ...   bytes packed
 *                                        ->  views of 16 bytes   short ones inside, long ones' bytes behind
 *
 *   1. Nothing of what the views pointed to is needed afterwards, and no page is pinned: bytes are copied.
 *      Views that come laid out bring counted buffers, which leave with them.
 *   2. Rows that the validity calls null take no bytes.
 *   3. Long strings that stand behind one another, as in a PLAIN page, are copied together with the few
 *      bytes between them; what repeats, as out of a dictionary, is copied once.
 */
#include "arrow/exporter.h"
#include "arrow/string_view.h"
#include "kernel/gather.h"

#include <assert.h>

#define COPY_BYTES 16
/* PLAIN has 4 bytes between two strings. Memory of two owners is never as close as that. */
#define GAP_BYTES_MAX 4

/* Where `COPY_BYTES` may be read from any view that begins before the end; NULL where nobody knows. */
static const uint8_t *safe_end_of(const struct ji_column *flat)
{
    const struct ji_buffer *heap = flat->heap;
    return heap == NULL || heap->capacity < COPY_BYTES ? NULL : heap->data + heap->capacity - COPY_BYTES;
}

static inline void copy_text(uint8_t *to, const uint8_t *from, size_t size)
{
    uint64_t first;
    uint64_t last;
    uint32_t front;
    uint32_t back;
    if (size > COPY_BYTES) {
        memcpy(to, from, size);
    } else if (size >= sizeof first) {
        memcpy(&first, from, sizeof first);
        memcpy(&last, from + size - sizeof last, sizeof last);
        memcpy(to, &first, sizeof first);
        memcpy(to + size - sizeof last, &last, sizeof last);
    } else if (size >= sizeof front) {
        memcpy(&front, from, sizeof front);
        memcpy(&back, from + size - sizeof back, sizeof back);
        memcpy(to, &front, sizeof front);
        memcpy(to + size - sizeof back, &back, sizeof back);
    } else if (size > 0) {
        to[0] = from[0];
        to[size / 2] = from[size / 2];
        to[size - 1] = from[size - 1];
    }
}

/* The bytes of all picked views one behind the other; `to` has COPY_BYTES of room behind them. */
static void pack(const struct ji_column *flat, const struct ji_pick *pick, const uint8_t *bits, uint8_t *to)
{
    const struct ji_view *views = flat->values;
    const uint8_t *const safe_end = safe_end_of(flat);
    for (size_t i = 0; i < pick->count; i++) {
        const struct ji_view view = views[ji_pick_row(pick, i)];
        if (bits != NULL && !ji_bit_get(bits, i))
            continue;
        if (view.size <= COPY_BYTES && safe_end != NULL && view.size > 0 && view.data <= safe_end)
            memcpy(to, view.data, COPY_BYTES);
        else
            copy_text(to, view.data, view.size);
        to += view.size;
    }
}

static inline __attribute__((always_inline)) uint64_t put_offsets(
        const struct ji_column *flat, const struct ji_pick *pick, const uint8_t *bits, bool wide, void *out)
{
    const struct ji_view *views = flat->values;
    int32_t *const narrow = out;
    int64_t *const large = out;
    uint64_t total = 0;
    for (size_t i = 0; i <= pick->count; i++) {
        if (wide)
            large[i] = (int64_t)total;
        else
            narrow[i] = (int32_t)(uint32_t)total;
        if (i < pick->count && (bits == NULL || ji_bit_get(bits, i)))
            total += views[ji_pick_row(pick, i)].size;
    }
    return total;
}

static enum joist_status export_packed(struct ji_exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, bool wide, struct ArrowArray *array)
{
    const uint8_t *bits = array->buffers[0];
    void *offsets;
    uint8_t *data;
    const size_t width = wide ? sizeof(int64_t) : sizeof(int32_t);
    JI_TRY(ji_exporter_alloc(exporter, (pick->count + 1) * width, &offsets));
    const uint64_t total = wide ? put_offsets(flat, pick, bits, true, offsets)
                                : put_offsets(flat, pick, bits, false, offsets);
    if (!wide && total > INT32_MAX)
        return ji_fail(exporter->err, JOIST_ERR_LIMIT,
                "column '%.200s': strings of more than %d bytes in one batch", flat->field->name, INT32_MAX);
    JI_TRY(ji_exporter_alloc(exporter, (size_t)total + COPY_BYTES, &data));
    pack(flat, pick, bits, data);
    array->buffers[1] = offsets;
    array->buffers[2] = data;
    return JOIST_OK;
}

/* --- views --- */

/* Long strings that are copied together: [begin, end), to `offset` of the buffer. `tail` is how far the short
 * ones reach that stand right behind. */
struct span {
    const uint8_t *begin;
    const uint8_t *end;
    const uint8_t *tail;
    uint64_t offset;
};

static inline bool follows(const uint8_t *tail, const uint8_t *data)
{
    return tail != NULL && (uintptr_t)data - (uintptr_t)tail <= GAP_BYTES_MAX;
}

static uint64_t end_span(struct span *span, uint8_t *data)
{
    const size_t bytes = (size_t)(span->end - span->begin);
    if (data != NULL && bytes > 0)
        memcpy(data + span->offset, span->begin, bytes);
    return span->offset + bytes;
}

/*
 * Views of strings, and their long ones' bytes to `data`; how many those are. With `data` NULL they are only
 * counted.
 */
static inline __attribute__((always_inline)) uint64_t put_views(
        const struct ji_view *views, size_t count, uint8_t *data, struct ji_string_view *out)
{
    struct span span = {.begin = NULL};
    for (size_t i = 0; i < count; i++) {
        const struct ji_view view = views[i];
        const bool near = follows(span.tail, view.data);
        if (view.size <= JI_STRING_VIEW_INLINE_MAX) {
            if (near)
                span.tail = view.data + view.size;
            if (out != NULL)
                out[i] = view.size == 0 ? (struct ji_string_view){.size = 0}
                                        : ji_string_view_short(view.data, view.size);
            continue;
        }
        if (!near)
            span = (struct span){.begin = view.data, .offset = end_span(&span, data)};
        span.end = span.tail = view.data + view.size;
        if (out != NULL)
            out[i] = ji_string_view_long(
                    view.data, view.size, 0, (size_t)(span.offset + (uint64_t)(view.data - span.begin)));
    }
    return end_span(&span, data);
}

/* The views of a run of strings, with the one buffer that they need, if they do. */
static enum joist_status export_run(struct ji_exporter *exporter, const struct ji_view *views, size_t count,
        struct ji_string_view *out, struct ArrowArray *array)
{
    const uint64_t total = put_views(views, count, NULL, NULL);
    uint8_t *data = NULL;
    int64_t *sizes = NULL;
    if (total > INT32_MAX)
        return ji_fail(
                exporter->err, JOIST_ERR_LIMIT, "strings of more than %d bytes in one batch", INT32_MAX);
    JI_TRY(ji_exporter_alloc(exporter, sizeof *sizes, &sizes));
    sizes[0] = (int64_t)total;
    if (total == 0) {
        array->n_buffers = 3;
        array->buffers[2] = sizes;
        (void)put_views(views, count, NULL, out);
        return JOIST_OK;
    }
    JI_TRY(ji_exporter_alloc(exporter, (size_t)total, &data));
    (void)put_views(views, count, data, out);
    array->n_buffers = 4;
    array->buffers[2] = data;
    array->buffers[3] = sizes;
    return JOIST_OK;
}

/* Rows by number may repeat: the strings that they name are made once each, then gathered. */
static enum joist_status export_gathered(struct ji_exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ji_string_view *out, struct ArrowArray *array)
{
    const struct ji_view *views = flat->values;
    struct ji_arena *const scratch = exporter->scratch;
    const size_t known = (size_t)ji_codes_max(pick->rows, pick->count) + 1;
    uint8_t *used;
    struct ji_view *named;
    struct ji_string_view *made;
    JI_TRY(ji_arena_array(scratch, known, 1, &used, exporter->err));
    for (size_t i = 0; i < pick->count; i++)
        used[pick->rows[i]] = 1;
    JI_TRY(ji_arena_alloc(scratch, known * sizeof *named, &named, exporter->err));
    JI_TRY(ji_arena_alloc(scratch, known * sizeof *made, &made, exporter->err));
    for (size_t i = 0; i < known; i++)
        named[i] = used[i] != 0 ? views[i] : (struct ji_view){NULL, 0};
    JI_TRY(export_run(exporter, named, known, made, array));
    ji_gather(made, sizeof *made, pick->rows, pick->count, out);
    return JOIST_OK;
}

static enum joist_status export_views(struct ji_exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    struct ji_string_view *out;
    JI_TRY(ji_exporter_buffers(exporter, 4, array));
    JI_TRY(ji_exporter_alloc(exporter, pick->count * sizeof *out, &out));
    array->buffers[1] = out;
    if (pick->rows != NULL && pick->count > 0)
        return export_gathered(exporter, flat, pick, out, array);
    const struct ji_view *const views = flat->values;
    return export_run(exporter, pick->count == 0 ? NULL : views + pick->start, pick->count, out, array);
}

/* The views are made already; they leave with the heaps that they point into. */
static enum joist_status export_laid_out(struct ji_exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, struct ArrowArray *array)
{
    int64_t *sizes;
    JI_TRY(ji_exporter_buffers(exporter, flat->heap_count + 3, array));
    JI_TRY(ji_exporter_alloc(exporter, flat->heap_count * sizeof *sizes, &sizes));
    for (size_t i = 0; i < flat->heap_count; i++) {
        const struct ji_heap *heap = &flat->heaps[i];
        JI_TRY(ji_export_home_keep(exporter->home, ji_buffer_retain(heap->buffer), exporter->err));
        array->buffers[2 + i] = heap->buffer->data;
        sizes[i] = (int64_t)heap->bytes;
    }
    array->buffers[2 + flat->heap_count] = sizes;
    return ji_export_width(exporter, flat, pick, sizeof(struct ji_string_view), array);
}

enum joist_status ji_export_text(struct ji_exporter *exporter, enum ji_layout layout,
        const struct ji_column *flat, const struct ji_pick *pick, struct ArrowArray *array)
{
    if (flat->is_laid_out) {
        assert(layout == JI_LAYOUT_VIEWS);
        return export_laid_out(exporter, flat, pick, array);
    }
    if (layout == JI_LAYOUT_VIEWS)
        return export_views(exporter, flat, pick, array);
    JI_TRY(ji_exporter_buffers(exporter, 3, array));
    return export_packed(exporter, flat, pick, layout == JI_LAYOUT_OFFSETS64, array);
}
