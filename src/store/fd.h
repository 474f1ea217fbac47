/*
 * fd.h - whole reads and writes on descriptors, through interruptions
 */
#ifndef JI_FD_H
#define JI_FD_H

#include "base/error.h"

/* Up to `bytes`, fewer only at the end; `offset` < 0: from where the descriptor stands. 0 or an errno. */
int ji_fd_read(int fd, int64_t offset, void *out, size_t bytes, size_t *bytes_read);
/* All of them, where the descriptor stands. 0 or an errno. */
int ji_fd_write(int fd, const void *data, size_t bytes);
/* A failed fsync is final: the kernel may have dropped what was not written. 0 or an errno. */
int ji_fd_sync(int fd);

#endif
