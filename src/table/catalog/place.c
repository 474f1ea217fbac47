/*
 * place.c - from a location to a store, and small whole objects in it
 */
#include "table/catalog/place.h"

#include "codec/codec.h"
#include "store/locate.h"

/* "file:///a" -> "/a", "file:/a" -> "/a"; anything else is itself. */
static const char *bare(const char *location)
{
    if (strncmp(location, "file:", 5) != 0)
        return location;
    location += 5;
    while (location[0] == '/' && location[1] == '/')
        location++;
    return location;
}

bool ji_location_equal(const char *a, const char *b)
{
    return strcmp(bare(a), bare(b)) == 0;
}

enum joist_status ji_location_map(struct ji_arena *arena, const struct ji_location_map *map,
        const char *location, const char **mapped, struct joist_error *err)
{
    if (map->from == NULL || map->from[0] == '\0')
        return ji_arena_text(arena, ji_view_of_text(location), mapped, err);
    const char *from = bare(map->from);
    const char *path = bare(location);
    const size_t size = strlen(from);
    if (strncmp(path, from, size) != 0 || (path[size] != '/' && path[size] != '\0'))
        return ji_arena_text(arena, ji_view_of_text(location), mapped, err);
    return ji_arena_printf(arena, mapped, err, "%s%s", map->to, path + size);
}

enum joist_status ji_place(struct joist_ctx *ctx, const char *location, struct joist_store *store,
        const char **path, struct joist_error *err)
{
    return ji_locate(ctx, location, store, path, err);
}

static enum joist_status unzip(
        struct ji_mem *mem, size_t bytes_max, struct ji_bytes *bytes, struct joist_error *err)
{
    if (bytes->size < 2 || bytes->data[0] != 0x1F || bytes->data[1] != 0x8B)
        return JOIST_OK;
    enum joist_status status = JOIST_OK;
    struct ji_codec_context *codecs = NULL;
    struct ji_bytes plain;
    ji_bytes_init(&plain, mem);
    JI_TRY_OUT(ji_codec_context_open(mem, &codecs, err));
    JI_TRY_OUT(ji_decompress_append(
            codecs, JI_CODEC_GZIP, ji_view_of(bytes->data, bytes->size), bytes_max, &plain, err));
    ji_bytes_clear(bytes);
    *bytes = plain;
    ji_bytes_init(&plain, mem);
out:
    ji_bytes_clear(&plain);
    ji_codec_context_close(codecs);
    return status;
}

enum joist_status ji_place_read(struct joist_ctx *ctx, const char *location, size_t bytes_max,
        struct ji_bytes *bytes, struct joist_error *err)
{
    struct joist_store store;
    struct joist_source source = {0};
    const char *path = NULL;
    JI_TRY(ji_place(ctx, location, &store, &path, err));
    JI_TRY(store.ops->open_source(store.self, path, &source, err));
    enum joist_status status = ji_source_read_all(&source, bytes_max, bytes, err);
    ji_source_close(&source);
    if (status == JOIST_OK)
        status = unzip(bytes->mem, bytes_max, bytes, err);
    if (status != JOIST_OK)
        ji_error_place(err, location);
    return status;
}

enum joist_status ji_place_write(
        struct joist_ctx *ctx, const char *location, struct ji_view bytes, struct joist_error *err)
{
    struct joist_store store;
    struct joist_sink sink = {0};
    const char *path = NULL;
    JI_TRY(ji_place(ctx, location, &store, &path, err));
    JI_TRY(store.ops->open_sink(store.self, path, JOIST_SINK_CREATE | JOIST_SINK_FOLDER_LATER, &sink, err));
    const enum joist_status status = ji_sink_append(&sink, bytes.data, bytes.size, err);
    if (status != JOIST_OK) {
        ji_sink_abort(&sink);
        return status;
    }
    return ji_sink_commit(&sink, err);
}

enum joist_status ji_place_sync(struct joist_ctx *ctx, const char *folder, struct joist_error *err)
{
    struct joist_store store;
    const char *path = NULL;
    JI_TRY(ji_place(ctx, folder, &store, &path, err));
    return store.ops->sync_folder(store.self, path, err);
}

enum joist_status ji_place_remove(struct joist_ctx *ctx, const char *location, struct joist_error *err)
{
    struct joist_store store;
    const char *path = NULL;
    JI_TRY(ji_place(ctx, location, &store, &path, err));
    return store.ops->remove(store.self, path, err);
}
