/*
 * encryption_test.c - encrypted files in all their modes, with all, some, wrong and no keys
 *
 * The files are the fuzzer's corpus, written by pyarrow: the same 40 rows in two groups of many small pages.
 *
 *     uniform_gcm      one key of 16 bytes                    uniform_ctr   32 bytes, CTR, prefix in the file
 *     signed           24 bytes, plaintext footer, prefix     columns       two columns with keys of their own
 *                      not in the file                        columns_signed    the same, plaintext footer
 */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>

#include "codec/aes.h"
#include "parquet/format/crypto_read.h"
#include "parquet/format/page_header_read.h"
#include "parquet/read/bloom_probe.h"
#include "parquet/read/file_crypto.h"
#include "support/bytes_source.h"
#include "support/oom.h"
#include "support/parquet_drain.h"
#include "support/test_keys.h"

#define FILE_BYTES_MAX 8192
#define COLUMN_COUNT 4
#define ROW_COUNT 40

struct sample {
    const char *name;
    const char *aad_prefix; /* that must be given */
    const struct test_key *keys;
    size_t key_count;
};

#define KEY_16 "30313233343536373839303132333435"
#define KEY_24 KEY_16 "3031323334353637"
#define KEY_32 KEY_16 KEY_16

static const struct test_key key_16[] = {{"", KEY_16}};
static const struct test_key key_24[] = {{"", KEY_24}};
static const struct test_key key_32[] = {{"", KEY_32}};
static const struct test_key key_columns[] = {
        {"", "285d1327ab0395fcb387dfe48c8c5204"},
        {"name", "d67b10e7027a02cef07a4a35ac4a8cd6"},
        {"tags.list.element", "231775a5f9fd9625b3b488958afb2f5a"},
};
static const struct test_key key_columns_signed[] = {
        {"", "48aca20917e8d4ff1f9404fefc0bf4247f75ac0794fa40ef1e6c4b04fafe6d81"},
        {"name", "16949cd28c4c82b5f53128896bcb305a0212993468e4c3048dff2328614e3d59"},
        {"tags.list.element", "8e60938e78b94f44fdb5b83d035aa68c0a7759175accf55d21499cc711c45831"},
};

static const struct sample samples[] = {
        {"uniform_gcm", NULL, key_16, 1},
        {"uniform_ctr", NULL, key_32, 1},
        {"signed", "table/part-1", key_24, 1},
        {"columns", NULL, key_columns, 3},
        {"columns_signed", NULL, key_columns_signed, 3},
};
#define SAMPLE_COUNT (sizeof samples / sizeof samples[0])
enum { UNIFORM_GCM, UNIFORM_CTR, SIGNED, COLUMNS, COLUMNS_SIGNED };

/* A sample's bytes and its keys, which a test changes before it opens the file. */
struct given {
    struct joist_ctx *ctx;
    uint8_t *data;
    size_t size;
    struct bytes_source from;
    struct test_keys list;
    struct joist_parquet_keys keys;
    struct joist_error err;
};

static void load(struct given *given, size_t index)
{
    const struct sample *const sample = &samples[index];
    char path[1024];
    uint8_t room[FILE_BYTES_MAX];
    (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/encryption_fuzz/%s.parquet", JOIST_SOURCE_DIR,
            sample->name);
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    given->size = fread(room, 1, sizeof room, file);
    fclose(file);
    given->data = malloc(given->size);
    assert_non_null(given->data);
    memcpy(given->data, room, given->size);
    given->from = (struct bytes_source){.data = given->data, .size = given->size};
    given->list = (struct test_keys){.keys = sample->keys, .count = sample->key_count};
    given->keys = test_keys(&given->list);
    given->keys.aad_prefix = sample->aad_prefix;
    given->keys.aad_prefix_bytes = sample->aad_prefix != NULL ? strlen(sample->aad_prefix) : 0;
    given->err.text[0] = '\0';
    assert_ok(joist_ctx_open(NULL, &given->ctx, NULL));
}

static void unload(struct given *given)
{
    free(given->data);
    joist_ctx_close(given->ctx);
}

