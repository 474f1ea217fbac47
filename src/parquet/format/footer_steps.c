/*
 * footer_steps.c - from value to value of a footer that may not be all here
 */
#include "parquet/format/footer_steps.h"

enum joist_status ji_footer_read_whole(
        struct ji_footer_steps *steps, ji_footer_read_fn read, void *out, struct joist_error *err)
{
    enum joist_status status = JOIST_OK;
    bool again = true;
    while (again) {
        JI_TRY(ji_footer_window_need(steps->window, JI_FOOTER_VALUE_BYTES, err));
        const struct ji_thrift_reader before = steps->window->thrift;
        status = read(steps, out, err);
        JI_TRY(ji_footer_window_retry(steps->window, &before, &again, err));
    }
    return status;
}

static enum joist_status read_list_head(struct ji_footer_steps *steps, void *out, struct joist_error *err)
{
    const enum ji_thrift_type *const type = out;
    (void)err;
    steps->list = ji_thrift_list(&steps->window->thrift, *type);
    return JOIST_OK;
}

enum joist_status ji_footer_list_head(
        struct ji_footer_steps *steps, enum ji_thrift_type type, struct joist_error *err)
{
    return ji_footer_read_whole(steps, read_list_head, &type, err);
}

enum joist_status ji_footer_read_list(struct ji_footer_steps *steps, enum ji_thrift_type type, size_t size,
        ji_footer_read_fn read, void *things, size_t *count, struct joist_error *err)
{
    JI_TRY(ji_footer_list_head(steps, type, err));
    const struct ji_thrift_list list = steps->list;
    uint8_t *made = NULL;
    JI_TRY(ji_arena_array(steps->arena, list.count, size, &made, err));
    for (size_t index = 0; index < list.count; index++) {
        steps->list = list;
        JI_TRY(ji_footer_read_whole(steps, read, made + index * size, err));
        if (steps->window->thrift.error != JI_THRIFT_FINE)
            break;
    }
    memcpy(things, &made, sizeof made);
    *count = list.count;
    return JOIST_OK;
}

static enum joist_status skip_value(struct ji_footer_steps *steps, void *out, struct joist_error *err)
{
    const enum ji_thrift_type *const type = out;
    (void)err;
    ji_thrift_skip(&steps->window->thrift, *type);
    return JOIST_OK;
}

enum joist_status ji_footer_skip_field(
        struct ji_footer_steps *steps, enum ji_thrift_type type, struct joist_error *err)
{
    if (type != JI_THRIFT_BINARY)
        return ji_footer_read_whole(steps, skip_value, &type, err);
    const size_t bytes = ji_thrift_binary_length(&steps->window->thrift, type);
    return ji_footer_window_pass(steps->window, bytes, err);
}

bool ji_footer_next_field(struct ji_footer_steps *steps, struct ji_thrift_field *field,
        enum joist_status *status, struct joist_error *err)
{
    *status = ji_footer_window_need(steps->window, JI_FOOTER_VALUE_BYTES, err);
    return *status == JOIST_OK && ji_thrift_next(&steps->window->thrift, field);
}
