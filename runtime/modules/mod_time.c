/* mod_time.c - the module _time: clocks, sleep, and calendar times as tuples.
 *
 * runtime/lib/time.mini makes the module time of it: struct_time and what only handles it are written there. */

#include <errno.h>
#include <math.h>
#include <string.h>
#include <time.h>

#include "runtime/base/buf.h"
#include "runtime/base/mem.h"
#include "runtime/base/platform.h"
#include "runtime/block.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/module.h"
#include "runtime/objects/native.h"
#include "runtime/objects/tuple.h"

/* Clocks. */

static Value seconds(uint64_t ns) {
    return value_from_double((double)ns / 1e9);
}

NATIVE(time_time, "time()", "Return the seconds since 1970.") {
    return seconds(platform_wall_clock_ns());
}

NATIVE(time_time_ns, "time_ns()", "Return the nanoseconds since 1970.") {
    return int_from_u64(cx, platform_wall_clock_ns());
}

NATIVE(time_monotonic, "monotonic()", "Return the seconds of a clock that never goes back.") {
    return seconds(platform_clock_ns());
}

NATIVE(time_monotonic_ns, "monotonic_ns()", "Return the nanoseconds of a clock that never goes back.") {
    return int_from_u64(cx, platform_clock_ns());
}

NATIVE(time_perf_counter, "perf_counter()", "Return the seconds of the best clock for measuring.") {
    return seconds(platform_clock_ns());
}

NATIVE(time_perf_counter_ns, "perf_counter_ns()", "Return the nanoseconds of the best clock for measuring.") {
    return int_from_u64(cx, platform_clock_ns());
}

NATIVE(time_process_time, "process_time()", "Return the processor time of the process, in seconds.") {
    return seconds(platform_process_cpu_ns());
}

NATIVE(time_process_time_ns, "process_time_ns()", "Return the processor time of the process, in nanoseconds.") {
    return int_from_u64(cx, platform_process_cpu_ns());
}

NATIVE(time_thread_time, "thread_time()", "Return the processor time of the thread, in seconds.") {
    return seconds(platform_thread_cpu_ns());
}

NATIVE(time_thread_time_ns, "thread_time_ns()", "Return the processor time of the thread, in nanoseconds.") {
    return int_from_u64(cx, platform_thread_cpu_ns());
}

/* Clocks by their numbers. */

static bool clock_arg(Context *cx, Value v, clockid_t *clock) {
    int number;
    if (!IS_INT_LIKE(v)) {
        exc_raise(cx, EXC_TypeError, "clk_id should be integer, not %s", arg_type_name(cx, v));
        return false;
    }
    if (!arg_int32(cx, v, &number)) {
        return false;
    }
    *clock = (clockid_t)number;
    return true;
}

static Value clock_value(Context *cx, Value clock_number, int (*read)(clockid_t, struct timespec *),
                         bool in_ns) {
    clockid_t clock;
    struct timespec t;
    if (!clock_arg(cx, clock_number, &clock)) {
        return VALUE_ERROR;
    }
    if (read(clock, &t) != 0) {
        return exc_raise_errno(cx, errno, VALUE_UNSET);
    }
    return in_ns ? int_from_i64(cx, (int64_t)t.tv_sec * 1000000000 + t.tv_nsec)
                 : value_from_double((double)t.tv_sec + (double)t.tv_nsec * 1e-9);
}

NATIVE(time_clock_gettime, "clock_gettime(clk_id, /)", "Return the time of a clock, in seconds.") {
    return clock_value(cx, args[0], clock_gettime, false);
}

NATIVE(time_clock_gettime_ns, "clock_gettime_ns(clk_id, /)",
       "Return the time of a clock, in nanoseconds.") {
    return clock_value(cx, args[0], clock_gettime, true);
}

NATIVE(time_clock_getres, "clock_getres(clk_id, /)", "Return the resolution of a clock, in seconds.") {
    return clock_value(cx, args[0], clock_getres, false);
}

