/*
 * csv_fail.c - what is wrong, and where: file, line, column, value
 */
#include "text/csv_read.h"

#include <stdio.h>

enum joist_status ji_csv_fail(const struct ji_csv_file *file, const uint8_t *at, size_t column,
        const char *reason, struct ji_view value, struct joist_error *err)
{
    char place[JOIST_ERROR_TEXT_MAX / 2];
    if (column < file->column_count)
        (void)snprintf(place, sizeof place, "column '%s'", file->columns[column].name);
    else
        (void)snprintf(place, sizeof place, "field %zu", column + 1);
    const char *name = ji_source_name(&file->feed->source);
    const uint64_t line = ji_text_feed_line(file->feed, at);
    char shown[JI_SHOWN_BYTES];
    if (value.data != NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "%s: line %" PRIu64 ", %s: %s: '%s'", name, line, place,
                reason, ji_text_shown(value, shown));
    char plain[JOIST_ERROR_TEXT_MAX / 2];
    const struct ji_view from = ji_view_of(reason, strnlen(reason, sizeof plain - 1));
    for (size_t i = 0; i < from.size; i++)
        plain[i] = (char)(from.data[i] < 0x20 ? ' ' : from.data[i]);
    plain[from.size] = '\0';
    return ji_fail(err, JOIST_ERR_INVALID, "%s: line %" PRIu64 ", %s: %s", name, line, place, plain);
}

/* The end of the field that begins at `begin`: where it is not in the index, the line's or the text's. */
static size_t field_end(const struct ji_csv_index *index, struct ji_view text, size_t begin)
{
    const uint32_t *ends = ji_csv_ends(index);
    for (size_t i = 0; i < index->count; i++) {
        if (ends[i] >= begin)
            return ends[i];
    }
    const uint8_t *found = memchr(text.data + begin, '\n', text.size - begin);
    return found == NULL ? text.size : (size_t)(found - text.data);
}

enum joist_status ji_csv_fail_flaw(const struct ji_csv_file *file, const struct ji_csv_index *index,
        struct ji_view text, const struct ji_csv_flaw *flaw, struct joist_error *err)
{
    if (flaw->found != 0)
        return ji_fail(err, JOIST_ERR_INVALID, "%s: line %" PRIu64 ": %zu fields where %zu are due",
                ji_source_name(&file->feed->source), ji_text_feed_line(file->feed, text.data + flaw->at),
                flaw->found, file->column_count);
    size_t begin = 0;
    const size_t column = ji_csv_field_of(index, text, flaw->at, &begin);
    const struct ji_view value = ji_view_of(text.data + begin, field_end(index, text, begin) - begin);
    return ji_csv_fail(file, text.data + begin, column, flaw->what, value, err);
}
