/*
 * ipc_fields.c - the fields of an IPC schema as an ArrowSchema, and back
 *
 *     Schema { byte order, fields, metadata }
 *     Field { name, nullable, type, dictionary, children, metadata }
 *
 * What a field may be is not judged here: ji_schema_import does that for every schema that comes in.
 */
#include "arrow/ipc_fields.h"

#include "arrow/ipc_format.h"
#include "base/arena.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OWN_ORDER 0
#else
#define OWN_ORDER 1
#endif
/* Fields nest no deeper; the schema's own limit is judged later. */
#define DEPTH_MAX 64

struct reading {
    struct ji_arena *arena;
    size_t field_count;
    size_t text_bytes; /* of names and metadata: no more than the message has, however often pointed to */
    struct joist_error *err;
};

static enum joist_status count_text(
        struct reading *reading, const struct ji_flat_buffer *buffer, struct ji_view text)
{
    reading->text_bytes += text.size;
    if (reading->text_bytes > buffer->size)
        return ji_fail(reading->err, JOIST_ERR_CORRUPT, "not an Arrow schema: texts that overlap");
    return JOIST_OK;
}

static void release_nothing(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

/* --- metadata: count, then (size, bytes) of each key and value, in the machine's order --- */

static uint8_t *put_size(uint8_t *to, size_t size)
{
    const int32_t number = (int32_t)size;
    memcpy(to, &number, sizeof number);
    return to + sizeof number;
}

static uint8_t *put_text(uint8_t *to, struct ji_view text)
{
    to = put_size(to, text.size);
    if (text.size > 0)
        memcpy(to, text.data, text.size);
    return to + text.size;
}

static enum joist_status read_metadata(
        struct reading *reading, const struct ji_flat_table *from, unsigned index, const char **metadata)
{
    const struct ji_flat_vector pairs = ji_flat_tables(from, index);
    size_t bytes = sizeof(int32_t);
    *metadata = NULL;
    if (pairs.count == 0)
        return JOIST_OK;
    for (size_t i = 0; i < pairs.count; i++) {
        const struct ji_flat_table pair = ji_flat_element(&pairs, i);
        JI_TRY(count_text(reading, pairs.buffer, ji_flat_text(&pair, 0)));
        JI_TRY(count_text(reading, pairs.buffer, ji_flat_text(&pair, 1)));
        bytes += 2 * sizeof(int32_t) + ji_flat_text(&pair, 0).size + ji_flat_text(&pair, 1).size;
    }
    uint8_t *made;
    JI_TRY(ji_arena_alloc(reading->arena, bytes, &made, reading->err));
    uint8_t *to = put_size(made, pairs.count);
    struct ji_flat_vector again = pairs;
    again.buffer->budget += pairs.count; /* they have been paid for */
    for (size_t i = 0; i < pairs.count; i++) {
        const struct ji_flat_table pair = ji_flat_element(&again, i);
        to = put_text(to, ji_flat_text(&pair, 0));
        to = put_text(to, ji_flat_text(&pair, 1));
    }
    if (pairs.buffer->is_bad)
        return ji_fail(reading->err, JOIST_ERR_CORRUPT, "metadata that leads nowhere");
    *metadata = (const char *)made;
    return JOIST_OK;
}

/* --- fields --- */

static enum joist_status read_field(
        struct reading *reading, const struct ji_flat_table *from, unsigned depth, struct ji_ipc_node *node);

static enum joist_status read_children(struct reading *reading, const struct ji_flat_table *from,
        unsigned index, unsigned depth, struct ji_ipc_node *node)
{
    const struct ji_flat_vector fields = ji_flat_tables(from, index);
    if (fields.count == 0)
        return JOIST_OK;
    reading->field_count += fields.count;
    if (reading->field_count > JI_IPC_FIELDS_MAX)
        return ji_fail(reading->err, JOIST_ERR_LIMIT, "a schema of more than %d fields", JI_IPC_FIELDS_MAX);
    struct ArrowSchema **pointers;
    JI_TRY(ji_arena_array(
            reading->arena, fields.count, sizeof *node->children, &node->children, reading->err));
    JI_TRY(ji_arena_array(reading->arena, fields.count, sizeof *pointers, &pointers, reading->err));
    for (size_t i = 0; i < fields.count; i++) {
        const struct ji_flat_table field = ji_flat_element(&fields, i);
        JI_TRY(read_field(reading, &field, depth + 1, &node->children[i]));
        pointers[i] = &node->children[i].schema;
    }
    node->schema.children = pointers;
    node->schema.n_children = (int64_t)fields.count;
    return JOIST_OK;
}

/* The field as read is that of the values; the column itself is one of codes. */
static enum joist_status read_dictionary(
        struct reading *reading, const struct ji_flat_table *dictionary, struct ji_ipc_node *node)
{
    const struct ji_flat_table codes = ji_flat_child(dictionary, 1);
    struct ji_ipc_node *values;
    const char *format = "i";
    JI_TRY(ji_arena_array(reading->arena, 1, sizeof *values, &values, reading->err));
    if (codes.buffer != NULL && !ji_ipc_int_format(&codes, &format))
        return ji_fail(reading->err, JOIST_ERR_CORRUPT, "codes that are no integers");
    *values = *node;
    values->schema.name = "";
    values->schema.metadata = NULL;
    node->has_dictionary = true;
    node->dictionary_id = ji_flat_number(dictionary, 0, 8, 0);
    node->values = values;
    node->children = NULL;
    node->schema.format = format;
    node->schema.n_children = 0;
    node->schema.children = NULL;
    node->schema.dictionary = &values->schema;
    if (ji_flat_number(dictionary, 2, 1, 0) != 0)
        node->schema.flags |= ARROW_FLAG_DICTIONARY_ORDERED;
    return JOIST_OK;
}

static enum joist_status read_name(
        struct reading *reading, const struct ji_flat_table *from, const char **name)
{
    const struct ji_view text = ji_flat_text(from, JI_IPC_FIELD_NAME);
    JI_TRY(count_text(reading, from->buffer, text));
    if (text.size > 0 && memchr(text.data, 0, text.size) != NULL)
        return ji_fail(reading->err, JOIST_ERR_UNSUPPORTED, "a column's name with a zero byte");
    return ji_arena_text(reading->arena, text, name, reading->err);
}

static enum joist_status read_field(
        struct reading *reading, const struct ji_flat_table *from, unsigned depth, struct ji_ipc_node *node)
{
    if (from->buffer == NULL || depth > DEPTH_MAX)
        return ji_fail(reading->err, JOIST_ERR_CORRUPT,
                from->buffer == NULL ? "not an Arrow schema" : "types that nest deeper than 64");
    *node = (struct ji_ipc_node){.schema = {.release = release_nothing}};
    JI_TRY(read_name(reading, from, &node->schema.name));
    if (ji_flat_number(from, JI_IPC_FIELD_NULLABLE, 1, 0) != 0)
        node->schema.flags = ARROW_FLAG_NULLABLE;
    enum joist_status status = ji_ipc_type_read(reading->arena, from, &node->schema.format, reading->err);
    if (status == JOIST_OK && strcmp(node->schema.format, "+m") == 0) {
        const struct ji_flat_table type = ji_flat_child(from, JI_IPC_FIELD_TYPE);
        if (ji_flat_number(&type, 0, 1, 0) != 0)
            node->schema.flags |= ARROW_FLAG_MAP_KEYS_SORTED;
    }
    if (status == JOIST_OK)
        status = read_metadata(reading, from, JI_IPC_FIELD_METADATA, &node->schema.metadata);
    if (status == JOIST_OK)
        status = read_children(reading, from, JI_IPC_FIELD_CHILDREN, depth, node);
    const struct ji_flat_table dictionary = ji_flat_child(from, JI_IPC_FIELD_DICTIONARY);
    if (status == JOIST_OK && dictionary.buffer != NULL)
        status = read_dictionary(reading, &dictionary, node);
    if (status != JOIST_OK && depth == 1)
        ji_error_prefix(reading->err, "column '%.200s'", node->schema.name);
    return status;
}

enum joist_status ji_ipc_fields_read(struct ji_arena *arena, const struct ji_flat_table *header,
        struct ji_ipc_node *root, struct joist_error *err)
{
    struct reading reading = {.arena = arena, .err = err};
    *root = (struct ji_ipc_node){.schema = {.release = release_nothing, .format = "+s", .name = ""}};
    if (ji_flat_number(header, JI_IPC_SCHEMA_ORDER, 2, 0) != OWN_ORDER)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "numbers in the byte order of another machine");
    JI_TRY(read_metadata(&reading, header, JI_IPC_SCHEMA_METADATA, &root->schema.metadata));
    JI_TRY(read_children(&reading, header, JI_IPC_SCHEMA_FIELDS, 0, root));
    if (header->buffer->is_bad)
        return ji_fail(err, JOIST_ERR_CORRUPT, "not an Arrow schema: offsets that lead nowhere");
    return JOIST_OK;
}

