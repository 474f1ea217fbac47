/*
 * write_relief.c - what to do about open files when memory is short
 *
 *     of the limit left:   everything ... 1/4 ................. 1/8 ................. nothing
 *                          nothing        the fullest is         the fullest is flushed, and where that
 *                                         flushed, if that       gives too little, the file used least
 *                                         is worth it            recently is finished
 *
 * Small row groups cost less than small files, and no rows are turned away as long as one file fits. What a
 * flush does not give back (what the footer will say of the groups so far) goes only with the file.
 */
#include "table/write/write_relief.h"

#define EARLY_PART 4
#define LATE_PART 8
#define EARLY_BYTES_MIN ((uint64_t)2 << 20)   /* with open pages and tables: about half of it encoded */
#define FLUSH_BYTES_MIN ((uint64_t)128 << 10) /* below, a file is finished instead */

bool ji_relief_wanted(uint64_t room, uint64_t limit)
{
    return room < limit / EARLY_PART;
}

bool ji_relief_urgent(uint64_t room, uint64_t limit)
{
    return room < limit / LATE_PART;
}

struct ji_relief ji_relief_choose(
        const struct ji_relief_candidate *candidates, size_t count, uint64_t room, uint64_t limit)
{
    const struct ji_relief_candidate *fullest = candidates;
    const struct ji_relief_candidate *oldest = candidates;
    if (count == 0 || !ji_relief_wanted(room, limit))
        return (struct ji_relief){.kind = JI_RELIEF_NONE};
    for (size_t i = 1; i < count; i++) {
        if (candidates[i].held > fullest->held)
            fullest = &candidates[i];
        if (candidates[i].used < oldest->used)
            oldest = &candidates[i];
    }
    const bool late = ji_relief_urgent(room, limit);
    if (fullest->held >= (late ? FLUSH_BYTES_MIN : EARLY_BYTES_MIN))
        return (struct ji_relief){.kind = JI_RELIEF_FLUSH, .place = fullest->place};
    if (late)
        return (struct ji_relief){.kind = JI_RELIEF_FINISH, .place = oldest->place};
    return (struct ji_relief){.kind = JI_RELIEF_NONE};
}
