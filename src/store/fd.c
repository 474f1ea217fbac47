/*
 * fd.c - whole reads and writes on descriptors, through interruptions
 */
#include "store/fd.h"

#include "base/checked.h"

#include <errno.h>
#include <unistd.h>

#define CALL_BYTES_MAX ((size_t)1 << 30) /* below what one call takes anywhere */

int ji_fd_read(int fd, int64_t offset, void *out, size_t bytes, size_t *bytes_read)
{
    uint8_t *to = out;
    size_t done = 0;
    while (done < bytes) {
        const size_t want = ji_min_size(bytes - done, CALL_BYTES_MAX);
        const ssize_t got = offset < 0 ? read(fd, to + done, want)
                                       : pread(fd, to + done, want, (off_t)(offset + (int64_t)done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return errno;
        if (got == 0)
            break;
        done += (size_t)got;
        /* A pipe gives what it has: the caller can begin with that. */
        if (offset < 0)
            break;
    }
    *bytes_read = done;
    return 0;
}

int ji_fd_write(int fd, const void *data, size_t bytes)
{
    const uint8_t *from = data;
    for (size_t done = 0; done < bytes;) {
        const ssize_t wrote = write(fd, from + done, ji_min_size(bytes - done, CALL_BYTES_MAX));
        if (wrote < 0 && errno == EINTR)
            continue;
        if (wrote <= 0)
            return wrote < 0 ? errno : EIO;
        done += (size_t)wrote;
    }
    return 0;
}

int ji_fd_sync(int fd)
{
    while (fsync(fd) != 0) {
        if (errno != EINTR)
            return errno;
    }
    return 0;
}
