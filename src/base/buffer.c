/*
 * buffer.c - counted bulk buffers, and bytes that grow
 *
 * Growing bytes double; from 4 KiB on they live in slabs, whose capacities are what
 * doubling wants and which are warm.
 */
#include "base/buffer.h"

#include <assert.h>
#include <stdio.h>

#define BYTES_CAPACITY_MIN ((size_t)64)

enum joist_status ji_buffer_new(
        struct ji_mem *mem, size_t bytes, struct ji_buffer **buffer, struct joist_error *err)
{
    struct ji_buffer *made = NULL;
    JI_TRY(ji_alloc(mem, sizeof *made, &made, err));
    const enum joist_status status = ji_slab_alloc(mem, bytes, &made->data, &made->capacity, err);
    if (status != JOIST_OK) {
        ji_free(mem, made, sizeof *made);
        return status;
    }
    made->mem = mem;
    atomic_init(&made->references, 1);
    *buffer = made;
    return JOIST_OK;
}

struct ji_buffer *ji_buffer_retain(struct ji_buffer *buffer)
{
    atomic_fetch_add_explicit(&buffer->references, 1, memory_order_relaxed);
    return buffer;
}

void ji_buffer_release(struct ji_buffer *buffer)
{
    if (buffer == NULL || atomic_fetch_sub_explicit(&buffer->references, 1, memory_order_acq_rel) > 1)
        return;
    struct ji_mem *mem = buffer->mem;
    ji_slab_free(mem, buffer->data, buffer->capacity);
    ji_free(mem, buffer, sizeof *buffer);
}

void ji_buffer_move(struct ji_buffer *buffer, struct ji_mem *to)
{
    if (buffer->mem == to)
        return;
    ji_mem_move(buffer->mem, to, buffer->capacity + sizeof *buffer);
    buffer->mem = to;
}

enum joist_status ji_buffer_renew(
        struct ji_mem *mem, struct ji_buffer **buffer, size_t bytes, struct joist_error *err)
{
    if (*buffer != NULL && (*buffer)->capacity >= bytes && !ji_buffer_shared(*buffer))
        return JOIST_OK;
    struct ji_buffer *fresh = NULL;
    JI_TRY(ji_buffer_new(mem, bytes, &fresh, err));
    ji_buffer_release(*buffer);
    *buffer = fresh;
    return JOIST_OK;
}

void ji_bytes_init(struct ji_bytes *bytes, struct ji_mem *mem)
{
    *bytes = (struct ji_bytes){.mem = mem};
}

static void free_block(struct ji_mem *mem, uint8_t *data, size_t capacity)
{
    if (capacity >= JI_SLAB_BYTES_MIN)
        ji_slab_free(mem, data, capacity);
    else
        ji_free(mem, data, capacity);
}

void ji_bytes_clear(struct ji_bytes *bytes)
{
    free_block(bytes->mem, bytes->data, bytes->capacity);
    ji_bytes_init(bytes, bytes->mem);
}

enum joist_status ji_bytes_reserve(struct ji_bytes *bytes, size_t more, struct joist_error *err)
{
    if (more <= bytes->capacity - bytes->size)
        return JOIST_OK;
    size_t wanted = 0;
    size_t doubled = 0;
    if (!ji_add_size(bytes->size, more, &wanted) || !ji_mul_size(bytes->capacity, 2, &doubled))
        return ji_fail(err, JOIST_ERR_LIMIT, "%zu bytes and %zu more", bytes->size, more);
    wanted = ji_max_size(ji_max_size(wanted, doubled), BYTES_CAPACITY_MIN);

    uint8_t *data = NULL;
    size_t capacity = wanted;
    if (wanted > JI_SLAB_BYTES_MIN / 2)
        JI_TRY(ji_slab_alloc(bytes->mem, wanted, &data, &capacity, err));
    else
        JI_TRY(ji_alloc(bytes->mem, wanted, &data, err));
    if (bytes->size > 0)
        memcpy(data, bytes->data, bytes->size);
    free_block(bytes->mem, bytes->data, bytes->capacity);
    bytes->data = data;
    bytes->capacity = capacity;
    return JOIST_OK;
}

enum joist_status ji_bytes_append(
        struct ji_bytes *bytes, const void *data, size_t size, struct joist_error *err)
{
    if (size == 0)
        return JOIST_OK;
    JI_TRY(ji_bytes_reserve(bytes, size, err));
    memcpy(bytes->data + bytes->size, data, size);
    bytes->size += size;
    return JOIST_OK;
}

enum joist_status ji_bytes_append_text(struct ji_bytes *bytes, const char *text, struct joist_error *err)
{
    return ji_bytes_append(bytes, text, strlen(text), err);
}

enum joist_status ji_bytes_printf(struct ji_bytes *bytes, struct joist_error *err, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    const int size = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    if (size < 0)
        return ji_fail(err, JOIST_ERR_INTERNAL, "a text could not be formatted");
    JI_TRY(ji_bytes_reserve(bytes, (size_t)size + 1, err));
    va_start(arguments, format);
    vsnprintf((char *)bytes->data + bytes->size, (size_t)size + 1, format, arguments);
    va_end(arguments);
    bytes->size += (size_t)size;
    return JOIST_OK;
}
