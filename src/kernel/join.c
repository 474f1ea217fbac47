/*
 * join.c - strings that lie one behind another are copied 48 bytes at a time, whatever their lengths
 *
 *     [length]oak[length]elm[length]willow ...       of a PLAIN page: 4 bytes apart; of Arrow: none
 *      ^views[0]  ^[1]       ^[2]    ^end of the stretch
 *
 * What is copied beyond a string is overwritten by the next. So nothing depends on how long each is, which
 * no processor foresees. A stretch ends where the next view does not follow closely, or has no byte: what
 * lies before it need not be memory at all.
 */
#include "kernel/join.h"

uint8_t *ji_join_plain(const struct ji_view *views, size_t count, uint8_t *out)
{
    for (size_t i = 0; i < count; i++) {
        if (views[i].size != 0)
            memcpy(out, views[i].data, views[i].size);
        out += views[i].size;
    }
    return out;
}

/* Views from the first on, which has bytes, that have some too and follow each other closely. */
static size_t stretch(const struct ji_view *views, size_t count)
{
    size_t i = 1;
    while (i < count && views[i].size != 0 &&
            (uintptr_t)views[i].data - (uintptr_t)(views[i - 1].data + views[i - 1].size) <= JI_JOIN_GAP)
        i++;
    return i;
}

static inline void copy_48(uint8_t *out, const uint8_t *from)
{
    uint8_t bytes[JI_JOIN_SLACK];
    memcpy(bytes, from, sizeof bytes);
    memcpy(out, bytes, sizeof bytes);
}

uint8_t *ji_join(const struct ji_view *views, size_t count, uint8_t *out)
{
    for (size_t at = 0; at < count;) {
        if (views[at].size == 0) {
            at++;
            continue;
        }
        const size_t end = at + stretch(views + at, count - at);
        const uint8_t *const last = views[end - 1].data + views[end - 1].size;
        for (; at < end && (size_t)(last - views[at].data) >= JI_JOIN_SLACK; at++) {
            const size_t size = views[at].size;
            copy_48(out, views[at].data);
            if (size > JI_JOIN_SLACK)
                memcpy(out + JI_JOIN_SLACK, views[at].data + JI_JOIN_SLACK, size - JI_JOIN_SLACK);
            out += size;
        }
        out = ji_join_plain(views + at, end - at, out);
        at = end;
    }
    return out;
}
