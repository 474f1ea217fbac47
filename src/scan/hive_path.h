/*
 * hive_path.h - values in the names of folders: "region=eu", "when=2026-11-21 10%3A00"
 */
#ifndef JI_HIVE_PATH_H
#define JI_HIVE_PATH_H

#include "base/arena.h"
#include "base/buffer.h"

/* What stands for null (and for no text at all). */
#define JI_HIVE_NULL "__HIVE_DEFAULT_PARTITION__"

/* "name=value" with '/' in front; bytes that a path or a reader of it would take amiss are "%2F". */
enum joist_status ji_hive_append(
        struct ji_bytes *path, const char *name, struct ji_view value, struct joist_error *err);

struct ji_hive_part {
    const char *name;
    struct ji_view value; /* decoded */
    bool is_null;
};
/* Takes the next "name=value" folder off `path`; false where there is none any more. Memory of the arena. */
enum joist_status ji_hive_next(struct ji_arena *arena, const char **path, struct ji_hive_part *part,
        bool *found, struct joist_error *err);

#endif
