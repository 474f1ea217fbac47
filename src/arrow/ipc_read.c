/*
 * ipc_read.c - Arrow's IPC format as a stream of batches
 *
 *     messages --> dictionaries: values as columns, by number      (replaced, or grown by a delta)
 *              \-> record batch: arrays over its body --> windows of JI_BATCH_ROWS_MAX rows
 *
 *   1. Arrays are made of checked buffers (ipc_arrays) and then imported like any stranger's: texts, codes,
 *      digits and nulls in required columns are looked at there, a window at a time.
 *   2. A dictionary's column lives until the next message of its number; batches borrow from it.
 *   3. The source stays the caller's until a stream stands.
 */
#include "arrow/array_import.h"
#include "arrow/column_builder.h"
#include "arrow/ipc_arrays.h"
#include "arrow/ipc_message.h"
#include "arrow/ipc_stream.h"

#include <assert.h>

/* Each costs a walk through the schema. */
#define DICTIONARIES_MAX 16384

struct dictionary {
    struct ji_ipc_dictionary_place place; /* the first member: the list is of these */
    struct ji_imported_dictionary known;
    struct ArrowArray array;
    struct ji_field field; /* of the values: nullable */
    struct ji_array_shape shape;
    bool has_inner;         /* its values have dictionaries: it is imported for each record batch anew */
    bool is_inner;          /* values of others have it: they are imported from its array */
    struct ji_arena import; /* of `known` */
    struct ji_arena arena;  /* of the array */
    struct ji_bytes body;
    struct ji_column_builder builder; /* of all parts, once there was a delta */
    bool is_grown;
};

struct ipc_stream {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct joist_source source;
    const struct joist_cancel *cancel;
    struct joist_progress progress;
    struct ji_ipc_messages messages;
    struct ji_codec_context *codecs;
    struct ji_arena arena; /* the schema's */
    struct ji_ipc_node root;
    struct ji_schema schema;
    struct ji_ipc_dictionary_place *dictionaries;
    unsigned dictionary_count;
    struct ji_arena array_arena; /* of the record batch at hand */
    struct ji_arena window_arena;
    struct ji_bytes body;
    struct ArrowArray array;
    size_t taken;
    uint64_t batch_count;
    struct ji_array_importer importer;
    struct ji_batch batch;
};

static const struct ji_schema *ipc_schema(void *self_)
{
    const struct ipc_stream *self = self_;
    return &self->schema;
}

/* --- dictionaries --- */

/*
 * The field and shape of the columns that have the dictionary, which must be of one type; the trees go side
 * by side.
 */
static enum joist_status find_field(const struct ji_ipc_node *node, const struct ji_field *field,
        const struct ji_array_shape *shape, int64_t id, bool is_inner, struct dictionary *found,
        struct joist_error *err)
{
    if (node->has_dictionary && node->dictionary_id == id) {
        if (found->field.name != NULL && !ji_type_equal(&found->field, field))
            return ji_fail(err, JOIST_ERR_CORRUPT,
                    "columns '%.100s' and '%.100s' share a dictionary, not a type", found->field.name,
                    field->name);
        found->field = *field;
        found->field.nullable = true;
        found->shape = *shape;
        found->shape.is_dictionary = false;
        found->is_inner |= is_inner;
    }
    const struct ji_ipc_node *const parent = node->has_dictionary ? node->values : node;
    for (size_t i = 0; i < field->child_count; i++)
        JI_TRY(find_field(&parent->children[i], &field->children[i], &shape->children[i], id,
                is_inner || node->has_dictionary, found, err));
    return JOIST_OK;
}

static bool has_dictionary(const struct ji_array_shape *shape)
{
    for (size_t i = 0; i < shape->child_count; i++)
        if (shape->children[i].is_dictionary || has_dictionary(&shape->children[i]))
            return true;
    return false;
}

static enum joist_status find_dictionary(
        struct ipc_stream *self, int64_t id, struct dictionary **found, struct joist_error *err)
{
    for (struct ji_ipc_dictionary_place *at = self->dictionaries; at != NULL; at = at->next) {
        if (at->id == id) {
            *found = (struct dictionary *)at;
            return JOIST_OK;
        }
    }
    struct dictionary *made;
    const struct ji_field root = {.child_count = self->schema.column_count,
            .children = (struct ji_field *)(uintptr_t)self->schema.columns};
    JI_TRY(ji_arena_array(&self->arena, 1, sizeof *made, &made, err));
    if (self->dictionary_count == DICTIONARIES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "more than %d dictionaries", DICTIONARIES_MAX);
    JI_TRY(find_field(&self->root, &root, self->importer.shape, id, false, made, err));
    if (made->field.name == NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "a dictionary that no column has, number %" PRId64, id);
    made->place =
            (struct ji_ipc_dictionary_place){.next = self->dictionaries, .id = id, .array = &made->array};
    made->known.next = self->dictionaries == NULL ? NULL : &((struct dictionary *)self->dictionaries)->known;
    made->known.array = &made->array;
    made->has_inner = has_dictionary(&made->shape);
    ji_arena_init(&made->import, self->mem);
    ji_arena_init(&made->arena, self->mem);
    ji_bytes_init(&made->body, self->mem);
    self->dictionaries = &made->place;
    self->dictionary_count++;
    *found = made;
    return JOIST_OK;
}

