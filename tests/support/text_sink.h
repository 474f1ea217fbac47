/*
 * text_sink.h - a sink into memory that can fail
 */
#ifndef JI_TEXT_SINK_H
#define JI_TEXT_SINK_H

#include "base/buffer.h"
#include "support/test.h"

struct text_sink {
    struct ji_bytes bytes; /* initialised by the caller */
    uint64_t appends;
    uint64_t fail_at; /* this append fails, 1-based; 0: none */
};

struct joist_sink text_sink_of(struct text_sink *sink);

#endif
