/*
 * wkb.h - a geometry in ISO's well-known binary: its type, the extent of its coordinates
 *
 * Codes are 1 to 7 (point, line string, polygon, multi-point, multi-line string, multi-polygon, collection),
 * with 1000 more for z, 2000 for m, 3000 for both. All counts are held against the bytes left; nothing is
 * allocated and nothing recurses.
 */
#ifndef JI_WKB_H
#define JI_WKB_H

#include "base/bytes.h"
#include "base/error.h"

/* Containers inside one another. */
#define JI_WKB_DEPTH_MAX 64
#define JI_WKB_KINDS 7
#define JI_WKB_FORMS 4 /* without more, with z, with m, with both: code / 1000 */

enum ji_wkb_axis { JI_WKB_X, JI_WKB_Y, JI_WKB_Z, JI_WKB_M, JI_WKB_AXES };

/* The numbers of an axis that were met; min and max where count > 0. */
struct ji_wkb_extent {
    uint64_t count;
    double min;
    double max;
};

struct ji_wkb_extents {
    double limits
            [JI_WKB_AXES]; /* a coordinate further than this from 0 is passed over, as NaN is; 0: none is */
    double gap_begin, gap_end; /* x between the two, ends left out, is counted */
    uint64_t in_gap;
    struct ji_wkb_extent axes[JI_WKB_AXES];
};

/*
 * One geometry and nothing behind it: `*code` is its own, not that of its members; its coordinates are added
 * to `extents`. CORRUPT where it is none, UNSUPPORTED where it is of another kind (curves, surfaces) or too
 * deep; extents may have been added to then.
 */
enum joist_status ji_wkb_read(
        struct ji_view bytes, uint32_t *code, struct ji_wkb_extents *extents, struct joist_error *err);

#endif
