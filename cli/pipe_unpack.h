/*
 * pipe_unpack.h - standard input, unpacked where gzip or zstd packed it, as a pipe that can be waited for
 */
#ifndef PIPE_UNPACK_H
#define PIPE_UNPACK_H

#include "cli.h"

#include <pthread.h>

struct pipe_unpack {
    struct joist_ctx *ctx;
    const struct joist_cancel *stop; /* ends the pipe behind what has come */

    int read_end; /* whoever reads polls this */
    int write_end;
    pthread_t thread;
    struct joist_cancel quit;
    bool is_joined;
    enum joist_status status; /* of the thread, once it is joined */
    struct joist_error error;
};

/* With `ctx` and `stop` set; `unpack` stays where it is. Ended by cli_unpack_close. */
enum joist_status cli_unpack_open(struct pipe_unpack *unpack, struct joist_error *err);
/* Once the pipe has ended: what was wrong with the input, if something was. */
enum joist_status cli_unpack_end(struct pipe_unpack *unpack, struct joist_error *err);
void cli_unpack_close(struct pipe_unpack *unpack);

#endif
