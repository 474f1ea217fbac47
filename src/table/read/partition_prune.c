/*
 * partition_prune.c - facts from manifests, and what follows from them
 *
 *   1. A bound that does not decode as its column's type is no bound.
 *   2. Bounds of texts may be cut, bounds of floating point say nothing of NaN: neither counts as exact.
 *   3. Two facts about one column are intersected: the larger minimum, the smaller maximum.
 *   4. Buckets keep no order; they are compared with the bucket of a literal where the predicate demands
 *      equality.
 */
#include "table/read/partition_prune.h"

#include "table/iceberg/column_metrics.h"
#include "table/iceberg/single_value.h"

#define HASH_MASK UINT32_C(0x7fffffff)
#define CONJUNCTION_DEPTH_MAX 200

enum joist_status ji_prune_init(struct ji_prune_work *work, struct ji_arena *arena,
        const struct ji_schema *columns, const struct ji_expr *predicate, struct joist_error *err)
{
    struct ji_prune_work made = {.columns = columns, .predicate = predicate};
    JI_TRY(ji_arena_array(arena, columns->column_count, sizeof *made.used, &made.used, err));
    JI_TRY(ji_arena_array(arena, columns->column_count, sizeof *made.facts, &made.facts, err));
    if (predicate != NULL)
        ji_expr_columns(predicate, made.used);
    *work = made;
    return JOIST_OK;
}

static void intersect(const struct ji_field *field, const struct ji_facts *more, struct ji_facts *facts)
{
    if (more->has_min && (!facts->has_min || ji_value_compare(field, &more->min, &facts->min) > 0)) {
        facts->has_min = true;
        facts->min = more->min;
        facts->min_exact = more->min_exact;
    }
    if (more->has_max && (!facts->has_max || ji_value_compare(field, &more->max, &facts->max) < 0)) {
        facts->has_max = true;
        facts->max = more->max;
        facts->max_exact = more->max_exact;
    }
}

static bool is_exact_kind(enum ji_kind kind)
{
    return kind == JI_BOOL || kind == JI_INT32 || kind == JI_INT64 || kind == JI_DATE || kind == JI_TIME ||
            kind == JI_TIMESTAMP || kind == JI_DECIMAL;
}

static bool is_real_kind(enum ji_kind kind)
{
    return kind == JI_FLOAT || kind == JI_DOUBLE;
}

/* A bound of Iceberg is never NaN; one that is says nothing. */
static bool decode_bound(
        const struct ji_field *field, const struct ji_id_bounds *bounds, struct ji_value *value)
{
    const struct ji_id_bytes *found = ji_bounds_find(bounds, field->field_id);
    if (found == NULL || !ji_single_value_decode(field, found->bytes, value))
        return false;
    return !is_real_kind(field->kind) || value->as.real == value->as.real;
}

static void partition_facts(const struct ji_loaded_manifest *manifest, const struct ji_manifest_entry *entry,
        const struct ji_field *field, struct ji_facts *facts)
{
    const struct ji_bound_partition *partition = &manifest->partition;
    for (size_t i = 0; i < partition->field_count; i++) {
        const struct ji_value *value = &entry->file.partition[i];
        const struct ji_transform *transform = &partition->spec->fields[i].transform;
        if (partition->sources[i] != field || transform->kind == JI_TRANSFORM_VOID)
            continue;
        struct ji_facts more = {0};
        if (value->is_null) { /* only a null gives a null */
            facts->has_null_count = true;
            facts->null_count = facts->row_count;
            continue;
        }
        if (is_real_kind(field->kind) && value->as.real != value->as.real)
            continue;
        ji_transform_facts(transform, field, value, value, &more);
        intersect(field, &more, facts);
    }
}

void ji_entry_facts(const struct ji_schema *columns, const struct ji_loaded_manifest *manifest,
        const struct ji_manifest_entry *entry, size_t column, struct ji_facts *facts)
{
    const struct ji_field *field = &columns->columns[column];
    const struct ji_data_file *file = &entry->file;
    struct ji_facts made = {.row_count = (uint64_t)file->record_count};
    const struct ji_id_count *nulls = ji_counts_find(&file->null_counts, field->field_id);
    const struct ji_id_count *nans = ji_counts_find(&file->nan_counts, field->field_id);
    if (nulls != NULL && nulls->count >= 0) {
        made.has_null_count = true;
        made.null_count = (uint64_t)nulls->count;
    }
    if (nans != NULL && nans->count >= 0) {
        made.has_nan_count = true;
        made.nan_count = (uint64_t)nans->count;
    }
    made.has_min = decode_bound(field, &file->lower_bounds, &made.min);
    made.has_max = decode_bound(field, &file->upper_bounds, &made.max);
    made.min_exact = made.has_min && is_exact_kind(field->kind);
    made.max_exact = made.has_max && is_exact_kind(field->kind);
    partition_facts(manifest, entry, field, &made);
    *facts = made;
}

static const struct ji_facts *fact_of(void *arg, size_t column)
{
    const struct ji_prune_work *work = arg;
    return ji_kind_is_nested(work->columns->columns[column].kind) ? NULL : &work->facts[column];
}

/* --- buckets --- */

/* The literal that a column is compared with, of the very type of the column; else NULL. */
static const struct ji_value *literal_of(const struct ji_expr *expr, const struct ji_field *source)
{
    if (expr->op != JI_EXPR_LITERAL || expr->value.is_null || !ji_type_equal(&expr->type, source))
        return NULL;
    return &expr->value;
}

