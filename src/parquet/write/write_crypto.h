/*
 * write_crypto.h - the keys of a file that is being written, and which leaves they are of
 */
#ifndef JI_WRITE_CRYPTO_H
#define JI_WRITE_CRYPTO_H

#include "base/ctx.h"
#include "parquet/format/module_seal.h"
#include "parquet/format/parquet_schema.h"
#include "parquet/parquet_file_writer.h"

struct ji_leaf_crypto {
    bool is_encrypted;
    bool has_own_key;
    struct ji_view key_metadata; /* data NULL: none */
    struct ji_module_seal seal;  /* where encrypted: one thread's at a time, as the leaf is */
};

struct ji_write_crypto {
    struct ji_mem *mem;
    struct ji_crypto *crypto;
    struct ji_encryption encryption; /* views into the arena */
    bool plain_footer;
    struct ji_module_seal footer;
    struct ji_leaf_crypto *leaves;
    size_t leaf_count;
};

/*
 * Of options that are borrowed for the call; what is kept of them is the arena's, but for keys, which
 * libcrypto keeps. INVALID names a column that is not there, or a key of another length; UNSUPPORTED where
 * there is no libcrypto.
 */
enum joist_status ji_write_crypto_open(struct joist_ctx *ctx, struct ji_mem *mem, struct ji_arena *arena,
        const struct joist_parquet_encryption *options, const struct ji_parquet_schema *schema,
        struct ji_write_crypto **crypto, struct joist_error *err);
void ji_write_crypto_close(struct ji_write_crypto *crypto); /* accepts NULL */

/* All leaves are those of that row group from here on. */
enum joist_status ji_write_crypto_group(
        struct ji_write_crypto *crypto, size_t group, struct joist_error *err);

#endif
