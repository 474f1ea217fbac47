/*
 * page_read.h - the pages of one column chunk, one after another
 */
#ifndef JI_PAGE_READ_H
#define JI_PAGE_READ_H

#include "base/buffer.h"
#include "base/io.h"
#include "codec/codec.h"
#include "parquet/format/page_header_read.h"
#include "parquet/read/page_cipher.h"

struct ji_page_reader {
    const struct joist_source *source;
    struct ji_mem *mem;
    struct ji_codec_context *codecs; /* borrowed: one a cursor */
    enum ji_codec codec;
    bool no_crc;
    struct ji_mem *buffer_mem; /* of the buffers that pages are unpacked to; `mem` unless set otherwise */
    bool in_window;            /* pages that need no unpacking stay in the window */
    uint64_t begin;            /* the chunk's bytes in the file */
    uint64_t end;
    uint64_t position;             /* of the next header */
    struct ji_page_cipher *cipher; /* NULL: plaintext; else owned */
    size_t data_page;              /* the number of the next data page: encrypted ones are bound to theirs */
    uint8_t *window;               /* what was read, from window_offset on */
    size_t window_capacity;
    size_t window_read_bytes; /* how much to read at once */
    uint64_t hint_bytes;      /* how far ahead the source is told of what will be read; 0: not */
    uint64_t hinted_end;      /* it knows of what is before */
    uint64_t read_end;        /* what is behind it is not wanted and read only where a page goes on */
    uint64_t window_offset;
    size_t window_bytes;
};

/* What a data page consists of; a dictionary page has values alone. */
struct ji_page_parts {
    struct ji_view reps; /* v2: the runs; v1: data NULL, they stand before the values */
    struct ji_view defs;
    struct ji_view values;
};

/* UNSUPPORTED names a codec that we lack. `reader` needs no clear after a failure. */
enum joist_status ji_page_reader_init(struct ji_page_reader *reader, struct ji_mem *mem,
        const struct joist_source *source, struct ji_codec_context *codecs, const struct ji_chunk *chunk,
        uint64_t begin, struct joist_error *err);
void ji_page_reader_clear(struct ji_page_reader *reader);

static inline bool ji_page_reader_at_end(const struct ji_page_reader *reader)
{
    return reader->position >= reader->end;
}

/* The header at `position`, which stays where it is. Not at the end. */
enum joist_status ji_page_reader_header(struct ji_page_reader *reader, struct ji_page_header *header,
        size_t *header_bytes, struct joist_error *err);
/* Passes over the page of that header without reading it. */
void ji_page_reader_pass(
        struct ji_page_reader *reader, const struct ji_page_header *header, size_t header_bytes);
/*
 * Reads, checks and unpacks the page of that header and passes over it. Its parts live in `*buffer`
 * (renewed), or, where `in_window` is set and nothing had to be unpacked, in the window until the next call
 * of any of these.
 */
enum joist_status ji_page_reader_load(struct ji_page_reader *reader, const struct ji_page_header *header,
        size_t header_bytes, struct ji_buffer **buffer, struct ji_page_parts *parts, struct joist_error *err);

#endif
