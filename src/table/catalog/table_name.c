/*
 * table_name.c - names of tables
 */
#include "table/catalog/table_name.h"

#include "kernel/utf8.h"

#define NAME_BYTES_MAX 255

enum joist_status ji_table_name_parse(
        struct ji_arena *arena, const char *text, struct ji_table_name *name, struct joist_error *err)
{
    const char *dot = strrchr(text, '.');
    if (dot == NULL || dot == text || dot[1] == '\0')
        return ji_fail(err, JOIST_ERR_INVALID, "'%s' is no table: one is named 'namespace.table'", text);
    struct ji_table_name made;
    JI_TRY(ji_arena_text(arena, ji_view_of(text, (size_t)(dot - text)), &made.name_space, err));
    JI_TRY(ji_arena_text(arena, ji_view_of_text(dot + 1), &made.table, err));
    *name = made;
    return JOIST_OK;
}

enum joist_status ji_location_check(const char *path, struct joist_error *err)
{
    if (!ji_utf8_valid(ji_view_of_text(path)))
        return ji_fail(err, JOIST_ERR_INVALID, "the path is not UTF-8");
    for (const char *at = path; *at != '\0'; at++) {
        const uint8_t byte = (uint8_t)*at;
        if (byte < 0x20 || byte == 0x7F)
            return ji_fail(err, JOIST_ERR_INVALID,
                    "a path with control character %u: other engines misread it", (unsigned)byte);
        if (byte == '\\' || byte == '#' || byte == '?' || byte == '%')
            return ji_fail(
                    err, JOIST_ERR_INVALID, "path '%s' with '%c': other engines misread it", path, byte);
    }
    return JOIST_OK;
}

static enum joist_status check_part(const char *part, struct joist_error *err)
{
    if (strlen(part) > NAME_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_INVALID, "a name longer than %d bytes", NAME_BYTES_MAX);
    if (strchr(part, '/') != NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "name '%s' with '/'", part);
    return ji_location_check(part, err);
}

enum joist_status ji_table_name_check(const struct ji_table_name *name, struct joist_error *err)
{
    JI_TRY(check_part(name->name_space, err));
    JI_TRY(check_part(name->table, err));
    const size_t size = strlen(name->name_space);
    if (name->name_space[0] == '.' || name->name_space[size - 1] == '.' ||
            strstr(name->name_space, "..") != NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "namespace '%s' has an empty part", name->name_space);
    return JOIST_OK;
}

static uint8_t lower(char byte)
{
    return (uint8_t)(byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte);
}

bool ji_text_equal_without_case(const char *a, const char *b)
{
    while (*a != '\0' && lower(*a) == lower(*b)) {
        a++;
        b++;
    }
    return lower(*a) == lower(*b);
}
