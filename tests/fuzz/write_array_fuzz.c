/*
 * write_array_fuzz.c - arrays that lie, given to the Parquet writer over Arrow's C interface
 *
 * The bytes choose a schema, then arrays of it: lengths and counts that do not fit, offsets that run back or
 * beyond, nulls where none may be, codes of no value, bytes that are no UTF-8, buffers that are NULL. Each
 * buffer is exactly as large as its array's claims need, as nobody who is handed an array can know more.
 *
 * Either the writer refuses, and says why, or the file that it makes has no fault.
 */
#include <joist/joist.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMORY_BYTES ((uint64_t)32 << 20)
#define DEPTH_MAX 3
#define ROWS_MAX 40
#define TEXT_BYTES_MAX 300
#define BLOCKS_MAX 4096

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum shape { FLAT, BITS, TEXT, LARGE_TEXT, VIEW, STRUCT, LIST, LARGE_LIST, MAP, FIXED_LIST, NOTHING };

struct form {
    const char *format;
    enum shape shape;
    size_t width; /* bytes of a value */
};

static const struct form forms[] = {
        {"c", FLAT, 1},
        {"S", FLAT, 2},
        {"i", FLAT, 4},
        {"L", FLAT, 8},
        {"e", FLAT, 2},
        {"g", FLAT, 8},
        {"b", BITS, 0},
        {"d:7,2", FLAT, 16},
        {"d:18,3", FLAT, 16},
        {"d:38,5", FLAT, 16},
        {"d:70,5,256", FLAT, 32},
        {"w:5", FLAT, 5},
        {"tdD", FLAT, 4},
        {"tdm", FLAT, 8},
        {"ttu", FLAT, 8},
        {"tss:UTC", FLAT, 8},
        {"tin", FLAT, 16},
        {"u", TEXT, 4},
        {"z", TEXT, 4},
        {"U", LARGE_TEXT, 8},
        {"vu", VIEW, 16},
        {"vz", VIEW, 16},
        {"n", NOTHING, 0},
        {"+s", STRUCT, 0},
        {"+l", LIST, 4},
        {"+L", LARGE_LIST, 8},
        {"+m", MAP, 4},
        {"+w:2", FIXED_LIST, 0},
};
#define FORM_COUNT (sizeof forms / sizeof forms[0])
#define FLAT_FORM_COUNT 23

/* The input, and all that was allocated. */
struct feed {
    const uint8_t *data;
    size_t size;
    size_t at;
    void *blocks[BLOCKS_MAX];
    size_t block_count;
    uint64_t lies; /* out of 256 places */
};

static uint8_t take(struct feed *feed)
{
    return feed->at < feed->size ? feed->data[feed->at++] : 0;
}

static bool lies(struct feed *feed)
{
    return feed->lies != 0 && take(feed) < feed->lies;
}

/* Exactly so many bytes, of the input while it lasts. */
static void *block(struct feed *feed, size_t bytes, bool is_filled)
{
    uint8_t *made = feed->block_count < BLOCKS_MAX ? calloc(1, bytes > 0 ? bytes : 1) : NULL;
    if (made == NULL)
        abort();
    feed->blocks[feed->block_count++] = made;
    for (size_t i = 0; is_filled && i < bytes && feed->at < feed->size; i++)
        made[i] = take(feed);
    return made;
}

static void schema_release(struct ArrowSchema *schema)
{
    schema->release = NULL;
}

static void array_release(struct ArrowArray *array)
{
    array->release = NULL;
}

static const struct form *form_of(const struct ArrowSchema *schema)
{
    for (size_t i = 0; i < FORM_COUNT; i++)
        if (strcmp(forms[i].format, schema->format) == 0)
            return &forms[i];
    abort();
}

static struct ArrowSchema *schema_new(
        struct feed *feed, const char *format, const char *name, int64_t children)
{
    struct ArrowSchema *made = block(feed, sizeof *made, false);
    *made = (struct ArrowSchema){.format = format, .name = name, .release = schema_release};
    made->flags = take(feed) % 3 != 0 ? ARROW_FLAG_NULLABLE : 0;
    made->n_children = children;
    made->children = block(feed, (size_t)children * sizeof(void *), false);
    return made;
}

