/*
 * random_rows.h - batches of every kind of column and form, and whether two rows are the same to the bit
 *
 * Column 0, "id", is a long: the number of the row. Null lists hide elements, dictionaries and constants stand
 * for flat columns, nested ones too; selections leave out rows.
 */
#ifndef JI_RANDOM_ROWS_H
#define JI_RANDOM_ROWS_H

#include "support/test.h"

#include "scan/rows_source.h"

struct random_rows {
    struct ji_arena arena;
    struct ji_schema schema;
    struct ji_batch *batches; /* morsel after morsel */
    size_t batch_count;
    size_t morsel_batches; /* in each morsel; the last may have fewer */
    size_t row_count;      /* that are selected, over all */
    uint64_t fail_at;      /* this batch is an error instead, 1-based; 0: none */
};

/* The schema alone: every kind, nested ones in each other. Lives as long as the program. */
const struct ji_schema *random_rows_schema(void);
/* Fails the test where memory runs out. `rows_max` a batch. */
void random_rows_make(struct random_rows *rows, struct ji_mem *mem, uint64_t seed, size_t batch_count,
        size_t rows_max, size_t morsel_batches);
void random_rows_clear(struct random_rows *rows);

/* A scan of them, which is closed with nothing to do. */
struct ji_rows_scan random_rows_scan(struct random_rows *rows);

/* As a reader of both would see them: values behind nulls may be anything. */
bool same_value(const struct ji_column *a, size_t a_row, const struct ji_column *b, size_t b_row);

#endif
