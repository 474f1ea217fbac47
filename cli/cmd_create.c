/*
 * cmd_create.c - joist create: a new table, its schema from a file or from Iceberg's JSON
 */
#include "cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SCHEMA_BYTES_MAX ((size_t)16 << 20)

struct create_settings {
    struct cli_input_options input;
    struct cli_list properties;
    const char *like;
    const char *schema_file;
    const char *partition;
    const char *columns;
};

/* A whole small file; NULL with the error said. */
static char *read_text(struct cli_session *session, const char *path)
{
    struct joist_source source = {0};
    if (joist_source_open(session->ctx, path, &source, &session->error) != JOIST_OK) {
        cli_fail(session);
        return NULL;
    }
    const uint64_t known = source.ops->size(source.self);
    size_t capacity = known < SCHEMA_BYTES_MAX ? (size_t)known + 1 : SCHEMA_BYTES_MAX;
    char *text = malloc(capacity);
    size_t used = 0;
    size_t got = 1;
    bool good = text != NULL;
    while (good && got > 0 && used + 1 < capacity) {
        good = source.ops->read_at(source.self, used, capacity - 1 - used, text + used, &got,
                       &session->error) == JOIST_OK;
        used += good ? got : 0;
    }
    joist_source_close(&source);
    if (!good) {
        fprintf(stderr, "joist: %s: cannot be read\n", path);
        free(text);
        return NULL;
    }
    text[used] = '\0';
    return text;
}

/* "key=value" pairs, cut in copies that live as long as the process. */
static bool split_properties(
        const struct cli_verb *verb, const struct cli_list *list, const char *pairs[2 * CLI_LIST_MAX])
{
    for (size_t index = 0; index < list->count; index++) {
        const char *equals = strchr(list->items[index], '=');
        char *key = equals != NULL ? strdup(list->items[index]) : NULL;
        if (key == NULL) {
            cli_fail_usage(verb, "--property wants KEY=VALUE, not '%s'", list->items[index]);
            return false;
        }
        key[equals - list->items[index]] = '\0';
        pairs[2 * index] = key;
        pairs[2 * index + 1] = equals + 1;
    }
    return true;
}

static enum cli_exit create_table(
        struct cli_session *session, const char *table, struct joist_table_create_options *options)
{
    options->struct_size = sizeof *options;
    if (joist_table_create(session->catalog, table, options, &session->error) != JOIST_OK)
        return cli_fail(session);
    if (session->common.json)
        printf("{\"created\":\"%s\"}\n", table);
    else if (!session->common.quiet)
        printf("created %s\n", table);
    return CLI_DONE;
}

static enum cli_exit create_like(struct cli_session *session, const char *table,
        const struct create_settings *settings, struct joist_table_create_options *options)
{
    struct ArrowArrayStream stream = {0};
    struct ArrowSchema schema = {0};
    if (cli_open_input(session, &settings->like, 1, &settings->input, &stream) != JOIST_OK)
        return cli_fail(session);
    enum cli_exit code = CLI_FAILED;
    if (stream.get_schema(&stream, &schema) == 0) {
        options->schema = &schema;
        code = create_table(session, table, options);
        schema.release(&schema);
    } else {
        fprintf(stderr, "joist: %s: %s\n", settings->like, stream.get_last_error(&stream));
    }
    stream.release(&stream);
    return code;
}

static enum cli_exit create_with_columns(struct cli_session *session, const char *table, const char *columns,
        struct joist_table_create_options *options)
{
    struct joist_builder *builder = NULL;
    struct ArrowArrayStream stream = {0};
    struct ArrowSchema schema = {0};
    enum cli_exit code = CLI_FAILED;
    if (joist_builder_open(session->ctx, columns, &builder, &session->error) != JOIST_OK)
        return cli_fail(session);
    if (joist_builder_take(builder, &stream, &session->error) != JOIST_OK) {
        cli_fail(session);
    } else if (stream.get_schema(&stream, &schema) == 0) {
        options->schema = &schema;
        code = create_table(session, table, options);
        schema.release(&schema);
    }
    if (stream.release != NULL)
        stream.release(&stream);
    joist_builder_close(builder);
    return code;
}

static enum cli_exit create_by(struct cli_session *session, const char *table,
        const struct create_settings *settings, struct joist_table_create_options *options)
{
    if (settings->like != NULL)
        return create_like(session, table, settings, options);
    if (settings->columns != NULL)
        return create_with_columns(session, table, settings->columns, options);
    char *json = read_text(session, settings->schema_file);
    if (json == NULL)
        return CLI_FAILED;
    options->schema_json = json;
    const enum cli_exit code = create_table(session, table, options);
    free(json);
    return code;
}

static enum cli_exit run_create(const struct cli_verb *verb, int argc, char **argv)
{
    struct create_settings settings = {0};
    struct cli_common common = {0};
    struct cli_arguments arguments = {0};
    const struct cli_option options[] = {
            {"like", CLI_TEXT, "FILE", "columns and types of this file", &settings.like},
            {"columns", CLI_TEXT, "LIST", "\"id long required, name string, ...\"", &settings.columns},
            {"schema", CLI_TEXT, "FILE", "an Iceberg schema as JSON", &settings.schema_file},
            {"partition", CLI_TEXT, "LIST", "\"year(ts), bucket(16, id), region\"", &settings.partition},
            {"property", CLI_LIST, "KEY=VALUE", "a table property", &settings.properties},
            CLI_INPUT_OPTIONS(&settings.input),
            {"infer-decimals", CLI_FLAG, NULL, "fractions of one scale are decimals, not doubles",
                    &settings.input.text.infer_decimals},
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    const struct cli_parse parse = {.verb = verb, .options = options, .least = 1, .most = 1};
    const char *pairs[2 * CLI_LIST_MAX];
    enum cli_exit code = CLI_DONE;
    if (!cli_parse(&parse, argc, argv, &common, &arguments, &code))
        return code;
    const int ways = (settings.like != NULL) + (settings.columns != NULL) + (settings.schema_file != NULL);
    if (ways != 1)
        return cli_fail_usage(verb, "one of --like, --columns and --schema says what the columns are");
    if (!cli_input_parse(verb, &settings.input) || !split_properties(verb, &settings.properties, pairs))
        return CLI_USAGE;
    struct joist_table_create_options create = {
            .partition = settings.partition,
            .properties = pairs,
            .property_count = settings.properties.count,
    };
    struct cli_session session;
    if (!cli_open(&session, &common))
        return CLI_FAILED;
    code = cli_open_catalog(&session, true);
    if (code == CLI_DONE)
        code = create_by(&session, arguments.items[0], &settings, &create);
    return cli_close(&session, code);
}

const struct cli_verb cli_verb_create = {
        .name = "create",
        .usage = "create TABLE",
        .summary = "makes a table, and the warehouse and namespace where they are not there yet",
        .details =
                "Types: boolean, int, long, float, double, decimal(p,s), date, time, timestamp,\n"
                "timestamptz, string, uuid, fixed(n), binary, list<t>, map<k,v>, struct<name type, ...>.\n"
                "Partitions: a column, or year, month, day, hour (column), bucket, truncate (n, column).\n",
        .run = run_create,
};
