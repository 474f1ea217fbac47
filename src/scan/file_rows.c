/*
 * file_rows.c - the rows of files one after another, with what the names of their folders say
 *
 *     file 0: [ batch ][ batch ]  file 1: [ batch ] ...     + columns of one value a file, from "region=eu"
 *
 *   1. `schema` is the first file's and the folders' columns; each later file has the first one's columns.
 *   2. One file is open at a time.
 *   3. Types of CSV that were guessed are carried from file to file: what would have made another type of a
 *      column in the first one is refused in each. Where it may be read once more, the files behind are then
 *      surveyed too, so that the types that are handed out hold all of them.
 *
 * A single file that no folder says anything of is handed out as its own stream, which a writer may take
 * column by column.
 */
#include <joist/files.h>
#include <joist/store.h>

#include "arrow/arrow_schema.h"
#include "arrow/ipc_stream.h"
#include "base/calendar.h"
#include "base/integer_text.h"
#include "base/io.h"
#include "scan/file_list.h"
#include "scan/file_source.h"
#include "scan/hive_path.h"
#include "text/text_stream.h"

#include <assert.h>

/* A column from the names of folders. */
struct folder_column {
    const char *name;
    enum ji_kind kind; /* LONG (int64), DATE or STRING */
};

struct file_rows {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_arena file_arena; /* values of the folders of the open file */
    struct joist_files_options options;
    struct joist_text_options text;
    enum ji_file_format format;
    struct ji_file_list list;
    size_t next;             /* the file to be opened */
    struct ji_schema schema; /* the files' columns, then the folders' */
    size_t own_count;
    struct ji_csv_types types; /* of CSV: guessed so far */
    struct folder_column *folders;
    size_t folder_count;
    struct ArrowSchema wanted;  /* of each Parquet file; released: what it has */
    struct ArrowArrayStream in; /* of a Parquet file; owned */
    struct ji_batch_stream now;
    struct ji_column *columns;
    struct ji_batch batch;
};

/* --- one file --- */

static enum joist_status open_parquet(
        struct file_rows *rows, struct joist_source *source, struct joist_error *err)
{
    struct joist_parquet_file *file = NULL;
    JI_TRY(joist_parquet_open(rows->ctx, *source, rows->options.parquet, &file, err));
    *source = (struct joist_source){.ops = NULL};
    const struct joist_parquet_read_options options = {.struct_size = sizeof options,
            .cancel = rows->options.cancel,
            .progress = rows->options.progress,
            .schema = rows->wanted.release != NULL ? &rows->wanted : NULL,
            .field_ids = rows->options.field_ids,
            .field_id_count = rows->options.field_id_count};
    const enum joist_status status = joist_parquet_read(file, &options, &rows->in, err);
    joist_parquet_close(file);
    if (status != JOIST_OK)
        return status;
    return ji_stream_import(rows->ctx, &rows->in, &rows->now, err);
}

/* Whether the types are guessed from the first file, and held to in the later ones. */
static bool guesses_types(const struct file_rows *rows)
{
    return rows->format == JI_FORMAT_CSV && rows->text.schema == NULL;
}

static enum joist_status open_csv(struct file_rows *rows, const struct joist_source *source,
        const struct ji_schema *schema, struct joist_error *err)
{
    if (schema != NULL && guesses_types(rows))
        return ji_csv_stream_open_behind(rows->ctx, *source, &rows->text, &rows->types, &rows->now, err);
    return ji_csv_stream_open(rows->ctx, *source, &rows->text, schema, &rows->now, err);
}

/* What cannot be opened once more is not asked for wider types, nor read as decimals, which rely on that. */
static void hold_to_sample(struct file_rows *rows)
{
    if (rows->text.widening == NULL)
        return;
    rows->text.widening = NULL;
    rows->text.infer_decimals = rows->types.count > 0 && rows->text.infer_decimals;
}

