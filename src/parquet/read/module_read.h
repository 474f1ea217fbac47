/*
 * module_read.h - the parts of a file that stand beside its pages: page indexes and Bloom filters
 */
#ifndef JI_MODULE_READ_H
#define JI_MODULE_READ_H

#include "parquet/read/parquet_file.h"

/* Whose part it is. */
struct ji_module_place {
    const struct joist_parquet_file *file;
    size_t group;
    size_t leaf;
    enum ji_module module;
};

/*
 * The stored `bytes` at `offset` of the file, opened, in memory of the arena. CORRUPT where they leave the
 * data of the file.
 */
enum joist_status ji_file_read_module(const struct ji_module_place *place, struct ji_arena *arena,
        uint64_t offset, size_t bytes, struct ji_view *plain, struct joist_error *err);

#endif
