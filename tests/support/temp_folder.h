/*
 * temp_folder.h - a fresh folder below the test's working folder, and its end
 */
#ifndef JI_TEMP_FOLDER_H
#define JI_TEMP_FOLDER_H

#include "support/test.h"

struct temp_folder {
    char path[512]; /* absolute, without '/' behind */
};

void temp_folder_open(struct temp_folder *folder);
/* Removes it and all that is in it. */
void temp_folder_close(struct temp_folder *folder);
/* "<folder>/<name>". */
void temp_folder_path(const struct temp_folder *folder, const char *name, char path[1024]);

/* Whole small files; both fail the test where they cannot. */
void temp_file_write(const char *path, const void *data, size_t size);
size_t temp_file_read(const char *path, void *data, size_t size_max);
/* How many entries the folder has, hidden ones too. */
size_t temp_folder_count(const char *path);

#endif
