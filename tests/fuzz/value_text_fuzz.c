/*
 * value_text_fuzz.c - every parser of values over any bytes; what was read prints and reads back as the same
 */
#include "base/calendar.h"
#include "base/decimal.h"
#include "base/real_text.h"
#include "base/uuid.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void try_integers(const char *text, size_t size)
{
    int64_t narrow = 0;
    ji_int128 wide = 0;
    uint64_t natural = 0;
    char printed[JI_I128_TEXT_MAX];
    const enum ji_text_reason reason = ji_i64_parse(text, size, &narrow);
    const enum ji_text_reason wide_reason = ji_i128_parse(text, size, &wide);
    require(reason != JI_TEXT_OK || (wide_reason == JI_TEXT_OK && wide == narrow));
    if (wide_reason == JI_TEXT_OK) {
        ji_int128 back = 0;
        require(ji_i128_parse(printed, ji_i128_print(wide, printed), &back) == JI_TEXT_OK && back == wide);
    }
    if (ji_u64_parse(text, size, &natural) == JI_TEXT_OK)
        require(wide_reason == JI_TEXT_OK && wide == (ji_int128)natural);
}

static void try_reals(const char *text, size_t size)
{
    double value = 0;
    double back = 0;
    float single = 0;
    float single_back = 0;
    char printed[JI_DOUBLE_TEXT_MAX];
    if (ji_double_parse(text, size, &value) == JI_TEXT_OK && value == value) {
        require(ji_double_parse(printed, ji_double_print(value, printed), &back) == JI_TEXT_OK);
        require(memcmp(&value, &back, sizeof value) == 0);
    }
    if (ji_float_parse(text, size, &single) == JI_TEXT_OK && single == single) {
        require(ji_float_parse(printed, ji_float_print(single, printed), &single_back) == JI_TEXT_OK);
        require(memcmp(&single, &single_back, sizeof single) == 0);
    }
}

static void try_decimals(const char *text, size_t size, unsigned precision, unsigned scale)
{
    ji_int128 value = 0;
    ji_int128 back = 0;
    int64_t narrow = 0;
    char printed[JI_DECIMAL_TEXT_MAX];
    const enum ji_text_reason reason = ji_decimal_parse(text, size, precision, scale, &value);
    if (precision <= 18) {
        require(ji_decimal64_parse(text, size, precision, scale, &narrow) == reason);
        require(reason != JI_TEXT_OK || narrow == value);
    }
    if (reason != JI_TEXT_OK)
        return;
    require(ji_decimal_fits(value, precision));
    const size_t bytes = ji_decimal_print(value, scale, printed);
    require(ji_decimal_parse(printed, bytes, precision, scale, &back) == JI_TEXT_OK && back == value);
    double real = 0;
    require(ji_double_parse(printed, bytes, &real) == JI_TEXT_OK);
    require(real == ji_decimal_to_double(value, scale));
}

static void try_times(const char *text, size_t size)
{
    int32_t days = 0;
    int32_t days_back = 0;
    int64_t value = 0;
    int64_t back = 0;
    char printed[JI_TIMESTAMP_TEXT_MAX];
    if (ji_date_parse(text, size, &days) == JI_TEXT_OK) {
        require(ji_date_parse(printed, ji_date_print(days, printed), &days_back) == JI_TEXT_OK);
        require(days == days_back);
    }
    for (enum ji_unit unit = JI_SECOND; unit <= JI_NANO; unit++) {
        if (ji_time_parse(text, size, unit, &value) == JI_TEXT_OK) {
            require(ji_time_parse(printed, ji_time_print(value, unit, printed), unit, &back) == JI_TEXT_OK);
            require(value == back);
        }
        if (ji_timestamp_parse(text, size, unit, &value, NULL) == JI_TEXT_OK) {
            const size_t bytes = ji_timestamp_print(value, unit, true, printed);
            require(ji_timestamp_parse(printed, bytes, unit, &back, NULL) == JI_TEXT_OK && value == back);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    const unsigned precision = data[0] % 38 + 1;
    const unsigned scale = data[1] % (precision + 1);
    const char *text = (const char *)data + 2;
    uint8_t uuid[16];
    size -= 2;
    try_integers(text, size);
    try_reals(text, size);
    try_decimals(text, size, precision, scale);
    try_times(text, size);
    if (ji_uuid_parse(text, size, uuid)) {
        char printed[JI_UUID_TEXT_BYTES];
        uint8_t back[16];
        ji_uuid_print(uuid, printed);
        require(ji_uuid_parse(printed, JI_UUID_TEXT_BYTES - 1, back) && memcmp(uuid, back, 16) == 0);
    }
    return 0;
}
