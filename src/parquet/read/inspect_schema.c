/*
 * inspect_schema.c - the elements of the schema, and the leaves with what the engine makes of them
 */
#include "parquet/read/inspect.h"

static const char *edges_name(enum ji_edges edges)
{
    static const char *const names[] = {"SPHERICAL", "VINCENTY", "THOMAS", "ANDOYER", "KARNEY"};
    return (size_t)edges < sizeof names / sizeof names[0] ? names[edges] : "unknown";
}

static void write_logical(struct ji_json_writer *json, const struct ji_logical_type *logical)
{
    static const char *const units[] = {"unknown", "MILLIS", "MICROS", "NANOS"};
    if (logical->kind == JI_LOGICAL_NONE)
        return;
    ji_json_write_key(json, "logical");
    ji_json_write_begin_object(json);
    ji_json_key_text(json, "type", ji_logical_name((int)logical->kind));
    if (logical->kind == JI_LOGICAL_DECIMAL) {
        ji_json_key_int64(json, "precision", logical->precision);
        ji_json_key_int64(json, "scale", logical->scale);
    } else if (logical->kind == JI_LOGICAL_INTEGER) {
        ji_json_key_int64(json, "bits", logical->bit_width);
        ji_json_key_bool(json, "signed", logical->is_signed);
    } else if (logical->kind == JI_LOGICAL_TIME || logical->kind == JI_LOGICAL_TIMESTAMP) {
        ji_json_key_text(json, "unit", units[logical->unit]);
        ji_json_key_bool(json, "utc", logical->utc);
    } else if (logical->kind == JI_LOGICAL_GEOMETRY || logical->kind == JI_LOGICAL_GEOGRAPHY) {
        if (logical->crs.data != NULL)
            ji_json_key_view(json, "crs", logical->crs);
        if (logical->kind == JI_LOGICAL_GEOGRAPHY)
            ji_json_key_text(json, "edges", edges_name(logical->edges));
    }
    ji_json_write_end_object(json);
}

/* The elements as the file lists them, each with its number of children: a tree, depth first. */
static void write_elements(struct ji_inspector *inspector)
{
    struct ji_json_writer *const json = &inspector->json;
    const struct ji_footer *const footer = &inspector->file->footer;
    ji_json_write_key(json, "schema");
    ji_json_write_begin_array(json);
    for (size_t index = 0; index < footer->element_count; index++) {
        const struct ji_schema_element *const element = &footer->elements[index];
        ji_json_write_begin_object(json);
        ji_json_key_view(json, "name", element->name);
        if (index > 0)
            ji_json_key_text(json, "repetition", ji_repetition_name((int)element->repetition));
        if (element->physical != JI_PHYSICAL_NONE)
            ji_json_key_text(json, "physical", ji_physical_name((int)element->physical));
        else
            ji_json_key_int64(json, "children", element->child_count);
        if (element->physical == JI_PHYSICAL_FIXED)
            ji_json_key_int64(json, "length", element->type_length);
        if (element->converted != JI_CONVERTED_NONE)
            ji_json_key_text(json, "converted", ji_converted_name((int)element->converted));
        if (element->converted == JI_CONVERTED_DECIMAL) {
            ji_json_key_int64(json, "precision", element->precision);
            ji_json_key_int64(json, "scale", element->scale);
        }
        write_logical(json, &element->logical);
        if (element->has_field_id)
            ji_json_key_int64(json, "field_id", element->field_id);
        ji_json_write_end_object(json);
    }
    ji_json_write_end_array(json);
}

static const char *order_name(const struct ji_footer *footer, size_t leaf)
{
    static const char *const names[] = {
            "unknown", "TYPE_ORDER", "IEEE_754_TOTAL_ORDER", "INT96_TIMESTAMP_ORDER"};
    const size_t order = leaf < footer->order_count ? (size_t)footer->orders[leaf] : 0;
    return names[order < sizeof names / sizeof names[0] ? order : 0];
}

enum joist_status ji_inspect_schema(struct ji_inspector *inspector, struct joist_error *err)
{
    struct ji_json_writer *const json = &inspector->json;
    const struct ji_parquet_schema *const schema = &inspector->file->schema;
    write_elements(inspector);
    ji_json_write_key(json, "leaves");
    ji_json_write_begin_array(json);
    for (size_t index = 0; index < schema->leaf_count; index++) {
        const struct ji_leaf *const leaf = &schema->leaves[index];
        const char *type = NULL;
        ji_arena_reset(&inspector->arena);
        JI_TRY(ji_type_text(&inspector->arena, leaf->field, &type, err));
        ji_json_write_begin_object(json);
        ji_json_key_text(json, "path", leaf->name);
        ji_json_key_text(json, "type", type);
        ji_json_key_int64(json, "max_definition_level", leaf->max_def);
        ji_json_key_int64(json, "max_repetition_level", leaf->max_rep);
        if (inspector->file->footer.orders != NULL)
            ji_json_key_text(json, "order", order_name(&inspector->file->footer, index));
        ji_json_write_end_object(json);
    }
    ji_json_write_end_array(json);
    return JOIST_OK;
}
