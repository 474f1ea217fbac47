/*
 * copy_check.c - whether a file's row groups may stand in a file that is being written
 *
 * One footer speaks for all row groups: element for element the two schemas must say the same. What an old
 * converted type says counts as the logical one that it stands for.
 */
#include "parquet/copy/group_copy.h"

static bool has_same_logical(const struct ji_schema_element *a, const struct ji_schema_element *b)
{
    const struct ji_logical_type *x = &a->logical;
    const struct ji_logical_type *y = &b->logical;
    if (x->kind == JI_LOGICAL_NONE || y->kind == JI_LOGICAL_NONE)
        return a->converted == b->converted && a->scale == b->scale && a->precision == b->precision;
    return x->kind == y->kind && x->scale == y->scale && x->precision == y->precision && x->utc == y->utc &&
            x->unit == y->unit && x->bit_width == y->bit_width && x->is_signed == y->is_signed &&
            x->edges == y->edges && ji_view_equal(x->crs, y->crs);
}

static bool is_same(const struct ji_schema_element *a, const struct ji_schema_element *b)
{
    return ji_view_equal(a->name, b->name) && a->physical == b->physical &&
            a->type_length == b->type_length && a->repetition == b->repetition &&
            a->child_count == b->child_count && has_same_logical(a, b);
}

static enum joist_status check_elements(const struct joist_parquet_writer *writer,
        const struct joist_parquet_file *file, struct joist_error *err)
{
    const struct ji_parquet_schema *to = &writer->layout;
    const struct ji_footer *from = &file->footer;
    if (from->elements[0].child_count != to->elements[0].child_count)
        return ji_fail(err, JOIST_ERR_INVALID, "row groups of %" PRId32 " columns for a file of %" PRId32,
                from->elements[0].child_count, to->elements[0].child_count);
    for (size_t i = 1; i < to->element_count && i < from->element_count; i++) {
        const struct ji_view name = from->elements[i].name;
        if (!is_same(&from->elements[i], &to->elements[i]))
            return ji_fail(err, JOIST_ERR_INVALID,
                    "column '%.*s' of the row groups is not as the file has it", (int)name.size,
                    (const char *)name.data);
    }
    if (from->element_count != to->element_count)
        return ji_fail(err, JOIST_ERR_INVALID, "row groups of %zu schema elements for a file of %zu",
                from->element_count, to->element_count);
    return JOIST_OK;
}

static enum joist_status check_order(
        const struct joist_parquet_writer *writer, const struct ji_row_group *group, struct joist_error *err)
{
    const struct ji_sort_verify *verify = &writer->verify;
    bool keeps_order = group->sorting_count >= verify->key_count;
    for (size_t i = 0; i < verify->key_count && keeps_order; i++) {
        const struct ji_sorting_column *by = &group->sorting[i];
        const struct ji_sort_key *key = &verify->keys[i];
        keeps_order = by->column >= 0 && (size_t)by->column == key->leaf &&
                by->descending == key->descending && by->nulls_first == key->nulls_first;
    }
    if (!keeps_order)
        return ji_fail(
                err, JOIST_ERR_UNSUPPORTED, "copying row groups that are not said to be in the file's order");
    return JOIST_OK;
}

enum joist_status ji_group_copy_check(const struct joist_parquet_writer *writer,
        const struct joist_parquet_file *file, struct joist_error *err)
{
    if (file->footer_encryption.algorithm != JI_ENCRYPTION_NONE || file->crypto != NULL)
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "copying row groups of an encrypted file");
    if (ji_parquet_writer_is_encrypted(writer))
        return ji_fail(err, JOIST_ERR_UNSUPPORTED, "copying row groups into an encrypted file");
    JI_TRY(check_elements(writer, file, err));
    for (size_t i = 0; i < file->footer.group_count; i++)
        JI_TRY(check_order(writer, &file->footer.groups[i], err));
    return JOIST_OK;
}
