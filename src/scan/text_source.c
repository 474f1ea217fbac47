/*
 * text_source.c - CSV, NDJSON and Arrow IPC files as a rows_source, one morsel a file
 *
 *   1. The options that the caller gave are copied, all but the schema, which is inferred once and then ours.
 *   2. Types of text are those of a sample, and of all that the files at hand hold in their first 256 MiB:
 *      those are read once for that, before a query is bound to them. Types of CSV that were guessed are held
 *      to behind that too: what would have led to others is refused.
 *   3. A sequential source cannot be opened twice: the stream that gave the schema waits in `waiting` for
 *      the first morsel.
 */
#include "scan/text_source.h"

#include <joist/store.h>

#include "arrow/arrow_schema.h"
#include "arrow/ipc_stream.h"
#include "base/io.h"
#include "scan/stream_rows.h"
#include "text/text_options.h"
#include "text/text_stream.h"

#include <stdatomic.h>
#include <string.h>

/* What is read for types alone: a tenth of a second or two. */
#define CHECK_BYTES ((uint64_t)256 << 20)

struct text_source {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena;
    enum ji_file_format format;
    const char **locations;
    size_t count;
    struct joist_text_options options;
    struct ji_schema schema;
    struct ji_csv_types types; /* of CSV that was checked: what the schema was guessed from */
    uint64_t first_bytes;      /* of the first file, unpacked, or JOIST_SIZE_UNKNOWN */
    bool part_checked;         /* there is more than CHECK_BYTES */
    bool sequential;
    struct ji_batch_stream waiting;
};

struct text_scan {
    struct text_source *source;
    struct ji_scan_request request;
    atomic_uint_fast64_t rows_read;
};

struct text_cursor {
    struct text_scan *scan;
    struct ji_mem *mem;
    struct ji_batch_stream stream;
    struct ji_stream_rows rows;
};

/* Of the first file, in its order and of its types. */
static enum joist_status check_columns(const struct ji_schema *first, const struct ji_schema *other,
        const char *location, struct joist_error *err)
{
    if (first->column_count != other->column_count)
        return ji_fail(err, JOIST_ERR_INVALID, "%s: %zu columns, the first file has %zu", location,
                other->column_count, first->column_count);
    for (size_t i = 0; i < first->column_count; i++) {
        const struct ji_field *column = &first->columns[i];
        if (strcmp(column->name, other->columns[i].name) != 0 || !ji_type_equal(column, &other->columns[i]))
            return ji_fail(err, JOIST_ERR_INVALID,
                    "%s: column %zu, '%s', has another name or type than in the first file", location, i + 1,
                    other->columns[i].name);
    }
    return JOIST_OK;
}

/* An Arrow file says itself what its columns are: they are compared. */
static enum joist_status open_arrow(struct text_source *source, struct joist_source bytes,
        const struct joist_cancel *cancel, const struct ji_schema *schema, struct ji_batch_stream *stream,
        struct joist_error *err)
{
    const struct joist_ipc_options options = {.struct_size = sizeof options, .cancel = cancel};
    const char *const name = ji_source_name(&bytes);
    enum joist_status status = ji_ipc_stream_open(source->ctx, bytes, &options, stream, err);
    if (status != JOIST_OK) {
        joist_source_close(&bytes);
        return status;
    }
    status = schema == NULL ? JOIST_OK : check_columns(schema, ji_stream_schema(stream), name, err);
    if (status != JOIST_OK)
        ji_stream_close(stream);
    return status;
}

static enum joist_status open_stream(struct text_source *source, size_t index,
        const struct joist_text_options *options, const struct ji_schema *schema,
        struct ji_batch_stream *stream, struct joist_error *err)
{
    struct joist_source bytes = {0};
    JI_TRY(joist_source_open(source->ctx, source->locations[index], &bytes, err));
    if (schema == NULL)
        source->sequential = ji_source_size(&bytes) == JOIST_SIZE_UNKNOWN;
    if (source->format == JI_FORMAT_ARROW)
        return open_arrow(source, bytes, options == NULL ? NULL : options->cancel, schema, stream, err);
    enum joist_status status = joist_source_unpack(source->ctx, &bytes, err);
    if (status != JOIST_OK) {
        joist_source_close(&bytes);
        return status;
    }
    if (schema == NULL)
        source->first_bytes = ji_source_size(&bytes);
    if (source->format == JI_FORMAT_NDJSON)
        status = ji_ndjson_stream_open(source->ctx, bytes, options, schema, stream, err);
    else if (source->types.count > 0)
        status = ji_csv_stream_open_behind(source->ctx, bytes, options, &source->types, stream, err);
    else
        status = ji_csv_stream_open(source->ctx, bytes, options, schema, stream, err);
    if (status != JOIST_OK) {
        joist_source_close(&bytes);
        return status;
    }
    status = schema == NULL ? JOIST_OK
                            : check_columns(schema, ji_stream_schema(stream), source->locations[index], err);
    if (status != JOIST_OK)
        ji_stream_close(stream);
    return status;
}

