/*
 * wkb_fuzz.c - a geometry: what is read has a known type, and an extent that begins before it ends
 */
#include <stdlib.h>

#include "wire/wkb.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ji_wkb_extents extents = {.limits = {180, 90}, .gap_begin = -10, .gap_end = 10};
    uint32_t code = 0;
    if (ji_wkb_read(ji_view_of(data, size), &code, &extents, NULL) != JOIST_OK)
        return 0;
    const uint32_t kind = code % 1000;
    bool holds = kind >= 1 && kind <= JI_WKB_KINDS && code / 1000 < JI_WKB_FORMS;
    for (size_t axis = 0; axis < JI_WKB_AXES; axis++) {
        const struct ji_wkb_extent *const extent = &extents.axes[axis];
        holds = holds && (extent->count == 0 || extent->min <= extent->max) && extent->count <= size / 8;
    }
    if (!holds || extents.in_gap > extents.axes[JI_WKB_X].count)
        abort();
    return 0;
}
