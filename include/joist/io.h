/*
 * joist/io.h - the interfaces to places where bytes live
 *
 * A caller may implement any of them; the library's own are in joist/store.h.
 * Each object is {ops, self}: `ops` is static, `self` belongs to the object.
 */
#ifndef JOIST_IO_H
#define JOIST_IO_H

#include <joist/base.h>

#ifdef __cplusplus
extern "C" {
#endif

#define JOIST_SIZE_UNKNOWN UINT64_MAX

/*
 * A thing to read at offsets. Thread-safe but for sequential ones (pipes), which
 * have JOIST_SIZE_UNKNOWN and want each offset to follow the bytes read before.
 * `read_at` fills up to `bytes` bytes and sets `*bytes_read`; fewer than asked
 * only at the end of the data, or of what a sequential one has for now: none
 * are its end. `name` is for messages; `size` and `name` cannot fail.
 */
struct joist_source_ops {
    size_t struct_size;
    uint64_t (*size)(void *self);
    const char *(*name)(void *self);
    enum joist_status (*read_at)(void *self, uint64_t offset, size_t bytes, void *out, size_t *bytes_read,
            struct joist_error *err);
    void (*close)(void *self);
    /*
     * NULL (or a shorter struct_size), or a hint: these bytes will be read soon, may be fetched meanwhile.
     * Returns at once; from any thread.
     */
    void (*will_need)(void *self, uint64_t offset, uint64_t bytes);
    /*
     * NULL (or a shorter struct_size), or a descriptor of a regular file that has the source's bytes at their
     * offsets; -1: none.
     */
    int (*descriptor)(void *self);
};
struct joist_source {
    const struct joist_source_ops *ops;
    void *self;
};

/*
 * A thing to write once, front to back. Nothing is seen under its name before
 * `commit`; after it all is, and durable. `abort` leaves nothing. Exactly one of
 * the two ends the sink and frees it; a failed commit has aborted.
 */
struct joist_sink_ops {
    size_t struct_size;
    enum joist_status (*append)(void *self, const void *data, size_t bytes, struct joist_error *err);
    enum joist_status (*commit)(void *self, struct joist_error *err);
    void (*abort)(void *self);
    /*
     * NULL (or a shorter struct_size), or: as `append` of these bytes of a source, without reading them.
     * Where that ends early `*copied` is less than `bytes`, and the rest is to be read and appended.
     */
    enum joist_status (*copy)(void *self, const struct joist_source *source, uint64_t offset, uint64_t bytes,
            uint64_t *copied, struct joist_error *err);
};
struct joist_sink {
    const struct joist_sink_ops *ops;
    void *self;
};

/* How a sink is opened: one of the first two, with or without the third. */
enum {
    JOIST_SINK_CREATE = 0,       /* JOIST_ERR_EXISTS where the name is taken, at commit at the latest */
    JOIST_SINK_REPLACE = 1,      /* the old object is there until the commit, the new one after */
    JOIST_SINK_FOLDER_LATER = 2, /* commit makes the bytes durable; the name is so after `sync_folder` */
};

struct joist_file_info {
    const char *path; /* borrowed for the duration of the call */
    uint64_t bytes;
    int64_t modified_us;
};

/*
 * A place that holds named objects. Paths are '/'-separated, relative to nothing:
 * "/a/b" for files, any text for memory. `list` calls `each` for every object whose
 * path starts with `prefix`, in byte order; a status other than OK from it ends the listing.
 * `sync_folder` makes the names made in a folder by sinks with JOIST_SINK_FOLDER_LATER
 * durable, and those of the folders above it that such a sink had to make.
 * `close` frees the store; sources and sinks are closed first.
 */
struct joist_store_ops {
    size_t struct_size;
    enum joist_status (*open_source)(
            void *self, const char *path, struct joist_source *source, struct joist_error *err);
    enum joist_status (*open_sink)(
            void *self, const char *path, unsigned mode, struct joist_sink *sink, struct joist_error *err);
    enum joist_status (*sync_folder)(void *self, const char *folder, struct joist_error *err);
    enum joist_status (*list)(void *self, const char *prefix,
            enum joist_status (*each)(
                    void *user, const struct joist_file_info *info, struct joist_error *err),
            void *user, struct joist_error *err);
    enum joist_status (*stat)(
            void *self, const char *path, uint64_t *bytes, int64_t *modified_us, struct joist_error *err);
    enum joist_status (*remove)(void *self, const char *path, struct joist_error *err);
    void (*close)(void *self);
};
struct joist_store {
    const struct joist_store_ops *ops;
    void *self;
};

#ifdef __cplusplus
}
#endif
#endif
