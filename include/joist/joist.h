/*
 * joist/joist.h - all of the library's headers
 */
#ifndef JOIST_JOIST_H
#define JOIST_JOIST_H

#include <joist/arrow.h>
#include <joist/base.h>
#include <joist/files.h>
#include <joist/frame.h>
#include <joist/io.h>
#include <joist/parquet.h>
#include <joist/sql.h>
#include <joist/store.h>
#include <joist/table.h>
#include <joist/text.h>

#endif
