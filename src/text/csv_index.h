/*
 * csv_index.h - where the fields of CSV end
 */
#ifndef JI_CSV_INDEX_H
#define JI_CSV_INDEX_H

#include "base/buffer.h"

struct ji_csv_format {
    uint8_t delimiter;
    uint8_t quote;
};

#define JI_CSV_NOT_BAD SIZE_MAX
/* What stands before the first end: one more is 0, where the first field begins. */
#define JI_CSV_NO_END UINT32_MAX

struct ji_csv_index {
    struct ji_bytes
            ends; /* uint32_t each: JI_CSV_NO_END, then every delimiter and line feed outside of quotes */
    size_t count;
    size_t row_ends;   /* of which line feeds */
    uint64_t newlines; /* line feeds, those in quotes too */
    size_t bad;        /* the first byte that breaks the rules of quoting, or JI_CSV_NOT_BAD */
    bool open;         /* the bytes end within quotes */
    bool high;         /* there are bytes above 0x7F */
    bool doubled;      /* there are doubled quotes within quotes */
};

/* How wide a step is: what the machine has, unless a test asks for the plain one. */
enum ji_csv_level { JI_CSV_BEST = 0, JI_CSV_PLAIN };

/*
 * Of bytes that begin outside of quotes, at the start of a field; fewer than 4 GiB. What `index` held is
 * replaced, its memory is used again.
 */
enum joist_status ji_csv_index_build(struct ji_csv_index *index, struct ji_view text,
        const struct ji_csv_format *format, enum ji_csv_level level, struct joist_error *err);

/* Of an index that was built. */
static inline const uint32_t *ji_csv_ends(const struct ji_csv_index *index)
{
    return (const uint32_t *)(const void *)index->ends.data + 1;
}

#endif
