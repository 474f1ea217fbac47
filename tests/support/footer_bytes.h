/*
 * footer_bytes.h - a footer whose row groups are all at hand, as bytes
 */
#ifndef JI_FOOTER_BYTES_H
#define JI_FOOTER_BYTES_H

#include "support/test.h"

#include "parquet/format/footer_write.h"

static inline void footer_bytes(struct ji_bytes *out, const struct ji_footer *footer)
{
    struct ji_thrift_writer writer;
    assert_ok(ji_footer_begin(&writer, out, footer, NULL));
    for (size_t i = 0; i < footer->group_count; i++)
        assert_ok(ji_footer_group(&writer, &footer->groups[i]));
    assert_ok(ji_footer_end(&writer, footer));
}

#endif
