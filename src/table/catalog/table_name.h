/*
 * table_name.h - "namespace.table": taken apart, and what may be a new one
 */
#ifndef JI_TABLE_NAME_H
#define JI_TABLE_NAME_H

#include "base/arena.h"

/* The last part is the table, all before it the namespace. */
struct ji_table_name {
    const char *name_space;
    const char *table;
};

/* INVALID where there is no namespace. */
enum joist_status ji_table_name_parse(
        struct ji_arena *arena, const char *text, struct ji_table_name *name, struct joist_error *err);

/*
 * What may become part of a location: not empty, UTF-8, no control character, none of / \ # ? % and no part
 * that is "." or "..". PyIceberg cuts paths at # and ?.
 */
enum joist_status ji_table_name_check(const struct ji_table_name *name, struct joist_error *err);
/* The same for a whole path: UTF-8, no control character, none of \ # ? %. */
enum joist_status ji_location_check(const char *path, struct joist_error *err);

bool ji_text_equal_without_case(const char *a, const char *b); /* ASCII's */

#endif
