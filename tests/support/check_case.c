/*
 * check_case.c - writes the file, opens it, and runs the check over it
 */
#include "support/check_case.h"

#include <stdio.h>
#include <stdlib.h>

#include "parquet/format/page_header_read.h"
#include "parquet/format/page_write.h"

static void add_rows(struct joist_builder *builder, int64_t first)
{
    for (int64_t row = first; row < first + 20; row++) {
        char text[32];
        (void)snprintf(text, sizeof text, "word %02d", (int)(row % 20));
        if (row % 7 == 3)
            assert_ok(joist_builder_null(builder, NULL));
        else
            assert_ok(joist_builder_int64(builder, row, NULL));
        if (row % 5 == 0)
            assert_ok(joist_builder_null(builder, NULL));
        else
            assert_ok(joist_builder_text(builder, text, strlen(text), NULL));
        assert_ok(joist_builder_double(builder, (double)row / 4 + 1, NULL));
        assert_ok(joist_builder_begin(builder, NULL));
        for (int64_t item = 0; item < row % 3; item++)
            assert_ok(joist_builder_int64(builder, row + item, NULL));
        assert_ok(joist_builder_end(builder, NULL));
        assert_ok(joist_builder_text(builder, "12.50", 5, NULL));
        assert_ok(joist_builder_text(builder, text, strlen(text), NULL));
        assert_ok(joist_builder_text(builder, row % 2 == 0 ? "-7.25" : "99.00", 5, NULL));
        assert_ok(joist_builder_end_row(builder, NULL));
    }
}

