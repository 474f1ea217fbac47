/*
 * error.c - makes, prefixes and maps errors
 *
 * strerror is not used: its text depends on the host's locale and may be shared
 * between threads.
 */
#include "base/error.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>

static const char *const status_names[] = {
        [JOIST_OK] = "OK",
        [JOIST_ERR_INVALID] = "INVALID",
        [JOIST_ERR_UNSUPPORTED] = "UNSUPPORTED",
        [JOIST_ERR_CORRUPT] = "CORRUPT",
        [JOIST_ERR_IO] = "IO",
        [JOIST_ERR_NOT_FOUND] = "NOT_FOUND",
        [JOIST_ERR_EXISTS] = "EXISTS",
        [JOIST_ERR_CONFLICT] = "CONFLICT",
        [JOIST_ERR_NO_MEMORY] = "NO_MEMORY",
        [JOIST_ERR_LIMIT] = "LIMIT",
        [JOIST_ERR_TIMEOUT] = "TIMEOUT",
        [JOIST_ERR_CANCELLED] = "CANCELLED",
        [JOIST_ERR_DENIED] = "DENIED",
        [JOIST_ERR_INTERNAL] = "INTERNAL",
};

const char *joist_status_name(enum joist_status status)
{
    const size_t index = (size_t)status;
    return index < sizeof status_names / sizeof status_names[0] ? status_names[index] : "UNKNOWN";
}

/* One line whatever came in: control characters of hostile values must not reach a terminal. */
static void keep_one_line(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < 0x20 || (unsigned char)*text == 0x7f)
            *text = ' ';
    }
}

/* A UTF-8 sequence that the fixed size cut in two is taken out. */
static void trim_cut_sequence(char *text, size_t size)
{
    size_t at = size;
    while (at > 0 && size - at < 4 && ((unsigned char)text[at - 1] & 0xc0) == 0x80)
        at--;
    if (at == 0 || (unsigned char)text[at - 1] < 0xc0)
        return;
    const unsigned char lead = (unsigned char)text[at - 1];
    const size_t want = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
    if (size - (at - 1) < want)
        text[at - 1] = '\0';
}

static void set_text(struct joist_error *err, const char *format, va_list arguments)
{
    const int size = vsnprintf(err->text, sizeof err->text, format, arguments);
    if (size < 0)
        err->text[0] = '\0';
    else if ((size_t)size >= sizeof err->text)
        trim_cut_sequence(err->text, sizeof err->text - 1);
    keep_one_line(err->text);
}

enum joist_status ji_fail(struct joist_error *err, enum joist_status status, const char *format, ...)
{
    assert(status != JOIST_OK);
    if (err != NULL) {
        va_list arguments;
        va_start(arguments, format);
        err->status = status;
        err->os_errno = 0;
        set_text(err, format, arguments);
        va_end(arguments);
    }
    return status;
}

enum joist_status ji_fail_errno(struct joist_error *err, int os_errno, const char *format, ...)
{
    const enum joist_status status = ji_status_of_errno(os_errno);
    if (err != NULL) {
        va_list arguments;
        va_start(arguments, format);
        err->status = status;
        err->os_errno = os_errno;
        set_text(err, format, arguments);
        va_end(arguments);
        const size_t size = strlen(err->text);
        (void)snprintf(err->text + size, sizeof err->text - size, ": %s", ji_errno_text(os_errno));
    }
    return status;
}

void ji_error_prefix(struct joist_error *err, const char *format, ...)
{
    if (err == NULL)
        return;
    struct joist_error old = *err;
    va_list arguments;
    va_start(arguments, format);
    set_text(err, format, arguments);
    va_end(arguments);
    const size_t size = strlen(err->text);
    const int more = snprintf(err->text + size, sizeof err->text - size, ": %s", old.text);
    if (more >= 0 && size + (size_t)more >= sizeof err->text)
        trim_cut_sequence(err->text, sizeof err->text - 1);
}

void ji_error_place(struct joist_error *err, const char *place)
{
    if (err == NULL)
        return;
    const size_t size = strlen(place);
    const char *at = err->text;
    for (;;) {
        if (strncmp(at, place, size) == 0 && strncmp(at + size, ": ", 2) == 0)
            return;
        at = strstr(at, ": ");
        if (at == NULL)
            break;
        at += 2;
    }
    ji_error_prefix(err, "%s", place);
}

