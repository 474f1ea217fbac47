/*
 * place_check.c - geometries, and the geospatial statistics of a chunk against them
 *
 * A box need not be the least one, but every coordinate is in it; an empty list of types says nothing. NaN,
 * and coordinates of a GEOGRAPHY that are nowhere on the globe, do not count, as the format wants it.
 */
#include "parquet/check/chunk_walk.h"

#include <math.h>

#define LONGITUDE_MAX 180.0
#define LATITUDE_MAX 90.0

void ji_place_facts_init(struct ji_place_facts *facts, const struct ji_schema_element *element)
{
    const enum ji_logical kind = element->logical.kind;
    *facts = (struct ji_place_facts){.is_place = false};
    if (element->physical != JI_PHYSICAL_BYTE_ARRAY ||
            (kind != JI_LOGICAL_GEOMETRY && kind != JI_LOGICAL_GEOGRAPHY))
        return;
    facts->is_place = true;
    facts->is_on_globe = kind == JI_LOGICAL_GEOGRAPHY;
    if (facts->is_on_globe) {
        facts->extents.limits[JI_WKB_X] = LONGITUDE_MAX;
        facts->extents.limits[JI_WKB_Y] = LATITUDE_MAX;
    }
}

void ji_place_facts_aim(struct ji_place_facts *facts, const struct ji_geo_statistics *said)
{
    /* A box around the antimeridian leaves out what is between its east and its west. */
    if (said != NULL && said->has_box && said->xmin > said->xmax) {
        facts->extents.gap_begin = said->xmax;
        facts->extents.gap_end = said->xmin;
    }
}

enum joist_status ji_check_place(struct ji_chunk_walk *walk, struct ji_view value, struct joist_error *err)
{
    struct ji_place_facts *const facts = &walk->places;
    struct joist_error what = {.status = JOIST_OK};
    uint32_t code = 0;
    what.status = ji_wkb_read(value, &code, &facts->extents, &what);
    if (what.status != JOIST_OK) {
        facts->is_partial = true;
        return ji_find_status(walk->checker, JI_CHECK_VALUE, &what, err);
    }
    facts->types |= 1u << (code / 1000 * JI_WKB_KINDS + code % 1000 - 1);
    return JOIST_OK;
}

struct side {
    const char *name;
    double min;
    double max;
    double limit; /* of a globe's axis; 0: none */
};

static enum joist_status check_side(struct ji_chunk_walk *walk, const struct side *side,
        enum ji_wkb_axis axis, bool goes_around, struct joist_error *err)
{
    struct ji_checker *const checker = walk->checker;
    const struct ji_wkb_extent *const real = &walk->places.extents.axes[axis];
    if (isnan(side->min) || isnan(side->max))
        return ji_find_note(checker, JI_CHECK_GEO_STATISTICS, err, "the box has NaN for %s", side->name);
    if (side->limit > 0 &&
            (side->min < -side->limit || side->max > side->limit || side->min > side->limit ||
                    side->max < -side->limit))
        JI_TRY(ji_find(checker, JI_CHECK_GEO_STATISTICS, err, "the box leaves the globe in %s", side->name));
    if (side->min > side->max && !goes_around)
        return ji_find(
                checker, JI_CHECK_GEO_STATISTICS, err, "the box ends before it begins in %s", side->name);
    if (real->count == 0)
        return walk->places.is_partial ? JOIST_OK
                                       : ji_find_note(checker, JI_CHECK_GEO_STATISTICS, err,
                                                 "the box has %s, and no geometry does", side->name);
    const bool is_outside = side->min > side->max ? walk->places.extents.in_gap > 0
                                                  : real->min < side->min || real->max > side->max;
    if (is_outside)
        return ji_find(checker, JI_CHECK_GEO_STATISTICS, err, "there are coordinates outside the box in %s",
                side->name);
    return JOIST_OK;
}

static enum joist_status check_box(
        struct ji_chunk_walk *walk, const struct ji_geo_statistics *said, struct joist_error *err)
{
    const bool on_globe = walk->places.is_on_globe;
    const struct side sides[JI_WKB_AXES] = {
            {"x", said->xmin, said->xmax, on_globe ? LONGITUDE_MAX : 0},
            {"y", said->ymin, said->ymax, on_globe ? LATITUDE_MAX : 0},
            {"z", said->zmin, said->zmax, 0},
            {"m", said->mmin, said->mmax, 0},
    };
    const bool has[JI_WKB_AXES] = {true, true, said->has_z, said->has_m};
    for (size_t axis = 0; axis < JI_WKB_AXES; axis++) {
        if (has[axis])
            JI_TRY(check_side(walk, &sides[axis], (enum ji_wkb_axis)axis, axis == JI_WKB_X, err));
    }
    return JOIST_OK;
}

static enum joist_status check_types(
        struct ji_chunk_walk *walk, const struct ji_geo_statistics *said, struct joist_error *err)
{
    struct ji_checker *const checker = walk->checker;
    const uint32_t met = walk->places.types;
    uint32_t named = 0;
    if (said->type_count == 0)
        return JOIST_OK;
    for (size_t index = 0; index < said->type_count; index++) {
        const int32_t code = said->types[index];
        const int32_t kind = code % 1000;
        if (code < 0 || code / 1000 >= JI_WKB_FORMS || kind < 1 || kind > JI_WKB_KINDS) {
            JI_TRY(ji_find_note(checker, JI_CHECK_GEO_STATISTICS, err, "geometry type %" PRId32, code));
            continue;
        }
        const uint32_t bit = 1u << (code / 1000 * JI_WKB_KINDS + kind - 1);
        if ((named & bit) != 0)
            JI_TRY(ji_find(checker, JI_CHECK_GEO_STATISTICS, err, "geometry type %" PRId32 " twice", code));
        else if ((met & bit) == 0 && !walk->places.is_partial)
            JI_TRY(ji_find_note(
                    checker, JI_CHECK_GEO_STATISTICS, err, "no geometry is of type %" PRId32, code));
        named |= bit;
    }
    for (uint32_t index = 0; index < JI_WKB_FORMS * JI_WKB_KINDS; index++) {
        if (((met & ~named) >> index & 1) != 0)
            JI_TRY(ji_find(checker, JI_CHECK_GEO_STATISTICS, err,
                    "there are geometries of type %" PRIu32 ", which the types lack",
                    index / JI_WKB_KINDS * 1000 + index % JI_WKB_KINDS + 1));
    }
    return JOIST_OK;
}

enum joist_status ji_check_geo_statistics(struct ji_chunk_walk *walk, struct joist_error *err)
{
    const struct ji_geo_statistics *const said = walk->chunk->geo_statistics;
    if (said == NULL)
        return JOIST_OK;
    if (!walk->places.is_place)
        return ji_find(walk->checker, JI_CHECK_GEO_STATISTICS, err,
                "geospatial statistics of a column that is neither GEOMETRY nor GEOGRAPHY");
    if (said->has_box)
        JI_TRY(check_box(walk, said, err));
    return check_types(walk, said, err);
}
