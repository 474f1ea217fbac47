/*
 * text_options.c - joist_text_options, checked and with their defaults
 */
#include "text/text_options.h"

#include "base/utf8_text.h"

#define SHOWN_MAX ((size_t)80)

static bool ends_with(const char *text, const char *ending)
{
    const size_t size = strlen(text);
    const size_t wanted = strlen(ending);
    return size >= wanted && strcmp(text + size - wanted, ending) == 0;
}

static bool is_tsv(const char *name)
{
    return ends_with(name, ".tsv") || ends_with(name, ".tsv.gz") || ends_with(name, ".tsv.zst");
}

static bool splits_rows(char byte)
{
    return byte == '\n' || byte == '\r';
}

enum joist_status ji_text_options_take(const struct joist_text_options *from, const char *name,
        struct joist_text_options *to, struct joist_error *err)
{
    struct joist_text_options taken = {.struct_size = sizeof taken};
    if (from != NULL) {
        if (from->struct_size < sizeof from->struct_size)
            return ji_fail(err, JOIST_ERR_INVALID, "joist_text_options.struct_size is not set");
        if (from->struct_size > sizeof taken)
            return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                    "joist_text_options of %zu bytes are of a newer library", from->struct_size);
        memcpy(&taken, from, from->struct_size);
    }
    if (taken.delimiter == 0)
        taken.delimiter = is_tsv(name) ? '\t' : ',';
    if (taken.quote == 0)
        taken.quote = '"';
    if (taken.sample_bytes == 0)
        taken.sample_bytes = JI_SAMPLE_BYTES_DEFAULT;
    if (taken.sample_bytes > JI_SAMPLE_BYTES_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "a sample of %" PRIu64 " bytes", taken.sample_bytes);
    if (splits_rows(taken.delimiter) || splits_rows(taken.quote) || taken.delimiter == taken.quote)
        return ji_fail(
                err, JOIST_ERR_INVALID, "delimiter and quote are two different bytes and no line ends");
    if (((unsigned char)taken.delimiter | (unsigned char)taken.quote) >= 0x80)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "a delimiter or quote beyond ASCII");
    *to = taken;
    return JOIST_OK;
}

enum joist_status ji_text_schema(struct ji_arena *arena, const struct joist_text_options *options,
        const struct ji_schema *schema, struct ji_schema *given, struct joist_error *err)
{
    *given = (struct ji_schema){0};
    if (schema != NULL)
        return ji_schema_copy(arena, schema, given, err);
    if (options->schema != NULL)
        return ji_schema_import(arena, options->schema, given, err);
    return JOIST_OK;
}

enum joist_status ji_text_override_types(struct ji_arena *arena, const struct joist_text_options *options,
        struct ji_field *columns, size_t column_count, bool *guessed, struct joist_error *err)
{
    const struct ji_schema schema = {.column_count = column_count, .columns = columns};
    for (size_t i = 0; i < options->type_count; i++) {
        const char *text = options->types[i];
        const char *equals = strrchr(text, '=');
        if (equals == NULL || equals == text)
            return ji_fail(err, JOIST_ERR_INVALID, "type '%.80s': \"column=type\" is due", text);
        const struct ji_view name = ji_view_of(text, (size_t)(equals - text));
        const size_t at = ji_schema_find(&schema, name);
        if (at == SIZE_MAX)
            return ji_fail(err, JOIST_ERR_INVALID, "type '%.80s': there is no such column", text);
        struct ji_field type = {0};
        JI_TRY(ji_type_parse(arena, ji_view_of_text(equals + 1), &type, err));
        type.name = columns[at].name;
        type.nullable = columns[at].nullable;
        type.field_id = columns[at].field_id;
        columns[at] = type;
        if (guessed != NULL)
            guessed[at] = false;
    }
    return JOIST_OK;
}

const char *ji_text_shown(struct ji_view value, char *out)
{
    size_t size = ji_min_size(value.size, SHOWN_MAX);
    for (size_t i = 0; i < size; i++)
        out[i] = (char)(value.data[i] < 0x20 || value.data[i] == 0x7F ? ' ' : value.data[i]);
    size = ji_utf8_prefix(ji_view_of(out, size));
    if (size < value.size)
        memcpy(out + size, "...", 3);
    out[size < value.size ? size + 3 : size] = '\0';
    return out;
}
