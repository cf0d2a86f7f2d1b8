/* interp_fixture.h - an interpreter for the tests of threads, and C functions as what its threads run. */

#ifndef MINI_TESTS_INTERP_FIXTURE_H
#define MINI_TESTS_INTERP_FIXTURE_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "interp/safepoint.h"
#include "interp/sched.h"
#include "interp/state.h"
#include "runtime/block.h"
#include "runtime/objects/native.h"
#include "runtime/objects/thread_handle.h"

static Options fixture_options;

static Interp *fixture_open(bool has_gil) {
    fixture_options = (Options){.is_gil_enabled = has_gil, .switch_interval_us = 1000};
    Interp *interp = interp_open(&fixture_options);
    assert_non_null(interp);
    return interp;
}

static void fixture_close(Interp *interp) {
    assert_int_equal(interp_finish(interp, 0), 0);
    interp_free(interp);
}

/* Starts a thread that runs the native function and returns its handle. */
static Value fixture_start(Context *cx, const NativeDef *function, bool is_daemon) {
    Value target = native_new(cx, function, NULL, VALUE_UNSET);
    Value handle = thread_handle_new(cx);
    assert_false(IS_ERROR(target) || IS_ERROR(handle));
    const HostThread what = {target, cx->rt->empty_tuple, VALUE_UNSET, handle, VALUE_UNSET, is_daemon};
    assert_true(host_thread_start(cx, &what));
    return handle;
}

static void fixture_join(Context *cx, Value handle) {
    assert_int_equal(thread_handle_join(cx, AS_THREAD_HANDLE(handle), 0, false), 1);
}

#endif
