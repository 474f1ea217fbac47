/*
 * scratch.c - a file without a name, for what does not fit in memory
 *
 *   1. Bytes are given a place first, by an atomic count, and written there: no two places meet.
 *   2. The count is taken from the context before it is used and given back when bytes are forgotten.
 */
#include "store/scratch.h"

#include "store/fd.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

struct ji_scratch {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    int fd;
    atomic_uint_fast64_t end;
};

enum joist_status ji_scratch_open(
        struct joist_ctx *ctx, struct ji_mem *mem, struct ji_scratch **scratch, struct joist_error *err)
{
    const char *folder = ji_ctx_scratch_folder(ctx);
    struct ji_scratch *made = NULL;
    if (folder == NULL)
        return ji_fail(err, JOIST_ERR_NOT_FOUND, "no folder for scratch files");
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->ctx = ctx;
    made->mem = mem;
    atomic_init(&made->end, 0);
    made->fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    if (made->fd < 0) {
        const int os_errno = errno;
        ji_free(mem, made, sizeof *made);
        return ji_fail_errno(err, os_errno, "a scratch file in %s", folder);
    }
    *scratch = made;
    return JOIST_OK;
}

void ji_scratch_close(struct ji_scratch *scratch)
{
    if (scratch == NULL)
        return;
    (void)close(scratch->fd);
    ji_ctx_scratch_give(scratch->ctx, atomic_load(&scratch->end));
    ji_free(scratch->mem, scratch, sizeof *scratch);
}

enum joist_status ji_scratch_place(
        struct ji_scratch *scratch, uint64_t size, uint64_t *offset, struct joist_error *err)
{
    JI_TRY(ji_ctx_scratch_take(scratch->ctx, size, err));
    *offset = atomic_fetch_add(&scratch->end, size);
    return JOIST_OK;
}

enum joist_status ji_scratch_write(
        struct ji_scratch *scratch, uint64_t offset, const void *data, size_t size, struct joist_error *err)
{
    const uint8_t *from = data;
    for (size_t done = 0; done < size;) {
        const ssize_t put = pwrite(scratch->fd, from + done, size - done, (off_t)(offset + done));
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return ji_fail_errno(err, put == 0 ? ENOSPC : errno, "a scratch file in %s",
                    ji_ctx_scratch_folder(scratch->ctx));
        done += (size_t)put;
    }
    return JOIST_OK;
}

enum joist_status ji_scratch_append(
        struct ji_scratch *scratch, const void *data, size_t size, uint64_t *offset, struct joist_error *err)
{
    uint64_t place = 0;
    JI_TRY(ji_scratch_place(scratch, size, &place, err));
    JI_TRY(ji_scratch_write(scratch, place, data, size, err));
    *offset = place;
    return JOIST_OK;
}

enum joist_status ji_scratch_read(
        struct ji_scratch *scratch, uint64_t offset, size_t size, void *out, struct joist_error *err)
{
    size_t read = 0;
    const int failed = ji_fd_read(scratch->fd, (int64_t)offset, out, size, &read);
    if (failed != 0)
        return ji_fail_errno(err, failed, "a scratch file in %s", ji_ctx_scratch_folder(scratch->ctx));
    if (read < size)
        return ji_fail(
                err, JOIST_ERR_IO, "a scratch file in %s ends early", ji_ctx_scratch_folder(scratch->ctx));
    return JOIST_OK;
}

enum joist_status ji_scratch_rewind(struct ji_scratch *scratch, struct joist_error *err)
{
    if (ftruncate(scratch->fd, 0) != 0)
        return ji_fail_errno(err, errno, "a scratch file in %s", ji_ctx_scratch_folder(scratch->ctx));
    ji_ctx_scratch_give(scratch->ctx, atomic_exchange(&scratch->end, 0));
    return JOIST_OK;
}
