/*
 * group_prune.c - which rows of a row group can satisfy a predicate
 *
 *     statistics --open?--> Bloom, dictionary --open?--> pages:
 *
 *         price   |   page 0   |      page 1      | page 2 |
 *         city    | page 0 |   page 1   |      page 2      |
 *         stretch |   a    | b |   c    |    d    |   e    |      each lies in one page of every column
 *         keeps   |  none  | some  ...                            ranges: stretches not NONE, joined
 *
 *   1. What is proved of a page holds for each part of it: nulls, NaNs and bounds of some rows are bounds for
 *      fewer.
 *   2. NONE is the only answer that drops rows, and it is one of ji_expr_prune_with.
 *   3. Only places that the predicate asks facts of have their index read, and only where the group is open.
 *
 * A place is a column, or a member of a struct at any depth: of lists and maps nothing is asked.
 *
 * Filters, dictionaries and indexes are help, not data: one that is broken is as good as none.
 */
#include "scan/group_prune.h"

struct place {
    const struct ji_expr *expr; /* of members */
    bool is_asked;              /* the predicate wanted facts of it */
    bool has_leaf;
    size_t leaf;                          /* of the file */
    const struct ji_projected *projected; /* of columns: as which it is wanted */
    const struct ji_parquet_pages *pages;
    size_t page;    /* in which the stretch lies */
    size_t counted; /* pages below this one are counted as kept or pruned */
    bool is_kept;   /* the page has a stretch that is not NONE */
    bool has_facts; /* of the page, or of the group */
    bool is_known;  /* facts are there at all */
    struct ji_facts facts;
    struct ji_parquet_values *values;
};

struct pruner {
    const struct ji_group_question *question;
    struct ji_arena *scratch;
    struct place *places; /* one a column of the schema, then members that were asked for */
    size_t place_count;
    bool has_questions; /* about values, which statistics left open */
    enum ji_value_proof proof;
    enum joist_status status; /* of a read that failed while the predicate was asked */
    struct joist_error *err;
};

/* Whether a status says that something beside the data is broken or beyond us: then it proves nothing. */
static bool is_no_proof(enum joist_status status)
{
    return status == JOIST_ERR_CORRUPT || status == JOIST_ERR_UNSUPPORTED || status == JOIST_ERR_LIMIT;
}

/* A column that the file lacks has one value, or null, in all rows. */
static bool constant_facts(const struct ji_projected *projected, uint64_t rows, struct ji_facts *facts)
{
    if (projected->field == NULL || ji_kind_is_nested(projected->field->kind))
        return false;
    const enum ji_kind kind = projected->field->kind;
    const bool known = !projected->value.is_null;
    if (known && (kind == JI_FLOAT16 || kind == JI_FLOAT || kind == JI_DOUBLE))
        return false;
    *facts = (struct ji_facts){.row_count = rows,
            .has_null_count = true,
            .null_count = known ? 0 : rows,
            .has_min = known,
            .has_max = known,
            .min_exact = known,
            .max_exact = known,
            .min = projected->value,
            .max = projected->value};
    return true;
}

/* Where the values of a member stand in the file; absent ones, and what is no scalar there, have no leaf. */
static void find_leaf(struct pruner *pruner, const struct ji_expr *expr, struct place *at)
{
    size_t steps[JI_SCHEMA_DEPTH_MAX];
    size_t path[JI_SCHEMA_DEPTH_MAX];
    size_t depth = 0;
    for (; expr->op == JI_EXPR_MEMBER && depth < JI_SCHEMA_DEPTH_MAX - 1; expr = expr->arguments[0])
        steps[depth++] = expr->column;
    if (expr->op != JI_EXPR_COLUMN)
        return;
    const struct ji_projected *projected = &pruner->question->projected[expr->column];
    at->projected = depth == 0 ? projected : NULL;
    size_t count = 0;
    for (; projected->from != NULL; projected = &projected->children[steps[--depth]]) {
        path[count++] = projected->index;
        if (depth == 0) {
            at->has_leaf = ji_parquet_leaf(pruner->question->file, path, count, &at->leaf);
            return;
        }
    }
}

