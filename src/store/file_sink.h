/*
 * file_sink.h - files that appear whole or not at all
 */
#ifndef JI_FILE_SINK_H
#define JI_FILE_SINK_H

#include <joist/io.h>

#include "base/ctx.h"

/* Names that begin so are files on their way; `list` does not show them. */
#define JI_TEMP_PREFIX ".tmp-"

struct ji_file_sink_options {
    bool named_only; /* as where O_TMPFILE is missing: for tests */
};

enum joist_status ji_file_sink_open(struct joist_ctx *ctx, struct ji_mem *mem, const char *path,
        unsigned mode, const struct ji_file_sink_options *options, struct joist_sink *sink,
        struct joist_error *err);

/* fsync of a folder, so that the names in it last. `folder` "" is ".". */
enum joist_status ji_folder_sync(const char *folder, struct joist_error *err);

/*
 * Removes the `.tmp-*` files of a folder that no living writer holds: how many. A folder that
 * cannot be read has none.
 */
size_t ji_temp_files_sweep(const char *folder);

#endif
