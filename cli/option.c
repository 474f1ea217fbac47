/*
 * option.c - one table of options a verb, parsed the same way everywhere
 *
 *   --name value, --name=value, --flag, -n value for --rows; "--" ends the options; "-" is an argument.
 */
#include "cli.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

bool cli_parse_size(const char *text, uint64_t *bytes)
{
    static const struct {
        const char *suffix;
        uint64_t factor;
    } units[] = {
            {"", 1},
            {"B", 1},
            {"K", 1024},
            {"KiB", 1024},
            {"KB", 1000},
            {"M", (uint64_t)1 << 20},
            {"MiB", (uint64_t)1 << 20},
            {"MB", 1000000},
            {"G", (uint64_t)1 << 30},
            {"GiB", (uint64_t)1 << 30},
            {"GB", 1000000000},
    };
    if (!isdigit((unsigned char)text[0]))
        return false;
    char *end = NULL;
    errno = 0;
    const unsigned long long number = strtoull(text, &end, 10);
    if (errno != 0)
        return false;
    for (size_t index = 0; index < sizeof units / sizeof units[0]; index++) {
        if (strcmp(end, units[index].suffix) == 0)
            return !__builtin_mul_overflow((uint64_t)number, units[index].factor, bytes);
    }
    return false;
}

static bool parse_number(const char *text, uint64_t *number)
{
    char *end = NULL;
    errno = 0;
    *number = strtoull(text, &end, 10);
    return isdigit((unsigned char)text[0]) && errno == 0 && *end == '\0';
}

static bool parse_bound(const char *text, size_t size, uint64_t *number)
{
    char digits[24];
    if (size >= sizeof digits)
        return false;
    memcpy(digits, text, size);
    digits[size] = '\0';
    return size == 0 || parse_number(digits, number);
}

static bool parse_rows(const char *text, struct cli_rows *rows)
{
    const char *const colon = strchr(text, ':');
    if (colon == NULL)
        return parse_number(text, &rows->count);
    *rows = (struct cli_rows){.is_range = true, .last = UINT64_MAX};
    return parse_bound(text, (size_t)(colon - text), &rows->first) &&
            parse_bound(colon + 1, strlen(colon + 1), &rows->last) && rows->first < rows->last;
}

static bool parse_char(const char *text, char *to)
{
    if (strcmp(text, "\\t") == 0 || strcmp(text, "tab") == 0) {
        *to = '\t';
        return true;
    }
    *to = text[0];
    return text[0] != '\0' && text[1] == '\0';
}

/* NULL, or what is wrong with the value. */
static const char *store_value(const struct cli_option *option, const char *value)
{
    struct cli_list *list;
    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)option->to = true;
        return NULL;
    case CLI_TEXT:
        *(const char **)option->to = value;
        return NULL;
    case CLI_SIZE:
        return cli_parse_size(value, option->to) ? NULL : "is not a size like 256MiB";
    case CLI_NUMBER:
        return parse_number(value, option->to) ? NULL : "is not a whole number";
    case CLI_ROWS:
        return parse_rows(value, option->to) ? NULL : "is neither a whole number nor FIRST:LAST";
    case CLI_CHAR:
        return parse_char(value, option->to) ? NULL : "is not one character";
    case CLI_LIST:
        list = option->to;
        if (list->count == CLI_LIST_MAX)
            return "is one too many";
        list->items[list->count++] = value;
        return NULL;
    }
    return "cannot be set";
}

static void print_options(const struct cli_option *options)
{
    for (; options->name != NULL; options++) {
        char left[64];
        snprintf(left, sizeof left, "--%s%s%s", options->name, options->argument != NULL ? " " : "",
                options->argument != NULL ? options->argument : "");
        printf("  %-26s %s\n", left, options->help);
    }
}

static void print_help(const struct cli_parse *parse, const struct cli_option *common)
{
    printf("usage: joist %s [options]\n\n%s\n", parse->verb->usage, parse->verb->summary);
    if (parse->verb->details != NULL)
        printf("\n%s", parse->verb->details);
    if (parse->options[0].name != NULL)
        printf("\n");
    print_options(parse->options);
    printf("\nfor every verb:\n");
    print_options(common);
}

