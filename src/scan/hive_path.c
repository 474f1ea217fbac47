/*
 * hive_path.c - values in the names of folders, escaped as Hive and Spark escape them
 */
#include "scan/hive_path.h"

static bool is_plain(uint8_t byte)
{
    return byte >= 0x20 && byte != 0x7f && strchr("\"#%'*/:=?\\{[]^", byte) == NULL;
}

static enum joist_status append_escaped(struct ji_bytes *path, struct ji_view text, struct joist_error *err)
{
    static const char digits[] = "0123456789ABCDEF";
    const uint8_t *const bytes = text.data;
    for (size_t i = 0; i < text.size; i++) {
        const char escaped[3] = {'%', digits[bytes[i] >> 4], digits[bytes[i] & 15]};
        /* "." and ".." are folders already. */
        const bool is_dot = bytes[i] == '.' && text.size <= 2;
        if (is_plain(bytes[i]) && !is_dot)
            JI_TRY(ji_bytes_append_byte(path, bytes[i], err));
        else
            JI_TRY(ji_bytes_append(path, escaped, sizeof escaped, err));
    }
    return JOIST_OK;
}

enum joist_status ji_hive_append(
        struct ji_bytes *path, const char *name, struct ji_view value, struct joist_error *err)
{
    JI_TRY(ji_bytes_append_byte(path, '/', err));
    JI_TRY(append_escaped(path, ji_view_of_text(name), err));
    JI_TRY(ji_bytes_append_byte(path, '=', err));
    if (value.size == 0)
        return ji_bytes_append_text(path, JI_HIVE_NULL, err);
    return append_escaped(path, value, err);
}

static unsigned digit_of(char text)
{
    if (text >= '0' && text <= '9')
        return (unsigned)(text - '0');
    const char lower = (char)(text | 0x20);
    return lower >= 'a' && lower <= 'f' ? (unsigned)(lower - 'a') + 10 : 16;
}

/* A '%' that no two digits follow is one. */
static enum joist_status decode(
        struct ji_arena *arena, struct ji_view text, struct ji_view *decoded, struct joist_error *err)
{
    const char *const from = (const char *)text.data;
    char *to = NULL;
    size_t size = 0;
    JI_TRY(ji_arena_alloc(arena, text.size + 1, &to, err));
    for (size_t i = 0; i < text.size; i++) {
        const bool is_code = from[i] == '%' && i + 2 < text.size && digit_of(from[i + 1]) < 16 &&
                digit_of(from[i + 2]) < 16;
        to[size++] = is_code ? (char)(digit_of(from[i + 1]) << 4 | digit_of(from[i + 2])) : from[i];
        i += is_code ? 2 : 0;
    }
    to[size] = '\0';
    *decoded = ji_view_of(to, size);
    return JOIST_OK;
}

enum joist_status ji_hive_next(struct ji_arena *arena, const char **path, struct ji_hive_part *part,
        bool *found, struct joist_error *err)
{
    *found = false;
    for (const char *at = *path; *at != '\0';) {
        const size_t size = strcspn(at, "/");
        const char *const equals = memchr(at, '=', size);
        if (at[size] != '/')
            break; /* the file itself */
        if (equals != NULL && equals > at) {
            struct ji_view name;
            const struct ji_view value = ji_view_of(equals + 1, size - (size_t)(equals + 1 - at));
            JI_TRY(decode(arena, ji_view_of(at, (size_t)(equals - at)), &name, err));
            JI_TRY(decode(arena, value, &part->value, err));
            part->name = (const char *)name.data;
            part->is_null = ji_view_equal(value, ji_view_of_text(JI_HIVE_NULL));
            *path = at + size + 1;
            *found = true;
            return JOIST_OK;
        }
        at += size + 1;
    }
    return JOIST_OK;
}
