/*
 * convert_options.c - from the words of joist convert's options to what the library is asked for
 */
#include "convert.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Keeps `size` bytes of a text as long as the settings; NULL where there is no more room. */
static char *keep(struct convert_settings *settings, const char *text, size_t size)
{
    if (size >= sizeof settings->text - settings->text_used)
        return NULL;
    char *const kept = settings->text + settings->text_used;
    memcpy(kept, text, size);
    kept[size] = '\0';
    settings->text_used += size + 1;
    return kept;
}

/* The next of a list between commas, without the spaces around it; NULL at the end. */
static char *next_item(struct convert_settings *settings, const char **list)
{
    const char *begin = *list;
    if (begin == NULL)
        return NULL;
    size_t size = strcspn(begin, ",");
    *list = begin[size] == ',' ? begin + size + 1 : NULL;
    while (size > 0 && *begin == ' ') {
        begin++;
        size--;
    }
    while (size > 0 && begin[size - 1] == ' ')
        size--;
    return keep(settings, begin, size);
}

/* "zstd", "zstd:3". */
static bool parse_codec(const char *text, struct joist_parquet_write_options *options)
{
    static const struct {
        const char *name;
        enum joist_codec codec;
    } known[] = {
            {"zstd", JOIST_CODEC_ZSTD},
            {"snappy", JOIST_CODEC_SNAPPY},
            {"gzip", JOIST_CODEC_GZIP},
            {"brotli", JOIST_CODEC_BROTLI},
            {"lz4", JOIST_CODEC_LZ4_RAW},
            {"lz4_raw", JOIST_CODEC_LZ4_RAW},
            {"none", JOIST_CODEC_NONE},
    };
    const size_t size = strcspn(text, ":");
    if (text[size] == ':') {
        char *end = NULL;
        const long level = strtol(text + size + 1, &end, 10);
        if (end == text + size + 1 || *end != '\0' || level < 1 || level > 100)
            return false;
        options->codec_level = (int)level;
    }
    for (size_t index = 0; index < sizeof known / sizeof known[0]; index++) {
        if (strlen(known[index].name) == size && memcmp(known[index].name, text, size) == 0) {
            options->codec = known[index].codec;
            return true;
        }
    }
    return false;
}

static bool parse_compat(const char *text, enum joist_parquet_compat *compat)
{
    static const struct {
        const char *name;
        enum joist_parquet_compat compat;
    } known[] = {
            {"v1", JOIST_PARQUET_COMPAT_V1},
            {"wide", JOIST_PARQUET_COMPAT_WIDE},
            {"new", JOIST_PARQUET_COMPAT_NEW},
    };
    for (size_t index = 0; index < sizeof known / sizeof known[0]; index++) {
        if (strcmp(text, known[index].name) == 0) {
            *compat = known[index].compat;
            return true;
        }
    }
    return false;
}

static bool parse_encoding(const char *text, enum joist_encoding *encoding)
{
    static const struct {
        const char *name;
        enum joist_encoding encoding;
    } known[] = {
            {"plain", JOIST_ENCODING_PLAIN},
            {"dictionary", JOIST_ENCODING_DICTIONARY},
            {"rle", JOIST_ENCODING_RLE},
            {"delta", JOIST_ENCODING_DELTA_BINARY_PACKED},
            {"delta-length", JOIST_ENCODING_DELTA_LENGTH_BYTE_ARRAY},
            {"delta-bytes", JOIST_ENCODING_DELTA_BYTE_ARRAY},
            {"byte-stream-split", JOIST_ENCODING_BYTE_STREAM_SPLIT},
            {"alp", JOIST_ENCODING_ALP},
    };
    for (size_t index = 0; index < sizeof known / sizeof known[0]; index++) {
        if (strcmp(text, known[index].name) == 0) {
            *encoding = known[index].encoding;
            return true;
        }
    }
    return false;
}

