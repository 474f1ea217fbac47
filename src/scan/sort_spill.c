/*
 * sort_spill.c - runs of a sort in a scratch file
 */
#include "scan/sort_spill.h"

void ji_spill_writer_begin(struct ji_spill_writer *writer, struct ji_scratch *scratch, uint8_t *buffer,
        size_t room, const struct joist_cancel *cancel)
{
    *writer = (struct ji_spill_writer){.scratch = scratch,
            .cancel = cancel,
            .buffer = buffer,
            .room = room,
            .run = {.scratch = scratch}};
}

static enum joist_status append(
        struct ji_spill_writer *writer, const void *data, size_t size, struct joist_error *err)
{
    uint64_t offset = 0;
    if (size == 0)
        return JOIST_OK;
    JI_TRY(ji_cancel_check(writer->cancel, err));
    JI_TRY(ji_scratch_append(writer->scratch, data, size, &offset, err));
    if (writer->run.bytes == 0)
        writer->run.offset = offset;
    writer->run.bytes += size;
    return JOIST_OK;
}

static enum joist_status flush(struct ji_spill_writer *writer, struct joist_error *err)
{
    JI_TRY(append(writer, writer->buffer, writer->used, err));
    writer->used = 0;
    return JOIST_OK;
}

enum joist_status ji_spill_writer_add(
        struct ji_spill_writer *writer, const uint8_t *row, struct joist_error *err)
{
    const size_t size = ji_row_size(row);
    writer->run.row_bytes_max = ji_max_size(writer->run.row_bytes_max, size);
    if (size > writer->room - writer->used) {
        JI_TRY(flush(writer, err));
        if (size > writer->room)
            return append(writer, row, size, err);
    }
    memcpy(writer->buffer + writer->used, row, size);
    writer->used += size;
    return JOIST_OK;
}

enum joist_status ji_spill_writer_end(
        struct ji_spill_writer *writer, struct ji_sort_spill *run, struct joist_error *err)
{
    JI_TRY(flush(writer, err));
    *run = writer->run;
    return JOIST_OK;
}

enum joist_status ji_spill_reader_open(struct ji_spill_reader *reader, struct ji_mem *mem,
        const struct ji_sort_spill *run, size_t room, struct joist_error *err)
{
    struct ji_spill_reader made = {.mem = mem, .run = run};
    const uint64_t wanted = ji_min_u64(room, run->bytes);
    JI_TRY(ji_slab_alloc(
            mem, ji_max_size((size_t)wanted, run->row_bytes_max), &made.buffer, &made.room, err));
    *reader = made;
    return JOIST_OK;
}

void ji_spill_reader_close(struct ji_spill_reader *reader)
{
    if (reader->buffer != NULL)
        ji_slab_free(reader->mem, reader->buffer, reader->room);
    *reader = (struct ji_spill_reader){.mem = NULL};
}

/* What is left goes to the front, and what comes next in the file behind it. */
static enum joist_status refill(struct ji_spill_reader *reader, struct joist_error *err)
{
    const size_t left = reader->end - reader->at;
    const size_t more = (size_t)ji_min_u64(reader->room - left, reader->run->bytes - reader->read);
    memmove(reader->buffer, reader->buffer + reader->at, left);
    reader->at = 0;
    reader->end = left;
    JI_TRY(ji_scratch_read(
            reader->run->scratch, reader->run->offset + reader->read, more, reader->buffer + left, err));
    reader->end += more;
    reader->read += more;
    return JOIST_OK;
}

static bool is_whole(const struct ji_spill_reader *reader)
{
    const size_t left = reader->end - reader->at;
    return left >= JI_ROW_HEAD_BYTES && ji_row_size(reader->buffer + reader->at) <= left;
}

enum joist_status ji_spill_reader_next(
        struct ji_spill_reader *reader, const uint8_t **row, struct joist_error *err)
{
    if (reader->at == reader->end && reader->read == reader->run->bytes) {
        *row = NULL;
        return JOIST_OK;
    }
    if (!is_whole(reader))
        JI_TRY(refill(reader, err));
    const uint8_t *const found = reader->buffer + reader->at;
    if (!is_whole(reader) || ji_row_size(found) < JI_ROW_HEAD_BYTES ||
            ji_row_key_of(found).size > ji_row_size(found) - JI_ROW_HEAD_BYTES)
        return ji_fail(err, JOIST_ERR_IO, "a scratch file gave other bytes than were written to it");
    reader->at += ji_row_size(found);
    *row = found;
    return JOIST_OK;
}