static enum joist_status cursor_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct text_cursor *cursor = self;
    uint64_t passed = 0;
    const enum joist_status status = ji_stream_rows_next(&cursor->rows, &cursor->stream, &passed, batch, err);
    atomic_fetch_add_explicit(&cursor->scan->rows_read, passed, memory_order_relaxed);
    if (status == JOIST_ERR_INVALID && cursor->scan->source->part_checked)
        ji_error_prefix(err, "its types are those of the first 256 MiB");
    return status;
}

static void cursor_close(void *self)
{
    struct text_cursor *cursor = self;
    ji_stream_close(&cursor->stream);
    ji_stream_rows_close(&cursor->rows);
    ji_free(cursor->mem, cursor, sizeof *cursor);
}

static enum joist_status open_cursor(
        struct text_scan *scan, size_t morsel, struct text_cursor *cursor, struct joist_error *err)
{
    struct text_source *source = scan->source;
    struct joist_text_options options = source->options;
    options.cancel = scan->request.cancel;
    JI_TRY(ji_stream_rows_open(&cursor->rows, source->ctx, cursor->mem, &scan->request, err));
    if (!source->sequential)
        return open_stream(source, morsel, &options, &source->schema, &cursor->stream, err);
    if (source->waiting.ops == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "'%s' can be read only once", source->locations[0]);
    cursor->stream = source->waiting;
    source->waiting = (struct ji_batch_stream){0};
    return JOIST_OK;
}

static enum joist_status scan_open(
        void *self, size_t morsel, struct ji_mem *mem, struct ji_rows_cursor *cursor, struct joist_error *err)
{
    static const struct ji_rows_cursor_ops ops = {cursor_next, cursor_close};
    struct text_cursor *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->scan = self;
    made->mem = mem;
    return ji_rows_cursor_made(open_cursor(self, morsel, made, err), &ops, made, cursor);
}

static size_t scan_morsels(void *self)
{
    const struct text_scan *scan = self;
    return scan->source->count;
}

static struct ji_scan_counters scan_counters(void *self)
{
    struct text_scan *scan = self;
    return (struct ji_scan_counters){.files = scan->source->count,
            .rows_read = atomic_load_explicit(&scan->rows_read, memory_order_relaxed)};
}

static void scan_close(void *self)
{
    struct text_scan *scan = self;
    ji_free(scan->source->mem, scan, sizeof *scan);
}

static enum joist_status source_plan(
        void *self, const struct ji_scan_request *request, struct ji_rows_scan *scan, struct joist_error *err)
{
    static const struct ji_rows_scan_ops ops = {scan_morsels, scan_open, scan_counters, scan_close};
    struct text_source *source = self;
    struct text_scan *made = NULL;
    JI_TRY(ji_alloc_zero(source->mem, 1, sizeof *made, &made, err));
    made->source = source;
    made->request = *request;
    scan->ops = &ops;
    scan->self = made;
    return JOIST_OK;
}

static const struct ji_schema *source_schema(void *self)
{
    const struct text_source *source = self;
    return &source->schema;
}

static uint64_t source_row_count(void *self)
{
    (void)self;
    return UINT64_MAX;
}

static bool source_facts(void *self, size_t column, struct ji_facts *facts)
{
    (void)self;
    (void)column;
    (void)facts;
    return false;
}

static void source_close(void *self)
{
    struct text_source *source = self;
    struct ji_mem *mem = source->mem;
    ji_stream_close(&source->waiting);
    ji_arena_clear(&source->arena);
    ji_free(mem, source, sizeof *source);
}

/* What the later files need of the options; the types are in the schema by then. */
static enum joist_status copy_options(
        struct text_source *source, const struct joist_text_options *text, struct joist_error *err)
{
    source->options = (struct joist_text_options){.struct_size = sizeof source->options};
    if (text == NULL)
        return JOIST_OK;
    source->options.delimiter = text->delimiter;
    source->options.quote = text->quote;
    source->options.no_header = text->no_header;
    source->options.infer_decimals = text->infer_decimals;
    source->options.sample_bytes = text->sample_bytes;
    if (text->null_text == NULL)
        return JOIST_OK;
    return ji_arena_text(&source->arena, ji_view_of_text(text->null_text), &source->options.null_text, err);
}

/* --- types --- */

static void note_bytes(void *user, uint64_t bytes_done, uint64_t bytes_total, uint64_t rows_done)
{
    uint64_t *const done = user;
    (void)bytes_total;
    (void)rows_done;
    *done = bytes_done;
}