struct ji_ipc_node *ji_ipc_find_dictionary(struct ji_ipc_node *node, int64_t id)
{
    if (node->has_dictionary && node->dictionary_id == id)
        return node;
    if (node->has_dictionary)
        return ji_ipc_find_dictionary(node->values, id);
    for (int64_t i = 0; i < node->schema.n_children; i++) {
        struct ji_ipc_node *found = ji_ipc_find_dictionary(&node->children[i], id);
        if (found != NULL)
            return found;
    }
    return NULL;
}

/* --- writing --- */

struct writing {
    struct ji_bytes *out;
    int64_t dictionary_count;
    struct joist_error *err;
};

static int32_t take_size(const char **at)
{
    int32_t size;
    memcpy(&size, *at, sizeof size);
    *at += sizeof size;
    return size;
}

static struct ji_view take_text(const char **at)
{
    const int32_t size = take_size(at);
    const struct ji_view text = ji_view_of(*at, (size_t)size);
    *at += size;
    return text;
}

/* `metadata` is of our own making, or has been checked. */
static enum joist_status write_metadata(struct writing *writing, const char *metadata, size_t place)
{
    static const struct ji_flat_slot slots[] = {{.index = 0, .width = 4}, {.index = 1, .width = 4}};
    const int32_t count = take_size(&metadata);
    size_t vector;
    JI_TRY(ji_flat_put_vector(writing->out, (size_t)count, 4, &vector, writing->err));
    ji_flat_point(writing->out, place, vector);
    for (int32_t i = 0; i < count; i++) {
        size_t pair;
        size_t text;
        size_t places[2];
        JI_TRY(ji_flat_put_table(writing->out, slots, 2, &pair, places, writing->err));
        ji_flat_point(writing->out, vector + 4 + 4 * (size_t)i, pair);
        for (size_t j = 0; j < 2; j++) {
            JI_TRY(ji_flat_put_text(writing->out, take_text(&metadata), &text, writing->err));
            ji_flat_point(writing->out, places[j], text);
        }
    }
    return JOIST_OK;
}

