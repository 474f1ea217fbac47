/*
 * finding.c - counts findings and hands them out
 */
#include "parquet/check/finding.h"

#include <assert.h>
#include <stdarg.h>
#include <stdio.h>

static const char *const code_names[JI_CHECK_CODES] = {
        [JI_CHECK_MAGIC] = "magic",
        [JI_CHECK_VERSION] = "version",
        [JI_CHECK_COLUMN_ORDERS] = "column-orders",
        [JI_CHECK_OVERLAP] = "overlap",
        [JI_CHECK_SCHEMA] = "schema",
        [JI_CHECK_GROUP_BYTES] = "group-bytes",
        [JI_CHECK_GROUP_OFFSET] = "group-offset",
        [JI_CHECK_GROUP_ORDINAL] = "group-ordinal",
        [JI_CHECK_SORTING] = "sorting",
        [JI_CHECK_CHUNK] = "chunk",
        [JI_CHECK_CHUNK_PATH] = "chunk-path",
        [JI_CHECK_CHUNK_OFFSET] = "chunk-offset",
        [JI_CHECK_CHUNK_BYTES] = "chunk-bytes",
        [JI_CHECK_CHUNK_VALUES] = "chunk-values",
        [JI_CHECK_CHUNK_ROWS] = "chunk-rows",
        [JI_CHECK_ENCODINGS] = "encodings",
        [JI_CHECK_ENCODING_STATS] = "encoding-stats",
        [JI_CHECK_PAGE_HEADER] = "page-header",
        [JI_CHECK_PAGE_TYPE] = "page-type",
        [JI_CHECK_PAGE_CRC] = "page-crc",
        [JI_CHECK_PAGE_BYTES] = "page-bytes",
        [JI_CHECK_PAGE_LEVELS] = "page-levels",
        [JI_CHECK_PAGE_VALUES] = "page-values",
        [JI_CHECK_PAGE_NULLS] = "page-nulls",
        [JI_CHECK_PAGE_ROWS] = "page-rows",
        [JI_CHECK_DICTIONARY] = "dictionary",
        [JI_CHECK_VALUE] = "value",
        [JI_CHECK_STATISTICS] = "statistics",
        [JI_CHECK_NULL_COUNT] = "null-count",
        [JI_CHECK_NAN_COUNT] = "nan-count",
        [JI_CHECK_DISTINCT_COUNT] = "distinct-count",
        [JI_CHECK_MIN] = "min",
        [JI_CHECK_MAX] = "max",
        [JI_CHECK_SIZE_STATISTICS] = "size-statistics",
        [JI_CHECK_GEO_STATISTICS] = "geospatial-statistics",
        [JI_CHECK_SIBLING_LEVELS] = "sibling-levels",
        [JI_CHECK_VARIANT] = "variant",
        [JI_CHECK_OFFSET_INDEX] = "offset-index",
        [JI_CHECK_COLUMN_INDEX] = "column-index",
        [JI_CHECK_BOUNDARY_ORDER] = "boundary-order",
        [JI_CHECK_BLOOM_FILTER] = "bloom-filter",
        [JI_CHECK_LEGACY] = "legacy",
};

void ji_checker_place(struct ji_checker *checker, int64_t group, const char *column)
{
    checker->group = group;
    checker->column = column;
    checker->page = -1;
    checker->offset = -1;
    memset(checker->told, 0, sizeof checker->told);
}

void ji_checker_page(struct ji_checker *checker, int64_t page, int64_t offset)
{
    checker->page = page;
    checker->offset = offset;
}

/* Counts it; true where it is to be told. */
static bool count(struct ji_checker *checker, enum joist_finding_kind kind, enum ji_check_code code)
{
    struct joist_parquet_checked *const checked = &checker->checked;
    if (kind == JOIST_FINDING_NOTE) {
        checked->notes++;
        return checker->options.notes && checker->told[code]++ < JI_FINDINGS_A_CHUNK;
    }
    if (kind == JOIST_FINDING_UNVERIFIED)
        checked->unverified++;
    else
        checked->faults++;
    if (checker->told[code]++ >= JI_FINDINGS_A_CHUNK || checked->told >= checker->options.findings_max)
        return false;
    checked->told++;
    return true;
}

static enum joist_status tell(struct ji_checker *checker, enum joist_finding_kind kind,
        enum ji_check_code code, const char *text, struct joist_error *err)
{
    const struct joist_parquet_finding finding = {
            .struct_size = sizeof finding,
            .kind = kind,
            .code = code_names[code],
            .group = checker->group,
            .column = checker->column,
            .page = checker->page,
            .offset = checker->offset,
            .text = text,
    };
    if (checker->options.finding == NULL)
        return JOIST_OK;
    return checker->options.finding(checker->options.user, &finding, err);
}

#define TELL_FORMATTED(checker_, kind_, code_, err_, format_)                                                \
    do {                                                                                                     \
        if (!count((checker_), (kind_), (code_)))                                                            \
            return JOIST_OK;                                                                                 \
        char text[JOIST_ERROR_TEXT_MAX];                                                                     \
        va_list arguments;                                                                                   \
        va_start(arguments, format_);                                                                        \
        (void)vsnprintf(text, sizeof text, (format_), arguments);                                            \
        va_end(arguments);                                                                                   \
        return tell((checker_), (kind_), (code_), text, (err_));                                             \
    } while (0)

enum joist_status ji_find(
        struct ji_checker *checker, enum ji_check_code code, struct joist_error *err, const char *format, ...)
{
    TELL_FORMATTED(checker, JOIST_FINDING_FAULT, code, err, format);
}

enum joist_status ji_find_note(
        struct ji_checker *checker, enum ji_check_code code, struct joist_error *err, const char *format, ...)
{
    TELL_FORMATTED(checker, JOIST_FINDING_NOTE, code, err, format);
}

enum joist_status ji_find_unverified(
        struct ji_checker *checker, enum ji_check_code code, struct joist_error *err, const char *format, ...)
{
    TELL_FORMATTED(checker, JOIST_FINDING_UNVERIFIED, code, err, format);
}

enum joist_status ji_find_status(struct ji_checker *checker, enum ji_check_code code,
        const struct joist_error *what, struct joist_error *err)
{
    assert(what->status != JOIST_OK);
    if (what->status == JOIST_ERR_CORRUPT)
        return ji_find(checker, code, err, "%s", what->text);
    if (what->status == JOIST_ERR_UNSUPPORTED || what->status == JOIST_ERR_DENIED)
        return ji_find_unverified(checker, code, err, "%s", what->text);
    if (err != NULL)
        *err = *what;
    return what->status;
}
