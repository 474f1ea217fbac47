/*
 * cmd_scan.c - joist scan --discard: reads every value, throws it away, says how long that took
 */
#include "cli.h"
#include "digest.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct scan_settings {
    bool discard;
    const char *columns;
    const char *where;
    bool digest;
    bool no_crc;
    const char *text;
    uint64_t batch_rows;
    uint64_t io_bytes;
    uint64_t read_ahead;
    const struct joist_parquet_open_options *parquet; /* NULL: nothing was asked */
    struct cli_wanted wanted;
};

struct scan_totals {
    uint64_t rows;
    uint64_t bytes;
    uint64_t batches;
    struct ArrowSchema schema; /* of the first file */
    uint64_t *digests;         /* a column */
};

/* The names between commas, cut up in place. */
static bool split_names(char *names, const char **out, size_t *count)
{
    *count = 0;
    for (char *name = strtok(names, ","); name != NULL; name = strtok(NULL, ",")) {
        while (*name == ' ')
            name++;
        if (*count == CLI_LIST_MAX)
            return false;
        out[(*count)++] = name;
    }
    return true;
}

/* `wanted_columns` NULL: all. */
static enum joist_status open_file(struct cli_session *session, const char *location,
        const struct scan_settings *settings, const char *wanted_columns, struct ArrowArrayStream *stream)
{
    char names[4096];
    const char *columns[CLI_LIST_MAX];
    size_t count = 0;
    struct joist_parquet_read_options options = {
            .struct_size = sizeof options,
            .no_crc = settings->no_crc,
            .cancel = session->cancel,
            .text = strcmp(settings->text, "utf8") == 0 ? JOIST_TEXT_UTF8 : JOIST_TEXT_VIEW,
            .batch_rows = (size_t)settings->batch_rows,
            .io_bytes = (size_t)settings->io_bytes,
            .read_ahead = (size_t)settings->read_ahead,
    };
    cli_wanted_read(&settings->wanted, &options);
    if (wanted_columns != NULL) {
        const int size = snprintf(names, sizeof names, "%s", wanted_columns);
        if (size < 0 || (size_t)size >= sizeof names || !split_names(names, columns, &count)) {
            session->error.status = JOIST_ERR_LIMIT;
            snprintf(session->error.text, sizeof session->error.text, "--columns is too long");
            return JOIST_ERR_LIMIT;
        }
        options.columns = columns;
        options.column_count = count;
    }
    struct joist_source source = {0};
    struct joist_parquet_file *file = NULL;
    enum joist_status status = joist_source_open(session->ctx, location, &source, &session->error);
    if (status != JOIST_OK)
        return status;
    status = joist_parquet_open(session->ctx, source, settings->parquet, &file, &session->error);
    if (status != JOIST_OK) {
        joist_source_close(&source);
        return status;
    }
    status = joist_parquet_read(file, &options, stream, &session->error);
    joist_parquet_close(file);
    return status;
}

static enum joist_status open_filtered(struct cli_session *session, const char *location,
        const struct scan_settings *settings, struct ArrowArrayStream *stream)
{
    struct joist_frame *frame = NULL;
    struct ArrowArrayStream rows = {.release = NULL};
    struct joist_error *const err = &session->error;
    enum joist_status status = JOIST_OK;
    if (cli_wanted_any(&settings->wanted)) {
        status = open_file(session, location, settings, NULL, &rows);
        if (status == JOIST_OK)
            status = joist_frame_scan_stream(session->ctx, &rows, &frame, err);
        if (rows.release != NULL)
            rows.release(&rows);
    } else if (settings->parquet != NULL) {
        status = joist_frame_scan_parquet(session->ctx, location, settings->parquet, &frame, err);
    } else {
        status = joist_frame_scan(session->ctx, NULL, location, &frame, err);
    }
    if (status == JOIST_OK && settings->where != NULL)
        status = joist_frame_filter(frame, settings->where, err);
    if (status == JOIST_OK && settings->columns != NULL)
        status = joist_frame_select(frame, settings->columns, err);
    if (status == JOIST_OK)
        status = joist_frame_stream(frame, session->cancel, stream, err);
    joist_frame_close(frame);
    return status;
}

static enum joist_status out_of_memory(struct cli_session *session)
{
    session->error.status = JOIST_ERR_NO_MEMORY;
    snprintf(session->error.text, sizeof session->error.text, "no memory for the digests");
    return JOIST_ERR_NO_MEMORY;
}

static enum joist_status differs(struct cli_session *session, const char *location)
{
    session->error.status = JOIST_ERR_INVALID;
    snprintf(session->error.text, sizeof session->error.text,
            "%.500s: --digest wants the same columns in every file", location);
    return JOIST_ERR_INVALID;
}

