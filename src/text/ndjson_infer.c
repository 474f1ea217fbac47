/*
 * ndjson_infer.c - the columns that the rows of a sample have in common
 *
 *     {"a": 1, "b": [{"c": null}]}        row: a number, b list -> struct: c (null so far)
 *     {"a": 2.5, "b": [{"c": "x"}]}            a double          ->         c string
 *
 * Members are the union of those of all rows, in the order in which they first came. Strings that are all
 * dates or timestamps are those. What was null all through is a string, an empty array a list of them. Two
 * rows that contradict each other (a number and a string) end the sample: the parse refuses the later one.
 */
#include "text/ndjson_rows.h"

#include "text/type_guess.h"

enum { SAW_BOOL = 1, SAW_NUMBER = 2, SAW_STRING = 4, SAW_OBJECT = 8, SAW_ARRAY = 16 };

struct ji_ndjson_guess {
    struct ji_view name;
    unsigned saw;
    struct ji_type_guess texts; /* of numbers or of strings: never both */
    size_t member_count;
    struct ji_ndjson_guess *first; /* members, or the one element */
    struct ji_ndjson_guess *last;
    struct ji_ndjson_guess *next;
    uint64_t stamp; /* of the object that had it last */
};

static enum joist_status add_value(struct ji_ndjson_inference *inference, struct ji_ndjson_guess *guess,
        unsigned depth, struct joist_error *err);

static enum joist_status new_guess(struct ji_ndjson_inference *inference, struct ji_ndjson_guess *parent,
        struct ji_view name, struct joist_error *err)
{
    struct ji_ndjson_guess *made = NULL;
    if (inference->member_count == JI_NDJSON_MEMBERS_MAX)
        return ji_fail(err, JOIST_ERR_LIMIT, "more than %d different members in the sample: give a schema",
                JI_NDJSON_MEMBERS_MAX);
    JI_TRY(ji_arena_array(inference->arena, 1, sizeof *made, &made, err));
    JI_TRY(ji_arena_view(inference->arena, name, &made->name, err));
    ji_type_guess_init(&made->texts);
    if (parent->last == NULL)
        parent->first = made;
    else
        parent->last->next = made;
    parent->last = made;
    parent->member_count++;
    inference->member_count++;
    return JOIST_OK;
}

/* The member of that name behind `hint`, or anywhere, or a new one. */
static enum joist_status find_guess(struct ji_ndjson_inference *inference, struct ji_ndjson_guess *parent,
        struct ji_ndjson_guess *hint, struct ji_view name, struct ji_ndjson_guess **found,
        struct joist_error *err)
{
    if (hint != NULL && ji_view_equal(hint->name, name)) {
        *found = hint;
        return JOIST_OK;
    }
    for (struct ji_ndjson_guess *at = parent->first; at != NULL; at = at->next) {
        if (ji_view_equal(at->name, name)) {
            *found = at;
            return JOIST_OK;
        }
    }
    JI_TRY(new_guess(inference, parent, name, err));
    *found = parent->last;
    return JOIST_OK;
}

static enum joist_status add_members(struct ji_ndjson_inference *inference, struct ji_ndjson_guess *guess,
        unsigned depth, struct joist_error *err)
{
    const uint64_t stamp = ++inference->stamp;
    struct ji_ndjson_guess *hint = guess->first;
    for (;;) {
        struct ji_view key;
        bool more = false;
        struct ji_ndjson_guess *member = NULL;
        JI_TRY(ji_json_next_key(&inference->reader, &key, &more, err));
        if (!more)
            return JOIST_OK;
        if (memchr(key.data, 0, key.size) != NULL)
            return ji_fail(err, JOIST_ERR_INVALID, "a member's name with a zero byte");
        JI_TRY(find_guess(inference, guess, hint, key, &member, err));
        inference->contradiction |= member->stamp == stamp;
        member->stamp = stamp;
        hint = member->next;
        JI_TRY(add_value(inference, member, depth + 1, err));
    }
}

static enum joist_status add_elements(struct ji_ndjson_inference *inference, struct ji_ndjson_guess *guess,
        unsigned depth, struct joist_error *err)
{
    for (;;) {
        bool more = false;
        JI_TRY(ji_json_next_element(&inference->reader, &more, err));
        if (!more)
            return JOIST_OK;
        if (guess->first == NULL)
            JI_TRY(new_guess(inference, guess, ji_view_of_text("element"), err));
        JI_TRY(add_value(inference, guess->first, depth + 1, err));
    }
}

