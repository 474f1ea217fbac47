/*
 * ndjson_fuzz.c - any bytes as NDJSON
 */
#include "support/text_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    text_fuzz(TEXT_NDJSON, data, size);
    return 0;
}
