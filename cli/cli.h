/*
 * cli.h - what the verbs of the joist command share
 *
 * A verb is one cmd_<verb>.c: a table of options, a usage, a run. Data goes to stdout, words to stderr;
 * exit 0 done, 1 the answer is no, 2 wrong usage, 3 failed.
 */
#ifndef CLI_H
#define CLI_H

#include <joist/joist.h>

enum cli_exit { CLI_DONE = 0, CLI_NO = 1, CLI_USAGE = 2, CLI_FAILED = 3 };

enum cli_option_kind { CLI_FLAG, CLI_TEXT, CLI_SIZE, CLI_NUMBER, CLI_ROWS, CLI_CHAR, CLI_LIST };

#define CLI_LIST_MAX 256
struct cli_list {
    const char *items[CLI_LIST_MAX];
    size_t count;
};

/* One option; `to` points to a bool, const char *, uint64_t, uint64_t, char or struct cli_list. */
struct cli_option {
    const char *name; /* without the dashes */
    enum cli_option_kind kind;
    const char *argument; /* its name in the help; NULL for flags */
    const char *help;
    void *to;
};

/* What CLI_ROWS reads: "N", at most so many rows; "FIRST:LAST", rows of a file by number, LAST left out. */
struct cli_rows {
    uint64_t count;
    bool is_range; /* first < last */
    uint64_t first;
    uint64_t last; /* UINT64_MAX: the end */
};

/* The options that every verb has. */
struct cli_common {
    const char *warehouse;
    const char *catalog_name;
    uint64_t memory_bytes; /* 0: the library's default */
    uint64_t threads;      /* 0: as many as the machine has */
    const char *scratch;   /* NULL: TMPDIR, else /var/tmp */
    uint64_t scratch_bytes;
    bool json;
    bool verbose;
    bool quiet;
    bool help;
};

#define CLI_ARGUMENTS_MAX 1024
struct cli_arguments {
    const char *items[CLI_ARGUMENTS_MAX];
    size_t count;
};

struct cli_verb {
    const char *name;
    const char *usage;   /* behind "joist ": "append TABLE INPUT" */
    const char *summary; /* one line */
    const char *details; /* the rest of its help, may be NULL */
    enum cli_exit (*run)(const struct cli_verb *verb, int argc, char **argv);
};

extern const struct cli_verb cli_verb_append, cli_verb_cat, cli_verb_check, cli_verb_concat, cli_verb_convert,
        cli_verb_count, cli_verb_create, cli_verb_drop, cli_verb_files, cli_verb_head, cli_verb_history,
        cli_verb_inspect, cli_verb_scan, cli_verb_schema, cli_verb_sql, cli_verb_tables, cli_verb_validate;

/*
 * Sorts argv into options and arguments, at least `least` and at most `most` of the latter. False where the
 * run is over: `*exit_code` is then CLI_USAGE, said on stderr, or CLI_DONE after --help.
 */
struct cli_parse {
    const struct cli_verb *verb;
    const struct cli_option *options; /* the verb's own, ended by a NULL name */
    size_t least;
    size_t most;
};
bool cli_parse(const struct cli_parse *parse, int argc, char **argv, struct cli_common *common,
        struct cli_arguments *arguments, enum cli_exit *exit_code);
/* "256MiB", "1.5GB" is refused, "1048576", "64KiB", "2GB". */
bool cli_parse_size(const char *text, uint64_t *bytes);

/* --- a verb's surroundings: context, catalog, error --- */

