/*
 * chunk_read.h - from bytes to struct ji_chunk
 */
#ifndef JI_CHUNK_READ_H
#define JI_CHUNK_READ_H

#include "base/arena.h"
#include "parquet/format/footer_model.h"
#include "wire/thrift.h"

/*
 * The ColumnChunk at which the reader stands; arrays in the arena, views into the reader's bytes. The reader
 * fails sticky: the chunk is whole only where ji_thrift_status then says OK. CORRUPT, LIMIT.
 */
enum joist_status ji_chunk_decode(struct ji_thrift_reader *thrift, struct ji_arena *arena,
        struct ji_chunk *chunk, struct joist_error *err);

/*
 * A ColumnMetaData that was encrypted: it takes the place of what the chunk said in plaintext. CORRUPT,
 * LIMIT; the chunk is as before then.
 */
enum joist_status ji_column_metadata_decode(
        struct ji_arena *arena, struct ji_view bytes, struct ji_chunk *chunk, struct joist_error *err);

#endif
