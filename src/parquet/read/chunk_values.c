/*
 * chunk_values.c - which values a column chunk cannot have, by its Bloom filter and its dictionary
 *
 *     value -> PLAIN bytes, one form or both zeros -> hash -> filter -> dictionary
 *
 *   1. A value is lacking where each of its forms is. One that has no form is never lacking.
 *   2. The filter is asked first: it is the cheaper one. Each is opened with the first question for it.
 */
#include "codec/checksum.h"
#include "parquet/read/bloom_probe.h"
#include "parquet/read/dictionary_facts.h"
#include "parquet/read/plain_value.h"

#include <assert.h>

struct ji_parquet_values {
    struct ji_module_place place;
    struct ji_arena *arena;
    bool has_bloom; /* opened */
    bool has_dictionary;
    struct ji_bloom_probe bloom;
    struct ji_dictionary_facts dictionary;
};

enum joist_status ji_parquet_values_open(const struct joist_parquet_file *file, struct ji_arena *arena,
        size_t group, size_t leaf, struct ji_parquet_values **values, struct joist_error *err)
{
    assert(leaf < file->schema.leaf_count && file->schema.leaves[leaf].max_rep == 0);
    struct ji_parquet_values *made = NULL;
    JI_TRY(ji_arena_array(arena, 1, sizeof *made, &made, err));
    made->place = (struct ji_module_place){.file = file, .group = group, .leaf = leaf};
    made->arena = arena;
    *values = made;
    return JOIST_OK;
}

static enum joist_status ask_bloom(
        struct ji_parquet_values *values, uint64_t hash, bool *may_have, struct joist_error *err)
{
    if (!values->has_bloom) {
        const struct ji_chunk *chunk = NULL;
        values->has_bloom = true;
        JI_TRY(ji_file_chunk_in(
                values->place.file, values->place.group, values->place.leaf, values->arena, &chunk, err));
        struct ji_bloom_probe probe;
        JI_TRY(ji_bloom_probe_open(&probe, &values->place, chunk, values->arena, err));
        values->bloom = probe;
    }
    return ji_bloom_probe_may_have(&values->bloom, hash, may_have, err);
}

static enum joist_status ask_dictionary(
        struct ji_parquet_values *values, uint64_t hash, bool *may_have, struct joist_error *err)
{
    if (!values->has_dictionary) {
        values->has_dictionary = true;
        JI_TRY(ji_dictionary_facts_read(values->place.file, values->place.group, values->place.leaf,
                values->arena, &values->dictionary, err));
    }
    *may_have = ji_dictionary_facts_may_have(&values->dictionary, hash);
    return JOIST_OK;
}

enum joist_status ji_parquet_values_lack(struct ji_parquet_values *values, const struct ji_value *value,
        enum ji_value_proof proof, bool *lacking, struct joist_error *err)
{
    const struct ji_leaf *const leaf = &values->place.file->schema.leaves[values->place.leaf];
    struct ji_plain_value plain;
    *lacking = false;
    ji_plain_value(leaf, value, &plain);
    bool all = plain.count > 0;
    enum joist_status status = JOIST_OK;
    for (size_t form = 0; form < plain.count && all && status == JOIST_OK; form++) {
        const uint64_t hash = ji_xxh64(plain.forms[form].data, plain.forms[form].size, 0);
        bool may_have = true;
        status = proof == JI_PROOF_BLOOM ? ask_bloom(values, hash, &may_have, err)
                                         : ask_dictionary(values, hash, &may_have, err);
        all = status == JOIST_OK && !may_have;
    }
    if (status != JOIST_OK)
        ji_error_prefix(err, "row group %zu, column '%s'", values->place.group, leaf->name);
    *lacking = all;
    return status;
}
