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
/* Whether two schemas say the same, but for the roots' names and field ids; INVALID names the column. */
enum joist_status ji_elements_check(const struct ji_schema_element *to, size_t to_count,
        const struct ji_schema_element *from, size_t from_count, struct joist_error *err);
/* Whether what the file says of a leaf's least and greatest values means the same under our name. */
bool ji_copy_keeps_bounds(const struct joist_parquet_file *file, size_t leaf);
/* Bytes of the file, through the kernel where it can. */
enum joist_status ji_copy_bytes(struct joist_parquet_writer *writer, const struct joist_parquet_file *file,
        uint64_t offset, uint64_t size, struct joist_error *err);
/*
 * A row group as the file says it, without its chunks; and a chunk, with its places as they are there. Both
 * are good until the next row group.
 */
enum joist_status ji_group_own(struct joist_parquet_writer *writer, const struct joist_parquet_file *file,
        size_t number, struct ji_row_group *group, struct joist_error *err);
enum joist_status ji_chunk_own(struct joist_parquet_writer *writer, const struct joist_parquet_file *file,
        size_t leaf, const struct ji_chunk *from, struct ji_chunk *chunk, struct joist_error *err);
/*
 * Ends a group: it counts from then on. With `moves_indexes` its page indexes are among the writer's, else
 * where they were.
 */
enum joist_status ji_group_add(struct joist_parquet_writer *writer, struct ji_row_group *group,
        uint64_t begin, bool moves_indexes, struct joist_error *err);
/* The writer's own rows are in groups before it. */
enum joist_status ji_group_copy(struct joist_parquet_writer *writer, const struct joist_parquet_file *file,
        size_t group, struct joist_error *err);

#endif
