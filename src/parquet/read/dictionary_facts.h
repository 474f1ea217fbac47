/*
 * dictionary_facts.h - the dictionary of a column chunk as the set of all values that it may have
 */
#ifndef JI_DICTIONARY_FACTS_H
#define JI_DICTIONARY_FACTS_H

#include "parquet/read/parquet_file.h"

/* Hashes of the values' PLAIN bytes, in a table that is at most half full. */
struct ji_dictionary_facts {
    uint64_t *slots;   /* 0: empty */
    size_t slot_count; /* a power of two; 0: nothing is known */
};

/*
 * Reads the dictionary, where the file says that every data page of the chunk is made of its codes, and it is
 * small; else nothing is known. Memory of the arena. CORRUPT.
 */
enum joist_status ji_dictionary_facts_read(const struct joist_parquet_file *file, size_t group, size_t leaf,
        struct ji_arena *arena, struct ji_dictionary_facts *facts, struct joist_error *err);

/*
 * Whether a value of these bytes' hash (ji_xxh64, seed 0) may be in the chunk; true where nothing is known.
 */
bool ji_dictionary_facts_may_have(const struct ji_dictionary_facts *facts, uint64_t hash);

#endif