static enum joist_status open_given(struct given *given, bool with_keys, struct joist_parquet_file **file)
{
    const struct joist_parquet_open_options options = {
            .struct_size = sizeof options, .keys = with_keys ? &given->keys : NULL};
    return joist_parquet_open(given->ctx, bytes_source(&given->from), &options, file, &given->err);
}

/* Opens, reads what is not left out, closes. */
static enum joist_status drain_given(struct given *given, bool with_keys, struct parquet_drain *drain)
{
    struct joist_parquet_file *file = NULL;
    enum joist_status status = open_given(given, with_keys, &file);
    for (size_t group = 0; status == JOIST_OK && group < joist_parquet_row_group_count(file); group++)
        status = parquet_drain_group(given->ctx, file, group, drain, &given->err);
    joist_parquet_close(file);
    return status;
}

static void assert_says(const struct given *given, const char *words)
{
    if (strstr(given->err.text, words) == NULL)
        fail_msg("'%s' is not in: %s", words, given->err.text);
}

static void every_mode_has_the_same_rows(void **state)
{
    (void)state;
    struct ji_bytes first = {.data = NULL};
    struct given givens[SAMPLE_COUNT];
    for (size_t index = 0; index < SAMPLE_COUNT; index++) {
        struct given *const given = &givens[index];
        struct ji_bytes text;
        load(given, index);
        ji_bytes_init(&text, ji_ctx_mem(given->ctx));
        struct parquet_drain drain = {.text = &text};
        if (drain_given(given, true, &drain) != JOIST_OK)
            fail_msg("%s: %s", samples[index].name, given->err.text);
        assert_int_equal(drain.rows, ROW_COUNT);
        assert_string_equal(given->err.text, "");
        if (index == 0) {
            first = text;
            static const char begin[] = "[0,null,0.0,[]]\n[1,\"name1\",0.25,[0]]\n[2,\"name2\",0.5,[0,1]]\n";
            assert_memory_equal(first.data, begin, sizeof begin - 1);
            continue;
        }
        assert_int_equal(text.size, first.size);
        assert_memory_equal(text.data, first.data, text.size);
        ji_bytes_clear(&text);
    }
    ji_bytes_clear(&first);
    for (size_t index = 0; index < SAMPLE_COUNT; index++)
        unload(&givens[index]);
}

static void rows_are_reached_by_encrypted_offset_indexes(void **state)
{
    (void)state;
    for (size_t index = 0; index < SAMPLE_COUNT; index++) {
        static const struct ji_row_range ranges[] = {{2, 3}, {17, 19}};
        struct given given;
        struct ji_bytes text;
        load(&given, index);
        ji_bytes_init(&text, ji_ctx_mem(given.ctx));
        struct parquet_drain drain = {.text = &text, .ranges = ranges, .range_count = 2};
        if (drain_given(&given, true, &drain) != JOIST_OK)
            fail_msg("%s: %s", samples[index].name, given.err.text);
        static const char wanted[] =
                "[2,\"name2\",0.5,[0,1]]\n[17,\"name2\",4.25,[0,1]]\n[18,\"name3\",4.5,[]]\n"
                "[22,\"name2\",5.5,[0]]\n[37,\"name2\",9.25,[0]]\n[38,\"name3\",9.5,[0,1]]\n";
        assert_int_equal(text.size, sizeof wanted - 1);
        assert_memory_equal(text.data, wanted, sizeof wanted - 1);
        ji_bytes_clear(&text);
        unload(&given);
    }
}

static void a_column_without_its_key_is_denied_by_name(void **state)
{
    (void)state;
    for (size_t index = COLUMNS; index <= COLUMNS_SIGNED; index++) {
        struct given given;
        struct joist_parquet_file *file = NULL;
        load(&given, index);
        given.list.count = 2;
        assert_ok(open_given(&given, true, &file));
        assert_int_equal(ji_parquet_schema(file)->column_count, COLUMN_COUNT);
        assert_string_equal(ji_parquet_schema(file)->columns[3].name, "tags");
        struct parquet_drain all = {.batch_rows = 0};
        assert_status(parquet_drain_group(given.ctx, file, 1, &all, &given.err), JOIST_ERR_DENIED);
        assert_says(&given, "row group 1, column 'tags.list.element', page 0: encrypted with key");
        assert_says(&given, "which was not given");
        struct parquet_drain others = {.left_out = 8};
        assert_ok(parquet_drain_group(given.ctx, file, 1, &others, NULL));
        assert_int_equal(others.rows, ROW_COUNT / 2);
        joist_parquet_close(file);
        unload(&given);
    }
}