/* Members are found by looking at all that were asked for: there are as many as the predicate names. */
static struct place *place_of(struct pruner *pruner, const struct ji_expr *expr)
{
    size_t index = expr->column;
    if (expr->op == JI_EXPR_MEMBER) {
        index = pruner->question->schema->column_count;
        while (index < pruner->place_count && !ji_expr_equal(pruner->places[index].expr, expr))
            index++;
    }
    struct place *const at = &pruner->places[index];
    if (index == pruner->place_count)
        pruner->place_count++;
    if (!at->is_asked) {
        at->is_asked = true;
        at->expr = expr;
        find_leaf(pruner, expr, at);
    }
    return at;
}

/* At most JI_EXPR_DEPTH_MAX deep. */
static size_t count_members(const struct ji_expr *expr)
{
    size_t count = expr->op == JI_EXPR_MEMBER;
    for (size_t index = 0; index < expr->argument_count; index++)
        count += count_members(expr->arguments[index]);
    return count;
}

static const struct ji_facts *facts_of_place(void *arg, const struct ji_expr *expr)
{
    struct pruner *pruner = arg;
    const struct ji_group_question *question = pruner->question;
    struct place *at = place_of(pruner, expr);
    if (!at->has_facts) {
        at->has_facts = true;
        if (at->pages != NULL) {
            ji_parquet_page_facts(at->pages, at->page, &at->facts);
            at->is_known = true;
        } else if (at->has_leaf) {
            at->is_known = ji_parquet_group_facts(question->file, question->group, at->leaf, &at->facts);
        } else {
            at->is_known = at->projected != NULL && at->projected->from == NULL &&
                    constant_facts(at->projected, ji_parquet_group_rows(question->file, question->group),
                            &at->facts);
        }
    }
    return at->is_known ? &at->facts : NULL;
}

/* Statistics alone: filters and dictionaries are opened only where there is something to ask them. */
static bool place_may_lack(void *arg, const struct ji_expr *expr, const struct ji_value *value)
{
    struct pruner *pruner = arg;
    (void)expr;
    (void)value;
    pruner->has_questions = true;
    return false;
}

static bool place_lacks(void *arg, const struct ji_expr *expr, const struct ji_value *value)
{
    struct pruner *pruner = arg;
    struct place *at = place_of(pruner, expr);
    bool lacking = false;
    if (!at->has_leaf || pruner->status != JOIST_OK)
        return false;
    enum joist_status status = JOIST_OK;
    if (at->values == NULL)
        status = ji_parquet_values_open(pruner->question->file, pruner->scratch, pruner->question->group,
                at->leaf, &at->values, pruner->err);
    if (status == JOIST_OK)
        status = ji_parquet_values_lack(at->values, value, pruner->proof, &lacking, pruner->err);
    if (!is_no_proof(status))
        pruner->status = status;
    return lacking;
}

/* By filters, then by dictionaries. */
static enum joist_status ask_values(struct pruner *pruner, enum ji_prune *match)
{
    const struct ji_prune_witness witness = {facts_of_place, place_lacks, pruner};
    for (int proof = JI_PROOF_BLOOM; proof <= JI_PROOF_DICTIONARY && *match == JI_PRUNE_SOME; proof++) {
        pruner->proof = (enum ji_value_proof)proof;
        *match = ji_expr_prune_with(pruner->question->predicate, &witness);
        if (pruner->status != JOIST_OK)
            return pruner->status;
    }
    return JOIST_OK;
}

/* The indexes of the places asked for; `*any` where one has pages. */
static enum joist_status read_pages(struct pruner *pruner, struct ji_group_answer *answer, bool *any)
{
    const struct ji_group_question *question = pruner->question;
    *any = false;
    for (size_t place = 0; place < pruner->place_count; place++) {
        struct place *at = &pruner->places[place];
        if (!at->has_leaf)
            continue;
        const enum joist_status status = ji_parquet_pages_read(
                question->file, pruner->scratch, question->group, at->leaf, &at->pages, pruner->err);
        if (status != JOIST_OK && !is_no_proof(status))
            return status;
        if (at->pages == NULL)
            continue;
        at->has_facts = false;
        answer->pages += ji_parquet_page_count(at->pages);
        *any = true;
    }
    return JOIST_OK;
}

/* Moves each place to its page of `row`; the stretch from there ends where the first of them does. */
static uint64_t stretch_end(struct pruner *pruner, uint64_t row, uint64_t rows)
{
    uint64_t end = rows;
    for (size_t place = 0; place < pruner->place_count; place++) {
        struct place *at = &pruner->places[place];
        if (at->pages == NULL)
            continue;
        struct ji_row_range page = ji_parquet_page_rows(at->pages, at->page);
        while (page.end <= row && at->page + 1 < ji_parquet_page_count(at->pages)) {
            page = ji_parquet_page_rows(at->pages, ++at->page);
            at->has_facts = false;
        }
        end = ji_min_u64(end, page.end);
    }
    return end;
}