static const struct cli_option *find_option(const struct cli_option *options, const char *name, size_t size)
{
    for (; options->name != NULL; options++) {
        if (strlen(options->name) == size && memcmp(options->name, name, size) == 0)
            return options;
    }
    return NULL;
}

/* Takes argv[*at] (an option) and, where it has one, its value. NULL is success. */
static bool take_option(
        const struct cli_parse *parse, const struct cli_option *common, int argc, char **argv, int *at)
{
    const char *text = argv[*at][1] == 'n' && argv[*at][2] == '\0' ? "--rows" : argv[*at];
    const char *name = text + 2;
    const char *equals = strchr(name, '=');
    const size_t size = equals != NULL ? (size_t)(equals - name) : strlen(name);
    const struct cli_option *option = text[1] == '-' ? find_option(parse->options, name, size) : NULL;
    if (option == NULL && text[1] == '-')
        option = find_option(common, name, size);
    if (option == NULL) {
        cli_fail_usage(parse->verb, "no option '%s'", argv[*at]);
        return false;
    }
    const char *value = equals != NULL ? equals + 1 : NULL;
    if (option->kind == CLI_FLAG && value != NULL) {
        cli_fail_usage(parse->verb, "option --%s takes no value", option->name);
        return false;
    }
    if (option->kind != CLI_FLAG && value == NULL) {
        if (*at + 1 >= argc) {
            cli_fail_usage(parse->verb, "option --%s wants a value: %s", option->name, option->argument);
            return false;
        }
        value = argv[++*at];
    }
    const char *wrong = store_value(option, value);
    if (wrong != NULL) {
        cli_fail_usage(parse->verb, "--%s: '%s' %s", option->name, value, wrong);
        return false;
    }
    return true;
}

bool cli_parse(const struct cli_parse *parse, int argc, char **argv, struct cli_common *common,
        struct cli_arguments *arguments, enum cli_exit *exit_code)
{
    const struct cli_option shared[] = {
            {"warehouse", CLI_TEXT, "DIR", "the warehouse; else JOIST_WAREHOUSE", &common->warehouse},
            {"catalog-name", CLI_TEXT, "NAME", "the catalog in catalog.db, where it holds several",
                    &common->catalog_name},
            {"memory", CLI_SIZE, "SIZE", "the most memory of the whole process, at least 64MiB",
                    &common->memory_bytes},
            {"threads", CLI_NUMBER, "N", "threads that work at once; else one a core", &common->threads},
            {"scratch", CLI_TEXT, "DIR", "where what does not fit in memory goes; else TMPDIR, or /var/tmp",
                    &common->scratch},
            {"scratch-limit", CLI_SIZE, "SIZE", "the most that may stand there; else what the disk holds",
                    &common->scratch_bytes},
            {"json", CLI_FLAG, NULL, "one JSON object a line", &common->json},
            {"verbose", CLI_FLAG, NULL, "say what happens on stderr", &common->verbose},
            {"quiet", CLI_FLAG, NULL, "no progress bar, no report", &common->quiet},
            {"help", CLI_FLAG, NULL, "this text", &common->help},
            {NULL, CLI_FLAG, NULL, NULL, NULL},
    };
    bool only_arguments = false;
    *exit_code = CLI_USAGE;
    for (int at = 1; at < argc; at++) {
        const char *text = argv[at];
        if (!only_arguments && strcmp(text, "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && text[0] == '-' && text[1] != '\0') {
            if (!take_option(parse, shared, argc, argv, &at))
                return false;
        } else if (arguments->count == parse->most && !common->help) {
            cli_fail_usage(parse->verb, "'%s' is one argument too many", text);
            return false;
        } else if (arguments->count < CLI_ARGUMENTS_MAX) {
            arguments->items[arguments->count++] = text;
        }
    }
    if (common->help) {
        print_help(parse, shared);
        *exit_code = CLI_DONE;
        return false;
    }
    if (arguments->count < parse->least) {
        cli_fail_usage(parse->verb, "an argument is missing");
        return false;
    }
    if (common->memory_bytes != 0 && common->memory_bytes < ((uint64_t)64 << 20)) {
        cli_fail_usage(parse->verb, "--memory is at least 64MiB");
        return false;
    }
    *exit_code = CLI_DONE;
    return true;
}