/* "30s", "5m", "1h", "2d" in microseconds. */
static bool parse_time(const char *text, int64_t *microseconds)
{
    static const struct {
        const char *unit;
        int64_t seconds;
    } units[] = {{"s", 1}, {"m", 60}, {"h", 3600}, {"d", 86400}};
    char *end = NULL;
    if (!isdigit((unsigned char)text[0]))
        return false;
    const long number = strtol(text, &end, 10);
    for (size_t index = 0; index < sizeof units / sizeof units[0]; index++) {
        if (strcmp(end, units[index].unit) == 0 && number > 0 && number <= 1000000) {
            *microseconds = number * units[index].seconds * 1000000;
            return true;
        }
    }
    return false;
}

bool cli_parse_duration(const char *text, int64_t *microseconds)
{
    return parse_time(text, microseconds);
}

static struct joist_parquet_column_options *add_leaf(struct convert_settings *settings, const char *column)
{
    struct joist_parquet_column_options *const leaf = &settings->leaves[settings->write.column_count++];
    *leaf = (struct joist_parquet_column_options){.struct_size = sizeof *leaf, .column = column};
    settings->write.columns = settings->leaves;
    return leaf;
}

static bool take_encodings(const struct cli_verb *verb, struct convert_settings *settings)
{
    for (size_t index = 0; index < settings->encodings.count; index++) {
        const char *const item = settings->encodings.items[index];
        const char *const equals = strrchr(item, '=');
        enum joist_encoding encoding = JOIST_ENCODING_DEFAULT;
        const char *const column = equals == NULL ? NULL : keep(settings, item, (size_t)(equals - item));
        if (column == NULL || !parse_encoding(equals + 1, &encoding)) {
            cli_fail_usage(verb,
                    "--encoding: '%s' is not COLUMN= and one of plain, dictionary, rle, delta, delta-length, "
                    "delta-bytes, byte-stream-split, alp",
                    item);
            return false;
        }
        add_leaf(settings, column)->encoding = encoding;
    }
    return true;
}

static bool parse_annotation(const char *text, enum joist_parquet_annotation *annotation)
{
    static const char *const names[] = {[JOIST_PARQUET_AS_ENUM] = "enum",
            [JOIST_PARQUET_AS_JSON] = "json",
            [JOIST_PARQUET_AS_BSON] = "bson",
            [JOIST_PARQUET_AS_FILE] = "file",
            [JOIST_PARQUET_AS_INT96] = "int96"};
    for (size_t index = JOIST_PARQUET_AS_ENUM; index < sizeof names / sizeof names[0]; index++) {
        if (strcmp(text, names[index]) == 0) {
            *annotation = (enum joist_parquet_annotation)index;
            return true;
        }
    }
    return false;
}

/* "int96" alone is for all timestamps. */
static bool take_annotations(const struct cli_verb *verb, struct convert_settings *settings)
{
    for (size_t index = 0; index < settings->annotations.count; index++) {
        const char *const item = settings->annotations.items[index];
        const char *const equals = strrchr(item, '=');
        enum joist_parquet_annotation annotation = JOIST_PARQUET_AS_DEFAULT;
        if (strcmp(item, "int96") == 0) {
            settings->write.int96 = true;
            continue;
        }
        const char *const column = equals == NULL ? NULL : keep(settings, item, (size_t)(equals - item));
        if (column == NULL || !parse_annotation(equals + 1, &annotation)) {
            cli_fail_usage(verb,
                    "--as: '%s' is neither int96 nor COLUMN= and one of enum, json, bson, file, int96", item);
            return false;
        }
        add_leaf(settings, column)->as = annotation;
    }
    return true;
}

static bool take_shreddings(const struct cli_verb *verb, struct convert_settings *settings)
{
    for (size_t index = 0; index < settings->shreddings.count; index++) {
        const char *const item = settings->shreddings.items[index];
        const char *const equals = strchr(item, '=');
        const char *const column = equals == NULL ? NULL : keep(settings, item, (size_t)(equals - item));
        if (column == NULL) {
            cli_fail_usage(verb, "--shred: '%s' is not COLUMN=TYPE", item);
            return false;
        }
        add_leaf(settings, column)->shredding = equals + 1;
    }
    return true;
}

