/*
 * error.h - how a function fails
 *
 * `ji_fail` makes the error, every layer on the way up may prefix the one
 * coordinate that it knows, nobody rewrites it. All accept err == NULL.
 */
#ifndef JI_ERROR_H
#define JI_ERROR_H

#include <joist/base.h>

#include <inttypes.h>
#include <stdarg.h>

/* Sets `err` and returns `status`, which is not JOIST_OK. No %f, %g, %e: doubles go through real_text. */
enum joist_status ji_fail(struct joist_error *err, enum joist_status status, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* As ji_fail, with ": " and a text for `os_errno` behind; the status follows from the errno. */
enum joist_status ji_fail_errno(struct joist_error *err, int os_errno, const char *format, ...)
        __attribute__((format(printf, 3, 4)));

/* Puts "<text>: " before what `err` says. */
void ji_error_prefix(struct joist_error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Puts "<place>: " before it, the name of a file, unless a layer below has named it already. */
void ji_error_place(struct joist_error *err, const char *place);

/* A short fixed text for an errno, in no locale. */
const char *ji_errno_text(int os_errno);
/* The status an errno stands for, and back (for ArrowArrayStream). */
enum joist_status ji_status_of_errno(int os_errno);
int ji_errno_of_status(enum joist_status status);

/* Returns on failure: for use while nothing is owned. */
#define JI_TRY(call)                                                                                         \
    do {                                                                                                     \
        const enum joist_status try_status_ = (call);                                                        \
        if (try_status_ != JOIST_OK)                                                                         \
            return try_status_;                                                                              \
    } while (0)

/* Jumps to the label `out` on failure, with the local `status` set. */
#define JI_TRY_OUT(call)                                                                                     \
    do {                                                                                                     \
        status = (call);                                                                                     \
        if (status != JOIST_OK)                                                                              \
            goto out;                                                                                        \
    } while (0)

/* The one way to drop a status. */
static inline void ji_ignore(enum joist_status status, const char *reason)
{
    (void)status;
    (void)reason;
}

#endif
