/*
 * uuid.c - version 4 UUIDs
 *
 *     xxxxxxxx-xxxx-4xxx-yxxx-xxxxxxxxxxxx      y is 8, 9, a or b
 */
#include "base/uuid.h"

#include <string.h>

#define TEXT_SIZE (JI_UUID_TEXT_BYTES - 1)

static bool is_dash_place(size_t at)
{
    return at == 8 || at == 13 || at == 18 || at == 23;
}

void ji_uuid_print(const uint8_t bytes[16], char text[JI_UUID_TEXT_BYTES])
{
    static const char digits[] = "0123456789abcdef";
    size_t at = 0;
    for (size_t i = 0; i < 16; i++) {
        if (is_dash_place(at))
            text[at++] = '-';
        text[at++] = digits[bytes[i] >> 4];
        text[at++] = digits[bytes[i] & 15];
    }
    text[at] = '\0';
}

static int hex_value(char digit)
{
    if (digit >= '0' && digit <= '9')
        return digit - '0';
    if (digit >= 'a' && digit <= 'f')
        return digit - 'a' + 10;
    return digit >= 'A' && digit <= 'F' ? digit - 'A' + 10 : -1;
}

bool ji_uuid_parse(const char *data, size_t size, uint8_t bytes[16])
{
    if (size != TEXT_SIZE)
        return false;
    uint8_t parsed[16];
    size_t at = 0;
    for (size_t i = 0; i < 16; i++) {
        if (is_dash_place(at) && data[at++] != '-')
            return false;
        const int high = hex_value(data[at]);
        const int low = hex_value(data[at + 1]);
        if (high < 0 || low < 0)
            return false;
        parsed[i] = (uint8_t)(high << 4 | low);
        at += 2;
    }
    memcpy(bytes, parsed, sizeof parsed);
    return true;
}

enum joist_status ji_uuid_new(struct joist_ctx *ctx, char text[JI_UUID_TEXT_BYTES], struct joist_error *err)
{
    uint8_t bytes[16];
    JI_TRY(ji_ctx_random(ctx, bytes, sizeof bytes, err));
    bytes[6] = (uint8_t)((bytes[6] & 0x0f) | 0x40);
    bytes[8] = (uint8_t)((bytes[8] & 0x3f) | 0x80);
    ji_uuid_print(bytes, text);
    return JOIST_OK;
}
