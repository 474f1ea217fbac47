/*
 * ipc_message.h - the messages of an IPC stream or file, one after the other
 *
 *     stream   [ff ff ff ff][size:4][Message, padded to 8][body] ... [ff ff ff ff][0:4]
 *     file     "ARROW1\0\0" stream [Footer][size:4]"ARROW1"
 *
 * A file of known size is read by the blocks of its footer, one without (a pipe) like the stream that it
 * holds.
 */
#ifndef JI_IPC_MESSAGE_H
#define JI_IPC_MESSAGE_H

#include "arrow/ipc_format.h"
#include "base/arena.h"
#include "base/io.h"
#include "wire/flatbuffer.h"

#define JI_IPC_MESSAGE_BYTES_MAX ((size_t)64 << 20)
#define JI_IPC_BLOCKS_MAX ((size_t)1 << 24)

/* Where a message stands. */
struct ji_ipc_block {
    uint64_t offset;
    uint64_t body_bytes;
    uint32_t message_bytes;
};

struct ji_ipc_messages {
    struct joist_source source; /* borrowed */
    uint64_t size;              /* or JOIST_SIZE_UNKNOWN */
    uint64_t offset;            /* of what comes next, where there are no blocks */
    bool is_file;
    struct ji_bytes bytes;  /* of the message at hand, or of the footer */
    struct ji_bytes blocks; /* struct ji_ipc_block: dictionaries, then batches */
    size_t next_block;
    uint64_t body_offset; /* of the message at hand */
    uint64_t body_bytes;
};

struct ji_ipc_message {
    enum ji_ipc_kind kind;
    struct ji_flat_buffer buffer;
    struct ji_flat_table header;
};

/*
 * Tells files from streams, and reads a file's footer: `schema` is the table Schema that it holds, else
 * NULL's.
 */
enum joist_status ji_ipc_messages_open(struct ji_ipc_messages *messages, struct ji_mem *mem,
        struct joist_source source, struct ji_ipc_message *schema, struct joist_error *err);
void ji_ipc_messages_close(struct ji_ipc_messages *messages);
/*
 * The next message: it borrows from `messages` until the next call, and points into itself. END behind the
 * last. Its body is read by the second, or passed over by the next call.
 */
enum joist_status ji_ipc_message_next(
        struct ji_ipc_messages *messages, struct ji_ipc_message *message, struct joist_error *err);
/* Into `body`, from its start. */
enum joist_status ji_ipc_body_read(
        struct ji_ipc_messages *messages, struct ji_bytes *body, struct joist_error *err);

#endif
