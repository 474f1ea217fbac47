/*
 * murmur3.h - MurmurHash3, x86, 32 bits: the hash of Iceberg's bucket transform
 *
 * Iceberg's spec, appendix B: seed 0, integers as 8 little-endian bytes. The result is the hash's 32 bits;
 * bucket takes them without the sign bit.
 */
#ifndef JI_MURMUR3_H
#define JI_MURMUR3_H

#include "base/bytes.h"

uint32_t ji_murmur3_x86_32(const void *data, size_t size, uint32_t seed);

#endif
