/*
 * parquet_options.c - how a verb opens Parquet files: keys, --no-arrow-schema, --int96
 */
#include "cli.h"

#include <string.h>

static bool parse_int96(const char *text, enum joist_int96_unit *unit)
{
    static const char *const names[] = {
            [JOIST_INT96_NANO] = "ns", [JOIST_INT96_MICRO] = "us", [JOIST_INT96_MILLI] = "ms"};
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        if (strcmp(text, names[index]) == 0) {
            *unit = (enum joist_int96_unit)index;
            return true;
        }
    }
    return false;
}

bool cli_parquet_parse(const struct cli_verb *verb, struct cli_parquet *parquet, const char *from,
        const struct joist_parquet_open_options **options)
{
    const bool has_types = parquet->no_arrow_schema || parquet->int96 != NULL;
    enum joist_int96_unit unit = JOIST_INT96_NANO;
    if (!cli_keys_parse(verb, &parquet->keys, from))
        return false;
    if (parquet->int96 != NULL && !parse_int96(parquet->int96, &unit)) {
        cli_fail_usage(verb, "--int96: '%s' is not ns, us or ms", parquet->int96);
        return false;
    }
    if (has_types && from != NULL && !cli_is_file(from)) {
        cli_fail_usage(verb, "--no-arrow-schema and --int96 are for files, and '%s' is a table", from);
        return false;
    }
    parquet->open = (struct joist_parquet_open_options){
            .struct_size = sizeof parquet->open,
            .no_arrow_schema = parquet->no_arrow_schema,
            .int96_unit = unit,
            .keys = cli_keys(&parquet->keys),
    };
    *options = has_types || parquet->open.keys != NULL ? &parquet->open : NULL;
    return true;
}
