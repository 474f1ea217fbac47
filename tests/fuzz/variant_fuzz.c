/*
 * variant_fuzz.c - a dictionary and a value behind it: walked, printed, rebuilt to the same
 */
#include <stdlib.h>

#include "base/ctx.h"
#include "support/variant_equal.h"
#include "wire/json_read.h"
#include "wire/variant_build.h"
#include "wire/variant_text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void want(bool holds)
{
    if (!holds)
        abort();
}

/*
 * What is valid is written again in order and in no more bytes (with the same meaning where it was in order
 * before), and then prints as JSON.
 */
static void rebuild(
        struct ji_mem *mem, const struct ji_variant_names *names, struct ji_view value, bool was_sorted)
{
    bool is_sorted = false;
    struct ji_variant_builder builder;
    struct ji_bytes text;
    struct ji_arena arena;
    struct ji_json *json = NULL;
    ji_variant_builder_init(&builder, mem);
    ji_bytes_init(&text, mem);
    ji_arena_init(&arena, mem);
    const enum joist_status rebuilt = ji_variant_put_sorted(&builder, names, value, NULL);
    want(rebuilt != JOIST_ERR_CORRUPT || !was_sorted);
    if (rebuilt == JOIST_OK) {
        const struct ji_view again = ji_view_of(builder.out.data, builder.out.size);
        want(again.size <= value.size);
        want(ji_variant_check(names, again, 0, &is_sorted, NULL) == JOIST_OK && is_sorted);
        want(!was_sorted || variant_equal(names->bytes, value, names->bytes, again));
    }
    if (rebuilt == JOIST_OK && ji_variant_json(names->bytes, value, &text, NULL) == JOIST_OK) {
        const enum joist_status status = ji_json_parse(&arena, ji_view_of(text.data, text.size), &json, NULL);
        want(status == JOIST_OK || status == JOIST_ERR_LIMIT || status == JOIST_ERR_NO_MEMORY);
    }
    ji_arena_clear(&arena);
    ji_bytes_clear(&text);
    ji_variant_builder_clear(&builder);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 16 << 20};
    struct joist_ctx *ctx = NULL;
    struct ji_variant_names names;
    size_t used = 0;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    if (ji_variant_names_prefix(&names, ji_view_of(data, size), &used, NULL) == JOIST_OK) {
        const struct ji_view value = ji_view_of(data + used, size - used);
        bool is_sorted = false;
        if (ji_variant_check(&names, value, 0, &is_sorted, NULL) == JOIST_OK)
            rebuild(ji_ctx_mem(ctx), &names, value, is_sorted);
    }
    joist_ctx_close(ctx);
    return 0;
}
