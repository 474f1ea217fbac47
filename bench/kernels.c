/*
 * kernels.c - what each kernel makes a second, plain beside what this machine chooses
 *
 *     kernels [WORDS]        a table: values and bytes made a second, and their share of a memcpy that makes
 *     as many
 *
 * A case runs over and over for a fiftieth of a second of its thread's time; the best of nine such
 * rounds counts, so that other work on the machine shows as little as can be. 65,536 values a call: a batch.
 * With an argument only the cases are run that have it in their name.
 */
#include "kernel/bit_pack.h"
#include "kernel/bit_unpack.h"
#include "kernel/bitmap.h"
#include "kernel/byte_split.h"
#include "kernel/delta_block.h"
#include "kernel/delta_sum.h"
#include "kernel/fixed_int.h"
#include "kernel/gather.h"
#include "kernel/rle.h"
#include "kernel/utf8.h"
#include "parquet/decode/page_values.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define VALUES ((size_t)65536)
#define BYTES_MAX (VALUES * 40)
/* Streams a power of two apart would share the same lines of the first-level cache. */
#define STRIDE (VALUES + 1216)
#define ROUNDS 9
#define ROUND_SECONDS 0.02

struct bench {
    uint8_t *in;
    uint8_t *out;
    uint32_t *codes;
    struct ji_view page; /* of the cases that read whole pages */
    unsigned width;
    bool is_plain;
};

struct bench_case {
    const char *name;
    unsigned width;
    size_t value_bytes; /* made of one value; 0: an eighth */
    void (*run)(struct bench *bench);
    void (*prepare)(struct bench *bench); /* or NULL: random bytes */
    bool has_plain;                       /* runs with is_plain too */
};

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static uint64_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* --- bits --- */

static void run_unpack(struct bench *bench)
{
    const size_t bytes = ji_packed_bytes(VALUES, bench->width);
    struct ji_bit_unpacker unpacker;
    if (bench->is_plain) {
        ji_bit_unpack_plain(bench->width, bench->in, bytes, 0, VALUES, (uint32_t *)(void *)bench->out);
        return;
    }
    ji_bit_unpacker_init(&unpacker, bench->width);
    ji_bit_unpack(&unpacker, bench->in, bytes, 0, VALUES, (uint32_t *)(void *)bench->out);
}

static void run_unpack64(struct bench *bench)
{
    const size_t bytes = ji_packed_bytes(VALUES, bench->width);
    uint64_t *const out = (uint64_t *)(void *)bench->out;
    struct ji_bit_unpacker unpacker;
    ji_bit_unpacker_init(&unpacker, bench->width);
    if (bench->is_plain)
        ji_bit_unpack64_plain(bench->width, bench->in, bytes, 0, VALUES, out);
    else
        ji_bit_unpack64(&unpacker, bench->in, bytes, 0, VALUES, out);
}

static void run_unpack8(struct bench *bench)
{
    const size_t bytes = ji_packed_bytes(VALUES, bench->width);
    struct ji_bit_unpacker unpacker;
    ji_bit_unpacker_init(&unpacker, bench->width);
    if (bench->is_plain)
        ji_bit_unpack8_plain(bench->width, bench->in, bytes, 0, VALUES, bench->out);
    else
        ji_bit_unpack8(&unpacker, bench->in, bytes, 0, VALUES, bench->out);
}

/* From 32 KiB of values that stay in the cache, as a writer's page has them. */
static void run_pack(struct bench *bench)
{
    const uint32_t *const values = bench->codes;
    for (size_t at = 0; at < VALUES; at += 8192) {
        uint8_t *const out = bench->out + at / 8 * bench->width;
        if (bench->is_plain)
            ji_bit_pack_plain(bench->width, values, 8192, out);
        else
            ji_bit_pack(bench->width, values, 8192, out);
    }
}

static void run_pack64(struct bench *bench)
{
    const uint64_t *const values = (const uint64_t *)(const void *)bench->codes;
    for (size_t at = 0; at < VALUES; at += 4096)
        if (bench->is_plain)
            ji_bit_pack64_plain(bench->width, values, 4096, bench->out + at / 8 * bench->width);
        else
            ji_bit_pack64(bench->width, values, 4096, bench->out + at / 8 * bench->width);
}

