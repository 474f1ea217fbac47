/*
 * sort_spill.h - runs of a sort in a scratch file
 *
 *     scratch file    [run][run] ... [run of runs merged] ...
 *     run             [row][row][row] ...        row_bytes.h; each begins with its size
 *
 *   1. Rows of a run stand in rising order of their keys, one behind the other: from `offset`, `bytes` bytes.
 *   2. No row of a run is larger than its `row_bytes_max`: a reader of that much room meets every row whole.
 *   3. A run that is written never changes; any number of readers may be in it while others are appended.
 *   4. The file has no name: it goes with the sort, and with the process whatever ends it.
 */
#ifndef JI_SORT_SPILL_H
#define JI_SORT_SPILL_H

#include "scan/row_bytes.h"
#include "store/scratch.h"

struct ji_sort_spill {
    struct ji_scratch *scratch; /* borrowed */
    uint64_t offset;
    uint64_t bytes;
    size_t row_bytes_max;
};

/* Writes one run at a time to the end of a file to which nobody else appends meanwhile. */
struct ji_spill_writer {
    struct ji_scratch *scratch; /* borrowed */
    const struct joist_cancel *cancel;
    uint8_t *buffer; /* borrowed */
    size_t room;
    size_t used;
    struct ji_sort_spill run;
};

void ji_spill_writer_begin(struct ji_spill_writer *writer, struct ji_scratch *scratch, uint8_t *buffer,
        size_t room, const struct joist_cancel *cancel);
/* CANCELLED where the flag was set, about once a buffer. */
enum joist_status ji_spill_writer_add(
        struct ji_spill_writer *writer, const uint8_t *row, struct joist_error *err);
enum joist_status ji_spill_writer_end(
        struct ji_spill_writer *writer, struct ji_sort_spill *run, struct joist_error *err);

struct ji_spill_reader {
    struct ji_mem *mem;
    const struct ji_sort_spill *run; /* borrowed */
    uint8_t *buffer;
    size_t room;
    size_t at;
    size_t end;
    uint64_t read; /* bytes of the run that were read */
};

/* With a buffer of `room` bytes, or more where a row needs it. */
enum joist_status ji_spill_reader_open(struct ji_spill_reader *reader, struct ji_mem *mem,
        const struct ji_sort_spill *run, size_t room, struct joist_error *err);
void ji_spill_reader_close(struct ji_spill_reader *reader); /* accepts one that is all zero */
/* The next row, which lives until the one after it is asked for; NULL at the end. */
enum joist_status ji_spill_reader_next(
        struct ji_spill_reader *reader, const uint8_t **row, struct joist_error *err);

#endif
