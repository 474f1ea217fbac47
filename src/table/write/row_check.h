/*
 * row_check.h - rows as they come, checked and cast to a table's columns
 *
 * Columns match by name. A value is cast where nothing of it is lost and refused where something would be:
 * the first bad one is INVALID, "row 5, column 'x': value 300 ...". Texts are never read as numbers or dates.
 */
#ifndef JI_ROW_CHECK_H
#define JI_ROW_CHECK_H

#include "arrow/batch_stream.h"

struct ji_row_check;

/*
 * `columns` is the table's schema and borrowed; `from` that of the rows. INVALID: a required column is
 * missing, an extra one is there (unless ignored), a type has no way to the table's.
 */
enum joist_status ji_row_check_open(struct ji_mem *mem, const struct ji_schema *columns,
        const struct ji_schema *from, bool ignore_extra, struct ji_row_check **check,
        struct joist_error *err);
void ji_row_check_close(struct ji_row_check *check);

/* `*to` has the table's columns, borrows from `batch`, and lives until the next call. */
enum joist_status ji_row_check_batch(struct ji_row_check *check, const struct ji_batch *batch,
        const struct ji_batch **to, struct joist_error *err);

#endif
