/*
 * footer_model.h - what a Parquet file says of itself, as plain structs
 *
 * After apache/parquet-format, parquet.thrift. Enumerations have the format's own numbers; a
 * number that we do not know is kept as it stands, so that messages can name it. Optional fields
 * have a `has_` beside them, or are NULL or -1 as stated. Arrays and views belong to the arena of
 * whoever made the struct.
 */
#ifndef JI_FOOTER_MODEL_H
#define JI_FOOTER_MODEL_H

#include "base/bytes.h"

#define JI_PARQUET_MAGIC "PAR1"
#define JI_PARQUET_MAGIC_ENCRYPTED "PARE"
#define JI_PARQUET_MAGIC_BYTES 4
#define JI_PARQUET_TAIL_BYTES 8 /* footer length, magic */

enum ji_physical {
    JI_PHYSICAL_BOOLEAN = 0,
    JI_PHYSICAL_INT32 = 1,
    JI_PHYSICAL_INT64 = 2,
    JI_PHYSICAL_INT96 = 3,
    JI_PHYSICAL_FLOAT = 4,
    JI_PHYSICAL_DOUBLE = 5,
    JI_PHYSICAL_BYTE_ARRAY = 6,
    JI_PHYSICAL_FIXED = 7,
    JI_PHYSICAL_NONE = -1, /* a group */
};

enum ji_converted {
    JI_CONVERTED_NONE = -1,
    JI_CONVERTED_UTF8 = 0,
    JI_CONVERTED_MAP = 1,
    JI_CONVERTED_MAP_KEY_VALUE = 2,
    JI_CONVERTED_LIST = 3,
    JI_CONVERTED_ENUM = 4,
    JI_CONVERTED_DECIMAL = 5,
    JI_CONVERTED_DATE = 6,
    JI_CONVERTED_TIME_MILLIS = 7,
    JI_CONVERTED_TIME_MICROS = 8,
    JI_CONVERTED_TIMESTAMP_MILLIS = 9,
    JI_CONVERTED_TIMESTAMP_MICROS = 10,
    JI_CONVERTED_UINT_8 = 11,
    JI_CONVERTED_UINT_16 = 12,
    JI_CONVERTED_UINT_32 = 13,
    JI_CONVERTED_UINT_64 = 14,
    JI_CONVERTED_INT_8 = 15,
    JI_CONVERTED_INT_16 = 16,
    JI_CONVERTED_INT_32 = 17,
    JI_CONVERTED_INT_64 = 18,
    JI_CONVERTED_JSON = 19,
    JI_CONVERTED_BSON = 20,
    JI_CONVERTED_INTERVAL = 21,
};

enum ji_repetition { JI_REQUIRED = 0, JI_OPTIONAL = 1, JI_REPEATED = 2 };

/* The field ids of the union LogicalType. */
enum ji_logical {
    JI_LOGICAL_NONE = 0,
    JI_LOGICAL_STRING = 1,
    JI_LOGICAL_MAP = 2,
    JI_LOGICAL_LIST = 3,
    JI_LOGICAL_ENUM = 4,
    JI_LOGICAL_DECIMAL = 5,
    JI_LOGICAL_DATE = 6,
    JI_LOGICAL_TIME = 7,
    JI_LOGICAL_TIMESTAMP = 8,
    JI_LOGICAL_INTEGER = 10,
    JI_LOGICAL_UNKNOWN = 11,
    JI_LOGICAL_JSON = 12,
    JI_LOGICAL_BSON = 13,
    JI_LOGICAL_UUID = 14,
    JI_LOGICAL_FLOAT16 = 15,
    JI_LOGICAL_VARIANT = 16,
    JI_LOGICAL_GEOMETRY = 17,
    JI_LOGICAL_GEOGRAPHY = 18,
    JI_LOGICAL_FILE = 19,
};