static struct ArrowSchema *any_schema(struct feed *feed, const char *name, int depth)
{
    const struct form *form = &forms[take(feed) % (depth > 0 ? FORM_COUNT : FLAT_FORM_COUNT)];
    const int64_t children = form->shape == STRUCT ? 1 + take(feed) % 2 : form->shape >= LIST ? 1 : 0;
    struct ArrowSchema *made = schema_new(feed, form->format, name, form->shape == NOTHING ? 0 : children);
    if (form->shape == MAP) {
        made->children[0] = schema_new(feed, "+s", "entries", 2);
        made->children[0]->flags = 0;
        made->children[0]->children[0] = any_schema(feed, "key", 0);
        made->children[0]->children[1] = any_schema(feed, "value", depth - 1);
        made->children[0]->children[0]->flags = 0;
    } else {
        for (int64_t i = 0; i < made->n_children; i++)
            made->children[i] = any_schema(feed, i == 0 ? "a" : "b", depth - 1);
    }
    const bool is_code = strcmp(form->format, "i") == 0 || strcmp(form->format, "c") == 0;
    if (depth >= 0 && is_code && take(feed) % 2 == 0)
        made->dictionary = any_schema(feed, "", -1);
    return made;
}

static struct ArrowArray *any_array(struct feed *feed, const struct ArrowSchema *schema, int64_t length);

/* Offsets up to `last`; where they lie, any but the last one, which says how long the bytes are. */
static void *offsets(struct feed *feed, size_t count, size_t width, int64_t last)
{
    uint8_t *made = block(feed, count * width, false);
    int64_t at = 0;
    for (size_t i = 0; i < count; i++) {
        const int64_t step = take(feed) % 8;
        at = at + step > last ? last : at + step;
        int64_t value = i + 1 == count ? last : at;
        if (i + 1 < count && lies(feed))
            value = (int64_t)((uint64_t)(int8_t)take(feed) << take(feed) % 56);
        if (width == 4) {
            const int32_t narrow = (int32_t)value;
            memcpy(made + i * width, &narrow, width);
        } else {
            memcpy(made + i * width, &value, width);
        }
    }
    return made;
}

/* Views: short ones in place, long ones into the two buffers of so many bytes. */
static void *views(struct feed *feed, size_t count, const int64_t *sizes, uint8_t *const *texts)
{
    uint8_t *made = block(feed, count * 16, false);
    for (size_t i = 0; i < count; i++) {
        int32_t words[4] = {take(feed) % 20, 0, take(feed) % 2, take(feed) % 16};
        if (words[0] <= 12) {
            memset(&words[1], 0, 12);
            memset(&words[1], 'a', (size_t)words[0]);
        } else if (sizes[words[2]] >= words[0] + words[3]) {
            memcpy(&words[1], texts[words[2]] + words[3], 4);
        } else {
            words[0] = 0;
        }
        if (lies(feed))
            words[take(feed) % 4] = (int32_t)((uint32_t)(int8_t)take(feed) << take(feed) % 24);
        memcpy(made + i * 16, words, 16);
    }
    return made;
}

static void fill_views(struct feed *feed, struct ArrowArray *out, size_t count)
{
    int64_t *sizes = block(feed, 2 * sizeof *sizes, false);
    uint8_t *texts[2];
    for (size_t i = 0; i < 2; i++) {
        sizes[i] = take(feed) % 64;
        texts[i] = block(feed, (size_t)sizes[i], true);
        out->buffers[2 + i] = texts[i];
    }
    out->buffers[1] = views(feed, count, sizes, texts);
    out->buffers[4] = sizes;
    out->n_buffers = 5;
}

static void fill_text(struct feed *feed, struct ArrowArray *out, size_t count, size_t width)
{
    const int64_t last = take(feed) % TEXT_BYTES_MAX;
    out->buffers[1] = offsets(feed, count + 1, width, last);
    uint8_t *text = block(feed, (size_t)last, lies(feed));
    for (int64_t i = 0; i < last; i++)
        text[i] = text[i] == 0 ? 'a' : text[i];
    out->buffers[2] = text;
    out->n_buffers = 3;
}

