/*
 * locate.c - from a location to the store that has it
 *
 *     location := '-' | scheme ':' rest | path
 *     scheme   := two or more of [a-z0-9+.-], the first a letter
 *
 * "file" and "memory" come to be at the first use of any location, unless the caller gave
 * stand-ins before.
 */
#include "store/locate.h"

#include "base/io.h"
#include "store/stream_store.h"

#include <assert.h>

#define SCHEME_BYTES_MAX 15
#define LOCATION_BYTES_MAX 4095

bool ji_location_is_stream(const char *location)
{
    return location[0] == '-' && location[1] == '\0';
}

/* How many bytes of the location are its scheme; 0: it is a path. */
static size_t scheme_bytes(const char *location)
{
    size_t size = 0;
    for (const char *at = location; *at != ':'; at++, size++) {
        const bool letter = *at >= 'a' && *at <= 'z';
        const bool other = (*at >= '0' && *at <= '9') || *at == '+' || *at == '.' || *at == '-';
        if (!letter && (!other || size == 0))
            return 0;
    }
    return size >= 2 ? size : 0;
}

static enum joist_status check_characters(const char *location, struct joist_error *err)
{
    const size_t size = strlen(location);
    if (size == 0)
        return ji_fail(err, JOIST_ERR_INVALID, "the location is empty");
    if (size > LOCATION_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "a location of %zu bytes, at most %d", size, LOCATION_BYTES_MAX);
    for (const char *at = location; *at != '\0'; at++) {
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return ji_fail(err, JOIST_ERR_INVALID, "location '%s' has a control character", location);
    }
    return JOIST_OK;
}

typedef enum joist_status (*open_store)(
        struct joist_ctx *ctx, struct joist_store *store, struct joist_error *err);

static enum joist_status add_where_missing(
        struct joist_ctx *ctx, const char *scheme, open_store open, struct joist_error *err)
{
    if (ji_ctx_store_find(ctx, scheme).ops != NULL)
        return JOIST_OK;
    struct joist_store store;
    JI_TRY(open(ctx, &store, err));
    const enum joist_status status = ji_ctx_store_add(ctx, scheme, store, err);
    if (status != JOIST_OK)
        store.ops->close(store.self);
    return status;
}

static enum joist_status add_defaults(struct joist_ctx *ctx, struct joist_error *err)
{
    JI_TRY(add_where_missing(ctx, "file", joist_file_store_open, err));
    return add_where_missing(ctx, "memory", joist_memory_store_open, err);
}

/* Behind "file:": "/a", "//" + "/a"; a host is not to be had. */
static enum joist_status file_path(const char *rest, const char **path, struct joist_error *err)
{
    if (rest[0] == '/' && rest[1] == '/') {
        rest += 2;
        if (rest[0] != '/')
            return ji_fail(err, JOIST_ERR_UNSUPPORTED, "location 'file://%s' names a host", rest);
    }
    if (rest[0] != '/')
        return ji_fail(err, JOIST_ERR_INVALID, "location 'file:%s' is not absolute", rest);
    *path = rest;
    return JOIST_OK;
}

enum joist_status ji_locate(struct joist_ctx *ctx, const char *location, struct joist_store *store,
        const char **path, struct joist_error *err)
{
    assert(ctx != NULL && location != NULL);
    JI_TRY(check_characters(location, err));
    if (ji_location_is_stream(location))
        return ji_fail(err, JOIST_ERR_INVALID, "location '-' is no place that keeps things");
    JI_TRY(ji_ctx_stores_once(ctx, add_defaults, err));

    char scheme[SCHEME_BYTES_MAX + 1] = "file";
    const size_t size = scheme_bytes(location);
    if (size > SCHEME_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "the scheme of location '%s'", location);
    if (size > 0) {
        memcpy(scheme, location, size);
        scheme[size] = '\0';
    }
    const struct joist_store found = ji_ctx_store_find(ctx, scheme);
    if (found.ops == NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                "scheme '%s' of location '%s'; a file of that name is './%s'", scheme, location, location);
    const char *rest = size > 0 ? location + size + 1 : location;
    if (size > 0 && strcmp(scheme, "file") == 0)
        JI_TRY(file_path(rest, &rest, err));
    if (rest[0] == '\0')
        return ji_fail(err, JOIST_ERR_INVALID, "location '%s' names nothing", location);
    *store = found;
    *path = rest;
    return JOIST_OK;
}

enum joist_status joist_source_open(
        struct joist_ctx *ctx, const char *location, struct joist_source *source, struct joist_error *err)
{
    assert(ctx != NULL && location != NULL && source != NULL);
    if (ji_location_is_stream(location))
        return ji_standard_input_open(ctx, source, err);
    struct joist_store store;
    const char *path = NULL;
    JI_TRY(ji_locate(ctx, location, &store, &path, err));
    return store.ops->open_source(store.self, path, source, err);
}

void joist_source_close(struct joist_source *source)
{
    ji_source_close(source);
}

enum joist_status joist_sink_open(struct joist_ctx *ctx, const char *location, unsigned mode,
        struct joist_sink *sink, struct joist_error *err)
{
    assert(ctx != NULL && location != NULL && sink != NULL);
    if (ji_location_is_stream(location))
        return ji_standard_output_open(ctx, sink, err);
    struct joist_store store;
    const char *path = NULL;
    JI_TRY(ji_locate(ctx, location, &store, &path, err));
    return store.ops->open_sink(store.self, path, mode, sink, err);
}

enum joist_status joist_sink_commit(struct joist_sink *sink, struct joist_error *err)
{
    if (sink == NULL || sink->ops == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "the sink has ended already");
    return ji_sink_commit(sink, err);
}

void joist_sink_abort(struct joist_sink *sink)
{
    ji_sink_abort(sink);
}

enum joist_status joist_ctx_add_store(
        struct joist_ctx *ctx, const char *scheme, struct joist_store store, struct joist_error *err)
{
    if (store.ops == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "a store without ops for scheme '%s'", scheme);
    return ji_ctx_store_add(ctx, scheme, store, err);
}
