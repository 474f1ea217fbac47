/*
 * utf8_text.c - where does it stop being UTF-8
 *
 *     00-7F                          one byte
 *     C2-DF  80-BF                   two
 *     E0-EF  80-BF  80-BF            three; after E0: A0-BF, after ED: 80-9F
 *     F0-F4  80-BF  80-BF  80-BF     four;  after F0: 90-BF, after F4: 80-8F
 *
 * Most text is ASCII, which is passed over 32 bytes at a time.
 */
#include "base/utf8_text.h"

#include <assert.h>

#define HIGH_BITS UINT64_C(0x8080808080808080)

static bool continues(uint8_t byte)
{
    return (byte & 0xC0) == 0x80;
}

/* Bytes of the character at the front of `left` > 0 bytes, 0 where there is no valid one. */
static size_t character_bytes(const uint8_t *at, size_t left)
{
    const uint8_t lead = at[0];
    if (lead < 0x80)
        return 1;
    if (lead < 0xC2 || lead > 0xF4 || left < 2)
        return 0;
    if (lead < 0xE0)
        return continues(at[1]) ? 2 : 0;
    if (left < 3 || !continues(at[1]) || !continues(at[2]))
        return 0;
    if (lead < 0xF0)
        return (lead == 0xE0 && at[1] < 0xA0) || (lead == 0xED && at[1] > 0x9F) ? 0 : 3;
    if (left < 4 || !continues(at[3]))
        return 0;
    return (lead == 0xF0 && at[1] < 0x90) || (lead == 0xF4 && at[1] > 0x8F) ? 0 : 4;
}

static size_t ascii_prefix(const uint8_t *data, size_t at, size_t size)
{
    while (size - at >= 32) {
        uint64_t words[4];
        memcpy(words, data + at, sizeof words);
        if (((words[0] | words[1] | words[2] | words[3]) & HIGH_BITS) != 0)
            break;
        at += 32;
    }
    while (at < size && data[at] < 0x80)
        at++;
    return at;
}

size_t ji_utf8_prefix(struct ji_view view)
{
    size_t at = 0;
    while (at < view.size) {
        at = ascii_prefix(view.data, at, view.size);
        while (at < view.size && view.data[at] >= 0x80) {
            const size_t bytes = character_bytes(view.data + at, view.size - at);
            if (bytes == 0)
                return at;
            at += bytes;
        }
    }
    return at;
}

size_t ji_utf8_bytes_of(struct ji_view view, size_t count)
{
    size_t at = 0;
    size_t seen = 0;
    while (at < view.size) {
        if (!continues(view.data[at]) && seen++ == count)
            break;
        at++;
    }
    return at;
}

size_t ji_utf8_put(uint32_t code, uint8_t out[4])
{
    assert(code <= 0x10FFFF && (code < 0xD800 || code > 0xDFFF));
    if (code < 0x80) {
        out[0] = (uint8_t)code;
        return 1;
    }
    if (code < 0x800) {
        out[0] = (uint8_t)(0xC0 | code >> 6);
        out[1] = (uint8_t)(0x80 | (code & 0x3F));
        return 2;
    }
    if (code < 0x10000) {
        out[0] = (uint8_t)(0xE0 | code >> 12);
        out[1] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
        out[2] = (uint8_t)(0x80 | (code & 0x3F));
        return 3;
    }
    out[0] = (uint8_t)(0xF0 | code >> 18);
    out[1] = (uint8_t)(0x80 | (code >> 12 & 0x3F));
    out[2] = (uint8_t)(0x80 | (code >> 6 & 0x3F));
    out[3] = (uint8_t)(0x80 | (code & 0x3F));
    return 4;
}
