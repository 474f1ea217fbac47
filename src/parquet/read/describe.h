/*
 * describe.h - what the modules of the description for people share
 */
#ifndef JI_DESCRIBE_H
#define JI_DESCRIBE_H

#include "parquet/read/parquet_file.h"

#define JI_DESCRIBE_NAME_MAX 23
#define JI_DESCRIBE_BOUND 12

struct ji_describer {
    const struct joist_parquet_file *file;
    struct joist_parquet_inspect_options options;
    struct joist_sink *sink;
    struct ji_bytes text;
    struct ji_bytes value;
    struct ji_arena arena;
    int name_width;
};

/* A file's text, at most `width` columns of it, its end cut, padded where `pads`; '.' for controls. */
enum joist_status ji_describe_text(struct ji_describer *describer, struct ji_view text, size_t width,
        bool pads, struct joist_error *err);
/* The same with the front cut: the end of a path says more. */
enum joist_status ji_describe_name(
        struct ji_describer *describer, const char *name, size_t width, struct joist_error *err);
/* "12.3 MiB", right-aligned in nine columns. */
enum joist_status ji_describe_bytes(struct ji_describer *describer, int64_t bytes, struct joist_error *err);
/* A bound, padded to JI_DESCRIBE_BOUND columns, two blanks before it. */
enum joist_status ji_describe_bound(struct ji_describer *describer, const struct ji_leaf *leaf, bool is_there,
        struct ji_view bytes, struct joist_error *err);
/* The encodings in short words, padded to 14 columns. */
enum joist_status ji_describe_encodings(
        struct ji_describer *describer, uint32_t encodings, struct joist_error *err);
/* Ends the line, blanks at its end taken off. */
enum joist_status ji_describe_end_line(struct ji_describer *describer, struct joist_error *err);

/* --- describe_schema.c --- */

enum joist_status ji_describe_schema(struct ji_describer *describer, struct joist_error *err);

/* --- describe_chunk.c --- */

enum joist_status ji_describe_group_head(
        struct ji_describer *describer, size_t group, struct joist_error *err);
enum joist_status ji_describe_chunk(
        struct ji_describer *describer, size_t group, size_t leaf, struct joist_error *err);

/* --- describe_page.c --- */

/* A line a page, then one for its indexes and one for its Bloom filter. */
enum joist_status ji_describe_pages(struct ji_describer *describer, size_t group, size_t leaf,
        const struct ji_chunk *chunk, struct joist_error *err);

#endif