/* The field ids of the union TimeUnit. */
enum ji_parquet_unit { JI_UNIT_NONE = 0, JI_UNIT_MILLIS = 1, JI_UNIT_MICROS = 2, JI_UNIT_NANOS = 3 };

/* How the edges between the points of a GEOGRAPHY run. */
enum ji_edges {
    JI_EDGES_SPHERICAL = 0,
    JI_EDGES_VINCENTY = 1,
    JI_EDGES_THOMAS = 2,
    JI_EDGES_ANDOYER = 3,
    JI_EDGES_KARNEY = 4,
};

struct ji_logical_type {
    enum ji_logical kind;
    int32_t scale;     /* DECIMAL */
    int32_t precision; /* DECIMAL */
    bool utc;          /* TIME, TIMESTAMP */
    enum ji_parquet_unit unit;
    int8_t bit_width;    /* INTEGER: 8, 16, 32, 64 */
    bool is_signed;      /* INTEGER */
    struct ji_view crs;  /* GEOMETRY, GEOGRAPHY; data NULL: absent, which is OGC:CRS84 */
    enum ji_edges edges; /* GEOGRAPHY; a number that we do not know as it stands */
};

struct ji_schema_element {
    struct ji_view name;
    enum ji_physical physical; /* NONE: a group */
    int32_t type_length;       /* FIXED: bytes; else 0 */
    enum ji_repetition repetition;
    int32_t child_count;
    enum ji_converted converted;
    int32_t scale;     /* of the converted DECIMAL */
    int32_t precision; /* of the converted DECIMAL; 0: none */
    bool has_field_id;
    int32_t field_id;
    struct ji_logical_type logical;
};

enum ji_encoding {
    JI_ENCODING_PLAIN = 0,
    JI_ENCODING_PLAIN_DICTIONARY = 2,
    JI_ENCODING_RLE = 3,
    JI_ENCODING_BIT_PACKED = 4,
    JI_ENCODING_DELTA_BINARY_PACKED = 5,
    JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY = 6,
    JI_ENCODING_DELTA_BYTE_ARRAY = 7,
    JI_ENCODING_RLE_DICTIONARY = 8,
    JI_ENCODING_BYTE_STREAM_SPLIT = 9,
    JI_ENCODING_ALP = 10,
};

enum ji_parquet_codec {
    JI_PARQUET_UNCOMPRESSED = 0,
    JI_PARQUET_SNAPPY = 1,
    JI_PARQUET_GZIP = 2,
    JI_PARQUET_LZO = 3,
    JI_PARQUET_BROTLI = 4,
    JI_PARQUET_LZ4 = 5,
    JI_PARQUET_ZSTD = 6,
    JI_PARQUET_LZ4_RAW = 7,
};

/* "INT32", "PLAIN", "SNAPPY" ...: static text, "unknown" for other numbers. */
const char *ji_physical_name(int physical);
const char *ji_converted_name(int converted);
const char *ji_repetition_name(int repetition);
const char *ji_logical_name(int logical);
const char *ji_encoding_name(int encoding);
const char *ji_parquet_codec_name(int codec);

struct ji_statistics {
    bool has_max_old, has_min_old; /* fields 1 and 2, deprecated: signed order whatever the type */
    bool has_max, has_min;         /* fields 5 and 6 */
    bool has_null_count, has_distinct_count, has_nan_count;
    bool has_max_exact, has_min_exact; /* whether the file says so */
    bool max_exact, min_exact;
    struct ji_view max_old, min_old;
    struct ji_view max, min;
    int64_t null_count, distinct_count, nan_count;
};

struct ji_size_statistics {
    bool has_unencoded_bytes;
    int64_t unencoded_bytes;
    size_t rep_count, def_count; /* 0: absent */
    const int64_t *rep_histogram;
    const int64_t *def_histogram;
};

