/*
 * footer_write.h - FileMetaData as bytes
 */
#ifndef JI_FOOTER_WRITE_H
#define JI_FOOTER_WRITE_H

#include "base/buffer.h"
#include "parquet/format/footer_model.h"
#include "wire/thrift.h"

/*
 * Appends the Thrift struct, without the length and magic that follow it in a file: in parts, for row groups
 * that are not all at hand. `footer->groups` is not looked at. Between the parts `out` may be emptied, as
 * what it has is written for good.
 */
enum joist_status ji_footer_begin(struct ji_thrift_writer *writer, struct ji_bytes *out,
        const struct ji_footer *footer, struct joist_error *err);
/* Each of `footer->group_count`. */
enum joist_status ji_footer_group(struct ji_thrift_writer *writer, const struct ji_row_group *group);
enum joist_status ji_footer_end(struct ji_thrift_writer *writer, const struct ji_footer *footer);

/* One ColumnChunk. */
enum joist_status ji_chunk_write(struct ji_bytes *out, const struct ji_chunk *chunk, struct joist_error *err);

/* One ColumnMetaData, which is encrypted on its own then. */
enum joist_status ji_column_metadata_write(
        struct ji_bytes *out, const struct ji_chunk *chunk, struct joist_error *err);

#endif
