/*
 * json_write.c - JSON onto the end of a ji_bytes
 *
 *   1. Bit d - 1 of `objects` and `filled` speaks of the d-th open container; bits above are clear.
 *   2. `has_key`: a key has been written and its value is due.
 */
#include "wire/json_write.h"

#include "base/utf8_text.h"

#include <assert.h>

/* Checked for UTF-8 at a time, so that a bad byte costs no second look at all that follows. */
#define STRETCH_BYTES 64

void ji_json_writer_init(struct ji_json_writer *writer, struct ji_bytes *out, struct joist_error *err)
{
    *writer = (struct ji_json_writer){.out = out, .err = err};
}

enum joist_status ji_json_writer_finish(struct ji_json_writer *writer)
{
    assert(writer->status != JOIST_OK || (writer->depth == 0 && !writer->has_key));
    return writer->status;
}

static void put(struct ji_json_writer *writer, const void *data, size_t size)
{
    if (writer->status == JOIST_OK)
        writer->status = ji_bytes_append(writer->out, data, size, writer->err);
}

static void put_byte(struct ji_json_writer *writer, char byte)
{
    if (writer->status == JOIST_OK)
        writer->status = ji_bytes_append_byte(writer->out, (uint8_t)byte, writer->err);
}

static void put_line(struct ji_json_writer *writer)
{
    if (writer->indent == 0)
        return;
    put_byte(writer, '\n');
    for (unsigned i = 0; i < writer->indent * writer->depth; i++)
        put_byte(writer, ' ');
}

static uint64_t depth_bit(const struct ji_json_writer *writer)
{
    return writer->depth == 0 ? 0 : UINT64_C(1) << (writer->depth - 1);
}

/* What stands before a key, or before an element. */
static void put_separator(struct ji_json_writer *writer)
{
    if (writer->depth == 0)
        return;
    if ((writer->filled & depth_bit(writer)) != 0)
        put_byte(writer, ',');
    writer->filled |= depth_bit(writer);
    put_line(writer);
}

static void before_value(struct ji_json_writer *writer)
{
    if (writer->has_key)
        writer->has_key = false;
    else
        put_separator(writer);
}

static void begin(struct ji_json_writer *writer, char byte)
{
    before_value(writer);
    put_byte(writer, byte);
    if (writer->depth == JI_JSON_DEPTH_MAX) {
        if (writer->status == JOIST_OK)
            writer->status =
                    ji_fail(writer->err, JOIST_ERR_LIMIT, "JSON nested more than %d deep", JI_JSON_DEPTH_MAX);
        return;
    }
    writer->depth++;
    writer->filled &= ~depth_bit(writer);
    writer->objects &= ~depth_bit(writer);
    if (byte == '{')
        writer->objects |= depth_bit(writer);
}

static void end(struct ji_json_writer *writer, char byte)
{
    if (writer->status != JOIST_OK)
        return;
    assert(writer->depth > 0 && !writer->has_key);
    assert(((writer->objects & depth_bit(writer)) != 0) == (byte == '}'));
    const bool filled = (writer->filled & depth_bit(writer)) != 0;
    writer->depth--;
    if (filled)
        put_line(writer);
    put_byte(writer, byte);
}

void ji_json_write_begin_object(struct ji_json_writer *writer)
{
    begin(writer, '{');
}

void ji_json_write_end_object(struct ji_json_writer *writer)
{
    end(writer, '}');
}

void ji_json_write_begin_array(struct ji_json_writer *writer)
{
    begin(writer, '[');
}

void ji_json_write_end_array(struct ji_json_writer *writer)
{
    end(writer, ']');
}

void ji_json_write_key_view(struct ji_json_writer *writer, struct ji_view key)
{
    if (writer->status != JOIST_OK)
        return;
    assert((writer->objects & depth_bit(writer)) != 0 && !writer->has_key);
    put_separator(writer);
    if (writer->status == JOIST_OK)
        writer->status = ji_json_append_string(writer->out, key, writer->err);
    put(writer, ": ", writer->indent == 0 ? 1 : 2);
    writer->has_key = true;
}

void ji_json_write_key(struct ji_json_writer *writer, const char *key)
{
    ji_json_write_key_view(writer, ji_view_of_text(key));
}

void ji_json_write_raw(struct ji_json_writer *writer, struct ji_view json)
{
    before_value(writer);
    put(writer, json.data, json.size);
}

void ji_json_write_null(struct ji_json_writer *writer)
{
    ji_json_write_raw(writer, ji_view_of_text("null"));
}

void ji_json_write_bool(struct ji_json_writer *writer, bool value)
{
    ji_json_write_raw(writer, ji_view_of_text(value ? "true" : "false"));
}

