/*
 * geo_bounds.h - the box around the geometries of a chunk, and their types
 *
 * A value that is no well-known binary ends the box and the types of its chunk: bytes are written as they
 * come.
 */
#ifndef JI_GEO_BOUNDS_H
#define JI_GEO_BOUNDS_H

#include "base/arena.h"
#include "parquet/encode/value_block.h"
#include "wire/wkb.h"

struct ji_geo_bounds {
    bool is_wanted;
    bool has_box; /* edges of a GEOGRAPHY leave the box of its points: it has none */
    bool is_bad;
    uint32_t types; /* bit f * 8 + k: a geometry of kind k (1 .. 7) and form f (JI_WKB_FORMS) */
    struct ji_wkb_extents extents;
};

/* For a leaf of any kind: nothing is wanted of those that are no places. */
void ji_geo_bounds_init(struct ji_geo_bounds *bounds, const struct ji_leaf *leaf);
void ji_geo_bounds_reset(struct ji_geo_bounds *bounds);
void ji_geo_bounds_add(struct ji_geo_bounds *bounds, const struct ji_value_block *block);
/* `*out` stays where nothing is known. */
enum joist_status ji_geo_bounds_make(const struct ji_geo_bounds *bounds, struct ji_arena *arena,
        const struct ji_geo_statistics **out, struct joist_error *err);

#endif
