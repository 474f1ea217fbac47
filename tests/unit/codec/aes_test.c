/*
 * aes_test.c - AES by libcrypto against the vectors of GCM's authors, and what happens without libcrypto
 */
#include "support/test.h"

#include "base/ctx.h"
#include "codec/aes.h"
#include "support/oom.h"

#if defined(__has_include)
#if __has_include(<openssl/evp.h>)
#define HAVE_HEADER
#include <openssl/err.h>
#include <openssl/evp.h>
#endif
#endif

/* McGrew and Viega, The Galois/Counter Mode of Operation, appendix B: test cases 4, 10 and 16. */
static const char nonce_hex[] = "cafebabefacedbaddecaf888";
static const char aad_hex[] = "feedfacedeadbeeffeedfacedeadbeefabaddad2";
static const char key_hex[] = "feffe9928665731c6d6a8f9467308308feffe9928665731c6d6a8f9467308308";
static const char plain_hex[] = "d9313225f88406e5a55909c5aff5269a86a7a9531534f7da2e4c303d8a318a72"
                                "1c3c0c95956809532fcf0e2449a6b525b16aedf5aa0de657ba637b39";

static const struct {
    size_t key_bytes;
    const char *text;
    const char *tag;
} vectors[] = {
        {16,
                "42831ec2217774244b7221b784d0d49ce3aa212f2c02a4e035c17e2329aca12e"
                "21d514b25466931c7d8f6a5aac84aa051ba30b396a0aac973d58e091",
                "5bc94fbc3221a5db94fae95ae7121a47"},
        {24,
                "3980ca0b3c00e841eb06fac4872a2757859e1ceaa6efd984628593b40ca1e19c"
                "7d773d00c144c525ac619d18c84a3f4718e2448b2fe324d9ccda2710",
                "2519498e80f1478f37ba55bd6d27618c"},
        {32,
                "522dc1f099567d07f47f37a32a84427d643a8cdcbfe5c0c97598a2bd2555d1aa"
                "8cb08e48590dbb3da7b08b1056828838c5f61e6393ba7a0abcc9f662",
                "76fc6ece0f4e1768cddf8853bb2d551b"},
};
#define TEXT_BYTES ((size_t)60)
#define SEALED_BYTES (TEXT_BYTES + JI_AES_NONCE_BYTES + JI_AES_TAG_BYTES)

static uint8_t digit(char letter)
{
    return (uint8_t)(letter <= '9' ? letter - '0' : letter - 'a' + 10);
}

static struct ji_view from_hex(const char *hex, uint8_t *out)
{
    const size_t size = strlen(hex) / 2;
    for (size_t at = 0; at < size; at++)
        out[at] = (uint8_t)(digit(hex[2 * at]) << 4 | digit(hex[2 * at + 1]));
    return ji_view_of(out, size);
}

struct bench {
    struct joist_ctx *ctx;
    struct ji_crypto *crypto;
    uint8_t key[32];
    uint8_t nonce[12];
    uint8_t aad_bytes[32];
    uint8_t plain_bytes[64];
    struct ji_view aad;
    struct ji_view plain;
};

static void set_up(struct bench *bench)
{
    assert_ok(joist_ctx_open(NULL, &bench->ctx, NULL));
    assert_ok(ji_crypto_open(ji_ctx_mem(bench->ctx), &bench->crypto, NULL));
    (void)from_hex(key_hex, bench->key);
    (void)from_hex(nonce_hex, bench->nonce);
    bench->aad = from_hex(aad_hex, bench->aad_bytes);
    bench->plain = from_hex(plain_hex, bench->plain_bytes);
    assert_int_equal(bench->plain.size, TEXT_BYTES);
}

static void tear_down(struct bench *bench)
{
    ji_crypto_close(bench->crypto);
    joist_ctx_close(bench->ctx);
}

static struct ji_aes *open_key(const struct bench *bench, enum ji_aes_mode mode, size_t key_bytes)
{
    struct ji_aes *aes = NULL;
    const struct ji_view key = ji_view_of(bench->key, key_bytes);
    assert_ok(ji_aes_open(bench->crypto, ji_ctx_mem(bench->ctx), mode, key, &aes, NULL));
    return aes;
}

