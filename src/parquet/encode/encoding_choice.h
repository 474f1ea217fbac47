/*
 * encoding_choice.h - which encoding takes least, found out on real values
 *
 * Each encoding that the readers in view know is tried on a sample and, where there is a codec, packed by
 * it: what counts is what the file would take.
 */
#ifndef JI_ENCODING_CHOICE_H
#define JI_ENCODING_CHOICE_H

#include "codec/codec.h"
#include "parquet/encode/dictionary_write.h"
#include "parquet/encode/values_encode.h"

#define JI_ESTIMATES_MAX 6

struct ji_encoding_estimate {
    enum ji_encoding encoding;
    uint64_t bytes; /* that the sample takes, its share of a dictionary included */
};

struct ji_encoding_choice {
    struct ji_encode_plan plan;     /* RLE_DICTIONARY: codes */
    struct ji_encode_plan fallback; /* the best but for the dictionary; `plan` where that is none */
    double cost;                    /* of `plan`, bytes a value */
    double fallback_cost;
    double entry_cost; /* of the dictionary's page, an entry */
    double code_part;  /* what the codec leaves of codes */
    double entry_rate; /* new entries a value, over the last quarter of the sample */
    bool is_close;     /* between the dictionary and the fallback */
    unsigned held;     /* how many times in a row it was only looked over */
    uint64_t sample_values;
    uint64_t sample_bytes; /* PLAIN, not packed */
    size_t estimate_count;
    struct ji_encoding_estimate estimates[JI_ESTIMATES_MAX];
};

struct ji_choice_request {
    struct ji_raw_values raw;                      /* the sample: at least one value */
    uint32_t allowed;                              /* 1 << encoding, of those that suit; at least one */
    const struct ji_dictionary_writer *dictionary; /* with the sample's entries; NULL: can be none */
    const uint32_t *codes;
    uint64_t chunk_values; /* that the chunk is expected to have, the sample's included */
    enum ji_codec codec;
    int codec_level;
};

/* What the trials need; nothing of it outlives a call. */
struct ji_choice_room {
    struct ji_codec_context *codec;
    struct ji_bytes *encoded;
    struct ji_bytes *packed;
    struct ji_bytes *scratch;
};

enum joist_status ji_encoding_choose(const struct ji_choice_request *request,
        const struct ji_choice_room *room, struct ji_encoding_choice *choice, struct joist_error *err);

/*
 * Looks over an earlier choice, of the chunk before, on this chunk's values: tries only what it settled on.
 * `*holds` where that takes about what it took then; the choice has the new costs, and the old estimates.
 * Else, or after some chunks in a row, choose anew. `request->dictionary` may be NULL where
 * ji_choice_wants_codes says so.
 */
enum joist_status ji_encoding_look_over(const struct ji_choice_request *request,
        const struct ji_choice_room *room, struct ji_encoding_choice *choice, bool *holds,
        struct joist_error *err);

/* Whether there is an earlier choice that may be looked over. */
bool ji_choice_may_hold(const struct ji_encoding_choice *choice, uint32_t allowed);
static inline bool ji_choice_wants_codes(const struct ji_encoding_choice *choice)
{
    return choice->plan.encoding == JI_ENCODING_RLE_DICTIONARY;
}

/* How many new entries values made, and how many they made before, a value. */
struct ji_dictionary_growth {
    double rate_before;
    double rate;
    uint64_t apart; /* values from where the one was taken to where the other was */
};

/* Whether codes for the `more` values of the chunk still to come would take less than the fallback. */
bool ji_dictionary_pays_on(const struct ji_encoding_choice *choice, const struct ji_dictionary_growth *growth,
        uint64_t entries, uint64_t more);

/* Bits of the largest code, where there are `entries`. */
unsigned ji_code_width(uint64_t entries);

#endif
