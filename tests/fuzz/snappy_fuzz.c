/*
 * snappy_fuzz.c - any bytes unpack or are refused; what unpacks packs back to the same
 */
#include "support/test.h"

#include "base/ctx.h"
#include "codec/codec.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = 8 << 20};
    struct joist_ctx *ctx = NULL;
    struct ji_codec_context *context = NULL;
    if (joist_ctx_open(&options, &ctx, NULL) != JOIST_OK)
        return 0;
    struct ji_bytes out;
    struct ji_bytes packed;
    ji_bytes_init(&out, ji_ctx_mem(ctx));
    ji_bytes_init(&packed, ji_ctx_mem(ctx));
    if (ji_codec_context_open(ji_ctx_mem(ctx), &context, NULL) == JOIST_OK &&
            ji_decompress_append(context, JI_CODEC_SNAPPY, ji_view_of(data, size), 1 << 20, &out, NULL) ==
                    JOIST_OK) {
        const size_t bound = ji_codec_bound(JI_CODEC_SNAPPY, out.size);
        uint8_t *back = malloc(out.size + 1);
        size_t packed_size = 0;
        if (back == NULL || ji_bytes_reserve(&packed, bound, NULL) != JOIST_OK ||
                ji_compress(context, JI_CODEC_SNAPPY, 0, ji_view_of(out.data, out.size), packed.data,
                        &packed_size, NULL) != JOIST_OK ||
                ji_decompress(context, JI_CODEC_SNAPPY, ji_view_of(packed.data, packed_size), back, out.size,
                        NULL) != JOIST_OK ||
                memcmp(back, out.data, out.size) != 0)
            abort();
        free(back);
    }
    ji_bytes_clear(&out);
    ji_bytes_clear(&packed);
    ji_codec_context_close(context);
    joist_ctx_close(ctx);
    return 0;
}
