/*
 * glob.c - names that match a pattern
 *
 * The matcher goes back to the last '*' alone, which is enough: what stands before it matched already. So it
 * is linear in pattern x name and needs no recursion. A name that begins with '.' behind a '/' is matched
 * only by a '.'.
 */
#include "scan/glob.h"

#include "store/locate.h"

bool ji_glob_is_pattern(const char *text)
{
    return text[ji_glob_literal_bytes(text)] != '\0';
}

size_t ji_glob_literal_bytes(const char *pattern)
{
    return strcspn(pattern, "*?[");
}

/* Bytes of the UTF-8 character at `text`; 1 for what is none. */
static size_t character_bytes(const char *text)
{
    const unsigned char lead = (unsigned char)*text;
    const size_t bytes = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : lead >= 0xc0 ? 2 : 1;
    for (size_t index = 1; index < bytes; index++) {
        if (((unsigned char)text[index] & 0xc0) != 0x80)
            return 1;
    }
    return bytes;
}

/* Whether the set at `pattern` ("[...") takes `byte`; `*end` is behind its ']', or NULL where it has none. */
static bool set_matches(const char *pattern, unsigned char byte, const char **end)
{
    const char *at = pattern + 1;
    const bool negated = *at == '!' || *at == '^';
    bool found = false;
    if (negated)
        at++;
    for (const char *first = at; *at != '\0' && (*at != ']' || at == first); at++) {
        const unsigned char low = (unsigned char)*at;
        unsigned char high = low;
        if (at[1] == '-' && at[2] != '\0' && at[2] != ']') {
            high = (unsigned char)at[2];
            at += 2;
        }
        found = found || (low <= byte && byte <= high);
    }
    *end = *at == ']' ? at + 1 : NULL;
    return found != negated;
}

/* Matches one character other than '*'; moves both on. */
static bool match_one(const char **pattern, const char **text)
{
    const char *end = NULL;
    if (**text == '\0' || **pattern == '\0')
        return false;
    if (**pattern == '?') {
        if (**text == '/')
            return false;
        (*pattern)++;
        *text += character_bytes(*text);
        return true;
    }
    if (**pattern == '[' && **text != '/') {
        const bool matches = set_matches(*pattern, (unsigned char)**text, &end);
        if (end != NULL) {
            *pattern = end;
            (*text)++;
            return matches;
        }
    }
    return *(*pattern)++ == *(*text)++;
}

bool ji_glob_match(const char *pattern, const char *text)
{
    const char *start = text;
    const char *star = NULL;   /* behind the last '*' */
    const char *resume = NULL; /* where what it took ends */
    for (;;) {
        const bool hidden = *text == '.' && (text == start || text[-1] == '/');
        if (*pattern == '*' && !hidden) {
            star = ++pattern;
            resume = text;
            continue;
        }
        if (*pattern == '\0' && *text == '\0')
            return true;
        const char *pattern_now = pattern;
        const char *text_now = text;
        const bool wild = *pattern == '?' || *pattern == '[';
        if (!(hidden && wild) && match_one(&pattern_now, &text_now)) {
            pattern = pattern_now;
            text = text_now;
            continue;
        }
        if (star == NULL || *resume == '\0' || *resume == '/')
            return false;
        resume += character_bytes(resume);
        pattern = star;
        text = resume;
    }
}

/* What a listing collects. */
struct matches {
    struct ji_arena *arena;
    const char *pattern; /* as the store knows paths */
    const char *scheme;  /* put in front again, "" for none */
    const char **locations;
    size_t count;
    size_t room;
};

static enum joist_status add_match(void *user, const struct joist_file_info *info, struct joist_error *err)
{
    struct matches *matches = user;
    if (!ji_glob_match(matches->pattern, info->path))
        return JOIST_OK;
    if (matches->count == JI_GLOB_FILES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "%s: more than %d files", matches->pattern, JI_GLOB_FILES_MAX);
    if (matches->count == matches->room) {
        const size_t room = matches->room == 0 ? 16 : matches->room * 2;
        const char **locations = NULL;
        JI_TRY(ji_arena_array(matches->arena, room, sizeof *locations, &locations, err));
        if (matches->count > 0)
            memcpy(locations, matches->locations, matches->count * sizeof *locations);
        matches->locations = locations;
        matches->room = room;
    }
    return ji_arena_printf(
            matches->arena, &matches->locations[matches->count++], err, "%s%s", matches->scheme, info->path);
}

static enum joist_status list_matches(
        struct joist_ctx *ctx, struct matches *matches, const char *location, struct joist_error *err)
{
    struct joist_store store = {0};
    const char *prefix = NULL;
    JI_TRY(ji_locate(ctx, location, &store, &matches->pattern, err));
    const size_t scheme = (size_t)(matches->pattern - location);
    const size_t literal = ji_glob_literal_bytes(matches->pattern);
    JI_TRY(ji_arena_text(matches->arena, ji_view_of(location, scheme), &matches->scheme, err));
    JI_TRY(ji_arena_text(matches->arena, ji_view_of(matches->pattern, literal), &prefix, err));
    JI_TRY(store.ops->list(store.self, prefix, add_match, matches, err));
    if (matches->count == 0)
        return ji_fail(err, JOIST_ERR_NOT_FOUND, "%s: no file matches", location);
    return JOIST_OK;
}

enum joist_status ji_glob_expand(struct joist_ctx *ctx, struct ji_arena *arena, const char *pattern,
        const char *const **locations, size_t *count, struct joist_error *err)
{
    struct matches matches = {.arena = arena};
    if (ji_glob_is_pattern(pattern)) {
        JI_TRY(list_matches(ctx, &matches, pattern, err));
    } else {
        JI_TRY(ji_arena_array(arena, 1, sizeof *matches.locations, &matches.locations, err));
        JI_TRY(ji_arena_text(arena, ji_view_of_text(pattern), &matches.locations[0], err));
        matches.count = 1;
    }
    *locations = matches.locations;
    *count = matches.count;
    return JOIST_OK;
}
