/*
 * group_copy.h - row groups of a file into one that is being written, without decoding them
 */
#ifndef JI_GROUP_COPY_H
#define JI_GROUP_COPY_H

#include "parquet/read/parquet_file.h"
#include "parquet/write/parquet_writer.h"

/*
 * Whether groups of the file may stand in the writer's: the same leaves, nothing encrypted. INVALID names
 * the column, UNSUPPORTED what cannot be copied.
 */
enum joist_status ji_group_copy_check(const struct joist_parquet_writer *writer,
        const struct joist_parquet_file *file, struct joist_error *err);
/* The writer's own rows are in groups before it. */
enum joist_status ji_group_copy(struct joist_parquet_writer *writer, const struct joist_parquet_file *file,
        size_t group, struct joist_error *err);

#endif
