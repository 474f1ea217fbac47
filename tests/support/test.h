/*
 * test.h - what every test includes
 *
 * cmocka's own headers first, in the order that it wants them.
 */
#ifndef JI_TEST_H
#define JI_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <joist/joist.h>

#define assert_ok(call)                                                                                      \
    do {                                                                                                     \
        const enum joist_status assert_ok_status_ = (call);                                                  \
        if (assert_ok_status_ != JOIST_OK)                                                                   \
            fail_msg("%s: %s", joist_status_name(assert_ok_status_), #call);                                 \
    } while (0)

#define assert_status(call, wanted) assert_string_equal(joist_status_name(call), joist_status_name(wanted))

#endif
