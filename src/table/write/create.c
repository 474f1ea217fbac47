/*
 * create.c - a new table: its first metadata, durable, then its row
 */
#include <joist/table.h>

#include "arrow/arrow_schema.h"
#include "base/uuid.h"
#include "table/catalog/catalog.h"
#include "table/iceberg/iceberg_type_map.h"
#include "table/iceberg/metadata_read.h"
#include "table/iceberg/metadata_write.h"

#define PROPERTIES_MAX 10000

/* What Iceberg keeps elsewhere in the metadata: never among the properties. */
static const char *const RESERVED[] = {"format-version", "uuid", "snapshot-count", "current-snapshot-id",
        "current-snapshot-summary", "current-snapshot-timestamp-ms", "current-schema",
        "default-partition-spec", "default-sort-order"};

static enum joist_status read_columns(struct ji_arena *arena,
        const struct joist_table_create_options *options, struct ji_schema *columns, int32_t *last_id,
        struct joist_error *err)
{
    struct ji_schema from;
    if ((options->schema == NULL) == (options->schema_json == NULL))
        return ji_fail(err, JOIST_ERR_INVALID, "a table wants one schema, as Arrow or as Iceberg's JSON");
    if (options->schema != NULL) {
        JI_TRY(ji_schema_import(arena, options->schema, &from, err));
        return ji_iceberg_columns(arena, &from, last_id, columns, err);
    }
    struct ji_tree_node *root = NULL;
    struct ji_iceberg_schema schema;
    enum joist_status status = ji_tree_parse(arena, ji_view_of_text(options->schema_json), &root, err);
    if (status == JOIST_OK)
        status = ji_iceberg_schema_read(arena, root, &schema, err);
    if (status != JOIST_OK)
        ji_error_prefix(err, "schema");
    if (status == JOIST_ERR_CORRUPT) { /* the caller's text, not a file's */
        status = JOIST_ERR_INVALID;
        if (err != NULL)
            err->status = status;
    }
    if (status != JOIST_OK)
        return status;
    if (schema.unsupported != NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "%s", schema.unsupported);
    return ji_iceberg_columns(arena, &schema.columns, last_id, columns, err);
}

static enum joist_status check_property(const char *key, const char *value, struct joist_error *err)
{
    if (strcmp(key, "format-version") == 0 && strcmp(value, "2") != 0)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "writing Iceberg format version %s", value);
    for (size_t i = 1; i < sizeof RESERVED / sizeof RESERVED[0]; i++) {
        if (strcmp(key, RESERVED[i]) == 0)
            return ji_fail(err, JOIST_ERR_INVALID, "'%s' is not for a table's properties", key);
    }
    return JOIST_OK;
}

static enum joist_status read_properties(struct ji_arena *arena,
        const struct joist_table_create_options *options, struct ji_new_table *table, struct joist_error *err)
{
    static const struct ji_property CODEC = {"write.parquet.compression-codec", "zstd"};
    struct ji_property *properties = NULL;
    bool has_codec = false;
    if (options->property_count > PROPERTIES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "more than %d properties", PROPERTIES_MAX);
    JI_TRY(ji_arena_array(arena, options->property_count + 1, sizeof *properties, &properties, err));
    for (size_t i = 0; i < options->property_count; i++) {
        const char *key = options->properties[2 * i];
        const char *value = options->properties[2 * i + 1];
        JI_TRY(check_property(key, value, err));
        if (strcmp(key, RESERVED[0]) == 0)
            continue;
        for (size_t before = 0; before < table->property_count; before++) {
            if (strcmp(properties[before].key, key) == 0)
                return ji_fail(err, JOIST_ERR_INVALID, "property '%s' is there twice", key);
        }
        has_codec = has_codec || strcmp(key, CODEC.key) == 0;
        properties[table->property_count++] = (struct ji_property){key, value};
    }
    if (!has_codec)
        properties[table->property_count++] = CODEC;
    table->properties = properties;
    return JOIST_OK;
}

struct creation {
    struct joist_catalog *catalog;
    struct ji_arena arena;
    struct ji_bytes document;
    struct ji_table_name name;
    struct ji_new_table table;
    const char *folder;
    const char *location; /* of the metadata */
    struct ji_table_metadata model;
};