static enum joist_status add_value(struct ji_ndjson_inference *inference, struct ji_ndjson_guess *guess,
        unsigned depth, struct joist_error *err)
{
    static const unsigned bits[] = {
            [JI_JSON_BOOL] = SAW_BOOL,
            [JI_JSON_NUMBER] = SAW_NUMBER,
            [JI_JSON_STRING] = SAW_STRING,
            [JI_JSON_OBJECT] = SAW_OBJECT,
            [JI_JSON_ARRAY] = SAW_ARRAY,
    };
    struct ji_json_token token;
    /* The reader nests at most as deep, so that this recursion is bounded with it. */
    JI_TRY(ji_json_next(&inference->reader, &token, err));
    if (token.kind == JI_JSON_NULL)
        return JOIST_OK;
    const unsigned bit = bits[token.kind];
    if (guess->saw != 0 && guess->saw != bit) {
        inference->contradiction = true;
        return ji_fail(err, JOIST_ERR_INVALID, "values of two kinds");
    }
    guess->saw = bit;
    if (bit == SAW_NUMBER || bit == SAW_STRING)
        ji_type_guess_add(&guess->texts, token.text);
    else if (bit == SAW_OBJECT)
        return add_members(inference, guess, depth, err);
    else if (bit == SAW_ARRAY)
        return add_elements(inference, guess, depth, err);
    return JOIST_OK;
}

/* --- guesses to fields --- */

static enum joist_status to_field(struct ji_arena *arena, const struct ji_ndjson_guess *guess, bool decimals,
        struct ji_field *field, struct joist_error *err);

static enum joist_status to_children(struct ji_arena *arena, const struct ji_ndjson_guess *guess,
        bool decimals, struct ji_field *field, struct joist_error *err)
{
    field->child_count = guess->member_count;
    JI_TRY(ji_arena_array(arena, guess->member_count, sizeof *field->children, &field->children, err));
    size_t i = 0;
    for (const struct ji_ndjson_guess *member = guess->first; member != NULL; member = member->next)
        JI_TRY(to_field(arena, member, decimals, &field->children[i++], err));
    return JOIST_OK;
}

static enum joist_status to_list(struct ji_arena *arena, const struct ji_ndjson_guess *guess, bool decimals,
        struct ji_field *field, struct joist_error *err)
{
    field->kind = JI_LIST;
    if (guess->first != NULL)
        return to_children(arena, guess, decimals, field, err);
    field->child_count = 1;
    JI_TRY(ji_arena_array(arena, 1, sizeof *field->children, &field->children, err));
    field->children[0] = (struct ji_field){
            .name = "element", .kind = JI_STRING, .nullable = true, .field_id = JI_FIELD_ID_NONE};
    return JOIST_OK;
}

static enum joist_status to_field(struct ji_arena *arena, const struct ji_ndjson_guess *guess, bool decimals,
        struct ji_field *field, struct joist_error *err)
{
    *field = (struct ji_field){.kind = JI_STRING, .nullable = true, .field_id = JI_FIELD_ID_NONE};
    JI_TRY(ji_arena_text(arena, guess->name, &field->name, err));
    if (guess->saw == SAW_ARRAY)
        return to_list(arena, guess, decimals, field, err);
    if (guess->saw == SAW_OBJECT) {
        if (guess->first == NULL)
            return ji_fail(err, JOIST_ERR_UNSUPPORTED,
                    "member '%.200s': objects without members make no column: give a schema", field->name);
        field->kind = JI_STRUCT;
        return to_children(arena, guess, decimals, field, err);
    }
    if (guess->saw == SAW_BOOL)
        field->kind = JI_BOOL;
    else if (guess->saw == SAW_NUMBER || guess->saw == SAW_STRING)
        ji_type_guess_field(&guess->texts, decimals, field);
    /* Texts that look like numbers are texts still: they were written in quotes. */
    if (guess->saw == SAW_STRING && field->kind != JI_DATE && field->kind != JI_TIMESTAMP)
        field->kind = JI_STRING;
    return JOIST_OK;
}

/* --- lines --- */

void ji_ndjson_inference_init(
        struct ji_ndjson_inference *inference, struct ji_arena *arena, struct ji_mem *mem, bool decimals)
{
    *inference = (struct ji_ndjson_inference){.arena = arena, .decimals = decimals};
    ji_arena_init(&inference->scratch, mem);
}

