/*
 * type_name.h - the names of scalar types as people write them in casts
 *
 * Iceberg's and SQL's: boolean bool, tinyint int8, smallint int16, int integer int32, long bigint int64,
 * uint8 ... uint64, float real, double [precision], decimal(p, s) numeric, date, time, timestamp, timestamptz
 * (both also with _s _ms _ns), timestamp with time zone, string varchar text, binary blob bytea, uuid,
 * fixed(n).
 */
#ifndef JI_TYPE_NAME_H
#define JI_TYPE_NAME_H

#include "arrow/arrow_type.h"
#include "expr/lexer.h"

/* Reads a type at the lexer's token and leaves it behind. INVALID: "column 8: no type 'foo'". */
enum joist_status ji_type_name_parse(struct ji_lexer *lexer, struct ji_field *type, struct joist_error *err);

/*
 * Whether `token` names one of the types that typed literals take: date '...', timestamp '...', time,
 * timestamptz, uuid.
 */
bool ji_type_name_literal(const struct ji_token *token, struct ji_field *type);

/* The name, such that the parser above reads it back; nested types in ji_type_text's words. */
enum joist_status ji_type_name_text(
        struct ji_arena *arena, const struct ji_field *type, const char **text, struct joist_error *err);

/* A nullable scalar type without parameters. */
struct ji_field ji_type_of(enum ji_kind kind);
struct ji_field ji_type_decimal(unsigned precision, unsigned scale);

#endif
