/* args.c - checks and conversions of arguments for native functions. */

#include <limits.h>
#include <math.h>

#include "runtime/base/platform.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/native.h"

enum { NS_PER_S = 1000000000 };

bool arg_int(Context *cx, Value v, int64_t *out) {
    if (LIKELY(IS_INT(v))) {
        *out = value_to_int(v);
        return true;
    }
    const Value i = int_index(cx, v);
    if (IS_ERROR(i) || int_to_i64(i, out)) {
        return !IS_ERROR(i);
    }
    exc_raise(cx, EXC_OverflowError, "Python int too large to convert to C ssize_t");
    return false;
}

bool arg_int32(Context *cx, Value v, int *out) {
    int64_t wide;
    if (!int_index_clamped(cx, v, &wide)) {
        return false;
    }
    if (wide < INT_MIN || wide > INT_MAX) {
        exc_raise(cx, EXC_OverflowError, "Python int too large to convert to C int");
        return false;
    }
    *out = (int)wide;
    return true;
}

bool arg_double(Context *cx, Value v, double *out) {
    return float_arg(cx, v, out);
}

const char *arg_type_name(Context *cx, Value v) {
    return IS_NONE(v) ? "None" : type_name_of(cx, v);
}

ObjStr *arg_str(Context *cx, Value v, const char *function, const char *parameter) {
    if (LIKELY(IS_STR(v))) {
        return AS_STR(v);
    }
    exc_raise(cx, EXC_TypeError, "%s() argument %s%s%s must be str, not %s", function,
              parameter[0] >= '0' && parameter[0] <= '9' ? "" : "'", parameter,
              parameter[0] >= '0' && parameter[0] <= '9' ? "" : "'", arg_type_name(cx, v));
    return NULL;
}

bool arg_bool(Context *cx, Value v, bool default_value, bool *out) {
    if (IS_UNSET(v)) {
        *out = default_value;
        return true;
    }
    const int result = value_is_true(cx, v);
    *out = result > 0;
    return result >= 0;
}

bool arg_timeout_ns(Context *cx, Value v, bool allow_negative, bool *has_timeout,
                    uint64_t *ns) {
    *has_timeout = !IS_UNSET(v) && !IS_NONE(v);
    *ns = 0;
    if (!*has_timeout) {
        return true;
    }
    double seconds;
    if (!float_arg(cx, v, &seconds)) {
        return false;
    }
    if (isnan(seconds)) {
        exc_raise(cx, EXC_ValueError, "Invalid value NaN (not a number)");
        return false;
    }
    if (seconds < 0) {
        if (!allow_negative) {
            exc_raise(cx, EXC_ValueError, "timeout value must be a non-negative number");
            return false;
        }
        return true;
    }
    if (seconds * NS_PER_S >= (double)INT64_MAX) {
        exc_raise(cx, EXC_OverflowError, "timestamp too large to convert to C PyTime_t");
        return false;
    }
    *ns = (uint64_t)ceil(seconds * NS_PER_S);
    return true;
}