struct cli_session {
    struct cli_common common;
    struct joist_ctx *ctx;
    struct joist_catalog *catalog;
    struct joist_cancel *cancel; /* set by SIGINT and SIGTERM */
    struct joist_error error;
    double started;
};
/* Opens the context; false with the error said. */
bool cli_open(struct cli_session *session, const struct cli_common *common);
/* Opens the catalog that --warehouse or JOIST_WAREHOUSE names. */
enum cli_exit cli_open_catalog(struct cli_session *session, bool create);
/* True where --warehouse or JOIST_WAREHOUSE names one. */
bool cli_has_warehouse(const struct cli_common *common);
/* The catalog where one is named, else none: for verbs that take files too. */
enum cli_exit cli_open_catalog_for(struct cli_session *session, const char *from);
enum cli_exit cli_close(struct cli_session *session, enum cli_exit code);
/* Says session->error on stderr; CLI_FAILED. */
enum cli_exit cli_fail(struct cli_session *session);
enum cli_exit cli_fail_usage(const struct cli_verb *verb, const char *format, ...)
        __attribute__((format(printf, 2, 3)));
/* "30s", "5m", "1h", "2d". */
bool cli_parse_duration(const char *text, int64_t *microseconds);
double cli_now(void);
uint64_t cli_peak_rss_bytes(void);

/* True where an argument names a file and not a table (docs/architecture.md, Names). */
bool cli_is_file(const char *argument);

/* --- how Parquet files are opened: keys of encrypted ones, types --- */

#define CLI_KEYS_MAX 512
struct cli_key {
    const char *name; /* not ended by a NUL */
    size_t name_size;
    uint8_t bytes[32];
    size_t size; /* 0: none */
};
struct cli_keys {
    struct cli_list options; /* --key */
    const char *file;        /* --keys */
    const char *option;      /* that named the file, where it is another; else NULL */
    const char *footer_text; /* --footer-key */
    const char *aad_prefix;
    bool no_signature;
    struct cli_key named[CLI_KEYS_MAX];
    size_t named_count;
    struct cli_key footer;
    struct joist_parquet_keys parquet;
    char text[65536]; /* of the file: names point into it */
};
/* The rows of a verb's option table. */
/* clang-format off */
#define CLI_KEY_OPTIONS(keys) \
    {"key", CLI_LIST, "KEYID=HEX", "a key of an encrypted file, by its name or column; repeated", \
            &(keys)->options}, \
    {"keys", CLI_TEXT, "FILE", "keys from a file: lines KEYID=HEX, the footer's without KEYID=", \
            &(keys)->file}, \
    {"footer-key", CLI_TEXT, "HEX", "the footer's key, where it is not among those by its name", \
            &(keys)->footer_text}, \
    {"aad-prefix", CLI_TEXT, "TEXT", "the identity that the file was encrypted with", &(keys)->aad_prefix}, \
    {"no-signature", CLI_FLAG, NULL, "read on without the key that signed a plaintext footer", \
            &(keys)->no_signature}
/* clang-format on */
/*
 * False, said on stderr, where an option is wrong or `from` (NULL: not known yet) no file. `keys` stays where
 * it is then.
 */
bool cli_keys_parse(const struct cli_verb *verb, struct cli_keys *keys, const char *from);
/* NULL where no key was given. */
const struct joist_parquet_keys *cli_keys(const struct cli_keys *keys);

