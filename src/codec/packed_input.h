/*
 * packed_input.h - packed bytes as they come, piece by piece
 */
#ifndef JI_PACKED_INPUT_H
#define JI_PACKED_INPUT_H

#include "base/bytes.h"

#include <joist/base.h>

struct ji_packed_input {
    void *arg;
    /* The next bytes, which live until the next call; none are the end, and stay so. */
    enum joist_status (*next)(void *arg, struct ji_view *bytes, struct joist_error *err);
};

#endif
