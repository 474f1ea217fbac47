/*
 * manifest_merge.h - which manifests a new snapshot has: the old ones and a new one, or fewer
 */
#ifndef JI_MANIFEST_MERGE_H
#define JI_MANIFEST_MERGE_H

#include "table/write/write_files.h"

struct ji_manifest_plan {
    const struct ji_table *table;
    const struct ji_write_files *files;
    int64_t snapshot_id;
    int64_t sequence_number;
    struct ji_arena *arena;
    struct ji_location_list *written; /* every manifest that was begun, in `arena` */
    const char *folder;               /* <table>/metadata */
    const char *uuid;                 /* of this attempt */
};

/* Writes one manifest with the new entries alone; it stays good for every retry. */
enum joist_status ji_manifest_of_files(
        const struct ji_manifest_plan *plan, struct ji_manifest_file *manifest, struct joist_error *err);

/*
 * `old` and `added`, or, where as many small ones of the same partitioning have come together as the table's
 * commit.manifest.min-count-to-merge says, those merged. The sequence number is filled into what is new.
 */
enum joist_status ji_manifests_of_snapshot(const struct ji_manifest_plan *plan,
        const struct ji_manifest_file *old, size_t old_count, const struct ji_manifest_file *added,
        struct ji_manifest_file **manifests, size_t *count, struct joist_error *err);

#endif
