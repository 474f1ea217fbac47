/*
 * group_table.c - rows to group numbers, by the values of their keys
 *
 *     row --row_key--> bytes --hash--> slot --> group --> (key, first position)
 *
 *   1. Group numbers are dense, in the order of first appearance; states stand in arrays beside the table.
 *   2. slots[i].group != 0 -> groups[slots[i].group - 1]; at least half of the slots are free.
 *   3. Keys that come as small dictionaries are mapped a combination of codes at a time: TPC-H Q1 encodes
 *      six keys a batch and looks the others up in an array.
 */
#include "scan/group_table.h"

#include <string.h>

#define SLOTS_MIN 64
/* Above this many combinations of codes an array would be colder than the hash table. */
#define COMBINATIONS_MAX 4096
#define NO_GROUP UINT32_MAX
/* Rows between asking for memory and using it, twice: slot, then group. */
#define FETCH_AHEAD 8

void ji_group_table_init(struct ji_group_table *table, struct ji_mem *mem)
{
    *table = (struct ji_group_table){.mem = mem, .scratch.mem = mem};
    ji_arena_init(&table->keys, mem);
}

void ji_group_table_clear(struct ji_group_table *table)
{
    if (table->mem == NULL)
        return;
    ji_arena_clear(&table->keys);
    ji_row_keys_clear(&table->scratch);
    ji_free(table->mem, table->groups, table->room * sizeof *table->groups);
    ji_free(table->mem, table->slots, table->slot_count * sizeof *table->slots);
    ji_free(table->mem, table->hashes, table->hash_room * sizeof *table->hashes);
    ji_free(table->mem, table->codes, table->code_room * sizeof *table->codes);
    ji_free(table->mem, table->code_groups, table->code_group_room * sizeof *table->code_groups);
    ji_group_table_init(table, table->mem);
}

static inline uint32_t tag_of(uint64_t hash)
{
    return (uint32_t)(hash >> 32);
}

static void place(struct ji_group_slot *slots, size_t slot_count, uint64_t hash, uint32_t group)
{
    size_t slot = (size_t)hash & (slot_count - 1);
    while (slots[slot].group != 0)
        slot = (slot + 1) & (slot_count - 1);
    slots[slot] = (struct ji_group_slot){group + 1, tag_of(hash)};
}

static enum joist_status grow_slots(struct ji_group_table *table, struct joist_error *err)
{
    const size_t slot_count = table->slot_count == 0 ? SLOTS_MIN : table->slot_count * 2;
    struct ji_group_slot *slots = NULL;
    JI_TRY(ji_alloc_zero(table->mem, slot_count, sizeof *slots, &slots, err));
    for (size_t group = 0; group < table->count; group++)
        place(slots, slot_count, table->groups[group].hash, (uint32_t)group);
    ji_free(table->mem, table->slots, table->slot_count * sizeof *slots);
    table->slots = slots;
    table->slot_count = slot_count;
    return JOIST_OK;
}

static enum joist_status make_room(struct ji_group_table *table, struct joist_error *err)
{
    if (table->count == JI_GROUPS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "more than %zu groups", JI_GROUPS_MAX);
    if (table->count == table->room) {
        const size_t room = table->room == 0 ? SLOTS_MIN / 2 : table->room * 2;
        JI_TRY(ji_realloc(table->mem, &table->groups, table->room * sizeof *table->groups,
                room * sizeof *table->groups, err));
        table->room = room;
    }
    if ((table->count + 1) * 2 > table->slot_count)
        JI_TRY(grow_slots(table, err));
    return JOIST_OK;
}

/* The group that takes the next free place. */
static enum joist_status add_group(struct ji_group_table *table, const struct ji_group_wanted *wanted,
        size_t slot, uint32_t *group, struct joist_error *err)
{
    struct ji_group made = {.hash = wanted->hash,
            .first = wanted->first,
            .key_bytes = (uint32_t)wanted->key_bytes,
            .is_inline = wanted->key_bytes <= JI_KEY_INLINE_BYTES};
    if (made.is_inline) {
        memcpy(made.key.bytes, wanted->key, wanted->key_bytes);
    } else {
        struct ji_view copy;
        JI_TRY(ji_arena_view(&table->keys, ji_view_of(wanted->key, wanted->key_bytes), &copy, err));
        made.key.far = copy.data;
    }
    table->groups[table->count] = made;
    *group = (uint32_t)table->count++;
    table->slots[slot] = (struct ji_group_slot){*group + 1, tag_of(wanted->hash)};
    return JOIST_OK;
}

