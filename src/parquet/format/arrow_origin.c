/*
 * arrow_origin.c - types that Parquet has no word for, as their writer meant them
 *
 *     "ARROW:schema": base64 of an IPC message --> fields and layout --> beside the file's own, node by node
 *
 *   1. Columns go by position, as Arrow's writers leave them; another count of them says that the schema
 *      belongs to other data.
 *   2. Nothing changes what values mean: zone names, int64 as durations, widths of offsets and decimals,
 *      views, codes, lengths of lists, extensions over the same kind, metadata.
 *   3. The pair is a hint, and no part of Parquet: one that cannot be read changes nothing. What breaks off
 *      behind some columns is found there, and the schema is made again without it.
 */
#include "parquet/format/arrow_origin.h"

#include "arrow/ipc_schema.h"
#include "kernel/base64.h"

#define MESSAGE_BYTES_MAX ((size_t)64 << 20)
#define PAIRS_MAX 10000
#define PAIR_BYTES_MAX ((size_t)16 << 20)
#define DIGITS_32 9
#define DIGITS_64 18

/* The file's own and the writer's idea of one field. */
struct pair {
    struct ji_field *field;
    struct ji_array_shape *layout;
    const struct ji_field *origin;
    const struct ji_array_shape *origin_layout;
};

static void restore_decimal(const struct pair *pair)
{
    const uint16_t bits = pair->origin_layout->bits;
    const unsigned precision = pair->field->precision;
    const unsigned most = bits == 32 ? DIGITS_32 : bits == 64 ? DIGITS_64 : JI_DECIMAL_DIGITS_MAX;
    if (pair->origin->precision == precision && precision <= most)
        pair->layout->bits = bits;
}

static void restore_layout(const struct pair *pair)
{
    const enum ji_layout layout = pair->origin_layout->layout;
    switch (pair->field->kind) {
    case JI_STRING:
    case JI_BINARY:
        if (pair->origin_layout->is_dictionary) {
            pair->layout->is_dictionary = true;
            pair->layout->is_ordered = pair->origin_layout->is_ordered;
            pair->layout->code_kind = pair->origin_layout->code_kind;
        } else {
            pair->layout->layout = layout;
        }
        break;
    case JI_INT64:
        pair->layout->layout = layout;
        pair->layout->unit = pair->origin_layout->unit;
        break;
    case JI_TIMESTAMP:
        if (pair->field->utc && pair->origin->utc)
            pair->field->zone = pair->origin->zone;
        break;
    case JI_DECIMAL:
        restore_decimal(pair);
        break;
    case JI_LIST:
        pair->layout->layout = layout;
        pair->layout->list_size = pair->origin_layout->list_size;
        break;
    case JI_MAP:
        pair->layout->is_ordered = pair->origin_layout->is_ordered;
        break;
    default:
        break;
    }
}

static void restore_field(const struct pair *pair)
{
    struct ji_field *const field = pair->field;
    const struct ji_field *const origin = pair->origin;
    if (field->kind != JI_UUID && field->kind != origin->kind)
        return;
    field->metadata = origin->metadata;
    field->metadata_count = origin->metadata_count;
    if (field->kind == JI_UUID)
        return;
    restore_layout(pair);
    if (field->extension_name == NULL) {
        field->extension_name = origin->extension_name;
        field->extension_metadata = origin->extension_metadata;
    } else if (field->kind == JI_STRUCT) {
        return; /* a variant, put together from parts that its writer did not see */
    }
    if (field->child_count != origin->child_count)
        return;
    for (size_t i = 0; i < field->child_count; i++) {
        const struct pair child = {&field->children[i], &pair->layout->children[i], &origin->children[i],
                &pair->origin_layout->children[i]};
        restore_field(&child);
    }
}

/* False in `is_sound` where the pair breaks off. */
static enum joist_status restore_columns(struct ji_arena *arena, struct ji_ipc_schema *message,
        const struct ji_parquet_schema *schema, struct ji_array_shape *layout, bool *is_sound,
        struct joist_error *err)
{
    for (size_t i = 0; i < schema->schema.column_count; i++) {
        struct ji_field origin;
        struct ji_array_shape origin_layout;
        const enum joist_status status =
                ji_ipc_schema_column(message, i, arena, &origin, &origin_layout, err);
        if (status == JOIST_ERR_CORRUPT) {
            *is_sound = false;
            return JOIST_OK;
        }
        JI_TRY(status);
        const struct pair pair = {&schema->fields[i], &layout->children[i], &origin, &origin_layout};
        restore_field(&pair);
    }
    return JOIST_OK;
}

static enum joist_status restore(struct ji_arena *arena, struct ji_view text,
        const struct ji_parquet_schema *schema, struct ji_array_shape *layout, bool *is_sound,
        struct joist_error *err)
{
    struct ji_ipc_schema message;
    uint8_t *bytes = NULL;
    size_t size = 0;
    if (text.size > MESSAGE_BYTES_MAX)
        return JOIST_OK;
    JI_TRY(ji_arena_alloc(arena, JI_BASE64_ROOM(text.size), &bytes, err));
    if (!ji_base64_decode(text, bytes, &size))
        return JOIST_OK;
    const enum joist_status status = ji_ipc_schema_open(&message, ji_view_of(bytes, size), err);
    if (status == JOIST_ERR_CORRUPT)
        return JOIST_OK;
    if (status != JOIST_OK || message.columns.count != schema->schema.column_count)
        return status;
    return restore_columns(arena, &message, schema, layout, is_sound, err);
}

enum joist_status ji_arrow_origin_apply(struct ji_arena *arena, const struct ji_footer *footer,
        bool *restores, struct ji_parquet_schema *schema, const struct ji_array_shape **layout,
        struct joist_error *err)
{
    struct ji_array_shape *made = NULL;
    struct ji_view *metadata = NULL;
    const size_t count = ji_min_size(footer->key_value_count, PAIRS_MAX);
    JI_TRY(ji_array_shape_plain(arena, &schema->schema, &made, err));
    JI_TRY(ji_arena_array(arena, 2 * count, sizeof metadata[0], &metadata, err));
    for (size_t i = 0; i < count; i++) {
        const struct ji_key_value *const pair = &footer->key_values[i];
        if (ji_view_equal_text(pair->key, JI_ARROW_SCHEMA_KEY)) {
            if (*restores)
                JI_TRY(restore(arena, pair->value, schema, made, restores, err));
        } else if (pair->value.size <= PAIR_BYTES_MAX && pair->key.size <= PAIR_BYTES_MAX) {
            metadata[2 * schema->schema.metadata_count] = pair->key;
            metadata[2 * schema->schema.metadata_count + 1] = pair->value;
            schema->schema.metadata_count++;
        }
    }
    schema->schema.metadata = metadata;
    *layout = made;
    return JOIST_OK;
}