/* `schema` is that of the first file, NULL for it. */
static enum joist_status open_source(struct file_rows *rows, struct joist_source *source,
        const struct ji_schema *schema, struct joist_error *err)
{
    if (rows->format == JI_FORMAT_PARQUET)
        return open_parquet(rows, source, err);
    if (rows->format == JI_FORMAT_ARROW) {
        const struct joist_ipc_options options = {.struct_size = sizeof options,
                .cancel = rows->options.cancel,
                .progress = rows->options.progress};
        JI_TRY(ji_ipc_stream_open(rows->ctx, *source, &options, &rows->now, err));
        *source = (struct joist_source){.ops = NULL};
        return JOIST_OK;
    }
    if (ji_source_size(source) == JOIST_SIZE_UNKNOWN)
        hold_to_sample(rows);
    JI_TRY(joist_source_unpack(rows->ctx, source, err));
    JI_TRY(rows->format == JI_FORMAT_CSV
                    ? open_csv(rows, source, schema, err)
                    : ji_ndjson_stream_open(rows->ctx, *source, &rows->text, schema, &rows->now, err));
    *source = (struct joist_source){.ops = NULL};
    return JOIST_OK;
}

static enum joist_status open_file(
        struct file_rows *rows, const struct ji_schema *schema, struct joist_error *err)
{
    struct joist_source source = {.ops = NULL};
    JI_TRY(joist_source_open(rows->ctx, rows->list.files[rows->next].location, &source, err));
    const enum joist_status status = open_source(rows, &source, schema, err);
    ji_source_close(&source);
    if (status == JOIST_OK)
        rows->next++;
    return status;
}

static void close_file(struct file_rows *rows)
{
    ji_stream_close(&rows->now);
    if (rows->in.release != NULL)
        rows->in.release(&rows->in);
    rows->in = (struct ArrowArrayStream){.release = NULL};
}

static enum joist_status check_columns(const struct file_rows *rows, struct joist_error *err)
{
    const struct ji_schema *const schema = ji_stream_schema(&rows->now);
    const char *const name = rows->list.files[rows->next - 1].location;
    const char *const first = rows->list.files[0].location;
    if (schema->column_count != rows->own_count)
        return ji_fail(err, JOIST_ERR_INVALID, "%s: %zu columns, %s has %zu", name, schema->column_count,
                first, rows->own_count);
    for (size_t index = 0; index < rows->own_count; index++) {
        const struct ji_field *const own = &rows->schema.columns[index];
        const struct ji_field *const other = &schema->columns[index];
        if (strcmp(own->name, other->name) != 0)
            return ji_fail(err, JOIST_ERR_INVALID, "%s: column %zu is '%s', in %s '%s'", name, index + 1,
                    other->name, first, own->name);
        if (!guesses_types(rows) && !ji_type_equal(own, other))
            return ji_fail(err, JOIST_ERR_INVALID, "%s: column '%s' has another type than in %s", name,
                    own->name, first);
    }
    return JOIST_OK;
}

/* --- folders --- */

/* Reads the open file's parts, in the order of its path; their number. */
static enum joist_status next_part(struct file_rows *rows, const char **path, size_t number,
        struct ji_hive_part *part, bool *found, struct joist_error *err)
{
    JI_TRY(ji_hive_next(&rows->file_arena, path, part, found, err));
    const bool fits = *found
            ? number < rows->folder_count && strcmp(part->name, rows->folders[number].name) == 0
            : number == rows->folder_count;
    return fits ? JOIST_OK
                : ji_fail(err, JOIST_ERR_INVALID, "%s: other folders than those of %s",
                          rows->list.files[rows->next > 0 ? rows->next - 1 : 0].location,
                          rows->list.files[0].location);
}

static enum ji_kind narrower(enum ji_kind kind, const struct ji_hive_part *part)
{
    const char *const data = (const char *)part->value.data;
    const size_t size = part->value.size;
    int64_t number = 0;
    int32_t days = 0;
    char printed[JI_I64_TEXT_MAX];
    if (part->is_null || kind == JI_STRING)
        return kind;
    /* "007" and "+1" are text: as numbers they would come back as others. */
    const bool is_number = ji_i64_parse(data, size, &number) == JI_TEXT_OK &&
            ji_view_equal(part->value, ji_view_of(printed, ji_i64_print(number, printed)));
    const bool is_date = ji_date_parse(data, size, &days) == JI_TEXT_OK;
    if (kind == JI_INT64 && is_number)
        return kind;
    if ((kind == JI_DATE || kind == JI_NULL) && is_date)
        return JI_DATE;
    return kind == JI_NULL && is_number ? JI_INT64 : JI_STRING;
}

