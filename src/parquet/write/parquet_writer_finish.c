/*
 * parquet_writer_finish.c - the end of a file: indexes, footer, commit, and what is known of it
 *
 *     PAR1 | row group ... | page indexes | footer | footer's length, 4 | PAR1
 */
#include "parquet/write/parquet_writer.h"

#include "parquet/format/crypto_write.h"
#include "parquet/format/footer_write.h"

#define FILE_VERSION 1
#define FOOTER_BYTES_MAX ((size_t)1 << 30)
#define FOOTER_PART_BYTES ((size_t)256 << 10)

static enum joist_status send_indexes(struct joist_parquet_writer *writer, struct joist_error *err)
{
    JI_TRY(ji_page_store_send(&writer->indexes, &writer->lanes->lanes[0]->body, &writer->sink, err));
    writer->offset += writer->indexes.bytes;
    return JOIST_OK;
}

const char *ji_parquet_writer_magic(const struct joist_parquet_writer *writer)
{
    const bool is_sealed = writer->crypto != NULL && !writer->crypto->plain_footer;
    return is_sealed ? JI_PARQUET_MAGIC_ENCRYPTED : JI_PARQUET_MAGIC;
}

/* The footer as it ends the file: `out` has it readable. */
static enum joist_status seal_footer(
        struct joist_parquet_writer *writer, struct ji_bytes *out, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_write_crypto *crypto = writer->crypto;
    struct ji_bytes plain;
    if (crypto->plain_footer)
        return ji_module_sign(&crypto->footer, ji_view_of(out->data, out->size), out, err);
    ji_bytes_init(&plain, writer->mem);
    JI_TRY_OUT(ji_bytes_append(&plain, out->data, out->size, err));
    out->size = 0;
    JI_TRY_OUT(ji_file_crypto_write(out, &crypto->encryption, err));
    JI_TRY_OUT(ji_module_seal_append(
            &crypto->footer, JI_MODULE_FOOTER, 0, ji_view_of(plain.data, plain.size), out, err));
out:
    ji_bytes_clear(&plain);
    return status;
}

static enum joist_status footer_make(
        struct joist_parquet_writer *writer, struct ji_footer *footer, struct joist_error *err)
{
    enum ji_column_order *orders = NULL;
    const char *created_by = NULL;
    const size_t leaves = writer->layout.leaf_count;
    JI_TRY(ji_arena_array(&writer->arena, leaves, sizeof *orders, &orders, err));
    for (size_t i = 0; i < leaves; i++)
        orders[i] = JI_ORDER_TYPE;
    JI_TRY(ji_arena_printf(&writer->arena, &created_by, err, "joist version %s", joist_version()));
    *footer = (struct ji_footer){
            .version = FILE_VERSION,
            .row_count = (int64_t)writer->rows,
            .element_count = writer->layout.element_count,
            .group_count = writer->groups.count,
            .key_values = writer->key_values,
            .key_value_count = writer->key_value_count,
            .created_by = ji_view_of_text(created_by),
            .orders = orders,
            .order_count = leaves,
    };
    if (writer->crypto != NULL && writer->crypto->plain_footer)
        footer->encryption = writer->crypto->encryption;
    JI_TRY(ji_arena_array(
            &writer->arena, footer->element_count, sizeof *footer->elements, &footer->elements, err));
    memcpy(footer->elements, writer->layout.elements, footer->element_count * sizeof *footer->elements);
    return JOIST_OK;
}

/* Which chunks are encrypted, and how their keys are found. */
static void name_keys(const struct ji_write_crypto *crypto, struct ji_row_group *group)
{
    for (size_t i = 0; crypto != NULL && i < group->chunk_count; i++) {
        const struct ji_leaf_crypto *leaf = &crypto->leaves[i];
        if (!leaf->is_encrypted)
            continue;
        group->chunks[i].is_encrypted = true;
        group->chunks[i].has_column_key = leaf->has_own_key;
        group->chunks[i].key_metadata = leaf->key_metadata;
    }
}

static enum joist_status send_part(
        struct joist_parquet_writer *writer, struct ji_bytes *out, size_t *sent, struct joist_error *err)
{
    *sent += out->size;
    if (*sent > FOOTER_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "a footer of more than %zu bytes", FOOTER_BYTES_MAX);
    JI_TRY(ji_parquet_writer_send(writer, out->data, out->size, err));
    out->size = 0;
    return JOIST_OK;
}

/* In parts, so that it may be larger than the memory; one that is sealed or signed is made whole. */
static enum joist_status footer_parts(struct joist_parquet_writer *writer, uint64_t index_begin,
        struct ji_bytes *out, size_t *sent, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_footer footer;
    struct ji_thrift_writer thrift;
    struct ji_group_cursor cursor;
    ji_group_cursor_init(&cursor, &writer->groups, index_begin);
    JI_TRY_OUT(footer_make(writer, &footer, err));
    JI_TRY_OUT(ji_footer_begin(&thrift, out, &footer, err));
    for (size_t i = 0; i < footer.group_count; i++) {
        struct ji_row_group group;
        JI_TRY_OUT(ji_group_cursor_next(&cursor, &group, err));
        name_keys(writer->crypto, &group);
        JI_TRY_OUT(ji_footer_group(&thrift, &group));
        if (writer->crypto == NULL && out->size >= FOOTER_PART_BYTES)
            JI_TRY_OUT(send_part(writer, out, sent, err));
    }
    status = ji_footer_end(&thrift, &footer);
out:
    ji_group_cursor_clear(&cursor);
    return status;
}