/* How Parquet files are encrypted that a verb writes. */
struct cli_encrypt {
    struct cli_keys keys; /* --encrypt: a file of them */
    const char *cipher;
    const char *footer_name;
    struct cli_list columns; /* "column=key's name" */
    const char *aad_prefix;
    bool plain_footer;
    bool hide_aad_prefix;
    struct joist_parquet_column_key column_keys[CLI_KEYS_MAX];
    struct joist_parquet_encryption encryption;
    struct joist_parquet_open_options open; /* with the same keys, for who reads what was written */
    char text[65536];                       /* names of columns */
};
/* clang-format off */
#define CLI_ENCRYPT_OPTIONS(encrypt) \
    {"encrypt", CLI_TEXT, "FILE", "encrypt with keys from a file: the footer's, and COLUMN=HEX", \
            &(encrypt)->keys.file}, \
    {"encrypt-footer", CLI_TEXT, "KEYID", "the key for footer and columns, by its name in the file of keys", \
            &(encrypt)->footer_name}, \
    {"encrypt-column", CLI_LIST, "COLUMN=KEYID", "a key for a column; without KEYID the footer's; repeated", \
            &(encrypt)->columns}, \
    {"encrypt-cipher", CLI_TEXT, "NAME", "gcm (else), or gcm-ctr: pages are not authenticated", \
            &(encrypt)->cipher}, \
    {"encrypt-plain-footer", CLI_FLAG, NULL, "the footer stands readable, signed", \
            &(encrypt)->plain_footer}, \
    {"encrypt-aad-prefix", CLI_TEXT, "TEXT", "the identity of the file, bound to all that is in it", \
            &(encrypt)->aad_prefix}, \
    {"encrypt-hide-aad-prefix", CLI_FLAG, NULL, "do not leave it in the file: readers must know it", \
            &(encrypt)->hide_aad_prefix}
/* clang-format on */
/*
 * `*encryption` is NULL where nothing was asked, else it points into `encrypt`, which stays where it is.
 * False, said on stderr, where an option is wrong.
 */
bool cli_encrypt_parse(const struct cli_verb *verb, struct cli_encrypt *encrypt,
        const struct joist_parquet_encryption **encryption);

struct cli_parquet {
    struct cli_keys keys;
    bool no_arrow_schema;
    const char *int96;
    struct joist_parquet_open_options open;
};
/* clang-format off */
#define CLI_PARQUET_OPTIONS(parquet) \
    CLI_KEY_OPTIONS(&(parquet)->keys), \
    {"no-arrow-schema", CLI_FLAG, NULL, "types as Parquet has them, without those that Arrow stored", \
            &(parquet)->no_arrow_schema}, \
    {"int96", CLI_TEXT, "UNIT", "what old 12-byte timestamps become: ns (else), us or ms", &(parquet)->int96}
/* clang-format on */
/*
 * `*options` is NULL where nothing was asked, else they point into `parquet`, which stays where it is. False,
 * said on stderr, where an option is wrong or one is given and `from` (NULL: not known yet) is no file.
 */
bool cli_parquet_parse(const struct cli_verb *verb, struct cli_parquet *parquet, const char *from,
        const struct joist_parquet_open_options **options);

/* --- the columns that are wanted of files, whatever they have --- */

struct cli_wanted {
    const char *schema; /* as joist_builder_open reads it */
    const char *field_ids;
    int32_t ids[CLI_LIST_MAX];
    size_t id_count;
    struct ArrowSchema parsed; /* from open to close, where there is a schema */
};
/* clang-format off */
#define CLI_WANTED_OPTIONS(wanted) \
    {"schema", CLI_TEXT, "LIST", "the columns wanted of files, whatever they have: 'id long, name string'", \
            &(wanted)->schema}, \
    {"field-ids", CLI_TEXT, "LIST", "of Parquet: the columns with these ids, separated by commas", \
            &(wanted)->field_ids}
/* clang-format on */
/* False, said on stderr, where an option is wrong. */
bool cli_wanted_parse(const struct cli_verb *verb, struct cli_wanted *wanted);
/* True where something is asked. */
bool cli_wanted_any(const struct cli_wanted *wanted);
enum joist_status cli_wanted_open(struct cli_session *session, struct cli_wanted *wanted);
void cli_wanted_close(struct cli_wanted *wanted); /* accepts one that was not opened */
/* Into the options of a Parquet file's reading; one that is open. */
void cli_wanted_read(const struct cli_wanted *wanted, struct joist_parquet_read_options *options);

/* --- rows of a Parquet file by their numbers --- */

/* `columns` are names between commas, or NULL: all. A range that begins behind the last row is INVALID. */
enum joist_status cli_open_rows(struct cli_session *session, const char *location, const char *columns,
        const struct cli_wanted *wanted, const struct cli_rows *rows,
        const struct joist_parquet_open_options *options, struct ArrowArrayStream *stream);

