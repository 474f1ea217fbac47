/*
 * guess_name.c - "did you mean": the nearest name by edit distance
 *
 * Distances count single insertions, deletions, replacements and swaps without ASCII case; more than a third
 * of the name wrong is no guess. Names beyond 64 bytes, and more than 1,000 of them, are not looked at.
 */
#include "expr/bind.h"

#define NAME_BYTES_MAX 64
#define NAMES_MAX 1000

static uint8_t lower(char byte)
{
    return (uint8_t)(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
}

static size_t min3(size_t a, size_t b, size_t c)
{
    return ji_min_size(a, ji_min_size(b, c));
}

static size_t edit_distance(const char *a, size_t a_size, const char *b, size_t b_size)
{
    size_t rows[3][NAME_BYTES_MAX + 1];
    for (size_t j = 0; j <= b_size; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_size; i++) {
        size_t *row = rows[i % 3];
        const size_t *before = rows[(i + 2) % 3];
        const size_t *two_before = rows[(i + 1) % 3];
        row[0] = i;
        for (size_t j = 1; j <= b_size; j++) {
            const bool same = lower(a[i - 1]) == lower(b[j - 1]);
            row[j] = min3(before[j] + 1, row[j - 1] + 1, before[j - 1] + !same);
            const bool swapped = i > 1 && j > 1 && lower(a[i - 1]) == lower(b[j - 2]) &&
                    lower(a[i - 2]) == lower(b[j - 1]);
            if (swapped)
                row[j] = ji_min_size(row[j], two_before[j - 2] + 1);
        }
    }
    return rows[a_size % 3][b_size];
}

const char *ji_guess_name(
        const char *wrong, size_t count, const char *(*name_at)(const void *arg, size_t i), const void *arg)
{
    const size_t size = strlen(wrong);
    const char *best = NULL;
    size_t best_distance = (size + 2) / 3 + 1;
    if (size > NAME_BYTES_MAX)
        return NULL;
    for (size_t i = 0; i < ji_min_size(count, NAMES_MAX); i++) {
        const char *name = name_at(arg, i);
        const size_t name_size = strlen(name);
        if (name_size > NAME_BYTES_MAX || name_size > size + best_distance ||
                size > name_size + best_distance)
            continue;
        const size_t distance = edit_distance(wrong, size, name, name_size);
        if (distance < best_distance) {
            best_distance = distance;
            best = name;
        }
    }
    return best;
}
