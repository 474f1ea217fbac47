/*
 * wanted_schema.h - a caller's schema held against a file's: what is read, and what becomes of it
 *
 *     wanted:  id long | city string | price decimal(12,2)       `projected`, one each
 *     read:    id int  |               price decimal(9,2)        `read`, one each; city lacks
 */
#ifndef JI_WANTED_SCHEMA_H
#define JI_WANTED_SCHEMA_H

#include "arrow/projection.h"
#include "parquet/read/read_layout.h"

/*
 * Fills a layout by the options `schema` and `defaults`, its `read` and `read_shape` apart; all in the arena.
 * INVALID names the column where the file's does not become what is wanted.
 */
enum joist_status ji_wanted_schema_match(const struct joist_parquet_file *file,
        const struct joist_parquet_read_options *options, struct ji_arena *arena,
        struct ji_read_layout *layout, struct joist_error *err);
/* These two, when the shape is as it is to be. */
enum joist_status ji_wanted_schema_settle(
        struct ji_arena *arena, struct ji_read_layout *layout, struct joist_error *err);

/*
 * `rows` rows of a wanted column, from those read (NULL where it lacks) and lent by them and the arena.
 * INVALID where nulls stand in what is wanted without; the first of the rows is number `row`.
 */
enum joist_status ji_wanted_rows(struct ji_arena *arena, const struct ji_projected *projected,
        const struct ji_column *from, size_t rows, uint64_t row, struct ji_column *to,
        struct joist_error *err);

#endif
