/*
 * aes.c - AES-GCM and AES-CTR through EVP, libcrypto being opened by name
 *
 *     ji_crypto_open: dlopen, dlsym     ji_aes_open: cipher, key     then: nonce, bytes, tag
 *
 *   1. No symbol of libcrypto is linked: the library loads and the command starts without it.
 *   2. Once loaded it stays (RTLD_NODELETE): its exit handlers and thread keys point into it.
 *   3. What a failing call leaves on the thread's error queue is taken off again: the queue is the host's.
 *
 * The prototypes are those that OpenSSL 3 documents in EVP_EncryptInit(3) and ERR_set_mark(3); a test
 * compares them with the header's. It is the default library context, so that a host's set-up (FIPS) holds.
 */
#include "codec/aes.h"

#include <assert.h>
#include <dlfcn.h>

#define LIBRARY_NAME "libcrypto.so.3"
#define COUNTER_BLOCK_BYTES 16

/* EVP_CTRL_AEAD_GET_TAG and EVP_CTRL_AEAD_SET_TAG. */
#define CONTROL_GET_TAG 0x10
#define CONTROL_SET_TAG 0x11

/*
 * What libcrypto allocates for a key: EVP_CIPHER_CTX and the provider's own, measured for release 3.0 by
 * counting malloc, rounded up.
 */
#define STATE_BYTES ((size_t)2048)

struct crypto_calls {
    void *(*cipher_fetch)(void *library_context, const char *algorithm, const char *properties);
    void (*cipher_free)(void *cipher);
    void *(*state_new)(void);
    void (*state_free)(void *state);
    int (*init)(void *state, const void *cipher, const unsigned char *key, const unsigned char *nonce,
            int encrypt, const void *parameters);
    int (*update)(void *state, unsigned char *out, int *out_bytes, const unsigned char *in, int in_bytes);
    int (*final)(void *state, unsigned char *out, int *out_bytes);
    int (*control)(void *state, int type, int number, void *pointer);
    int (*set_mark)(void);
    int (*pop_to_mark)(void);
};

struct ji_crypto {
    struct ji_mem *mem;
    void *library;
    struct crypto_calls calls;
};

struct ji_aes {
    const struct crypto_calls *calls;
    struct ji_mem *mem;
    void *state;
};

static enum joist_status find_calls(struct ji_crypto *crypto, const char *library, struct joist_error *err)
{
    static const struct {
        const char *name;
        size_t offset;
    } wanted[] = {
            {"EVP_CIPHER_fetch", offsetof(struct crypto_calls, cipher_fetch)},
            {"EVP_CIPHER_free", offsetof(struct crypto_calls, cipher_free)},
            {"EVP_CIPHER_CTX_new", offsetof(struct crypto_calls, state_new)},
            {"EVP_CIPHER_CTX_free", offsetof(struct crypto_calls, state_free)},
            {"EVP_CipherInit_ex2", offsetof(struct crypto_calls, init)},
            {"EVP_CipherUpdate", offsetof(struct crypto_calls, update)},
            {"EVP_CipherFinal_ex", offsetof(struct crypto_calls, final)},
            {"EVP_CIPHER_CTX_ctrl", offsetof(struct crypto_calls, control)},
            {"ERR_set_mark", offsetof(struct crypto_calls, set_mark)},
            {"ERR_pop_to_mark", offsetof(struct crypto_calls, pop_to_mark)},
    };
    _Static_assert(sizeof wanted / sizeof wanted[0] * sizeof(void (*)(void)) == sizeof(struct crypto_calls),
            "every call is looked up");
    for (size_t index = 0; index < sizeof wanted / sizeof wanted[0]; index++) {
        void *const found = dlsym(crypto->library, wanted[index].name);
        if (found == NULL)
            return ji_fail(err, JOIST_ERR_UNSUPPORTED, "decryption: %s has no %s: OpenSSL 3 is wanted",
                    library, wanted[index].name);
        /* C has no cast from an object's pointer to a function's; POSIX says that their bytes agree. */
        memcpy((uint8_t *)&crypto->calls + wanted[index].offset, &found, sizeof found);
    }
    return JOIST_OK;
}

