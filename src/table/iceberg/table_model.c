/*
 * table_model.c - looking things up in a table's metadata
 */
#include "table/iceberg/table_model.h"

const struct ji_snapshot *ji_model_snapshot(const struct ji_table_metadata *model, int64_t snapshot_id)
{
    /* From the back: the newest are asked for most. */
    for (size_t i = model->snapshot_count; i > 0; i--) {
        if (model->snapshots[i - 1].snapshot_id == snapshot_id)
            return &model->snapshots[i - 1];
    }
    return NULL;
}

const struct ji_iceberg_schema *ji_model_schema(const struct ji_table_metadata *model, int32_t schema_id)
{
    for (size_t i = 0; i < model->schema_count; i++) {
        if (model->schemas[i].schema_id == schema_id)
            return &model->schemas[i];
    }
    return NULL;
}

const struct ji_partition_spec *ji_model_spec(const struct ji_table_metadata *model, int32_t spec_id)
{
    for (size_t i = 0; i < model->spec_count; i++) {
        if (model->specs[i].spec_id == spec_id)
            return &model->specs[i];
    }
    return NULL;
}

const char *ji_model_property(const struct ji_table_metadata *model, const char *key)
{
    for (size_t i = 0; i < model->property_count; i++) {
        if (strcmp(model->properties[i].key, key) == 0)
            return model->properties[i].value;
    }
    return NULL;
}

static bool number_of(const char *text, uint64_t *number)
{
    uint64_t made = 0;
    if (*text == '\0')
        return false;
    for (; *text != '\0'; text++) {
        if (*text < '0' || *text > '9' || !ji_mul_u64(made, 10, &made) ||
                !ji_add_u64(made, (uint64_t)(*text - '0'), &made))
            return false;
    }
    *number = made;
    return true;
}

uint64_t ji_model_property_number(const struct ji_table_metadata *model, const char *key, uint64_t absent)
{
    const char *text = ji_model_property(model, key);
    uint64_t number = absent;
    return text != NULL && number_of(text, &number) ? number : absent;
}

bool ji_summary_number(const struct ji_snapshot *snapshot, const char *key, uint64_t *number)
{
    const struct ji_tree_node *node = ji_tree_member(snapshot->summary, key);
    return node != NULL && node->kind == JI_TREE_TEXT && number_of((const char *)node->text.data, number);
}