void ji_ndjson_inference_clear(struct ji_ndjson_inference *inference)
{
    ji_arena_clear(&inference->scratch);
}

static enum joist_status add_line(
        struct ji_ndjson_inference *inference, struct ji_view line, struct joist_error *err)
{
    ji_arena_reset(&inference->scratch);
    ji_json_reader_init(&inference->reader, line, &inference->scratch);
    inference->reader.fault = JOIST_ERR_INVALID;
    JI_TRY(ji_json_begin_object(&inference->reader, err));
    JI_TRY(add_members(inference, inference->root, 0, err));
    return ji_json_end(&inference->reader, err);
}

/* The line at `at`, blank or not; `text` ends with a line feed. */
static struct ji_view line_at(struct ji_view text, size_t at)
{
    const uint8_t *begin = text.data + at;
    const uint8_t *end = memchr(begin, '\n', text.size - at);
    return ji_view_of(begin, (size_t)(end - begin));
}

enum joist_status ji_ndjson_infer(
        struct ji_ndjson_inference *inference, struct ji_text_feed *feed, struct joist_error *err)
{
    const struct ji_view text = ji_text_feed_sample(feed);
    const char *name = ji_source_name(&feed->source);
    uint64_t line = feed->line;
    uint64_t rows = 0;
    JI_TRY(ji_arena_array(inference->arena, 1, sizeof *inference->root, &inference->root, err));
    inference->root->saw = SAW_OBJECT;
    for (size_t at = 0; at < text.size && !inference->contradiction; line++) {
        const struct ji_view row = line_at(text, at);
        at += row.size + 1;
        if (ji_ndjson_is_blank(row))
            continue;
        const enum joist_status status = add_line(inference, row, err);
        if (status == JOIST_ERR_INVALID && (rows > 0 || inference->contradiction))
            break;
        if (status != JOIST_OK) {
            ji_error_prefix(err, "%s: line %" PRIu64, name, line);
            return status;
        }
        rows++;
    }
    if (inference->root->first == NULL)
        return ji_fail(err, JOIST_ERR_INVALID, "%s: no row to know the columns by", name);
    return JOIST_OK;
}

enum joist_status ji_ndjson_columns(struct ji_ndjson_inference *inference, struct ji_field **columns,
        size_t *column_count, struct joist_error *err)
{
    struct ji_field row = {0};
    JI_TRY(to_children(inference->arena, inference->root, inference->decimals, &row, err));
    *columns = row.children;
    *column_count = row.child_count;
    return JOIST_OK;
}

/* --- the rest of a file --- */

struct survey {
    struct ji_ndjson_inference *inference;
    struct ji_text_feed *feed;
};

static enum joist_status survey_part(
        const struct survey *survey, struct ji_text_part *part, struct joist_error *err)
{
    struct ji_ndjson_inference *inference = survey->inference;
    const struct ji_view text = ji_view_of(part->begin, part->size);
    for (size_t at = 0; at < text.size; part->newlines++) {
        const struct ji_view row = line_at(text, at);
        at += row.size + 1;
        if (ji_ndjson_is_blank(row))
            continue;
        enum joist_status status = add_line(inference, row, err);
        if (status == JOIST_OK && inference->contradiction)
            status = ji_fail(err, JOIST_ERR_INVALID, "a member twice in one object");
        if (status != JOIST_OK) {
            ji_error_prefix(err, "%s: line %" PRIu64, ji_source_name(&survey->feed->source),
                    ji_text_feed_line(survey->feed, row.data));
            return status;
        }
    }
    return JOIST_OK;
}

/* Guesses are one tree, which has no lock: one thread takes all parts, the next block is read beside it. */
static enum joist_status survey_round(void *arg, size_t index, struct joist_error *err)
{
    const struct survey *survey = arg;
    for (size_t i = 0; index == 0 && i < survey->feed->part_count; i++)
        JI_TRY(survey_part(survey, &survey->feed->parts[i], err));
    return JOIST_OK;
}

enum joist_status ji_ndjson_survey(
        struct ji_ndjson_inference *inference, struct ji_text_feed *feed, struct joist_error *err)
{
    struct survey survey = {.inference = inference, .feed = feed};
    ji_text_feed_again(feed);
    do
        JI_TRY(ji_text_feed_round(feed, survey_round, &survey, err));
    while (feed->part_count > 0);
    return JOIST_OK;
}