/* --- output --- */

/* The stream on stdout: a box, or one JSON object a line with --json; the stream is released. */
enum cli_exit cli_show(struct cli_session *session, struct ArrowArrayStream *stream, uint64_t rows_max);
/* The stream as CSV, or NDJSON with --json; the stream is released. */
enum cli_exit cli_print_rows(struct cli_session *session, struct ArrowArrayStream *stream);
/* "12.3 MiB", "1,234": into `out`. */
const char *cli_bytes_text(uint64_t bytes, char out[32]);
const char *cli_count_text(uint64_t count, char out[32]);

/* --- input files as streams --- */

/* "csv", "parquet", ... by the suffix of a name, formats that we cannot read too; "" where none is known. */
const char *cli_format_of(const char *location);

struct cli_input_options {
    struct joist_text_options text;
    const char *format;         /* csv, ndjson, parquet; NULL: by the name */
    struct cli_list types;      /* "column=type" */
    struct cli_parquet parquet; /* how Parquet inputs are opened */
    const struct joist_parquet_open_options *open;
    const struct cli_wanted *wanted; /* open; NULL: the files' own columns */
};
/* The rows of a verb's option table. */
/* clang-format off */
#define CLI_INPUT_OPTIONS(input) \
    {"format", CLI_TEXT, "NAME", "of the input: csv, tsv, ndjson, arrow or parquet; else by its name", \
            &(input)->format}, \
    {"delimiter", CLI_CHAR, "C", "of CSV; else a comma", &(input)->text.delimiter}, \
    {"quote", CLI_CHAR, "C", "of CSV; else \"", &(input)->text.quote}, \
    {"no-header", CLI_FLAG, NULL, "the first line is a row", &(input)->text.no_header}, \
    {"null", CLI_TEXT, "TEXT", "what stands for null in CSV; else an empty unquoted field", \
            &(input)->text.null_text}, \
    {"pad-short", CLI_FLAG, NULL, "rows of CSV with too few fields end in nulls", \
            &(input)->text.pad_short}, \
    {"type", CLI_LIST, "COLUMN=TYPE", "read a column of text as this type", &(input)->types}, \
    CLI_PARQUET_OPTIONS(&(input)->parquet)
/* clang-format on */
/* Settles the options; false, said on stderr, where one is wrong. `input` stays where it is. */
bool cli_input_parse(const struct cli_verb *verb, struct cli_input_options *input);
/* Opens files of rows, one after another; text.schema (may be NULL) is what they go into. */
enum joist_status cli_open_input(struct cli_session *session, const char *const *locations, size_t count,
        const struct cli_input_options *options, struct ArrowArrayStream *stream);

enum joist_status cli_open_parquet(struct cli_session *session, const char *location,
        const struct joist_parquet_open_options *options, struct joist_parquet_file **file);

/* --- what was written, in a last line --- */

struct cli_written {
    const char *place; /* of what the line tells: a file, a folder, a table */
    bool is_table;
    bool is_check; /* nothing was written */
    uint64_t rows;
    uint64_t files;
    uint64_t bytes;
    uint64_t small_files; /* finished early, since too much was open */
    int64_t snapshot_id;  /* of a table */
    uint64_t row_groups;  /* 0: not told */
};
/* A line on stdout, an object with --json, nothing with --quiet. */
void cli_report(const struct cli_session *session, const struct cli_written *written);

/* --- progress: a bar on a terminal for work over a second --- */

struct cli_progress {
    const char *label;
    double started;
    double shown;
    bool wanted;
    bool visible;
};
void cli_progress_start(struct cli_progress *progress, const char *label, const struct cli_common *common);
struct joist_progress cli_progress_callback(struct cli_progress *progress);
void cli_progress_end(struct cli_progress *progress);

#endif
