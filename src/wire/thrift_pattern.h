/*
 * thrift_pattern.h - skips structs that look like the one before
 */
#ifndef JI_THRIFT_PATTERN_H
#define JI_THRIFT_PATTERN_H

#include "wire/thrift.h"

/* A longer struct makes no pattern: it is skipped value by value. */
#define JI_THRIFT_PATTERN_BYTES_MAX 512

/* What a run of bytes of the pattern is. */
struct ji_thrift_token {
    uint16_t start;
    uint16_t end;
    uint8_t kind;
};

struct ji_thrift_pattern {
    size_t size;     /* 0: nothing learned */
    unsigned depth;  /* of the reader that it was learned from */
    unsigned strays; /* structs in a row that differed in some length */
    size_t token_count;
    uint8_t bytes[JI_THRIFT_PATTERN_BYTES_MAX + 32]; /* behind `size`: any, with a mask of 0 */
    uint8_t mask[JI_THRIFT_PATTERN_BYTES_MAX + 32];
    uint16_t token_of[JI_THRIFT_PATTERN_BYTES_MAX + 32];
    struct ji_thrift_token tokens[JI_THRIFT_PATTERN_BYTES_MAX];
};

static inline void ji_thrift_pattern_init(struct ji_thrift_pattern *pattern)
{
    pattern->size = 0;
    pattern->strays = 0;
}

/* Passes over a struct that resembles the pattern; false, and nothing done, where it does not. */
bool ji_thrift_pattern_pass(struct ji_thrift_pattern *pattern, struct ji_thrift_reader *reader);
/*
 * What ji_thrift_skip(reader, JI_THRIFT_STRUCT) does, to the byte and to the failure; fast where the struct
 * resembles the last one that was skipped with the same pattern.
 */
void ji_thrift_pattern_skip(struct ji_thrift_pattern *pattern, struct ji_thrift_reader *reader);

#endif
