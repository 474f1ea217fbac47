/*
 * place_type.h - GEOMETRY and GEOGRAPHY as Arrow knows them: geoarrow.wkb
 */
#ifndef JI_PLACE_TYPE_H
#define JI_PLACE_TYPE_H

#include "arrow/arrow_type.h"
#include "parquet/format/footer_model.h"

static inline bool ji_is_place(const struct ji_logical_type *logical)
{
    return logical->kind == JI_LOGICAL_GEOMETRY || logical->kind == JI_LOGICAL_GEOGRAPHY;
}

/*
 * Sets the extension of a BINARY field: its metadata is a JSON object with `crs`, `crs_type` and `edges`, as
 * far as the file says them. "projjson:KEY" stands for the value of that key among the file's pairs.
 */
enum joist_status ji_place_extension(struct ji_arena *arena, const struct ji_logical_type *logical,
        const struct ji_key_value *key_values, size_t key_value_count, struct ji_field *field,
        struct joist_error *err);

/*
 * The way back, for a BINARY field with the extension geoarrow.wkb: GEOGRAPHY where its metadata speaks of
 * edges that are not planar, else GEOMETRY. A system that is absent or null is "srid:0", which is what
 * Parquet calls unknown; an object that is the value of a pair of the schema's, which the file has too, is
 * "projjson:KEY". INVALID where the metadata is no JSON object, UNSUPPORTED for edges that Parquet
 * has no word for.
 */
enum joist_status ji_place_logical(struct ji_arena *arena, const struct ji_field *field,
        const struct ji_schema *schema, struct ji_logical_type *logical, struct joist_error *err);
static inline bool ji_is_place_field(const struct ji_field *field)
{
    return field->kind == JI_BINARY && field->extension_name != NULL &&
            strcmp(field->extension_name, "geoarrow.wkb") == 0;
}

#endif
