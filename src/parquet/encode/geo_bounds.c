/*
 * geo_bounds.c - the box around the geometries of a chunk, and their types
 */
#include "parquet/encode/geo_bounds.h"

#include "parquet/format/place_type.h"

#define FORM_CODES 1000

void ji_geo_bounds_init(struct ji_geo_bounds *bounds, const struct ji_leaf *leaf)
{
    *bounds = (struct ji_geo_bounds){
            .is_wanted = ji_is_place(&leaf->element->logical),
            .has_box = leaf->element->logical.kind == JI_LOGICAL_GEOMETRY,
    };
}

void ji_geo_bounds_reset(struct ji_geo_bounds *bounds)
{
    *bounds = (struct ji_geo_bounds){.is_wanted = bounds->is_wanted, .has_box = bounds->has_box};
}

void ji_geo_bounds_add(struct ji_geo_bounds *bounds, const struct ji_value_block *block)
{
    const struct ji_view *values = block->values;
    for (size_t i = 0; i < block->count && bounds->is_wanted && !bounds->is_bad; i++) {
        struct joist_error err;
        uint32_t code = 0;
        bounds->is_bad = ji_wkb_read(values[i], &code, &bounds->extents, &err) != JOIST_OK;
        if (!bounds->is_bad)
            bounds->types |= UINT32_C(1) << (code / FORM_CODES * 8 + code % FORM_CODES);
    }
}

enum joist_status ji_geo_bounds_make(const struct ji_geo_bounds *bounds, struct ji_arena *arena,
        const struct ji_geo_statistics **out, struct joist_error *err)
{
    const struct ji_wkb_extent *axes = bounds->extents.axes;
    struct ji_geo_statistics *made = NULL;
    int32_t *types = NULL;
    if (!bounds->is_wanted || bounds->is_bad || bounds->types == 0)
        return JOIST_OK;
    JI_TRY(ji_arena_array(arena, 1, sizeof *made, &made, err));
    JI_TRY(ji_arena_array(arena, 32, sizeof *types, &types, err));
    for (int32_t bit = 0; bit < 32; bit++)
        if (bounds->types >> bit & 1)
            types[made->type_count++] = bit / 8 * FORM_CODES + bit % 8;
    made->types = types;
    made->has_box = bounds->has_box && axes[JI_WKB_X].count > 0 && axes[JI_WKB_Y].count > 0;
    made->has_z = axes[JI_WKB_Z].count > 0;
    made->has_m = axes[JI_WKB_M].count > 0;
    made->xmin = axes[JI_WKB_X].min;
    made->xmax = axes[JI_WKB_X].max;
    made->ymin = axes[JI_WKB_Y].min;
    made->ymax = axes[JI_WKB_Y].max;
    made->zmin = axes[JI_WKB_Z].min;
    made->zmax = axes[JI_WKB_Z].max;
    made->mmin = axes[JI_WKB_M].min;
    made->mmax = axes[JI_WKB_M].max;
    *out = made;
    return JOIST_OK;
}
