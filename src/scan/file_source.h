/*
 * file_source.h - files as a rows_source: Parquet, CSV, NDJSON, Arrow IPC, one or a glob of them
 */
#ifndef JI_FILE_SOURCE_H
#define JI_FILE_SOURCE_H

#include <joist/parquet.h>
#include <joist/text.h>

#include "scan/rows_source.h"

enum ji_file_format { JI_FORMAT_PARQUET, JI_FORMAT_CSV, JI_FORMAT_NDJSON, JI_FORMAT_ARROW };

/* By suffix, of text with .gz or .zst behind it; INVALID names the location. */
enum joist_status ji_file_format_of(
        const char *location, enum ji_file_format *format, struct joist_error *err);
/*
 * True where design section 9 says that an argument is a file and not a table: '-', a '/', a glob character,
 * a known suffix.
 */
bool ji_location_is_file(const char *location);

/*
 * `location` may be a glob; files are taken in byte order of their names and must agree in schema. Options
 * are copied, NULL the defaults; options of Parquet with other files are INVALID.
 */
enum joist_status ji_file_source_open(struct joist_ctx *ctx, const char *location,
        const struct joist_parquet_open_options *parquet, struct ji_rows_source *source,
        struct joist_error *err);

#endif
