/*
 * export_files.c - a stream of rows as many Parquet files: split by size, rows and age, in folders by values
 *
 *     batch --partition columns--> group of each row --> rows of each group --> its output's writer
 *
 *   1. A group's number is that of its output; outputs stay, their writers come and go.
 *   2. At most OPEN_MAX writers are open; for one more, the one used least recently is finished.
 *   3. A file is finished before its limit is passed by rows, and at the first batch past it by bytes.
 *
 * Where memory is short, the open row group that holds most is written first.
 */
#include <joist/files.h>
#include <joist/store.h>

#include "arrow/batch_stream.h"
#include "arrow/value.h"
#include "base/calendar.h"
#include "base/uuid.h"
#include "parquet/parquet_file_writer.h"
#include "scan/group_table.h"
#include "scan/hive_path.h"

#define OPEN_MAX 64
#define OUTPUTS_MAX 100000
#define SHORT_SHARE 4

struct output {
    const char *folder; /* "/region=eu", or "" */
    struct joist_parquet_writer *writer;
    const char *location; /* of its file */
    int64_t opened_us;
    uint64_t rows;
    uint64_t used; /* at which batch */
    size_t count;  /* rows of this batch */
    size_t start;  /* of them in `rows` */
};

struct export
{
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_arena batch_arena;
    struct joist_export_options options;
    struct ji_write_lanes *lanes;
    struct ji_schema schema;    /* of the files */
    size_t *columns;            /* of the stream, those of the files */
    size_t *keys;               /* of the stream, the partitions */
    struct ji_column *picked;   /* the files' columns of a batch */
    struct ji_column *key_rows; /* the partitions', flat */
    struct ji_group_table groups;
    const char *folder; /* where all is */
    const char *name;
    struct output *outputs;
    size_t output_count;
    size_t output_room;
    size_t open_count;
    uint64_t batches;
    uint32_t *row_groups; /* of a batch */
    uint32_t *rows;       /* of a batch, output after output */
    size_t row_room;
    struct joist_exported done;
};

/* --- files --- */

static enum joist_status name_file(struct export *self, struct output *output, struct joist_error *err)
{
    char uuid[JI_UUID_TEXT_BYTES];
    const int64_t now = ji_ctx_now_us(self->ctx);
    const struct ji_civil day = ji_civil_of_days(ji_timestamp_day(now, JI_MICRO));
    const int64_t second = ji_timestamp_time(now, JI_MICRO) / 1000000;
    JI_TRY(ji_uuid_new(self->ctx, uuid, err));
    output->opened_us = now;
    return ji_arena_printf(&self->arena, &output->location, err,
            "%s%s/%s_%04d%02u%02u_%02d%02d%02d_%.8s.parquet", self->folder, output->folder, self->name,
            (int)day.year, day.month, day.day, (int)(second / 3600), (int)(second / 60 % 60),
            (int)(second % 60), uuid);
}

static enum joist_status finish_file(struct export *self, struct output *output, struct joist_error *err)
{
    struct joist_parquet_written written = {0};
    struct joist_parquet_writer *const writer = output->writer;
    output->writer = NULL;
    self->open_count--;
    const enum joist_status status = joist_parquet_writer_finish(writer, &written, err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "%s", output->location);
        return status;
    }
    self->done.files++;
    self->done.rows += written.rows;
    self->done.bytes += written.bytes;
    if (self->options.finished != NULL)
        self->options.finished(self->options.user, output->location, written.rows, written.bytes);
    return JOIST_OK;
}

static enum joist_status finish_oldest(struct export *self, struct joist_error *err)
{
    struct output *oldest = NULL;
    for (size_t i = 0; i < self->output_count; i++) {
        struct output *const output = &self->outputs[i];
        if (output->writer != NULL && (oldest == NULL || output->used < oldest->used))
            oldest = output;
    }
    self->done.small_files++;
    return finish_file(self, oldest, err);
}

static enum joist_status open_file(struct export *self, struct output *output, struct joist_error *err)
{
    struct joist_sink sink = {.ops = NULL};
    if (self->open_count == OPEN_MAX)
        JI_TRY(finish_oldest(self, err));
    JI_TRY(name_file(self, output, err));
    JI_TRY(joist_sink_open(self->ctx, output->location, JOIST_SINK_CREATE, &sink, err));
    const enum joist_status status = ji_parquet_writer_open_shared(
            self->lanes, self->mem, sink, &self->schema, self->options.parquet, &output->writer, err);
    if (status != JOIST_OK) {
        joist_sink_abort(&sink);
        return status;
    }
    self->open_count++;
    output->rows = 0;
    return JOIST_OK;
}

/* --- rows to their file --- */