/* Codes of a dictionary, or any values. */
static void fill_flat(struct feed *feed, const struct ArrowSchema *schema, struct ArrowArray *out,
        size_t count, size_t width)
{
    if (schema->dictionary == NULL) {
        out->buffers[1] = block(feed, count * width, lies(feed));
    } else {
        const int64_t length = take(feed) % 10;
        uint8_t *codes = block(feed, count * width, false);
        out->dictionary = any_array(feed, schema->dictionary, length);
        for (size_t i = 0; i < count; i++) {
            int32_t code = length > 0 ? take(feed) % (int32_t)length : 0;
            if (lies(feed))
                code = (int8_t)take(feed);
            const int8_t narrow = (int8_t)code;
            memcpy(codes + i * width, width == 1 ? (const void *)&narrow : (const void *)&code, width);
        }
        out->buffers[1] = codes;
    }
    out->n_buffers = 2;
}

static void fill_children(struct feed *feed, const struct ArrowSchema *schema, struct ArrowArray *out,
        const struct form *form, size_t count)
{
    int64_t length = (int64_t)count;
    out->n_buffers = 1;
    if (form->shape == FIXED_LIST)
        length *= 2;
    if (form->width != 0) {
        length = take(feed) % ROWS_MAX;
        out->buffers[1] = offsets(feed, count + 1, form->width, length);
        out->n_buffers = 2;
    }
    for (int64_t i = 0; i < schema->n_children; i++) {
        const int64_t wrong = lies(feed) ? take(feed) % ROWS_MAX : length;
        out->children[i] = any_array(feed, schema->children[i], wrong);
    }
    out->n_children = schema->n_children;
}

/*
 * Counts that are checked before a buffer is looked at; never more of what is there than there is. Of views
 * that have buffers the count stays: the last one would be taken for the sizes, and could be too short.
 */
static void spoil(struct feed *feed, struct ArrowArray *out)
{
    static const int64_t huge[] = {INT64_MAX, INT64_MIN, -1, INT64_MAX - 7, (int64_t)1 << 40};
    switch (take(feed) % 7) {
    case 0:
        out->length = huge[1 + take(feed) % 2];
        break;
    case 1:
        out->offset = huge[1 + take(feed) % 2];
        break;
    case 2:
        out->null_count = huge[take(feed) % 5];
        break;
    case 3:
        if (out->n_buffers <= 3)
            out->n_buffers = out->n_buffers > 0 ? out->n_buffers - 1 : -1;
        break;
    case 4:
        out->n_children = out->n_children > 0 ? out->n_children - 1 : -1;
        break;
    case 5:
        if (out->n_buffers > 0)
            out->buffers[take(feed) % out->n_buffers] = NULL;
        break;
    default:
        if (out->n_buffers > 1) { /* nothing there that could be too short */
            memset(out->buffers, 0, (size_t)out->n_buffers * sizeof(void *));
            out->length = huge[take(feed) % 5];
            out->offset = huge[take(feed) % 5];
        }
        break;
    }
}

static struct ArrowArray *any_array(struct feed *feed, const struct ArrowSchema *schema, int64_t length)
{
    const struct form *form = form_of(schema);
    struct ArrowArray *made = block(feed, sizeof *made, false);
    *made = (struct ArrowArray){.length = length, .release = array_release};
    made->offset = take(feed) % 4 == 0 ? take(feed) % 5 : 0;
    made->buffers = block(feed, 5 * sizeof(void *), false);
    made->children = block(feed, (size_t)schema->n_children * sizeof(void *), false);
    const size_t count = (size_t)(made->length + made->offset);
    const bool has_nulls = (schema->flags & ARROW_FLAG_NULLABLE) != 0 ? take(feed) % 2 == 0 : lies(feed);
    if (has_nulls && form->shape != NOTHING) {
        made->buffers[0] = block(feed, (count + 7) / 8, true);
        made->null_count = -1;
    }
    switch (form->shape) {
    case FLAT:
        fill_flat(feed, schema, made, count, form->width);
        break;
    case BITS:
        made->buffers[1] = block(feed, (count + 7) / 8, true);
        made->n_buffers = 2;
        break;
    case TEXT:
    case LARGE_TEXT:
        fill_text(feed, made, count, form->width);
        break;
    case VIEW:
        fill_views(feed, made, count);
        break;
    case NOTHING:
        made->null_count = length;
        break;
    default:
        fill_children(feed, schema, made, form, count);
        break;
    }
    if (lies(feed))
        spoil(feed, made);
    return made;
}

