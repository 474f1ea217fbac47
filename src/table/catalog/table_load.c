/*
 * table_load.c - a table's metadata, from the catalog's pointer to a model
 */
#include "table/catalog/catalog.h"
#include "table/iceberg/metadata_read.h"

static enum joist_status copy_texts(struct ji_table *table, const struct joist_catalog *catalog,
        const struct ji_table_name *name, const char *location, struct joist_error *err)
{
    struct ji_arena *arena = &table->arena;
    JI_TRY(ji_arena_text(arena, ji_view_of_text(name->name_space), &table->name.name_space, err));
    JI_TRY(ji_arena_text(arena, ji_view_of_text(name->table), &table->name.table, err));
    JI_TRY(ji_arena_text(arena, ji_view_of_text(location), &table->metadata_location, err));
    if (catalog->map.from == NULL)
        return JOIST_OK;
    JI_TRY(ji_arena_text(arena, ji_view_of_text(catalog->map.from), &table->map.from, err));
    return ji_arena_text(arena, ji_view_of_text(catalog->map.to), &table->map.to, err);
}

enum joist_status ji_table_open_at(struct joist_catalog *catalog, const struct ji_table_name *name,
        const char *location, struct ji_table **table, struct joist_error *err)
{
    struct ji_table *made = NULL;
    struct ji_mem *mem = NULL;
    JI_TRY(ji_mem_open_with(ji_ctx_mem(catalog->ctx), "table metadata", sizeof *made, &mem, &made, err));
    made->ctx = ji_ctx_retain(catalog->ctx);
    made->mem = mem;
    ji_arena_init(&made->arena, mem);
    ji_bytes_init(&made->document, mem);
    enum joist_status status = JOIST_OK;
    JI_TRY_OUT(copy_texts(made, catalog, name, location, err));
    JI_TRY_OUT(ji_table_read(made, location, JI_METADATA_BYTES_MAX, &made->document, err));
    status = ji_metadata_read(
            &made->arena, ji_view_of(made->document.data, made->document.size), &made->model, err);
    if (status != JOIST_OK) {
        ji_error_place(err, location);
        goto out;
    }
    *table = made;
    return JOIST_OK;
out:
    ji_table_close(made);
    if (err != NULL && status != JOIST_ERR_NOT_FOUND)
        ji_error_prefix(err, "table '%s.%s'", name->name_space, name->table);
    return status;
}

enum joist_status ji_table_open(
        struct joist_catalog *catalog, const char *text, struct ji_table **table, struct joist_error *err)
{
    struct ji_arena arena;
    struct ji_table_name name;
    const char *location = NULL;
    ji_arena_init(&arena, catalog->mem);
    enum joist_status status = ji_catalog_find(catalog, &arena, text, &name, &location, err);
    if (status == JOIST_OK)
        status = ji_table_open_at(catalog, &name, location, table, err);
    ji_arena_clear(&arena);
    return status;
}

void ji_table_close(struct ji_table *table)
{
    if (table == NULL)
        return;
    struct ji_mem *mem = table->mem;
    struct joist_ctx *ctx = table->ctx;
    ji_arena_clear(&table->arena);
    ji_bytes_clear(&table->document);
    ji_free(mem, table, sizeof *table);
    ji_mem_close(mem);
    joist_ctx_close(ctx);
}

enum joist_status ji_table_read(const struct ji_table *table, const char *location, size_t bytes_max,
        struct ji_bytes *bytes, struct joist_error *err)
{
    struct ji_arena arena;
    const char *mapped = NULL;
    ji_arena_init(&arena, table->mem);
    enum joist_status status = ji_location_map(&arena, &table->map, location, &mapped, err);
    if (status == JOIST_OK)
        status = ji_place_read(table->ctx, mapped, bytes_max, bytes, err);
    ji_arena_clear(&arena);
    return status;
}
