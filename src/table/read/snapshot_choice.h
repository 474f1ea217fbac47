/*
 * snapshot_choice.h - which snapshot a reader means
 */
#ifndef JI_SNAPSHOT_CHOICE_H
#define JI_SNAPSHOT_CHOICE_H

#include <joist/table.h>

#include "table/iceberg/table_model.h"

/*
 * `*snapshot` is NULL for a table that has none and was asked for its present. The schema is the table's
 * present one, or, for a snapshot chosen by id, tag or time, the one it was written with. NOT_FOUND says
 * what there is; INVALID: more than one way to choose.
 */
enum joist_status ji_snapshot_choose(const struct ji_table_metadata *model,
        const struct joist_snapshot_choice *choice, const struct ji_snapshot **snapshot,
        const struct ji_iceberg_schema **schema, struct joist_error *err);

#endif
