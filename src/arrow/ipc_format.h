/*
 * ipc_format.h - the numbers of Arrow's IPC format
 *
 * Specification: apache/arrow, format/Message.fbs, Schema.fbs, File.fbs. Slots are the places of a table's
 * members, in the order of their declaration.
 */
#ifndef JI_IPC_FORMAT_H
#define JI_IPC_FORMAT_H

#define JI_IPC_MAGIC "ARROW1"
#define JI_IPC_MAGIC_BYTES 6
#define JI_IPC_CONTINUATION UINT32_MAX /* before a message's length */
#define JI_IPC_VERSION_4 3
#define JI_IPC_VERSION_5 4
#define JI_IPC_BLOCK_BYTES 24 /* a message's place, in a file's footer */
#define JI_IPC_PAIR_BYTES 16  /* a node, or a buffer's place */
#define JI_IPC_SIZE_BYTES 8   /* before a buffer that is compressed */
#define JI_IPC_VIEW_BYTES 16

enum { JI_IPC_MESSAGE_VERSION, JI_IPC_MESSAGE_KIND, JI_IPC_MESSAGE_HEADER, JI_IPC_MESSAGE_BODY_BYTES };
enum { JI_IPC_FOOTER_VERSION, JI_IPC_FOOTER_SCHEMA, JI_IPC_FOOTER_DICTIONARIES, JI_IPC_FOOTER_BATCHES };
enum { JI_IPC_SCHEMA_ORDER, JI_IPC_SCHEMA_FIELDS, JI_IPC_SCHEMA_METADATA };
enum {
    JI_IPC_FIELD_NAME,
    JI_IPC_FIELD_NULLABLE,
    JI_IPC_FIELD_TYPE_TYPE,
    JI_IPC_FIELD_TYPE,
    JI_IPC_FIELD_DICTIONARY,
    JI_IPC_FIELD_CHILDREN,
    JI_IPC_FIELD_METADATA,
};
enum {
    JI_IPC_BATCH_LENGTH,
    JI_IPC_BATCH_NODES,
    JI_IPC_BATCH_BUFFERS,
    JI_IPC_BATCH_COMPRESSION,
    JI_IPC_BATCH_VARIADIC,
};
enum { JI_IPC_CODEC_LZ4 = 0, JI_IPC_CODEC_ZSTD = 1 };

/* What a message is, by the members of the union MessageHeader. */
enum ji_ipc_kind { JI_IPC_END = 0, JI_IPC_SCHEMA = 1, JI_IPC_DICTIONARY = 2, JI_IPC_BATCH = 3 };

/* The members of the union Type. */
enum ji_ipc_type {
    JI_IPC_NULL = 1,
    JI_IPC_INT = 2,
    JI_IPC_FLOAT = 3,
    JI_IPC_BINARY = 4,
    JI_IPC_UTF8 = 5,
    JI_IPC_BOOL = 6,
    JI_IPC_DECIMAL = 7,
    JI_IPC_DATE = 8,
    JI_IPC_TIME = 9,
    JI_IPC_TIMESTAMP = 10,
    JI_IPC_INTERVAL = 11,
    JI_IPC_LIST = 12,
    JI_IPC_STRUCT = 13,
    JI_IPC_FIXED = 15,
    JI_IPC_FIXED_LIST = 16,
    JI_IPC_MAP = 17,
    JI_IPC_DURATION = 18,
    JI_IPC_LARGE_BINARY = 19,
    JI_IPC_LARGE_UTF8 = 20,
    JI_IPC_LARGE_LIST = 21,
    JI_IPC_RUN_ENDS = 22,
    JI_IPC_BINARY_VIEW = 23,
    JI_IPC_UTF8_VIEW = 24,
    JI_IPC_LIST_VIEW = 25,
    JI_IPC_LARGE_LIST_VIEW = 26,
};

#endif
