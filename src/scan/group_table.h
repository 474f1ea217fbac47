/*
 * group_table.h - rows to group numbers, by the values of their keys
 */
#ifndef JI_GROUP_TABLE_H
#define JI_GROUP_TABLE_H

#include "base/arena.h"
#include "scan/row_key.h"

#define JI_GROUPS_MAX ((size_t)1 << 31)

#define JI_KEY_INLINE_BYTES 16

struct ji_group {
    uint64_t hash;
    uint64_t first; /* position of the first row seen: orders groups whatever thread met them */
    uint32_t key_bytes;
    bool is_inline; /* a short key stands in the group itself: one cache line less to wait for */
    union {
        uint8_t bytes[JI_KEY_INLINE_BYTES];
        const uint8_t *far; /* row_key.h's bytes */
    } key;
};

static inline const uint8_t *ji_group_key(const struct ji_group *group)
{
    return group->is_inline ? group->key.bytes : group->key.far;
}

/* A key on its way into a table. */
struct ji_group_wanted {
    const uint8_t *key;
    size_t key_bytes;
    uint64_t hash;
    uint64_t first;
};

/* Where a group may stand: its number + 1, or 0, and the upper half of its hash. */
struct ji_group_slot {
    uint32_t group;
    uint32_t tag;
};

struct ji_group_table {
    struct ji_mem *mem;
    struct ji_arena keys;
    struct ji_group *groups;
    size_t count;
    size_t room;
    struct ji_group_slot *slots; /* linear probing, at most half full */
    size_t slot_count;
    struct ji_row_keys scratch;
    uint64_t *hashes; /* of a batch */
    size_t hash_room;
    uint32_t *codes; /* of dictionary keys, one a row */
    size_t code_room;
    uint32_t *code_groups; /* one a combination of codes */
    size_t code_group_room;
};

void ji_group_table_init(struct ji_group_table *table, struct ji_mem *mem);
void ji_group_table_clear(struct ji_group_table *table);

/* Rows of a batch whose keys are looked up. */
struct ji_key_batch {
    const struct ji_column *keys;
    size_t key_count;
    const uint32_t *rows; /* NULL: the first ones */
    size_t count;
    uint64_t first; /* position of row 0 of the batch */
};
/* The group of each row into `groups`; a new one where the key is new. */
enum joist_status ji_group_table_map(struct ji_group_table *table, const struct ji_key_batch *batch,
        uint32_t *groups, struct joist_error *err);
/* The same for one key that is encoded already; `is_new` may be NULL. */
enum joist_status ji_group_table_find(struct ji_group_table *table, const struct ji_group_wanted *wanted,
        uint32_t *group, bool *is_new, struct joist_error *err);
/* Adds to a set: what is new of `count` keys, each led by a number of `lead`; positions do not matter. */
enum joist_status ji_group_table_add(struct ji_group_table *table, const uint32_t *lead,
        const struct ji_column *column, const uint32_t *rows, size_t count, struct joist_error *err);

#endif
