/*
 * flatbuffer_write.c - tables, texts and vectors one behind the other
 *
 * Each table has its own vtable before it: sharing them would save bytes that nobody counts here.
 */
#include "wire/flatbuffer_write.h"

#include <assert.h>

static enum joist_status align(struct ji_bytes *out, size_t to, size_t rest, struct joist_error *err)
{
    static const uint8_t zeros[8];
    const size_t more = (to + rest - out->size % to) % to;
    return ji_bytes_append(out, zeros, more, err);
}

static enum joist_status put_zeros(struct ji_bytes *out, size_t count, size_t *at, struct joist_error *err)
{
    JI_TRY(ji_bytes_reserve(out, count, err));
    if (count > 0)
        memset(out->data + out->size, 0, count);
    *at = out->size;
    out->size += count;
    return JOIST_OK;
}

enum joist_status ji_flat_begin(struct ji_bytes *out, struct joist_error *err)
{
    size_t at;
    out->size = 0;
    return put_zeros(out, 8, &at, err);
}

static void put_number(uint8_t *to, unsigned width, int64_t number)
{
    if (width == 1)
        *to = (uint8_t)number;
    else if (width == 2)
        ji_store_le16(to, (uint16_t)number);
    else if (width == 4)
        ji_store_le32(to, (uint32_t)number);
    else
        ji_store_le64(to, (uint64_t)number);
}

enum joist_status ji_flat_put_table(struct ji_bytes *out, const struct ji_flat_slot *slots, size_t count,
        size_t *at, size_t *places, struct joist_error *err)
{
    assert(count <= JI_FLAT_SLOTS_MAX);
    const size_t slot_count = count == 0 ? 0 : slots[count - 1].index + 1;
    const size_t vtable_bytes = 4 + 2 * slot_count;
    size_t offsets[JI_FLAT_SLOTS_MAX];
    size_t table_bytes = 4;
    for (size_t i = 0; i < count; i++) {
        table_bytes = (table_bytes + slots[i].width - 1) / slots[i].width * slots[i].width;
        offsets[i] = table_bytes;
        table_bytes += slots[i].width;
    }
    size_t vtable;
    size_t table;
    JI_TRY(put_zeros(out, vtable_bytes, &vtable, err));
    JI_TRY(align(out, 8, 0, err));
    JI_TRY(put_zeros(out, table_bytes, &table, err));
    JI_TRY(align(out, 4, 0, err));
    ji_store_le16(out->data + vtable, (uint16_t)vtable_bytes);
    ji_store_le16(out->data + vtable + 2, (uint16_t)table_bytes);
    ji_store_le32(out->data + table, (uint32_t)(table - vtable));
    for (size_t i = 0; i < count; i++) {
        ji_store_le16(out->data + vtable + 4 + 2 * (size_t)slots[i].index, (uint16_t)offsets[i]);
        put_number(out->data + table + offsets[i], slots[i].width, slots[i].number);
        if (places != NULL)
            places[i] = table + offsets[i];
    }
    *at = table;
    return JOIST_OK;
}

enum joist_status ji_flat_put_text(
        struct ji_bytes *out, struct ji_view text, size_t *at, struct joist_error *err)
{
    size_t begin;
    JI_TRY(put_zeros(out, 4 + text.size + 1, &begin, err));
    JI_TRY(align(out, 4, 0, err));
    ji_store_le32(out->data + begin, (uint32_t)text.size);
    if (text.size > 0)
        memcpy(out->data + begin + 4, text.data, text.size);
    *at = begin;
    return JOIST_OK;
}

enum joist_status ji_flat_put_vector(
        struct ji_bytes *out, size_t count, size_t width, size_t *at, struct joist_error *err)
{
    size_t begin;
    JI_TRY(align(out, 8, 4, err));
    JI_TRY(put_zeros(out, 4 + count * width, &begin, err));
    JI_TRY(align(out, 4, 0, err));
    ji_store_le32(out->data + begin, (uint32_t)count);
    *at = begin;
    return JOIST_OK;
}

void ji_flat_point(struct ji_bytes *out, size_t place, size_t target)
{
    assert(target > place);
    ji_store_le32(out->data + place, (uint32_t)(target - place));
}

enum joist_status ji_flat_end(struct ji_bytes *out, struct joist_error *err)
{
    return align(out, 8, 0, err);
}
