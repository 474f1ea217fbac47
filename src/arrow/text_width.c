/*
 * text_width.c - widths after Unicode's East Asian Width and the blocks of combining marks
 *
 * Whole blocks, not single characters: a table may be a cell off for rare ones, and nothing else depends
 * on it.
 */
#include "arrow/text_width.h"

struct code_range {
    uint32_t first;
    uint32_t last;
};

static const struct code_range zero_ranges[] = {{0x300, 0x36f}, {0x483, 0x489}, {0x591, 0x5bd},
        {0x610, 0x61a}, {0x64b, 0x65f}, {0x1ab0, 0x1aff}, {0x1dc0, 0x1dff}, {0x200b, 0x200f},
        {0x202a, 0x202e}, {0x2060, 0x2064}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}, {0xfe20, 0xfe2f},
        {0xfeff, 0xfeff}, {0xe0100, 0xe01ef}};
static const struct code_range wide_ranges[] = {{0x1100, 0x115f}, {0x2e80, 0x303e}, {0x3041, 0x33ff},
        {0x3400, 0x4dbf}, {0x4e00, 0x9fff}, {0xa000, 0xa4cf}, {0xac00, 0xd7a3}, {0xf900, 0xfaff},
        {0xfe30, 0xfe6f}, {0xff00, 0xff60}, {0xffe0, 0xffe6}, {0x1f300, 0x1f64f}, {0x1f680, 0x1f6ff},
        {0x1f900, 0x1f9ff}, {0x20000, 0x3fffd}};

static bool is_among(uint32_t code, const struct code_range *ranges, size_t count)
{
    for (size_t i = 0; i < count && ranges[i].first <= code; i++) {
        if (code <= ranges[i].last)
            return true;
    }
    return false;
}

static size_t code_width(uint32_t code)
{
    if (code < 0x300)
        return 1;
    if (is_among(code, zero_ranges, sizeof zero_ranges / sizeof zero_ranges[0]))
        return 0;
    return is_among(code, wide_ranges, sizeof wide_ranges / sizeof wide_ranges[0]) ? 2 : 1;
}

/* The character at `at`, and its bytes; the text is UTF-8, and a byte that is not counts as a character. */
static uint32_t next_code(struct ji_view text, size_t at, size_t *bytes)
{
    const uint8_t lead = text.data[at];
    const size_t wanted = lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    *bytes = ji_min_size(wanted, text.size - at);
    uint32_t code = wanted == 1 ? lead : lead & (0x7fu >> wanted);
    for (size_t i = 1; i < *bytes; i++)
        code = (code << 6) | (text.data[at + i] & 0x3fu);
    return code;
}

size_t ji_text_fit(struct ji_view text, size_t width, size_t *taken)
{
    size_t at = 0;
    size_t sum = 0;
    while (at < text.size) {
        size_t bytes;
        const size_t more = code_width(next_code(text, at, &bytes));
        if (sum + more > width)
            break;
        sum += more;
        at += bytes;
    }
    *taken = sum;
    return at;
}

size_t ji_text_width(struct ji_view text)
{
    size_t taken;
    (void)ji_text_fit(text, SIZE_MAX, &taken);
    return taken;
}

enum joist_status ji_text_tame(struct ji_view text, struct ji_bytes *out, struct joist_error *err)
{
    size_t at = 0;
    while (at < text.size) {
        size_t bytes;
        const uint32_t code = next_code(text, at, &bytes);
        if (code == '\n' || code == '\t' || code == '\r')
            JI_TRY(ji_bytes_append_text(out, code == '\n' ? "\\n" : code == '\t' ? "\\t" : "\\r", err));
        else if (code < 0x20 || (code >= 0x7f && code < 0xa0))
            JI_TRY(ji_bytes_printf(out, err, "\\x%02x", (unsigned)code));
        else
            JI_TRY(ji_bytes_append(out, text.data + at, bytes, err));
        at += bytes;
    }
    return JOIST_OK;
}
