/*
 * ipc_dictionaries.h - dictionaries of what is written in Arrow's IPC format
 *
 *     batch 1: [a b]  codes 0 1        entries [a b]      map 0 1
 *     batch 2: [b c]  codes 0 1        entries [a b c]    map 1 2
 *
 * Every batch brings a dictionary of its own; a file has one a column. Entries keep their order, so that a
 * dictionary that is the same in all batches is written as it came.
 */
#ifndef JI_IPC_DICTIONARIES_H
#define JI_IPC_DICTIONARIES_H

#include "arrow/array_shape.h"
#include "arrow/column_builder.h"
#include "base/ctx.h"

#include <joist/arrow.h>

struct ji_ipc_dictionary {
    const struct ArrowSchema *values; /* borrowed */
    struct ji_field field;            /* of the values: nullable */
    struct ji_array_shape shape;
    enum ji_kind code_kind;
    size_t inner; /* dictionaries within the values, which have the numbers behind this one's */
    struct ji_column_builder entries;
    struct ji_bytes keys;  /* bytes that tell entries apart, one behind the other */
    struct ji_bytes ends;  /* size_t: where each one's end */
    struct ji_bytes slots; /* uint32_t: entries by their hash */
    struct ji_bytes map;   /* uint32_t: a code of the batch at hand -> an entry */
    bool is_identity;      /* codes are entries as they stand */
    bool is_written;       /* with all the entries that there are */
};

struct ji_ipc_dictionaries {
    struct ji_mem *mem;
    struct ji_arena arena; /* the items */
    struct ji_arena import;
    struct ji_ipc_dictionary *items; /* by number: in the order of the fields, parents first */
    size_t count;
};

/* Accept no fields at all. All that is passed in is borrowed. Clear also after a failure. */
enum joist_status ji_ipc_dictionaries_init(struct ji_ipc_dictionaries *dictionaries, struct ji_mem *mem,
        const struct ji_schema *fields, const struct ji_array_shape *shape, const struct ArrowSchema *schema,
        struct joist_error *err);
void ji_ipc_dictionaries_clear(struct ji_ipc_dictionaries *dictionaries); /* accepts all zero */

/*
 * Takes the values of the batch at hand, of our own export. With `replaces` those that were there before go
 * where not all of the new ones are among them. LIMIT where there are more than codes can say.
 */
enum joist_status ji_ipc_dictionary_take(struct ji_ipc_dictionaries *dictionaries, size_t number,
        struct ArrowArray *values, bool replaces, struct joist_error *err);
/* All entries as an array. */
enum joist_status ji_ipc_dictionary_export(struct joist_ctx *ctx, struct ji_ipc_dictionaries *dictionaries,
        size_t number, struct ArrowArray *out, struct joist_error *err);
/* Codes of the batch at hand as they are written: `count` of the kind's width, into `to`. */
void ji_ipc_codes_map(
        const struct ji_ipc_dictionary *dictionary, const void *codes, size_t count, uint8_t *to);

#endif
