/*
 * writer_version.h - whose bugs a file may have
 */
#ifndef JI_WRITER_VERSION_H
#define JI_WRITER_VERSION_H

#include "base/bytes.h"

/*
 * Whether `created_by` ("parquet-mr version 1.7.0 (build ...)") is `writer` before the version. A file of
 * that writer that does not say its version may be of any: true.
 */
bool ji_writer_is_before(
        struct ji_view created_by, const char *writer, unsigned major, unsigned minor, unsigned patch);

#endif
