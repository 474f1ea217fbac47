/*
 * checksum.c - CRC-32 and xxHash64
 *
 * Both are the libraries' own, which choose their vector code at run time.
 */
#include "codec/checksum.h"

#include <libdeflate.h>
#include <xxhash.h>

uint32_t ji_crc32(uint32_t crc, const void *data, size_t size)
{
    /* libdeflate reads a NULL buffer as a request for the initial value. */
    return size == 0 ? crc : libdeflate_crc32(crc, data, size);
}

uint32_t ji_xxh32(const void *data, size_t size, uint32_t seed)
{
    return XXH32(data, size, seed);
}

uint64_t ji_xxh64(const void *data, size_t size, uint64_t seed)
{
    return XXH64(data, size, seed);
}
