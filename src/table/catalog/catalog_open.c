/*
 * catalog_open.c - a warehouse is opened, and made where there is none
 *
 *     <warehouse>/catalog.db
 *     <warehouse>/<namespace>/<table>/data/...        locations: "file://" + the real path, taken once
 *     <warehouse>/<namespace>/<table>/metadata/...
 *
 * "memory:" has an SQLite database in memory and its files in the context's memory store, below a name of
 * its own; both go when the catalog is closed.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/uuid.h"
#include "table/catalog/sqlite_catalog.h"

static enum joist_status sync_folder(const char *path, struct joist_error *err)
{
    const int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return ji_fail_errno(err, errno, "open '%s'", path);
    const int result = fsync(fd);
    const int os_errno = errno;
    close(fd);
    return result == 0 ? JOIST_OK : ji_fail_errno(err, os_errno, "sync '%s'", path);
}

/* The folder and those above it, each synced in its parent. */
static enum joist_status make_folder(const char *path, struct joist_error *err)
{
    char part[PATH_MAX];
    const size_t size = strlen(path);
    if (size == 0 || size >= sizeof part)
        return ji_fail(err, JOIST_ERR_INVALID, "a warehouse's path of %zu bytes", size);
    for (size_t end = 1; end <= size; end++) {
        if (path[end] != '/' && path[end] != '\0')
            continue;
        memcpy(part, path, end);
        part[end] = '\0';
        if (mkdir(part, 0777) != 0) {
            struct stat info;
            if (errno == EEXIST || stat(part, &info) == 0)
                continue;
            return ji_fail_errno(err, errno, "make folder '%s'", part);
        }
        char *slash = strrchr(part, '/');
        if (slash == NULL)
            memcpy(part, ".", 2);
        else
            slash[slash == part ? 1 : 0] = '\0';
        JI_TRY(sync_folder(part, err));
    }
    return JOIST_OK;
}

static const char *without_scheme(const char *warehouse)
{
    if (strncmp(warehouse, "file:", 5) != 0)
        return warehouse;
    warehouse += 5;
    while (warehouse[0] == '/' && warehouse[1] == '/')
        warehouse++;
    return warehouse;
}

static enum joist_status open_memory(struct joist_catalog *catalog, const char *name, struct joist_error *err)
{
    char uuid[JI_UUID_TEXT_BYTES];
    JI_TRY(ji_uuid_new(catalog->ctx, uuid, err));
    JI_TRY(ji_arena_printf(&catalog->arena, &catalog->root, err, "memory:%s", uuid));
    JI_TRY(ji_arena_text(
            &catalog->arena, ji_view_of_text(name != NULL ? name : "default"), &catalog->name, err));
    catalog->has_type = true;
    return ji_sqlite_create_layout(catalog, err);
}

static enum joist_status open_folder(struct joist_catalog *catalog, const char *warehouse,
        const struct joist_catalog_options *options, struct joist_error *err)
{
    char real[PATH_MAX];
    const bool may_make = !options->read_only && !options->must_exist;
    const char *path = without_scheme(warehouse);
    if (strchr(path, ':') != NULL && strstr(path, "://") != NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "warehouse '%s': only folders and memory:", warehouse);
    if (may_make)
        JI_TRY(make_folder(path, err));
    if (realpath(path, real) == NULL) {
        if (errno == ENOENT || errno == ENOTDIR)
            return ji_fail(err, JOIST_ERR_NOT_FOUND, "no warehouse '%s'", warehouse);
        return ji_fail_errno(err, errno, "warehouse '%s'", warehouse);
    }
    JI_TRY(ji_location_check(real, err));
    JI_TRY(ji_arena_printf(&catalog->arena, &catalog->root, err, "file://%s", real));
    JI_TRY(ji_arena_printf(&catalog->arena, &catalog->path, err, "%s/catalog.db", real));
    struct stat info;
    if (stat(catalog->path, &info) == 0 && info.st_size > 0)
        return ji_sqlite_learn(catalog, options->catalog_name, err);
    if (!may_make)
        return ji_fail(err, JOIST_ERR_NOT_FOUND, "no warehouse '%s': it has no catalog.db", warehouse);
    JI_TRY(ji_sqlite_create_layout(catalog, err));
    return ji_sqlite_learn(catalog, options->catalog_name, err);
}

enum joist_status joist_catalog_open(struct joist_ctx *ctx, const char *warehouse,
        const struct joist_catalog_options *options, struct joist_catalog **catalog, struct joist_error *err)
{
    struct joist_catalog_options given = {.struct_size = sizeof given};
    if (options != NULL)
        memcpy(&given, options, ji_min_size(options->struct_size, sizeof given));
    struct ji_mem *mem = NULL;
    struct joist_catalog *made = NULL;
    JI_TRY(ji_mem_open_with(ji_ctx_mem(ctx), "catalog", sizeof *made, &mem, &made, err));
    made->ctx = ji_ctx_retain(ctx);
    made->mem = mem;
    made->read_only = given.read_only;
    ji_arena_init(&made->arena, mem);
    enum joist_status status = JOIST_OK;
    if (strcmp(warehouse, "memory:") == 0)
        JI_TRY_OUT(open_memory(made, given.catalog_name, err));
    else
        JI_TRY_OUT(open_folder(made, warehouse, &given, err));
    *catalog = made;
    return JOIST_OK;
out:
    joist_catalog_close(made);
    return status;
}

static enum joist_status remove_each(void *user, const struct joist_file_info *info, struct joist_error *err)
{
    const struct joist_store *store = user;
    return store->ops->remove(store->self, info->path, err);
}

/*
 * The files of a warehouse in memory. A store's listing may not stand its own removals: one pass a file is
 * its affair.
 */
static void forget_memory(struct joist_catalog *catalog)
{
    struct joist_store store = {0};
    const char *path = NULL;
    if (catalog->path != NULL || catalog->root == NULL ||
            ji_place(catalog->ctx, catalog->root, &store, &path, NULL) != JOIST_OK)
        return;
    ji_ignore(store.ops->list(store.self, path, remove_each, &store, NULL), "the context takes the rest");
}

void joist_catalog_close(struct joist_catalog *catalog)
{
    if (catalog == NULL)
        return;
    forget_memory(catalog);
    ji_table_close(catalog->kept);
    ji_sqlite_close(catalog);
    ji_arena_clear(&catalog->arena);
    struct ji_mem *mem = catalog->mem;
    struct joist_ctx *ctx = catalog->ctx;
    ji_free(mem, catalog, sizeof *catalog);
    ji_mem_close(mem);
    joist_ctx_close(ctx);
}
