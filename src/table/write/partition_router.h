/*
 * partition_router.h - rows to the file of their partition
 */
#ifndef JI_PARTITION_ROUTER_H
#define JI_PARTITION_ROUTER_H

#include "table/write/write_files.h"

/* A quarter of the descriptors that a process usually has; months of two decades. Memory may allow fewer. */
#define JI_OPEN_PARTITIONS_MAX 256

struct ji_partition_router;

/* `files` is borrowed until close. */
enum joist_status ji_partition_router_open(
        struct ji_write_files *files, struct ji_partition_router **router, struct joist_error *err);
/* What is still open is aborted. */
void ji_partition_router_close(struct ji_partition_router *router);

/* A batch of the table's columns, without selection. */
enum joist_status ji_partition_router_append(
        struct ji_partition_router *router, const struct ji_batch *batch, struct joist_error *err);
/* Finishes every file. */
enum joist_status ji_partition_router_finish(struct ji_partition_router *router, struct joist_error *err);

#endif
