/*
 * variant_equal.c - two walks in step
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
