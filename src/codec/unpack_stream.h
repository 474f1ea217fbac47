/*
 * unpack_stream.h - gzip and zstd files read as they come, in memory that does not grow with them
 */
#ifndef JI_UNPACK_STREAM_H
#define JI_UNPACK_STREAM_H

#include "base/mem.h"
#include "codec/codec.h"
#include "codec/packed_input.h"

/* As many first bytes tell what a file is packed with. */
#define JI_PACKED_MAGIC_BYTES 4
/* JI_CODEC_GZIP, ZSTD or NONE, by the first bytes: all of them, or those that there are. */
enum ji_codec ji_packed_with(struct ji_view first);

struct ji_unpack_stream;
/* `codec` is gzip or zstd: members or frames one after another, to the end of the input. */
enum joist_status ji_unpack_stream_open(struct ji_mem *mem, enum ji_codec codec, struct ji_packed_input input,
        struct ji_unpack_stream **stream, struct joist_error *err);
void ji_unpack_stream_close(struct ji_unpack_stream *stream); /* accepts NULL */
/*
 * The next unpacked bytes, none at the end; they live until the next call. CORRUPT where the packed ones are
 * wrong or end early; LIMIT where a zstd frame wants a larger window than the memory allows. After a failure
 * only close is left.
 */
enum joist_status ji_unpack_stream_next(
        struct ji_unpack_stream *stream, struct ji_view *bytes, struct joist_error *err);

#endif