enum joist_status ji_crypto_open_named(
        struct ji_mem *mem, const char *library, struct ji_crypto **crypto, struct joist_error *err)
{
    struct ji_crypto *made = NULL;
    JI_TRY(ji_alloc_zero(mem, 1, sizeof *made, &made, err));
    made->mem = mem;
    made->library = dlopen(library, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
    const enum joist_status status = made->library != NULL
            ? find_calls(made, library, err)
            : ji_fail(err, JOIST_ERR_UNSUPPORTED,
                      "decryption wants %s of OpenSSL 3, which is not to be found", library);
    if (status != JOIST_OK) {
        ji_crypto_close(made);
        return status;
    }
    *crypto = made;
    return JOIST_OK;
}

enum joist_status ji_crypto_open(struct ji_mem *mem, struct ji_crypto **crypto, struct joist_error *err)
{
    return ji_crypto_open_named(mem, LIBRARY_NAME, crypto, err);
}

void ji_crypto_close(struct ji_crypto *crypto)
{
    if (crypto == NULL)
        return;
    if (crypto->library != NULL)
        (void)dlclose(crypto->library);
    ji_free(crypto->mem, crypto, sizeof *crypto);
}

/* Gives the state cipher and key; whether it encrypts is said with each nonce. */
static enum joist_status set_key(
        struct ji_aes *aes, enum ji_aes_mode mode, struct ji_view key, struct joist_error *err)
{
    static const char *const names[2][3] = {
            [JI_AES_GCM] = {"AES-128-GCM", "AES-192-GCM", "AES-256-GCM"},
            [JI_AES_CTR] = {"AES-128-CTR", "AES-192-CTR", "AES-256-CTR"},
    };
    const struct crypto_calls *const calls = aes->calls;
    const char *const name = names[mode][key.size / 8 - 2];
    (void)calls->set_mark();
    aes->state = calls->state_new();
    void *const cipher = calls->cipher_fetch(NULL, name, NULL);
    const bool is_set = aes->state != NULL && cipher != NULL &&
            calls->init(aes->state, cipher, key.data, NULL, 1, NULL) == 1;
    const bool is_known = cipher != NULL;
    calls->cipher_free(cipher);
    (void)calls->pop_to_mark();
    if (is_set)
        return JOIST_OK;
    if (aes->state != NULL && !is_known)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "decryption: libcrypto, as it is set up, has no %s", name);
    return ji_fail(err, JOIST_ERR_NO_MEMORY, "decryption: no memory for a key of %s", name);
}

enum joist_status ji_aes_open(const struct ji_crypto *crypto, struct ji_mem *mem, enum ji_aes_mode mode,
        struct ji_view key, struct ji_aes **aes, struct joist_error *err)
{
    assert(ji_aes_key_fits(key.size));
    struct ji_aes *made = NULL;
    JI_TRY(ji_mem_reserve(mem, STATE_BYTES, err));
    const enum joist_status granted = ji_alloc_zero(mem, 1, sizeof *made, &made, err);
    if (granted != JOIST_OK) {
        ji_mem_release(mem, STATE_BYTES);
        return granted;
    }
    made->calls = &crypto->calls;
    made->mem = mem;
    const enum joist_status status = set_key(made, mode, key, err);
    if (status != JOIST_OK) {
        ji_aes_close(made);
        return status;
    }
    *aes = made;
    return JOIST_OK;
}

void ji_aes_close(struct ji_aes *aes)
{
    if (aes == NULL)
        return;
    struct ji_mem *const mem = aes->mem;
    aes->calls->state_free(aes->state);
    ji_free(mem, aes, sizeof *aes);
    ji_mem_release(mem, STATE_BYTES);
}

