/*
 * brotli_codec.c - brotli by its libraries, whose memory is ours
 *
 *     block   [previous][next][bytes][...] what the library sees
 *
 *   1. All blocks that a library holds hang in its hook's list.
 *   2. No allocation of the encoder returns NULL to it: libbrotlienc calls exit() then. The hook leaves
 *      it by longjmp instead and the list is freed, the state in it too; the library is plain C that holds
 *      nothing but memory, so nothing else is lost. The decoder reports a NULL as it should.
 *
 * State is made for each call: brotli cannot reset it, and its cost is small beside its work.
 */
#include "codec/codec_state.h"

#include <brotli/decode.h>
#include <brotli/encode.h>
#include <setjmp.h>

/* What a page can use; a larger window than the input is only memory. */
#define WINDOW_BITS_MAX 22

struct block {
    struct block *previous;
    struct block *next;
    size_t bytes;
    size_t unused; /* keeps what stands behind 16-byte aligned */
};
_Static_assert(sizeof(struct block) % 16 == 0, "the library's blocks are aligned as malloc's");

struct hook {
    struct ji_mem *mem;
    struct joist_error *err;
    enum joist_status status;
    struct block *first;
    bool leaves;
    jmp_buf leave;
};

static void *hook_alloc(void *opaque, size_t bytes)
{
    struct hook *hook = opaque;
    struct block *block = NULL;
    size_t total = 0;
    enum joist_status status = JOIST_OK;
    if (!ji_add_size(bytes, sizeof *block, &total))
        status = ji_fail(hook->err, JOIST_ERR_LIMIT, "brotli: a block of %zu bytes", bytes);
    else
        status = ji_alloc(hook->mem, total, &block, hook->err);
    if (status != JOIST_OK) {
        hook->status = status;
        if (hook->leaves)
            longjmp(hook->leave, 1);
        return NULL;
    }
    *block = (struct block){.next = hook->first, .bytes = total};
    if (hook->first != NULL)
        hook->first->previous = block;
    hook->first = block;
    return block + 1;
}

static void hook_free(void *opaque, void *memory)
{
    struct hook *hook = opaque;
    if (memory == NULL)
        return;
    struct block *block = (struct block *)memory - 1;
    if (block->next != NULL)
        block->next->previous = block->previous;
    if (block->previous != NULL)
        block->previous->next = block->next;
    else
        hook->first = block->next;
    ji_free(hook->mem, block, block->bytes);
}

static enum joist_status no_state(const struct hook *hook, const char *what, struct joist_error *err)
{
    if (hook->status != JOIST_OK)
        return hook->status;
    return ji_fail(err, JOIST_ERR_INTERNAL, "brotli: %s failed", what);
}

static uint32_t window_bits(size_t bytes)
{
    uint32_t bits = BROTLI_MIN_WINDOW_BITS;
    while (bits < WINDOW_BITS_MAX && ((size_t)1 << bits) < bytes + 16)
        bits++;
    return bits;
}

/* Everything between the hooks; false where the library does not finish. */
static bool stream_pack(struct hook *hook, int level, struct ji_view in, struct ji_codec_room *room)
{
    BrotliEncoderState *state = BrotliEncoderCreateInstance(hook_alloc, hook_free, hook);
    if (state == NULL)
        return false;
    BrotliEncoderSetParameter(state, BROTLI_PARAM_QUALITY, (uint32_t)level);
    BrotliEncoderSetParameter(state, BROTLI_PARAM_LGWIN, window_bits(in.size));
    BrotliEncoderSetParameter(state, BROTLI_PARAM_SIZE_HINT, (uint32_t)in.size);

    size_t in_left = in.size;
    const uint8_t *next_in = in.data;
    size_t room_left = room->capacity;
    uint8_t *next_out = room->out;
    const bool is_fine = BrotliEncoderCompressStream(state, BROTLI_OPERATION_FINISH, &in_left, &next_in,
                                 &room_left, &next_out, NULL) &&
            BrotliEncoderIsFinished(state);
    BrotliEncoderDestroyInstance(state);
    room->size = room->capacity - room_left;
    return is_fine;
}

enum joist_status ji_brotli_pack(struct ji_codec_context *context, int level, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err)
{
    struct hook hook = {.mem = context->mem, .err = err, .leaves = true};
    if (setjmp(hook.leave) != 0) {
        while (hook.first != NULL)
            hook_free(&hook, hook.first + 1);
        return hook.status;
    }
    if (!stream_pack(&hook, level, in, room))
        return no_state(&hook, "packing", err);
    return JOIST_OK;
}

enum joist_status ji_brotli_unpack(struct ji_codec_context *context, struct ji_view in,
        struct ji_codec_room *room, struct joist_error *err)
{
    struct hook hook = {.mem = context->mem, .err = err};
    BrotliDecoderState *state = BrotliDecoderCreateInstance(hook_alloc, hook_free, &hook);
    if (state == NULL)
        return no_state(&hook, "making an unpacker", err);
    uint8_t none = 0;
    size_t in_left = in.size;
    const uint8_t *next_in = in.size == 0 ? &none : in.data;
    size_t room_left = room->capacity;
    uint8_t *next_out = room->capacity == 0 ? &none : room->out;
    const BrotliDecoderResult result =
            BrotliDecoderDecompressStream(state, &in_left, &next_in, &room_left, &next_out, NULL);
    const char *reason = BrotliDecoderErrorString(BrotliDecoderGetErrorCode(state));
    BrotliDecoderDestroyInstance(state);

    switch (result) {
    case BROTLI_DECODER_RESULT_SUCCESS:
        if (in_left != 0)
            return ji_fail(err, JOIST_ERR_CORRUPT, "brotli: %zu bytes behind its end", in_left);
        room->size = room->capacity - room_left;
        return JOIST_OK;
    case BROTLI_DECODER_RESULT_NEEDS_MORE_OUTPUT:
        room->is_short = true;
        return JOIST_OK;
    case BROTLI_DECODER_RESULT_NEEDS_MORE_INPUT:
        return ji_fail(err, JOIST_ERR_CORRUPT, "brotli: ends early");
    case BROTLI_DECODER_RESULT_ERROR:
        break;
    }
    if (hook.status != JOIST_OK)
        return hook.status;
    return ji_fail(err, JOIST_ERR_CORRUPT, "brotli: %s", reason);
}
