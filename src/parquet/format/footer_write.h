/*
 * footer_write.h - FileMetaData as bytes
 */
#ifndef JI_FOOTER_WRITE_H
#define JI_FOOTER_WRITE_H

#include "base/buffer.h"
#include "parquet/format/footer_model.h"

/* Appends the Thrift struct, without the length and magic that follow it in a file. */
enum joist_status ji_footer_write(
        struct ji_bytes *out, const struct ji_footer *footer, struct joist_error *err);

/* One ColumnChunk. */
enum joist_status ji_chunk_write(struct ji_bytes *out, const struct ji_chunk *chunk, struct joist_error *err);

/* One ColumnMetaData, which is encrypted on its own then. */
enum joist_status ji_column_metadata_write(
        struct ji_bytes *out, const struct ji_chunk *chunk, struct joist_error *err);

#endif