/* A value in front, and blocks of 128. */
static void run_block32(struct bench *bench)
{
    uint8_t widths[4];
    const struct ji_delta_minis minis = {.mini = 32, .mini_count = 4, .widths = widths};
    uint32_t *const above = (uint32_t *)(void *)bench->out;
    for (size_t at = 1; at + 128 <= VALUES; at += 128) {
        if (bench->is_plain)
            ji_delta_block32_plain(bench->codes + at, 128, &minis, above);
        else
            ji_delta_block32(bench->codes + at, 128, &minis, above);
    }
}

static void run_block64(struct bench *bench)
{
    uint8_t widths[4];
    const struct ji_delta_minis minis = {.mini = 32, .mini_count = 4, .widths = widths};
    const uint64_t *const values = (const uint64_t *)(const void *)bench->in;
    uint64_t *const above = (uint64_t *)(void *)bench->out;
    for (size_t at = 1; at + 128 <= VALUES; at += 128) {
        if (bench->is_plain)
            ji_delta_block64_plain(values + at, 128, &minis, above);
        else
            ji_delta_block64(values + at, 128, &minis, above);
    }
}

static void run_split(struct bench *bench)
{
    if (bench->is_plain)
        ji_byte_split_plain(bench->in, bench->width, 0, VALUES, STRIDE, bench->out);
    else
        ji_byte_split(bench->in, bench->width, VALUES, STRIDE, bench->out);
}

static void run_level_bits(struct bench *bench)
{
    (void)ji_bitmap_of_levels(bench->in, VALUES, 2, bench->out, 3);
}

/* --- sums --- */

/* Miniblocks of 32 deltas, as most writers make them. */
static void run_delta(struct bench *bench, bool wide)
{
    const size_t bytes = ji_packed_bytes(VALUES, bench->width);
    const bool has_lanes = !bench->is_plain && ji_delta_has_lanes();
    uint64_t last = 0;
    for (size_t at = 0; at < VALUES; at += 32) {
        const size_t from = at / 8 * bench->width;
        const struct ji_delta_run run = {
                .in = bench->in + from,
                .in_bytes = bytes - from,
                .width = bench->width,
                .has_lanes = has_lanes,
                .least = 3,
        };
        if (wide)
            last = ji_delta_sum64(&run, 0, 32, last, (uint64_t *)(void *)bench->out + at);
        else
            last = ji_delta_sum32(&run, 0, 32, (uint32_t)last, (uint32_t *)(void *)bench->out + at);
    }
}

static void run_delta32(struct bench *bench)
{
    run_delta(bench, false);
}

static void run_delta64(struct bench *bench)
{
    run_delta(bench, true);
}

/* --- bytes --- */

static void run_join(struct bench *bench)
{
    if (bench->is_plain)
        ji_byte_join_plain(bench->in, STRIDE, bench->width, 0, VALUES, bench->out);
    else
        ji_byte_join(bench->in, STRIDE, bench->width, 0, VALUES, bench->out);
}

static void run_fixed64(struct bench *bench)
{
    int64_t *const out = (int64_t *)(void *)bench->out;
    if (!bench->is_plain) {
        (void)ji_fixed_to_i64(bench->in, bench->width, VALUES, out);
        return;
    }
    for (size_t index = 0; index < VALUES; index++) {
        ji_int128 wide = 0;
        (void)ji_fixed_int(ji_view_of(bench->in + index * bench->width, bench->width), &wide);
        out[index] = (int64_t)wide;
    }
}

static void run_fixed128(struct bench *bench)
{
    ji_int128 *const out = (ji_int128 *)(void *)bench->out;
    if (!bench->is_plain) {
        (void)ji_fixed_to_i128(bench->in, bench->width, VALUES, out);
        return;
    }
    for (size_t index = 0; index < VALUES; index++)
        (void)ji_fixed_int(ji_view_of(bench->in + index * bench->width, bench->width), &out[index]);
}

/* --- codes --- */

static void prepare_codes(struct bench *bench)
{
    uint64_t seed = 3;
    for (size_t index = 0; index < VALUES; index++)
        bench->codes[index] = (uint32_t)(next_random(&seed) % 2000);
}

/* For run_pack64. */
static void prepare_words(struct bench *bench)
{
    uint64_t seed = 3;
    uint64_t *const values = (uint64_t *)(void *)bench->codes;
    for (size_t index = 0; index < 4096; index++)
        values[index] = next_random(&seed) % 2000;
}

