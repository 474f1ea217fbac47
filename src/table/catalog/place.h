/*
 * place.h - locations as Iceberg writes them, and the store they are in
 *
 * "file:/x", "file:///x" and "/x" are one place. Where a warehouse has been moved or copied, every location
 * below its recorded root is read below the present one.
 */
#ifndef JI_PLACE_H
#define JI_PLACE_H

#include "base/arena.h"
#include "base/ctx.h"
#include "base/io.h"

#define JI_LOCATION_BYTES_MAX 4096

/* Both as in locations, without '/' behind; empty where nothing is mapped. */
struct ji_location_map {
    const char *from;
    const char *to;
};

/* The location to read instead, in the arena. */
enum joist_status ji_location_map(struct ji_arena *arena, const struct ji_location_map *map,
        const char *location, const char **mapped, struct joist_error *err);
/* True where two locations are the same place by their text. */
bool ji_location_equal(const char *a, const char *b);

/* The store of a location and the path in it, which borrows from `location`. UNSUPPORTED names the scheme. */
enum joist_status ji_place(struct joist_ctx *ctx, const char *location, struct joist_store *store,
        const char **path, struct joist_error *err);

/* The whole object, at most `bytes_max`; one that begins as gzip is unpacked. */
enum joist_status ji_place_read(struct joist_ctx *ctx, const char *location, size_t bytes_max,
        struct ji_bytes *bytes, struct joist_error *err);
/* A new object, durable but for its name: `ji_place_sync` follows. EXISTS where it is taken. */
enum joist_status ji_place_write(
        struct joist_ctx *ctx, const char *location, struct ji_view bytes, struct joist_error *err);
enum joist_status ji_place_sync(struct joist_ctx *ctx, const char *folder, struct joist_error *err);
enum joist_status ji_place_remove(struct joist_ctx *ctx, const char *location, struct joist_error *err);

#endif