static void each_key_is_asked_for_once(void **state)
{
    (void)state;
    struct given given;
    load(&given, COLUMNS);
    struct parquet_drain drain = {.batch_rows = 0};
    assert_ok(drain_given(&given, true, &drain));
    assert_int_equal(given.list.asked, 3);
    given.list.asked = 0;
    given.list.count = 1;
    struct parquet_drain others = {.left_out = 2 + 8};
    assert_ok(drain_given(&given, true, &others));
    assert_true(given.list.asked <= 3);
    unload(&given);
}

static void without_keys_only_plain_columns_of_plain_footers_read(void **state)
{
    (void)state;
    for (size_t index = 0; index < SAMPLE_COUNT; index++) {
        struct given given;
        load(&given, index);
        struct parquet_drain plain = {.left_out = 2 + 8};
        const enum joist_status status = drain_given(&given, false, &plain);
        assert_status(status, index == COLUMNS_SIGNED ? JOIST_OK : JOIST_ERR_DENIED);
        if (index == SIGNED)
            assert_says(&given, "column 'id', page 0: encrypted with the footer's key, which was not given");
        else if (index != COLUMNS_SIGNED)
            assert_says(&given, "footer encrypted with key");
        unload(&given);
    }
}

static void a_footer_that_cannot_be_verified_is_denied_but_on_request(void **state)
{
    (void)state;
    struct given given;
    load(&given, COLUMNS_SIGNED);
    given.list.keys = key_columns_signed + 1;
    given.list.count = 2;
    struct parquet_drain drain = {.batch_rows = 0};
    assert_status(drain_given(&given, true, &drain), JOIST_ERR_DENIED);
    assert_says(&given, "footer signed with key");
    given.keys.no_signature = true;
    assert_ok(drain_given(&given, true, &drain));
    assert_int_equal(drain.rows, ROW_COUNT);
    unload(&given);
}

static void wrong_keys_are_refused(void **state)
{
    (void)state;
    static const struct test_key wrong[] = {{"", KEY_32}, {"name", KEY_16}, {"tags.list.element", KEY_16}};
    for (size_t index = 0; index < SAMPLE_COUNT; index++) {
        struct given given;
        load(&given, index);
        given.list.keys = index == UNIFORM_CTR ? key_16 : wrong;
        given.list.count = 1;
        struct parquet_drain drain = {.batch_rows = 0};
        assert_status(drain_given(&given, true, &drain), JOIST_ERR_CORRUPT);
        assert_says(&given, "footer");
        assert_says(&given, "key or AAD prefix are not its own");
        unload(&given);
    }
    const struct test_key one_wrong[] = {key_columns[0], wrong[1], key_columns[2]};
    struct given given;
    load(&given, COLUMNS);
    given.list.keys = one_wrong;
    struct parquet_drain drain = {.batch_rows = 0};
    assert_status(drain_given(&given, true, &drain), JOIST_ERR_CORRUPT);
    assert_says(&given, "column 'name': encrypted metadata: does not authenticate");
    unload(&given);
}

static void keys_of_odd_lengths_are_invalid(void **state)
{
    (void)state;
    static const char *const keys[] = {"", "00", KEY_16 "00", KEY_24 "00", KEY_32 "00"};
    for (size_t index = 0; index < sizeof keys / sizeof keys[0]; index++) {
        const struct test_key key[] = {{"", keys[index]}};
        struct given given;
        load(&given, UNIFORM_GCM);
        given.list.keys = key;
        struct parquet_drain drain = {.batch_rows = 0};
        assert_status(drain_given(&given, true, &drain), JOIST_ERR_INVALID);
        assert_says(&given, "bytes: 16, 24 or 32 are right");
        unload(&given);
    }
}

