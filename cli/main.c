/*
 * main.c - the joist command: finds the verb and runs it
 */
#include "cli.h"

#include <stdio.h>
#include <string.h>

static const struct cli_verb *const verbs[] = {
        &cli_verb_create,
        &cli_verb_append,
        &cli_verb_validate,
        &cli_verb_convert,
        &cli_verb_concat,
        &cli_verb_sql,
        &cli_verb_tables,
        &cli_verb_schema,
        &cli_verb_history,
        &cli_verb_files,
        &cli_verb_drop,
        &cli_verb_head,
        &cli_verb_cat,
        &cli_verb_count,
        &cli_verb_inspect,
        &cli_verb_check,
        &cli_verb_scan,
};
static const size_t verb_count = sizeof verbs / sizeof verbs[0];

static void print_help(FILE *to)
{
    fputs("joist - lands rows in Iceberg tables and asks them questions, within a memory limit\n\n"
          "usage: joist VERB [options] ...\n\n",
            to);
    for (size_t index = 0; index < verb_count; index++)
        fprintf(to, "  %-10s %s\n", verbs[index]->name, verbs[index]->summary);
    fputs("\nA table is named namespace.table; a file by its path, a glob, or - for a pipe.\n"
          "joist VERB --help tells more; joist --version the version.\n"
          "Exit: 0 done, 1 the answer is no, 2 wrong usage, 3 failed.\n",
            to);
}

static const struct cli_verb *find_verb(const char *name)
{
    for (size_t index = 0; index < verb_count; index++) {
        if (strcmp(verbs[index]->name, name) == 0)
            return verbs[index];
    }
    return NULL;
}

int main(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--version") == 0) {
        printf("joist %s\n", joist_version());
        return CLI_DONE;
    }
    if (strcmp(name, "help") == 0 && argc > 2) {
        const struct cli_verb *verb = find_verb(argv[2]);
        char help[] = "--help";
        char *arguments[] = {argv[2], help, NULL};
        if (verb != NULL)
            return (int)verb->run(verb, 2, arguments);
    }
    if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
        print_help(stdout);
        return CLI_DONE;
    }
    const struct cli_verb *verb = find_verb(name);
    if (verb == NULL) {
        if (argc < 2)
            print_help(stderr);
        else
            fprintf(stderr, "joist: no verb '%s'; joist --help lists them\n", name);
        return CLI_USAGE;
    }
    const enum cli_exit code = verb->run(verb, argc - 1, argv + 1);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("joist: cannot write to standard output\n", stderr);
        return CLI_FAILED;
    }
    return (int)code;
}
