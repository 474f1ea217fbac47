/*
 * value_fill.h - the values of the page being filled, and the choice of their encoding
 */
#ifndef JI_VALUE_FILL_H
#define JI_VALUE_FILL_H

#include "parquet/write/column_writer.h"

/* Appends values to those that stand raw, and to the page's bounds. Not while `in_dictionary`. */
enum joist_status ji_values_add(
        struct ji_column_writer *writer, const struct ji_value_block *block, struct joist_error *err);
struct ji_raw_values ji_values_raw(const struct ji_column_writer *writer);
/* The codes of this page become raw values, and the dictionary, which no page has used, goes. */
enum joist_status ji_values_from_codes(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err);

/*
 * Chooses on what stands raw, where there is a value at all: either it stands as codes then, or goes on raw.
 * `is_last`: the chunk has no more rows.
 */
enum joist_status ji_values_choose(
        struct ji_column_writer *writer, struct ji_write_lane *lane, bool is_last, struct joist_error *err);
/* The same once the sample is full; one without a value twice is not enough, and the page goes on. */
enum joist_status ji_values_sampled(
        struct ji_column_writer *writer, struct ji_write_lane *lane, struct joist_error *err);

/* Values to come go raw; the page has no codes. */
void ji_values_leave_dictionary(struct ji_column_writer *writer);
/* Whether the rest of the chunk should go on as codes. */
bool ji_values_codes_pay(const struct ji_column_writer *writer, bool is_last);
/*
 * When the page has been dispatched, before it is forgotten: has the data drifted? Sizes are judged
 * JI_PAGES_AWAY pages late.
 */
void ji_values_watch(struct ji_column_writer *writer);

/* Appends the page's values as its encoding has them. */
enum joist_status ji_values_put(struct ji_column_writer *writer, struct ji_write_lane *lane,
        struct ji_bytes *body, struct joist_error *err);

#endif