/* All rows of a column to the dictionary's builder. */
static enum joist_status append_column(
        struct dictionary *dictionary, const struct ji_column *column, struct joist_error *err)
{
    for (size_t i = 0; i < column->row_count; i++)
        JI_TRY(ji_column_builder_row(&dictionary->builder, column, i, err));
    return JOIST_OK;
}

static enum joist_status grow_dictionary(struct ipc_stream *self, struct dictionary *dictionary,
        struct ji_column *more, struct joist_error *err)
{
    if (!dictionary->is_grown) {
        struct ji_column before = dictionary->known.column;
        before.validity = dictionary->known.validity;
        JI_TRY(ji_column_builder_init(&dictionary->builder, self->mem, &dictionary->field, err));
        dictionary->is_grown = true;
        JI_TRY(append_column(dictionary, &before, err));
    }
    JI_TRY(append_column(dictionary, more, err));
    if (dictionary->builder.row_count > INT32_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "a dictionary of more than %d values", INT32_MAX);
    return ji_column_builder_finish(&dictionary->builder, &dictionary->import, more, err);
}

static void drop_values(struct dictionary *dictionary)
{
    if (dictionary->is_grown)
        ji_column_builder_clear(&dictionary->builder);
    dictionary->is_grown = false;
}

/* The values as a column, from their array; dictionaries within them as they are now. */
static enum joist_status import_values(struct dictionary *dictionary, struct ArrowArray *array,
        struct ji_column *column, struct joist_error *err)
{
    const struct ji_array_shape shape = {
            .layout = JI_LAYOUT_STRUCT, .child_count = 1, .children = &dictionary->shape};
    const struct ji_schema schema = {.column_count = 1, .columns = &dictionary->field};
    struct ji_batch values;
    struct ji_array_importer importer = {.schema = &schema,
            .shape = &shape,
            .array = array,
            .array_arena = &dictionary->import,
            .window_arena = &dictionary->import};
    JI_TRY(ji_array_check(&schema, &shape, array, err));
    JI_TRY(ji_array_window(&importer, 0, (size_t)array->length, &values, err));
    *column = values.columns[0];
    return JOIST_OK;
}

static void keep_values(struct dictionary *dictionary, struct ji_column column)
{
    dictionary->known.validity = column.validity;
    column.validity = NULL;
    dictionary->known.column = column;
}

static enum joist_status read_values(struct ipc_stream *self, const struct ji_ipc_message *message,
        struct dictionary *dictionary, bool is_delta, struct joist_error *err)
{
    const struct ji_flat_table batch = ji_flat_child(&message->header, 1);
    struct ji_ipc_node *node = ji_ipc_find_dictionary(&self->root, dictionary->place.id);
    const struct ji_ipc_node root = {.schema = {.n_children = 1}, .children = node->values};
    const struct ji_array_shape shape = {
            .layout = JI_LAYOUT_STRUCT, .child_count = 1, .children = &dictionary->shape};
    struct ArrowArray array;
    struct ji_column column;
    if (is_delta && dictionary->has_inner)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "more of a dictionary whose values have dictionaries");
    if (is_delta && dictionary->is_inner)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "more of a dictionary that values of another have");
    if (!is_delta)
        drop_values(dictionary);
    if (!is_delta || dictionary->is_grown) {
        ji_arena_reset(&dictionary->arena);
        ji_arena_reset(&dictionary->import);
    }
    struct ji_bytes *bytes = is_delta ? &self->body : &dictionary->body;
    JI_TRY(ji_ipc_body_read(&self->messages, bytes, err));
    const struct ji_ipc_body body = {.bytes = ji_view_of(bytes->data, bytes->size),
            .codecs = self->codecs,
            .arena = &dictionary->arena,
            .dictionaries = self->dictionaries};
    JI_TRY(ji_ipc_arrays_read(&batch, &body, &root, &dictionary->field, &shape, &array, err));
    JI_TRY(import_values(dictionary, &array, &column, err));
    if (is_delta)
        JI_TRY(grow_dictionary(self, dictionary, &column, err));
    dictionary->array = *array.children[0];
    keep_values(dictionary, column);
    return JOIST_OK;
}