/* Of a chunk of GEOMETRY or GEOGRAPHY. xmin above xmax: the box goes around the antimeridian. */
struct ji_geo_statistics {
    bool has_box; /* all of x and y */
    bool has_z, has_m;
    double xmin, xmax, ymin, ymax;
    double zmin, zmax;    /* with has_z */
    double mmin, mmax;    /* with has_m */
    const int32_t *types; /* WKB type codes met: 1 a point, 1001 one with z ...; none: not known */
    size_t type_count;
};

enum ji_page_type {
    JI_PAGE_DATA = 0,
    JI_PAGE_INDEX = 1,
    JI_PAGE_DICTIONARY = 2,
    JI_PAGE_DATA_V2 = 3,
};

struct ji_encoding_stat {
    enum ji_page_type page_type;
    enum ji_encoding encoding;
    int32_t count;
};

struct ji_key_value {
    struct ji_view key;
    struct ji_view value;
    bool has_value;
};

struct ji_sorting_column {
    int32_t column; /* a leaf */
    bool descending;
    bool nulls_first;
};

/* The field ids of the union EncryptionAlgorithm. */
enum ji_encryption_algorithm {
    JI_ENCRYPTION_NONE = 0,
    JI_ENCRYPTION_GCM = 1,      /* AES_GCM_V1 */
    JI_ENCRYPTION_GCM_CTR = 2,  /* AES_GCM_CTR_V1: pages by CTR, all else by GCM */
    JI_ENCRYPTION_UNKNOWN = -1, /* one that came later */
};

/* How the file is encrypted, or a plaintext footer signed. */
struct ji_encryption {
    enum ji_encryption_algorithm algorithm;
    bool has_aad_prefix;
    bool wants_aad_prefix; /* who reads must know the prefix: it is not in the file */
    struct ji_view aad_prefix;
    struct ji_view aad_file;     /* what tells this file from others of the same key */
    struct ji_view key_metadata; /* of the footer's key; data NULL: absent */
};

/* The kinds of what is encrypted on its own, by their numbers in additional data. */
enum ji_module {
    JI_MODULE_FOOTER = 0,
    JI_MODULE_COLUMN_METADATA = 1,
    JI_MODULE_DATA_PAGE = 2,
    JI_MODULE_DICTIONARY_PAGE = 3,
    JI_MODULE_DATA_PAGE_HEADER = 4,
    JI_MODULE_DICTIONARY_PAGE_HEADER = 5,
    JI_MODULE_COLUMN_INDEX = 6,
    JI_MODULE_OFFSET_INDEX = 7,
    JI_MODULE_BLOOM_HEADER = 8,
    JI_MODULE_BLOOM_BITSET = 9,
};

struct ji_file_key; /* the reader's */

/* ColumnChunk and its ColumnMetaData. */
struct ji_chunk {
    enum ji_physical physical;
    enum ji_parquet_codec codec;
    uint32_t encodings;  /* a bit for each ji_encoding below 32 that the file names */
    bool is_encrypted;   /* crypto_metadata or encrypted_column_metadata stand there */
    bool has_column_key; /* encrypted with a key of its own, else with the footer's */
    bool has_metadata;
    int64_t value_count; /* nulls included */
    int64_t uncompressed_bytes;
    int64_t compressed_bytes;
    int64_t data_page_offset;
    int64_t dictionary_page_offset; /* -1: absent */
    int64_t index_page_offset;      /* -1: absent */
    int64_t bloom_offset;           /* -1: absent */
    int32_t bloom_bytes;            /* -1: absent */
    int64_t offset_index_offset;    /* -1: absent */
    int32_t offset_index_bytes;
    int64_t column_index_offset; /* -1: absent */
    int32_t column_index_bytes;
    struct ji_view file_path; /* data NULL: absent */
    const struct ji_view *path;
    size_t path_count;
    const struct ji_statistics *statistics;           /* NULL: absent */
    const struct ji_size_statistics *size_statistics; /* NULL: absent */
    const struct ji_geo_statistics *geo_statistics;   /* NULL: absent */
    const struct ji_encoding_stat *encoding_stats;
    size_t encoding_stat_count;
    const struct ji_key_value *key_values;
    size_t key_value_count;
    struct ji_view metadata;        /* a writer's: ColumnMetaData as bytes; data NULL: as the fields say */
    struct ji_view key_metadata;    /* of the column's key; data NULL: absent */
    struct ji_view sealed_metadata; /* encrypted_column_metadata; data NULL: absent */
    const struct ji_file_key *key;  /* set by the reader; NULL: not encrypted, or not given */
};

