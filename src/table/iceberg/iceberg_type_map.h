/*
 * iceberg_type_map.h - columns as they come, and the nearest type that Iceberg v2 has
 *
 *     int8 int16 uint8 uint16   -> int          time, timestamp of any unit -> microseconds
 *     uint32                    -> long         float16                     -> float
 *     uint64                    -> decimal(20, 0)
 *     bool int long float double decimal date string binary fixed uuid list map struct: as they are
 *
 * A nanosecond value that is not a whole microsecond is refused row by row when it is appended.
 */
#ifndef JI_ICEBERG_TYPE_MAP_H
#define JI_ICEBERG_TYPE_MAP_H

#include "arrow/arrow_type.h"
#include "base/buffer.h"

/*
 * The table's columns for `from`, with fresh field ids in Iceberg's order (all of a struct's fields, then
 * what is inside each), counted on from `*last_id`. INVALID: empty names, control characters, names that
 * differ only by case.
 */
enum joist_status ji_iceberg_columns(struct ji_arena *arena, const struct ji_schema *from, int32_t *last_id,
        struct ji_schema *to, struct joist_error *err);

/*
 * Leaf by leaf, depth first, as Iceberg's JSON names a primitive: "decimal(9, 2)". Appends. Nested kinds
 * are a bug.
 */
enum joist_status ji_iceberg_type_text(
        const struct ji_field *field, struct ji_bytes *out, struct joist_error *err);
/* And back; false where it is none that we know. */
bool ji_iceberg_type_parse(struct ji_view text, struct ji_field *field);

#endif