enum joist_status ji_group_table_find(struct ji_group_table *table, const struct ji_group_wanted *wanted,
        uint32_t *group, bool *is_new, struct joist_error *err)
{
    if (table->count == table->room || (table->count + 1) * 2 > table->slot_count)
        JI_TRY(make_room(table, err));
    const size_t mask = table->slot_count - 1;
    const uint32_t tag = tag_of(wanted->hash);
    size_t slot = (size_t)wanted->hash & mask;
    for (; table->slots[slot].group != 0; slot = (slot + 1) & mask) {
        if (table->slots[slot].tag != tag)
            continue;
        struct ji_group *other = &table->groups[table->slots[slot].group - 1];
        if (other->key_bytes != wanted->key_bytes ||
                memcmp(ji_group_key(other), wanted->key, wanted->key_bytes) != 0)
            continue;
        if (wanted->first < other->first)
            other->first = wanted->first;
        *group = table->slots[slot].group - 1;
        if (is_new != NULL)
            *is_new = false;
        return JOIST_OK;
    }
    if (is_new != NULL)
        *is_new = true;
    return add_group(table, wanted, slot, group, err);
}

static enum joist_status find_encoded(
        struct ji_group_table *table, size_t index, uint64_t first, uint32_t *group, struct joist_error *err)
{
    size_t bytes = 0;
    const uint8_t *key = ji_row_key(&table->scratch, index, &bytes);
    const struct ji_group_wanted wanted = {key, bytes, ji_row_key_hash(key, bytes), first};
    return ji_group_table_find(table, &wanted, group, NULL, err);
}

/* Asks for the slot of a hash, and for the group that the slot names by now. */
static inline void fetch_slot(const struct ji_group_table *table, uint64_t hash)
{
    if (table->slot_count > 0)
        __builtin_prefetch(&table->slots[(size_t)hash & (table->slot_count - 1)]);
}

static inline void fetch_group(const struct ji_group_table *table, uint64_t hash)
{
    if (table->slot_count == 0)
        return;
    const uint32_t group = table->slots[(size_t)hash & (table->slot_count - 1)].group;
    if (group != 0)
        __builtin_prefetch(&table->groups[group - 1]);
}

/*
 * Looks all encoded keys up; hashes come first, so that the memory of later rows is on its way while earlier
 * ones are compared. `rows` NULL: the first ones; `groups` NULL: nobody asks.
 */
static enum joist_status find_all(struct ji_group_table *table, const uint32_t *rows, uint64_t first,
        uint32_t *groups, struct joist_error *err)
{
    const size_t count = table->scratch.count;
    size_t bytes = 0;
    if (count > table->hash_room) {
        JI_TRY(ji_realloc(table->mem, &table->hashes, table->hash_room * sizeof *table->hashes,
                count * sizeof *table->hashes, err));
        table->hash_room = count;
    }
    for (size_t index = 0; index < count; index++) {
        const uint8_t *key = ji_row_key(&table->scratch, index, &bytes);
        table->hashes[index] = ji_row_key_hash(key, bytes);
    }
    for (size_t index = 0; index < count; index++) {
        uint32_t group = 0;
        if (index + 2 * FETCH_AHEAD < count)
            fetch_slot(table, table->hashes[index + 2 * FETCH_AHEAD]);
        if (index + FETCH_AHEAD < count)
            fetch_group(table, table->hashes[index + FETCH_AHEAD]);
        const uint8_t *key = ji_row_key(&table->scratch, index, &bytes);
        const struct ji_group_wanted wanted = {
                key, bytes, table->hashes[index], first + (rows == NULL ? index : rows[index])};
        JI_TRY(ji_group_table_find(table, &wanted, &group, NULL, err));
        if (groups != NULL)
            groups[index] = group;
    }
    return JOIST_OK;
}