NATIVE(time_clock_settime, "clock_settime(clk_id, time, /)", "Set a clock.") {
    clockid_t clock;
    double seconds;
    if (!clock_arg(cx, args[0], &clock) || !arg_double(cx, args[1], &seconds)) {
        return VALUE_ERROR;
    }
    const double whole = floor(seconds);
    const struct timespec t = {(time_t)whole, (long)((seconds - whole) * 1e9)};
    return clock_settime(clock, &t) == 0 ? VALUE_NONE : exc_raise_errno(cx, errno, VALUE_UNSET);
}

static const ModuleNumber clocks[] = {
    {"CLOCK_REALTIME", CLOCK_REALTIME},
    {"CLOCK_MONOTONIC", CLOCK_MONOTONIC},
    {"CLOCK_PROCESS_CPUTIME_ID", CLOCK_PROCESS_CPUTIME_ID},
    {"CLOCK_THREAD_CPUTIME_ID", CLOCK_THREAD_CPUTIME_ID},
#ifdef CLOCK_MONOTONIC_RAW
    {"CLOCK_MONOTONIC_RAW", CLOCK_MONOTONIC_RAW},
#endif
#ifdef CLOCK_BOOTTIME
    {"CLOCK_BOOTTIME", CLOCK_BOOTTIME},
#endif
#ifdef CLOCK_TAI
    {"CLOCK_TAI", CLOCK_TAI},
#endif
    {0},
};

/* Sleeping. */

/* Seconds as nanoseconds, rounded up. */
static bool sleep_arg(Context *cx, Value v, uint64_t *ns) {
    double s;
    if (IS_FLOAT_LIKE(v)) {
        float_from_number(cx, v, &s);
        if (isnan(s)) {
            exc_raise(cx, EXC_ValueError, "Invalid value NaN (not a number)");
            return false;
        }
    } else {
        int64_t whole;
        if (!int_index_i64(cx, v, &whole, EXC_OverflowError)) {
            if (exc_take_if(cx, EXC_OverflowError)) {
                exc_raise(cx, EXC_OverflowError, "timestamp too large to convert to C PyTime_t");
            }
            return false;
        }
        s = (double)whole;
    }
    if (s < 0) {
        exc_raise(cx, EXC_ValueError, "sleep length must be non-negative");
        return false;
    }
    if (s * 1e9 >= (double)INT64_MAX) {
        exc_raise(cx, EXC_OverflowError, "timestamp out of range for platform time_t");
        return false;
    }
    *ns = (uint64_t)ceil(s * 1e9);
    return true;
}

NATIVE(time_sleep, "sleep(seconds, /)", "Do nothing for so many seconds; other threads run meanwhile.") {
    uint64_t ns;
    if (!sleep_arg(cx, args[0], &ns)) {
        return VALUE_ERROR;
    }
    const uint64_t now = platform_clock_ns();
    const uint64_t deadline = ns < INT64_MAX - now ? now + ns : INT64_MAX;
    /* Nobody else knows the word: only the deadline or a signal ends the wait. */
    uint32_t word = 0;
    do {
        block_wait_word(cx, BLOCK_SLEEP, VALUE_NONE, &word, 0, deadline);
        if (block_has_signal(cx) && !block_poll(cx)) {
            return VALUE_ERROR;
        }
    } while (platform_clock_ns() < deadline);
    return VALUE_NONE;
}

/* Calendar times: tuples of year, month, day, hour, minute, second, weekday, day of the year, summer time; and
 * behind them zone and offset. */

static bool timestamp_arg(Context *cx, Value v, time_t *out) {
    if (v == VALUE_UNSET || IS_NONE(v)) {
        *out = time(NULL);
        return true;
    }
    double s;
    if (IS_FLOAT_LIKE(v)) {
        float_from_number(cx, v, &s);
        if (isnan(s)) {
            exc_raise(cx, EXC_ValueError, "Invalid value NaN (not a number)");
            return false;
        }
        s = floor(s);
    } else {
        int64_t whole;
        if (!int_index_i64(cx, v, &whole, EXC_OverflowError)) {
            return false;
        }
        *out = (time_t)whole;
        return true;
    }
    if (!(fabs(s) < 9e18)) {
        exc_raise(cx, EXC_OverflowError, "timestamp out of range for platform time_t");
        return false;
    }
    *out = (time_t)s;
    return true;
}

