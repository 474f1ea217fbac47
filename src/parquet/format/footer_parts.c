/*
 * footer_parts.c - Statistics, key-value pairs, numbers of enumerations, and lists of numbers
 */
#include "parquet/format/footer_parts.h"

int32_t ji_enum_decode(struct ji_thrift_reader *thrift, enum ji_thrift_type type, int32_t max)
{
    const int32_t value = ji_thrift_i32(thrift, type);
    if (value < 0 || value > max) {
        ji_thrift_fail(thrift, JI_THRIFT_RANGE);
        return 0;
    }
    return value;
}

static void read_statistic(struct ji_thrift_reader *thrift, const struct ji_thrift_field *field,
        struct ji_statistics *statistics)
{
    switch (field->id) {
    case 1:
        statistics->max_old = ji_thrift_binary(thrift, field->type);
        statistics->has_max_old = true;
        break;
    case 2:
        statistics->min_old = ji_thrift_binary(thrift, field->type);
        statistics->has_min_old = true;
        break;
    case 3:
        statistics->null_count = ji_thrift_i64(thrift, field->type);
        statistics->has_null_count = true;
        break;
    case 4:
        statistics->distinct_count = ji_thrift_i64(thrift, field->type);
        statistics->has_distinct_count = true;
        break;
    case 5:
        statistics->max = ji_thrift_binary(thrift, field->type);
        statistics->has_max = true;
        break;
    case 6:
        statistics->min = ji_thrift_binary(thrift, field->type);
        statistics->has_min = true;
        break;
    case 7:
        statistics->max_exact = ji_thrift_bool(thrift, field->type);
        statistics->has_max_exact = true;
        break;
    case 8:
        statistics->min_exact = ji_thrift_bool(thrift, field->type);
        statistics->has_min_exact = true;
        break;
    case 9:
        statistics->nan_count = ji_thrift_i64(thrift, field->type);
        statistics->has_nan_count = true;
        break;
    default:
        ji_thrift_skip(thrift, field->type);
    }
}

void ji_statistics_decode(
        struct ji_thrift_reader *thrift, enum ji_thrift_type type, struct ji_statistics *statistics)
{
    *statistics = (struct ji_statistics){.has_max = false};
    if (!ji_thrift_expect_struct(thrift, type))
        return;
    struct ji_thrift_field field = ji_thrift_struct(thrift);
    while (ji_thrift_next(thrift, &field))
        read_statistic(thrift, &field, statistics);
}

enum joist_status ji_int64_list_decode(struct ji_thrift_reader *thrift, enum ji_thrift_type type,
        struct ji_arena *arena, const int64_t **values, size_t *count, struct joist_error *err)
{
    const struct ji_thrift_list list = ji_thrift_list(thrift, type);
    int64_t *made = NULL;
    JI_TRY(ji_arena_array(arena, list.count, sizeof made[0], &made, err));
    for (size_t index = 0; index < list.count; index++)
        made[index] = ji_thrift_i64(thrift, list.type);
    *values = made;
    *count = list.count;
    return JOIST_OK;
}

enum joist_status ji_key_values_decode(struct ji_thrift_reader *thrift, enum ji_thrift_type type,
        struct ji_arena *arena, const struct ji_key_value **key_values, size_t *count,
        struct joist_error *err)
{
    const struct ji_thrift_list list = ji_thrift_list(thrift, type);
    struct ji_key_value *pairs = NULL;
    JI_TRY(ji_arena_array(arena, list.count, sizeof pairs[0], &pairs, err));
    for (size_t index = 0; index < list.count; index++) {
        if (!ji_thrift_expect_struct(thrift, list.type))
            break;
        struct ji_thrift_field field = ji_thrift_struct(thrift);
        while (ji_thrift_next(thrift, &field)) {
            if (field.id == 1) {
                pairs[index].key = ji_thrift_binary(thrift, field.type);
            } else if (field.id == 2) {
                pairs[index].value = ji_thrift_binary(thrift, field.type);
                pairs[index].has_value = true;
            } else {
                ji_thrift_skip(thrift, field.type);
            }
        }
    }
    *key_values = pairs;
    *count = list.count;
    return JOIST_OK;
}