void ji_json_write_int64(struct ji_json_writer *writer, int64_t value)
{
    before_value(writer);
    if (writer->status == JOIST_OK)
        writer->status = ji_bytes_printf(writer->out, writer->err, "%" PRId64, value);
}

void ji_json_write_uint64(struct ji_json_writer *writer, uint64_t value)
{
    before_value(writer);
    if (writer->status == JOIST_OK)
        writer->status = ji_bytes_printf(writer->out, writer->err, "%" PRIu64, value);
}

void ji_json_write_string(struct ji_json_writer *writer, struct ji_view value)
{
    before_value(writer);
    if (writer->status == JOIST_OK)
        writer->status = ji_json_append_string(writer->out, value, writer->err);
}

void ji_json_write_text(struct ji_json_writer *writer, const char *value)
{
    ji_json_write_string(writer, ji_view_of_text(value));
}

static void write_scalar(struct ji_json_writer *writer, const struct ji_json *node)
{
    if (node->kind == JI_JSON_STRING)
        ji_json_write_string(writer, node->text);
    else if (node->kind == JI_JSON_NUMBER)
        ji_json_write_raw(writer, node->text);
    else if (node->kind == JI_JSON_BOOL)
        ji_json_write_bool(writer, node->boolean);
    else
        ji_json_write_null(writer);
}

void ji_json_write_tree(struct ji_json_writer *writer, const struct ji_json *node)
{
    const struct ji_json *open[JI_JSON_DEPTH_MAX];
    unsigned depth = 0;
    for (const struct ji_json *at = node; at != NULL && writer->status == JOIST_OK;) {
        if (depth > 0 && open[depth - 1]->kind == JI_JSON_OBJECT)
            ji_json_write_key_view(writer, at->key);
        if (at->kind != JI_JSON_OBJECT && at->kind != JI_JSON_ARRAY) {
            write_scalar(writer, at);
        } else {
            begin(writer, at->kind == JI_JSON_OBJECT ? '{' : '[');
            if (at->first != NULL && writer->status == JOIST_OK) {
                open[depth++] = at;
                at = at->first;
                continue;
            }
            end(writer, at->kind == JI_JSON_OBJECT ? '}' : ']');
        }
        while (depth > 0 && at->next == NULL) {
            at = open[--depth];
            end(writer, at->kind == JI_JSON_OBJECT ? '}' : ']');
        }
        at = depth == 0 ? NULL : at->next;
    }
}

static enum joist_status append_escape(struct ji_bytes *out, uint8_t byte, struct joist_error *err)
{
    static const char names[] = "btn.fr"; /* of 8 to 13; 11 has none */
    static const char hex[] = "0123456789abcdef";
    char text[6] = {'\\', (char)byte};
    size_t size = 2;
    if (byte >= 8 && byte <= 13 && byte != 11) {
        text[1] = names[byte - 8];
    } else if (byte < 0x20) {
        memcpy(text + 1, "u00", 3);
        text[4] = hex[byte >> 4];
        text[5] = hex[byte & 15];
        size = 6;
    }
    return ji_bytes_append(out, text, size, err);
}

/* Bytes from `at` on that stand for themselves, as far as ASCII goes. */
static size_t plain_bytes(const uint8_t *data, size_t at, size_t size)
{
    const size_t begin = at;
    while (at < size && data[at] >= 0x20 && data[at] < 0x80 && data[at] != '"' && data[at] != '\\')
        at++;
    return at - begin;
}

/* Bytes beyond ASCII from `at` on. */
static struct ji_view high_stretch(struct ji_view value, size_t at)
{
    const size_t size_max = ji_min_size(value.size - at, STRETCH_BYTES);
    size_t size = 0;
    while (size < size_max && value.data[at + size] >= 0x80)
        size++;
    return ji_view_of(value.data + at, size);
}

enum joist_status ji_json_append_string(struct ji_bytes *out, struct ji_view value, struct joist_error *err)
{
    static const char replacement[] = "\xEF\xBF\xBD";
    JI_TRY(ji_bytes_append_byte(out, '"', err));
    for (size_t at = 0; at < value.size;) {
        const size_t plain = plain_bytes(value.data, at, value.size);
        if (plain > 0) {
            JI_TRY(ji_bytes_append(out, value.data + at, plain, err));
            at += plain;
        } else if (value.data[at] < 0x80) {
            JI_TRY(append_escape(out, value.data[at], err));
            at++;
        } else {
            const size_t valid = ji_utf8_prefix(high_stretch(value, at));
            if (valid > 0)
                JI_TRY(ji_bytes_append(out, value.data + at, valid, err));
            else
                JI_TRY(ji_bytes_append(out, replacement, sizeof replacement - 1, err));
            at += valid > 0 ? valid : 1;
        }
    }
    return ji_bytes_append_byte(out, '"', err);
}
