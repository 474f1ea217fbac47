/*
 * text_options.h - joist_text_options, checked and with their defaults
 */
#ifndef JI_TEXT_OPTIONS_H
#define JI_TEXT_OPTIONS_H

#include "arrow/arrow_schema.h"
#include "text/text_stream.h"

#define JI_SAMPLE_BYTES_DEFAULT ((uint64_t)1 << 20)
#define JI_SAMPLE_BYTES_MAX ((uint64_t)1 << 30)

/*
 * A whole struct of what the caller gave (NULL: all defaults): delimiter, quote and sample_bytes are set.
 * `name` is the source's, for the delimiter of .tsv. INVALID where they contradict each other.
 */
enum joist_status ji_text_options_take(const struct joist_text_options *from, const char *name,
        struct joist_text_options *to, struct joist_error *err);

/* The schema that the caller gave, in the arena: `schema`, else options->schema, else one without columns. */
enum joist_status ji_text_schema(struct ji_arena *arena, const struct joist_text_options *options,
        const struct ji_schema *schema, struct ji_schema *given, struct joist_error *err);

/*
 * Puts the types of "column=type" over the columns', and clears their `guessed` (NULL allowed). INVALID for a
 * column that there is not.
 */
enum joist_status ji_text_override_types(struct ji_arena *arena, const struct joist_text_options *options,
        struct ji_field *columns, size_t column_count, bool *guessed, struct joist_error *err);

/* A value for an error message: one line, cut where it is long. `out` has JI_SHOWN_BYTES bytes. */
#define JI_SHOWN_BYTES 100
const char *ji_text_shown(struct ji_view value, char *out);

#endif
