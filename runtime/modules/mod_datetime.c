/* mod_datetime.c - the module _datetime: what lib/datetime.mini does often: days and microseconds counted, texts.
 *
 * A moment is given by seven numbers, which have been checked by who made the object: year, month, day, hour, minute,
 * second, microsecond. */

#include "runtime/base/buf.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/tuple.h"

enum { LAST_ORDINAL = 3652059, N_FIELDS = 7 };
#define SECOND_US ((int64_t)1000000)
#define DAY_US    (86400 * SECOND_US)

typedef struct Moment {
    int year;
    int month;
    int day;
    int hour;
    int minute;
    int second;
    int us;
} Moment;

/* Days */

static bool is_leap(int year) {
    return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static int days_in_month(int year, int month) {
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    return days[month - 1] + (month == 2 && is_leap(year));
}

static int days_before_month(int year, int month) {
    static const int days[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
    return days[month - 1] + (month > 2 && is_leap(year));
}

static int days_before_year(int year) {
    const int n = year - 1;
    return n * 365 + n / 4 - n / 100 + n / 400;
}

/* Of 1 January of the year 1: 1. */
static int ordinal_of(const Moment *m) {
    return days_before_year(m->year) + days_before_month(m->year, m->month) + m->day;
}

/* 400 years have 146097 days, of which 100 have 36524, 4 have 1461. */
static void date_of(int ordinal, Moment *m) {
    int n = ordinal - 1;
    const int n400 = n / 146097;
    n %= 146097;
    const int n100 = n / 36524;
    n %= 36524;
    const int n4 = n / 1461;
    n %= 1461;
    const int n1 = n / 365;
    n %= 365;
    m->year = n400 * 400 + n100 * 100 + n4 * 4 + n1 + 1;
    if (n1 == 4 || n100 == 4) {
        m->year--;
        m->month = 12;
        m->day = 31;
        return;
    }
    m->month = (n + 50) >> 5;
    m->month -= days_before_month(m->year, m->month) > n;
    m->day = n - days_before_month(m->year, m->month) + 1;
}

/* Monday is 0. */
static int weekday_of(const Moment *m) {
    return (ordinal_of(m) + 6) % 7;
}

static int64_t us_of(const Moment *m) {
    const int64_t seconds = (m->hour * 60 + m->minute) * 60 + m->second;
    return (ordinal_of(m) - 1) * DAY_US + seconds * SECOND_US + m->us;
}

/* Arguments */

/* The first n numbers; the others are 0. */
static bool moment_args(Context *cx, const Value *args, int n, Moment *m) {
    int fields[N_FIELDS] = {0};
    for (int i = 0; i < n; i++) {
        if (!arg_int32(cx, args[i], &fields[i])) {
            return false;
        }
    }
    *m = (Moment){fields[0], fields[1], fields[2], fields[3], fields[4], fields[5], fields[6]};
    if (m->year < 1 || m->year > 9999 || m->month < 1 || m->month > 12 || m->day < 1 || m->day > 31) {
        exc_raise(cx, EXC_ValueError, "no such day");
        return false;
    }
    return true;
}

static bool are_small_ints(const Value *args, int n) {
    for (int i = 0; i < n; i++) {
        if (!IS_INT(args[i])) {
            return false;
        }
    }
    return true;
}

static bool is_between(Value v, int64_t low, int64_t high) {
    return value_to_int(v) >= low && value_to_int(v) <= high;
}

NATIVE(dt_is_date, "is_date(year, month, day, /)",
       "Are they plain integers that make a date? If not, somebody else says what is wrong.") {
    return BOOL_VALUE(are_small_ints(args, 3) && is_between(args[0], 1, 9999) && is_between(args[1], 1, 12) &&
                      is_between(args[2], 1, days_in_month((int)value_to_int(args[0]), (int)value_to_int(args[1]))));
}

NATIVE(dt_is_time, "is_time(hour, minute, second, microsecond, fold, /)",
       "Are they plain integers that make a time of day?") {
    return BOOL_VALUE(are_small_ints(args, 5) && is_between(args[0], 0, 23) && is_between(args[1], 0, 59) &&
                      is_between(args[2], 0, 59) && is_between(args[3], 0, SECOND_US - 1) && is_between(args[4], 0, 1));
}

/* Counting */

NATIVE(dt_to_ordinal, "to_ordinal(year, month, day, /)", "The days since 31 December of the year 0.") {
    Moment m;
    return moment_args(cx, args, 3, &m) ? value_from_int(ordinal_of(&m)) : VALUE_ERROR;
}

NATIVE(dt_weekday, "weekday(year, month, day, /)", "Monday is 0.") {
    Moment m;
    return moment_args(cx, args, 3, &m) ? value_from_int(weekday_of(&m)) : VALUE_ERROR;
}

static Value fields_tuple(Context *cx, const Moment *m, size_t n) {
    const Value fields[] = {value_from_int(m->year),   value_from_int(m->month),  value_from_int(m->day),
                            value_from_int(m->hour),   value_from_int(m->minute), value_from_int(m->second),
                            value_from_int(m->us)};
    return tuple_from(cx, fields, n);
}

static Value refuse_range(Context *cx) {
    return exc_raise(cx, EXC_OverflowError, "date value out of range");
}

NATIVE(dt_from_ordinal, "from_ordinal(n, /)", "(year, month, day)") {
    Moment m = {0};
    int n;
    if (!arg_int32(cx, args[0], &n)) {
        return VALUE_ERROR;
    }
    if (n < 1 || n > LAST_ORDINAL) {
        return exc_raise(cx, EXC_ValueError, n < 1 ? "ordinal must be >= 1" : "year 10000 is out of range");
    }
    date_of(n, &m);
    return fields_tuple(cx, &m, 3);
}

/* False with OverflowError when no datetime is so early or late. */
static bool moment_of_us(Context *cx, int64_t us, Moment *m) {
    if (us < 0 || us >= LAST_ORDINAL * DAY_US) {
        refuse_range(cx);
        return false;
    }
    date_of((int)(us / DAY_US) + 1, m);
    const int seconds = (int)(us % DAY_US / SECOND_US);
    m->hour = seconds / 3600;
    m->minute = seconds / 60 % 60;
    m->second = seconds % 60;
    m->us = (int)(us % SECOND_US);
    return true;
}

/* An object of class datetime, whose first seven slots are the numbers (STEP datetime-slots). */

enum { DATETIME_SLOTS = 9 };

static bool datetime_fields(Context *cx, Value v, Value *fields) {
    if (IS_KIND(v, KIND_INSTANCE) && type_of(cx, v)->n_members >= DATETIME_SLOTS) {
        for (int i = 0; i < N_FIELDS; i++) {
            fields[i] = value_load(&((ObjInstance *)AS_OBJ(v))->slots[i]);
        }
        if (LIKELY(are_small_ints(fields, N_FIELDS))) {
            return true;
        }
    }
    exc_raise(cx, EXC_TypeError, "a datetime is required, not '%s'", type_name_of(cx, v));
    return false;
}

static bool datetime_us(Context *cx, Value v, int64_t *us) {
    Value fields[N_FIELDS];
    Moment m;
    if (!datetime_fields(cx, v, fields) || !moment_args(cx, fields, N_FIELDS, &m)) {
        return false;
    }
    *us = us_of(&m);
    return true;
}

NATIVE(dt_us, "us(datetime, /)", "The microseconds since 1 January of the year 1, whatever the time zone.") {
    int64_t us;
    return datetime_us(cx, args[0], &us) ? int_from_i64(cx, us) : VALUE_ERROR;
}

NATIVE(dt_order, "order(datetime, other, /)", "-1, 0 or 1: which one is earlier, in one time zone.") {
    Value a[N_FIELDS];
    Value b[N_FIELDS];
    if (!datetime_fields(cx, args[0], a) || !datetime_fields(cx, args[1], b)) {
        return VALUE_ERROR;
    }
    int i = 0;
    while (i < N_FIELDS && a[i] == b[i]) {
        i++;
    }
    const bool is_later = i < N_FIELDS && value_to_int(a[i]) > value_to_int(b[i]);
    return value_from_int(i == N_FIELDS ? 0 : is_later ? 1 : -1);
}

NATIVE(dt_moved, "moved(datetime, us, /)", "The datetime so many microseconds later, of the same class and time zone.") {
    int64_t us;
    int64_t begin;
    Moment m;
    if (!datetime_us(cx, args[0], &begin)) {
        return VALUE_ERROR;
    }
    if (!int_index_i64(cx, args[1], &us, EXC_OverflowError)) {
        return exc_take_if(cx, EXC_OverflowError) ? refuse_range(cx) : VALUE_ERROR;
    }
    if (__builtin_add_overflow(begin, us, &us)) {
        return refuse_range(cx);
    }
    if (!moment_of_us(cx, us, &m)) {
        return VALUE_ERROR;
    }
    ObjInstance *new = (ObjInstance *)instance_new_plain(cx, type_of(cx, args[0]));
    if (new == NULL) {
        return VALUE_ERROR;
    }
    const int fields[N_FIELDS] = {m.year, m.month, m.day, m.hour, m.minute, m.second, m.us};
    for (int i = 0; i < N_FIELDS; i++) {
        new->slots[i] = value_from_int(fields[i]);
    }
    new->slots[N_FIELDS] = value_load(&((ObjInstance *)AS_OBJ(args[0]))->slots[N_FIELDS]);
    new->slots[N_FIELDS + 1] = value_from_int(0);
    return OBJ_VALUE(new);
}

NATIVE(dt_from_us, "from_us(us, /)", "(year, month, day, hour, minute, second, microsecond)") {
    int64_t us;
    if (!int_index_i64(cx, args[0], &us, EXC_OverflowError)) {
        return exc_take_if(cx, EXC_OverflowError) ? refuse_range(cx) : VALUE_ERROR;
    }
    Moment m;
    return moment_of_us(cx, us, &m) ? fields_tuple(cx, &m, N_FIELDS) : VALUE_ERROR;
}

NATIVE(dt_total, "total(days, seconds, microseconds, milliseconds, minutes, hours, weeks, /)",
       "The microseconds of a difference whose parts are small integers; None for others.") {
    static const int64_t units[] = {DAY_US,         SECOND_US,        1,         1000, 60 * SECOND_US, 3600 * SECOND_US,
                                    7 * DAY_US};
    if (!are_small_ints(args, N_FIELDS)) {
        return VALUE_NONE;
    }
    int64_t total = 0;
    for (int i = 0; i < N_FIELDS; i++) {
        int64_t part;
        if (__builtin_mul_overflow(value_to_int(args[i]), units[i], &part) ||
            __builtin_add_overflow(total, part, &total)) {
            return VALUE_NONE;
        }
    }
    return int_from_i64(cx, total);
}

/* Texts */

static Value text_of(Context *cx, Buf *buf) {
    ObjStr *text = str_from_buf(cx, buf);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* In at least `width` digits, filled up with zeros or (fill ' ') spaces. */
static void add_number(Buf *buf, int n, int width, char fill) {
    char digits[12];
    int i = sizeof digits;
    do {
        digits[--i] = (char)('0' + n % 10);
        n /= 10;
    } while (n > 0);
    while ((int)sizeof digits - i < width) {
        digits[--i] = fill;
    }
    buf_add(buf, digits + i, sizeof digits - (size_t)i);
}

static void add_two(Buf *buf, int n) {
    buf_add_byte(buf, (char)('0' + n / 10));
    buf_add_byte(buf, (char)('0' + n % 10));
}

static void add_date(Buf *buf, const Moment *m, int year_width) {
    add_number(buf, m->year, year_width, '0');
    buf_add_byte(buf, '-');
    add_two(buf, m->month);
    buf_add_byte(buf, '-');
    add_two(buf, m->day);
}

static void add_clock(Buf *buf, const Moment *m) {
    add_two(buf, m->hour);
    buf_add_byte(buf, ':');
    add_two(buf, m->minute);
    buf_add_byte(buf, ':');
    add_two(buf, m->second);
}

NATIVE(dt_date_text, "date_text(year, month, day, /)", "2024-03-05") {
    Moment m;
    if (!moment_args(cx, args, 3, &m)) {
        return VALUE_ERROR;
    }
    BUF_IN_ROOM(buf, 16);
    add_date(&buf, &m, 4);
    return text_of(cx, &buf);
}

NATIVE(dt_text, "text(year, month, day, hour, minute, second, microsecond, sep, /)",
       "2024-03-05T10:11:12, and .000013 if need be.") {
    Moment m;
    ObjStr *sep = arg_str(cx, args[N_FIELDS], "isoformat", "sep");
    if (sep == NULL || !moment_args(cx, args, N_FIELDS, &m)) {
        return VALUE_ERROR;
    }
    BUF_IN_ROOM(buf, 64);
    add_date(&buf, &m, 4);
    buf_add(&buf, sep->data, sep->n_bytes);
    add_clock(&buf, &m);
    if (m.us != 0) {
        buf_add_byte(&buf, '.');
        add_number(&buf, m.us, 6, '0');
    }
    return text_of(cx, &buf);
}

/* strftime() */

static const char *const day_names[] = {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"};
static const char *const month_names[] = {"January", "February", "March",     "April",   "May",      "June",
                                          "July",    "August",   "September", "October", "November", "December"};

static int hour_of_twelve(const Moment *m) {
    return (m->hour + 11) % 12 + 1;
}

/* What the parts of a clock stand for. */
static bool add_clock_directive(Buf *buf, char directive, const Moment *m) {
    switch (directive) {
    case 'H': add_two(buf, m->hour); return true;
    case 'I': add_two(buf, hour_of_twelve(m)); return true;
    case 'M': add_two(buf, m->minute); return true;
    case 'S': add_two(buf, m->second); return true;
    case 'f': add_number(buf, m->us, 6, '0'); return true;
    case 'p': buf_add_text(buf, m->hour < 12 ? "AM" : "PM"); return true;
    case 'X':
    case 'T': add_clock(buf, m); return true;
    default: return false;
    }
}

/* False for those that are left to lib/datetime.mini. */
static bool add_directive(Buf *buf, char directive, const Moment *m) {
    switch (directive) {
    case 'a': buf_add(buf, day_names[weekday_of(m)], 3); return true;
    case 'A': buf_add_text(buf, day_names[weekday_of(m)]); return true;
    case 'b': buf_add(buf, month_names[m->month - 1], 3); return true;
    case 'B': buf_add_text(buf, month_names[m->month - 1]); return true;
    case 'd': add_two(buf, m->day); return true;
    case 'm': add_two(buf, m->month); return true;
    case 'y': add_two(buf, m->year % 100); return true;
    case 'Y': add_number(buf, m->year, 1, '0'); return true;
    case 'F': add_date(buf, m, 1); return true;
    case 'j': add_number(buf, days_before_month(m->year, m->month) + m->day, 3, '0'); return true;
    case '%': buf_add_byte(buf, '%'); return true;
    default: return add_clock_directive(buf, directive, m);
    }
}

NATIVE(dt_strftime, "strftime(format, year, month, day, hour, minute, second, microsecond, /)",
       "The text, or None when the format has what is not that frequent.") {
    Moment m;
    ObjStr *format = arg_str(cx, args[0], "strftime", "argument 1");
    if (format == NULL || !moment_args(cx, args + 1, N_FIELDS, &m)) {
        return VALUE_ERROR;
    }
    BUF_IN_ROOM(buf, 128);
    for (size_t i = 0; i < format->n_bytes; i++) {
        if (format->data[i] != '%') {
            buf_add_byte(&buf, format->data[i]);
        } else if (++i == format->n_bytes || !add_directive(&buf, format->data[i], &m)) {
            buf_free(&buf);
            return VALUE_NONE;
        }
    }
    return text_of(cx, &buf);
}

/* strptime() */

typedef struct Scan {
    const char *at;
    const char *end;
    bool has_year;
    bool has_day;
} Scan;

static bool is_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c | 32) : c;
}

/* A number of at least `least` and at most `most` digits; *n_digits as many as there were. */
static bool scan_digits(Scan *s, int least, int most, int *number, int *n_digits) {
    *number = 0;
    *n_digits = 0;
    while (s->at < s->end && *n_digits < most && *s->at >= '0' && *s->at <= '9') {
        *number = *number * 10 + (*s->at++ - '0');
        ++*n_digits;
    }
    return *n_digits >= least;
}

/* Up to two digits: of 45 as a day the 5 is for what follows. */
static bool scan_field(Scan *s, int low, int high, int *number) {
    int n_digits;
    if (!scan_digits(s, 1, 2, number, &n_digits)) {
        return false;
    }
    if (n_digits == 2 && *number > high) {
        *number /= 10;
        s->at--;
    }
    return *number >= low && *number <= high;
}

static bool scan_fraction(Scan *s, int *us) {
    int n_digits;
    if (!scan_digits(s, 1, 6, us, &n_digits)) {
        return false;
    }
    for (; n_digits < 6; n_digits++) {
        *us *= 10;
    }
    return true;
}

static bool scan_year(Scan *s, int n_wanted, int *year) {
    int n_digits;
    s->has_year = true;
    if (!scan_digits(s, n_wanted, n_wanted, year, &n_digits)) {
        return false;
    }
    *year += n_wanted == 4 ? 0 : *year < 69 ? 2000 : 1900;
    return true;
}

static bool scan_directive(Scan *s, char directive, Moment *m) {
    switch (directive) {
    case 'Y': return scan_year(s, 4, &m->year);
    case 'y': return scan_year(s, 2, &m->year);
    case 'm': return scan_field(s, 1, 12, &m->month);
    case 'd': s->has_day = true; return scan_field(s, 1, 31, &m->day);
    case 'H': return scan_field(s, 0, 23, &m->hour);
    case 'M': return scan_field(s, 0, 59, &m->minute);
    case 'S': return scan_field(s, 0, 61, &m->second) && m->second < 60;
    case 'f': return scan_fraction(s, &m->us);
    default: return false;
    }
}

static bool scan_spaces(Scan *s, const char **form, const char *form_end) {
    const char *begin = s->at;
    while (*form < form_end && is_space(**form)) {
        ++*form;
    }
    while (s->at < s->end && is_space(*s->at)) {
        s->at++;
    }
    return s->at > begin;
}

static bool scan_all(Scan *s, const char *form, const char *form_end, Moment *m) {
    while (form < form_end) {
        if (is_space(*form)) {
            if (!scan_spaces(s, &form, form_end)) {
                return false;
            }
        } else if (*form == '%') {
            if (form + 1 == form_end || !scan_directive(s, form[1], m)) {
                return false;
            }
            form += 2;
        } else if (s->at == s->end || lower(*s->at++) != lower(*form++)) {
            return false;
        }
    }
    return s->at == s->end && (s->has_year || !s->has_day);
}

NATIVE(dt_strptime, "strptime(text, format, /)",
       "(year, month, day, hour, minute, second, microsecond) of a text of numbers. None: it has other things, or does not "
       "fit.") {
    ObjStr *text = arg_str(cx, args[0], "strptime", "0");
    ObjStr *format = text == NULL ? NULL : arg_str(cx, args[1], "strptime", "1");
    if (format == NULL) {
        return VALUE_ERROR;
    }
    Moment m = {.year = 1900, .month = 1, .day = 1};
    Scan scan = {.at = text->data, .end = text->data + text->n_bytes};
    if (!str_is_ascii(text) || !str_is_ascii(format) ||
        !scan_all(&scan, format->data, format->data + format->n_bytes, &m)) {
        return VALUE_NONE;
    }
    return fields_tuple(cx, &m, N_FIELDS);
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(dt_is_date),   NATIVE_ENTRY(dt_is_time),      NATIVE_ENTRY(dt_to_ordinal), NATIVE_ENTRY(dt_weekday),
    NATIVE_ENTRY(dt_from_us),   NATIVE_ENTRY(dt_us),           NATIVE_ENTRY(dt_order),      NATIVE_ENTRY(dt_moved),
    NATIVE_ENTRY(dt_from_ordinal), NATIVE_ENTRY(dt_total),
    NATIVE_ENTRY(dt_date_text), NATIVE_ENTRY(dt_text),         NATIVE_ENTRY(dt_strftime),   NATIVE_ENTRY(dt_strptime),
    {0},
};

bool mod_datetime_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