static void what_the_callback_fails_with_comes_out(void **state)
{
    (void)state;
    struct given given;
    load(&given, COLUMNS);
    given.list.fail_with = JOIST_ERR_TIMEOUT;
    struct parquet_drain drain = {.batch_rows = 0};
    assert_status(drain_given(&given, true, &drain), JOIST_ERR_TIMEOUT);
    assert_says(&given, "the key that was given: no answer");
    unload(&given);
}

static void set_prefix(struct given *given, const char *prefix)
{
    given->keys.aad_prefix = prefix;
    given->keys.aad_prefix_bytes = prefix != NULL ? strlen(prefix) : 0;
}

static void aad_prefixes_must_be_the_files(void **state)
{
    (void)state;
    static const struct {
        size_t sample;
        const char *prefix;
        enum joist_status status;
        const char *words;
    } cases[] = {
            {UNIFORM_CTR, "table/part-0", JOIST_OK, ""},
            {UNIFORM_CTR, "table/part-9", JOIST_ERR_INVALID, "the AAD prefix in the file is not the one"},
            {SIGNED, NULL, JOIST_ERR_INVALID, "written with an AAD prefix that must be given"},
            {SIGNED, "table/part-9", JOIST_ERR_CORRUPT, "footer: does not bear out its signature"},
            {UNIFORM_GCM, "table/part-0", JOIST_ERR_INVALID,
                    "an AAD prefix was given, but the file has none"},
    };
    for (size_t index = 0; index < sizeof cases / sizeof cases[0]; index++) {
        struct given given;
        load(&given, cases[index].sample);
        set_prefix(&given, cases[index].prefix);
        struct parquet_drain drain = {.batch_rows = 0};
        assert_status(drain_given(&given, true, &drain), cases[index].status);
        assert_says(&given, cases[index].words);
        unload(&given);
    }
}

static void a_plain_file_under_keys_is_refused_but_on_request(void **state)
{
    (void)state;
    struct given given;
    load(&given, UNIFORM_GCM);
    char path[1024];
    uint8_t room[FILE_BYTES_MAX];
    (void)snprintf(path, sizeof path, "%s/tests/fuzz/corpus/page_fuzz/flat_none.parquet", JOIST_SOURCE_DIR);
    FILE *const file = fopen(path, "rb");
    assert_non_null(file);
    given.from = (struct bytes_source){.data = room, .size = fread(room, 1, sizeof room, file)};
    fclose(file);
    struct parquet_drain drain = {.batch_rows = 0};
    assert_status(drain_given(&given, true, &drain), JOIST_ERR_INVALID);
    assert_says(&given, "keys were given, but the file is not encrypted");
    given.keys.plain_allowed = true;
    assert_ok(drain_given(&given, true, &drain));
    assert_int_equal(given.list.asked, 0);
    unload(&given);
}

/*
 * How many bytes of a file nobody looks at: the first magic, the indexes, and in crypto metadata, which nothing
 * protects, the word that no prefix must be given.
 */
static size_t unread_bytes(struct given *given)
{
    struct joist_parquet_file *file = NULL;
    size_t bytes = JI_PARQUET_MAGIC_BYTES + 1;
    assert_ok(open_given(given, true, &file));
    for (size_t group = 0; group < joist_parquet_row_group_count(file); group++) {
        for (size_t leaf = 0; leaf < COLUMN_COUNT; leaf++) {
            const struct ji_chunk *chunk = NULL;
            assert_ok(ji_file_chunk(file, group, leaf, &chunk, NULL));
            bytes += chunk->column_index_offset >= 0 ? (size_t)chunk->column_index_bytes : 0;
            bytes += chunk->offset_index_offset >= 0 ? (size_t)chunk->offset_index_bytes : 0;
        }
    }
    joist_parquet_close(file);
    return bytes;
}

