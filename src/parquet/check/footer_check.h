/*
 * footer_check.h - the parts of a check that need no page
 */
#ifndef JI_FOOTER_CHECK_H
#define JI_FOOTER_CHECK_H

#include "codec/codec.h"
#include "parquet/check/finding.h"

/* Magic, version, column orders, row groups' sums and offsets, byte ranges that must not overlap. */
enum joist_status ji_check_footer(struct ji_checker *checker, struct joist_error *err);

/* --- schema_check.c --- */

/* Annotations against what they annotate. */
enum joist_status ji_check_schema(struct ji_checker *checker, struct joist_error *err);

/* --- sorting_check.c --- */

/* The rows of a group against its sorting_columns. */
enum joist_status ji_check_sorting(struct ji_checker *checker, size_t group, struct joist_error *err);

/* --- variant_check.c --- */

/* Metadata, fields and elements of VARIANT groups that are optional and must not be. */
enum joist_status ji_check_variant_groups(struct ji_checker *checker, struct joist_error *err);
/* The variants of a row group: dictionaries, values, and how the shredded parts go together. */
enum joist_status ji_check_variants(
        struct ji_checker *checker, size_t group, struct ji_codec_context *codecs, struct joist_error *err);

#endif
