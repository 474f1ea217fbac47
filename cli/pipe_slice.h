/*
 * pipe_slice.h - an endless pipe of rows, a slice at a time
 */
#ifndef PIPE_SLICE_H
#define PIPE_SLICE_H

#include "pipe_unpack.h"

struct pipe_slices {
    struct pipe_unpack *pipe;        /* what is read; its end follows soon where somebody asks to stop */
    const struct joist_cancel *stop; /* ends the slice, and all, once the pipe has ended */
    int quote;                       /* of CSV; -1: rows end at every line feed */
    bool has_header;                 /* each slice begins with the first row */
    int64_t slice_us;                /* a slice ends after so long; 0: not for that */
    uint64_t slice_bytes;            /* with about so many; 0: not for that */

    uint8_t *data; /* [given | whole rows | begun row] */
    size_t room;
    size_t given;
    size_t whole;
    size_t size;
    bool in_quotes; /* at `size` */
    size_t looked;  /* bytes of `data` that `whole` and `in_quotes` know */
    uint8_t *header;
    size_t header_size;
    size_t header_given;
    bool knows_header;
    bool ended; /* the pipe */
    double slice_start;
    uint64_t slice_given;
    uint64_t position; /* of the slice's source */
};

/* The next slice as a source; `slices` outlives it. */
struct joist_source cli_pipe_slice(struct pipe_slices *slices);
/* True where no slice follows: the pipe has ended, or somebody asked to stop. */
bool cli_pipe_is_over(const struct pipe_slices *slices);
/* Bytes of a row whose end did not come. */
size_t cli_pipe_left(const struct pipe_slices *slices);
void cli_pipe_clear(struct pipe_slices *slices);

#endif
