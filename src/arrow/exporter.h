/*
 * exporter.h - the making of one ArrowArray, for the files that share the work
 */
#ifndef JI_EXPORTER_H
#define JI_EXPORTER_H

#include <joist/arrow.h>

#include "arrow/array_shape.h"
#include "arrow/export_home.h"
#include "arrow/pick.h"

struct ji_exporter {
    struct joist_ctx *ctx;
    struct ji_arena *scratch; /* for what the making needs */
    struct ji_export_home *home;
    struct joist_error *err;
};

/* Memory of the home; never NULL, as some readers want a pointer to an empty buffer. */
enum joist_status ji_exporter_alloc(struct ji_exporter *exporter, size_t bytes, void *out);
/* Makes room for `count` pointers to buffers, all NULL; those that are there stay. */
enum joist_status ji_exporter_buffers(struct ji_exporter *exporter, size_t count, struct ArrowArray *array);

/* Values of `width` bytes each to the array's second buffer, shared where they can be. */
enum joist_status ji_export_width(struct ji_exporter *exporter, const struct ji_column *flat,
        const struct ji_pick *pick, size_t width, struct ArrowArray *array);
/* Strings or bytes of a flat column; validity, which `array` has, says which do not count. */
enum joist_status ji_export_text(struct ji_exporter *exporter, enum ji_layout layout,
        const struct ji_column *flat, const struct ji_pick *pick, struct ArrowArray *array);
/* Any column, laid out as `shape` says; NULL: plain. */
enum joist_status ji_export_column(struct ji_exporter *exporter, const struct ji_array_shape *shape,
        const struct ji_column *column, const struct ji_pick *wanted, struct ArrowArray *array);
/* A column of any form as codes and the dictionary that they point into. */
enum joist_status ji_export_dictionary(struct ji_exporter *exporter, const struct ji_array_shape *shape,
        const struct ji_column *column, const struct ji_pick *pick, struct ArrowArray *array);

#endif
