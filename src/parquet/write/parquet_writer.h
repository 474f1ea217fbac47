/*
 * parquet_writer.h - the writer of one file, as its own files see it
 */
#ifndef JI_PARQUET_WRITER_H
#define JI_PARQUET_WRITER_H

#include "arrow/batch_stream.h"
#include "base/parallel.h"
#include "parquet/parquet_file_writer.h"
#include "parquet/write/column_writer.h"
#include "parquet/write/group_facts.h"
#include "parquet/write/shred_columns.h"
#include "parquet/write/sort_verify.h"
#include "parquet/write/write_crypto.h"

#include <pthread.h>

/* What is known of a leaf over all groups written. */
struct ji_leaf_total {
    struct ji_bounds bounds;
    uint64_t compressed_bytes;
    uint64_t entries;
    uint64_t nulls;
};

struct joist_parquet_writer {
    struct joist_ctx *ctx;
    struct ji_mem *mem;     /* its own pool */
    struct ji_arena arena;  /* schema, options, footer */
    struct ji_arena import; /* one array's */
    struct ji_arena ended;  /* what is known of the row group that ends */
    struct ji_write_lanes *lanes;
    bool owns_lanes;
    bool has_failed;
    bool lets_go;     /* the row group ends to give memory back */
    bool copies_only; /* the schema stands in another file, as we would not write it */
    struct joist_sink sink;
    struct joist_parquet_write_options options; /* defaults filled in; no pointers but `cancel` */
    const struct ji_key_value *key_values;
    size_t key_value_count;
    struct ji_column_settings settings;
    struct ji_schema schema;
    struct ji_parquet_schema layout;          /* of the schema as the file has it */
    struct ji_column_shred *shreds;           /* one a column; NULL: no variant is shredded */
    struct ji_column *shredded;               /* of the batch at hand, with `shreds` */
    const struct ArrowSchema *origin;         /* while the writer is made; NULL: none */
    const struct ji_array_shape *array_shape; /* of foreign arrays; NULL: as ji_stream_export lays them out */
    struct ji_column_writer *columns;         /* one a leaf */
    size_t *order;                            /* leaves, those that cost most first */
    struct ji_leaf_total *totals;
    struct ji_sort_verify verify;
    struct ji_chunk_pages *outgoing; /* one a leaf: of a group that has ended, not yet sent */
    bool is_sending;                 /* something is outgoing */
    uint64_t offset;                 /* bytes given to the sink, and outgoing */
    uint64_t rows;                   /* in groups written */
    uint64_t group_rows;
    struct ji_group_facts groups;  /* that have ended */
    struct ji_bytes group_offsets; /* uint64_t */
    struct ji_page_store indexes;  /* page indexes, to stand before the footer */
    struct ji_scratch *scratch;    /* of the open row group; NULL: nothing has moved there */
    struct ji_scratch *ended_scratch;
    struct ji_write_crypto *crypto; /* NULL: not encrypted */
    pthread_mutex_t spill_lock;     /* over the opening of `scratch`, and the next */
    bool has_no_scratch;            /* nowhere to put it, or it failed: row groups end early */
};

enum joist_status ji_parquet_writer_new(struct joist_ctx *ctx, struct ji_write_lanes *lanes,
        struct ji_mem *mem, const struct joist_parquet_write_options *options,
        struct joist_parquet_writer **writer, struct joist_error *err);
/* With `schema` already in the writer: layout, columns, limits. */
enum joist_status ji_parquet_writer_prepare(struct joist_parquet_writer *writer, struct joist_error *err);
/* Sizes of pages and dictionaries, for as many writers as are open now. */
void ji_parquet_writer_settle(struct joist_parquet_writer *writer);
/* `work` for each of `count` with `rows` rows, side by side; then what those rows make due: a group's end. */
enum joist_status ji_parquet_writer_step(struct joist_parquet_writer *writer, uint64_t rows, size_t count,
        ji_parallel_fn work, void *arg, struct joist_error *err);
/*
 * All rows of a stream that can be read column by column; `*all_taken` stays false for another, of which
 * nothing was taken.
 */
enum joist_status ji_parquet_writer_columns(struct joist_parquet_writer *writer,
        const struct ji_schema *schema, struct ArrowArrayStream *stream, bool *all_taken,
        struct joist_error *err);
/*
 * Between appends. Where memory is short pages move to a scratch file; false where they cannot: the row
 * group should end.
 */
bool ji_parquet_writer_make_room(struct joist_parquet_writer *writer);
/* Within a step, by the thread that has the leaf: its pages move there where memory is short. */
void ji_parquet_writer_relieve_leaf(struct joist_parquet_writer *writer, struct ji_column_writer *leaf);
/* What stays until the file ends, page indexes and facts of groups, moves to another one where it is much. */
void ji_parquet_writer_store_ended(struct joist_parquet_writer *writer);
/* No column has bytes there any more. */
void ji_parquet_writer_drop_scratch(struct joist_parquet_writer *writer);
/*
 * A group that has ended, in the file and for the footer, begins at `begin`; with `moves_indexes` its page
 * indexes are among the writer's.
 */
enum joist_status ji_parquet_writer_add_group(struct joist_parquet_writer *writer, struct ji_row_group *group,
        uint64_t begin, bool moves_indexes, struct joist_error *err);
/* After end_chunk of all leaves: the row group's place in the file and in the footer; its pages go out. */
enum joist_status ji_parquet_writer_send_group(struct joist_parquet_writer *writer, struct joist_error *err);
/* What is outgoing goes to the sink: by one thread, `worker`, while others may encode. */
enum joist_status ji_parquet_writer_send_pages(
        struct joist_parquet_writer *writer, unsigned worker, struct joist_error *err);
/* Bytes to the sink, counted; while nothing is outgoing. */
enum joist_status ji_parquet_writer_send(
        struct joist_parquet_writer *writer, const void *data, size_t bytes, struct joist_error *err);
/* The file's first bytes, where it has none yet. */
enum joist_status ji_parquet_writer_begin(struct joist_parquet_writer *writer, struct joist_error *err);
/* Of a file whose footer is encrypted, or of one whose footer is not. */
const char *ji_parquet_writer_magic(const struct joist_parquet_writer *writer);
static inline bool ji_parquet_writer_is_encrypted(const struct joist_parquet_writer *writer)
{
    return writer->crypto != NULL;
}
/* Frees everything but the sink. */
void ji_parquet_writer_free(struct joist_parquet_writer *writer);

#endif