/* Where values have dictionaries, those may have been replaced since. */
static enum joist_status refresh_dictionaries(struct ipc_stream *self, struct joist_error *err)
{
    for (struct ji_ipc_dictionary_place *at = self->dictionaries; at != NULL; at = at->next) {
        struct dictionary *const dictionary = (struct dictionary *)at;
        const void *buffers[1] = {NULL};
        struct ArrowArray *children[1] = {&dictionary->array};
        struct ji_column column;
        if (!dictionary->has_inner || dictionary->array.release == NULL)
            continue;
        struct ArrowArray whole = dictionary->array;
        whole.n_buffers = 1;
        whole.buffers = buffers;
        whole.n_children = 1;
        whole.children = children;
        whole.null_count = 0;
        ji_arena_reset(&dictionary->import);
        JI_TRY(import_values(dictionary, &whole, &column, err));
        keep_values(dictionary, column);
    }
    return JOIST_OK;
}

static enum joist_status take_dictionary(
        struct ipc_stream *self, const struct ji_ipc_message *message, struct joist_error *err)
{
    const int64_t id = ji_flat_number(&message->header, 0, 8, 0);
    const bool is_delta = ji_flat_number(&message->header, 2, 1, 0) != 0;
    struct dictionary *dictionary = NULL;
    JI_TRY(find_dictionary(self, id, &dictionary, err));
    if (is_delta && dictionary->array.release == NULL)
        return ji_fail(err, JOIST_ERR_CORRUPT, "more of a dictionary that there is not, number %" PRId64, id);
    const enum joist_status status = read_values(self, message, dictionary, is_delta, err);
    if (status != JOIST_OK)
        ji_error_prefix(err, "dictionary %" PRId64, id);
    return status;
}

/* --- record batches --- */

static enum joist_status take_batch(
        struct ipc_stream *self, const struct ji_ipc_message *message, struct joist_error *err)
{
    ji_arena_reset(&self->array_arena);
    self->batch_count++;
    JI_TRY(ji_ipc_body_read(&self->messages, &self->body, err));
    const struct ji_ipc_body body = {.bytes = ji_view_of(self->body.data, self->body.size),
            .codecs = self->codecs,
            .arena = &self->array_arena,
            .dictionaries = self->dictionaries};
    JI_TRY(ji_ipc_arrays_read(&message->header, &body, &self->root, self->schema.columns,
            self->importer.shape, &self->array, err));
    JI_TRY(refresh_dictionaries(self, err));
    self->importer.array = &self->array;
    self->importer.dictionaries =
            self->dictionaries == NULL ? NULL : &((struct dictionary *)self->dictionaries)->known;
    return ji_array_check(&self->schema, self->importer.shape, &self->array, err);
}

/* Prefixes with the place: the format is at fault wherever a stranger's arrays would be. */
static enum joist_status fail_batch(
        const struct ipc_stream *self, enum joist_status status, struct joist_error *err)
{
    ji_error_prefix(err, "%s: record batch %" PRIu64, ji_source_name(&self->source), self->batch_count);
    if (status != JOIST_ERR_INVALID)
        return status;
    if (err != NULL)
        err->status = JOIST_ERR_CORRUPT;
    return JOIST_ERR_CORRUPT;
}

static void report(const struct ipc_stream *self)
{
    if (self->progress.report == NULL)
        return;
    const uint64_t size = self->messages.size;
    const uint64_t done = self->messages.body_offset;
    self->progress.report(
            self->progress.user, done, size == JOIST_SIZE_UNKNOWN ? 0 : size, self->importer.row_base);
}

/* Reads on until there are rows, or the end. */
static enum joist_status next_rows(struct ipc_stream *self, bool *ended, struct joist_error *err)
{
    *ended = false;
    while (self->taken == (size_t)self->array.length) {
        struct ji_ipc_message message;
        self->importer.row_base += (uint64_t)self->array.length;
        self->array.length = 0;
        self->taken = 0;
        report(self);
        JI_TRY(ji_cancel_check(self->cancel, err));
        JI_TRY(ji_ipc_message_next(&self->messages, &message, err));
        enum joist_status status = JOIST_OK;
        if (message.kind == JI_IPC_END) {
            *ended = true;
            return JOIST_OK;
        }
        if (message.kind == JI_IPC_DICTIONARY)
            status = take_dictionary(self, &message, err);
        else if (message.kind == JI_IPC_BATCH)
            status = take_batch(self, &message, err);
        else
            status = ji_fail(err, JOIST_ERR_CORRUPT, "a second schema");
        if (status != JOIST_OK)
            return fail_batch(self, status, err);
    }
    return JOIST_OK;
}