static Value time_tuple(Context *cx, const struct tm *t) {
    ObjStr *zone = str_from_c(cx, t->tm_zone == NULL ? "" : t->tm_zone);
    if (zone == NULL) {
        return VALUE_ERROR;
    }
    return tuple_pack(cx, 11, value_from_int(t->tm_year + (int64_t)1900), value_from_int(t->tm_mon + 1),
                      value_from_int(t->tm_mday), value_from_int(t->tm_hour),
                      value_from_int(t->tm_min), value_from_int(t->tm_sec),
                      value_from_int((t->tm_wday + 6) % 7), value_from_int(t->tm_yday + 1),
                      value_from_int(t->tm_isdst), OBJ_VALUE(zone), value_from_int(t->tm_gmtoff));
}

static Value broken_down(Context *cx, Value v, struct tm *(*break_down)(const time_t *, struct tm *)) {
    time_t timestamp;
    struct tm t;
    if (!timestamp_arg(cx, v, &timestamp)) {
        return VALUE_ERROR;
    }
    if (break_down(&timestamp, &t) == NULL) {
        return errno == EOVERFLOW
                   ? exc_raise(cx, EXC_OverflowError, "timestamp out of range for platform time_t")
                   : exc_raise_errno(cx, errno, VALUE_UNSET);
    }
    return time_tuple(cx, &t);
}

NATIVE(time_localtime, "_localtime(seconds=None, /)", "Return the local time as a tuple.") {
    return broken_down(cx, args[0], localtime_r);
}

NATIVE(time_gmtime, "_gmtime(seconds=None, /)", "Return the universal time as a tuple.") {
    return broken_down(cx, args[0], gmtime_r);
}

/* A tuple of at least nine integers. function names the caller in messages. */
static bool time_arg(Context *cx, Value v, const char *function, struct tm *t) {
    if (!IS_TUPLE(v)) {
        exc_raise(cx, EXC_TypeError, "Tuple or struct_time argument required");
        return false;
    }
    if (AS_TUPLE(v)->n < 9) {
        exc_raise(cx, EXC_TypeError, "%s(): illegal time tuple argument", function);
        return false;
    }
    int numbers[9];
    for (int i = 0; i < 9; i++) {
        if (!arg_int32(cx, AS_TUPLE(v)->items[i], &numbers[i])) {
            return false;
        }
    }
    if (__builtin_sub_overflow(numbers[0], 1900, &t->tm_year)) {
        exc_raise(cx, EXC_OverflowError, "year out of range");
        return false;
    }
    t->tm_mon = numbers[1] - 1;
    t->tm_mday = numbers[2];
    t->tm_hour = numbers[3];
    t->tm_min = numbers[4];
    t->tm_sec = numbers[5];
    t->tm_wday = (int)(((int64_t)numbers[6] + 1) % 7);
    t->tm_yday = numbers[7] - 1;
    t->tm_isdst = numbers[8];
    t->tm_gmtoff = 0;
    t->tm_zone = NULL;
    return true;
}

/* Zeros are taken for ones where a calendar has no zero. False with ValueError for what is out of range. */
static bool check_time(Context *cx, struct tm *t) {
    t->tm_mon += t->tm_mon == -1;
    t->tm_mday += t->tm_mday == 0;
    t->tm_yday += t->tm_yday == -1;
    const struct {
        const char *name;
        int value;
        int low;
        int high;
    } fields[] = {
        {"month", t->tm_mon, 0, 11},   {"day of month", t->tm_mday, 1, 31},
        {"hour", t->tm_hour, 0, 23},   {"minute", t->tm_min, 0, 59},
        {"seconds", t->tm_sec, 0, 61}, {"day of week", t->tm_wday, 0, 6},
        {"day of year", t->tm_yday, 0, 365}};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (fields[i].value < fields[i].low || fields[i].value > fields[i].high) {
            exc_raise(cx, EXC_ValueError, "%s out of range", fields[i].name);
            return false;
        }
    }
    return true;
}