/* Names from the first file, kinds from all. */
static enum joist_status find_folders(struct file_rows *rows, struct joist_error *err)
{
    struct ji_hive_part part;
    bool found = true;
    const char *path = rows->list.files[0].below;
    size_t room = 1;
    for (const char *at = path; *at != '\0'; at++)
        room += *at == '/';
    JI_TRY(ji_arena_array(&rows->arena, room, sizeof *rows->folders, &rows->folders, err));
    while (true) {
        JI_TRY(ji_hive_next(&rows->arena, &path, &part, &found, err));
        if (!found)
            break;
        rows->folders[rows->folder_count++] = (struct folder_column){.name = part.name, .kind = JI_NULL};
    }
    for (size_t file = 0; file < rows->list.count; file++) {
        path = rows->list.files[file].below;
        ji_arena_reset(&rows->file_arena);
        for (size_t number = 0; number <= rows->folder_count; number++) {
            rows->next = file + 1;
            JI_TRY(next_part(rows, &path, number, &part, &found, err));
            if (found)
                rows->folders[number].kind = narrower(rows->folders[number].kind, &part);
        }
    }
    rows->next = 0;
    return JOIST_OK;
}

static enum joist_status fill_folder(
        struct file_rows *rows, size_t number, const struct ji_hive_part *part, struct joist_error *err)
{
    static const uint8_t null_bit[1] = {0};
    struct ji_column *const column = &rows->columns[rows->own_count + number];
    int64_t *value = NULL;
    JI_TRY(ji_arena_array(&rows->file_arena, 2, sizeof *value, &value, err));
    *column = (struct ji_column){.field = &rows->schema.columns[rows->own_count + number],
            .form = JI_CONSTANT,
            .validity = part->is_null ? null_bit : NULL,
            .values = value};
    if (part->is_null)
        return JOIST_OK;
    const char *const text = (const char *)part->value.data;
    if (column->field->kind == JI_INT64)
        (void)ji_i64_parse(text, part->value.size, value);
    else if (column->field->kind == JI_DATE)
        (void)ji_date_parse(text, part->value.size, (int32_t *)(void *)value);
    else
        memcpy(value, &part->value, sizeof part->value);
    return JOIST_OK;
}

/* The values of the open file's folders. */
static enum joist_status fill_folders(struct file_rows *rows, struct joist_error *err)
{
    const char *path = rows->list.files[rows->next - 1].below;
    ji_arena_reset(&rows->file_arena);
    for (size_t number = 0; number < rows->folder_count; number++) {
        struct ji_hive_part part = {.is_null = true};
        bool found = false;
        JI_TRY(next_part(rows, &path, number, &part, &found, err));
        JI_TRY(fill_folder(rows, number, &part, err));
    }
    return JOIST_OK;
}

/* --- all files --- */

static const struct ji_schema *rows_schema(void *self)
{
    const struct file_rows *const rows = self;
    return &rows->schema;
}

/* Opens the file behind the one that is open, which has ended. */
static enum joist_status next_file(struct file_rows *rows, struct joist_error *err)
{
    const struct ji_schema own = {.column_count = rows->own_count, .columns = rows->schema.columns};
    if (guesses_types(rows))
        JI_TRY(ji_csv_types_take(&rows->now, &rows->arena, &rows->types, err));
    close_file(rows);
    JI_TRY(open_file(rows, &own, err));
    return check_columns(rows, err);
}

/* --- types that hold all files --- */

/* Reads the open file to its end, for its types alone, which may become wider. */
static enum joist_status survey_file(struct file_rows *rows, struct joist_error *err)
{
    const struct ji_batch *batch = NULL;
    enum joist_status status = JOIST_OK;
    do {
        JI_TRY(ji_cancel_check(rows->options.cancel, err));
        status = ji_stream_next(&rows->now, &batch, err);
    } while (status == JOIST_OK && batch != NULL);
    struct joist_text_widening *const widening = rows->text.widening;
    if (status != JOIST_ERR_INVALID || !widening->due)
        return status;
    widening->schema.release(&widening->schema);
    widening->due = false;
    return JOIST_OK;
}

