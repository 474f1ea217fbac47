/*
 * wkb.c - walks a geometry
 *
 *     order (0 big, 1 little) | code | body         each geometry, members too, says its own order
 *
 *     point                    coordinates
 *     line string              count | coordinates ...
 *     polygon                  count | line string's body ...
 *     multi..., collection     count | geometry ...
 *
 *   1. Members have the z and m of what they are in, and in a multi-point, -line string or -polygon are
 *      points, line strings or polygons.
 *   2. A container waits on the stack for the members that it lacks; the stack is empty when all is read.
 */
#include "wire/wkb.h"

#include <math.h>

#define ORDER_LITTLE 1
#define KIND_CODES 1000
#define CURVES_END 17 /* codes that ISO gives to curves, surfaces and triangles end there */

enum kind { POINT = 1, LINE, POLYGON, MULTI_POINT, MULTI_LINE, MULTI_POLYGON, COLLECTION };

struct container {
    enum kind kind;
    uint32_t left; /* members to come */
};

struct walk {
    struct ji_view rest;
    bool is_little;
    unsigned form;
    unsigned axes; /* 2 to 4 */
    struct ji_wkb_extents *extents;
    size_t depth;
    struct container stack[JI_WKB_DEPTH_MAX];
};

static enum joist_status take(struct walk *walk, size_t size, const uint8_t **bytes, struct joist_error *err)
{
    if (size > walk->rest.size)
        return ji_fail(err, JOIST_ERR_CORRUPT, "geometry ends within its bytes");
    *bytes = walk->rest.data;
    walk->rest = ji_view_of(walk->rest.data + size, walk->rest.size - size);
    return JOIST_OK;
}

static enum joist_status take_number(struct walk *walk, uint32_t *number, struct joist_error *err)
{
    const uint8_t *bytes = NULL;
    JI_TRY(take(walk, sizeof *number, &bytes, err));
    *number = walk->is_little ? ji_load_le32(bytes) : ji_load_be32(bytes);
    return JOIST_OK;
}

static void add(struct ji_wkb_extents *extents, enum ji_wkb_axis axis, double number)
{
    struct ji_wkb_extent *const extent = &extents->axes[axis];
    const double limit = extents->limits[axis];
    if (isnan(number) || (limit > 0 && (number < -limit || number > limit)))
        return;
    if (extent->count == 0 || number < extent->min)
        extent->min = number;
    if (extent->count == 0 || number > extent->max)
        extent->max = number;
    extent->count++;
    if (axis == JI_WKB_X && number > extents->gap_begin && number < extents->gap_end)
        extents->in_gap++;
}

static enum joist_status take_points(struct walk *walk, uint32_t count, struct joist_error *err)
{
    const size_t point_bytes = walk->axes * sizeof(double);
    if (count > walk->rest.size / point_bytes)
        return ji_fail(err, JOIST_ERR_CORRUPT, "geometry of %" PRIu32 " points in %zu bytes", count,
                walk->rest.size);
    /* The third number is z where there is one, else m. */
    const enum ji_wkb_axis third = walk->form == 2 ? JI_WKB_M : JI_WKB_Z;
    const enum ji_wkb_axis axes[] = {JI_WKB_X, JI_WKB_Y, third, JI_WKB_M};
    for (uint32_t point = 0; point < count; point++) {
        const uint8_t *bytes = NULL;
        JI_TRY(take(walk, point_bytes, &bytes, err));
        for (unsigned axis = 0; axis < walk->axes; axis++) {
            const uint8_t *const at = bytes + axis * sizeof(double);
            const uint64_t bits = walk->is_little ? ji_load_le64(at) : ji_load_be64(at);
            double number;
            memcpy(&number, &bits, sizeof number);
            add(walk->extents, axes[axis], number);
        }
    }
    return JOIST_OK;
}

static enum joist_status take_rings(struct walk *walk, struct joist_error *err)
{
    uint32_t rings = 0;
    JI_TRY(take_number(walk, &rings, err));
    for (uint32_t ring = 0; ring < rings; ring++) {
        uint32_t points = 0;
        JI_TRY(take_number(walk, &points, err));
        JI_TRY(take_points(walk, points, err));
    }
    return JOIST_OK;
}

static enum joist_status check_code(
        const struct walk *walk, uint32_t code, bool is_member, struct joist_error *err)
{
    const uint32_t kind = code % KIND_CODES;
    if (code / KIND_CODES >= JI_WKB_FORMS || kind == 0 || kind > CURVES_END)
        return ji_fail(err, JOIST_ERR_CORRUPT, "geometry of type %" PRIu32, code);
    if (kind > COLLECTION)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "geometry of type %" PRIu32, code);
    if (!is_member)
        return JOIST_OK;
    const enum kind outer = walk->stack[walk->depth - 1].kind;
    if (code / KIND_CODES != walk->form ||
            (outer != COLLECTION && kind != (uint32_t)(outer - MULTI_POINT + POINT)))
        return ji_fail(err, JOIST_ERR_CORRUPT, "geometry of type %" PRIu32 " in one of type %u", code,
                walk->form * KIND_CODES + (unsigned)outer);
    return JOIST_OK;
}

static enum joist_status push(struct walk *walk, enum kind kind, struct joist_error *err)
{
    uint32_t count = 0;
    JI_TRY(take_number(walk, &count, err));
    if (count == 0)
        return JOIST_OK;
    if (walk->depth == JI_WKB_DEPTH_MAX)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "geometry of more than %d levels", JI_WKB_DEPTH_MAX);
    walk->stack[walk->depth++] = (struct container){.kind = kind, .left = count};
    return JOIST_OK;
}

/* One geometry but for the members that it then waits for. */
static enum joist_status take_geometry(
        struct walk *walk, bool is_member, uint32_t *code, struct joist_error *err)
{
    const uint8_t *order = NULL;
    uint32_t count = 0;
    JI_TRY(take(walk, 1, &order, err));
    if (*order > ORDER_LITTLE)
        return ji_fail(err, JOIST_ERR_CORRUPT, "geometry in byte order %d", *order);
    walk->is_little = *order == ORDER_LITTLE;
    JI_TRY(take_number(walk, code, err));
    JI_TRY(check_code(walk, *code, is_member, err));
    walk->form = *code / KIND_CODES;
    walk->axes = walk->form == 0 ? 2 : walk->form == 3 ? 4 : 3;
    switch (*code % KIND_CODES) {
    case POINT:
        return take_points(walk, 1, err);
    case LINE:
        JI_TRY(take_number(walk, &count, err));
        return take_points(walk, count, err);
    case POLYGON:
        return take_rings(walk, err);
    default:
        return push(walk, (enum kind)(*code % KIND_CODES), err);
    }
}

enum joist_status ji_wkb_read(
        struct ji_view bytes, uint32_t *code, struct ji_wkb_extents *extents, struct joist_error *err)
{
    struct walk walk;
    uint32_t own = 0;
    walk.rest = bytes;
    walk.extents = extents;
    walk.depth = 0;
    JI_TRY(take_geometry(&walk, false, &own, err));
    while (walk.depth > 0) {
        struct container *const inner = &walk.stack[walk.depth - 1];
        if (inner->left == 0) {
            walk.depth--;
            continue;
        }
        uint32_t member = 0;
        inner->left--;
        JI_TRY(take_geometry(&walk, true, &member, err));
    }
    if (walk.rest.size > 0)
        return ji_fail(err, JOIST_ERR_CORRUPT, "geometry with %zu bytes behind it", walk.rest.size);
    *code = own;
    return JOIST_OK;
}
