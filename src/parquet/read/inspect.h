/*
 * inspect.h - what the modules of the JSON inspection share
 */
#ifndef JI_INSPECT_H
#define JI_INSPECT_H

#include "parquet/read/parquet_file.h"
#include "wire/json_write.h"

struct ji_inspector {
    const struct joist_parquet_file *file;
    struct joist_parquet_inspect_options options;
    struct joist_sink *sink;
    struct ji_bytes text; /* not yet given to the sink */
    struct ji_bytes value;
    struct ji_arena arena;
    struct ji_json_writer json;
};

static inline void ji_json_key_int64(struct ji_json_writer *json, const char *key, int64_t value)
{
    ji_json_write_key(json, key);
    ji_json_write_int64(json, value);
}

static inline void ji_json_key_text(struct ji_json_writer *json, const char *key, const char *value)
{
    ji_json_write_key(json, key);
    ji_json_write_text(json, value);
}

static inline void ji_json_key_view(struct ji_json_writer *json, const char *key, struct ji_view value)
{
    ji_json_write_key(json, key);
    ji_json_write_string(json, value);
}

static inline void ji_json_key_bool(struct ji_json_writer *json, const char *key, bool value)
{
    ji_json_write_key(json, key);
    ji_json_write_bool(json, value);
}

/* --- inspect_schema.c --- */

/* "schema" and "leaves". */
enum joist_status ji_inspect_schema(struct ji_inspector *inspector, struct joist_error *err);

/* --- inspect_chunk.c --- */

void ji_inspect_key_values(struct ji_json_writer *json, const struct ji_key_value *pairs, size_t count);
/* Bytes as hexadecimal digits. */
enum joist_status ji_inspect_hex(
        struct ji_inspector *inspector, const char *key, struct ji_view bytes, struct joist_error *err);
enum joist_status ji_inspect_bound(struct ji_inspector *inspector, const char *key,
        const struct ji_leaf *leaf, struct ji_view bytes, struct joist_error *err);
/* "statistics", where there are. */
enum joist_status ji_inspect_statistics(struct ji_inspector *inspector, const struct ji_leaf *leaf,
        const struct ji_statistics *statistics, struct joist_error *err);
void ji_inspect_int64s(struct ji_json_writer *json, const char *key, const int64_t *values, size_t count);
/* A column chunk as an object. */
enum joist_status ji_inspect_chunk(
        struct ji_inspector *inspector, size_t group, size_t leaf, struct joist_error *err);

/* --- inspect_page.c --- */

/* "pages", "offset_index", "column_index", "bloom_filter" of the chunk. */
enum joist_status ji_inspect_pages(struct ji_inspector *inspector, size_t group, size_t leaf,
        const struct ji_chunk *chunk, struct joist_error *err);

#endif
