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

#endif
