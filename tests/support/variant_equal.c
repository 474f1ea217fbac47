/*
 * variant_equal.c - two walks in step; a walk written down
 */
#include "support/variant_equal.h"

static bool same_bits(double a, double b)
{
    return memcmp(&a, &b, sizeof a) == 0;
}

static bool same_event(const struct ji_variant_event *a, const struct ji_variant_event *b)
{
    if (a->kind != b->kind || a->has_name != b->has_name)
        return false;
    if (a->kind == JI_VARIANT_END_VALUE)
        return true;
    if (a->has_name && !ji_view_equal(a->name, b->name))
        return false;
    return a->value.type == b->value.type && a->value.integer == b->value.integer &&
            same_bits(a->value.real, b->value.real) && a->value.decimal == b->value.decimal &&
            a->value.scale == b->value.scale && ji_view_equal(a->value.view, b->value.view) &&
            a->value.count == b->value.count;
}

bool variant_equal(
        struct ji_view metadata_a, struct ji_view value_a, struct ji_view metadata_b, struct ji_view value_b)
{
    struct ji_variant_names names_a;
    struct ji_variant_names names_b;
    struct ji_variant_walk walk_a;
    struct ji_variant_walk walk_b;
    if (ji_variant_names_init(&names_a, metadata_a, NULL) != JOIST_OK ||
            ji_variant_names_init(&names_b, metadata_b, NULL) != JOIST_OK)
        return false;
    ji_variant_walk_init(&walk_a, &names_a, value_a, 0);
    ji_variant_walk_init(&walk_b, &names_b, value_b, 0);
    for (;;) {
        struct ji_variant_event a;
        struct ji_variant_event b;
        if (ji_variant_next(&walk_a, &a, NULL) != JOIST_OK ||
                ji_variant_next(&walk_b, &b, NULL) != JOIST_OK || !same_event(&a, &b))
            return false;
        if (a.kind == JI_VARIANT_END_VALUE)
            return true;
    }
}

enum joist_status variant_rebuild(const struct ji_variant_names *names, struct ji_view value,
        struct ji_variant_builder *builder, struct joist_error *err)
{
    struct ji_variant_mark marks[JI_VARIANT_DEPTH_MAX];
    struct ji_variant_walk walk;
    struct ji_variant_event event;
    size_t depth = 0;
    ji_variant_walk_init(&walk, names, value, 0);
    for (;;) {
        JI_TRY(ji_variant_next(&walk, &event, err));
        if (event.kind == JI_VARIANT_END_VALUE)
            return JOIST_OK;
        if (event.kind == JI_VARIANT_END) {
            depth--;
            JI_TRY(event.value.type == JI_VARIANT_OBJECT ? ji_variant_end_object(builder, marks[depth], err)
                                                         : ji_variant_end_array(builder, marks[depth], err));
            continue;
        }
        if (depth > 0)
            JI_TRY(ji_variant_member(builder, marks[depth - 1], event.has_name ? event.name_id : 0, err));
        if (event.kind == JI_VARIANT_BEGIN)
            marks[depth++] = ji_variant_begin(builder);
        else
            JI_TRY(ji_variant_put_encoded(builder, event.value.bytes, err));
    }
}
