/*
 * chunk_table.h - the column chunks of a file that somebody asked for, decoded
 */
#ifndef JI_CHUNK_TABLE_H
#define JI_CHUNK_TABLE_H

#include "base/arena.h"
#include "parquet/format/footer_model.h"

struct joist_parquet_file;
struct ji_chunk_table;

/* Decodes a chunk into the arena. */
typedef enum joist_status (*ji_chunk_make_fn)(struct joist_parquet_file *file, size_t group, size_t leaf,
        struct ji_arena *arena, const struct ji_chunk **chunk, struct joist_error *err);

enum joist_status ji_chunk_table_open(struct ji_mem *mem, ji_chunk_make_fn make,
        struct joist_parquet_file *file, struct ji_chunk_table **table, struct joist_error *err);
/* Accepts NULL. */
void ji_chunk_table_close(struct ji_chunk_table *table);

/*
 * The chunk of a group and leaf, made when first asked for; lives as long as the table, or, where that has
 * its fill, as long as `spare`. NULL: as long as the table in any case. Any thread.
 */
enum joist_status ji_chunk_table_get(struct ji_chunk_table *table, size_t group, size_t leaf,
        struct ji_arena *spare, const struct ji_chunk **chunk, struct joist_error *err);

#endif
