/*
 * parquet_file_writer.h - the writer as the table layer drives it
 */
#ifndef JI_PARQUET_FILE_WRITER_H
#define JI_PARQUET_FILE_WRITER_H

#include <joist/parquet.h>

#include "arrow/batch.h"
#include "arrow/value.h"
#include "base/ctx.h"

/*
 * As joist_parquet_writer_open, with our own schema (copied): field ids are written where not
 * JI_FIELD_ID_NONE.
 */
enum joist_status ji_parquet_writer_open(struct joist_ctx *ctx, struct ji_mem *mem, struct joist_sink sink,
        const struct ji_schema *schema, const struct joist_parquet_write_options *options,
        struct joist_parquet_writer **writer, struct joist_error *err);
/*
 * What encoding needs beside the pages: one lane a thread of the ctx, with its codec state and scratch.
 * Writers that are used one after another on one thread (a table's partitions) share one set; it outlives
 * them. A writer opened with ji_parquet_writer_open has its own.
 */
struct ji_write_lanes;
enum joist_status ji_write_lanes_open(
        struct joist_ctx *ctx, struct ji_mem *mem, struct ji_write_lanes **lanes, struct joist_error *err);
void ji_write_lanes_close(struct ji_write_lanes *lanes); /* accepts NULL */
enum joist_status ji_parquet_writer_open_shared(struct ji_write_lanes *lanes, struct ji_mem *mem,
        struct joist_sink sink, const struct ji_schema *schema,
        const struct joist_parquet_write_options *options, struct joist_parquet_writer **writer,
        struct joist_error *err);
/* The selected rows. Columns encode in parallel on the ctx's threads. */
enum joist_status ji_parquet_writer_append(
        struct joist_parquet_writer *writer, const struct ji_batch *batch, struct joist_error *err);
/* Bytes that the file has so far, buffered pages included: for rotation by size. */
uint64_t ji_parquet_writer_bytes(const struct joist_parquet_writer *writer);
/* Of these, the bytes of the open row group. */
uint64_t ji_parquet_writer_buffered(const struct joist_parquet_writer *writer);
/* Bytes of memory that stand behind the open row group; `flush_group` writes it out and lets go of them. */
uint64_t ji_parquet_writer_held(const struct joist_parquet_writer *writer);
enum joist_status ji_parquet_writer_flush_group(struct joist_parquet_writer *writer, struct joist_error *err);

/*
 * What an Iceberg manifest wants to know of a leaf, over the whole file. Bounds are exact, of values neither
 * null nor NaN, for scalar leaves outside lists and maps; strings and bytes whole up to
 * `JI_LEAF_BOUND_BYTES_MAX`, longer ones cut (min cut down, max cut and raised, absent where that cannot be)
 * and then not exact.
 */
#define JI_LEAF_BOUND_BYTES_MAX 64
struct ji_leaf_facts {
    const struct ji_field *field;
    uint64_t compressed_bytes;
    uint64_t value_count; /* values and nulls, as Iceberg counts: per leaf entry */
    struct ji_facts facts;
};
struct ji_file_facts {
    uint64_t rows;
    uint64_t bytes;
    size_t group_count;
    const uint64_t *group_offsets; /* where each row group starts: Iceberg's split_offsets */
    size_t leaf_count;
    const struct ji_leaf_facts *leaves;
};
/* Commits the sink, fills `facts` from `arena`, frees the writer either way. */
enum joist_status ji_parquet_writer_finish(struct joist_parquet_writer *writer, struct ji_arena *arena,
        struct ji_file_facts *facts, struct joist_error *err);

#endif
