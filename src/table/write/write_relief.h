/*
 * write_relief.h - what to do about open files when memory is short
 */
#ifndef JI_WRITE_RELIEF_H
#define JI_WRITE_RELIEF_H

#include "base/mem.h"

enum ji_relief_kind {
    JI_RELIEF_NONE = 0,
    JI_RELIEF_FLUSH,  /* write out the open row group of `place` */
    JI_RELIEF_FINISH, /* finish the file of `place` */
};

/* An open file as the choice sees it. */
struct ji_relief_candidate {
    size_t place;
    uint64_t held; /* bytes that a flush lets go of */
    uint64_t used; /* greater: later */
};

struct ji_relief {
    enum ji_relief_kind kind;
    size_t place;
};

/* Is so little left that a choice should be made now and then; and at once? */
bool ji_relief_wanted(uint64_t room, uint64_t limit);
bool ji_relief_urgent(uint64_t room, uint64_t limit);
struct ji_relief ji_relief_choose(
        const struct ji_relief_candidate *candidates, size_t count, uint64_t room, uint64_t limit);

#endif