/*
 * A file has failed, and would not with wider types, which hold all of it: what holds the files behind it?
 * Fails where one of them holds what no types could save.
 */
static enum joist_status survey_rest(struct file_rows *rows, struct joist_error *err)
{
    struct joist_text_widening *const widening = rows->text.widening;
    widening->schema.release(&widening->schema);
    widening->due = false;
    while (rows->next < rows->list.count) {
        JI_TRY(next_file(rows, err));
        if (rows->text.widening == NULL)
            return JOIST_OK;
        JI_TRY(survey_file(rows, err));
    }
    JI_TRY(ji_csv_types_take(&rows->now, &rows->arena, &rows->types, err));
    const struct ji_schema wider = {.column_count = rows->types.count, .columns = rows->types.columns};
    JI_TRY(ji_schema_hand_out(rows->ctx, &wider, &widening->schema, err));
    widening->due = true;
    return JOIST_OK;
}

static enum joist_status next_batch(
        struct file_rows *rows, const struct ji_batch **batch, struct joist_error *err)
{
    const enum joist_status status = ji_stream_next(&rows->now, batch, err);
    const bool is_due = status == JOIST_ERR_INVALID && guesses_types(rows) && rows->text.widening != NULL &&
            rows->text.widening->due;
    struct joist_error worse;
    if (!is_due)
        return status;
    const enum joist_status surveyed = survey_rest(rows, &worse);
    if (surveyed == JOIST_OK)
        return status;
    if (err != NULL)
        *err = worse;
    return surveyed;
}

static enum joist_status rows_next(void *self, const struct ji_batch **batch, struct joist_error *err)
{
    struct file_rows *const rows = self;
    const struct ji_batch *from = NULL;
    for (;;) {
        JI_TRY(ji_cancel_check(rows->options.cancel, err));
        JI_TRY(next_batch(rows, &from, err));
        if (from != NULL)
            break;
        if (rows->next == rows->list.count) {
            *batch = NULL;
            return JOIST_OK;
        }
        JI_TRY(next_file(rows, err));
        JI_TRY(fill_folders(rows, err));
    }
    rows->batch = *from;
    for (size_t index = 0; index < rows->own_count; index++) {
        rows->columns[index] = from->columns[index];
        rows->columns[index].field = &rows->schema.columns[index];
    }
    for (size_t index = rows->own_count; index < rows->schema.column_count; index++)
        rows->columns[index].row_count = from->row_count;
    rows->batch.columns = rows->columns;
    rows->batch.column_count = rows->schema.column_count;
    *batch = &rows->batch;
    return JOIST_OK;
}

static void rows_close(void *self)
{
    struct file_rows *const rows = self;
    struct ji_mem *const mem = rows->mem;
    close_file(rows);
    if (rows->wanted.release != NULL)
        rows->wanted.release(&rows->wanted);
    ji_arena_clear(&rows->file_arena);
    ji_arena_clear(&rows->arena);
    ji_free(mem, rows, sizeof *rows);
    ji_mem_close(mem);
}

/* --- open --- */

static enum joist_status choose_format(struct file_rows *rows, struct joist_error *err)
{
    static const struct {
        const char *name;
        enum ji_file_format format;
    } known[] = {{"csv", JI_FORMAT_CSV}, {"tsv", JI_FORMAT_CSV}, {"ndjson", JI_FORMAT_NDJSON},
            {"parquet", JI_FORMAT_PARQUET}, {"arrow", JI_FORMAT_ARROW}, {"arrows", JI_FORMAT_ARROW}};
    const char *const wanted = rows->options.format;
    if (wanted != NULL) {
        for (size_t index = 0; index < sizeof known / sizeof known[0]; index++) {
            if (strcmp(wanted, known[index].name) != 0)
                continue;
            rows->format = known[index].format;
            if (strcmp(wanted, "tsv") == 0 && rows->text.delimiter == '\0')
                rows->text.delimiter = '\t';
            return JOIST_OK;
        }
        return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                "%s: %s input is not supported: csv, ndjson, arrow and parquet are",
                rows->list.files[0].location, wanted);
    }
    if (strcmp(rows->list.files[0].location, "-") == 0)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "-: which format? csv, ndjson, arrow or parquet");
    JI_TRY(ji_file_format_of(rows->list.files[0].location, &rows->format, err));
    for (size_t index = 1; index < rows->list.count; index++) {
        enum ji_file_format other = JI_FORMAT_PARQUET;
        JI_TRY(ji_file_format_of(rows->list.files[index].location, &other, err));
        if (other != rows->format)
            return ji_fail(err, JOIST_ERR_INVALID, "%s: another format than %s",
                    rows->list.files[index].location, rows->list.files[0].location);
    }
    return JOIST_OK;
}

