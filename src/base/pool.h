/*
 * pool.h - what a pool and the root are made of, for mem.c, pool.c and slab.c alone
 */
#ifndef JI_POOL_H
#define JI_POOL_H

#include "base/mem.h"

#include <pthread.h>
#include <stdatomic.h>

struct ji_root;

struct ji_mem {
    struct ji_root *root;
    struct ji_mem *parent; /* NULL: this is the root's own pool */
    const char *name;
    struct ji_mem *child; /* the tree's links change under the root's lock */
    struct ji_mem *next;
    struct ji_mem *prev;
    _Atomic uint64_t granted; /* taken from the parent, the children's share included */
    _Atomic uint64_t spare;   /* of that, not yet used */
};

#define JI_SLAB_CLASSES 12 /* 4 KiB << 0 ... 4 KiB << 11 */
_Static_assert(JI_SLAB_BYTES_MIN << (JI_SLAB_CLASSES - 1) == JI_SLAB_BYTES_MAX, "a class a power of two");

#define JI_SMALL_CLASSES 4 /* below 64 KiB; see small_slab.c */
struct ji_small_chunk;

struct ji_slab_list {
    pthread_mutex_t lock;
    void *newest; /* a free block starts with the pointer to the next */
};

struct ji_root {
    struct ji_mem pool;
    struct joist_allocator allocator;
    uint64_t bytes_max;
    uint64_t quantum_max;
    uint64_t keep_warm_bytes;
    bool maps;        /* the allocator is the system's: parts of maps can be freed by themselves */
    bool cuts_chunks; /* fresh slabs from 64 KiB on are cut from 2 MiB of huge page */
    _Atomic uint64_t peak;
    _Atomic uint64_t warm;     /* bytes in the slab lists: granted to the root's pool, used by nobody */
    _Atomic uint64_t overhead; /* bytes that the slabs themselves need, granted likewise */
    pthread_mutex_t tree_lock;
    struct ji_slab_list lists[JI_SLAB_CLASSES];
    struct ji_small_chunk *small_warm[JI_SMALL_CLASSES];
    struct ji_small_chunk *small_cold[JI_SMALL_CLASSES];
};

/* The allocator's answer or NULL, with one more try where trimming the slabs gave something back. */
void *ji_root_allocate(struct ji_root *root, size_t bytes, size_t alignment);
/*
 * `bytes`, a multiple of JI_CHUNK_BYTES, of address space aligned to JI_CHUNK_BYTES, each of which the kernel
 * may back by one huge page or must not; NULL where there is none. Any part from 64 KiB on may be freed by
 * itself with the system's allocator.
 */
#define JI_CHUNK_BYTES ((size_t)2 << 20)
void *ji_chunks_map(size_t bytes, bool huge);
/* Does this allocator give what a chunk's parts can be freed with? */
bool ji_allocator_maps(const struct joist_allocator *allocator);
/* Room at the root alone, for nobody yet; false where there is none at once. */
bool ji_root_take(struct ji_root *root, uint64_t bytes);

/* Takes `bytes` out of the pool's use without giving them to the root, and back. Neither can fail. */
void ji_mem_hand_to_root(struct ji_mem *mem, uint64_t bytes);
void ji_mem_take_from_root(struct ji_mem *mem, uint64_t bytes);

void ji_slabs_init(struct ji_root *root);
void ji_slabs_clear(struct ji_root *root);
/* Gives warm blocks back to the allocator until `enough` bytes went, or all; how many bytes that were. */
uint64_t ji_slabs_trim(struct ji_root *root, uint64_t enough);

#endif