static void gcm_agrees_with_its_published_vectors(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    for (size_t index = 0; index < sizeof vectors / sizeof vectors[0]; index++) {
        uint8_t wanted[SEALED_BYTES];
        uint8_t sealed[SEALED_BYTES];
        uint8_t opened[TEXT_BYTES];
        memcpy(wanted, bench.nonce, sizeof bench.nonce);
        (void)from_hex(vectors[index].text, wanted + JI_AES_NONCE_BYTES);
        (void)from_hex(vectors[index].tag, wanted + JI_AES_NONCE_BYTES + TEXT_BYTES);
        struct ji_aes *const aes = open_key(&bench, JI_AES_GCM, vectors[index].key_bytes);
        assert_ok(ji_gcm_seal(aes, bench.nonce, bench.aad, bench.plain, sealed, NULL));
        assert_memory_equal(sealed, wanted, sizeof wanted);
        assert_ok(ji_gcm_open(aes, bench.aad, ji_view_of(sealed, sizeof sealed), opened, NULL));
        assert_memory_equal(opened, bench.plain.data, TEXT_BYTES);
        /* In place. */
        assert_ok(ji_gcm_open(
                aes, bench.aad, ji_view_of(sealed, sizeof sealed), sealed + JI_AES_NONCE_BYTES, NULL));
        assert_memory_equal(sealed + JI_AES_NONCE_BYTES, bench.plain.data, TEXT_BYTES);
        ji_aes_close(aes);
    }
    tear_down(&bench);
}

