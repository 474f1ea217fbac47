/*
 * value_rules.h - which values a column's logical type allows
 */
#ifndef JI_VALUE_RULES_H
#define JI_VALUE_RULES_H

#include "base/arena.h"
#include "parquet/format/parquet_schema.h"

enum ji_value_rule {
    JI_RULE_NONE,
    JI_RULE_UTF8,
    JI_RULE_JSON,
    JI_RULE_BSON,
    JI_RULE_DECIMAL,
    JI_RULE_INTEGER, /* of 8 or 16 bits in an INT32 */
    JI_RULE_TIME,
    JI_RULE_INT96,
    JI_RULE_ABSENT, /* UNKNOWN: nulls alone */
};

#define JI_DECIMAL_LIMIT_BYTES 40

struct ji_value_rules {
    enum ji_value_rule rule;
    bool is_little; /* DECIMAL: of INT32 or INT64 */
    int64_t least;  /* INTEGER, TIME */
    int64_t most;
    uint8_t limit[JI_DECIMAL_LIMIT_BYTES]; /* DECIMAL: 10 to the precision, big-endian; 0: any value */
};

void ji_value_rules_init(struct ji_value_rules *rules, const struct ji_schema_element *element);
/*
 * Why a value (PLAIN bytes without length) is not one of its type: static text; NULL where it is one.
 * `arena` is for parsing, the caller resets it.
 */
const char *ji_value_fault(const struct ji_value_rules *rules, struct ji_view value, struct ji_arena *arena);

#endif