static enum joist_status relieve(struct export *self, struct joist_error *err)
{
    while (ji_mem_room(self->mem) < ji_mem_limit(self->mem) / SHORT_SHARE) {
        struct output *fullest = NULL;
        uint64_t most = 0;
        for (size_t i = 0; i < self->output_count; i++) {
            struct output *const output = &self->outputs[i];
            const uint64_t held = output->writer == NULL ? 0 : ji_parquet_writer_held(output->writer);
            if (held > most) {
                fullest = output;
                most = held;
            }
        }
        if (fullest == NULL)
            return JOIST_OK;
        JI_TRY(ji_parquet_writer_flush_group(fullest->writer, err));
    }
    return JOIST_OK;
}

static enum joist_status finish_where_due(struct export *self, struct output *output, struct joist_error *err)
{
    const struct joist_export_options *const options = &self->options;
    if (output->writer == NULL)
        return JOIST_OK;
    const bool is_full = (options->split_rows > 0 && output->rows >= options->split_rows) ||
            (options->split_bytes > 0 && ji_parquet_writer_bytes(output->writer) >= options->split_bytes);
    return is_full ? finish_file(self, output, err) : JOIST_OK;
}

/* The rows `selection` (NULL: all) of the batch whose columns are picked. */
static enum joist_status write_rows(struct export *self, struct output *output, size_t row_count,
        const uint32_t *selection, size_t count, struct joist_error *err)
{
    const struct joist_export_options *const options = &self->options;
    output->used = self->batches;
    if (output->writer != NULL && options->split_after_us > 0 &&
            ji_ctx_now_us(self->ctx) - output->opened_us >= options->split_after_us)
        JI_TRY(finish_file(self, output, err));
    for (size_t done = 0; done < count;) {
        if (output->writer == NULL)
            JI_TRY(open_file(self, output, err));
        size_t take = count - done;
        if (options->split_rows > 0)
            take = (size_t)ji_min_u64(take, options->split_rows - output->rows);
        const struct ji_batch batch = {.row_count = row_count,
                .selection = selection == NULL ? NULL : selection + done,
                .selection_count = take,
                .column_count = self->schema.column_count,
                .columns = self->picked};
        JI_TRY(ji_parquet_writer_append(output->writer, &batch, err));
        output->rows += take;
        done += take;
        JI_TRY(finish_where_due(self, output, err));
    }
    return relieve(self, err);
}

/* --- partitions --- */

static enum joist_status add_output(struct export *self, const char *folder, struct joist_error *err)
{
    if (self->output_count == OUTPUTS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "more than %d partitions", OUTPUTS_MAX);
    if (self->output_count == self->output_room) {
        const size_t room = self->output_room == 0 ? 16 : self->output_room * 2;
        JI_TRY(ji_realloc(self->mem, &self->outputs, self->output_room * sizeof *self->outputs,
                room * sizeof *self->outputs, err));
        self->output_room = room;
    }
    self->outputs[self->output_count++] = (struct output){.folder = folder};
    return JOIST_OK;
}

static enum joist_status add_partition(struct export *self, size_t row, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_bytes path;
    struct ji_bytes value;
    const char *folder = NULL;
    ji_bytes_init(&path, self->mem);
    ji_bytes_init(&value, self->mem);
    for (size_t i = 0; i < self->options.partition_count; i++) {
        const struct ji_column *const column = &self->key_rows[i];
        value.size = 0;
        if (!ji_column_is_null(column, row))
            JI_TRY_OUT(ji_column_text(column, row, &value, err));
        JI_TRY_OUT(ji_hive_append(
                &path, self->options.partition_by[i], ji_view_of(value.data, value.size), err));
    }
    JI_TRY_OUT(ji_arena_text(&self->arena, ji_view_of(path.data, path.size), &folder, err));
    JI_TRY_OUT(add_output(self, folder, err));

out:
    ji_bytes_clear(&value);
    ji_bytes_clear(&path);
    return status;
}

static enum joist_status make_room(struct export *self, size_t count, struct joist_error *err)
{
    if (count <= self->row_room)
        return JOIST_OK;
    JI_TRY(ji_realloc(self->mem, &self->row_groups, self->row_room * sizeof *self->row_groups,
            count * sizeof *self->row_groups, err));
    const enum joist_status status = ji_realloc(
            self->mem, &self->rows, self->row_room * sizeof *self->rows, count * sizeof *self->rows, err);
    if (status != JOIST_OK) {
        ji_free(self->mem, self->row_groups, count * sizeof *self->row_groups);
        ji_free(self->mem, self->rows, self->row_room * sizeof *self->rows);
        self->row_groups = self->rows = NULL;
        self->row_room = 0;
        return status;
    }
    self->row_room = count;
    return JOIST_OK;
}