/* Rows for their types alone, until `*done` bytes have been read. */
static enum joist_status read_types(
        struct ji_batch_stream *stream, const uint64_t *done, uint64_t bytes_max, struct joist_error *err)
{
    const struct ji_batch *batch = NULL;
    do {
        JI_TRY(ji_stream_next(stream, &batch, err));
    } while (batch != NULL && *done < bytes_max);
    return JOIST_OK;
}

static enum joist_status take_types(struct text_source *source, const struct ji_batch_stream *stream,
        const struct joist_text_widening *widening, struct joist_error *err)
{
    if (source->format == JI_FORMAT_NDJSON)
        return widening->due ? ji_schema_import(&source->arena, &widening->schema, &source->schema, err)
                             : JOIST_OK;
    JI_TRY(ji_csv_types_take(stream, &source->arena, &source->types, err));
    source->schema.column_count = source->types.count;
    source->schema.columns = source->types.columns;
    return JOIST_OK;
}

/* `*left`: bytes that may still be read. A flaw of the file is for those to find who ask for its rows. */
static enum joist_status check_file(struct text_source *source, size_t index,
        const struct joist_text_options *text, uint64_t *left, struct joist_error *err)
{
    struct joist_text_widening widening = {.due = false};
    struct joist_text_options options = text == NULL ? source->options : *text;
    struct ji_batch_stream stream = {.ops = NULL};
    struct joist_error flaw;
    uint64_t done = 0;
    options.struct_size = sizeof options;
    options.widening = &widening;
    options.progress = (struct joist_progress){.user = &done, .report = note_bytes};
    JI_TRY(open_stream(source, index, &options, index == 0 ? NULL : &source->schema, &stream, err));
    enum joist_status status = read_types(&stream, &done, *left, &flaw);
    if (status == JOIST_OK || widening.due)
        status = take_types(source, &stream, &widening, err);
    else if (status == JOIST_ERR_INVALID)
        status = JOIST_OK;
    else if (err != NULL)
        *err = flaw;
    if (widening.due)
        widening.schema.release(&widening.schema);
    ji_stream_close(&stream);
    *left -= ji_min_u64(done, *left);
    return status;
}

/*
 * NDJSON takes the members of its first file. What is far away is not read twice, and a file as long as its
 * sample needs no second look.
 */
static enum joist_status check_types(
        struct text_source *source, const struct joist_text_options *text, struct joist_error *err)
{
    uint64_t left = CHECK_BYTES;
    const size_t count = source->format == JI_FORMAT_CSV ? source->count : 1;
    const bool is_given = text != NULL && (text->schema != NULL || text->struct_size < sizeof *text);
    if (source->sequential || source->format == JI_FORMAT_ARROW || is_given ||
            (source->count == 1 && source->first_bytes <= JI_SAMPLE_BYTES_DEFAULT))
        return JOIST_OK;
    for (size_t index = 0; index < count; index++) {
        if (strstr(source->locations[index], "://") != NULL)
            return JOIST_OK;
        source->part_checked = left == 0;
        if (source->part_checked)
            return JOIST_OK;
        JI_TRY(check_file(source, index, text, &left, err));
    }
    source->part_checked = left == 0;
    return JOIST_OK;
}

static enum joist_status open_source(struct text_source *source, const char *const *locations,
        const struct joist_text_options *text, struct joist_error *err)
{
    JI_TRY(ji_arena_array(&source->arena, source->count, sizeof *source->locations, &source->locations, err));
    for (size_t index = 0; index < source->count; index++)
        JI_TRY(ji_arena_text(
                &source->arena, ji_view_of_text(locations[index]), &source->locations[index], err));
    JI_TRY(copy_options(source, text, err));
    JI_TRY(open_stream(source, 0, text, NULL, &source->waiting, err));
    JI_TRY(ji_schema_copy(&source->arena, ji_stream_schema(&source->waiting), &source->schema, err));
    if (!source->sequential)
        ji_stream_close(&source->waiting);
    return check_types(source, text, err);
}

enum joist_status ji_text_source_open(struct joist_ctx *ctx, enum ji_file_format format,
        const char *const *locations, size_t count, const struct joist_text_options *text,
        struct ji_rows_source *source, struct joist_error *err)
{
    static const struct ji_rows_source_ops ops = {
            source_schema, source_row_count, source_facts, source_plan, source_close};
    struct text_source *made = NULL;
    JI_TRY(ji_alloc_zero(ji_ctx_mem(ctx), 1, sizeof *made, &made, err));
    made->ctx = ctx;
    made->mem = ji_ctx_mem(ctx);
    made->format = format;
    made->count = count;
    ji_arena_init(&made->arena, made->mem);
    const enum joist_status status = open_source(made, locations, text, err);
    if (status != JOIST_OK) {
        source_close(made);
        return status;
    }
    source->ops = &ops;
    source->self = made;
    return JOIST_OK;
}