/* So many chunks are passed over one by one at most to find one of them. */
#define JI_CHUNKS_A_MARK 32

struct ji_row_group {
    struct ji_chunk *chunks; /* a writer's; NULL in what was read */
    size_t chunk_count;
    const uint32_t *chunk_marks; /* read: where in the footer chunk 0, JI_CHUNKS_A_MARK ... and the end are */
    int64_t total_bytes;
    int64_t row_count;
    int64_t file_offset;      /* -1: absent */
    int64_t compressed_bytes; /* -1: absent */
    int32_t ordinal;          /* -1: absent */
    const struct ji_sorting_column *sorting;
    size_t sorting_count;
};

/* The field ids of the union ColumnOrder. */
enum ji_column_order { JI_ORDER_UNKNOWN = 0, JI_ORDER_TYPE = 1, JI_ORDER_IEEE754 = 2, JI_ORDER_INT96 = 3 };

struct ji_footer {
    int32_t version;
    int64_t row_count;
    struct ji_schema_element *elements; /* depth first, the root first */
    size_t element_count;
    struct ji_row_group *groups;
    size_t group_count;
    const struct ji_key_value *key_values;
    size_t key_value_count;
    struct ji_view created_by;          /* data NULL: absent */
    const enum ji_column_order *orders; /* one a leaf; NULL: absent */
    size_t order_count;
    struct ji_encryption encryption; /* plaintext footer of a file with encrypted columns; else NONE */
    size_t decoded_bytes;            /* what it takes of the bytes that it was decoded from */
};

/* One header for all kinds of page; what a kind lacks is 0. */
struct ji_page_header {
    enum ji_page_type type;
    int32_t uncompressed_bytes;
    int32_t compressed_bytes;
    bool has_crc;
    uint32_t crc;
    bool has_body; /* the struct that belongs to the type stands there */
    int32_t value_count;
    enum ji_encoding encoding;
    enum ji_encoding def_encoding; /* DATA */
    enum ji_encoding rep_encoding; /* DATA */
    int32_t null_count;            /* DATA_V2 */
    int32_t row_count;             /* DATA_V2 */
    int32_t def_bytes;             /* DATA_V2 */
    int32_t rep_bytes;             /* DATA_V2 */
    bool is_compressed;            /* DATA_V2; true where the file says nothing */
    bool is_sorted;                /* DICTIONARY */
    bool has_statistics;
    struct ji_statistics statistics; /* views into the header's bytes */
};

struct ji_page_location {
    int64_t offset;           /* of the page header in the file */
    int32_t compressed_bytes; /* header included */
    int64_t first_row;
};

struct ji_offset_index {
    struct ji_page_location *pages;
    size_t page_count;
    const int64_t *unencoded_bytes; /* one a page; NULL: absent */
};

enum ji_boundary_order { JI_UNORDERED = 0, JI_ASCENDING = 1, JI_DESCENDING = 2 };

struct ji_column_index {
    size_t page_count;
    const bool *null_pages;
    const struct ji_view *min_values;
    const struct ji_view *max_values;
    enum ji_boundary_order order;
    const int64_t *null_counts;    /* one a page; NULL: absent */
    const int64_t *rep_histograms; /* page_count x (max_rep + 1); NULL: absent */
    size_t rep_histogram_count;
    const int64_t *def_histograms; /* page_count x (max_def + 1); NULL: absent */
    size_t def_histogram_count;
    const int64_t *nan_counts; /* one a page; NULL: absent */
};

#endif