static enum joist_status told(
        void *user, const struct joist_parquet_finding *finding, struct joist_error *err)
{
    (void)user;
    (void)err;
    fprintf(stderr, "%s: %s: %s\n", finding->code, finding->column != NULL ? finding->column : "",
            finding->text);
    return JOIST_OK;
}

static void check_file(struct joist_ctx *ctx)
{
    const struct joist_parquet_check_options options = {.struct_size = sizeof options, .finding = told};
    struct joist_parquet_checked checked = {.struct_size = sizeof checked};
    struct joist_parquet_file *file = NULL;
    struct joist_source source;
    struct joist_error err = {0};
    if (joist_source_open(ctx, "memory:lies", &source, &err) != JOIST_OK ||
            joist_parquet_open(ctx, source, NULL, &file, &err) != JOIST_OK ||
            joist_parquet_check(file, &options, &checked, &err) != JOIST_OK || checked.faults != 0 ||
            checked.unverified != 0) {
        fprintf(stderr, "written, but: %s\n", err.text);
        abort();
    }
    joist_parquet_close(file);
}

/* Whether the writer took all of it. */
static bool write_arrays(struct joist_ctx *ctx, struct feed *feed)
{
    const uint8_t choice = take(feed);
    const struct joist_parquet_write_options options = {
            .struct_size = sizeof options,
            .codec = (choice & 1) != 0 ? JOIST_CODEC_SNAPPY : JOIST_CODEC_NONE,
            .compat = (enum joist_parquet_compat)(choice >> 1 & 3),
            .row_group_rows_max = (choice & 8) != 0 ? 7 : 0,
            .page_rows_max = (choice & 16) != 0 ? 3 : 0,
            .no_dictionary = (choice & 32) != 0,
            .bloom = (choice & 64) != 0 ? JOIST_BLOOM_ON : JOIST_BLOOM_OFF,
    };
    const int64_t columns = 1 + take(feed) % 3;
    static const char *const names[] = {"x", "y", "z"};
    struct ArrowSchema *schema = schema_new(feed, "+s", "", columns);
    schema->flags = 0;
    for (int64_t i = 0; i < columns; i++)
        schema->children[i] = any_schema(feed, names[i], DEPTH_MAX);
    struct joist_sink sink;
    struct joist_parquet_writer *writer = NULL;
    struct joist_error err = {0};
    if (joist_sink_open(ctx, "memory:lies", JOIST_SINK_REPLACE, &sink, NULL) != JOIST_OK)
        return false;
    enum joist_status status = joist_parquet_writer_open(ctx, sink, schema, &options, &writer, &err);
    if (status != JOIST_OK)
        sink.ops->abort(sink.self);
    for (int batch = 1 + take(feed) % 2; batch > 0 && status == JOIST_OK; batch--)
        status = joist_parquet_writer_append(writer, any_array(feed, schema, take(feed) % ROWS_MAX), &err);
    if (status == JOIST_OK)
        status = joist_parquet_writer_finish(writer, NULL, &err);
    else if (writer != NULL)
        joist_parquet_writer_abort(writer);
    if (status != JOIST_OK && err.text[0] == '\0') {
        fprintf(stderr, "refused with %s and no word why\n", joist_status_name(status));
        abort();
    }
    return status == JOIST_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {
            .struct_size = sizeof options, .memory_bytes_max = MEMORY_BYTES, .threads = 1};
    struct joist_ctx *ctx = NULL;
    struct feed *feed = calloc(1, sizeof *feed);
    if (feed == NULL || joist_ctx_open(&options, &ctx, NULL) != JOIST_OK) {
        free(feed);
        return 0;
    }
    feed->data = data;
    feed->size = size;
    feed->lies = take(feed) / 8;
    if (write_arrays(ctx, feed))
        check_file(ctx);
    if (joist_ctx_memory(ctx).bytes_peak > MEMORY_BYTES)
        abort();
    joist_ctx_close(ctx);
    for (size_t i = 0; i < feed->block_count; i++)
        free(feed->blocks[i]);
    free(feed);
    return 0;
}
