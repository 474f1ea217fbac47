/*
 * footer_window.h - the bytes of a footer under a Thrift reader: all of them, or a part that moves along
 */
#ifndef JI_FOOTER_WINDOW_H
#define JI_FOOTER_WINDOW_H

#include "base/io.h"
#include "wire/thrift.h"

struct ji_footer_window {
    struct ji_thrift_reader thrift; /* over what is here; its error sticks */
    uint64_t footer_bytes;
    uint64_t end; /* where in the footer the bytes that are here end */
    /* Where the footer is held whole, the rest is not used. */
    const struct joist_source *source;
    uint64_t offset; /* of the footer in the source */
    struct ji_mem *mem;
    uint8_t *bytes; /* owns */
    size_t capacity;
};

/* Over a footer that is held whole: borrows. */
void ji_footer_window_hold(struct ji_footer_window *window, struct ji_view footer);
/* Over a footer that is read as the reader goes along; `source` (borrowed) has it at `offset`. */
enum joist_status ji_footer_window_open(struct ji_footer_window *window, struct ji_mem *mem,
        const struct joist_source *source, uint64_t offset, uint64_t footer_bytes, struct joist_error *err);
void ji_footer_window_close(struct ji_footer_window *window);

/* Where in the footer the reader stands. */
static inline uint64_t ji_footer_window_position(const struct ji_footer_window *window)
{
    return window->end - (uint64_t)(window->thrift.end - window->thrift.at);
}
/* Whether what a value holds stays where it is for as long as the footer does. */
static inline bool ji_footer_window_is_whole(const struct ji_footer_window *window)
{
    return window->source == NULL;
}

/* Sees to it that `bytes` from the reader on are here, or all that the footer has. Views die. */
enum joist_status ji_footer_window_need(
        struct ji_footer_window *window, size_t bytes, struct joist_error *err);
/*
 * After something was read from `before` on (a copy of the reader then): where it failed only since its bytes
 * were not here, goes back, brings twice as many, and says to try again.
 */
enum joist_status ji_footer_window_retry(struct ji_footer_window *window,
        const struct ji_thrift_reader *before, bool *again, struct joist_error *err);
/* The next `bytes` bytes, `to` some place or over them; fewer in the footer fail the reader. */
enum joist_status ji_footer_window_take(
        struct ji_footer_window *window, size_t bytes, uint8_t *to, struct joist_error *err);
enum joist_status ji_footer_window_pass(
        struct ji_footer_window *window, size_t bytes, struct joist_error *err);
/* Puts the reader of a footer that is not held at `position`, with nothing of it here yet. */
void ji_footer_window_seek(struct ji_footer_window *window, uint64_t position);

#endif