/* The rows of a file of its own. */
static void append_rows(struct check_case *c, const struct check_case_options *asked,
        const struct joist_parquet_write_options *options, struct joist_sink sink,
        struct joist_parquet_writer **writer)
{
    struct bytes_source bytes = {.data = (const uint8_t *)asked->rows, .size = strlen(asked->rows)};
    struct joist_builder *builder = NULL;
    struct ArrowArrayStream empty = {.release = NULL};
    struct ArrowArrayStream stream = {.release = NULL};
    struct ArrowSchema schema = {.release = NULL};
    struct joist_error err;
    assert_ok(joist_builder_open(c->ctx, asked->schema, &builder, NULL));
    assert_ok(joist_builder_take(builder, &empty, NULL));
    joist_builder_close(builder);
    assert_int_equal(empty.get_schema(&empty, &schema), 0);
    const struct joist_text_options text = {.struct_size = sizeof text, .schema = &schema};
    if (joist_ndjson_open(c->ctx, bytes_source(&bytes), &text, &stream, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    assert_ok(joist_parquet_writer_open(c->ctx, sink, &schema, options, writer, NULL));
    if (joist_parquet_writer_append_stream(*writer, &stream, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    stream.release(&stream);
    schema.release(&schema);
    empty.release(&empty);
}

static void write_file(struct check_case *c, const struct check_case_options *asked)
{
    const struct joist_parquet_write_options options = {
            .struct_size = sizeof options,
            .codec = JOIST_CODEC_NONE,
            .page_rows_max = 20,
            .no_crc = asked->no_crc,
            .no_dictionary = asked->no_dictionary,
            .no_page_index = asked->no_page_index,
            .compat = JOIST_PARQUET_COMPAT_V1, /* errors are planted where PLAIN has its values */
    };
    static const char schema_text[] = "i int, s string, d double, l list<int>, q decimal(9,2), t string "
                                      "required, j decimal(25,2)";
    struct joist_parquet_writer *writer = NULL;
    struct joist_sink sink = {.ops = NULL};
    assert_ok(joist_sink_open(c->ctx, "memory:case.parquet", JOIST_SINK_REPLACE, &sink, NULL));
    if (asked->schema != NULL)
        append_rows(c, asked, &options, sink, &writer);
    for (int64_t first = 0; asked->schema == NULL && first < 60; first += 20) {
        struct joist_builder *builder = NULL;
        struct ArrowArrayStream stream = {.release = NULL};
        struct ArrowSchema schema = {.release = NULL};
        assert_ok(joist_builder_open(c->ctx, schema_text, &builder, NULL));
        add_rows(builder, first);
        assert_ok(joist_builder_take(builder, &stream, NULL));
        assert_int_equal(stream.get_schema(&stream, &schema), 0);
        if (writer == NULL)
            assert_ok(joist_parquet_writer_open(c->ctx, sink, &schema, &options, &writer, NULL));
        assert_ok(joist_parquet_writer_append_stream(writer, &stream, NULL));
        schema.release(&schema);
        stream.release(&stream);
        joist_builder_close(builder);
    }
    assert_ok(joist_parquet_writer_finish(writer, NULL, NULL));
}

static void load_file(struct check_case *c)
{
    struct joist_source source = {.ops = NULL};
    size_t read = 0;
    assert_ok(joist_source_open(c->ctx, "memory:case.parquet", &source, NULL));
    c->size = (size_t)source.ops->size(source.self);
    c->capacity = c->size + CHECK_CASE_SPARE;
    c->bytes = calloc(1, c->capacity);
    assert_non_null(c->bytes);
    assert_ok(source.ops->read_at(source.self, 0, c->size, c->bytes, &read, NULL));
    assert_int_equal(read, c->size);
    joist_source_close(&source);
    c->spare_at = c->size;
    c->from = (struct bytes_source){.data = c->bytes, .size = c->size};
}

static void annotate_variant(struct check_case *c)
{
    struct ji_parquet_schema *const schema = &c->file->schema;
    struct ji_schema_element *elements = NULL;
    assert_ok(ji_arena_array(&c->arena, schema->element_count, sizeof elements[0], &elements, NULL));
    memcpy(elements, schema->elements, schema->element_count * sizeof elements[0]);
    elements[1].logical.kind = JI_LOGICAL_VARIANT;
    assert_ok(ji_parquet_schema_read(&c->arena, elements, schema->element_count, NULL, schema, NULL));
}

void check_case_open(struct check_case *c, const struct check_case_options *options)
{
    *c = (struct check_case){.ctx = NULL};
    const struct joist_ctx_options ctx_options = {
            .struct_size = sizeof ctx_options, .memory_bytes_max = (uint64_t)64 << 20};
    assert_ok(joist_ctx_open(&ctx_options, &c->ctx, NULL));
    ji_arena_init(&c->arena, ji_ctx_mem(c->ctx));
    write_file(c, options);
    load_file(c);
    assert_ok(joist_parquet_open(c->ctx, bytes_source(&c->from), NULL, &c->file, NULL));
    /* A footer that has its chunks at hand is taken as it is: they may be changed. */
    const struct ji_chunk *chunk = NULL;
    assert_true(c->file->schema.leaf_count <= CHECK_CASE_LEAVES_MAX);
    for (size_t leaf = 0; leaf < c->file->schema.leaf_count; leaf++) {
        assert_ok(ji_file_chunk(c->file, 0, leaf, &chunk, NULL));
        c->chunks[leaf] = *chunk;
    }
    c->file->footer.groups[0].chunks = c->chunks;
    /* What is put into the spare room counts as data. */
    c->from.size = c->capacity;
    c->file->data_end = c->capacity;
    if (options->is_variant)
        annotate_variant(c);
}

void check_case_close(struct check_case *c)
{
    joist_parquet_close(c->file);
    ji_arena_clear(&c->arena);
    joist_ctx_close(c->ctx);
    free(c->bytes);
}

struct ji_chunk *check_case_chunk(struct check_case *c, size_t leaf)
{
    const struct ji_chunk *chunk = NULL;
    assert_ok(ji_file_chunk(c->file, 0, leaf, &chunk, NULL));
    return (struct ji_chunk *)(uintptr_t)chunk;
}

struct ji_statistics *check_case_statistics(struct check_case *c, size_t leaf)
{
    return (struct ji_statistics *)(uintptr_t)check_case_chunk(c, leaf)->statistics;
}

struct ji_row_group *check_case_group(struct check_case *c)
{
    return &c->file->footer.groups[0];
}

struct ji_schema_element *check_case_element(struct check_case *c, size_t leaf)
{
    return (struct ji_schema_element *)(uintptr_t)c->file->schema.leaves[leaf].element;
}

size_t check_case_page(
        struct check_case *c, size_t leaf, int page, struct ji_page_header *header, size_t *header_bytes)
{
    const struct ji_chunk *const chunk = check_case_chunk(c, leaf);
    size_t at = (size_t)ji_chunk_begin(chunk);
    int seen = -1;
    for (;;) {
        assert_true(at < c->size);
        assert_ok(ji_page_header_decode(ji_view_of(c->bytes + at, c->size - at), header, header_bytes, NULL));
        seen += header->type != JI_PAGE_DICTIONARY;
        if (seen == page)
            return at;
        at += *header_bytes + (size_t)header->compressed_bytes;
    }
}

void check_case_put_header(
        struct check_case *c, size_t at, size_t header_bytes, const struct ji_page_header *header)
{
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(c->ctx));
    assert_ok(ji_page_header_write(&out, header, NULL));
    assert_int_equal(out.size, header_bytes);
    memcpy(c->bytes + at, out.data, out.size);
    ji_bytes_clear(&out);
}

int64_t check_case_put(struct check_case *c, const void *data, size_t size)
{
    const size_t at = c->spare_at;
    assert_true(at + size <= c->capacity);
    memcpy(c->bytes + at, data, size);
    c->spare_at += size;
    return (int64_t)at;
}

void check_case_offsets(
        struct check_case *c, size_t leaf, struct ji_arena *arena, struct ji_offset_index *index)
{
    const struct ji_chunk *const chunk = check_case_chunk(c, leaf);
    assert_ok(ji_offset_index_decode(arena,
            ji_view_of(c->bytes + chunk->offset_index_offset, (size_t)chunk->offset_index_bytes), index,
            NULL));
}

void check_case_bounds(
        struct check_case *c, size_t leaf, struct ji_arena *arena, struct ji_column_index *index)
{
    const struct ji_chunk *const chunk = check_case_chunk(c, leaf);
    assert_ok(ji_column_index_decode(arena,
            ji_view_of(c->bytes + chunk->column_index_offset, (size_t)chunk->column_index_bytes), index,
            NULL));
}

void check_case_put_offsets(struct check_case *c, size_t leaf, const struct ji_offset_index *index)
{
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(c->ctx));
    assert_ok(ji_offset_index_write(&out, index, NULL));
    check_case_chunk(c, leaf)->offset_index_offset = check_case_put(c, out.data, out.size);
    check_case_chunk(c, leaf)->offset_index_bytes = (int32_t)out.size;
    ji_bytes_clear(&out);
}

void check_case_put_bounds(struct check_case *c, size_t leaf, const struct ji_column_index *index)
{
    struct ji_bytes out;
    ji_bytes_init(&out, ji_ctx_mem(c->ctx));
    assert_ok(ji_column_index_write(&out, index, NULL));
    check_case_chunk(c, leaf)->column_index_offset = check_case_put(c, out.data, out.size);
    check_case_chunk(c, leaf)->column_index_bytes = (int32_t)out.size;
    ji_bytes_clear(&out);
}

static enum joist_status take_finding(
        void *user, const struct joist_parquet_finding *finding, struct joist_error *err)
{
    struct check_case *const c = user;
    (void)err;
    const size_t used = strlen(c->codes);
    const char *last = strrchr(c->codes, ' ');
    last = last == NULL ? c->codes : last + 1;
    if (strcmp(last, finding->code) != 0)
        (void)snprintf(c->codes + used, sizeof c->codes - used, "%s%s", used > 0 ? " " : "", finding->code);
    c->last = *finding;
    (void)snprintf(c->last_column, sizeof c->last_column, "%s", finding->column ? finding->column : "");
    (void)snprintf(c->last_text, sizeof c->last_text, "%s", finding->text);
    c->last.column = c->last_column;
    c->last.text = c->last_text;
    return JOIST_OK;
}

const char *check_case_run(struct check_case *c)
{
    const struct joist_parquet_check_options options = {
            .struct_size = sizeof options, .finding = take_finding, .user = c, .notes = c->notes};
    struct joist_error err = {.status = JOIST_OK};
    c->codes[0] = '\0';
    c->checked = (struct joist_parquet_checked){.struct_size = sizeof c->checked};
    if (joist_parquet_check(c->file, &options, &c->checked, &err) != JOIST_OK)
        fail_msg("%s", err.text);
    return c->codes;
}

void check_case_expect(struct check_case *c, const char *codes)
{
    if (strcmp(check_case_run(c), codes) != 0)
        fail_msg("wanted '%s', found '%s'; last: %s: %s", codes, c->codes, c->last_column, c->last_text);
}
