/*
 * describe_schema.c - the schema as a tree, a line an element: its own words left, the engine's type right
 */
#include <stdio.h>

#include "parquet/format/schema_tree.h"
#include "parquet/read/describe.h"

#define TREE_WIDTH 40
#define WORDS_WIDTH 76

static size_t depth_of(const struct ji_schema_tree *tree, size_t element)
{
    size_t depth = 0;
    for (size_t at = tree->parents[element]; at != 0; at = tree->parents[at])
        depth++;
    return depth;
}

static enum joist_status add_logical(
        struct ji_describer *describer, const struct ji_schema_element *element, struct joist_error *err)
{
    static const char *const units[] = {"unknown", "MILLIS", "MICROS", "NANOS"};
    struct ji_bytes *const text = &describer->text;
    const struct ji_logical_type *const logical = &element->logical;
    if (logical->kind == JI_LOGICAL_NONE) {
        if (element->converted == JI_CONVERTED_DECIMAL)
            return ji_bytes_printf(text, err, " %s(%" PRId32 ", %" PRId32 ") (converted)",
                    ji_converted_name((int)element->converted), element->precision, element->scale);
        return element->converted == JI_CONVERTED_NONE
                ? JOIST_OK
                : ji_bytes_printf(text, err, " %s (converted)", ji_converted_name((int)element->converted));
    }
    JI_TRY(ji_bytes_printf(text, err, " %s", ji_logical_name((int)logical->kind)));
    if (logical->kind == JI_LOGICAL_DECIMAL)
        return ji_bytes_printf(text, err, "(%" PRId32 ", %" PRId32 ")", logical->precision, logical->scale);
    if (logical->kind == JI_LOGICAL_INTEGER)
        return ji_bytes_printf(
                text, err, "(%d, %s)", logical->bit_width, logical->is_signed ? "signed" : "unsigned");
    if (logical->kind == JI_LOGICAL_TIME || logical->kind == JI_LOGICAL_TIMESTAMP)
        return ji_bytes_printf(text, err, "(%s, %s)", units[logical->unit], logical->utc ? "UTC" : "local");
    return JOIST_OK;
}

static enum joist_status add_element(struct ji_describer *describer, const struct ji_schema_tree *tree,
        size_t index, const struct ji_leaf *leaf, struct joist_error *err)
{
    static const char *const repetitions[] = {"required", "optional", "repeated"};
    struct ji_bytes *const text = &describer->text;
    const struct ji_schema_element *const element = &tree->elements[index];
    const size_t indent = ji_min_size(2 + 2 * depth_of(tree, index), TREE_WIDTH / 2);
    const size_t start = text->size;
    const unsigned repetition = (unsigned)element->repetition;
    JI_TRY(ji_bytes_printf(text, err, "%*s", (int)indent, ""));
    JI_TRY(ji_describe_text(describer, element->name, TREE_WIDTH - indent, true, err));
    JI_TRY(ji_bytes_printf(text, err, "  %s", repetition < 3 ? repetitions[repetition] : "unknown"));
    if (element->physical == JI_PHYSICAL_NONE)
        JI_TRY(ji_bytes_append_text(text, " group", err));
    else
        JI_TRY(ji_bytes_printf(text, err, " %s", ji_physical_name((int)element->physical)));
    if (element->physical == JI_PHYSICAL_FIXED)
        JI_TRY(ji_bytes_printf(text, err, "(%" PRId32 ")", element->type_length));
    JI_TRY(add_logical(describer, element, err));
    if (element->has_field_id)
        JI_TRY(ji_bytes_printf(text, err, ", field %" PRId32, element->field_id));
    if (leaf != NULL) {
        const char *type = NULL;
        while (text->size - start < WORDS_WIDTH)
            JI_TRY(ji_bytes_append_byte(text, ' ', err));
        ji_arena_reset(&describer->arena);
        JI_TRY(ji_type_text(&describer->arena, leaf->field, &type, err));
        JI_TRY(ji_bytes_append_text(text, "  ", err));
        JI_TRY(ji_describe_text(describer, ji_view_of_text(type), 40, false, err));
    }
    return ji_describe_end_line(describer, err);
}

enum joist_status ji_describe_schema(struct ji_describer *describer, struct joist_error *err)
{
    const struct ji_parquet_schema *const schema = &describer->file->schema;
    struct ji_schema_tree tree;
    struct ji_arena arena;
    enum joist_status status = JOIST_OK;
    size_t leaf = 0;
    ji_arena_init(&arena, describer->file->mem);
    JI_TRY_OUT(ji_schema_tree_build(&arena, schema->elements, schema->element_count, &tree, err));
    JI_TRY_OUT(ji_bytes_append_text(&describer->text, "schema\n", err));
    for (size_t index = 1; index < schema->element_count; index++) {
        const bool is_leaf =
                leaf < schema->leaf_count && schema->leaves[leaf].element == &schema->elements[index];
        JI_TRY_OUT(add_element(describer, &tree, index, is_leaf ? &schema->leaves[leaf] : NULL, err));
        leaf += is_leaf;
    }
out:
    ji_arena_clear(&arena);
    return status;
}
