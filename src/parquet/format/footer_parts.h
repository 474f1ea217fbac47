/*
 * footer_parts.h - what footer, page headers and page index have in common, decoded
 *
 * The thrift reader fails sticky; whoever owns it asks it at the end.
 */
#ifndef JI_FOOTER_PARTS_H
#define JI_FOOTER_PARTS_H

#include "base/arena.h"
#include "parquet/format/footer_model.h"
#include "wire/thrift.h"

/* A field of type Statistics; views into the reader's bytes. */
void ji_statistics_decode(
        struct ji_thrift_reader *thrift, enum ji_thrift_type type, struct ji_statistics *statistics);

/* A list<i64>. */
enum joist_status ji_int64_list_decode(struct ji_thrift_reader *thrift, enum ji_thrift_type type,
        struct ji_arena *arena, const int64_t **values, size_t *count, struct joist_error *err);

/* A list<KeyValue>; views into the reader's bytes. */
enum joist_status ji_key_values_decode(struct ji_thrift_reader *thrift, enum ji_thrift_type type,
        struct ji_arena *arena, const struct ji_key_value **key_values, size_t *count,
        struct joist_error *err);

/* A number of an enumeration of 0 .. max. */
int32_t ji_enum_decode(struct ji_thrift_reader *thrift, enum ji_thrift_type type, int32_t max);

#endif