static enum joist_status write_field(struct writing *writing, const struct ArrowSchema *schema, size_t place);

static enum joist_status write_children(
        struct writing *writing, const struct ArrowSchema *schema, size_t place)
{
    size_t vector;
    JI_TRY(ji_flat_put_vector(writing->out, (size_t)schema->n_children, 4, &vector, writing->err));
    ji_flat_point(writing->out, place, vector);
    for (int64_t i = 0; i < schema->n_children; i++)
        JI_TRY(write_field(writing, schema->children[i], vector + 4 + 4 * (size_t)i));
    return JOIST_OK;
}

static enum joist_status write_dictionary(
        struct writing *writing, const struct ArrowSchema *schema, size_t place)
{
    const struct ji_flat_slot slots[] = {{.index = 0, .width = 8, .number = writing->dictionary_count++},
            {.index = 1, .width = 4},
            {.index = 2, .width = 1, .number = (schema->flags & ARROW_FLAG_DICTIONARY_ORDERED) != 0}};
    size_t places[3];
    size_t at;
    JI_TRY(ji_flat_put_table(writing->out, slots, 3, &at, places, writing->err));
    ji_flat_point(writing->out, place, at);
    JI_TRY(ji_ipc_type_put(writing->out, schema->format, &at, writing->err));
    ji_flat_point(writing->out, places[1], at);
    return JOIST_OK;
}

