/*
 * byte_count.h - how often a byte comes
 */
#ifndef JI_BYTE_COUNT_H
#define JI_BYTE_COUNT_H

#include "base/bytes.h"

size_t ji_byte_count(const uint8_t *data, size_t size, uint8_t byte);
/* The plain reference. */
size_t ji_byte_count_plain(const uint8_t *data, size_t size, uint8_t byte);

#endif
