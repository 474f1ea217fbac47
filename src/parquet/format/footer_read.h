/*
 * footer_read.h - from bytes to the structs of footer_model.h
 */
#ifndef JI_FOOTER_READ_H
#define JI_FOOTER_READ_H

#include "base/arena.h"
#include "parquet/format/footer_model.h"

/*
 * The whole FileMetaData; arrays in the arena, views into `bytes`, which must live as long. Fields and union
 * members that we do not know are passed over. CORRUPT, LIMIT.
 */
enum joist_status ji_footer_decode(
        struct ji_arena *arena, struct ji_view bytes, struct ji_footer *footer, struct joist_error *err);

#endif