static void run_gather(struct bench *bench)
{
    ji_gather(bench->in, bench->width, bench->codes, VALUES, bench->out);
}

static void run_codes_max(struct bench *bench)
{
    bench->out[0] = (uint8_t)ji_codes_max(bench->codes, VALUES);
}

static void run_fill(struct bench *bench)
{
    /* Runs of 90, as the hits of web servers have them. */
    for (size_t at = 0; at + 90 <= VALUES; at += 90)
        ji_fill(bench->in + at, bench->width, 90, bench->out + at * bench->width);
}

static void prepare_validity(struct bench *bench)
{
    uint64_t seed = 5;
    for (size_t index = 0; index < VALUES / 8; index++)
        bench->in[index] = (uint8_t)(next_random(&seed) | next_random(&seed) | next_random(&seed));
}

static void run_expand(struct bench *bench)
{
    ji_expand(bench->out, bench->width, bench->in, 0, VALUES);
}

/* --- text --- */

static void prepare_ascii(struct bench *bench)
{
    memset(bench->in, 'x', VALUES * 8);
}

static void prepare_accents(struct bench *bench)
{
    for (size_t at = 0; at < VALUES * 8; at += 8)
        memcpy(bench->in + at, "\xc3\xa4 oak\xc3\xa9", 8);
}

static void run_utf8(struct bench *bench)
{
    const struct ji_view text = ji_view_of(bench->in, VALUES * 8);
    bench->out[0] = bench->is_plain ? ji_utf8_valid_plain(text) : ji_utf8_valid(text);
}

/* --- pages --- */

static void read_page(
        struct bench *bench, enum ji_physical physical, enum ji_kind kind, enum ji_encoding encoding)
{
    const struct ji_schema_element element = {.physical = physical, .type_length = (int32_t)bench->width};
    const struct ji_field field = {.kind = kind, .precision = 15};
    const struct ji_leaf leaf = {.element = &element, .field = &field};
    struct ji_value_type type;
    struct ji_page_values values = {.type = NULL};
    ji_value_type_init(&type, &leaf);
    if (ji_page_values_init(&values, &type, encoding, bench->page, NULL, NULL) != JOIST_OK ||
            ji_page_values_read(&values, VALUES, bench->out, 0, NULL) != JOIST_OK)
        abort();
}

static void prepare_plain_bytes(struct bench *bench)
{
    uint64_t seed = 7;
    uint8_t *to = bench->in;
    for (size_t index = 0; index < VALUES; index++) {
        const uint32_t size = (uint32_t)(next_random(&seed) % 24);
        ji_store_le32(to, size);
        memset(to + 4, 'a', size);
        to += 4 + size;
    }
    bench->page = ji_view_of(bench->in, (size_t)(to - bench->in));
}

static void run_plain_bytes(struct bench *bench)
{
    read_page(bench, JI_PHYSICAL_BYTE_ARRAY, JI_BINARY, JI_ENCODING_PLAIN);
}

static uint8_t *put_varint(uint8_t *to, uint64_t value)
{
    for (; value >= 0x80; value >>= 7)
        *to++ = (uint8_t)(value | 0x80);
    *to++ = (uint8_t)value;
    return to;
}

/* VALUES lengths of 1 in the usual blocks, then their bytes. */
static void prepare_lengths(struct bench *bench)
{
    uint8_t *to = put_varint(put_varint(put_varint(put_varint(bench->in, 128), 4), VALUES), 2);
    for (size_t at = 1; at < VALUES; at += 128) {
        to = put_varint(to, 0);
        memset(to, 0, 4);
        to += 4;
    }
    memset(to, 'a', VALUES);
    bench->page = ji_view_of(bench->in, (size_t)(to - bench->in) + VALUES);
}

static void run_lengths(struct bench *bench)
{
    read_page(bench, JI_PHYSICAL_BYTE_ARRAY, JI_BINARY, JI_ENCODING_DELTA_LENGTH_BYTE_ARRAY);
}

