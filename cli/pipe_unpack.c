/*
 * pipe_unpack.c - standard input, unpacked where gzip or zstd packed it, as a pipe that can be waited for
 *
 *     standard input --thread: read what is there, unpack, write--> pipe --> whoever polls
 *
 *   1. Unpacking waits for more where what came gives nothing; so it has a thread of its own.
 *   2. Asked to stop, the thread hands over what it has and ends the pipe, as at the end of the input.
 */
#include "pipe_unpack.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define TICK_MS 200
#define STEP_BYTES ((size_t)64 << 10)

static enum joist_status fail(struct joist_error *err, const char *text)
{
    if (err == NULL)
        return JOIST_ERR_IO;
    err->status = JOIST_ERR_IO;
    err->os_errno = errno;
    snprintf(err->text, sizeof err->text, "standard input: %s", text);
    return JOIST_ERR_IO;
}

static bool is_over(const struct pipe_unpack *unpack)
{
    return joist_cancel_requested(unpack->stop) || joist_cancel_requested(&unpack->quit);
}

/* What is there, once something is; none at the end, or when somebody asks to stop. */
static enum joist_status input_read_at(
        void *self, uint64_t offset, size_t bytes, void *out, size_t *bytes_read, struct joist_error *err)
{
    const struct pipe_unpack *const unpack = self;
    (void)offset;
    *bytes_read = 0;
    while (!is_over(unpack)) {
        struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
        const int ready = poll(&wait, 1, TICK_MS);
        if (ready < 0 && errno != EINTR)
            return fail(err, "cannot be waited for");
        if (ready <= 0)
            continue;
        const ssize_t got = read(STDIN_FILENO, out, bytes);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0)
            return fail(err, "cannot be read");
        *bytes_read = (size_t)got;
        return JOIST_OK;
    }
    return JOIST_OK;
}

static uint64_t input_size(void *self)
{
    (void)self;
    return JOIST_SIZE_UNKNOWN;
}

static const char *input_name(void *self)
{
    (void)self;
    return "standard input";
}

static void input_close(void *self)
{
    (void)self;
}

static bool write_all(int fd, const uint8_t *bytes, size_t size)
{
    for (size_t done = 0; done < size;) {
        const ssize_t put = write(fd, bytes + done, size - done);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return false;
        done += (size_t)put;
    }
    return true;
}

static enum joist_status pass_on(struct pipe_unpack *unpack, struct joist_source *source)
{
    uint8_t bytes[STEP_BYTES];
    uint64_t offset = 0;
    for (size_t got = 1; got > 0; offset += got) {
        const enum joist_status status =
                source->ops->read_at(source->self, offset, sizeof bytes, bytes, &got, &unpack->error);
        if (status != JOIST_OK)
            return status;
        if (!write_all(unpack->write_end, bytes, got))
            return JOIST_OK;
    }
    return JOIST_OK;
}

static void *run(void *arg)
{
    static const struct joist_source_ops ops = {
            .struct_size = sizeof ops,
            .size = input_size,
            .name = input_name,
            .read_at = input_read_at,
            .close = input_close,
    };
    struct pipe_unpack *const unpack = arg;
    struct joist_source source = {.ops = &ops, .self = unpack};
    enum joist_status status = joist_source_unpack(unpack->ctx, &source, &unpack->error);
    if (status == JOIST_OK)
        status = pass_on(unpack, &source);
    joist_source_close(&source);
    /* Cut short by us, packed bytes have no end: what they gave counts all the same. */
    unpack->status = is_over(unpack) ? JOIST_OK : status;
    close(unpack->write_end);
    return NULL;
}

enum joist_status cli_unpack_open(struct pipe_unpack *unpack, struct joist_error *err)
{
    int ends[2];
    if (pipe(ends) != 0)
        return fail(err, "no pipe to unpack it to");
    unpack->read_end = ends[0];
    unpack->write_end = ends[1];
    unpack->quit = (struct joist_cancel){.requested = 0};
    unpack->status = JOIST_OK;
    if (pthread_create(&unpack->thread, NULL, run, unpack) != 0) {
        close(ends[0]);
        close(ends[1]);
        return fail(err, "no thread to unpack it");
    }
    return JOIST_OK;
}

static void join(struct pipe_unpack *unpack)
{
    if (!unpack->is_joined)
        pthread_join(unpack->thread, NULL);
    unpack->is_joined = true;
}

enum joist_status cli_unpack_end(struct pipe_unpack *unpack, struct joist_error *err)
{
    join(unpack);
    if (unpack->status != JOIST_OK && err != NULL)
        *err = unpack->error;
    return unpack->status;
}

void cli_unpack_close(struct pipe_unpack *unpack)
{
    joist_cancel_request(&unpack->quit);
    close(unpack->read_end);
    join(unpack);
}
