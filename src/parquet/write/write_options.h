/*
 * write_options.h - a caller's options, checked and spread over the leaves
 */
#ifndef JI_WRITE_OPTIONS_H
#define JI_WRITE_OPTIONS_H

#include "parquet/format/parquet_schema.h"
#include "parquet/parquet_file_writer.h"

/* What is wanted for one leaf. */
struct ji_leaf_wishes {
    enum joist_encoding
            encoding; /* DEFAULT: what the values call for; goes with the leaf and with `compat` */
    bool no_dictionary;
    bool restores;          /* as a dictionary, where ARROW:schema is believed */
    enum joist_bloom bloom; /* never DEFAULT */
    double bloom_rate;      /* 0: no filter is wanted */
};

struct ji_sort_key {
    size_t column; /* of the schema, and not nested */
    size_t leaf;
    bool descending;
    bool nulls_first;
};

/* A copy of `from` (may be NULL) with every default filled in; what it points to stays the caller's. */
enum joist_status ji_write_options_read(const struct joist_parquet_write_options *from,
        struct joist_parquet_write_options *options, struct joist_error *err);
/* Those of number `index` below options->column_count, checked by themselves. */
enum joist_status ji_column_options_at(const struct joist_parquet_write_options *options, size_t index,
        struct joist_parquet_column_options *out, struct joist_error *err);
/* One for each leaf of the schema. INVALID names a column that is not there, or cannot be as it is wanted. */
enum joist_status ji_leaf_wishes_make(const struct joist_parquet_write_options *options,
        const struct ji_parquet_schema *schema, struct ji_arena *arena, struct ji_leaf_wishes **wishes,
        struct joist_error *err);
enum joist_status ji_sort_keys_make(const struct joist_parquet_write_options *options,
        const struct ji_parquet_schema *schema, struct ji_arena *arena, struct ji_sort_key **keys,
        struct joist_error *err);

#endif