/* Each byte of files that GCM protects as a whole: a file that still reads has the same rows. */
static void every_flipped_byte_is_refused(void **state)
{
    (void)state;
    static const size_t whole[] = {UNIFORM_GCM, SIGNED};
    for (size_t index = 0; index < sizeof whole / sizeof whole[0]; index++) {
        struct given given;
        struct ji_bytes text;
        load(&given, whole[index]);
        ji_bytes_init(&text, ji_ctx_mem(given.ctx));
        struct parquet_drain first = {.text = &text};
        assert_ok(drain_given(&given, true, &first));
        const size_t unread = unread_bytes(&given);
        size_t survived = 0;
        for (size_t at = 0; at < given.size; at++) {
            struct ji_bytes again;
            ji_bytes_init(&again, ji_ctx_mem(given.ctx));
            struct parquet_drain drain = {.text = &again};
            given.data[at] ^= (uint8_t)(1u << at % 8);
            const enum joist_status status = drain_given(&given, true, &drain);
            given.data[at] ^= (uint8_t)(1u << at % 8);
            if (status == JOIST_OK) {
                survived++;
                assert_int_equal(again.size, text.size);
                assert_memory_equal(again.data, text.data, text.size);
            }
            ji_bytes_clear(&again);
        }
        if (survived > unread)
            fail_msg("%s: %zu flipped bytes were not seen, %zu are not read", samples[whole[index]].name,
                    survived, unread);
        ji_bytes_clear(&text);
        unload(&given);
    }
}

/* Parts beside the pages: opened, and refused where a byte is flipped or they stand for another part. */
static void indexes_open_in_their_place_only(void **state)
{
    (void)state;
    struct given given;
    struct joist_parquet_file *file = NULL;
    struct ji_arena arena;
    load(&given, COLUMNS);
    assert_ok(open_given(&given, true, &file));
    ji_arena_init(&arena, ji_ctx_mem(given.ctx));
    const struct ji_chunk *chunk = NULL;
    assert_ok(ji_file_chunk(file, 0, 1, &chunk, NULL));
    assert_non_null(chunk->key);
    assert_true(chunk->column_index_offset > 0);
    struct ji_chunk_part part = {
            .leaf = 1,
            .module = JI_MODULE_COLUMN_INDEX,
            .offset = (uint64_t)chunk->column_index_offset,
            .bytes = (size_t)chunk->column_index_bytes,
    };
    struct ji_view plain;
    struct ji_column_index column_index;
    size_t used = 0;
    assert_ok(ji_chunk_part_read(file, &part, 4096, &arena, &plain, &used, &given.err));
    assert_int_equal(used, part.bytes);
    assert_ok(ji_column_index_decode(&arena, plain, &column_index, NULL));
    assert_true(column_index.page_count > 1);
    /* As long as it says itself. */
    part.bytes = 0;
    assert_ok(ji_chunk_part_read(file, &part, 4096, &arena, &plain, &used, NULL));
    assert_int_equal(used, chunk->column_index_bytes);
    assert_status(ji_chunk_part_read(file, &part, 16, &arena, &plain, &used, NULL), JOIST_ERR_LIMIT);
    part.module = JI_MODULE_OFFSET_INDEX;
    assert_status(ji_chunk_part_read(file, &part, 4096, &arena, &plain, &used, NULL), JOIST_ERR_CORRUPT);
    part.module = JI_MODULE_COLUMN_INDEX;
    part.group = 1;
    assert_status(ji_chunk_part_read(file, &part, 4096, &arena, &plain, &used, NULL), JOIST_ERR_CORRUPT);
    part.group = 0;
    given.data[part.offset + 20] ^= 1;
    assert_status(ji_chunk_part_read(file, &part, 4096, &arena, &plain, &used, NULL), JOIST_ERR_CORRUPT);
    part.offset = given.size - 2;
    assert_status(ji_chunk_part_read(file, &part, 4096, &arena, &plain, &used, NULL), JOIST_ERR_CORRUPT);
    ji_arena_clear(&arena);
    joist_parquet_close(file);
    unload(&given);
}

/* What prunes pages comes out of encrypted indexes as out of plain ones, and not without the key. */
static void page_facts_are_decrypted(void **state)
{
    (void)state;
    for (size_t key_count = 1; key_count <= 3; key_count++) {
        struct given given;
        struct joist_parquet_file *file = NULL;
        const struct ji_parquet_pages *pages = NULL;
        struct ji_arena arena;
        load(&given, COLUMNS);
        given.list.count = key_count;
        assert_ok(open_given(&given, true, &file));
        ji_arena_init(&arena, ji_ctx_mem(given.ctx));
        assert_ok(ji_parquet_pages_read(file, &arena, 1, 1, &pages, NULL));
        assert_int_equal(pages != NULL, key_count > 1);
        ji_arena_clear(&arena);
        joist_parquet_close(file);
        unload(&given);
    }
}