/* Vectors of 1,024 integers of `width` bits, two hundredths of them exceptions. */
static void prepare_alp(struct bench *bench, size_t real_bytes)
{
    const size_t vectors = VALUES / 1024;
    const size_t exceptions = 20;
    const size_t size = 4 + real_bytes + 1 + 128 * bench->width + exceptions * (2 + real_bytes);
    uint8_t *const page = bench->in;
    memset(page, 0, 7);
    page[2] = 10;
    ji_store_le32(page + 3, VALUES);
    for (size_t index = 0; index < vectors; index++) {
        uint8_t *const vector = page + 7 + vectors * 4 + index * size;
        ji_store_le32(page + 7 + index * 4, (uint32_t)(vectors * 4 + index * size));
        memset(vector, 0, 4 + real_bytes);
        vector[0] = 3;
        vector[2] = (uint8_t)exceptions;
        vector[4 + real_bytes] = (uint8_t)bench->width;
        for (size_t exception = 0; exception < exceptions; exception++)
            ji_store_le16(
                    vector + 5 + real_bytes + 128 * bench->width + exception * 2, (uint16_t)(exception * 50));
    }
    bench->page = ji_view_of(page, 7 + vectors * (4 + size));
}

static void prepare_alp_double(struct bench *bench)
{
    prepare_alp(bench, sizeof(double));
}

static void prepare_alp_float(struct bench *bench)
{
    prepare_alp(bench, sizeof(float));
}

static void run_alp_double(struct bench *bench)
{
    read_page(bench, JI_PHYSICAL_DOUBLE, JI_DOUBLE, JI_ENCODING_ALP);
}

static void run_alp_float(struct bench *bench)
{
    read_page(bench, JI_PHYSICAL_FLOAT, JI_FLOAT, JI_ENCODING_ALP);
}

static const struct bench_case cases[] = {
        {"bit_unpack, 1 bit", 1, 4, run_unpack, NULL, true},
        {"bit_unpack, 5 bits", 5, 4, run_unpack, NULL, true},
        {"bit_unpack, 11 bits", 11, 4, run_unpack, NULL, true},
        {"bit_unpack, 20 bits", 20, 4, run_unpack, NULL, true},
        {"bit_unpack, 29 bits", 29, 4, run_unpack, NULL, true},
        {"bit_unpack64, 20 bits", 20, 8, run_unpack64, NULL, true},
        {"bit_unpack64, 45 bits", 45, 8, run_unpack64, NULL, true},
        {"bit_unpack8 (levels), 1 bit", 1, 1, run_unpack8, NULL, true},
        {"bit_unpack8 (levels), 3 bits", 3, 1, run_unpack8, NULL, true},
        {"bit_pack, 11 bits", 11, 4, run_pack, prepare_codes, true},
        {"bit_pack, 20 bits", 20, 4, run_pack, prepare_codes, false},
        {"bit_pack64, 20 bits", 20, 8, run_pack64, prepare_words, true},
        {"bit_pack64, 45 bits", 45, 8, run_pack64, prepare_words, false},
        {"delta_block32", 0, 4, run_block32, prepare_codes, true},
        {"delta_block64", 0, 8, run_block64, NULL, true},
        {"levels to bits", 0, 0, run_level_bits, NULL, false},
        {"delta_sum32, 0 bits", 0, 4, run_delta32, NULL, false},
        {"delta_sum32, 6 bits", 6, 4, run_delta32, NULL, true},
        {"delta_sum32, 17 bits", 17, 4, run_delta32, NULL, true},
        {"delta_sum32, 29 bits", 29, 4, run_delta32, NULL, true},
        {"delta_sum64, 0 bits", 0, 8, run_delta64, NULL, false},
        {"delta_sum64, 6 bits", 6, 8, run_delta64, NULL, true},
        {"delta_sum64, 20 bits", 20, 8, run_delta64, NULL, true},
        {"delta_sum64, 45 bits", 45, 8, run_delta64, NULL, true},
        {"delta_sum64, 60 bits", 60, 8, run_delta64, NULL, false},
        {"byte_join, 2 bytes", 2, 2, run_join, NULL, true},
        {"byte_join, 4 bytes", 4, 4, run_join, NULL, true},
        {"byte_join, 7 bytes", 7, 7, run_join, NULL, true},
        {"byte_join, 8 bytes", 8, 8, run_join, NULL, true},
        {"byte_join, 16 bytes", 16, 16, run_join, NULL, true},
        {"byte_split, 4 bytes", 4, 4, run_split, NULL, true},
        {"byte_split, 8 bytes", 8, 8, run_split, NULL, true},
        {"fixed_to_i64, 4 bytes", 4, 8, run_fixed64, NULL, true},
        {"fixed_to_i64, 7 bytes", 7, 8, run_fixed64, NULL, true},
        {"fixed_to_i64, 8 bytes", 8, 8, run_fixed64, NULL, true},
        {"fixed_to_i128, 7 bytes", 7, 16, run_fixed128, NULL, true},
        {"fixed_to_i128, 16 bytes", 16, 16, run_fixed128, NULL, true},
        {"gather, 4 bytes", 4, 4, run_gather, prepare_codes, false},
        {"gather, 8 bytes", 8, 8, run_gather, prepare_codes, false},
        {"gather, 16 bytes", 16, 16, run_gather, prepare_codes, false},
        {"codes_max", 4, 4, run_codes_max, prepare_codes, false},
        {"fill, runs of 90 of 8 bytes", 8, 8, run_fill, NULL, false},
        {"fill, runs of 90 of 16 bytes", 16, 16, run_fill, NULL, false},
        {"expand, 8 bytes, an eighth null", 8, 8, run_expand, prepare_validity, false},
        {"utf8_valid, ASCII", 0, 8, run_utf8, prepare_ascii, true},
        {"utf8_valid, accents", 0, 8, run_utf8, prepare_accents, true},
        {"page: PLAIN byte arrays to views", 0, 16, run_plain_bytes, prepare_plain_bytes, false},
        {"page: DELTA_LENGTH to views", 0, 16, run_lengths, prepare_lengths, false},
        {"page: ALP double, 20 bits", 20, 8, run_alp_double, prepare_alp_double, false},
        {"page: ALP float, 17 bits", 17, 4, run_alp_float, prepare_alp_float, false},
};