/* The group of each row that counts, and an output for each group that is new. */
static enum joist_status map_rows(struct export *self, const struct ji_batch *batch, struct joist_error *err)
{
    const size_t count = batch->selection_count;
    ji_arena_reset(&self->batch_arena);
    for (size_t i = 0; i < self->options.partition_count; i++)
        JI_TRY(ji_column_flat(&self->batch_arena, &batch->columns[self->keys[i]], &self->key_rows[i], err));
    const struct ji_key_batch keys = {.keys = self->key_rows,
            .key_count = self->options.partition_count,
            .rows = batch->selection,
            .count = count};
    JI_TRY(make_room(self, count, err));
    JI_TRY(ji_group_table_map(&self->groups, &keys, self->row_groups, err));
    for (size_t i = 0; i < count; i++) {
        if (self->row_groups[i] >= self->output_count)
            JI_TRY(add_partition(self, batch->selection == NULL ? i : batch->selection[i], err));
        self->outputs[self->row_groups[i]].count++;
    }
    return JOIST_OK;
}

/* Rows keep their order within an output. */
static enum joist_status route(struct export *self, const struct ji_batch *batch, struct joist_error *err)
{
    size_t start = 0;
    JI_TRY(map_rows(self, batch, err));
    for (size_t i = 0; i < self->output_count; i++) {
        self->outputs[i].start = start;
        start += self->outputs[i].count;
        self->outputs[i].count = 0;
    }
    for (size_t i = 0; i < batch->selection_count; i++) {
        struct output *const output = &self->outputs[self->row_groups[i]];
        self->rows[output->start + output->count++] =
                batch->selection == NULL ? (uint32_t)i : batch->selection[i];
    }
    for (size_t i = 0; i < self->output_count; i++) {
        struct output *const output = &self->outputs[i];
        const size_t count = output->count;
        output->count = 0;
        if (count > 0)
            JI_TRY(write_rows(self, output, batch->row_count, self->rows + output->start, count, err));
    }
    return JOIST_OK;
}

static enum joist_status write_whole(
        struct export *self, const struct ji_batch *batch, struct joist_error *err)
{
    const uint32_t *selection = batch->selection;
    if (self->output_count == 0)
        JI_TRY(add_output(self, "", err));
    if (selection == NULL && self->options.split_rows > 0) {
        JI_TRY(make_room(self, batch->row_count, err));
        for (size_t i = 0; i < batch->row_count; i++)
            self->rows[i] = (uint32_t)i;
        selection = self->rows;
    }
    return write_rows(self, &self->outputs[0], batch->row_count, selection, batch->selection_count, err);
}

static enum joist_status write_batch(
        struct export *self, const struct ji_batch *batch, struct joist_error *err)
{
    if (batch->selection_count == 0)
        return JOIST_OK;
    self->batches++;
    for (size_t i = 0; i < self->schema.column_count; i++)
        self->picked[i] = batch->columns[self->columns[i]];
    return self->options.partition_count > 0 ? route(self, batch, err) : write_whole(self, batch, err);
}

/* --- open and close --- */

static enum joist_status find_key(
        struct export *self, const struct ji_schema *schema, size_t number, struct joist_error *err)
{
    const char *const name = self->options.partition_by[number];
    const size_t column = ji_schema_find(schema, ji_view_of_text(name));
    if (column == SIZE_MAX)
        return ji_fail(err, JOIST_ERR_NOT_FOUND, "no column '%s' to partition by", name);
    for (size_t i = 0; i < number; i++)
        if (self->keys[i] == column)
            return ji_fail(err, JOIST_ERR_INVALID, "column '%s' is to partition by twice", name);
    const enum joist_status status = ji_row_key_check(&schema->columns[column], err);
    if (status != JOIST_OK) {
        ji_error_prefix(err, "column '%s'", name);
        return status;
    }
    self->keys[number] = column;
    return JOIST_OK;
}

static enum joist_status divide_columns(
        struct export *self, const struct ji_schema *schema, struct joist_error *err)
{
    const size_t key_count = self->options.partition_count;
    struct ji_field *fields = NULL;
    size_t count = 0;
    JI_TRY(ji_arena_array(&self->arena, key_count, sizeof *self->keys, &self->keys, err));
    JI_TRY(ji_arena_array(&self->arena, key_count, sizeof *self->key_rows, &self->key_rows, err));
    JI_TRY(ji_arena_array(&self->arena, schema->column_count, sizeof *fields, &fields, err));
    JI_TRY(ji_arena_array(&self->arena, schema->column_count, sizeof *self->columns, &self->columns, err));
    for (size_t i = 0; i < key_count; i++)
        JI_TRY(find_key(self, schema, i, err));
    for (size_t column = 0; column < schema->column_count; column++) {
        bool is_key = false;
        for (size_t i = 0; i < key_count; i++)
            is_key = is_key || self->keys[i] == column;
        if (is_key)
            continue;
        self->columns[count] = column;
        fields[count++] = schema->columns[column];
    }
    if (count == 0)
        return ji_fail(err, JOIST_ERR_INVALID, "no column is left beside those to partition by");
    self->schema = (struct ji_schema){.column_count = count,
            .columns = fields,
            .metadata = schema->metadata,
            .metadata_count = schema->metadata_count};
    return ji_arena_array(&self->arena, count, sizeof *self->picked, &self->picked, err);
}

