/*
 * file_list.c - the files that locations mean: names, globs, folders
 *
 *     sales/2026-*.parquet      sales/         below: "2026-01.parquet"
 *     warm/                     warm/          below: "region=eu/a.parquet"
 */
#include "scan/file_list.h"

#include <joist/files.h>

#include "scan/glob.h"
#include "store/locate.h"

#define FILES_MAX 1000000

static enum joist_status add(struct ji_arena *arena, struct ji_file_list *list, const char *location,
        const char *below, struct joist_error *err)
{
    if (list->count == FILES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "%s: more than %d files", location, FILES_MAX);
    if (list->count == list->room) {
        const size_t room = list->room == 0 ? 16 : list->room * 2;
        struct ji_listed_file *files = NULL;
        JI_TRY(ji_arena_array(arena, room, sizeof *files, &files, err));
        if (list->count > 0)
            memcpy(files, list->files, list->count * sizeof *files);
        list->files = files;
        list->room = room;
    }
    list->files[list->count++] = (struct ji_listed_file){.location = location, .below = below};
    return JOIST_OK;
}

struct folder_listing {
    struct ji_arena *arena;
    struct ji_file_list *list;
    const char *scheme; /* in front of the store's paths */
    size_t folder_bytes;
};

static bool is_hidden(const char *below)
{
    for (const char *at = below; *at != '\0'; at++) {
        const bool begins = at == below || at[-1] == '/';
        const size_t name = begins ? strcspn(at, "/=") : 0;
        /* "_x=1" is a value's folder, "_SUCCESS" somebody's note. */
        if (begins && (*at == '.' || (*at == '_' && at[name] != '=')))
            return true;
    }
    return false;
}

static enum joist_status add_listed(void *user, const struct joist_file_info *info, struct joist_error *err)
{
    struct folder_listing *const listing = user;
    const char *location = NULL;
    if (is_hidden(info->path + listing->folder_bytes))
        return JOIST_OK;
    JI_TRY(ji_arena_printf(listing->arena, &location, err, "%s%s", listing->scheme, info->path));
    return add(listing->arena, listing->list, location,
            location + strlen(listing->scheme) + listing->folder_bytes, err);
}

static enum joist_status add_folder(struct joist_ctx *ctx, struct ji_arena *arena, const char *location,
        struct ji_file_list *list, struct joist_error *err)
{
    struct joist_store store = {0};
    const char *path = NULL;
    const char *prefix = NULL;
    struct folder_listing listing = {.arena = arena, .list = list};
    const size_t before = list->count;
    JI_TRY(ji_locate(ctx, location, &store, &path, err));
    JI_TRY(ji_arena_text(arena, ji_view_of(location, (size_t)(path - location)), &listing.scheme, err));
    const bool has_slash = path[strlen(path) - 1] == '/';
    JI_TRY(ji_arena_printf(arena, &prefix, err, "%s%s", path, has_slash ? "" : "/"));
    listing.folder_bytes = strlen(prefix);
    JI_TRY(store.ops->list(store.self, prefix, add_listed, &listing, err));
    if (list->count == before)
        return ji_fail(err, JOIST_ERR_NOT_FOUND, "%s: no file in this folder", location);
    return JOIST_OK;
}

/* A name that a store knows as no file, and has files below of. */
static bool is_folder(struct joist_ctx *ctx, const char *location)
{
    struct joist_store store = {0};
    const char *path = NULL;
    uint64_t bytes = 0;
    int64_t modified = 0;
    const size_t size = strlen(location);
    if (ji_location_is_stream(location))
        return false;
    if (size > 0 && location[size - 1] == '/')
        return true;
    if (ji_locate(ctx, location, &store, &path, NULL) != JOIST_OK)
        return false;
    struct joist_error error = {.os_errno = 0};
    const enum joist_status status = store.ops->stat(store.self, path, &bytes, &modified, &error);
    return status != JOIST_OK && status != JOIST_ERR_NOT_FOUND && status != JOIST_ERR_DENIED;
}

enum joist_status ji_file_list_add(struct joist_ctx *ctx, struct ji_arena *arena, const char *location,
        struct ji_file_list *list, struct joist_error *err)
{
    const char *const *found = NULL;
    size_t count = 0;
    if (!ji_glob_is_pattern(location)) {
        if (is_folder(ctx, location))
            return add_folder(ctx, arena, location, list, err);
        const char *kept = NULL;
        JI_TRY(ji_arena_text(arena, ji_view_of_text(location), &kept, err));
        return add(arena, list, kept, "", err);
    }
    JI_TRY(ji_glob_expand(ctx, arena, location, &found, &count, err));
    size_t fixed = ji_glob_literal_bytes(location);
    while (fixed > 0 && location[fixed - 1] != '/')
        fixed--;
    for (size_t index = 0; index < count; index++)
        JI_TRY(add(arena, list, found[index], found[index] + fixed, err));
    return JOIST_OK;
}

enum joist_status joist_glob(struct joist_ctx *ctx, const char *pattern,
        enum joist_status (*each)(void *user, const char *location, struct joist_error *err), void *user,
        struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    struct ji_arena arena;
    struct ji_file_list list = {.count = 0};
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    JI_TRY_OUT(ji_file_list_add(ctx, &arena, pattern, &list, err));
    for (size_t index = 0; index < list.count; index++)
        JI_TRY_OUT(each(user, list.files[index].location, err));

out:
    ji_arena_clear(&arena);
    return status;
}