static enum joist_status send_footer(
        struct joist_parquet_writer *writer, uint64_t index_begin, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_bytes out;
    uint8_t tail[JI_PARQUET_TAIL_BYTES];
    size_t sent = 0;
    ji_bytes_init(&out, writer->mem);
    JI_TRY_OUT(footer_parts(writer, index_begin, &out, &sent, err));
    if (writer->crypto != NULL)
        JI_TRY_OUT(seal_footer(writer, &out, err));
    JI_TRY_OUT(send_part(writer, &out, &sent, err));
    ji_store_le32(tail, (uint32_t)sent);
    memcpy(tail + 4, ji_parquet_writer_magic(writer), JI_PARQUET_MAGIC_BYTES);
    status = ji_parquet_writer_send(writer, tail, sizeof tail, err);
out:
    ji_bytes_clear(&out);
    return status;
}

static enum joist_status leaf_facts(const struct joist_parquet_writer *writer, size_t index,
        struct ji_arena *arena, struct ji_leaf_facts *out, struct joist_error *err)
{
    const struct ji_leaf *leaf = &writer->layout.leaves[index];
    const struct ji_leaf_total *total = &writer->totals[index];
    *out = (struct ji_leaf_facts){
            .compressed_bytes = total->compressed_bytes,
            .value_count = total->entries,
            .facts = {.row_count = writer->rows, .has_null_count = true, .null_count = total->nulls},
    };
    struct ji_field *field = NULL;
    JI_TRY(ji_arena_array(arena, 1, sizeof *field, &field, err));
    JI_TRY(ji_field_copy(arena, leaf->field, field, err));
    out->field = field;
    if (leaf->max_rep > 0)
        return JOIST_OK;
    return ji_bounds_facts(&total->bounds, leaf, arena, &out->facts, err);
}

static enum joist_status file_facts(const struct joist_parquet_writer *writer, struct ji_arena *arena,
        struct ji_file_facts *facts, struct joist_error *err)
{
    struct ji_leaf_facts *leaves = NULL;
    uint64_t *offsets = NULL;
    const size_t groups = writer->group_offsets.size / sizeof *offsets;
    JI_TRY(ji_arena_array(arena, writer->layout.leaf_count, sizeof *leaves, &leaves, err));
    JI_TRY(ji_arena_array(arena, groups, sizeof *offsets, &offsets, err));
    if (groups > 0)
        memcpy(offsets, writer->group_offsets.data, writer->group_offsets.size);
    for (size_t i = 0; i < writer->layout.leaf_count; i++)
        JI_TRY(leaf_facts(writer, i, arena, &leaves[i], err));
    *facts = (struct ji_file_facts){
            .rows = writer->rows,
            .bytes = writer->offset,
            .group_count = groups,
            .group_offsets = offsets,
            .leaf_count = writer->layout.leaf_count,
            .leaves = leaves,
    };
    return JOIST_OK;
}

/* The commit comes last: what can fail before it has. */
static enum joist_status finish(struct joist_parquet_writer *writer, struct ji_arena *arena,
        struct ji_file_facts *facts, struct joist_error *err)
{
    struct ji_file_facts made = {.rows = 0};
    JI_TRY(ji_parquet_writer_flush_group(writer, err));
    JI_TRY(ji_parquet_writer_begin(writer, err));
    const uint64_t index_begin = writer->offset;
    JI_TRY(send_indexes(writer, err));
    JI_TRY(send_footer(writer, index_begin, err));
    if (facts != NULL)
        JI_TRY(file_facts(writer, arena, &made, err));
    JI_TRY(ji_sink_commit(&writer->sink, err));
    if (facts != NULL)
        *facts = made;
    return JOIST_OK;
}

void joist_parquet_writer_abort(struct joist_parquet_writer *writer)
{
    if (writer == NULL)
        return;
    ji_sink_abort(&writer->sink);
    ji_parquet_writer_free(writer);
}

enum joist_status ji_parquet_writer_finish(struct joist_parquet_writer *writer, struct ji_arena *arena,
        struct ji_file_facts *facts, struct joist_error *err)
{
    const enum joist_status status = finish(writer, arena, facts, err);
    joist_parquet_writer_abort(writer);
    return status;
}

enum joist_status joist_parquet_writer_finish(
        struct joist_parquet_writer *writer, struct joist_parquet_written *written, struct joist_error *err)
{
    const enum joist_status status = finish(writer, NULL, NULL, err);
    if (status == JOIST_OK && written != NULL)
        *written = (struct joist_parquet_written){
                .rows = writer->rows,
                .bytes = writer->offset,
                .row_groups = writer->groups.count,
        };
    joist_parquet_writer_abort(writer);
    return status;
}
