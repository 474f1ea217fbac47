/*
 * corpus_main.c - runs a fuzz target over files, for builds without libFuzzer
 *
 * Arguments are files or folders of files.
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        return 0;
    size_t capacity = (size_t)1 << 20;
    uint8_t *data = malloc(capacity);
    const size_t size = data != NULL ? fread(data, 1, capacity, file) : 0;
    const int read_failed = ferror(file);
    fclose(file);
    if (data != NULL && !read_failed) {
        /* An exact block, so that the address sanitizer sees a read behind it. */
        uint8_t *exact = realloc(data, size > 0 ? size : 1);
        data = exact != NULL ? exact : data;
        LLVMFuzzerTestOneInput(data, size);
    }
    free(data);
    return !read_failed;
}

int main(int argc, char **argv)
{
    int files = 0;
    for (int index = 1; index < argc; index++) {
        DIR *folder = opendir(argv[index]);
        if (folder == NULL) {
            files += run_file(argv[index]);
            continue;
        }
        for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
            char path[4096];
            if (entry->d_name[0] == '.')
                continue;
            snprintf(path, sizeof path, "%s/%s", argv[index], entry->d_name);
            files += run_file(path);
        }
        closedir(folder);
    }
    printf("%d files\n", files);
    return files > 0 ? 0 : 1;
}
