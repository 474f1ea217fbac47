/*
 * testing_folder.c - where apache/parquet-testing's files are
 */
#include "support/testing_folder.h"

#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

bool testing_folder(const char *below, char *path, size_t size)
{
    const char *const named = getenv("JOIST_PARQUET_TESTING");
    const char *const root = named != NULL ? named : JOIST_SOURCE_DIR "/../shared/parquet-testing";
    const char *const between = below[0] != '\0' ? "/" : "";
    (void)snprintf(path, size, "%s%s%s", root, between, below);
    if (access(path, R_OK) == 0)
        return true;
    if (getenv("CI") != NULL)
        fail_msg("%s is not there", path);
    print_message("skipped: %s is not there (set JOIST_PARQUET_TESTING)\n", path);
    return false;
}
