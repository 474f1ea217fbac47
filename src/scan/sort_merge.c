/*
 * sort_merge.c - rows of many sources that are in order, in order
 *
 *     tree[0]          the winner         sources are the leaves count .. 2 * count - 1 of a tree of matches:
 *     tree[1]          lost the final     node n plays between 2n and 2n + 1; its loser stays there, its
 *     tree[2] tree[3]  lost before        winner goes up. After a pop the path of one leaf is played again.
 */
#include "scan/sort_merge.h"

#include <assert.h>

enum joist_status ji_sort_merge_open(struct ji_sort_merge *merge, struct ji_mem *mem,
        const struct ji_key_prefix *prefix, size_t room, struct joist_error *err)
{
    struct ji_sort_merge made = {.mem = mem, .prefix = *prefix, .room = room};
    assert(room > 0);
    JI_TRY(ji_alloc_zero(mem, room, sizeof *made.sources, &made.sources, err));
    const enum joist_status status = ji_alloc_zero(mem, room, sizeof *made.tree, &made.tree, err);
    if (status != JOIST_OK) {
        ji_free(mem, made.sources, room * sizeof *made.sources);
        return status;
    }
    *merge = made;
    return JOIST_OK;
}

void ji_sort_merge_close(struct ji_sort_merge *merge)
{
    if (merge->mem == NULL)
        return;
    for (size_t i = 0; i < merge->count; i++)
        ji_spill_reader_close(&merge->sources[i].reader);
    ji_free(merge->mem, merge->sources, merge->room * sizeof *merge->sources);
    ji_free(merge->mem, merge->tree, merge->room * sizeof *merge->tree);
    *merge = (struct ji_sort_merge){.mem = NULL};
}

static enum joist_status advance(
        struct ji_sort_merge *merge, struct ji_sort_source *source, struct joist_error *err)
{
    if (source->entries != NULL) {
        const bool ended = source->at == source->count;
        source->row = ended ? NULL : source->entries[source->at].row;
        source->prefix = ended ? 0 : source->entries[source->at++].prefix;
        return JOIST_OK;
    }
    const uint8_t *row = NULL;
    JI_TRY(ji_spill_reader_next(&source->reader, &row, err));
    source->row = row;
    source->prefix = row == NULL ? 0 : ji_key_prefix(&merge->prefix, row);
    return JOIST_OK;
}

enum joist_status ji_sort_merge_add_entries(struct ji_sort_merge *merge, const struct ji_sort_entry *entries,
        size_t count, struct joist_error *err)
{
    assert(merge->count < merge->room && entries != NULL);
    struct ji_sort_source *source = &merge->sources[merge->count++];
    *source = (struct ji_sort_source){.entries = entries, .count = count};
    return advance(merge, source, err);
}

enum joist_status ji_sort_merge_add_run(struct ji_sort_merge *merge, const struct ji_sort_spill *run,
        size_t buffer_bytes, struct joist_error *err)
{
    assert(merge->count < merge->room);
    struct ji_sort_source *source = &merge->sources[merge->count];
    JI_TRY(ji_spill_reader_open(&source->reader, merge->mem, run, buffer_bytes, err));
    merge->count++;
    return advance(merge, source, err);
}

static bool wins(const struct ji_sort_merge *merge, uint32_t left, uint32_t right)
{
    const struct ji_sort_source *a = &merge->sources[left];
    const struct ji_sort_source *b = &merge->sources[right];
    if (a->row == NULL || b->row == NULL)
        return b->row == NULL;
    return ji_sort_entry_less(a->prefix, a->row, b->prefix, b->row);
}

/* The winner of the leaf's path becomes tree[0]. */
static void play(struct ji_sort_merge *merge, uint32_t leaf)
{
    uint32_t winner = leaf;
    for (size_t node = (leaf + merge->count) / 2; node > 0; node /= 2) {
        if (wins(merge, winner, merge->tree[node]))
            continue;
        const uint32_t loser = winner;
        winner = merge->tree[node];
        merge->tree[node] = loser;
    }
    merge->tree[0] = winner;
}

void ji_sort_merge_begin(struct ji_sort_merge *merge)
{
    const uint32_t nobody = UINT32_MAX;
    for (size_t node = 0; node < merge->count; node++)
        merge->tree[node] = nobody;
    /* A node's first comer waits there, the second plays him and goes on. */
    for (uint32_t leaf = 0; leaf < merge->count; leaf++) {
        uint32_t winner = leaf;
        size_t node = (leaf + merge->count) / 2;
        for (; node > 0 && merge->tree[node] != nobody; node /= 2) {
            if (wins(merge, winner, merge->tree[node]))
                continue;
            const uint32_t loser = winner;
            winner = merge->tree[node];
            merge->tree[node] = loser;
        }
        merge->tree[node] = winner;
    }
}

enum joist_status ji_sort_merge_pop(struct ji_sort_merge *merge, struct joist_error *err)
{
    const uint32_t winner = merge->tree[0];
    JI_TRY(advance(merge, &merge->sources[winner], err));
    play(merge, winner);
    return JOIST_OK;
}
