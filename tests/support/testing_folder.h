/*
 * testing_folder.h - where apache/parquet-testing's files are
 */
#ifndef JI_TESTING_FOLDER_H
#define JI_TESTING_FOLDER_H

#include <stdbool.h>
#include <stddef.h>

/*
 * The folder `below` the root ("" for that itself), which JOIST_PARQUET_TESTING names, else the one beside the
 * project. False, with one line of why, where it is not there: then skip(); under CI the test fails instead.
 */
bool testing_folder(const char *below, char *path, size_t size);

#endif
