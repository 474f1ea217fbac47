/*
 * json_fuzz.c - any bytes as JSON: what is accepted is written and read back as the same text
 */
#include "base/ctx.h"
#include "wire/json_write.h"

#include <joist/joist.h>

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void write_tree(const struct ji_json *root, struct ji_bytes *out)
{
    struct ji_json_writer writer;
    ji_json_writer_init(&writer, out, NULL);
    ji_json_write_tree(&writer, root);
    if (ji_json_writer_finish(&writer) != JOIST_OK)
        out->size = 0;
}

static void read_back(struct ji_arena *arena, const struct ji_json *root, struct ji_mem *mem)
{
    struct ji_bytes once;
    struct ji_bytes twice;
    struct ji_json *again = NULL;
    ji_bytes_init(&once, mem);
    ji_bytes_init(&twice, mem);
    write_tree(root, &once);
    if (once.size != 0) {
        const enum joist_status status = ji_json_parse(arena, ji_view_of(once.data, once.size), &again, NULL);
        if (status == JOIST_ERR_CORRUPT)
            abort();
        if (status == JOIST_OK)
            write_tree(again, &twice);
        if (twice.size != 0 &&
                !ji_view_equal(ji_view_of(once.data, once.size), ji_view_of(twice.data, twice.size)))
            abort();
    }
    ji_bytes_clear(&once);
    ji_bytes_clear(&twice);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 16 << 20};
    struct joist_ctx *ctx = NULL;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    struct ji_arena arena;
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    struct ji_json *root = NULL;
    if (ji_json_parse(&arena, ji_view_of(data, size), &root, NULL) == JOIST_OK)
        read_back(&arena, root, ji_ctx_mem(ctx));
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
    return 0;
}
