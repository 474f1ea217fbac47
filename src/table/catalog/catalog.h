/*
 * catalog.h - which tables there are, and where the metadata of each stands now
 *
 * The interface that tables are read and committed through. Behind it is sqlite_catalog.c, one SQLite file
 * in the layout that Iceberg's JDBC and SQL catalogs share; the only pointer of a table that ever moves is
 * there.
 *
 * One thread at a time.
 */
#ifndef JI_CATALOG_H
#define JI_CATALOG_H

#include <joist/table.h>

#include "base/ctx.h"
#include "table/catalog/place.h"
#include "table/catalog/table_name.h"
#include "table/iceberg/table_model.h"

struct sqlite3;
struct ji_table;

struct joist_catalog {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena;      /* what lives as long as the catalog */
    const char *root;           /* "file:///a/warehouse" or "memory:<uuid>", where it is now */
    const char *path;           /* of catalog.db, or NULL: in memory */
    struct ji_location_map map; /* from the recorded root, where the warehouse was moved */
    const char *name;           /* catalog_name in the file */
    bool read_only;
    bool has_type;          /* layout V1: a column iceberg_type */
    bool has_own;           /* joist's own tables are there */
    struct sqlite3 *reader; /* both lazily; the same one for a catalog in memory */
    struct sqlite3 *writer;
    const struct joist_cancel *cancel; /* of the operation at work */
    struct ji_table *kept; /* what the last commit wrote, so that the next need not read it; or NULL */
};

/* --- the catalog's rows --- */

/* The table as the file spells it: exact, then unique without case. NOT_FOUND. `location` may be NULL. */
enum joist_status ji_catalog_find(struct joist_catalog *catalog, struct ji_arena *arena, const char *text,
        struct ji_table_name *name, const char **location, struct joist_error *err);
/* The present location of an exact name. */
enum joist_status ji_catalog_location(struct joist_catalog *catalog, struct ji_arena *arena,
        const struct ji_table_name *name, const char **location, struct joist_error *err);

typedef enum joist_status (*ji_catalog_each)(void *arg, const struct ji_table_name *name,
        const char *location, bool stale, struct joist_error *err);
/* All tables of this catalog's name, in order; what `each` gets is borrowed for the call. */
enum joist_status ji_catalog_list(
        struct joist_catalog *catalog, ji_catalog_each each, void *arg, struct joist_error *err);

/* DENIED or UNSUPPORTED where this catalog cannot be written. */
enum joist_status ji_catalog_writable(const struct joist_catalog *catalog, struct joist_error *err);

/* A new row, and the namespace's. EXISTS. `model` fills the mirror. */
enum joist_status ji_catalog_insert(struct joist_catalog *catalog, const struct ji_table_name *name,
        const char *location, const struct ji_table_metadata *model, struct joist_error *err);

enum ji_swap {
    JI_SWAP_DONE,    /* the row has the new location, on disk */
    JI_SWAP_LOST,    /* somebody else was first, or the row is gone: nothing changed */
    JI_SWAP_FAILED,  /* nothing changed, and `err` says why */
    JI_SWAP_UNKNOWN, /* the file would not say: no file of the commit may be removed */
};
/*
 * The one statement that commits: location old -> location, if it is still old. `model` is what the new one
 * says.
 */
enum ji_swap ji_catalog_swap(struct joist_catalog *catalog, const struct ji_table_name *name,
        const char *location_old, const char *location, const struct ji_table_metadata *model,
        struct joist_error *err);

/* The row and its mirror, if it is still at `location`; CONFLICT where not. */
enum joist_status ji_catalog_delete(struct joist_catalog *catalog, const struct ji_table_name *name,
        const char *location, struct joist_error *err);

/*
 * The mirror's rows of one table, from what its metadata at `location` says; nothing where it has moved on.
 */
enum joist_status ji_catalog_mirror(struct joist_catalog *catalog, const struct ji_table_name *name,
        const char *location, const struct ji_table_metadata *model, struct joist_error *err);

/* --- a table's metadata --- */

struct ji_table {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct ji_arena arena;
    struct ji_bytes document;
    struct ji_table_name name;
    const char *metadata_location; /* as the catalog has it */
    struct ji_location_map map;
    struct ji_table_metadata model;
};
/* By a person's name for it, or by the catalog's. The table does not need the catalog afterwards. */
enum joist_status ji_table_open(
        struct joist_catalog *catalog, const char *text, struct ji_table **table, struct joist_error *err);
enum joist_status ji_table_open_at(struct joist_catalog *catalog, const struct ji_table_name *name,
        const char *location, struct ji_table **table, struct joist_error *err);
void ji_table_close(struct ji_table *table); /* accepts NULL */
/* A location of the table's metadata read whole, mapped where the warehouse was moved. */
enum joist_status ji_table_read(const struct ji_table *table, const char *location, size_t bytes_max,
        struct ji_bytes *bytes, struct joist_error *err);

#endif
