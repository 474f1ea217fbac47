/*
 * page_write.h - page headers and page indexes as bytes
 */
#ifndef JI_PAGE_WRITE_H
#define JI_PAGE_WRITE_H

#include "base/buffer.h"
#include "parquet/format/footer_model.h"

/* Each appends one Thrift struct. */
enum joist_status ji_page_header_write(
        struct ji_bytes *out, const struct ji_page_header *header, struct joist_error *err);
enum joist_status ji_offset_index_write(
        struct ji_bytes *out, const struct ji_offset_index *index, struct joist_error *err);
enum joist_status ji_column_index_write(
        struct ji_bytes *out, const struct ji_column_index *index, struct joist_error *err);

#endif