/* A module of column 1 of row group 0 at `to`, sealed with the column's key; how long it is. */
static size_t put_module(const struct joist_parquet_file *file, struct ji_aes *aes, enum ji_module module,
        struct ji_view plain, uint8_t *to)
{
    uint8_t aad[64];
    const uint8_t nonce[JI_AES_NONCE_BYTES] = {(uint8_t)module};
    const uint8_t place[] = {(uint8_t)module, 0, 0, 1, 0};
    const struct ji_view own = file->footer.encryption.aad_file;
    assert_true(own.size + sizeof place <= sizeof aad);
    memcpy(aad, own.data, own.size);
    memcpy(aad + own.size, place, sizeof place);
    const size_t sealed = plain.size + JI_AES_NONCE_BYTES + JI_AES_TAG_BYTES;
    ji_store_le32(to, (uint32_t)sealed);
    assert_ok(ji_gcm_seal(
            aes, nonce, ji_view_of(aad, own.size + sizeof place), plain, to + JI_MODULE_LENGTH_BYTES, NULL));
    return JI_MODULE_LENGTH_BYTES + sealed;
}

/* A Bloom filter without values, of so many bytes, behind the data; its size is a varint of four bytes. */
static void put_bloom(struct given *given, struct joist_parquet_file *file, uint32_t bytes)
{
    const struct ji_chunk *chunk = NULL;
    struct ji_crypto *crypto = NULL;
    struct ji_aes *aes = NULL;
    const uint32_t doubled = bytes * 2;
    const uint8_t header[] = {0x15, (uint8_t)(doubled | 0x80), (uint8_t)(doubled >> 7 | 0x80),
            (uint8_t)(doubled >> 14 | 0x80), (uint8_t)(doubled >> 21), 0x1c, 0x1c, 0, 0, 0x1c, 0x1c, 0, 0,
            0x1c, 0x1c, 0, 0, 0};
    uint8_t *const more = calloc(1, given->size + bytes + 256);
    uint8_t *const bits = calloc(1, bytes);
    assert_true(more != NULL && bits != NULL);
    memcpy(more, given->data, given->size);
    assert_ok(ji_file_chunk(file, 0, 1, &chunk, NULL));
    assert_ok(ji_crypto_open(ji_ctx_mem(given->ctx), &crypto, NULL));
    assert_ok(ji_aes_open(crypto, ji_ctx_mem(given->ctx), JI_AES_GCM,
            ji_view_of(chunk->key->bytes, chunk->key->size), &aes, NULL));
    size_t size = given->size;
    size += put_module(file, aes, JI_MODULE_BLOOM_HEADER, ji_view_of(header, sizeof header), more + size);
    size += put_module(file, aes, JI_MODULE_BLOOM_BITSET, ji_view_of(bits, bytes), more + size);
    ((struct ji_chunk *)(uintptr_t)chunk)->bloom_offset = (int64_t)given->size;
    ji_aes_close(aes);
    ji_crypto_close(crypto);
    free(bits);
    free(given->data);
    given->data = more;
    given->from.data = more;
    given->from.size = file->data_end = size;
}

/* Whether a value may be in a filter that has none, where memory is so much; 0: no limit. */
static bool ask_bloom(uint32_t bytes, uint64_t memory)
{
    const struct joist_ctx_options options = {.struct_size = sizeof options, .memory_bytes_max = memory};
    struct given given;
    struct joist_parquet_file *file = NULL;
    const struct ji_chunk *chunk = NULL;
    struct joist_ctx *ctx = NULL;
    struct ji_bloom_probe probe;
    struct ji_arena arena;
    bool may_have = false;
    load(&given, COLUMNS_SIGNED);
    assert_ok(open_given(&given, true, &file));
    put_bloom(&given, file, bytes);
    assert_ok(joist_ctx_open(&options, &ctx, NULL));
    ji_arena_init(&arena, ji_ctx_mem(ctx));
    const struct ji_module_place place = {.file = file, .group = 0, .leaf = 1};
    assert_ok(ji_file_chunk(file, 0, 1, &chunk, NULL));
    assert_ok(ji_bloom_probe_open(&probe, &place, chunk, &arena, NULL));
    for (uint64_t hash = 1; hash < 3; hash++)
        assert_ok(ji_bloom_probe_may_have(&probe, hash, &may_have, NULL));
    ji_arena_clear(&arena);
    joist_ctx_close(ctx);
    joist_parquet_close(file);
    unload(&given);
    return may_have;
}