static void take_blooms(struct convert_settings *settings)
{
    for (size_t index = 0; index < settings->blooms.count; index++) {
        if (strcmp(settings->blooms.items[index], "auto") == 0)
            settings->write.bloom = JOIST_BLOOM_AUTO;
        else
            add_leaf(settings, settings->blooms.items[index])->bloom = JOIST_BLOOM_ON;
    }
}

static bool ends_with_word(char *item, const char *word)
{
    const size_t size = strlen(item);
    const size_t wanted = strlen(word);
    if (size <= wanted || item[size - wanted - 1] != ' ' || strcmp(item + size - wanted, word) != 0)
        return false;
    item[size - wanted - 1] = '\0';
    return true;
}

/* What rows are sorted by is told in the file where it is columns alone. */
static bool take_sort(const struct cli_verb *verb, struct convert_settings *settings)
{
    const char *rest = settings->sort;
    settings->write.sorting = settings->sorting;
    for (char *item = next_item(settings, &rest); item != NULL; item = next_item(settings, &rest)) {
        struct joist_parquet_sorting *const sorting = &settings->sorting[settings->write.sorting_count++];
        if (settings->write.sorting_count == CLI_LIST_MAX || item[0] == '\0') {
            cli_fail_usage(verb, "--sort: '%s' is no list of columns", settings->sort);
            return false;
        }
        sorting->nulls_first = ends_with_word(item, "nulls first");
        if (!sorting->nulls_first)
            (void)ends_with_word(item, "nulls last");
        sorting->descending = ends_with_word(item, "desc");
        if (!sorting->descending)
            (void)ends_with_word(item, "asc");
        sorting->column = item;
        if (strpbrk(item, " ()+-*/") != NULL) {
            settings->write.sorting_count = 0;
            return true;
        }
    }
    return true;
}

static bool take_partitions(const struct cli_verb *verb, struct convert_settings *settings)
{
    const char *rest = settings->partition_by;
    for (char *item = next_item(settings, &rest); item != NULL; item = next_item(settings, &rest)) {
        if (settings->partition_count == CLI_LIST_MAX || item[0] == '\0') {
            cli_fail_usage(verb, "--partition-by: '%s' is no list of columns", settings->partition_by);
            return false;
        }
        settings->partitions[settings->partition_count++] = item;
    }
    return true;
}

bool cli_convert_is_split(const struct convert_settings *settings)
{
    return settings->split_bytes > 0 || settings->split_rows > 0 || settings->split_after_us > 0 ||
            settings->partition_count > 0;
}

bool cli_convert_options(const struct cli_verb *verb, struct convert_settings *settings)
{
    struct joist_parquet_write_options *const write = &settings->write;
    *write = (struct joist_parquet_write_options){
            .struct_size = sizeof *write, .row_group_rows_max = settings->rows_per_group};
    if (settings->codec != NULL && !parse_codec(settings->codec, write)) {
        cli_fail_usage(verb,
                "--codec: '%s' is none of zstd, snappy, gzip, brotli, lz4, none, with :LEVEL or not",
                settings->codec);
        return false;
    }
    if (settings->compat != NULL && !parse_compat(settings->compat, &write->compat)) {
        cli_fail_usage(verb, "--compat: '%s' is none of v1, wide, new", settings->compat);
        return false;
    }
    if (settings->split_after != NULL && !parse_time(settings->split_after, &settings->split_after_us)) {
        cli_fail_usage(verb, "--split-after: '%s' is not a time like 30s, 5m, 1h", settings->split_after);
        return false;
    }
    take_blooms(settings);
    return cli_encrypt_parse(verb, &settings->encrypt, &write->encryption) &&
            take_encodings(verb, settings) && take_annotations(verb, settings) &&
            take_shreddings(verb, settings) && take_sort(verb, settings) && take_partitions(verb, settings);
}