static enum joist_status ipc_next(void *self_, const struct ji_batch **batch, struct joist_error *err)
{
    struct ipc_stream *self = self_;
    bool ended = false;
    JI_TRY(next_rows(self, &ended, err));
    *batch = NULL;
    if (ended)
        return JOIST_OK;
    ji_arena_reset(&self->window_arena);
    const size_t count = ji_min_size((size_t)self->array.length - self->taken, JI_BATCH_ROWS_MAX);
    const enum joist_status status = ji_array_window(&self->importer, self->taken, count, &self->batch, err);
    if (status != JOIST_OK)
        return fail_batch(self, status, err);
    self->taken += count;
    *batch = &self->batch;
    return JOIST_OK;
}

/* --- opening and closing --- */

/* All but the source. */
static void free_stream(struct ipc_stream *self)
{
    struct joist_ctx *ctx = self->ctx;
    struct ji_mem *mem = self->mem;
    for (struct ji_ipc_dictionary_place *at = self->dictionaries; at != NULL; at = at->next) {
        struct dictionary *dictionary = (struct dictionary *)at;
        drop_values(dictionary);
        ji_arena_clear(&dictionary->import);
        ji_arena_clear(&dictionary->arena);
        ji_bytes_clear(&dictionary->body);
    }
    ji_codec_context_close(self->codecs);
    ji_ipc_messages_close(&self->messages);
    ji_bytes_clear(&self->body);
    ji_arena_clear(&self->window_arena);
    ji_arena_clear(&self->array_arena);
    ji_arena_clear(&self->arena);
    ji_free(mem, self, sizeof *self);
    ji_mem_close(mem);
    joist_ctx_close(ctx);
}

static void ipc_close(void *self_)
{
    struct ipc_stream *self = self_;
    struct joist_source source = self->source;
    free_stream(self);
    ji_source_close(&source);
}

static enum joist_status read_schema(struct ipc_stream *self, struct joist_error *err)
{
    struct ji_ipc_message message;
    JI_TRY(ji_ipc_messages_open(&self->messages, self->mem, self->source, &message, err));
    enum joist_status status = ji_ipc_fields_read(&self->arena, &message.header, &self->root, err);
    if (status == JOIST_OK)
        status = ji_schema_import_shape(
                &self->arena, &self->root.schema, &self->schema, &self->importer.shape, err);
    if (status != JOIST_OK)
        ji_error_prefix(err, "%s", ji_source_name(&self->source));
    return status;
}

enum joist_status ji_ipc_stream_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_ipc_options *options, struct ji_batch_stream *stream, struct joist_error *err)
{
    static const struct ji_batch_stream_ops ops = {
            .schema = ipc_schema, .next = ipc_next, .close = ipc_close};
    struct joist_ipc_options taken;
    struct ipc_stream *self = NULL;
    struct ji_mem *mem = NULL;
    assert(ctx != NULL && source.ops != NULL && stream != NULL);
    JI_TRY(ji_ipc_options_take(options, &taken, err));
    JI_TRY(ji_mem_open_with(ji_ctx_mem(ctx), "arrow ipc", sizeof *self, &mem, &self, err));
    self->ctx = ji_ctx_retain(ctx);
    self->mem = mem;
    self->source = source;
    self->cancel = taken.cancel;
    self->progress = taken.progress;
    ji_arena_init(&self->arena, mem);
    ji_arena_init(&self->array_arena, mem);
    ji_arena_init(&self->window_arena, mem);
    ji_bytes_init(&self->body, mem);
    enum joist_status status = ji_codec_context_open(mem, &self->codecs, err);
    if (status == JOIST_OK)
        status = read_schema(self, err);
    if (status != JOIST_OK) {
        free_stream(self);
        return status;
    }
    self->importer.schema = &self->schema;
    self->importer.array_arena = &self->array_arena;
    self->importer.window_arena = &self->window_arena;
    *stream = (struct ji_batch_stream){.ops = &ops, .self = self};
    return JOIST_OK;
}

const struct ji_array_shape *ji_ipc_stream_shape(const struct ji_batch_stream *stream)
{
    assert(stream->ops->next == ipc_next);
    const struct ipc_stream *const self = stream->self;
    return self->importer.shape;
}

enum joist_status joist_ipc_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_ipc_options *options, struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct ji_batch_stream batches;
    struct joist_ipc_options taken;
    JI_TRY(ji_ipc_options_take(options, &taken, err));
    JI_TRY(ji_ipc_stream_open(ctx, source, &taken, &batches, err));
    const struct ji_array_shape *shape = taken.keep_layout ? ji_ipc_stream_shape(&batches) : NULL;
    const enum joist_status status = ji_shaped_stream_export(ctx, &batches, shape, stream, err);
    if (status != JOIST_OK)
        free_stream(batches.self); /* the source is the caller's still */
    return status;
}