/* How many codes a key may have in this batch, null among them; 0 where it does not come as codes. */
static size_t code_count(const struct ji_column *column)
{
    if (column->form == JI_CONSTANT)
        return 1;
    return column->form == JI_DICTIONARY ? column->dictionary->row_count + 1 : 0;
}

static size_t combinations(const struct ji_column *keys, size_t key_count)
{
    size_t product = 1;
    for (size_t key = 0; key < key_count; key++) {
        const size_t codes = code_count(&keys[key]);
        if (codes == 0 || codes > COMBINATIONS_MAX || product * codes > COMBINATIONS_MAX)
            return 0;
        product *= codes;
    }
    return product;
}

static enum joist_status room_for_codes(
        struct ji_group_table *table, size_t count, size_t products, struct joist_error *err)
{
    if (count > table->code_room) {
        JI_TRY(ji_realloc(table->mem, &table->codes, table->code_room * sizeof *table->codes,
                count * sizeof *table->codes, err));
        table->code_room = count;
    }
    if (products > table->code_group_room) {
        JI_TRY(ji_realloc(table->mem, &table->code_groups,
                table->code_group_room * sizeof *table->code_groups, products * sizeof *table->code_groups,
                err));
        table->code_group_room = products;
    }
    return JOIST_OK;
}

/* codes[i] = codes[i] * code_count(column) + the code of the row, its last one for null. */
static void fold_codes(const struct ji_column *column, const uint32_t *rows, size_t count, uint32_t *codes)
{
    if (column->form == JI_CONSTANT)
        return;
    const int32_t *from = column->values;
    const uint32_t nulls = (uint32_t)column->dictionary->row_count;
    for (size_t index = 0; index < count; index++) {
        const size_t row = rows == NULL ? index : rows[index];
        const bool null = column->validity != NULL && !ji_bit_get(column->validity, row);
        codes[index] = codes[index] * (nulls + 1) + (null ? nulls : (uint32_t)from[row]);
    }
}

static enum joist_status map_codes(struct ji_group_table *table, const struct ji_key_batch *batch,
        size_t products, uint32_t *groups, struct joist_error *err)
{
    const uint32_t *rows = batch->rows;
    JI_TRY(room_for_codes(table, batch->count, products, err));
    memset(table->codes, 0, batch->count * sizeof *table->codes);
    memset(table->code_groups, 0xff, products * sizeof *table->code_groups);
    for (size_t key = 0; key < batch->key_count; key++)
        fold_codes(&batch->keys[key], rows, batch->count, table->codes);
    for (size_t index = 0; index < batch->count; index++) {
        uint32_t *known = &table->code_groups[table->codes[index]];
        if (*known == NO_GROUP) {
            const uint32_t row = rows == NULL ? (uint32_t)index : rows[index];
            JI_TRY(ji_row_keys_encode(&table->scratch, NULL, batch->keys, batch->key_count, &row, 1, err));
            JI_TRY(find_encoded(table, 0, batch->first + row, known, err));
        }
        groups[index] = *known;
    }
    return JOIST_OK;
}

enum joist_status ji_group_table_map(struct ji_group_table *table, const struct ji_key_batch *batch,
        uint32_t *groups, struct joist_error *err)
{
    const size_t products = combinations(batch->keys, batch->key_count);
    if (products != 0 && products <= 4 * batch->count)
        return map_codes(table, batch, products, groups, err);
    JI_TRY(ji_row_keys_encode(
            &table->scratch, NULL, batch->keys, batch->key_count, batch->rows, batch->count, err));
    return find_all(table, batch->rows, batch->first, groups, err);
}

enum joist_status ji_group_table_add(struct ji_group_table *table, const uint32_t *lead,
        const struct ji_column *column, const uint32_t *rows, size_t count, struct joist_error *err)
{
    JI_TRY(ji_row_keys_encode(&table->scratch, lead, column, 1, rows, count, err));
    return find_all(table, NULL, 0, NULL, err);
}
