/*
 * group_read.h - the row groups of a footer, their chunks passed over and marked
 */
#ifndef JI_GROUP_READ_H
#define JI_GROUP_READ_H

#include "parquet/format/footer_model.h"
#include "parquet/format/footer_steps.h"

/*
 * The list of row groups at which the reader stands, of that type. Several threads of the context help with a
 * long one, whose groups are then the same, or the failure is. CORRUPT, LIMIT, and what the source answers.
 */
enum joist_status ji_groups_read(struct ji_footer_steps *steps, enum ji_thrift_type type,
        struct ji_row_group **groups, size_t *count, struct joist_error *err);

#endif
