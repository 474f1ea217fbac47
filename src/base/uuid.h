/*
 * uuid.h - version 4 UUIDs
 */
#ifndef JI_UUID_H
#define JI_UUID_H

#include "base/ctx.h"

#define JI_UUID_TEXT_BYTES ((size_t)37) /* 36 and a NUL */

/* A fresh random one, lower case: "8c5a4c9e-0f1b-4f0e-9c1d-2b9a7f4e3d21". */
enum joist_status ji_uuid_new(struct joist_ctx *ctx, char text[JI_UUID_TEXT_BYTES], struct joist_error *err);

/* 16 bytes, most significant first, to text and back; either case and no other form is read. */
void ji_uuid_print(const uint8_t bytes[16], char text[JI_UUID_TEXT_BYTES]);
bool ji_uuid_parse(const char *data, size_t size, uint8_t bytes[16]);

#endif
