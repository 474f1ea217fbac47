/*
 * view_hash.h - a hash of bytes for tables that live as long as a batch
 */
#ifndef JI_VIEW_HASH_H
#define JI_VIEW_HASH_H

#include "base/bytes.h"

/* Good enough for a table of one's own; nothing that is written may depend on it. */
static inline uint64_t ji_view_hash(struct ji_view view)
{
    uint64_t hash = view.size * UINT64_C(0x9e3779b97f4a7c15);
    size_t at = 0;
    for (; view.size - at >= sizeof hash; at += sizeof hash)
        hash = (hash ^ ji_load_le64(view.data + at)) * UINT64_C(0xff51afd7ed558ccd), hash ^= hash >> 32;
    for (; at < view.size; at++)
        hash = (hash ^ view.data[at]) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29;
}

#endif
