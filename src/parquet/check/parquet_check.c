/*
 * parquet_check.c - a whole file against the format's text
 *
 *     footer -> schema -> row groups: chunk by chunk, then variants, then the order of rows
 */
#include <assert.h>

#include "parquet/check/chunk_walk.h"
#include "parquet/check/footer_check.h"

#define FINDINGS_MAX 1000

static enum joist_status check_all(
        struct ji_checker *checker, struct ji_codec_context *codecs, struct joist_error *err)
{
    const struct joist_parquet_file *const file = checker->file;
    JI_TRY(ji_check_footer(checker, err));
    JI_TRY(ji_check_schema(checker, err));
    JI_TRY(ji_check_variant_groups(checker, err));
    for (size_t group = 0; group < file->footer.group_count; group++) {
        checker->before.is_known = false;
        for (size_t leaf = 0; leaf < file->schema.leaf_count; leaf++)
            JI_TRY(ji_check_chunk(checker, group, leaf, codecs, err));
        JI_TRY(ji_check_variants(checker, group, codecs, err));
        JI_TRY(ji_check_sorting(checker, group, err));
    }
    return JOIST_OK;
}

enum joist_status joist_parquet_check(const struct joist_parquet_file *file,
        const struct joist_parquet_check_options *options, struct joist_parquet_checked *checked,
        struct joist_error *err)
{
    assert(file != NULL);
    assert(checked != NULL);

    struct ji_checker checker = {.file = file, .mem = file->mem};
    if (options != NULL)
        memcpy(&checker.options, options, ji_min_size(options->struct_size, sizeof checker.options));
    if (checker.options.findings_max == 0)
        checker.options.findings_max = FINDINGS_MAX;
    struct ji_codec_context *codecs = NULL;
    struct ji_arena arena;
    enum joist_status status = JOIST_OK;
    ji_arena_init(&arena, file->mem);
    ji_arena_init(&checker.arena, file->mem);
    JI_TRY_OUT(ji_schema_tree_build(
            &arena, file->schema.elements, file->schema.element_count, &checker.tree, err));
    JI_TRY_OUT(ji_codec_context_open(file->mem, &codecs, err));
    status = check_all(&checker, codecs, err);
out:
    ji_codec_context_close(codecs);
    ji_arena_clear(&checker.arena);
    ji_arena_clear(&arena);
    if (status == JOIST_OK) {
        const size_t size = checked->struct_size;
        checker.checked.struct_size = size;
        memcpy(checked, &checker.checked, ji_min_size(size, sizeof checker.checked));
    }
    return status;
}