/* The least seconds that one call took. */
static double measure(struct bench *bench, void (*run)(struct bench *bench))
{
    double best = 1e9;
    for (int round = 0; round < ROUNDS; round++) {
        const double started = now();
        double ended = started;
        size_t calls = 0;
        for (; ended - started < ROUND_SECONDS; calls++) {
            run(bench);
            ended = now();
        }
        const double each = (ended - started) / (double)calls;
        best = each < best ? each : best;
    }
    return best;
}

static void copy(struct bench *bench)
{
    memcpy(bench->out, bench->in, bench->width);
}

static void print_line(const struct bench_case *it, const char *variant, double seconds, double copy_seconds)
{
    const double bytes = it->value_bytes == 0 ? VALUES / 8.0 : (double)(VALUES * it->value_bytes);
    printf("%-34s %-8s %10.0f %8.2f %7.0f%%\n", it->name, variant, VALUES / seconds / 1e6,
            bytes / seconds / 1e9, 100 * copy_seconds / seconds);
}

static void run_case(struct bench *bench, const struct bench_case *it)
{
    uint64_t seed = 1;
    for (size_t at = 0; at < BYTES_MAX; at += 8)
        ji_store_le64(bench->in + at, next_random(&seed));
    bench->width = it->value_bytes == 0 ? VALUES / 8 : (unsigned)(VALUES * it->value_bytes);
    const double copied = measure(bench, copy);
    bench->width = it->width;
    if (it->prepare != NULL)
        it->prepare(bench);
    for (int plain = it->has_plain; plain >= 0; plain--) {
        bench->is_plain = plain != 0;
        print_line(it, plain != 0 ? "plain" : "chosen", measure(bench, it->run), copied);
    }
}

int main(int argc, char **argv)
{
    const char *const words = argc > 1 ? argv[1] : "";
    struct bench bench = {
            .in = aligned_alloc(64, BYTES_MAX),
            .out = aligned_alloc(64, BYTES_MAX),
            .codes = aligned_alloc(64, VALUES * sizeof(uint32_t)),
    };
    if (bench.in == NULL || bench.out == NULL || bench.codes == NULL)
        return 1;
    memset(bench.out, 0, BYTES_MAX);
    printf("%-34s %-8s %10s %8s %8s\n", "kernel", "variant", "Mvalues/s", "GB/s", "memcpy");
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        if (strstr(cases[index].name, words) != NULL)
            run_case(&bench, &cases[index]);
    }
    free(bench.in);
    free(bench.out);
    free(bench.codes);
    return 0;
}