struct errno_row {
    int os_errno;
    enum joist_status status;
    const char *text;
};

static const struct errno_row errno_rows[] = {
        {ENOENT, JOIST_ERR_NOT_FOUND, "no such file or folder"},
        {ENOTDIR, JOIST_ERR_NOT_FOUND, "a part of the path is not a folder"},
        {EEXIST, JOIST_ERR_EXISTS, "exists already"},
        {EACCES, JOIST_ERR_DENIED, "permission denied"},
        {EPERM, JOIST_ERR_DENIED, "not permitted"},
        {EROFS, JOIST_ERR_DENIED, "read-only file system"},
        {ENOMEM, JOIST_ERR_NO_MEMORY, "out of memory"},
        {ENOSPC, JOIST_ERR_IO, "no space left on the device"},
        {EDQUOT, JOIST_ERR_IO, "disk quota exceeded"},
        {EFBIG, JOIST_ERR_IO, "file too large"},
        {EIO, JOIST_ERR_IO, "input/output error"},
        {EISDIR, JOIST_ERR_INVALID, "is a folder"},
        {EINVAL, JOIST_ERR_INVALID, "invalid argument"},
        {ENAMETOOLONG, JOIST_ERR_INVALID, "name too long"},
        {ELOOP, JOIST_ERR_INVALID, "too many symbolic links"},
        {ENOTSUP, JOIST_ERR_UNSUPPORTED, "not supported"},
        {ENOSYS, JOIST_ERR_UNSUPPORTED, "not supported by this system"},
        {ETIMEDOUT, JOIST_ERR_TIMEOUT, "timed out"},
        {ECANCELED, JOIST_ERR_CANCELLED, "cancelled"},
        {EMFILE, JOIST_ERR_LIMIT, "too many open files"},
        {ENFILE, JOIST_ERR_LIMIT, "too many open files on this system"},
        {EAGAIN, JOIST_ERR_CONFLICT, "busy, try again"},
        {EBUSY, JOIST_ERR_CONFLICT, "busy"},
        {EPIPE, JOIST_ERR_IO, "the reader has gone away"},
        {ESPIPE, JOIST_ERR_INVALID, "cannot seek"},
        {EBADF, JOIST_ERR_IO, "bad file descriptor"},
        {EINTR, JOIST_ERR_IO, "interrupted"},
        {ENODEV, JOIST_ERR_IO, "no such device"},
        {EBADMSG, JOIST_ERR_CORRUPT, "bad data"},
};

static const struct errno_row *find_errno(int os_errno)
{
    for (size_t index = 0; index < sizeof errno_rows / sizeof errno_rows[0]; index++) {
        if (errno_rows[index].os_errno == os_errno)
            return &errno_rows[index];
    }
    return NULL;
}

const char *ji_errno_text(int os_errno)
{
    const struct errno_row *row = find_errno(os_errno);
    return row != NULL ? row->text : "system error";
}

enum joist_status ji_status_of_errno(int os_errno)
{
    const struct errno_row *row = find_errno(os_errno);
    return row != NULL ? row->status : JOIST_ERR_IO;
}

int ji_errno_of_status(enum joist_status status)
{
    switch (status) {
    case JOIST_OK:
        return 0;
    case JOIST_ERR_INVALID:
        return EINVAL;
    case JOIST_ERR_UNSUPPORTED:
        return ENOTSUP;
    case JOIST_ERR_CORRUPT:
        return EBADMSG;
    case JOIST_ERR_NOT_FOUND:
        return ENOENT;
    case JOIST_ERR_EXISTS:
        return EEXIST;
    case JOIST_ERR_CONFLICT:
        return EAGAIN;
    case JOIST_ERR_NO_MEMORY:
    case JOIST_ERR_LIMIT:
        return ENOMEM;
    case JOIST_ERR_TIMEOUT:
        return ETIMEDOUT;
    case JOIST_ERR_CANCELLED:
        return ECANCELED;
    case JOIST_ERR_DENIED:
        return EACCES;
    case JOIST_ERR_IO:
    case JOIST_ERR_INTERNAL:
        break;
    }
    return EIO;
}
