/*
 * temp_folder.c - a fresh folder below the test's working folder, and its end
 */
#include "support/temp_folder.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void temp_folder_open(struct temp_folder *folder)
{
    char here[400];
    assert_non_null(getcwd(here, sizeof here));
    snprintf(folder->path, sizeof folder->path, "%s/test-XXXXXX", here);
    assert_non_null(mkdtemp(folder->path));
}

static int remove_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)type;
    (void)place;
    return remove(path);
}

/* A test may have taken the write permission from a folder. */
static int unlock_one(const char *path, const struct stat *info, int type, struct FTW *place)
{
    (void)info;
    (void)place;
    return type == FTW_D ? chmod(path, 0755) : 0;
}

void temp_folder_close(struct temp_folder *folder)
{
    nftw(folder->path, unlock_one, 16, FTW_PHYS);
    assert_int_equal(nftw(folder->path, remove_one, 16, FTW_DEPTH | FTW_PHYS), 0);
}

void temp_folder_path(const struct temp_folder *folder, const char *name, char path[1024])
{
    const int size = snprintf(path, 1024, "%s/%s", folder->path, name);
    assert_true(size > 0 && size < 1024);
}

void temp_file_write(const char *path, const void *data, size_t size)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    assert_true(fd >= 0);
    const uint8_t *from = data;
    for (size_t done = 0; done < size;) {
        const ssize_t wrote = write(fd, from + done, size - done);
        assert_true(wrote > 0);
        done += (size_t)wrote;
    }
    assert_int_equal(close(fd), 0);
}

size_t temp_file_read(const char *path, void *data, size_t size_max)
{
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    size_t done = 0;
    ssize_t got = 1;
    while (done < size_max && got > 0) {
        got = read(fd, (uint8_t *)data + done, size_max - done);
        assert_true(got >= 0);
        done += (size_t)got;
    }
    assert_int_equal(close(fd), 0);
    return done;
}

size_t temp_folder_count(const char *path)
{
    DIR *folder = opendir(path);
    assert_non_null(folder);
    size_t count = 0;
    for (const struct dirent *entry; (entry = readdir(folder)) != NULL;)
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    closedir(folder);
    return count;
}