NATIVE(time_mktime, "_mktime(tuple, /)", "Return the seconds since 1970 of a local time.") {
    struct tm t;
    if (!time_arg(cx, args[0], "mktime", &t)) {
        return VALUE_ERROR;
    }
    /* -1 is a time too; the weekday tells whether it was computed. */
    t.tm_wday = -1;
    const time_t timestamp = mktime(&t);
    if (timestamp == (time_t)-1 && t.tm_wday == -1) {
        return exc_raise(cx, EXC_OverflowError, "mktime argument out of range");
    }
    return value_from_double((double)timestamp);
}

NATIVE(time_strftime, "_strftime(format, tuple, /)", "Return a time as text.") {
    struct tm t;
    ObjStr *format = arg_str(cx, args[0], "strftime", "1");
    if (format == NULL || !time_arg(cx, args[1], "strftime", &t) || !check_time(cx, &t)) {
        return VALUE_ERROR;
    }
    if (format->n_bytes == 0) {
        return OBJ_VALUE(format);
    }
    /* For %Z and %z. */
    struct tm local = t;
    mktime(&local);
    t.tm_zone = local.tm_zone;
    t.tm_gmtoff = local.tm_gmtoff;
    char *text = str_c_text(cx, format);
    if (text == NULL) {
        return VALUE_ERROR;
    }
    Buf out = {0};
    /* A result of length 0 is either empty or too long: give up where it cannot be too long any more. */
    for (size_t room = 256 + 4 * format->n_bytes; room <= 256 * (format->n_bytes + 1); room *= 4) {
        out.n_bytes = strftime(buf_reserve(&out, room), room, text, &t);
        if (out.n_bytes > 0) {
            break;
        }
    }
    mem_free(text);
    ObjStr *result = str_decode_lossy(cx, out.bytes == NULL ? "" : out.bytes, out.n_bytes, true);
    buf_free(&out);
    return result == NULL ? VALUE_ERROR : OBJ_VALUE(result);
}

NATIVE(time_zone, "_zone()", "Return timezone, altzone, daylight, and the two names.") {
    tzset();
    ObjStr *standard = str_from_c(cx, tzname[0]);
    ObjStr *summer = str_from_c(cx, tzname[1]);
    if (standard == NULL || summer == NULL) {
        return VALUE_ERROR;
    }
    return tuple_pack(cx, 5, value_from_int(timezone),
                      value_from_int(daylight ? timezone - 3600 : timezone), value_from_int(daylight),
                      OBJ_VALUE(standard), OBJ_VALUE(summer));
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(time_time),         NATIVE_ENTRY(time_time_ns),
    NATIVE_ENTRY(time_monotonic),    NATIVE_ENTRY(time_monotonic_ns),
    NATIVE_ENTRY(time_perf_counter), NATIVE_ENTRY(time_perf_counter_ns),
    NATIVE_ENTRY(time_process_time), NATIVE_ENTRY(time_process_time_ns),
    NATIVE_ENTRY(time_thread_time),  NATIVE_ENTRY(time_thread_time_ns),
    NATIVE_ENTRY(time_sleep),        NATIVE_ENTRY(time_localtime),
    NATIVE_ENTRY(time_gmtime),       NATIVE_ENTRY(time_mktime),
    NATIVE_ENTRY(time_strftime),     NATIVE_ENTRY(time_zone),
    NATIVE_ENTRY(time_clock_gettime), NATIVE_ENTRY(time_clock_gettime_ns),
    NATIVE_ENTRY(time_clock_getres), NATIVE_ENTRY(time_clock_settime),
    {NULL, NULL, NULL, 0},
};

bool mod_time_open(Context *cx, ObjModule *module) {
    return module_add_numbers(cx, module, clocks) && module_add_natives(cx, module, functions);
}