static enum joist_status make_schema(struct file_rows *rows, struct joist_error *err)
{
    const struct ji_schema *const first = ji_stream_schema(&rows->now);
    const size_t own = first->column_count;
    struct ji_field *fields = NULL;
    JI_TRY(ji_arena_array(&rows->arena, own + rows->folder_count, sizeof *fields, &fields, err));
    for (size_t index = 0; index < own; index++) {
        JI_TRY(ji_field_copy(&rows->arena, &first->columns[index], &fields[index], err));
        fields[index].nullable = fields[index].nullable || rows->list.count > 1;
    }
    for (size_t number = 0; number < rows->folder_count; number++) {
        const struct folder_column *const folder = &rows->folders[number];
        if (ji_schema_find(first, ji_view_of_text(folder->name)) != SIZE_MAX)
            return ji_fail(err, JOIST_ERR_INVALID, "%s: column '%s' is in the file and in a folder's name",
                    rows->list.files[0].location, folder->name);
        fields[own + number] = (struct ji_field){.name = folder->name,
                .kind = folder->kind == JI_NULL ? JI_STRING : folder->kind,
                .nullable = true,
                .field_id = JI_FIELD_ID_NONE};
    }
    rows->schema =
            (struct ji_schema){.column_count = own + rows->folder_count, .columns = fields, .metadata = NULL};
    rows->own_count = own;
    return ji_arena_array(
            &rows->arena, rows->schema.column_count, sizeof *rows->columns, &rows->columns, err);
}

/*
 * Of what the rows go into the folders' columns are not to be in the files; a text there takes any value.
 * `*own` stays NULL where nothing is said of the files.
 */
static enum joist_status leave_folders(struct file_rows *rows, struct ji_schema *given,
        const struct ji_schema **own, struct joist_error *err)
{
    struct ji_field *fields = NULL;
    if (rows->folder_count == 0 || rows->text.schema == NULL)
        return JOIST_OK;
    JI_TRY(ji_schema_import(&rows->arena, rows->text.schema, given, err));
    JI_TRY(ji_arena_array(&rows->arena, given->column_count, sizeof *fields, &fields, err));
    size_t count = 0;
    for (size_t column = 0; column < given->column_count; column++) {
        struct folder_column *folder = NULL;
        for (size_t number = 0; number < rows->folder_count; number++)
            if (strcmp(rows->folders[number].name, given->columns[column].name) == 0)
                folder = &rows->folders[number];
        if (folder == NULL)
            fields[count++] = given->columns[column];
        else if (given->columns[column].kind == JI_STRING)
            folder->kind = JI_STRING;
    }
    given->columns = fields;
    given->column_count = count;
    *own = given;
    return JOIST_OK;
}

/*
 * Keeps what is wanted of each Parquet file, since later ones are opened when the caller's schema is gone;
 * `own` is that without the folders' columns, NULL where there are none.
 */
static enum joist_status keep_wanted(
        struct file_rows *rows, const struct ji_schema *own, struct joist_error *err)
{
    struct ji_schema schema;
    const struct ji_array_shape *shape = NULL;
    if (rows->options.schema == NULL)
        return JOIST_OK;
    if (own != NULL)
        return ji_schema_hand_out(rows->ctx, own, &rows->wanted, err);
    JI_TRY(ji_schema_import_shape(&rows->arena, rows->options.schema, &schema, &shape, err));
    return ji_shaped_schema_hand_out(rows->ctx, &schema, shape, &rows->wanted, err);
}