/* Begins a message: nonce and additional data. */
static bool begin(struct ji_aes *aes, const uint8_t *nonce, struct ji_view aad, bool encrypt)
{
    int taken = 0;
    return aes->calls->init(aes->state, NULL, NULL, nonce, encrypt, NULL) == 1 &&
            (aad.size == 0 || aes->calls->update(aes->state, NULL, &taken, aad.data, (int)aad.size) == 1);
}

/* All of `in` to `out`: both modes are stream ciphers, which keep nothing back. */
static bool run(struct ji_aes *aes, struct ji_view in, uint8_t *out)
{
    int made = 0;
    if (in.size == 0)
        return true;
    return aes->calls->update(aes->state, out, &made, in.data, (int)in.size) == 1 && (size_t)made == in.size;
}

static enum joist_status refuse(struct joist_error *err)
{
    return ji_fail(err, JOIST_ERR_INTERNAL, "libcrypto refused a call");
}

enum joist_status ji_gcm_open(
        struct ji_aes *aes, struct ji_view aad, struct ji_view sealed, uint8_t *out, struct joist_error *err)
{
    assert(sealed.size >= JI_AES_NONCE_BYTES + JI_AES_TAG_BYTES);
    assert(sealed.size <= JI_AES_BYTES_MAX && aad.size <= JI_AES_BYTES_MAX);
    const size_t size = sealed.size - JI_AES_NONCE_BYTES - JI_AES_TAG_BYTES;
    const struct ji_view text = ji_view_of(sealed.data + JI_AES_NONCE_BYTES, size);
    uint8_t tag[JI_AES_TAG_BYTES];
    memcpy(tag, text.data + size, sizeof tag);
    int more = 0;
    (void)aes->calls->set_mark();
    const bool is_run = begin(aes, sealed.data, aad, false) && run(aes, text, out) &&
            aes->calls->control(aes->state, CONTROL_SET_TAG, (int)sizeof tag, tag) == 1;
    const bool is_genuine = is_run && aes->calls->final(aes->state, tag, &more) == 1;
    (void)aes->calls->pop_to_mark();
    if (is_genuine)
        return JOIST_OK;
    if (size > 0)
        memset(out, 0, size);
    if (!is_run)
        return refuse(err);
    return ji_fail(err, JOIST_ERR_CORRUPT,
            "does not authenticate: its bytes were changed or moved, or key or AAD prefix are not its own");
}

enum joist_status ji_gcm_seal(struct ji_aes *aes, const uint8_t nonce[JI_AES_NONCE_BYTES], struct ji_view aad,
        struct ji_view plain, uint8_t *out, struct joist_error *err)
{
    assert(plain.size <= JI_AES_BYTES_MAX && aad.size <= JI_AES_BYTES_MAX);
    uint8_t *const text = out + JI_AES_NONCE_BYTES;
    uint8_t *const tag = text + plain.size;
    int more = 0;
    (void)aes->calls->set_mark();
    const bool is_sealed = begin(aes, nonce, aad, true) && run(aes, plain, text) &&
            aes->calls->final(aes->state, tag, &more) == 1 &&
            aes->calls->control(aes->state, CONTROL_GET_TAG, (int)JI_AES_TAG_BYTES, tag) == 1;
    (void)aes->calls->pop_to_mark();
    if (!is_sealed)
        return refuse(err);
    memcpy(out, nonce, JI_AES_NONCE_BYTES);
    return JOIST_OK;
}

enum joist_status ji_ctr_apply(struct ji_aes *aes, const uint8_t nonce[JI_AES_NONCE_BYTES], struct ji_view in,
        uint8_t *out, struct joist_error *err)
{
    assert(in.size <= JI_AES_BYTES_MAX);
    uint8_t block[COUNTER_BLOCK_BYTES];
    memcpy(block, nonce, JI_AES_NONCE_BYTES);
    ji_store_be32(block + JI_AES_NONCE_BYTES, 1);
    (void)aes->calls->set_mark();
    const bool is_run = begin(aes, block, ji_view_of(NULL, 0), true) && run(aes, in, out);
    (void)aes->calls->pop_to_mark();
    return is_run ? JOIST_OK : refuse(err);
}
