/*
 * file_list.h - the files that locations mean: names, globs, folders
 */
#ifndef JI_FILE_LIST_H
#define JI_FILE_LIST_H

#include "base/arena.h"
#include "base/ctx.h"

struct ji_listed_file {
    const char *location;
    const char *below; /* its path below the glob's or folder's fixed part; "" where it was named itself */
};
struct ji_file_list {
    struct ji_listed_file *files;
    size_t count;
    size_t room;
};

/*
 * Adds what `location` means, in byte order. Of folders all files below, but those that a '.' or '_' begins
 * the name of, or of a folder on the way. NOT_FOUND where there is none. All in the arena.
 */
enum joist_status ji_file_list_add(struct joist_ctx *ctx, struct ji_arena *arena, const char *location,
        struct ji_file_list *list, struct joist_error *err);

#endif
