/*
 * serial.c - morsels one after another: limits, and the stream at the root of a query
 */
#include "scan/serial.h"

struct serial {
    struct ji_mem *mem;
    struct ji_rows_scan *input;
    size_t morsel; /* the next to open */
    struct ji_rows_cursor cursor;
};

static void close_morsel(struct serial *serial)
{
    if (serial->cursor.ops != NULL)
        serial->cursor.ops->close(serial->cursor.self);
    serial->cursor.ops = NULL;
}

static enum joist_status serial_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct serial *serial = self;
    for (;;) {
        if (serial->cursor.ops != NULL) {
            JI_TRY(serial->cursor.ops->next(serial->cursor.self, batch, err));
            if (*batch != NULL)
                return JOIST_OK;
            close_morsel(serial);
        }
        if (serial->morsel >= serial->input->ops->morsel_count(serial->input->self)) {
            *batch = NULL;
            return JOIST_OK;
        }
        JI_TRY(serial->input->ops->open(
                serial->input->self, serial->morsel, serial->mem, &serial->cursor, err));
        serial->morsel++;
    }
}

static void serial_close(void *self)
{
    struct serial *serial = self;
    close_morsel(serial);
    ji_free(serial->mem, serial, sizeof *serial);
}

enum joist_status ji_serial_open(struct ji_rows_scan *input, struct ji_mem *mem,
        struct ji_rows_cursor *cursor, struct joist_error *err)
{
    static const struct ji_rows_cursor_ops ops = {serial_next, serial_close};
    struct serial *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->mem = mem;
    made->input = input;
    cursor->ops = &ops;
    cursor->self = made;
    return JOIST_OK;
}

struct limit {
    struct joist_ctx *ctx;
    struct ji_rows_scan input;
    uint64_t rows;
    uint64_t offset;
};

struct limit_cursor {
    struct ji_mem *mem;
    struct ji_rows_cursor rows;
    uint64_t left;
    uint64_t skip;
    uint32_t *selection;
    size_t selection_room;
    struct ji_batch batch;
};

/* Rows [skip, skip + take) of those that count in `from`. */
static enum joist_status cut(struct limit_cursor *cursor, const struct ji_batch *from, size_t skip,
        size_t take, struct joist_error *err)
{
    cursor->batch = *from;
    cursor->batch.selection_count = take;
    if (take == from->selection_count)
        return JOIST_OK;
    if (from->selection != NULL) {
        cursor->batch.selection = from->selection + skip;
        return JOIST_OK;
    }
    if (take > cursor->selection_room) {
        JI_TRY(ji_realloc(cursor->mem, &cursor->selection, cursor->selection_room * sizeof(uint32_t),
                take * sizeof(uint32_t), err));
        cursor->selection_room = take;
    }
    for (size_t index = 0; index < take; index++)
        cursor->selection[index] = (uint32_t)(skip + index);
    cursor->batch.selection = cursor->selection;
    return JOIST_OK;
}

static enum joist_status limit_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct limit_cursor *cursor = self;
    const struct ji_batch *from = NULL;
    while (cursor->left > 0) {
        JI_TRY(cursor->rows.ops->next(cursor->rows.self, &from, err));
        if (from == NULL)
            break;
        const size_t skip = (size_t)ji_min_u64(cursor->skip, from->selection_count);
        cursor->skip -= skip;
        const size_t take = (size_t)ji_min_u64(cursor->left, from->selection_count - skip);
        cursor->left -= take;
        if (take == 0)
            continue;
        JI_TRY(cut(cursor, from, skip, take, err));
        *batch = &cursor->batch;
        return JOIST_OK;
    }
    *batch = NULL;
    return JOIST_OK;
}

static void limit_cursor_close(void *self)
{
    struct limit_cursor *cursor = self;
    cursor->rows.ops->close(cursor->rows.self);
    ji_free(cursor->mem, cursor->selection, cursor->selection_room * sizeof(uint32_t));
    ji_free(cursor->mem, cursor, sizeof *cursor);
}

static size_t limit_morsels(void *self)
{
    const struct limit *limit = self;
    return limit->rows == 0 ? 0 : 1;
}

static enum joist_status limit_open(
        void *self, size_t morsel, struct ji_mem *mem, struct ji_rows_cursor *cursor, struct joist_error *err)
{
    static const struct ji_rows_cursor_ops ops = {limit_next, limit_cursor_close};
    struct limit *limit = self;
    struct limit_cursor *made = NULL;
    (void)morsel;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->mem = mem;
    made->left = limit->rows;
    made->skip = limit->offset;
    const enum joist_status status = ji_serial_open(&limit->input, mem, &made->rows, err);
    if (status != JOIST_OK) {
        ji_free(mem, made, sizeof *made);
        return status;
    }
    cursor->ops = &ops;
    cursor->self = made;
    return JOIST_OK;
}

static struct ji_scan_counters limit_counters(void *self)
{
    struct limit *limit = self;
    return limit->input.ops->counters(limit->input.self);
}

static void limit_close(void *self)
{
    struct limit *limit = self;
    limit->input.ops->close(limit->input.self);
    ji_free(ji_ctx_mem(limit->ctx), limit, sizeof *limit);
}

enum joist_status ji_limit_open(struct joist_ctx *ctx, struct ji_rows_scan *input, uint64_t rows,
        uint64_t offset, struct ji_rows_scan *result, struct joist_error *err)
{
    static const struct ji_rows_scan_ops ops = {limit_morsels, limit_open, limit_counters, limit_close};
    struct limit *made = NULL;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof *made, &made, err));
    made->ctx = ctx;
    made->input = *input;
    made->rows = rows;
    made->offset = offset;
    result->ops = &ops;
    result->self = made;
    return JOIST_OK;
}