static void encrypted_bloom_filters_are_asked_however_large(void **state)
{
    (void)state;
    assert_false(ask_bloom(1 << 16, 0));
    assert_false(ask_bloom(4 << 20, 0));
    assert_false(ask_bloom(9 << 20, 0));
    /* Where memory does not do, a value may be there, and nothing fails. */
    assert_true(ask_bloom(9 << 20, 4 << 20));
}

/* Pages of the same column at the same place of two row groups, as long as each other, changed for each other. */
static void pages_of_two_groups_cannot_change_places(void **state)
{
    (void)state;
    struct given given;
    struct joist_parquet_file *file = NULL;
    const struct ji_chunk *chunks[2];
    load(&given, UNIFORM_GCM);
    assert_ok(open_given(&given, true, &file));
    for (size_t group = 0; group < 2; group++)
        assert_ok(ji_file_chunk(file, group, 2, &chunks[group], NULL));
    assert_int_equal(chunks[0]->compressed_bytes, chunks[1]->compressed_bytes);
    for (int64_t at = 0; at < chunks[0]->compressed_bytes; at++) {
        uint8_t *const one = &given.data[chunks[0]->data_page_offset + at];
        uint8_t *const two = &given.data[chunks[1]->data_page_offset + at];
        const uint8_t kept = *one;
        *one = *two;
        *two = kept;
    }
    struct parquet_drain drain = {.left_out = 1 + 2 + 8};
    assert_status(parquet_drain_group(given.ctx, file, 0, &drain, &given.err), JOIST_ERR_CORRUPT);
    assert_says(&given, "row group 0, column 'price', page 0: page header: does not authenticate");
    joist_parquet_close(file);
    unload(&given);
}

static void modules_are_bound_to_kind_and_place(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct ji_crypto *crypto = NULL;
    struct ji_module_cipher cipher;
    static const struct ji_file_key key = {.size = 16};
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_ok(ji_crypto_open(ji_ctx_mem(ctx), &crypto, NULL));
    const struct ji_module_origin origin = {
            .crypto = crypto, .algorithm = JI_ENCRYPTION_GCM, .aad = ji_view_of("prefixunique", 12)};
    assert_ok(ji_module_cipher_init(&cipher, &origin, &key, ji_ctx_mem(ctx), NULL));
    /* Sealed by hand as a page of row group 258, column 3, page 4. */
    static const uint8_t aad[] = "prefixunique\x02\x02\x01\x03\x00\x04\x00";
    static const uint8_t nonce[12] = {7};
    uint8_t module[4 + 12 + 5 + 16];
    uint8_t out[sizeof module];
    struct ji_view plain;
    ji_store_le32(module, sizeof module - 4);
    assert_ok(ji_gcm_seal(
            cipher.gcm, nonce, ji_view_of(aad, sizeof aad - 1), ji_view_of("hello", 5), module + 4, NULL));
    const struct ji_view bytes = ji_view_of(module, sizeof module);
    assert_ok(ji_module_cipher_at(&cipher, 258, 3, NULL));
    assert_ok(ji_module_open(&cipher, JI_MODULE_DATA_PAGE, 4, bytes, out, &plain, NULL));
    assert_true(ji_view_equal_text(plain, "hello"));
    for (int kind = JI_MODULE_FOOTER; kind <= JI_MODULE_BLOOM_BITSET; kind++) {
        const enum joist_status status =
                ji_module_open(&cipher, (enum ji_module)kind, 4, bytes, out, &plain, NULL);
        assert_status(status, kind == JI_MODULE_DATA_PAGE ? JOIST_OK : JOIST_ERR_CORRUPT);
    }
    assert_status(
            ji_module_open(&cipher, JI_MODULE_DATA_PAGE, 5, bytes, out, &plain, NULL), JOIST_ERR_CORRUPT);
    assert_status(ji_module_open(&cipher, JI_MODULE_DATA_PAGE, 0x10004, bytes, out, &plain, NULL),
            JOIST_ERR_CORRUPT);
    assert_ok(ji_module_cipher_at(&cipher, 258, 2, NULL));
    assert_status(
            ji_module_open(&cipher, JI_MODULE_DATA_PAGE, 4, bytes, out, &plain, NULL), JOIST_ERR_CORRUPT);
    assert_status(ji_module_cipher_at(&cipher, 0x8000, 0, NULL), JOIST_ERR_CORRUPT);
    assert_status(ji_module_cipher_at(&cipher, 0, 0x8000, NULL), JOIST_ERR_CORRUPT);
    for (uint32_t size = 0; size < 64; size++) {
        ji_store_le32(module, size);
        if (size != sizeof module - 4)
            assert_status(ji_module_open(&cipher, JI_MODULE_DATA_PAGE, 4, bytes, out, &plain, NULL),
                    JOIST_ERR_CORRUPT);
    }
    ji_module_cipher_clear(&cipher);
    ji_crypto_close(crypto);
    joist_ctx_close(ctx);
}

