/*
 * snapshot_choice.c - snapshots by id, by ref and by time
 *
 * A time is looked up in the snapshot log: what was current then, so that a rollback is honoured.
 */
#include "table/read/snapshot_choice.h"

#include <inttypes.h>

#include "base/calendar.h"
#include "base/error.h"

#define MICROS_A_MILLI 1000

static enum joist_status by_id(const struct ji_table_metadata *model, int64_t snapshot_id,
        const struct ji_snapshot **snapshot, struct joist_error *err)
{
    *snapshot = ji_model_snapshot(model, snapshot_id);
    if (*snapshot == NULL)
        return ji_fail(err, JOIST_ERR_NOT_FOUND, "no snapshot %" PRId64, snapshot_id);
    return JOIST_OK;
}

static enum joist_status by_ref(const struct ji_table_metadata *model, const char *name,
        const struct ji_snapshot **snapshot, bool *is_branch, struct joist_error *err)
{
    for (size_t i = 0; i < model->ref_count; i++) {
        if (strcmp(model->refs[i].name, name) != 0)
            continue;
        *is_branch = model->refs[i].is_branch;
        return by_id(model, model->refs[i].snapshot_id, snapshot, err);
    }
    if (strcmp(name, "main") == 0 && model->current_snapshot_id != JI_SNAPSHOT_NONE) {
        *is_branch = true;
        return by_id(model, model->current_snapshot_id, snapshot, err);
    }
    return ji_fail(err, JOIST_ERR_NOT_FOUND, "no branch or tag '%s'", name);
}

static enum joist_status by_time(const struct ji_table_metadata *model, int64_t as_of_us,
        const struct ji_snapshot **snapshot, struct joist_error *err)
{
    int64_t found = JI_SNAPSHOT_NONE;
    for (size_t i = 0; i < model->log_count; i++) {
        int64_t entry_us = 0;
        if (ji_mul_i64(model->log[i].timestamp_ms, MICROS_A_MILLI, &entry_us) && entry_us <= as_of_us)
            found = model->log[i].snapshot_id;
    }
    if (found != JI_SNAPSHOT_NONE)
        return by_id(model, found, snapshot, err);
    if (model->log_count == 0)
        return ji_fail(err, JOIST_ERR_NOT_FOUND, "the table has no history");
    char text[JI_TIMESTAMP_TEXT_MAX + 1];
    text[ji_timestamp_print(model->log[0].timestamp_ms, JI_MILLI, true, text)] = '\0';
    return ji_fail(err, JOIST_ERR_NOT_FOUND, "the table's history begins at %s", text);
}

enum joist_status ji_snapshot_choose(const struct ji_table_metadata *model,
        const struct joist_snapshot_choice *choice, const struct ji_snapshot **snapshot,
        const struct ji_iceberg_schema **schema, struct joist_error *err)
{
    const struct ji_snapshot *found = NULL;
    const struct ji_iceberg_schema *columns = &model->schemas[model->current_schema];
    bool present = false;
    const int ways = (choice->snapshot_id != 0) + (choice->ref != NULL) + choice->has_as_of;
    if (ways > 1)
        return ji_fail(err, JOIST_ERR_INVALID, "a snapshot is chosen by id, by ref or by time, not by two");
    if (choice->snapshot_id != 0) {
        JI_TRY(by_id(model, choice->snapshot_id, &found, err));
    } else if (choice->ref != NULL) {
        JI_TRY(by_ref(model, choice->ref, &found, &present, err));
    } else if (choice->has_as_of) {
        JI_TRY(by_time(model, choice->as_of_us, &found, err));
    } else {
        present = true;
        if (model->current_snapshot_id != JI_SNAPSHOT_NONE)
            JI_TRY(by_id(model, model->current_snapshot_id, &found, err));
    }
    if (!present && found->schema_id >= 0) {
        columns = ji_model_schema(model, found->schema_id);
        if (columns == NULL)
            return ji_fail(err, JOIST_ERR_CORRUPT, "snapshot %" PRId64 ": schema %" PRId32 " is not there",
                    found->snapshot_id, found->schema_id);
    }
    *snapshot = found;
    *schema = columns;
    return JOIST_OK;
}
