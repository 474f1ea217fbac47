/*
 * page_pool.c - a queue of parcels, and the threads that wait for one
 *
 *     free -> taken -> queued -> running -> done -> free
 *
 * One lock and one condition: a parcel is milliseconds of work.
 */
#include "parquet/write/page_pool.h"

#include "parquet/write/column_writer.h"

#include <assert.h>
#include <pthread.h>

#define PARCELS_PER_HELPER 2

struct ji_page_pool {
    struct ji_mem *mem;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    size_t units; /* that have not ended */
    size_t helpers;
    size_t out; /* parcels that are not free */
    struct ji_page_parcel *first;
    struct ji_page_parcel **last;
    size_t parcel_count;
    struct ji_page_parcel parcels[];
};

static size_t pool_bytes(size_t parcels)
{
    return sizeof(struct ji_page_pool) + parcels * sizeof(struct ji_page_parcel);
}

enum joist_status ji_page_pool_open(
        struct ji_mem *mem, unsigned threads, struct ji_page_pool **pool, struct joist_error *err)
{
    struct ji_page_pool *made = NULL;
    const size_t parcels = PARCELS_PER_HELPER * (size_t)(threads - 1);
    JI_TRY(ji_alloc_zero(mem, 1, pool_bytes(parcels), &made, err));
    made->mem = mem;
    made->last = &made->first;
    made->parcel_count = parcels;
    pthread_mutex_init(&made->lock, NULL);
    pthread_cond_init(&made->changed, NULL);
    for (size_t i = 0; i < parcels; i++) {
        ji_bytes_init(&made->parcels[i].room, mem);
        ji_bytes_init(&made->parcels[i].head, mem);
        ji_bytes_init(&made->parcels[i].packed, mem);
    }
    *pool = made;
    return JOIST_OK;
}

void ji_page_pool_close(struct ji_page_pool *pool)
{
    if (pool == NULL)
        return;
    for (size_t i = 0; i < pool->parcel_count; i++) {
        assert(pool->parcels[i].state == JI_PARCEL_FREE);
        ji_bytes_clear(&pool->parcels[i].room);
        ji_bytes_clear(&pool->parcels[i].head);
        ji_bytes_clear(&pool->parcels[i].packed);
    }
    pthread_cond_destroy(&pool->changed);
    pthread_mutex_destroy(&pool->lock);
    ji_free(pool->mem, pool, pool_bytes(pool->parcel_count));
}

void ji_page_pool_begin(struct ji_page_pool *pool, size_t units)
{
    pthread_mutex_lock(&pool->lock);
    pool->units = units;
    pthread_mutex_unlock(&pool->lock);
}

void ji_page_pool_unit_ended(struct ji_page_pool *pool)
{
    pthread_mutex_lock(&pool->lock);
    if (--pool->units == 0)
        pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}

/* Under the lock, which it leaves for the work. */
static void run(struct ji_page_pool *pool, struct ji_page_parcel *parcel, struct ji_write_lane *lane)
{
    parcel->state = JI_PARCEL_RUNNING;
    pthread_mutex_unlock(&pool->lock);
    ji_page_parcel_seal(parcel, lane);
    pthread_mutex_lock(&pool->lock);
    parcel->state = JI_PARCEL_DONE;
    pthread_cond_broadcast(&pool->changed);
}

static struct ji_page_parcel *take_first(struct ji_page_pool *pool)
{
    struct ji_page_parcel *parcel = pool->first;
    pool->first = parcel->next;
    if (pool->first == NULL)
        pool->last = &pool->first;
    return parcel;
}

static void unqueue(struct ji_page_pool *pool, struct ji_page_parcel *parcel)
{
    struct ji_page_parcel **at = &pool->first;
    while (*at != parcel)
        at = &(*at)->next;
    *at = parcel->next;
    if (parcel->next == NULL)
        pool->last = at;
}

void ji_page_pool_help(struct ji_page_pool *pool, struct ji_write_lane *lane)
{
    pthread_mutex_lock(&pool->lock);
    pool->helpers++;
    while (pool->units > 0) {
        if (pool->first == NULL)
            pthread_cond_wait(&pool->changed, &pool->lock);
        else
            run(pool, take_first(pool), lane);
    }
    pool->helpers--;
    pthread_mutex_unlock(&pool->lock);
}

struct ji_page_parcel *ji_page_pool_take(struct ji_page_pool *pool)
{
    struct ji_page_parcel *parcel = NULL;
    pthread_mutex_lock(&pool->lock);
    if (pool->out < PARCELS_PER_HELPER * pool->helpers) {
        parcel = pool->parcels;
        while (parcel->state != JI_PARCEL_FREE)
            parcel++;
        parcel->state = JI_PARCEL_TAKEN;
        pool->out++;
    }
    pthread_mutex_unlock(&pool->lock);
    return parcel;
}

void ji_page_pool_post(struct ji_page_pool *pool, struct ji_page_parcel *parcel)
{
    pthread_mutex_lock(&pool->lock);
    parcel->state = JI_PARCEL_QUEUED;
    parcel->next = NULL;
    *pool->last = parcel;
    pool->last = &parcel->next;
    pthread_cond_broadcast(&pool->changed);
    pthread_mutex_unlock(&pool->lock);
}

void ji_page_pool_hasten(struct ji_page_pool *pool, struct ji_page_parcel *parcel, struct ji_write_lane *lane)
{
    pthread_mutex_lock(&pool->lock);
    if (parcel->state == JI_PARCEL_QUEUED) {
        unqueue(pool, parcel);
        run(pool, parcel, lane);
    }
    pthread_mutex_unlock(&pool->lock);
}

void ji_page_pool_finish(struct ji_page_pool *pool, struct ji_page_parcel *parcel, struct ji_write_lane *lane)
{
    ji_page_pool_hasten(pool, parcel, lane);
    pthread_mutex_lock(&pool->lock);
    while (parcel->state == JI_PARCEL_RUNNING)
        pthread_cond_wait(&pool->changed, &pool->lock);
    pthread_mutex_unlock(&pool->lock);
}

void ji_page_pool_return(struct ji_page_pool *pool, struct ji_page_parcel *parcel)
{
    pthread_mutex_lock(&pool->lock);
    assert(parcel->state == JI_PARCEL_DONE || parcel->state == JI_PARCEL_TAKEN);
    parcel->state = JI_PARCEL_FREE;
    pool->out--;
    pthread_mutex_unlock(&pool->lock);
}
