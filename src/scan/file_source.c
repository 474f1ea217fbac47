/*
 * file_source.c - files as a rows_source: Parquet, CSV, NDJSON, Arrow IPC, one or a glob of them
 */
#include "scan/file_source.h"

#include "scan/glob.h"
#include "scan/parquet_source.h"
#include "scan/text_source.h"

struct suffix {
    const char *text;
    enum ji_file_format format;
    const char *unsupported; /* NULL: it can be read */
};

static const struct suffix suffixes[] = {
        {".parquet", JI_FORMAT_PARQUET, NULL},
        {".parquet.encrypted", JI_FORMAT_PARQUET, NULL},
        {".csv", JI_FORMAT_CSV, NULL},
        {".tsv", JI_FORMAT_CSV, NULL},
        {".ndjson", JI_FORMAT_NDJSON, NULL},
        {".jsonl", JI_FORMAT_NDJSON, NULL},
        {".json", JI_FORMAT_NDJSON, NULL},
        {".arrow", JI_FORMAT_ARROW, NULL},
        {".arrows", JI_FORMAT_ARROW, NULL},
        {".feather", JI_FORMAT_ARROW, NULL},
        {".ipc", JI_FORMAT_ARROW, NULL},
        {".csv.gz", JI_FORMAT_CSV, NULL},
        {".csv.zst", JI_FORMAT_CSV, NULL},
        {".tsv.gz", JI_FORMAT_CSV, NULL},
        {".tsv.zst", JI_FORMAT_CSV, NULL},
        {".ndjson.gz", JI_FORMAT_NDJSON, NULL},
        {".ndjson.zst", JI_FORMAT_NDJSON, NULL},
        {".jsonl.gz", JI_FORMAT_NDJSON, NULL},
        {".jsonl.zst", JI_FORMAT_NDJSON, NULL},
        {".json.gz", JI_FORMAT_NDJSON, NULL},
        {".json.zst", JI_FORMAT_NDJSON, NULL},
        {".gz", JI_FORMAT_CSV, "a packed file whose name does not say of what (.csv.gz, .ndjson.gz)"},
        {".zst", JI_FORMAT_CSV, "a packed file whose name does not say of what (.csv.zst, .ndjson.zst)"},
};

static bool ends_with(const char *text, const char *end)
{
    const size_t text_bytes = strlen(text);
    const size_t end_bytes = strlen(end);
    return text_bytes > end_bytes && strcmp(text + text_bytes - end_bytes, end) == 0;
}

static const struct suffix *find_suffix(const char *location)
{
    for (size_t index = 0; index < sizeof suffixes / sizeof suffixes[0]; index++) {
        if (ends_with(location, suffixes[index].text))
            return &suffixes[index];
    }
    return NULL;
}

bool ji_location_is_file(const char *location)
{
    return strcmp(location, "-") == 0 || strchr(location, '/') != NULL || ji_glob_is_pattern(location) ||
            find_suffix(location) != NULL;
}

enum joist_status ji_file_format_of(
        const char *location, enum ji_file_format *format, struct joist_error *err)
{
    if (strcmp(location, "-") == 0) {
        *format = JI_FORMAT_CSV;
        return JOIST_OK;
    }
    const struct suffix *suffix = find_suffix(location);
    if (suffix == NULL)
        return ji_fail(err, JOIST_ERR_INVALID,
                "%s: no format is known by that suffix (.parquet, .csv, .tsv, .ndjson, .jsonl, .json, "
                ".arrow, .arrows, .feather, .ipc)",
                location);
    if (suffix->unsupported != NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "%s: %s", location, suffix->unsupported);
    *format = suffix->format;
    return JOIST_OK;
}

static enum joist_status open_locations(struct joist_ctx *ctx, const char *const *locations, size_t count,
        const struct joist_parquet_open_options *parquet, struct ji_rows_source *source,
        struct joist_error *err)
{
    enum ji_file_format format = JI_FORMAT_PARQUET;
    JI_TRY(ji_file_format_of(locations[0], &format, err));
    for (size_t index = 1; index < count; index++) {
        enum ji_file_format other = JI_FORMAT_PARQUET;
        JI_TRY(ji_file_format_of(locations[index], &other, err));
        if (other != format)
            return ji_fail(
                    err, JOIST_ERR_INVALID, "%s: another format than '%s'", locations[index], locations[0]);
    }
    if (format == JI_FORMAT_PARQUET)
        return ji_parquet_source_open(ctx, locations, count, parquet, source, err);
    if (parquet != NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "%s: options of Parquet (keys) for a file that is none",
                locations[0]);
    return ji_text_source_open(ctx, format, locations, count, NULL, source, err);
}

enum joist_status ji_file_source_open(struct joist_ctx *ctx, const char *location,
        const struct joist_parquet_open_options *parquet, struct ji_rows_source *source,
        struct joist_error *err)
{
    struct ji_arena arena;
    const char *const *locations = NULL;
    size_t count = 0;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    enum joist_status status = ji_glob_expand(ctx, &arena, location, &locations, &count, err);
    if (status == JOIST_OK)
        status = open_locations(ctx, locations, count, parquet, source, err);
    ji_arena_clear(&arena);
    return status;
}
