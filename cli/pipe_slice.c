/*
 * pipe_slice.c - an endless pipe of rows, a slice at a time
 *
 *     pipe:    header | row | row | row | row | row ...
 *     slices:  header | row | row       header | row | row | row       each a source that ends
 *
 *   1. A slice ends between two rows: of a row that has begun nothing is given away before its end has come,
 *      or the pipe's.
 *   2. Nobody waits longer than TICK_MS without looking at the clock.
 */
#include "pipe_slice.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS 200
#define ROOM_FIRST ((size_t)1 << 20)
#define ROOM_MAX ((size_t)128 << 20)

static enum joist_status fail(struct joist_error *err, enum joist_status status, const char *text)
{
    if (err == NULL)
        return status;
    err->status = status;
    err->os_errno = errno;
    snprintf(err->text, sizeof err->text, "standard input: %s", text);
    return status;
}

/* Where whole rows end, in what came since the last look. */
static void look(struct pipe_slices *slices)
{
    for (size_t at = slices->looked; at < slices->size; at++) {
        if (slices->data[at] == slices->quote)
            slices->in_quotes = !slices->in_quotes;
        else if (slices->data[at] == '\n' && !slices->in_quotes)
            slices->whole = at + 1;
    }
    slices->looked = slices->size;
    /* An end that we asked for ends no row. */
    if (slices->ended && !joist_cancel_requested(slices->stop))
        slices->whole = slices->size;
}

static enum joist_status make_room(struct pipe_slices *slices, struct joist_error *err)
{
    if (slices->given > 0) {
        slices->size -= slices->given;
        slices->whole -= slices->given;
        slices->looked -= slices->given;
        memmove(slices->data, slices->data + slices->given, slices->size);
        slices->given = 0;
    }
    if (slices->size < slices->room)
        return JOIST_OK;
    if (slices->room == ROOM_MAX)
        return fail(err, JOIST_ERR_LIMIT, "a row of more than 128 MiB");
    const size_t room = slices->room == 0 ? ROOM_FIRST : slices->room * 2;
    uint8_t *const data = realloc(slices->data, room);
    if (data == NULL)
        return fail(err, JOIST_ERR_NO_MEMORY, "no memory for a row");
    slices->data = data;
    slices->room = room;
    return JOIST_OK;
}

static bool is_due(const struct pipe_slices *slices)
{
    const double age = cli_now() - slices->slice_start;
    return (slices->slice_us > 0 && age * 1e6 >= (double)slices->slice_us) ||
            (slices->slice_bytes > 0 && slices->slice_given >= slices->slice_bytes);
}

/* What the pipe has, or nothing after a while. */
static enum joist_status read_some(struct pipe_slices *slices, struct joist_error *err)
{
    struct pollfd wait = {.fd = slices->pipe->read_end, .events = POLLIN};
    const int ready = poll(&wait, 1, TICK_MS);
    if (ready == 0 || (ready < 0 && errno == EINTR))
        return JOIST_OK;
    if (ready < 0)
        return fail(err, JOIST_ERR_IO, "cannot be waited for");
    const ssize_t got =
            read(slices->pipe->read_end, slices->data + slices->size, slices->room - slices->size);
    if (got < 0 && errno != EINTR && errno != EAGAIN)
        return fail(err, JOIST_ERR_IO, "cannot be read");
    if (got == 0) {
        slices->ended = true;
        return cli_unpack_end(slices->pipe, err);
    }
    if (got > 0)
        slices->size += (size_t)got;
    return JOIST_OK;
}

/* The first row goes before every slice. */
static enum joist_status take_header(struct pipe_slices *slices, struct joist_error *err)
{
    size_t end = 0;
    bool in_quotes = false;
    while (end < slices->whole && (in_quotes || slices->data[end] != '\n')) {
        in_quotes = in_quotes != (slices->data[end] == slices->quote);
        end++;
    }
    end += end < slices->whole;
    slices->knows_header = true;
    slices->header = malloc(end + 1);
    if (slices->header == NULL)
        return fail(err, JOIST_ERR_NO_MEMORY, "no memory for the header");
    memcpy(slices->header, slices->data, end);
    slices->header_size = end;
    slices->given = end;
    return JOIST_OK;
}

/* Until a whole row is there, or the slice is over. */
static enum joist_status wait_for_rows(struct pipe_slices *slices, struct joist_error *err)
{
    while (slices->whole == slices->given && !slices->ended && !is_due(slices)) {
        enum joist_status status = make_room(slices, err);
        if (status == JOIST_OK)
            status = read_some(slices, err);
        if (status != JOIST_OK)
            return status;
        look(slices);
    }
    if (slices->has_header && !slices->knows_header && slices->whole > 0)
        return take_header(slices, err);
    return JOIST_OK;
}

static size_t give(const uint8_t *from, size_t left, size_t *given, uint8_t *out, size_t bytes)
{
    const size_t size = left < bytes ? left : bytes;
    if (size > 0)
        memcpy(out, from + *given, size);
    *given += size;
    return size;
}

static enum joist_status slice_read_at(
        void *self, uint64_t offset, size_t bytes, void *out, size_t *bytes_read, struct joist_error *err)
{
    struct pipe_slices *const slices = self;
    uint8_t *const to = out;
    size_t done = 0;
    if (offset != slices->position)
        return fail(err, JOIST_ERR_UNSUPPORTED, "is read front to back");
    while (done < bytes) {
        if (slices->knows_header && slices->header_given < slices->header_size) {
            done += give(slices->header, slices->header_size - slices->header_given, &slices->header_given,
                    to + done, bytes - done);
            continue;
        }
        const size_t got = !slices->has_header || slices->knows_header
                ? give(slices->data, slices->whole - slices->given, &slices->given, to + done, bytes - done)
                : 0;
        done += got;
        slices->slice_given += got;
        if (got > 0)
            continue;
        if (slices->ended || is_due(slices))
            break;
        const enum joist_status status = wait_for_rows(slices, err);
        if (status != JOIST_OK)
            return status;
    }
    slices->position += done;
    *bytes_read = done;
    return JOIST_OK;
}

static uint64_t slice_size(void *self)
{
    (void)self;
    return JOIST_SIZE_UNKNOWN;
}

static const char *slice_name(void *self)
{
    (void)self;
    return "standard input";
}

static void slice_close(void *self)
{
    (void)self;
}

struct joist_source cli_pipe_slice(struct pipe_slices *slices)
{
    static const struct joist_source_ops ops = {
            .struct_size = sizeof ops,
            .size = slice_size,
            .name = slice_name,
            .read_at = slice_read_at,
            .close = slice_close,
    };
    slices->slice_start = cli_now();
    slices->slice_given = 0;
    slices->header_given = 0;
    slices->position = 0;
    return (struct joist_source){.ops = &ops, .self = slices};
}

bool cli_pipe_is_over(const struct pipe_slices *slices)
{
    return slices->ended && slices->given == slices->whole;
}

size_t cli_pipe_left(const struct pipe_slices *slices)
{
    return slices->size - slices->given;
}

void cli_pipe_clear(struct pipe_slices *slices)
{
    free(slices->data);
    free(slices->header);
    *slices = (struct pipe_slices){.stop = slices->stop};
}
