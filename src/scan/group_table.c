/*
 * group_table.c - rows to group numbers, by the values of their keys
 *
 *     row --row_key--> bytes --hash--> slot --> group --> (key, first position)
 *
 *   1. Group numbers are dense, in the order of first appearance; states stand in arrays beside the table.
 *   2. slots[i] != 0 -> groups[slots[i] - 1]; at least half of the slots are 0.
 *   3. Keys that come as small dictionaries are mapped a combination of codes at a time: TPC-H Q1 encodes
 *      six keys a batch and looks the others up in an array.
 */
#include "scan/group_table.h"

#include <string.h>

#define SLOTS_MIN 64
/* Above this many combinations of codes an array would be colder than the hash table. */
#define COMBINATIONS_MAX 4096
#define NO_GROUP UINT32_MAX

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
    ji_free(table->mem, table->codes, table->code_room * sizeof *table->codes);
    ji_free(table->mem, table->code_groups, table->code_group_room * sizeof *table->code_groups);
    ji_group_table_init(table, table->mem);
}

static void place(uint32_t *slots, size_t slot_count, uint64_t hash, uint32_t group)
{
    size_t slot = (size_t)hash & (slot_count - 1);
    while (slots[slot] != 0)
        slot = (slot + 1) & (slot_count - 1);
    slots[slot] = group + 1;
}

static enum joist_status grow_slots(struct ji_group_table *table, struct joist_error *err)
{
    const size_t slot_count = table->slot_count == 0 ? SLOTS_MIN : table->slot_count * 2;
    uint32_t *slots = NULL;
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

enum joist_status ji_group_table_find(struct ji_group_table *table, const struct ji_group *key,
        uint32_t *group, bool *is_new, struct joist_error *err)
{
    JI_TRY(make_room(table, err));
    const size_t mask = table->slot_count - 1;
    size_t slot = (size_t)key->hash & mask;
    for (; table->slots[slot] != 0; slot = (slot + 1) & mask) {
        struct ji_group *other = &table->groups[table->slots[slot] - 1];
        if (other->hash != key->hash || other->key_bytes != key->key_bytes ||
                memcmp(other->key, key->key, key->key_bytes) != 0)
            continue;
        if (key->first < other->first)
            other->first = key->first;
        *group = table->slots[slot] - 1;
        if (is_new != NULL)
            *is_new = false;
        return JOIST_OK;
    }
    struct ji_view copy;
    JI_TRY(ji_arena_view(&table->keys, ji_view_of(key->key, key->key_bytes), &copy, err));
    table->groups[table->count] = *key;
    table->groups[table->count].key = copy.data;
    *group = (uint32_t)table->count;
    table->slots[slot] = (uint32_t)++table->count;
    if (is_new != NULL)
        *is_new = true;
    return JOIST_OK;
}

static enum joist_status find_encoded(
        struct ji_group_table *table, size_t index, uint64_t first, uint32_t *group, struct joist_error *err)
{
    size_t bytes = 0;
    const uint8_t *key = ji_row_key(&table->scratch, index, &bytes);
    const struct ji_group wanted = {
            .key = key, .hash = ji_row_key_hash(key, bytes), .first = first, .key_bytes = (uint32_t)bytes};
    return ji_group_table_find(table, &wanted, group, NULL, err);
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
    for (size_t index = 0; index < batch->count; index++) {
        const size_t row = batch->rows == NULL ? index : batch->rows[index];
        JI_TRY(find_encoded(table, index, batch->first + row, &groups[index], err));
    }
    return JOIST_OK;
}

enum joist_status ji_group_table_add(struct ji_group_table *table, const uint32_t *lead,
        const struct ji_column *column, const uint32_t *rows, size_t count, struct joist_error *err)
{
    JI_TRY(ji_row_keys_encode(&table->scratch, lead, column, 1, rows, count, err));
    for (size_t index = 0; index < count; index++) {
        uint32_t group = 0;
        JI_TRY(find_encoded(table, index, 0, &group, err));
    }
    return JOIST_OK;
}
