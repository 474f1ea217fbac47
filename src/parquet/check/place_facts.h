/*
 * place_facts.h - where the geometries of a chunk are, and of which types
 */
#ifndef JI_PLACE_FACTS_H
#define JI_PLACE_FACTS_H

#include "parquet/format/footer_model.h"
#include "wire/wkb.h"

struct ji_place_facts {
    bool is_place; /* the column is GEOMETRY or GEOGRAPHY; else nothing is gathered */
    bool is_on_globe;
    bool is_partial; /* a value was of a kind that is not known: types and extents lack it */
    struct ji_wkb_extents extents;
    uint32_t types; /* bit (form * JI_WKB_KINDS + kind - 1) of each type met */
};

#endif
