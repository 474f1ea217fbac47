/*
 * writer_choice.c - what the writer found out about its columns, for people
 */
#include "parquet/write/parquet_writer.h"
#include "parquet/write/value_fill.h"

_Static_assert(JOIST_PARQUET_ALTERNATIVES_MAX == JI_ESTIMATES_MAX, "all that was tried can be told");

size_t joist_parquet_writer_leaf_count(const struct joist_parquet_writer *writer)
{
    return writer->layout.leaf_count;
}

static void tell(const struct ji_column_writer *column, struct joist_parquet_choice *out)
{
    const struct ji_encoding_choice *choice = &column->choice;
    out->column = column->leaf->name;
    out->is_asked = column->wishes->encoding != JOIST_ENCODING_DEFAULT;
    if (choice->sample_values == 0)
        return;
    out->encoding = ji_encoding_name(choice->plan.encoding);
    out->sample_values = choice->sample_values;
    out->sample_bytes = choice->sample_bytes;
    out->alternative_count = choice->estimate_count;
    for (size_t i = 0; i < choice->estimate_count; i++) {
        out->alternatives[i].encoding = ji_encoding_name(choice->estimates[i].encoding);
        out->alternatives[i].bytes = choice->estimates[i].bytes;
    }
}

enum joist_status joist_parquet_writer_choice(struct joist_parquet_writer *writer, size_t leaf,
        struct joist_parquet_choice *choice, struct joist_error *err)
{
    const size_t size = choice->struct_size;
    struct joist_parquet_choice made = {.struct_size = size};
    if (size < sizeof size)
        return ji_fail(err, JOIST_ERR_INVALID, "joist_parquet_choice.struct_size is not set");
    if (leaf >= writer->layout.leaf_count)
        return ji_fail(err, JOIST_ERR_INVALID, "leaf %zu of a file of %zu", leaf, writer->layout.leaf_count);
    struct ji_column_writer *column = &writer->columns[leaf];
    if (!writer->has_failed && !column->is_chosen) {
        /* Who asks before a sample is full has no more rows. */
        const bool is_last = !column->waits;
        const enum joist_status status = ji_values_choose(column, writer->lanes->lanes[0], is_last, err);
        if (status != JOIST_OK) {
            writer->has_failed = true;
            ji_error_prefix(err, "column '%s'", column->leaf->name);
            return status;
        }
    }
    tell(column, &made);
    memcpy(choice, &made, ji_min_size(size, sizeof made));
    return JOIST_OK;
}