static void gcm_refuses_every_flipped_bit(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    struct ji_aes *const aes = open_key(&bench, JI_AES_GCM, 32);
    uint8_t sealed[SEALED_BYTES];
    uint8_t opened[TEXT_BYTES];
    struct joist_error err;
    assert_ok(ji_gcm_seal(aes, bench.nonce, bench.aad, bench.plain, sealed, NULL));
    for (size_t bit = 0; bit < SEALED_BYTES * 8; bit++) {
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
        memset(opened, 1, sizeof opened);
        assert_status(ji_gcm_open(aes, bench.aad, ji_view_of(sealed, sizeof sealed), opened, &err),
                JOIST_ERR_CORRUPT);
        assert_non_null(strstr(err.text, "does not authenticate"));
        assert_int_equal(opened[0] | opened[TEXT_BYTES - 1], 0);
        sealed[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    const struct ji_view less = ji_view_of(bench.aad.data, bench.aad.size - 1);
    assert_status(ji_gcm_open(aes, less, ji_view_of(sealed, sizeof sealed), opened, NULL), JOIST_ERR_CORRUPT);
    /* A failure leaves the key fit for use. */
    assert_ok(ji_gcm_open(aes, bench.aad, ji_view_of(sealed, sizeof sealed), opened, NULL));
    ji_aes_close(aes);
    tear_down(&bench);
}

static void nothing_can_be_sealed_too(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    struct ji_aes *const aes = open_key(&bench, JI_AES_GCM, 16);
    uint8_t sealed[JI_AES_NONCE_BYTES + JI_AES_TAG_BYTES];
    uint8_t none = 0;
    const struct ji_view nothing = ji_view_of(NULL, 0);
    assert_ok(ji_gcm_seal(aes, bench.nonce, nothing, nothing, sealed, NULL));
    assert_ok(ji_gcm_open(aes, nothing, ji_view_of(sealed, sizeof sealed), &none, NULL));
    sealed[sizeof sealed - 1] ^= 1;
    assert_status(
            ji_gcm_open(aes, nothing, ji_view_of(sealed, sizeof sealed), &none, NULL), JOIST_ERR_CORRUPT);
    ji_aes_close(aes);
    tear_down(&bench);
}

/* GCM spends counter 1 on the tag and goes on with 2: CTR from 1 gives the same text a block later. */
static void ctr_begins_at_one(void **state)
{
    (void)state;
    struct bench bench;
    set_up(&bench);
    for (size_t index = 0; index < sizeof vectors / sizeof vectors[0]; index++) {
        uint8_t bytes[16 + TEXT_BYTES] = {0};
        uint8_t wanted[TEXT_BYTES];
        (void)from_hex(vectors[index].text, wanted);
        memcpy(bytes + 16, bench.plain.data, TEXT_BYTES);
        struct ji_aes *const aes = open_key(&bench, JI_AES_CTR, vectors[index].key_bytes);
        assert_ok(ji_ctr_apply(aes, bench.nonce, ji_view_of(bytes, sizeof bytes), bytes, NULL));
        assert_memory_equal(bytes + 16, wanted, TEXT_BYTES);
        assert_ok(ji_ctr_apply(aes, bench.nonce, ji_view_of(bytes, sizeof bytes), bytes, NULL));
        assert_memory_equal(bytes + 16, bench.plain.data, TEXT_BYTES);
        assert_ok(ji_ctr_apply(aes, bench.nonce, ji_view_of(bytes, 0), bytes, NULL));
        ji_aes_close(aes);
    }
    tear_down(&bench);
}

static void keys_have_three_lengths(void **state)
{
    (void)state;
    for (size_t size = 0; size < 80; size++)
        assert_int_equal(ji_aes_key_fits(size), size == 16 || size == 24 || size == 32);
}

static void a_missing_libcrypto_is_unsupported_by_name(void **state)
{
    (void)state;
    struct joist_ctx *ctx = NULL;
    struct ji_crypto *crypto = NULL;
    struct joist_error err;
    assert_ok(joist_ctx_open(NULL, &ctx, NULL));
    assert_status(
            ji_crypto_open_named(ji_ctx_mem(ctx), "libnothing.so.9", &crypto, &err), JOIST_ERR_UNSUPPORTED);
    assert_string_equal(err.text, "decryption wants libnothing.so.9 of OpenSSL 3, which is not to be found");
    assert_status(ji_crypto_open_named(ji_ctx_mem(ctx), "libm.so.6", &crypto, &err), JOIST_ERR_UNSUPPORTED);
    assert_string_equal(err.text, "decryption: libm.so.6 has no EVP_CIPHER_fetch: OpenSSL 3 is wanted");
    assert_null(crypto);
    ji_crypto_close(NULL);
    ji_aes_close(NULL);
    joist_ctx_close(ctx);
}

static enum joist_status seal_something(struct joist_ctx *ctx, void *arg, struct joist_error *err)
{
    (void)arg;
    static const uint8_t key[16] = {1};
    uint8_t sealed[JI_AES_NONCE_BYTES + JI_AES_TAG_BYTES + 4];
    struct ji_crypto *crypto = NULL;
    struct ji_aes *aes = NULL;
    enum joist_status status = ji_crypto_open(ji_ctx_mem(ctx), &crypto, err);
    if (status == JOIST_OK)
        status = ji_aes_open(crypto, ji_ctx_mem(ctx), JI_AES_GCM, ji_view_of(key, sizeof key), &aes, err);
    if (status == JOIST_OK)
        status = ji_gcm_seal(aes, key, ji_view_of(key, 3), ji_view_of(key, 4), sealed, err);
    ji_aes_close(aes);
    ji_crypto_close(crypto);
    return status;
}

static void a_failing_allocation_is_said(void **state)
{
    (void)state;
    oom_sweep(seal_something, NULL);
}

#ifdef HAVE_HEADER
/* The prototypes that aes.c writes down are those of the header; nothing of it is linked. */
#define IS_TYPE(name, ...) _Static_assert(__builtin_types_compatible_p(__typeof__(name), __VA_ARGS__), #name)
IS_TYPE(EVP_CIPHER_fetch, EVP_CIPHER *(OSSL_LIB_CTX *, const char *, const char *));
IS_TYPE(EVP_CIPHER_free, void(EVP_CIPHER *));
IS_TYPE(EVP_CIPHER_CTX_new, EVP_CIPHER_CTX *(void));
IS_TYPE(EVP_CIPHER_CTX_free, void(EVP_CIPHER_CTX *));
IS_TYPE(EVP_CipherInit_ex2,
        int(EVP_CIPHER_CTX *, const EVP_CIPHER *, const unsigned char *, const unsigned char *, int,
                const OSSL_PARAM *));
IS_TYPE(EVP_CipherUpdate, int(EVP_CIPHER_CTX *, unsigned char *, int *, const unsigned char *, int));
IS_TYPE(EVP_CipherFinal_ex, int(EVP_CIPHER_CTX *, unsigned char *, int *));
IS_TYPE(EVP_CIPHER_CTX_ctrl, int(EVP_CIPHER_CTX *, int, int, void *));
IS_TYPE(ERR_set_mark, int(void));
IS_TYPE(ERR_pop_to_mark, int(void));
_Static_assert(
        EVP_CTRL_AEAD_GET_TAG == 0x10 && EVP_CTRL_AEAD_SET_TAG == 0x11, "numbers of EVP_CIPHER_CTX_ctrl");
#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(gcm_agrees_with_its_published_vectors),
            cmocka_unit_test(gcm_refuses_every_flipped_bit),
            cmocka_unit_test(nothing_can_be_sealed_too),
            cmocka_unit_test(ctr_begins_at_one),
            cmocka_unit_test(keys_have_three_lengths),
            cmocka_unit_test(a_missing_libcrypto_is_unsupported_by_name),
            cmocka_unit_test(a_failing_allocation_is_said),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
