/*
 * text_source.h - CSV, NDJSON and Arrow IPC files as a rows_source, one morsel a file
 */
#ifndef JI_TEXT_SOURCE_H
#define JI_TEXT_SOURCE_H

#include "scan/file_source.h"

/*
 * The first file gives the schema (inferred, or what `text` says); the others have its columns. Types that
 * were inferred hold what files at hand say in their first 256 MiB. Locations are copied. A sequential source
 * ("-") can be planned and read once.
 */
enum joist_status ji_text_source_open(struct joist_ctx *ctx, enum ji_file_format format,
        const char *const *locations, size_t count, const struct joist_text_options *text,
        struct ji_rows_source *source, struct joist_error *err);

#endif