static bool other_bucket(const struct ji_transform *transform, const struct ji_field *source,
        const struct ji_expr *literal, int64_t bucket)
{
    const struct ji_value *value = literal_of(literal, source);
    return value != NULL &&
            (int64_t)((ji_iceberg_hash(source, value) & HASH_MASK) % transform->width) != bucket;
}

struct bucket {
    const struct ji_transform *transform;
    const struct ji_field *source;
    size_t column;
    int64_t number;
};

static bool is_column(const struct ji_expr *expr, size_t column)
{
    return expr->op == JI_EXPR_COLUMN && expr->column == column;
}

/* True where no row of the bucket can satisfy the predicate. */
static bool bucket_excludes(const struct ji_expr *expr, const struct bucket *bucket, unsigned depth)
{
    if (depth > CONJUNCTION_DEPTH_MAX)
        return false;
    if (expr->op == JI_EXPR_AND) {
        for (size_t i = 0; i < expr->argument_count; i++) {
            if (bucket_excludes(expr->arguments[i], bucket, depth + 1))
                return true;
        }
        return false;
    }
    if (expr->op == JI_EXPR_EQUAL) {
        const struct ji_expr *left = expr->arguments[0];
        const struct ji_expr *right = expr->arguments[1];
        if (is_column(left, bucket->column))
            return other_bucket(bucket->transform, bucket->source, right, bucket->number);
        return is_column(right, bucket->column) &&
                other_bucket(bucket->transform, bucket->source, left, bucket->number);
    }
    if (expr->op != JI_EXPR_IN || !is_column(expr->arguments[0], bucket->column))
        return false;
    for (size_t i = 1; i < expr->argument_count; i++) {
        if (!other_bucket(bucket->transform, bucket->source, expr->arguments[i], bucket->number))
            return false;
    }
    return expr->argument_count > 1;
}

static bool excluded_by_buckets(const struct ji_prune_work *work, const struct ji_loaded_manifest *manifest,
        const struct ji_manifest_entry *entry)
{
    const struct ji_bound_partition *partition = &manifest->partition;
    for (size_t i = 0; i < partition->field_count; i++) {
        const struct bucket bucket = {
                .transform = &partition->spec->fields[i].transform,
                .source = partition->sources[i],
                .column = partition->columns[i],
                .number = entry->file.partition[i].as.integer,
        };
        if (bucket.transform->kind != JI_TRANSFORM_BUCKET || bucket.source == NULL ||
                entry->file.partition[i].is_null || bucket.source != &work->columns->columns[bucket.column])
            continue;
        if (bucket_excludes(work->predicate, &bucket, 0))
            return true;
    }
    return false;
}

/* --- entries and manifests --- */

bool ji_entry_is_pruned(struct ji_prune_work *work, const struct ji_loaded_manifest *manifest,
        const struct ji_manifest_entry *entry)
{
    if (entry->file.record_count == 0)
        return true;
    if (work->predicate == NULL)
        return false;
    for (size_t i = 0; i < work->columns->column_count; i++) {
        if (work->used[i])
            ji_entry_facts(work->columns, manifest, entry, i, &work->facts[i]);
    }
    if (ji_expr_prune(work->predicate, fact_of, work) == JI_PRUNE_NONE)
        return true;
    return excluded_by_buckets(work, manifest, entry);
}

static void summary_facts(struct ji_prune_work *work, const struct ji_loaded_manifest *manifest, size_t index)
{
    const struct ji_bound_partition *partition = &manifest->partition;
    const struct ji_field_summary *summary = &manifest->manifest.partitions[index];
    const struct ji_transform *transform = &partition->spec->fields[index].transform;
    const struct ji_field *source = partition->sources[index];
    struct ji_facts *facts = &work->facts[partition->columns[index]];
    struct ji_facts more = {0};
    struct ji_value low;
    struct ji_value high;
    if (transform->kind == JI_TRANSFORM_VOID || source == NULL ||
            source != &work->columns->columns[partition->columns[index]])
        return;
    const bool has_low = summary->lower.data != NULL &&
            ji_single_value_decode(&partition->results[index], summary->lower, &low);
    const bool has_high = summary->upper.data != NULL &&
            ji_single_value_decode(&partition->results[index], summary->upper, &high);
    if (!summary->contains_null) {
        facts->has_null_count = true;
        facts->null_count = 0;
    }
    ji_transform_facts(transform, source, has_low ? &low : NULL, has_high ? &high : NULL, &more);
    intersect(source, &more, facts);
}

bool ji_manifest_is_pruned(struct ji_prune_work *work, const struct ji_loaded_manifest *manifest)
{
    const struct ji_manifest_file *file = &manifest->manifest;
    if (work->predicate == NULL || !file->has_partitions ||
            file->partition_count != manifest->partition.field_count)
        return false;
    uint64_t rows = UINT64_MAX; /* unknown: more than any null count */
    if (file->added_rows >= 0 && file->existing_rows >= 0)
        rows = (uint64_t)file->added_rows + (uint64_t)file->existing_rows;
    if (rows == 0)
        return false;
    for (size_t i = 0; i < work->columns->column_count; i++)
        work->facts[i] = (struct ji_facts){.row_count = rows};
    for (size_t i = 0; i < manifest->partition.field_count; i++)
        summary_facts(work, manifest, i);
    return ji_expr_prune(work->predicate, fact_of, work) == JI_PRUNE_NONE;
}
