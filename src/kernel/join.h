/*
 * join.h - many short strings one behind another
 */
#ifndef JI_JOIN_H
#define JI_JOIN_H

#include "base/bytes.h"

#define JI_JOIN_SLACK 48

/*
 * The bytes of all views, copied to `out`; returns their end. Up to JI_JOIN_SLACK bytes behind it are written
 * too. No byte outside the views is read but those between two, neither empty, that lie at most JI_JOIN_GAP
 * bytes apart.
 */
#define JI_JOIN_GAP 4
uint8_t *ji_join(const struct ji_view *views, size_t count, uint8_t *out);
/* The plain reference. */
uint8_t *ji_join_plain(const struct ji_view *views, size_t count, uint8_t *out);

#endif