/* "a/b.parquet" is folder "a" and name "b"; "a/b/" folder "a/b" and name "b". */
static enum joist_status divide_location(struct export *self, const char *location, struct joist_error *err)
{
    static const char suffix[] = ".parquet";
    size_t size = strlen(location);
    while (size > 1 && location[size - 1] == '/')
        size--;
    size_t name = size;
    while (name > 0 && location[name - 1] != '/')
        name--;
    const bool is_file = size - name > sizeof suffix - 1 && size == strlen(location) &&
            strcmp(location + size - (sizeof suffix - 1), suffix) == 0;
    const size_t folder = !is_file ? size : name > 0 ? name - 1 : 0;
    const size_t name_size = size - name - (is_file ? sizeof suffix - 1 : 0);
    const struct ji_view called = name_size > 0 && location[name] != '.' && location[name] != '/'
            ? ji_view_of(location + name, name_size)
            : ji_view_of_text("part");
    if (size == 0 || strcmp(location, "-") == 0)
        return ji_fail(err, JOIST_ERR_INVALID, "'%s' is no place for many files", location);
    JI_TRY(ji_arena_text(&self->arena, called, &self->name, err));
    if (is_file && name == 0)
        return ji_arena_text(&self->arena, ji_view_of_text("."), &self->folder, err);
    return ji_arena_text(&self->arena, ji_view_of(location, folder), &self->folder, err);
}

static enum joist_status run(
        struct export *self, struct ji_batch_stream *batches, const char *location, struct joist_error *err)
{
    const struct ji_batch *batch = NULL;
    JI_TRY(divide_location(self, location, err));
    JI_TRY(divide_columns(self, ji_stream_schema(batches), err));
    JI_TRY(ji_write_lanes_open(self->ctx, self->mem, &self->lanes, err));
    for (;;) {
        JI_TRY(ji_cancel_check(self->options.cancel, err));
        JI_TRY(ji_stream_next(batches, &batch, err));
        if (batch == NULL)
            break;
        JI_TRY(write_batch(self, batch, err));
    }
    for (size_t i = 0; i < self->output_count; i++)
        if (self->outputs[i].writer != NULL)
            JI_TRY(finish_file(self, &self->outputs[i], err));
    return JOIST_OK;
}

static void close_export(struct export *self)
{
    for (size_t i = 0; i < self->output_count; i++)
        joist_parquet_writer_abort(self->outputs[i].writer);
    ji_write_lanes_close(self->lanes);
    ji_group_table_clear(&self->groups);
    ji_free(self->mem, self->outputs, self->output_room * sizeof *self->outputs);
    ji_free(self->mem, self->row_groups, self->row_room * sizeof *self->row_groups);
    ji_free(self->mem, self->rows, self->row_room * sizeof *self->rows);
    ji_arena_clear(&self->batch_arena);
    ji_arena_clear(&self->arena);
    struct ji_mem *const mem = self->mem;
    ji_free(mem, self, sizeof *self);
    ji_mem_close(mem);
}

enum joist_status joist_export(struct joist_ctx *ctx, struct ArrowArrayStream *stream, const char *location,
        const struct joist_export_options *options, struct joist_exported *exported, struct joist_error *err)
{
    struct ji_mem *mem = NULL;
    struct export *self = NULL;
    struct ji_batch_stream batches = {.ops = NULL};
    JI_TRY(ji_mem_open_with(ji_ctx_mem(ctx), "export", sizeof *self, &mem, &self, err));
    self->ctx = ctx;
    self->mem = mem;
    ji_arena_init(&self->arena, mem);
    ji_arena_init(&self->batch_arena, mem);
    ji_group_table_init(&self->groups, mem);
    if (options != NULL)
        memcpy(&self->options, options, ji_min_size(options->struct_size, sizeof self->options));
    enum joist_status status = ji_stream_import(ctx, stream, &batches, err);
    if (status == JOIST_OK)
        status = run(self, &batches, location, err);
    ji_stream_close(&batches);
    if (status == JOIST_OK && exported != NULL)
        *exported = self->done;
    close_export(self);
    return status;
}