/* Remembers which pages have rows that are kept, for the counters. */
static void keep_pages(struct pruner *pruner, struct ji_group_answer *answer)
{
    for (size_t place = 0; place < pruner->place_count; place++) {
        struct place *at = &pruner->places[place];
        if (at->pages == NULL || (at->is_kept && at->counted == at->page))
            continue;
        at->is_kept = true;
        at->counted = at->page;
        answer->pages_pruned--;
    }
}

/* One range more, or the last one longer. */
static enum joist_status keep_rows(struct ji_arena *arena, struct ji_row_range rows,
        struct ji_row_range **ranges, size_t *room, struct ji_group_answer *answer, struct joist_error *err)
{
    answer->row_count += rows.end - rows.start;
    if (answer->range_count > 0 && (*ranges)[answer->range_count - 1].end == rows.start) {
        (*ranges)[answer->range_count - 1].end = rows.end;
        return JOIST_OK;
    }
    if (answer->range_count == *room) {
        struct ji_row_range *more = NULL;
        const size_t wanted = *room == 0 ? 8 : *room * 2;
        JI_TRY(ji_arena_array(arena, wanted, sizeof more[0], &more, err));
        if (*room > 0)
            memcpy(more, *ranges, *room * sizeof more[0]);
        *ranges = more;
        *room = wanted;
    }
    (*ranges)[answer->range_count++] = rows;
    return JOIST_OK;
}

static enum joist_status ask_pages(
        struct pruner *pruner, struct ji_arena *arena, struct ji_group_answer *answer)
{
    const struct ji_prune_witness witness = {facts_of_place, NULL, pruner};
    const uint64_t rows = answer->row_count;
    struct ji_row_range *ranges = NULL;
    size_t room = 0;
    bool all = true;
    answer->row_count = 0;
    answer->pages_pruned = answer->pages;
    for (uint64_t row = 0; row < rows;) {
        JI_TRY(ji_cancel_check(pruner->question->cancel, pruner->err));
        const struct ji_row_range stretch = {row, stretch_end(pruner, row, rows)};
        const enum ji_prune match = ji_expr_prune_with(pruner->question->predicate, &witness);
        row = stretch.end;
        /* The line that decides that pages are skipped: no row of the stretch can satisfy the predicate. */
        if (match == JI_PRUNE_NONE)
            continue;
        all = all && match == JI_PRUNE_ALL;
        keep_pages(pruner, answer);
        JI_TRY(keep_rows(arena, stretch, &ranges, &room, answer, pruner->err));
    }
    answer->match = answer->row_count == 0 ? JI_PRUNE_NONE : all ? JI_PRUNE_ALL : JI_PRUNE_SOME;
    if (answer->row_count < rows)
        answer->ranges = ranges;
    else
        answer->range_count = 0;
    return JOIST_OK;
}

enum joist_status ji_group_prune(const struct ji_group_question *question, struct ji_arena *arena,
        struct ji_arena *scratch, struct ji_group_answer *answer, struct joist_error *err)
{
    struct ji_group_answer made = {
            .match = JI_PRUNE_ALL, .row_count = ji_parquet_group_rows(question->file, question->group)};
    struct pruner pruner = {.question = question, .scratch = scratch, .status = JOIST_OK, .err = err};
    const struct ji_prune_witness witness = {facts_of_place, place_may_lack, &pruner};
    bool any = false;
    ji_arena_reset(scratch);
    if (question->predicate != NULL) {
        const size_t members = count_members(question->predicate);
        pruner.place_count = question->schema->column_count;
        JI_TRY(ji_arena_array(
                scratch, pruner.place_count + members + 1, sizeof *pruner.places, &pruner.places, err));
        made.match = ji_expr_prune_with(question->predicate, &witness);
        if (pruner.has_questions)
            JI_TRY(ask_values(&pruner, &made.match));
        if (made.match == JI_PRUNE_SOME)
            JI_TRY(read_pages(&pruner, &made, &any));
        if (any)
            JI_TRY(ask_pages(&pruner, arena, &made));
    }
    *answer = made;
    return JOIST_OK;
}
