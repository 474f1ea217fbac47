/*
 * writer_version.c - reads "<writer> version <major>.<minor>.<patch>..."
 */
#include "parquet/format/writer_version.h"

#define PART_MAX 100000u

/* True and `*text` moves behind it where it begins with `prefix`. */
static bool take_text(struct ji_view *text, const char *prefix)
{
    const size_t size = strlen(prefix);
    if (text->size < size || memcmp(text->data, prefix, size) != 0)
        return false;
    *text = ji_view_of(text->data + size, text->size - size);
    return true;
}

static unsigned take_part(struct ji_view *text)
{
    unsigned number = 0;
    while (text->size > 0 && text->data[0] >= '0' && text->data[0] <= '9') {
        if (number < PART_MAX)
            number = number * 10 + (unsigned)(text->data[0] - '0');
        *text = ji_view_of(text->data + 1, text->size - 1);
    }
    (void)take_text(text, ".");
    return number;
}

bool ji_writer_is_before(
        struct ji_view created_by, const char *writer, unsigned major, unsigned minor, unsigned patch)
{
    if (created_by.size == 0 || !take_text(&created_by, writer))
        return false;
    if (!take_text(&created_by, " version "))
        return true;
    const unsigned own_major = take_part(&created_by);
    const unsigned own_minor = take_part(&created_by);
    const unsigned own_patch = take_part(&created_by);
    if (own_major != major)
        return own_major < major;
    if (own_minor != minor)
        return own_minor < minor;
    return own_patch < patch;
}
