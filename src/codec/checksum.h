/*
 * checksum.h - CRC-32, xxHash32 and xxHash64
 */
#ifndef JI_CHECKSUM_H
#define JI_CHECKSUM_H

#include "base/bytes.h"

/* Gzip's polynomial. `crc` is 0 at first, then what the call before returned. */
uint32_t ji_crc32(uint32_t crc, const void *data, size_t size);

uint32_t ji_xxh32(const void *data, size_t size, uint32_t seed);
uint64_t ji_xxh64(const void *data, size_t size, uint64_t seed);

#endif
