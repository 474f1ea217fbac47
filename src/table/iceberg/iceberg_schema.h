/*
 * iceberg_schema.h - a table's schema between Iceberg's JSON (Appendix C) and the engine's fields
 */
#ifndef JI_ICEBERG_SCHEMA_H
#define JI_ICEBERG_SCHEMA_H

#include "arrow/arrow_type.h"
#include "table/iceberg/json_document.h"

struct ji_iceberg_schema {
    int32_t schema_id;
    struct ji_schema columns;
    /*
     * What of it we cannot read rows of ("type 'variant' of column 'v'"), or NULL. The schema itself is
     * then not complete.
     */
    const char *unsupported;
    struct ji_view json; /* the object, as it stood in its document */
};

/* `object` is a schema; one of metadata v1 has no id: 0. Borrows from the tree. CORRUPT names the column. */
enum joist_status ji_iceberg_schema_read(struct ji_arena *arena, const struct ji_tree_node *object,
        struct ji_iceberg_schema *schema, struct joist_error *err);

/* Appends {"type":"struct","schema-id":...,"fields":[...]}. */
enum joist_status ji_iceberg_schema_write(
        struct ji_bytes *out, int32_t schema_id, const struct ji_schema *columns, struct joist_error *err);

/* The field with this id at any depth, or NULL; `top` (may be NULL) gets the column it is in. */
const struct ji_field *ji_iceberg_field_by_id(const struct ji_schema *columns, int32_t field_id, size_t *top);

#endif