struct sweep {
    size_t sample;
    uint64_t fail_at;
};

static enum joist_status drain_sample(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    const struct sweep *const sweep = arg;
    struct given given;
    load(&given, sweep->sample);
    joist_ctx_close(given.ctx);
    given.ctx = ctx;
    given.from.fail_at = sweep->fail_at;
    static const struct ji_row_range ranges[] = {{0, 1}, {18, 19}};
    struct parquet_drain drain = {.ranges = ranges, .range_count = 2};
    const enum joist_status status = drain_given(&given, true, &drain);
    *err = given.err;
    free(given.data);
    return status;
}

static void a_failing_allocation_is_said(void **state)
{
    (void)state;
    for (size_t index = 0; index < SAMPLE_COUNT; index++) {
        struct sweep sweep = {.sample = index};
        oom_sweep_sparse(drain_sample, &sweep);
    }
}

static void a_failing_read_is_said(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    for (size_t index = 0; index < SAMPLE_COUNT; index++) {
        struct sweep sweep = {.sample = index, .fail_at = 1};
        struct joist_error err;
        enum joist_status status = JOIST_ERR_IO;
        for (; status != JOIST_OK; sweep.fail_at++) {
            status = drain_sample(ctx, &sweep, &err);
            assert_true(status == JOIST_OK || status == JOIST_ERR_IO);
        }
        assert_true(sweep.fail_at > 3);
    }
    joist_ctx_close(ctx);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_mode_has_the_same_rows),
            cmocka_unit_test(rows_are_reached_by_encrypted_offset_indexes),
            cmocka_unit_test(a_column_without_its_key_is_denied_by_name),
            cmocka_unit_test(each_key_is_asked_for_once),
            cmocka_unit_test(without_keys_only_plain_columns_of_plain_footers_read),
            cmocka_unit_test(a_footer_that_cannot_be_verified_is_denied_but_on_request),
            cmocka_unit_test(wrong_keys_are_refused),
            cmocka_unit_test(keys_of_odd_lengths_are_invalid),
            cmocka_unit_test(what_the_callback_fails_with_comes_out),
            cmocka_unit_test(aad_prefixes_must_be_the_files),
            cmocka_unit_test(a_plain_file_under_keys_is_refused_but_on_request),
            cmocka_unit_test(every_flipped_byte_is_refused),
            cmocka_unit_test(indexes_open_in_their_place_only),
            cmocka_unit_test(page_facts_are_decrypted),
            cmocka_unit_test(encrypted_bloom_filters_are_asked_however_large),
            cmocka_unit_test(pages_of_two_groups_cannot_change_places),
            cmocka_unit_test(modules_are_bound_to_kind_and_place),
            cmocka_unit_test(a_failing_allocation_is_said),
            cmocka_unit_test(a_failing_read_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
