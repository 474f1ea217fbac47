/*
 * joist/parquet.h - one Parquet file, read or written
 *
 * Specification: apache/parquet-format.
 */
#ifndef JOIST_PARQUET_H
#define JOIST_PARQUET_H

#include <joist/arrow.h>
#include <joist/io.h>

#ifdef __cplusplus
extern "C" {
#endif

enum joist_codec {
    JOIST_CODEC_DEFAULT = 0, /* zstd */
    JOIST_CODEC_NONE,
    JOIST_CODEC_SNAPPY,
    JOIST_CODEC_GZIP,
    JOIST_CODEC_BROTLI,
    JOIST_CODEC_ZSTD,
    JOIST_CODEC_LZ4_RAW,
};

struct joist_parquet_file; /* shared: immutable after open */

/* What a key is wanted for; lives for the call. */
struct joist_parquet_key_request {
    const char *column;   /* its path: "a.list.element"; NULL: the footer */
    const void *metadata; /* what the file says of the key: its name, a wrapped key, a reference */
    size_t metadata_bytes;
};

/*
 * Where the keys of an encrypted file come from. `key` writes 16, 24 or 32 bytes and their number;
 * JOIST_ERR_NOT_FOUND says that the caller has no such key: the column stays in the schema and reading it is
 * JOIST_ERR_DENIED, as is opening a file whose footer's key is not given. Any other status ends what wanted
 * the key. Each key is asked for once a file, when it is first needed, from whichever thread needs it, by one
 * thread at a time. `user` and what it points to live until the last stream and owner of the file is closed;
 * this struct and the prefix are copied.
 *
 * A plaintext footer is verified against its signature with the footer's key.
 */
struct joist_parquet_keys {
    void *user;
    enum joist_status (*key)(void *user, const struct joist_parquet_key_request *request, uint8_t key[32],
            size_t *key_bytes, struct joist_error *err);
    const void *aad_prefix; /* the file's identity, where it was written with one; must equal a stored one */
    size_t aad_prefix_bytes;
    bool no_signature;  /* read on where the key that signed a plaintext footer is not given */
    bool plain_allowed; /* a file that is not encrypted is opened, else it is JOIST_ERR_INVALID */
};

/* What the 12-byte timestamps of old writers (INT96) become. A value that does not fit is an error. */
enum joist_int96_unit { JOIST_INT96_NANO = 0, JOIST_INT96_MICRO, JOIST_INT96_MILLI };

struct joist_parquet_open_options {
    size_t struct_size;
    /*
     * Do not restore what Parquet has no word for from the Arrow schema that Arrow's writers leave in the
     * file's key-value data ("ARROW:schema"): names of time zones, durations, large, view and dictionary
     * types.
     */
    bool no_arrow_schema;
    enum joist_int96_unit int96_unit;
    const struct joist_parquet_keys *keys; /* NULL: only what is not encrypted can be read */
};

/* The file owns the source from success on. `options` may be NULL. */
JOIST_API enum joist_status joist_parquet_open(struct joist_ctx *ctx, struct joist_source source,
        const struct joist_parquet_open_options *options, struct joist_parquet_file **file,
        struct joist_error *err);
JOIST_API void joist_parquet_close(struct joist_parquet_file *file);

JOIST_API uint64_t joist_parquet_row_count(const struct joist_parquet_file *file);
JOIST_API size_t joist_parquet_row_group_count(const struct joist_parquet_file *file);
/* `schema` is the caller's and self-contained; field ids stand in metadata as "PARQUET:field_id". */
JOIST_API enum joist_status joist_parquet_schema(
        const struct joist_parquet_file *file, struct ArrowSchema *schema, struct joist_error *err);

struct joist_parquet_read_options {
    size_t struct_size;
    /*
     * Names, in the wanted order; NULL: all. A name with dots, which is not a column's own, is a path into
     * one ("s.x", "a.list.element.b", as the file's schema or as the Arrow types call the parts): of the
     * structs on its way only the asked children remain and are read. Paths into one column make one column.
     */
    const char *const *columns;
    size_t column_count;
    uint64_t row_start; /* of the file */
    uint64_t row_count; /* 0: to the end */
    bool no_crc;        /* do not verify page checksums */
    const struct joist_cancel *cancel;
    const int32_t *field_ids; /* instead of `columns`: the columns of these ids, which may be nested too */
    size_t field_id_count;
    enum joist_text_form text; /* UTF8: where `schema` or ARROW:schema says large or view, as it says */
    /*
     * Every string and binary column comes as dictionary<int32>, in every batch: the dictionary of the chunk
     * where it has one, else one made for the batch.
     */
    bool keep_dictionary;
    size_t batch_rows; /* at most, and never more than 65,536; 0: 16,384, which stay in the caches */
    /* About, at most; 0: 16 MiB, or a part of the memory limit where that is small. One row goes anyway. */
    size_t batch_bytes;
    size_t io_bytes;                /* about how much is read at once; 0: a default by column */
    size_t read_ahead;              /* bytes that may be read before they are asked for; 0: a default */
    struct joist_progress progress; /* of a writer that takes the rows */
    /*
     * What is wanted, instead of `columns` and `field_ids`: the stream's schema, whatever the file's. Each
     * column is found by its "PARQUET:field_id" where it and columns of the file have one, else by its name,
     * the children of structs alike; elements, keys and values of lists and maps by their place. Of some
     * with one name the next one behind the column found before is meant. What nobody wants is not read, in
     * structs either. Both this and `defaults` are borrowed for the call.
     *
     * Types are promoted as Iceberg does: integers to wider ones, float to double, decimals to more digits
     * of one scale, 16 fixed bytes to uuid and back, what has no type (all null) to any. INVALID names the
     * column where the file's type does not become the wanted one, where a required one lacks and has no
     * default, and, while rows are read, where a null stands in one.
     *
     * It also says how arrays are laid out: large, view and dictionary types, lists, widths of decimals,
     * dates in milliseconds, names of time zones, extensions; durations and lists of one length must be the
     * file's.
     */
    const struct ArrowSchema *schema;
    /*
     * One row of a struct array laid out as `schema`: what columns have that the file lacks, and children
     * that its structs lack, but for those within lists and maps, which are null. NULL, or null there: null.
     */
    const struct ArrowArray *defaults;
};
/*
 * The stream keeps the file open. All threads of the context read its columns side by side, some batches
 * ahead of the caller; the rows come in the file's order, in the same batches whatever the threads.
 */
JOIST_API enum joist_status joist_parquet_read(struct joist_parquet_file *file,
        const struct joist_parquet_read_options *options, struct ArrowArrayStream *stream,
        struct joist_error *err);

struct joist_parquet_inspect_options {
    size_t struct_size;
    bool pages; /* reads each page's header, the page index and the Bloom filters' headers too */
    const struct joist_cancel *cancel;
};

/*
 * Everything the footer says, as one JSON object on one line: schema, row groups, chunks, encodings, codecs,
 * sizes, statistics, and what `options` (may be NULL) ask for. joist(1) lists the members. What the file has
 * wrong stands in members named "error"; other failures end it.
 */
JOIST_API enum joist_status joist_parquet_inspect(const struct joist_parquet_file *file,
        const struct joist_parquet_inspect_options *options, struct joist_sink sink, struct joist_error *err);

/* The same for people, in lines of at most 120 columns where names allow. */
JOIST_API enum joist_status joist_parquet_describe(const struct joist_parquet_file *file,
        const struct joist_parquet_inspect_options *options, struct joist_sink sink, struct joist_error *err);

/* What a leaf takes over all row groups, by what the footer says. */
struct joist_parquet_leaf_total {
    size_t struct_size;      /* set by the caller */
    const char *column;      /* the leaf's path; lives as long as the file */
    uint64_t values;         /* nulls included */
    uint64_t bytes;          /* in the file */
    uint64_t unpacked_bytes; /* encoded, not compressed */
    uint64_t plain_bytes;    /* of the values as they are; where the file does not tell, the encoded ones */
    char encodings[192];     /* of the data pages: "PLAIN, RLE_DICTIONARY" */
};
JOIST_API size_t joist_parquet_leaf_count(const struct joist_parquet_file *file);
JOIST_API enum joist_status joist_parquet_leaf_total(const struct joist_parquet_file *file, size_t leaf,
        struct joist_parquet_leaf_total *total, struct joist_error *err);

/* --- checking: a file against the specification --- */

enum joist_finding_kind {
    JOIST_FINDING_FAULT = 0,  /* the file breaks the format, or says of itself what is not so */
    JOIST_FINDING_UNVERIFIED, /* not looked at: encrypted, or of a kind that is not to be had here */
    JOIST_FINDING_NOTE,       /* legal, and of old */
};

/* Lives as long as the call that hands it over. */
struct joist_parquet_finding {
    size_t struct_size;
    enum joist_finding_kind kind;
    const char *code;   /* "page-crc", "null-count" ...: one word a rule, the list is in joist(1) */
    int64_t group;      /* -1: of the file */
    const char *column; /* the path of a leaf or group of the schema; NULL: of none */
    int64_t page;       /* a data page of the chunk, from 0; -1: of none */
    int64_t offset;     /* of the page or index in the file; -1: of none */
    const char *text;
};

struct joist_parquet_check_options {
    size_t struct_size;
    /* Each finding as it is met; another status than OK ends the check with it. NULL: they are counted. */
    enum joist_status (*finding)(
            void *user, const struct joist_parquet_finding *finding, struct joist_error *err);
    void *user;
    uint64_t findings_max; /* handed over, notes aside; 0: 1,000. All are counted. */
    bool notes;            /* notes are handed over too */
    const struct joist_cancel *cancel;
};

struct joist_parquet_checked {
    size_t struct_size; /* set by the caller */
    uint64_t faults;
    uint64_t unverified;
    uint64_t notes;
    uint64_t told; /* faults and unverified that were handed over: at most four of one code in one chunk */
    uint64_t pages;
    uint64_t values; /* nulls included */
};

/*
 * Reads every byte of the file and holds all that it says of itself against it: sizes, counts, levels,
 * checksums, statistics, indexes, filters, order. OK says that the check was done, `checked` what it found.
 * Memory is that of reading one column.
 */
JOIST_API enum joist_status joist_parquet_check(const struct joist_parquet_file *file,
        const struct joist_parquet_check_options *options, struct joist_parquet_checked *checked,
        struct joist_error *err);

/* What the readers of a file must know. */
enum joist_parquet_compat {
    JOIST_PARQUET_COMPAT_DEFAULT = 0, /* wide */
    JOIST_PARQUET_COMPAT_V1,          /* PLAIN and dictionaries in pages v1: every reader there is */
    /*
     * And DELTA_BINARY_PACKED of INT32 and INT64, DELTA_LENGTH_BYTE_ARRAY and DELTA_BYTE_ARRAY of BYTE_ARRAY:
     * what Spark, pyarrow, DuckDB and Polars read.
     */
    JOIST_PARQUET_COMPAT_WIDE,
    JOIST_PARQUET_COMPAT_NEW, /* every encoding, and pages v2 */
};

enum joist_encoding {
    JOIST_ENCODING_DEFAULT = 0, /* chosen for each chunk from its values */
    JOIST_ENCODING_PLAIN,
    JOIST_ENCODING_DICTIONARY, /* while it is not full, whatever it saves */
    JOIST_ENCODING_RLE,        /* BOOLEAN */
    JOIST_ENCODING_DELTA_BINARY_PACKED,
    JOIST_ENCODING_DELTA_LENGTH_BYTE_ARRAY,
    JOIST_ENCODING_DELTA_BYTE_ARRAY,
    JOIST_ENCODING_BYTE_STREAM_SPLIT,
    JOIST_ENCODING_ALP, /* FLOAT, DOUBLE; only on request: hardly any reader knows it */
};

enum joist_bloom {
    JOIST_BLOOM_DEFAULT = 0, /* of a column: as the file's option; of a file: OFF */
    JOIST_BLOOM_OFF,
    JOIST_BLOOM_ON,
    JOIST_BLOOM_AUTO, /* strings of which nearly all are distinct */
};

/*
 * What the file calls values that Arrow has no type for. Fields of a schema whose metadata says so
 * ("PARQUET:logical_type": "ENUM") are written alike, and those of files that are read say it: ENUM, BSON and
 * FILE go from file to file.
 */
enum joist_parquet_annotation {
    JOIST_PARQUET_AS_DEFAULT = 0,
    JOIST_PARQUET_AS_ENUM, /* text */
    JOIST_PARQUET_AS_JSON, /* text, which is not looked at */
    JOIST_PARQUET_AS_BSON, /* bytes, which are not looked at */
    /* struct of nullable uri, offset, size, content_type, checksum, inline, or of some of them */
    JOIST_PARQUET_AS_FILE,
    /* Timestamps in 12 bytes, for readers of 2013: no zone, no statistics, and others read nanoseconds. */
    JOIST_PARQUET_AS_INT96,
};

/* What is wanted for one column, or for all that is in it. */
struct joist_parquet_column_options {
    size_t struct_size;
    const char *column; /* a name, or a path: "s.x", "a.list.element" */
    enum joist_encoding encoding;
    bool no_dictionary;
    enum joist_bloom bloom;
    double bloom_rate; /* 0: as the file's */
    enum joist_parquet_annotation as;
    /*
     * Of a variant ("arrow.parquet.variant" over struct<metadata, value>, both binary): what its values are
     * shredded into, as joist_builder_open reads types: "long", "struct<id long, tags list<string>>". Values
     * of other types stand as they are beside it. Integers and decimals of one scale count as one type: an
     * int8 goes into a long, and is read as one. NULL: not shredded.
     */
    const char *shredding;
};

/* The rows are in the order of these leaves, the first the outermost. */
struct joist_parquet_sorting {
    const char *column; /* not nested */
    bool descending;
    bool nulls_first;
};

enum joist_parquet_cipher {
    JOIST_PARQUET_AES_GCM = 0, /* all is authenticated */
    JOIST_PARQUET_AES_GCM_CTR, /* pages are not: faster, and another's bytes are read as ours */
};

/* 16, 24 or 32 bytes, and what the file tells its readers of them. */
struct joist_parquet_key {
    const void *key;
    size_t key_bytes;
    const void *metadata;
    size_t metadata_bytes;
};

struct joist_parquet_column_key {
    const char *column;           /* a name, or a path: all in it */
    struct joist_parquet_key key; /* `key.key` NULL: the footer's */
};

/* How a file is encrypted. All is copied. */
struct joist_parquet_encryption {
    size_t struct_size;
    enum joist_parquet_cipher cipher;
    struct joist_parquet_key footer;
    bool plain_footer; /* the footer stands readable, signed with its key */
    /* Columns that are encrypted, the others stand readable; NULL: all, with the footer's key. */
    const struct joist_parquet_column_key *columns;
    size_t column_count;
    const void *aad_prefix; /* the file's identity; a file under another's name does not open */
    size_t aad_prefix_bytes;
    bool no_aad_prefix; /* do not store the prefix: readers must know it */
};

struct joist_parquet_write_options {
    size_t struct_size;
    enum joist_codec codec;
    int codec_level;              /* 0: the codec's default here (zstd 1, gzip 6, brotli 5) */
    uint64_t row_group_rows_max;  /* 0: 1,048,576 */
    uint64_t row_group_bytes_max; /* encoded; 0: 128 MiB, and any number where the rows are given */
    size_t page_bytes_max;        /* 0: 1 MiB */
    size_t page_rows_max;         /* 0: 65,536 */
    bool no_dictionary;
    bool no_statistics;
    bool no_page_index;
    bool no_crc;
    const char *const *key_values; /* key, value, key, value, ... for the footer */
    size_t key_value_count;        /* pairs */
    const struct joist_cancel *cancel;
    enum joist_parquet_compat compat;
    /* Where two name one column, the later one holds. The array's stride is the first one's struct_size. */
    const struct joist_parquet_column_options *columns;
    size_t column_count;
    enum joist_bloom bloom; /* of columns that do not say; ON: of all that can have one */
    double bloom_rate;      /* values that are not there and are not ruled out; 0: 0.01 */
    /* Least and greatest bytes and texts are cut to; 0: 64, the most. Of a fixed length: whole, up to 64. */
    size_t bound_bytes_max;
    /*
     * Said of a row group in the footer where it holds: the writer compares each row with the one before
     * and says nothing of a group that is not in this order. NaN stands behind all numbers.
     */
    const struct joist_parquet_sorting *sorting;
    size_t sorting_count;
    /*
     * Do not leave the Arrow schema in the file's key-value data ("ARROW:schema"), from which Arrow's readers
     * restore what Parquet has no word for. Pairs of the schema's own metadata go there in any case.
     */
    bool no_arrow_schema;
    const struct joist_parquet_encryption *encryption; /* NULL: none */
    bool int96;                                        /* all timestamps as JOIST_PARQUET_AS_INT96 */
    bool any_order; /* row groups are copied whatever their order; that of a file is not taken over */
};

struct joist_parquet_writer;

/* The writer owns the sink from success on; `schema` is borrowed for the call. */
JOIST_API enum joist_status joist_parquet_writer_open(struct joist_ctx *ctx, struct joist_sink sink,
        const struct ArrowSchema *schema, const struct joist_parquet_write_options *options,
        struct joist_parquet_writer **writer, struct joist_error *err);
/* `array` is borrowed. After a failure only `abort` is left. */
JOIST_API enum joist_status joist_parquet_writer_append(
        struct joist_parquet_writer *writer, const struct ArrowArray *array, struct joist_error *err);
/* Drains the stream; the caller releases it. */
JOIST_API enum joist_status joist_parquet_writer_append_stream(
        struct joist_parquet_writer *writer, struct ArrowArrayStream *stream, struct joist_error *err);

#define JOIST_PARQUET_ALTERNATIVES_MAX 6

struct joist_parquet_alternative {
    const char *encoding; /* "PLAIN", "RLE_DICTIONARY", "DELTA_BINARY_PACKED" ... */
    uint64_t bytes;       /* that the sample takes, compressed, with its share of the chunk's dictionary */
};

/* How a leaf's encoding was found. Texts live as long as the writer. */
struct joist_parquet_choice {
    size_t struct_size;   /* set by the caller */
    const char *column;   /* the leaf's path */
    const char *encoding; /* NULL: no value has come yet */
    bool is_asked;        /* the options named it */
    uint64_t sample_values;
    uint64_t sample_bytes; /* PLAIN, not compressed */
    size_t alternative_count;
    struct joist_parquet_alternative alternatives[JOIST_PARQUET_ALTERNATIVES_MAX]; /* what was tried */
};

/* Leaves of the schema, in the file's order. */
JOIST_API size_t joist_parquet_writer_leaf_count(const struct joist_parquet_writer *writer);
/*
 * The last choice made for a leaf below the leaf count. Where the open row group has values but too few of
 * them for a sample, they are made to do: the choice is made, and holds for the rest of the group.
 */
JOIST_API enum joist_status joist_parquet_writer_choice(struct joist_parquet_writer *writer, size_t leaf,
        struct joist_parquet_choice *choice, struct joist_error *err);

/*
 * Row groups [group, group + count) of another file, as they are, but for those without rows: nothing is
 * decoded. They stand behind what was appended before, in row groups of their own. INVALID where columns
 * are not of the same names and types in the file; UNSUPPORTED where either file is encrypted, groups are
 * not said to be in the order that is the writer's, or the file's readers must know of bugs of who wrote it.
 * Bounds that a file leaves in doubt are left out.
 */
JOIST_API enum joist_status joist_parquet_writer_copy(struct joist_parquet_writer *writer,
        struct joist_parquet_file *file, size_t group, size_t count, struct joist_error *err);
/*
 * A writer of a new file like `file`: of its schema, element for element, with its key-value data where the
 * options do not say otherwise, and in the order that all its row groups are said to be in where the options
 * name none. It has no rows yet. Where we would write the schema otherwise (lists of old names, INT96) it
 * takes copied row groups alone. Owns the sink from success on; `file` is borrowed for the call.
 */
JOIST_API enum joist_status joist_parquet_like_open(struct joist_ctx *ctx, struct joist_parquet_file *file,
        struct joist_sink sink, const struct joist_parquet_write_options *options,
        struct joist_parquet_writer **writer, struct joist_error *err);
/*
 * The same, and it begins with all row groups of `file`: its bytes up to the footer as they are, which the
 * kernel copies or shares where it can. `sink` may replace the file, which is whole until then.
 */
JOIST_API enum joist_status joist_parquet_append_open(struct joist_ctx *ctx, struct joist_parquet_file *file,
        struct joist_sink sink, const struct joist_parquet_write_options *options,
        struct joist_parquet_writer **writer, struct joist_error *err);

struct joist_parquet_written {
    uint64_t rows;
    uint64_t bytes;
    uint64_t row_groups;
};
/* Ends the writer either way, and frees it. `written` may be NULL. */
JOIST_API enum joist_status joist_parquet_writer_finish(
        struct joist_parquet_writer *writer, struct joist_parquet_written *written, struct joist_error *err);
JOIST_API void joist_parquet_writer_abort(struct joist_parquet_writer *writer);

#ifdef __cplusplus
}
#endif
#endif