/* The first file's schema, which those of the others must be like where there are digests. */
static enum joist_status take_schema(struct cli_session *session, const char *location,
        struct ArrowArrayStream *stream, bool digest, struct scan_totals *totals)
{
    struct ArrowSchema schema = {.release = NULL};
    if (stream->get_schema(stream, &schema) != 0) {
        session->error.status = JOIST_ERR_NO_MEMORY;
        snprintf(session->error.text, sizeof session->error.text, "%s", stream->get_last_error(stream));
        return JOIST_ERR_NO_MEMORY;
    }
    if (totals->schema.release == NULL) {
        totals->schema = schema;
        totals->digests = calloc((size_t)schema.n_children + 1, sizeof totals->digests[0]);
        return totals->digests != NULL ? JOIST_OK : out_of_memory(session);
    }
    bool same = schema.n_children == totals->schema.n_children;
    for (int64_t index = 0; same && index < schema.n_children; index++)
        same = strcmp(schema.children[index]->format, totals->schema.children[index]->format) == 0;
    if (!same && digest) {
        schema.release(&schema);
        return differs(session, location);
    }
    totals->schema.release(&totals->schema);
    totals->schema = schema;
    return JOIST_OK;
}

static enum joist_status add_array(
        struct cli_session *session, const struct ArrowArray *array, bool digest, struct scan_totals *totals)
{
    totals->bytes += digest_array_bytes(&totals->schema, array);
    totals->batches++;
    for (int64_t index = 0; digest && index < array->n_children; index++) {
        const struct ArrowSchema *const column = totals->schema.children[index];
        if (!digest_add(column, array->children[index], totals->rows, &totals->digests[index])) {
            session->error.status = JOIST_ERR_UNSUPPORTED;
            snprintf(session->error.text, sizeof session->error.text,
                    "--digest of column '%.200s': type '%.200s'", column->name, column->format);
            return JOIST_ERR_UNSUPPORTED;
        }
    }
    totals->rows += (uint64_t)array->length;
    return JOIST_OK;
}

static enum joist_status scan_one(struct cli_session *session, const char *location,
        const struct scan_settings *settings, struct scan_totals *totals)
{
    struct ArrowArrayStream stream = {.release = NULL};
    const bool is_frame =
            settings->where != NULL || (settings->columns != NULL && cli_wanted_any(&settings->wanted));
    enum joist_status status = is_frame ? open_filtered(session, location, settings, &stream)
                                        : open_file(session, location, settings, settings->columns, &stream);
    if (status != JOIST_OK)
        return status;
    status = take_schema(session, location, &stream, settings->digest, totals);
    while (status == JOIST_OK) {
        struct ArrowArray array = {.release = NULL};
        status = joist_stream_next(&stream, &array, &session->error);
        if (status != JOIST_OK || array.release == NULL)
            break;
        status = add_array(session, &array, settings->digest, totals);
        array.release(&array);
    }
    stream.release(&stream);
    return status;
}

static void print_json_text(const char *text)
{
    putchar('"');
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0'; at++) {
        if (*at == '"' || *at == '\\')
            printf("\\%c", *at);
        else if (*at < 0x20)
            printf("\\u%04x", *at);
        else
            putchar(*at);
    }
    putchar('"');
}

static void print_json(
        const struct cli_session *session, const struct scan_totals *totals, double seconds, bool digest)
{
    (void)session;
    printf("{\"rows\":%llu,\"bytes\":%llu,\"batches\":%llu,\"seconds\":%.6f,\"peak_rss_bytes\":%llu",
            (unsigned long long)totals->rows, (unsigned long long)totals->bytes,
            (unsigned long long)totals->batches, seconds, (unsigned long long)cli_peak_rss_bytes());
    if (digest) {
        fputs(",\"digests\":[", stdout);
        for (int64_t index = 0; index < totals->schema.n_children; index++) {
            fputs(index > 0 ? ",{\"column\":" : "{\"column\":", stdout);
            print_json_text(totals->schema.children[index]->name);
            printf(",\"digest\":\"%016llx\"}", (unsigned long long)totals->digests[index]);
        }
        putchar(']');
    }
    puts("}");
}

static void print_text(const struct scan_totals *totals, double seconds, bool digest)
{
    char rows[32];
    char bytes[32];
    char peak[32];
    for (int64_t index = 0; digest && index < totals->schema.n_children; index++)
        printf("%016llx  %s\n", (unsigned long long)totals->digests[index],
                totals->schema.children[index]->name);
    printf("%s rows, %s in %.3f s, peak memory %s\n", cli_count_text(totals->rows, rows),
            cli_bytes_text(totals->bytes, bytes), seconds, cli_bytes_text(cli_peak_rss_bytes(), peak));
}

