/*
 * group_facts.h - what the footer will say of row groups that have ended, until it is written
 *
 * A file has as many row groups as its writer likes, and some 150 bytes are known of each of their column
 * chunks: they stand as the footer will have them, behind one another, and go to a scratch file as pages do.
 */
#ifndef JI_GROUP_FACTS_H
#define JI_GROUP_FACTS_H

#include "parquet/format/footer_model.h"
#include "parquet/write/page_store.h"

struct ji_group_facts {
    struct ji_page_store store;
    struct ji_bytes made; /* of the group that is added */
    size_t count;
};

void ji_group_facts_init(struct ji_group_facts *facts, struct ji_mem *mem);
void ji_group_facts_clear(struct ji_group_facts *facts);
/*
 * A group with all its chunks; nothing of them is needed afterwards. With `moves_indexes` the places of
 * their page indexes count from the first index of the file, else from its begin.
 */
enum joist_status ji_group_facts_add(struct ji_group_facts *facts, const struct ji_row_group *group,
        bool moves_indexes, struct joist_error *err);

/* From the first group to the last. */
struct ji_group_cursor {
    struct ji_page_cursor place;
    struct ji_bytes body; /* of the group at hand, which points into it */
    struct ji_bytes chunks;
    uint64_t index_begin; /* where the first page index stands in the file */
};

void ji_group_cursor_init(
        struct ji_group_cursor *cursor, const struct ji_group_facts *facts, uint64_t index_begin);
void ji_group_cursor_clear(struct ji_group_cursor *cursor);
/*
 * The next of `count` groups, valid until the next call. Of its chunks just what a footer has beside their
 * metadata is set, and that as bytes.
 */
enum joist_status ji_group_cursor_next(
        struct ji_group_cursor *cursor, struct ji_row_group *group, struct joist_error *err);

#endif
