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

static struct ji_row_group *groups_of(const struct joist_parquet_writer *writer, size_t *count)
{
    *count = writer->groups.size / sizeof(struct ji_row_group);
    return (struct ji_row_group *)(void *)writer->groups.data;
}

/* Index places were counted from the first index; from here on from the start of the file. */
static enum joist_status send_indexes(struct joist_parquet_writer *writer, struct joist_error *err)
{
    size_t count = 0;
    struct ji_row_group *groups = groups_of(writer, &count);
    for (size_t g = writer->kept_groups; g < count; g++)
        for (size_t c = 0; c < groups[g].chunk_count; c++) {
            struct ji_chunk *chunk = &groups[g].chunks[c];
            if (chunk->offset_index_offset >= 0)
                chunk->offset_index_offset += (int64_t)writer->offset;
            if (chunk->column_index_offset >= 0)
                chunk->column_index_offset += (int64_t)writer->offset;
        }
    JI_TRY(ji_page_store_send(&writer->indexes, &writer->lanes->lanes[0]->body, &writer->sink, err));
    writer->offset += writer->indexes.bytes;
    return JOIST_OK;
}

const char *ji_parquet_writer_magic(const struct joist_parquet_writer *writer)
{
    const bool is_sealed = writer->crypto != NULL && !writer->crypto->plain_footer;
    return is_sealed ? JI_PARQUET_MAGIC_ENCRYPTED : JI_PARQUET_MAGIC;
}

/*
 * A chunk's metadata is encrypted on its own where the footer does not hide it, or has another key. Beside it
 * a readable footer keeps what readers without the key must know, which is all but statistics.
 */
static enum joist_status seal_chunk(struct joist_parquet_writer *writer, size_t group, size_t leaf,
        struct ji_chunk *chunk, struct joist_error *err)
{
    struct ji_leaf_crypto *crypto = &writer->crypto->leaves[leaf];
    struct ji_bytes plain;
    struct ji_bytes sealed;
    enum joist_status status = JOIST_OK;
    if (!crypto->is_encrypted)
        return JOIST_OK;
    chunk->is_encrypted = true;
    chunk->has_column_key = crypto->has_own_key;
    chunk->key_metadata = crypto->key_metadata;
    if (!crypto->has_own_key && !writer->crypto->plain_footer)
        return JOIST_OK;
    ji_bytes_init(&plain, writer->mem);
    ji_bytes_init(&sealed, writer->mem);
    JI_TRY_OUT(ji_module_seal_at(&crypto->seal, group, leaf, err));
    JI_TRY_OUT(ji_column_metadata_write(&plain, chunk, err));
    JI_TRY_OUT(ji_module_seal_append(
            &crypto->seal, JI_MODULE_COLUMN_METADATA, 0, ji_view_of(plain.data, plain.size), &sealed, err));
    JI_TRY_OUT(ji_arena_view(
            &writer->arena, ji_view_of(sealed.data, sealed.size), &chunk->sealed_metadata, err));
    chunk->has_metadata = writer->crypto->plain_footer;
    chunk->statistics = NULL;
    chunk->size_statistics = NULL;
    chunk->geo_statistics = NULL;
out:
    ji_bytes_clear(&sealed);
    ji_bytes_clear(&plain);
    return status;
}

static enum joist_status seal_chunks(struct joist_parquet_writer *writer, struct joist_error *err)
{
    size_t count = 0;
    struct ji_row_group *groups = groups_of(writer, &count);
    for (size_t g = 0; g < count; g++)
        for (size_t c = 0; c < groups[g].chunk_count; c++)
            JI_TRY(seal_chunk(writer, g, c, &groups[g].chunks[c], err));
    return JOIST_OK;
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

static enum joist_status send_footer(struct joist_parquet_writer *writer, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_bytes out;
    enum ji_column_order *orders = NULL;
    const char *created_by = NULL;
    const size_t leaves = writer->layout.leaf_count;
    uint8_t tail[JI_PARQUET_TAIL_BYTES];
    JI_TRY(ji_arena_array(&writer->arena, leaves, sizeof *orders, &orders, err));
    for (size_t i = 0; i < leaves; i++)
        orders[i] = JI_ORDER_TYPE;
    JI_TRY(ji_arena_printf(&writer->arena, &created_by, err, "joist version %s", joist_version()));
    struct ji_footer footer = {
            .version = FILE_VERSION,
            .row_count = (int64_t)writer->rows,
            .element_count = writer->layout.element_count,
            .key_values = writer->key_values,
            .key_value_count = writer->key_value_count,
            .created_by = ji_view_of_text(created_by),
            .orders = orders,
            .order_count = leaves,
    };
    JI_TRY(ji_arena_array(
            &writer->arena, footer.element_count, sizeof *footer.elements, &footer.elements, err));
    memcpy(footer.elements, writer->layout.elements, footer.element_count * sizeof *footer.elements);
    footer.groups = groups_of(writer, &footer.group_count);

    if (writer->crypto != NULL) {
        JI_TRY(seal_chunks(writer, err));
        if (writer->crypto->plain_footer)
            footer.encryption = writer->crypto->encryption;
    }
    ji_bytes_init(&out, writer->mem);
    JI_TRY_OUT(ji_footer_write(&out, &footer, err));
    if (writer->crypto != NULL)
        JI_TRY_OUT(seal_footer(writer, &out, err));
    if (out.size > FOOTER_BYTES_MAX) {
        status = ji_fail(err, JOIST_ERR_LIMIT, "a footer of %zu bytes", out.size);
        goto out;
    }
    ji_store_le32(tail, (uint32_t)out.size);
    memcpy(tail + 4, ji_parquet_writer_magic(writer), JI_PARQUET_MAGIC_BYTES);
    JI_TRY_OUT(ji_bytes_append(&out, tail, sizeof tail, err));
    JI_TRY_OUT(ji_parquet_writer_send(writer, out.data, out.size, err));
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
    JI_TRY(send_indexes(writer, err));
    JI_TRY(send_footer(writer, err));
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
                .row_groups = writer->groups.size / sizeof(struct ji_row_group),
        };
    joist_parquet_writer_abort(writer);
    return status;
}