static enum joist_status write_field(struct writing *writing, const struct ArrowSchema *schema, size_t place)
{
    const struct ArrowSchema *values = schema->dictionary != NULL ? schema->dictionary : schema;
    const unsigned type = ji_ipc_type_number(values->format);
    const struct ji_flat_slot slots[] = {
            {.index = JI_IPC_FIELD_NAME, .width = 4},
            {.index = JI_IPC_FIELD_NULLABLE,
                    .width = 1,
                    .number = (schema->flags & ARROW_FLAG_NULLABLE) != 0},
            {.index = JI_IPC_FIELD_TYPE_TYPE, .width = 1, .number = type},
            {.index = JI_IPC_FIELD_TYPE, .width = 4},
            {.index = JI_IPC_FIELD_DICTIONARY, .width = 4},
            {.index = JI_IPC_FIELD_CHILDREN, .width = 4},
            {.index = JI_IPC_FIELD_METADATA, .width = 4},
    };
    struct ji_flat_slot present[7];
    size_t places[7];
    size_t count = 0;
    size_t at;
    if (type == 0)
        return ji_fail(writing->err, JOIST_ERR_UNSUPPORTED, "column '%.200s': Arrow format '%.40s' in IPC",
                schema->name == NULL ? "" : schema->name, values->format);
    for (size_t i = 0; i < 7; i++) {
        const bool absent = (i == JI_IPC_FIELD_DICTIONARY && schema->dictionary == NULL) ||
                (i == JI_IPC_FIELD_METADATA && schema->metadata == NULL);
        if (!absent)
            present[count++] = slots[i];
    }
    JI_TRY(ji_flat_put_table(writing->out, present, count, &at, places, writing->err));
    ji_flat_point(writing->out, place, at);
    const struct ji_view name = ji_view_of_text(schema->name == NULL ? "" : schema->name);
    JI_TRY(ji_flat_put_text(writing->out, name, &at, writing->err));
    ji_flat_point(writing->out, places[0], at);
    JI_TRY(ji_ipc_type_put(writing->out, values->format, &at, writing->err));
    ji_flat_point(writing->out, places[3], at);
    size_t next = 4;
    if (schema->dictionary != NULL)
        JI_TRY(write_dictionary(writing, schema, places[next++]));
    JI_TRY(write_children(writing, values, places[next++]));
    return schema->metadata == NULL ? JOIST_OK : write_metadata(writing, schema->metadata, places[next]);
}

enum joist_status ji_ipc_fields_put(
        struct ji_bytes *out, const struct ArrowSchema *schema, size_t *at, struct joist_error *err)
{
    struct writing writing = {.out = out, .err = err};
    static const struct ji_flat_slot slots[] = {
            {.index = JI_IPC_SCHEMA_ORDER, .width = 2, .number = OWN_ORDER},
            {.index = JI_IPC_SCHEMA_FIELDS, .width = 4}, {.index = JI_IPC_SCHEMA_METADATA, .width = 4}};
    size_t places[3];
    JI_TRY(ji_flat_put_table(out, slots, schema->metadata == NULL ? 2 : 3, at, places, err));
    JI_TRY(write_children(&writing, schema, places[1]));
    return schema->metadata == NULL ? JOIST_OK : write_metadata(&writing, schema->metadata, places[2]);
}
