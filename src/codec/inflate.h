/*
 * inflate.h - gzip, read as it comes: any number of members, in memory that does not grow with them
 */
#ifndef JI_INFLATE_H
#define JI_INFLATE_H

#include "base/mem.h"
#include "codec/packed_input.h"

struct ji_inflate;

enum joist_status ji_inflate_open(struct ji_mem *mem, struct ji_packed_input input,
        struct ji_inflate **inflate, struct joist_error *err);
void ji_inflate_close(struct ji_inflate *inflate); /* accepts NULL */
/*
 * The next unpacked bytes, none at the end; they live until the next call. CORRUPT where the packed ones
 * break the format (RFC 1951, 1952), end early, or do not give the checksum and size that they say. After a
 * failure only close is left.
 */
enum joist_status ji_inflate_next(struct ji_inflate *inflate, struct ji_view *bytes, struct joist_error *err);

#endif
