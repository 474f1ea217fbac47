/*
 * text_fuzz.c - any bytes as CSV or NDJSON: whatever the cut, the same comes out
 */
#include "support/text_fuzz.h"

#include "base/ctx.h"

#include <stdlib.h>

/* One sort of end or the other, and the same rows or words. */
static void compare(enum joist_status one, const struct ji_bytes *one_out, const struct joist_error *one_err,
        enum joist_status other, const struct ji_bytes *other_out, const struct joist_error *other_err)
{
    if (one == JOIST_ERR_LIMIT || other == JOIST_ERR_LIMIT)
        return;
    if (one != other)
        abort();
    if (one != JOIST_OK && strcmp(one_err->text, other_err->text) != 0)
        abort();
    if (one == JOIST_OK && strcmp((const char *)one_out->data, (const char *)other_out->data) != 0)
        abort();
}

/*
 * A sample of next to nothing and a second reading give what a sample of everything gave. Words may differ: of
 * a row that the sample cuts the quotes are looked at first.
 */
static void check_widened(struct joist_ctx *ctx, const struct text_reading *reading, struct ji_view text,
        enum joist_status whole_status, const struct ji_bytes *whole)
{
    struct text_reading small = *reading;
    struct text_source source = {.name = "f", .data = text.data, .size = text.size};
    const struct joist_error no_words = {.text = ""};
    struct ji_bytes out;
    struct joist_error err;
    small.options.sample_bytes = 1;
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    const enum joist_status status = text_read_widened(ctx, &small, &source, &out, &err);
    compare(whole_status, whole, &no_words, status, &out, &no_words);
    ji_bytes_clear(&out);
}

static void read_one(struct joist_ctx *ctx, const struct text_reading *reading, struct ji_view text,
        struct ji_bytes *out, enum joist_status *status, struct joist_error *err)
{
    struct text_source source = {.name = "f", .data = text.data, .size = text.size};
    ji_bytes_init(out, ji_ctx_mem(ctx));
    *status = text_read_all(ctx, reading, &source, out, err);
}

void text_fuzz(enum text_form form, const uint8_t *data, size_t size)
{
    static const char delimiters[] = ",;\t|";
    if (size < 3)
        return;
    const struct joist_ctx_options ctx_options = {
            .struct_size = sizeof ctx_options, .memory_bytes_max = 32 << 20};
    struct joist_ctx *ctx = NULL;
    struct ji_bytes whole;
    struct ji_bytes cut;
    struct joist_error whole_err;
    struct joist_error cut_err;
    enum joist_status whole_status;
    enum joist_status cut_status;
    if (joist_ctx_open(&ctx_options, &ctx, NULL) != JOIST_OK)
        return;
    struct text_reading reading = {
            .form = form,
            .options = {.struct_size = sizeof reading.options,
                    .delimiter = delimiters[data[0] & 3],
                    .quote = (data[0] & 4) != 0 ? '\'' : '"',
                    .no_header = (data[0] & 8) != 0,
                    .null_text = (data[0] & 16) != 0 ? "x" : NULL,
                    .infer_decimals = (data[0] & 32) != 0,
                    .pad_short = (data[0] & 128) != 0},
    };
    const struct ji_view text = ji_view_of(data + 3, size - 3);
    reading.tuning.exact = true;
    read_one(ctx, &reading, text, &whole, &whole_status, &whole_err);
    /* One part of all rows, for what takes several a step, or many small ones. */
    reading.tuning = (struct ji_text_tuning){
            .part_bytes = data[1] >= 192 ? 0 : 1 + data[1] % 64u, .parts = 1 + data[2] % 4u};
    reading.sequential = (data[0] & 64) != 0;
    read_one(ctx, &reading, text, &cut, &cut_status, &cut_err);
    compare(whole_status, &whole, &whole_err, cut_status, &cut, &cut_err);
    /* Decimals may hold what would have made a double in the sample. */
    if (form == TEXT_CSV && !reading.options.infer_decimals)
        check_widened(ctx, &reading, text, whole_status, &whole);
    ji_bytes_clear(&whole);
    ji_bytes_clear(&cut);
    joist_ctx_close(ctx);
}
