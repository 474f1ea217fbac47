/*
 * buffer.h - counted bulk buffers, and bytes that grow
 *
 * A `ji_buffer` is 64-byte aligned slab memory with a reference count that is atomic:
 * batches that leave the library keep theirs. A `ji_bytes` is one owner's growing array.
 */
#ifndef JI_BUFFER_H
#define JI_BUFFER_H

#include "base/bytes.h"
#include "base/mem.h"

#include <stdatomic.h>

struct ji_buffer {
    uint8_t *data;
    size_t capacity;
    struct ji_mem *mem;
    atomic_size_t references;
};

/* At least `bytes` bytes, not zeroed, one reference. */
enum joist_status ji_buffer_new(
        struct ji_mem *mem, size_t bytes, struct ji_buffer **buffer, struct joist_error *err);
struct ji_buffer *ji_buffer_retain(struct ji_buffer *buffer);
void ji_buffer_release(struct ji_buffer *buffer); /* accepts NULL */
static inline bool ji_buffer_shared(const struct ji_buffer *buffer)
{
    return atomic_load_explicit(&buffer->references, memory_order_acquire) > 1;
}
/* Counts it in another pool of the same root from now on (ji_ctx_exported); the caller is its one owner. */
void ji_buffer_move(struct ji_buffer *buffer, struct ji_mem *to);
/*
 * Makes `*buffer` (NULL allowed) one of at least `bytes` bytes that nobody else holds:
 * the same one where that is so, else a fresh one. What it held is lost.
 */
enum joist_status ji_buffer_renew(
        struct ji_mem *mem, struct ji_buffer **buffer, size_t bytes, struct joist_error *err);

struct ji_bytes {
    struct ji_mem *mem;
    uint8_t *data;
    size_t size;
    size_t capacity;
};

void ji_bytes_init(struct ji_bytes *bytes, struct ji_mem *mem);
void ji_bytes_clear(struct ji_bytes *bytes); /* frees; ready for use again; accepts all zero */
/* Room for `more` bytes behind `size`: then data + size may be written and size raised. */
enum joist_status ji_bytes_reserve(struct ji_bytes *bytes, size_t more, struct joist_error *err);
enum joist_status ji_bytes_append(
        struct ji_bytes *bytes, const void *data, size_t size, struct joist_error *err);
enum joist_status ji_bytes_append_text(struct ji_bytes *bytes, const char *text, struct joist_error *err);
enum joist_status ji_bytes_printf(struct ji_bytes *bytes, struct joist_error *err, const char *format, ...)
        __attribute__((format(printf, 3, 4)));
static inline enum joist_status ji_bytes_append_byte(
        struct ji_bytes *bytes, uint8_t value, struct joist_error *err)
{
    if (bytes->size == bytes->capacity)
        JI_TRY(ji_bytes_reserve(bytes, 1, err));
    bytes->data[bytes->size++] = value;
    return JOIST_OK;
}

#endif
