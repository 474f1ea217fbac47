/*
 * text_feed.h - bytes of a source, cut into parts at row ends and parsed in parallel
 *
 * What CSV and NDJSON have in common: blocks, rows that cross them, line numbers, threads. The feed knows of
 * a row only where it ends: at a line feed that is not within quotes.
 *
 *     open -> sample -> skip (the header) -> { round -> parts, in the order of the file } -> close
 *
 * One owner; `ji_text_feed_line` may be asked from within a round by any of its workers.
 */
#ifndef JI_TEXT_FEED_H
#define JI_TEXT_FEED_H

#include "base/ctx.h"
#include "base/io.h"
#include "text/text_stream.h"

/* A row longer than that is refused. */
#define JI_TEXT_ROW_BYTES_MAX ((size_t)64 << 20)
/* Bytes before the first and behind the last of a part that may be read (and mean nothing). */
#define JI_TEXT_PAD 64
#define JI_TEXT_NO_QUOTE (-1)

/* Sizes that tests set; zeros take what suits the context. */
struct ji_text_tuning {
    size_t part_bytes; /* about that much a part */
    size_t parts;      /* a round */
    bool exact; /* no short ways: all lines of NDJSON through the exact reader, all fields of CSV gathered */
};

struct ji_text_part {
    const uint8_t *begin; /* whole rows; the last byte is a line feed */
    size_t size;
    uint64_t newlines; /* set by the parser: line feeds, those in quotes too */
};

struct ji_text_block {
    struct ji_buffer *buffer;
    size_t begin;
    size_t end;
    size_t whole_end; /* where the last whole row ends */
    size_t quotes;    /* within [begin, end), once all of it has been read */
    bool final;       /* the source has no more behind `end` */
};

struct ji_text_feed;
/* Parses part `index`; may run on any thread, the parts of a round at once. */
typedef enum joist_status (*ji_text_parse_fn)(void *arg, size_t index, struct joist_error *err);
/* Looks at rows that have no end yet; fails where they are wrong already. */
typedef enum joist_status (*ji_text_check_fn)(
        void *arg, const uint8_t *begin, size_t size, struct joist_error *err);

struct ji_text_feed {
    struct joist_ctx *ctx;
    struct ji_mem *mem;
    struct joist_source source;
    const struct joist_cancel *cancel;
    int quote; /* or JI_TEXT_NO_QUOTE */
    size_t part_bytes;
    size_t parts_max;
    ji_text_check_fn check; /* or NULL */
    void *check_arg;

    uint64_t offset; /* of the source: bytes read so far */
    uint64_t line;   /* that `now.begin` is in, from 1 */
    struct ji_text_block now;
    struct ji_text_block ahead; /* read while `now`'s last rows are parsed */
    struct ji_text_block held;  /* of the round before, where `holds` */
    bool holds;                 /* rows of the round before are read while this one is parsed */
    bool has_ahead;
    bool ahead_read; /* in this round, which may have failed */
    enum joist_status ahead_status;
    struct joist_error ahead_error;

    struct ji_text_part *parts; /* parts_made, of which parts_max are used */
    size_t parts_made;
    size_t part_count;
    ji_text_parse_fn parse; /* of this round */
    void *parse_arg;
};

/*
 * Reads the first `sample_bytes` (or more, until there is a whole row). A byte order mark is passed over,
 * UTF-16 and UTF-32 are UNSUPPORTED. The source is borrowed until close. On failure nothing is left open.
 */
enum joist_status ji_text_feed_open(struct ji_text_feed *feed, struct joist_source source,
        size_t sample_bytes, const struct ji_text_tuning *tuning, struct joist_error *err);
void ji_text_feed_close(struct ji_text_feed *feed);

/* The whole rows of the first block; size 0 where there is none. */
struct ji_view ji_text_feed_sample(const struct ji_text_feed *feed);
/* Passes over the first `bytes` of them, that hold `newlines` line feeds. */
void ji_text_feed_skip(struct ji_text_feed *feed, size_t bytes, uint64_t newlines);
/* Where all of them have been passed over: reads on until there is one, or the source ends. */
enum joist_status ji_text_feed_refill(struct ji_text_feed *feed, struct joist_error *err);

/* From now on at most `parts` a round, 1 at least: where what is made of a part takes much memory. */
void ji_text_feed_limit_parts(struct ji_text_feed *feed, size_t parts);

/*
 * The next round in three steps, for who has other work to do beside it: `*pieces` are planned (0 at the
 * end), each is run once, on any thread, and then the round is over.
 */
enum joist_status ji_text_feed_plan(struct ji_text_feed *feed, ji_text_parse_fn parse, void *arg,
        size_t *pieces, struct joist_error *err);
enum joist_status ji_text_feed_run(struct ji_text_feed *feed, size_t piece, struct joist_error *err);
void ji_text_feed_over(struct ji_text_feed *feed);

/*
 * All three: `part_count` parts, each parsed with success; 0 at the end. The bytes of the round before
 * are gone then; with `holds` those of the one before that.
 */
enum joist_status ji_text_feed_round(
        struct ji_text_feed *feed, ji_text_parse_fn parse, void *arg, struct joist_error *err);

/* The next round has the bytes of the one that failed again. */
void ji_text_feed_again(struct ji_text_feed *feed);

/* The line (from 1) of a byte of this round or sample. */
uint64_t ji_text_feed_line(const struct ji_text_feed *feed, const uint8_t *at);
/* Bytes behind which all is parsed. */
uint64_t ji_text_feed_done(const struct ji_text_feed *feed);

#endif
