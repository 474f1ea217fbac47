/*
 * page_pool.h - pages that wait for a thread to compress them
 *
 *     a column's unit:        rows -> page ends -> parcel           collect, in the file's order
 *                                                    |                 ^
 *     a thread without unit:                         '-> seal (codec) -'
 *
 * Columns are encoded side by side, and one of them may have as much to do as all others together: a thread
 * that finds no further column seals pages of those that are still at work. What stands in the file does not
 * depend on who did it.
 *
 *     begin(units) -> on each thread: { a unit, unit_ended }, then help, until all units have ended
 *
 *   1. There is a parcel only where a thread is there to help: two for each, and no memory before that.
 *   2. Who took a parcel finishes it and returns it before its unit ends.
 *
 * Thread-safe but for open, close and begin.
 */
#ifndef JI_PAGE_POOL_H
#define JI_PAGE_POOL_H

#include "parquet/format/footer_model.h"
#include "parquet/write/write_lane.h"

struct ji_column_writer;
struct ji_page_pool;

/* A page before compression. */
struct ji_page_body {
    struct ji_view bytes; /* repetition levels, definition levels, values */
    size_t rep_bytes;
    size_t def_bytes;
};

enum ji_parcel_state { JI_PARCEL_FREE, JI_PARCEL_TAKEN, JI_PARCEL_QUEUED, JI_PARCEL_RUNNING, JI_PARCEL_DONE };

struct ji_page_parcel {
    /* Of who took it. */
    const struct ji_column_writer *writer; /* what it says of codec and checksums does not change */
    struct ji_bytes room;
    struct ji_page_body body; /* within `room` */
    struct ji_page_header header;
    /* Once finished. */
    struct ji_bytes head;
    struct ji_bytes packed;
    struct ji_view sealed; /* in `packed` or `room` */
    enum joist_status status;
    struct joist_error error;
    /* The pool's. */
    enum ji_parcel_state state;
    struct ji_page_parcel *next;
};

enum joist_status ji_page_pool_open(
        struct ji_mem *mem, unsigned threads, struct ji_page_pool **pool, struct joist_error *err);
void ji_page_pool_close(struct ji_page_pool *pool); /* accepts NULL */

/* A step of so many units begins. */
void ji_page_pool_begin(struct ji_page_pool *pool, size_t units);
/* However it ended. */
void ji_page_pool_unit_ended(struct ji_page_pool *pool);
/* Seals what is posted until all units have ended. */
void ji_page_pool_help(struct ji_page_pool *pool, struct ji_write_lane *lane);

/* A parcel, where one more would find a thread soon; else NULL. */
struct ji_page_parcel *ji_page_pool_take(struct ji_page_pool *pool);
void ji_page_pool_post(struct ji_page_pool *pool, struct ji_page_parcel *parcel);
/* Back when the page is sealed: by this thread, where no other has begun. */
void ji_page_pool_finish(
        struct ji_page_pool *pool, struct ji_page_parcel *parcel, struct ji_write_lane *lane);
/* Seals it with this lane, where no other thread has begun. */
void ji_page_pool_hasten(
        struct ji_page_pool *pool, struct ji_page_parcel *parcel, struct ji_write_lane *lane);
/* After finish. */
void ji_page_pool_return(struct ji_page_pool *pool, struct ji_page_parcel *parcel);

#endif
