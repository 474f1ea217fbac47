/*
 * geospatial_files_test.c - apache/parquet-testing: the boxes and type codes of geometries are those of the values
 *
 * The values are WKB: byte order, type code (1 to 7, and 1000 with z, 2000 with m, 3000 with both), then
 * coordinates or parts. Empty points have NaN for coordinates. Found as in testing_files_test.c.
 */
#include "support/test.h"
#include "support/testing_folder.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "arrow/value.h"
#include "parquet/read/parquet_file.h"
#include "support/group_arena.h"

#define POINT 1
#define LINE 2
#define POLYGON 3
#define PARTS_MAX 100000
#define CODES 4008

struct met {
    double low[4]; /* x, y, z, m */
    double high[4];
    bool is_met[4];
    bool codes[CODES];
};

static uint32_t take_u32(struct ji_view *bytes)
{
    assert_true(bytes->size >= 4);
    const uint32_t value = ji_load_le32(bytes->data);
    *bytes = ji_view_of(bytes->data + 4, bytes->size - 4);
    return value;
}

static void take_points(struct ji_view *bytes, uint32_t count, unsigned flags, struct met *met)
{
    /* Coordinates a point: x, y, then z or m or both. */
    const size_t axes[4][4] = {{0, 1, 0, 0}, {0, 1, 2, 0}, {0, 1, 3, 0}, {0, 1, 2, 3}};
    const size_t width = flags == 0 ? 2 : flags == 3 ? 4 : 3;
    for (size_t index = 0; index < count * width; index++) {
        double value;
        assert_true(bytes->size >= sizeof value);
        const uint64_t bits = ji_load_le64(bytes->data);
        memcpy(&value, &bits, sizeof value);
        *bytes = ji_view_of(bytes->data + sizeof value, bytes->size - sizeof value);
        const size_t axis = axes[flags][index % width];
        if (value != value)
            continue;
        if (!met->is_met[axis] || value < met->low[axis])
            met->low[axis] = value;
        if (!met->is_met[axis] || value > met->high[axis])
            met->high[axis] = value;
        met->is_met[axis] = true;
    }
}

/* A geometry, its parts too; `depth` bounds collections of collections. */
static uint32_t take_geometry(struct ji_view *bytes, struct met *met, unsigned depth)
{
    assert_true(depth < 8 && bytes->size > 0 && bytes->data[0] == 1);
    *bytes = ji_view_of(bytes->data + 1, bytes->size - 1);
    const uint32_t code = take_u32(bytes);
    assert_true(code < CODES && code % 1000 >= 1 && code % 1000 <= 7);
    if (code % 1000 == POINT) {
        take_points(bytes, 1, code / 1000, met);
        return code;
    }
    const uint32_t count = take_u32(bytes);
    assert_true(count < PARTS_MAX);
    if (code % 1000 == LINE) {
        take_points(bytes, count, code / 1000, met);
        return code;
    }
    for (uint32_t part = 0; part < count; part++) {
        if (code % 1000 == POLYGON)
            take_points(bytes, take_u32(bytes), code / 1000, met);
        else
            (void)take_geometry(bytes, met, depth + 1);
    }
    return code;
}

static void meet_values(struct joist_parquet_file *file, size_t group, size_t column, struct met *met)
{
    struct ji_parquet_cursor *cursor = NULL;
    const struct ji_batch *batch = NULL;
    struct joist_error err;
    const struct ji_parquet_cursor_options options = {.group = group, .columns = &column, .column_count = 1};
    assert_ok(ji_parquet_cursor_open(file, ji_ctx_mem(group_ctx), &options, &cursor, &err));
    for (;;) {
        assert_ok(ji_parquet_cursor_next(cursor, JI_BATCH_ROWS_MAX, &batch, &err));
        if (batch == NULL)
            break;
        for (size_t row = 0; row < batch->row_count; row++) {
            const struct ji_value value = ji_column_value(&batch->columns[0], row);
            struct ji_view bytes = value.as.view;
            if (value.is_null)
                continue;
            met->codes[take_geometry(&bytes, met, 0)] = true;
            assert_int_equal(bytes.size, 0);
        }
    }
    ji_parquet_cursor_close(cursor);
}

/* Equal for geometries; the edges of a geography may leave the box of its points. */
static void check_side(const struct met *met, size_t axis, double low, double high, bool is_geography)
{
    assert_true(is_geography ? low <= met->low[axis] : low == met->low[axis]);
    assert_true(is_geography ? high >= met->high[axis] : high == met->high[axis]);
}

static void check_chunk(const struct ji_geo_statistics *geo, const struct met *met, bool is_geography)
{
    size_t codes = 0;
    for (uint32_t code = 0; code < CODES; code++)
        codes += met->codes[code];
    assert_int_equal(geo->type_count, codes);
    for (size_t index = 0; index < geo->type_count; index++)
        assert_true(met->codes[geo->types[index]]);
    assert_int_equal(geo->has_box, met->is_met[0]);
    assert_int_equal(geo->has_z, met->is_met[2]);
    assert_int_equal(geo->has_m, met->is_met[3]);
    if (geo->has_box) {
        check_side(met, 0, geo->xmin, geo->xmax, is_geography);
        check_side(met, 1, geo->ymin, geo->ymax, is_geography);
    }
    if (geo->has_z)
        check_side(met, 2, geo->zmin, geo->zmax, is_geography);
    if (geo->has_m)
        check_side(met, 3, geo->mmin, geo->mmax, is_geography);
}

/* How many chunks of the file have statistics of geometries. */
static size_t check_file(const char *path)
{
    struct joist_source source;
    struct joist_parquet_file *file = NULL;
    size_t checked = 0;
    assert_ok(joist_source_open(group_ctx, path, &source, NULL));
    assert_ok(joist_parquet_open(group_ctx, source, NULL, &file, NULL));
    for (size_t group = 0; group < joist_parquet_row_group_count(file); group++) {
        for (size_t index = 0; index < file->schema.leaf_count; index++) {
            const struct ji_leaf *const leaf = &file->schema.leaves[index];
            const struct ji_chunk *chunk = NULL;
            struct met met = {.is_met = {false}};
            assert_ok(ji_file_chunk(file, group, index, &chunk, NULL));
            if (chunk->geo_statistics == NULL)
                continue;
            meet_values(file, group, leaf->column, &met);
            check_chunk(chunk->geo_statistics, &met, leaf->element->logical.kind == JI_LOGICAL_GEOGRAPHY);
            checked++;
        }
    }
    joist_parquet_close(file);
    return checked;
}

static void boxes_and_codes_are_those_of_the_values(void **state)
{
    (void)state;
    static const char *const names[] = {
            "geospatial", "crs-arbitrary-value", "crs-default", "crs-projjson", "crs-srid"};
    char folder[1024];
    size_t checked = 0;
    if (!testing_folder("data/geospatial", folder, sizeof folder))
        skip();
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        char path[2048];
        (void)snprintf(path, sizeof path, "%s/%s.parquet", folder, names[index]);
        if (access(path, R_OK) == 0)
            checked += check_file(path);
        else if (getenv("CI") != NULL)
            fail_msg("%s is not there", path);
    }
    if (checked == 0) {
        print_message("skipped: none of the files is there\n");
        skip();
    }
    print_message("%zu chunks\n", checked);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(boxes_and_codes_are_those_of_the_values)};
    return cmocka_run_group_tests(tests, group_arena_open, group_arena_close);
}