static enum joist_status describe(
        struct creation *creation, const struct joist_table_create_options *options, struct joist_error *err)
{
    struct ji_arena *arena = &creation->arena;
    struct ji_schema *columns = NULL;
    struct ji_partition_spec *spec = NULL;
    char uuid[JI_UUID_TEXT_BYTES];
    JI_TRY(ji_arena_array(arena, 1, sizeof *columns, &columns, err));
    JI_TRY(ji_arena_array(arena, 1, sizeof *spec, &spec, err));
    JI_TRY(read_columns(arena, options, columns, &creation->table.last_column_id, err));
    JI_TRY(ji_partition_spec_parse(arena, options->partition, columns, spec, err));
    JI_TRY(read_properties(arena, options, &creation->table, err));
    JI_TRY(ji_uuid_new(creation->catalog->ctx, uuid, err));
    JI_TRY(ji_arena_text(arena, ji_view_of_text(uuid), &creation->table.table_uuid, err));
    JI_TRY(ji_arena_printf(arena, &creation->table.location, err, "%s/%s/%s", creation->catalog->root,
            creation->name.name_space, creation->name.table));
    creation->table.columns = columns;
    creation->table.spec = spec;
    creation->table.now_ms = ji_ctx_now_us(creation->catalog->ctx) / 1000;
    return JOIST_OK;
}

/* Writes the metadata; read back by the reader's own code before anybody else has to. */
static enum joist_status write_metadata(struct creation *creation, struct joist_error *err)
{
    char uuid[JI_UUID_TEXT_BYTES];
    JI_TRY(ji_metadata_create(&creation->document, &creation->table, err));
    const struct ji_view document = ji_view_of(creation->document.data, creation->document.size);
    JI_TRY(ji_metadata_read(&creation->arena, document, &creation->model, err));
    JI_TRY(ji_uuid_new(creation->catalog->ctx, uuid, err));
    JI_TRY(ji_arena_printf(
            &creation->arena, &creation->folder, err, "%s/metadata", creation->table.location));
    JI_TRY(ji_arena_printf(
            &creation->arena, &creation->location, err, "%s/00000-%s.metadata.json", creation->folder, uuid));
    JI_TRY(ji_place_write(creation->catalog->ctx, creation->location, document, err));
    const enum joist_status status = ji_place_sync(creation->catalog->ctx, creation->folder, err);
    if (status != JOIST_OK)
        ji_ignore(ji_place_remove(creation->catalog->ctx, creation->location, NULL),
                "the first failure counts");
    return status;
}

/* After an insert that failed the row may be there still: then the table is made. */
static enum joist_status look_again(struct creation *creation, enum joist_status status)
{
    const char *location = NULL;
    const enum joist_status found =
            ji_catalog_location(creation->catalog, &creation->arena, &creation->name, &location, NULL);
    if (found == JOIST_OK && strcmp(location, creation->location) == 0)
        return JOIST_OK;
    if (found == JOIST_OK || found == JOIST_ERR_NOT_FOUND)
        ji_ignore(ji_place_remove(creation->catalog->ctx, creation->location, NULL),
                "a file more does no harm");
    return status;
}

static enum joist_status create(struct creation *creation, const char *table,
        const struct joist_table_create_options *options, struct joist_error *err)
{
    const char *location = NULL;
    JI_TRY(ji_catalog_writable(creation->catalog, err));
    JI_TRY(ji_table_name_parse(&creation->arena, table, &creation->name, err));
    JI_TRY(ji_table_name_check(&creation->name, err));
    if (ji_catalog_location(creation->catalog, &creation->arena, &creation->name, &location, NULL) ==
            JOIST_OK)
        return ji_fail(err, JOIST_ERR_EXISTS, "table '%s' is there already", table);
    JI_TRY(describe(creation, options, err));
    JI_TRY(write_metadata(creation, err));
    const enum joist_status status =
            ji_catalog_insert(creation->catalog, &creation->name, creation->location, &creation->model, err);
    return status == JOIST_OK ? JOIST_OK : look_again(creation, status);
}

enum joist_status joist_table_create(struct joist_catalog *catalog, const char *table,
        const struct joist_table_create_options *options, struct joist_error *err)
{
    struct joist_table_create_options given = {.struct_size = sizeof given};
    memcpy(&given, options, ji_min_size(options->struct_size, sizeof given));
    struct creation creation = {.catalog = catalog};
    ji_arena_init(&creation.arena, catalog->mem);
    ji_bytes_init(&creation.document, catalog->mem);
    const enum joist_status status = create(&creation, table, &given, err);
    ji_bytes_clear(&creation.document);
    ji_arena_clear(&creation.arena);
    return status;
}
