/*
 * page_order.c - pages of a column are sealed by whichever thread is free, and stored in their order
 *
 *     page 7 -> away[0], running elsewhere
 *     page 8 -> away[1], waiting             when page 9 has been dispatched, page 7 is stored
 *     page 9 -> away[2], or sealed here: then 7 and 8 are stored first
 *
 * Small pages, and those of encrypted columns, whose cipher has one owner, are always sealed here.
 */
#include "parquet/write/column_writer.h"

/* Handing a page over costs a copy or so and two wake-ups. */
#define PARCEL_BYTES_MIN ((size_t)64 << 10)

static enum joist_status store_page(struct ji_column_writer *writer, struct ji_view head,
        struct ji_view sealed, size_t body_bytes, struct joist_error *err)
{
    const uint32_t size = (uint32_t)(head.size + sealed.size);
    JI_TRY(ji_bytes_append(&writer->page_sizes, &size, sizeof size, err));
    JI_TRY(ji_page_store_append(&writer->store, head, err));
    JI_TRY(ji_page_store_append(&writer->store, sealed, err));
    writer->uncompressed_bytes += head.size + body_bytes;
    return JOIST_OK;
}

/* The first page that is away is no longer. With `status` a failure it is only waited for. */
static enum joist_status collect(struct ji_column_writer *writer, struct ji_write_lane *lane,
        enum joist_status status, struct joist_error *err)
{
    struct ji_page_parcel *parcel = writer->away[0];
    ji_page_pool_finish(lane->pool, parcel, lane);
    if (status == JOIST_OK && parcel->status != JOIST_OK) {
        status = parcel->status;
        if (err != NULL)
            *err = parcel->error;
    } else if (status == JOIST_OK) {
        const struct ji_view head = ji_view_of(parcel->head.data, parcel->head.size);
        status = store_page(writer, head, parcel->sealed, parcel->body.bytes.size, err);
    }
    ji_page_pool_return(lane->pool, parcel);
    writer->away_count--;
    for (size_t i = 0; i < writer->away_count; i++)
        writer->away[i] = writer->away[i + 1];
    return status;
}

enum joist_status ji_column_writer_settle(struct ji_column_writer *writer, struct ji_write_lane *lane,
        enum joist_status status, struct joist_error *err)
{
    while (writer->away_count > 0)
        status = collect(writer, lane, status, err);
    return status;
}

/* The body moves into the parcel where it is the lane's, and is copied where it is the column's. */
static enum joist_status fill(struct ji_page_parcel *parcel, struct ji_write_lane *lane,
        const struct ji_page_body *body, struct joist_error *err)
{
    parcel->body = *body;
    if (body->bytes.data == lane->body.data) {
        const struct ji_bytes spare = parcel->room;
        parcel->room = lane->body;
        lane->body = spare;
        return JOIST_OK;
    }
    parcel->room.size = 0;
    JI_TRY(ji_bytes_append(&parcel->room, body->bytes.data, body->bytes.size, err));
    parcel->body.bytes.data = parcel->room.data;
    return JOIST_OK;
}

static enum joist_status seal_here(struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct ji_page_body *body, struct ji_page_header *header, struct joist_error *err)
{
    struct ji_view sealed;
    /* What nobody has begun is begun before the lane holds a page. */
    for (size_t i = 0; i < writer->away_count; i++)
        ji_page_pool_hasten(lane->pool, writer->away[i], lane);
    JI_TRY(ji_page_seal(writer, lane, body, header, &sealed, err));
    JI_TRY(ji_column_writer_settle(writer, lane, JOIST_OK, err));
    const struct ji_view head = ji_view_of(lane->header.data, lane->header.size);
    return store_page(writer, head, sealed, body->bytes.size, err);
}

enum joist_status ji_page_dispatch(struct ji_column_writer *writer, struct ji_write_lane *lane,
        const struct ji_page_body *body, struct ji_page_header *header, struct joist_error *err)
{
    struct ji_page_parcel *parcel = NULL;
    if (body->bytes.size >= PARCEL_BYTES_MIN && writer->seal == NULL &&
            writer->settings->codec != JI_CODEC_NONE)
        parcel = ji_page_pool_take(lane->pool);
    if (parcel == NULL)
        return seal_here(writer, lane, body, header, err);
    const enum joist_status status = fill(parcel, lane, body, err);
    if (status != JOIST_OK) {
        ji_page_pool_return(lane->pool, parcel);
        return status;
    }
    parcel->writer = writer;
    parcel->header = *header;
    writer->away[writer->away_count++] = parcel;
    ji_page_pool_post(lane->pool, parcel);
    return writer->away_count > JI_PAGES_AWAY ? collect(writer, lane, JOIST_OK, err) : JOIST_OK;
}
