/*
 * name_order.c - fields in the order of their names
 *
 * A bottom-up merge sort of places, so that no header makes the search for a name slow.
 */
#include "text/name_order.h"

static void sort_places(const struct ji_field *fields, size_t count, uint32_t *from, uint32_t *to)
{
    for (size_t run = 1; run < count; run *= 2) {
        for (size_t at = 0; at < count; at += 2 * run) {
            const size_t middle = ji_min_size(at + run, count);
            const size_t end = ji_min_size(at + 2 * run, count);
            size_t left = at;
            size_t right = middle;
            for (size_t i = at; i < end; i++) {
                const bool take_left = left < middle &&
                        (right == end || strcmp(fields[from[left]].name, fields[from[right]].name) <= 0);
                to[i] = take_left ? from[left++] : from[right++];
            }
        }
        memcpy(from, to, count * sizeof *from);
    }
}

enum joist_status ji_name_order(struct ji_arena *arena, const struct ji_field *fields, size_t count,
        const uint32_t **places, struct joist_error *err)
{
    uint32_t *made = NULL;
    uint32_t *room = NULL;
    JI_TRY(ji_arena_array(arena, count, sizeof *made, &made, err));
    JI_TRY(ji_arena_array(arena, count, sizeof *room, &room, err));
    for (size_t i = 0; i < count; i++)
        made[i] = (uint32_t)i;
    sort_places(fields, count, made, room);
    *places = made;
    return JOIST_OK;
}