/* What is of Parquet alone, or not of Arrow's files. */
static enum joist_status check_format(const struct file_rows *rows, struct joist_error *err)
{
    const char *const name = rows->list.files[0].location;
    if (rows->format != JI_FORMAT_PARQUET && rows->options.parquet != NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "%s: options of Parquet (keys) for a file that is none", name);
    if (rows->format != JI_FORMAT_PARQUET && rows->options.field_ids != NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "%s: columns by field id of a file that is no Parquet", name);
    if (rows->format == JI_FORMAT_ARROW && rows->options.schema != NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "%s: a wanted schema for an Arrow file", name);
    return JOIST_OK;
}

static enum joist_status open_rows(
        struct file_rows *rows, const char *const *locations, size_t count, struct joist_error *err)
{
    struct ji_schema given = {.columns = NULL};
    const struct ji_schema *own = NULL;
    for (size_t index = 0; index < count; index++)
        JI_TRY(ji_file_list_add(rows->ctx, &rows->arena, locations[index], &rows->list, err));
    JI_TRY(choose_format(rows, err));
    JI_TRY(check_format(rows, err));
    if (!rows->options.no_partitions)
        JI_TRY(find_folders(rows, err));
    JI_TRY(leave_folders(rows, &given, &own, err));
    if (rows->format == JI_FORMAT_PARQUET)
        JI_TRY(keep_wanted(rows, own, err));
    JI_TRY(open_file(rows, own, err));
    JI_TRY(make_schema(rows, err));
    return fill_folders(rows, err);
}

/* What one file alone gives is its own stream. */
static enum joist_status hand_out(
        struct file_rows *rows, struct ArrowArrayStream *stream, struct joist_error *err)
{
    static const struct ji_batch_stream_ops ops = {
            .schema = rows_schema, .next = rows_next, .close = rows_close};
    struct ji_batch_stream batches = {.ops = &ops, .self = rows};
    if (rows->list.count > 1 || rows->folder_count > 0)
        return ji_stream_export(rows->ctx, &batches, stream, err);
    if (rows->format == JI_FORMAT_PARQUET) {
        ji_stream_close(&rows->now);
        *stream = rows->in;
        rows->in = (struct ArrowArrayStream){.release = NULL};
    } else {
        const struct ji_array_shape *const shape =
                rows->format == JI_FORMAT_ARROW ? ji_ipc_stream_shape(&rows->now) : NULL;
        JI_TRY(ji_shaped_stream_export(rows->ctx, &rows->now, shape, stream, err));
    }
    rows_close(rows);
    return JOIST_OK;
}

static enum joist_status take_options(
        struct file_rows *rows, const struct joist_files_options *options, struct joist_error *err)
{
    if (options != NULL) {
        if (options->struct_size < sizeof options->struct_size)
            return ji_fail(err, JOIST_ERR_INVALID, "joist_files_options.struct_size is not set");
        memcpy(&rows->options, options, ji_min_size(options->struct_size, sizeof rows->options));
    }
    if (rows->options.text != NULL)
        memcpy(&rows->text, rows->options.text,
                ji_min_size(rows->options.text->struct_size, sizeof rows->text));
    rows->text.struct_size = sizeof rows->text;
    if (rows->options.schema != NULL)
        rows->text.schema = rows->options.schema;
    rows->text.skip_extra = rows->text.skip_extra && rows->text.schema != NULL;
    rows->text.cancel = rows->options.cancel;
    rows->text.progress = rows->options.progress;
    return JOIST_OK;
}

enum joist_status joist_files_open(struct joist_ctx *ctx, const char *const *locations, size_t count,
        const struct joist_files_options *options, struct ArrowArrayStream *stream, struct joist_error *err)
{
    struct ji_mem *mem = NULL;
    struct file_rows *made = NULL;
    if (count == 0)
        return ji_fail(err, JOIST_ERR_INVALID, "no file is named");
    JI_TRY(ji_mem_open_with(ji_ctx_mem(ctx), "files read", sizeof *made, &mem, &made, err));
    made->ctx = ctx;
    made->mem = mem;
    ji_arena_init(&made->arena, mem);
    ji_arena_init(&made->file_arena, mem);
    enum joist_status status = take_options(made, options, err);
    if (status == JOIST_OK)
        status = open_rows(made, locations, count, err);
    if (status == JOIST_OK)
        status = hand_out(made, stream, err);
    if (status != JOIST_OK)
        rows_close(made);
    return status;
}