static enum cli_exit scan_all(
        struct cli_session *session, const struct cli_arguments *files, struct scan_settings *settings)
{
    struct scan_totals totals = {.rows = 0};
    enum joist_status status = cli_wanted_open(session, &settings->wanted);
    for (size_t index = 0; index < files->count && status == JOIST_OK; index++)
        status = scan_one(session, files->items[index], settings, &totals);
    const double seconds = cli_now() - session->started;
    if (status == JOIST_OK && session->common.json)
        print_json(session, &totals, seconds, settings->digest);
    else if (status == JOIST_OK)
        print_text(&totals, seconds, settings->digest);
    if (totals.schema.release != NULL)
        totals.schema.release(&totals.schema);
    free(totals.digests);
    cli_wanted_close(&settings->wanted);
    return status == JOIST_OK ? CLI_DONE : cli_fail(session);
}

static enum cli_exit run_scan(const struct cli_verb *verb, int argc, char **argv)
{
    struct scan_settings settings = {.text = "view"};
    struct cli_parquet parquet = {.int96 = NULL};
    struct cli_common common = {0};
    struct cli_arguments arguments = {0};
    const struct cli_option options[] = {
            {"discard", CLI_FLAG, NULL, "read every value and throw it away: what the verb is for",
                    &settings.discard},
            {"columns", CLI_TEXT, "LIST", "only these, separated by commas", &settings.columns},
            {"where", CLI_TEXT, "EXPRESSION", "only rows for which it is true", &settings.where},
            CLI_WANTED_OPTIONS(&settings.wanted),
            {"digest", CLI_FLAG, NULL, "a hash of each column's values", &settings.digest},
            {"no-crc", CLI_FLAG, NULL, "do not verify page checksums", &settings.no_crc},
            {"text", CLI_TEXT, "FORM", "strings as view (the default) or utf8", &settings.text},
            {"batch-rows", CLI_NUMBER, "N", "rows a batch, at most 65536", &settings.batch_rows},
            {"io-bytes", CLI_SIZE, "SIZE", "how much is read at once; else 128KiB", &settings.io_bytes},
            {"read-ahead", CLI_SIZE, "SIZE",
                    "how far ahead the file is told what will be read; else 1MiB a column",
                    &settings.read_ahead},
            CLI_PARQUET_OPTIONS(&parquet),
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_parse parse = {.verb = verb, .options = options, .least = 1, .most = CLI_ARGUMENTS_MAX};
    enum cli_exit code = CLI_DONE;
    if (!cli_parse(&parse, argc, argv, &common, &arguments, &code))
        return code;
    if (!settings.discard)
        return cli_fail_usage(verb, "decodes every value of Parquet files and throws it away; say --discard");
    if (strcmp(settings.text, "view") != 0 && strcmp(settings.text, "utf8") != 0)
        return cli_fail_usage(verb, "--text: '%s' is not view or utf8", settings.text);
    if (!cli_wanted_parse(verb, &settings.wanted) ||
            !cli_parquet_parse(verb, &parquet, arguments.items[0], &settings.parquet))
        return CLI_USAGE;
    struct cli_session session;
    if (!cli_open(&session, &common))
        return CLI_FAILED;
    code = scan_all(&session, &arguments, &settings);
    return cli_close(&session, code);
}

const struct cli_verb cli_verb_scan = {
        .name = "scan",
        .usage = "scan --discard FILE...",
        .summary = "decodes every value of Parquet files, throws it away, says how fast",
        .details = "Prints rows, bytes of the arrays, seconds and the peak memory of the process. --digest "
                   "prints a\n"
                   "hash a column, the same for any batches, threads and forms of text: the sum over rows r "
                   "from 0\n"
                   "of mix(fnv1a(bytes) + (r + 1) * K) modulo 2^64, K = 0x9e3779b97f4a7c15, fnv1a the 64-bit "
                   "FNV-1a,\n"
                   "mix(h) = g ^ g >> 29 with g = (h ^ h >> 32) * K. The bytes of a value: 00 for null, else "
                   "01 and\n"
                   "the number little-endian as wide as Arrow has it, 00 or 01 for a boolean, 8 bytes of "
                   "length and\n"
                   "the bytes for text, 8 bytes of count and the elements for a list or map, the children of "
                   "a struct.\n",
        .run = run_scan,
};
