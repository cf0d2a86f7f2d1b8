/* int_text.c - integers to text and back. */

#include "runtime/objects/int_text.h"

#include "runtime/base/numtext.h"
#include "runtime/base/utf8.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int_big.h"
#include "runtime/objects/unicode.h"

enum { DECIMAL_DIGITS_U64 = 18, ROOM_BYTES = 1024 };

static const char lower_digits[] = "0123456789abcdefghijklmnopqrstuvwxyz";
static const char upper_digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";

bool int_check_digits(Context *cx, size_t n_digits, bool is_from_text) {
    const int limit = atomic_load_relaxed(&cx->rt->int_max_str_digits);
    if (limit <= 0 || n_digits <= (size_t)limit) {
        return true;
    }
    if (is_from_text) {
        exc_raise(cx, EXC_ValueError,
                  "Exceeds the limit (%d digits) for integer string conversion: value "
                  "has %zu digits; "
                  "use sys.set_int_max_str_digits() to increase the limit",
                  limit, n_digits);
    } else {
        exc_raise(cx, EXC_ValueError,
                  "Exceeds the limit (%d digits) for integer string conversion; "
                  "use sys.set_int_max_str_digits() to increase the limit",
                  limit);
    }
    return false;
}

/* To text */

static size_t write_power_of_two_base(uint64_t magnitude, unsigned shift,
                                      const char *digits, char *out) {
    const size_t n_bits = magnitude == 0 ? 1 : 64 - (size_t)__builtin_clzll(magnitude);
    const size_t n = (n_bits + shift - 1) / shift;
    for (size_t i = n; i > 0; i--) {
        out[i - 1] = digits[magnitude & ((1u << shift) - 1)];
        magnitude >>= shift;
    }
    return n;
}

/* The sign and digits of a machine integer, at most 65 bytes. */
static size_t write_small(int64_t i, int base, bool is_upper, char *out) {
    if (LIKELY(base == 10)) {
        return numtext_from_i64(i, out);
    }
    const size_t n_sign = i < 0;
    out[0] = '-';
    const uint64_t magnitude = i < 0 ? 0 - (uint64_t)i : (uint64_t)i;
    const unsigned shift = base == 16 ? 4 : base == 8 ? 3 : 1;
    return n_sign + write_power_of_two_base(magnitude, shift,
                                            is_upper ? upper_digits : lower_digits,
                                            out + n_sign);
}

/* How many decimal digits a number of so many bits has at least. */
static size_t digits_of_bits(int64_t n_bits) {
    return n_bits <= 1 ? 1 : (size_t)((double)(n_bits - 1) * 0.30102999566398114) + 1;
}

static bool add_big(Context *cx, Buf *out, const IntView *view, int base, bool is_upper) {
    if (base == 10 && !int_check_digits(cx, digits_of_bits(int_view_bits(view)), false)) {
        return false;
    }
    const size_t n_max = mpn_sizeinbase(view->limbs, view->n, base) + 1;
    Scratch scratch;
    scratch_open(&scratch, (size_t)view->n + 1);
    mpn_copyi(scratch.limbs, view->limbs, view->n);
    char *digits = buf_reserve(out, n_max + 2);
    size_t n_sign = 0;
    if (view->is_negative) {
        digits[n_sign++] = '-';
    }
    unsigned char *raw = (unsigned char *)digits + n_sign;
    const size_t n = mpn_get_str(raw, base, scratch.limbs, view->n);
    scratch_close(&scratch);
    size_t n_zeros = 0;
    while (n_zeros + 1 < n && raw[n_zeros] == 0) {
        n_zeros++;
    }
    if (base == 10 && !int_check_digits(cx, n - n_zeros, false)) {
        return false;
    }
    const char *names = is_upper ? upper_digits : lower_digits;
    for (size_t i = n_zeros; i < n; i++) {
        raw[i - n_zeros] = (unsigned char)names[raw[i]];
    }
    out->n_bytes += n_sign + n - n_zeros;
    return true;
}

bool int_add_text(Context *cx, Buf *out, Value v, int base, bool is_upper) {
    int64_t i;
    if (LIKELY(int_to_i64(v, &i))) {
        out->n_bytes += write_small(i, base, is_upper, buf_reserve(out, 66));
        return true;
    }
    IntView view;
    int_view(&view, v);
    return add_big(cx, out, &view, base, is_upper);
}

ObjStr *int_to_str(Context *cx, Value v, int base, bool is_upper) {
    int64_t i;
    if (LIKELY(int_to_i64(v, &i))) {
        char text[66];
        return str_new_ascii(cx, text, write_small(i, base, is_upper, text));
    }
    IntView view;
    int_view(&view, v);
    Buf text = {0};
    if (!add_big(cx, &text, &view, base, is_upper)) {
        buf_free(&text);
        return NULL;
    }
    ObjStr *result = str_new_ascii(cx, text.bytes, text.n_bytes);
    buf_free(&text);
    return result;
}

/* From text */

static int digit_value(char c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'z' ? c - 'a' + 10
           : c >= 'A' && c <= 'Z' ? c - 'A' + 10
                                  : 99;
}

Value int_from_digits(Context *cx, const char *digits, size_t n_digits, int base,
                      bool is_limited) {
    if (LIKELY(n_digits <= DECIMAL_DIGITS_U64 && base <= 10)) {
        uint64_t number = 0;
        for (size_t i = 0; i < n_digits; i++) {
            number = number * (unsigned)base + (unsigned)(digits[i] - '0');
        }
        return int_from_u64(cx, number);
    }
    const bool is_power_of_two = (base & (base - 1)) == 0;
    if (is_limited && !is_power_of_two && !int_check_digits(cx, n_digits, true)) {
        return VALUE_ERROR;
    }
    while (n_digits > 1 && digits[0] == '0') {
        digits++;
        n_digits--;
    }
    unsigned bits_per_digit = 1;
    while (1 << bits_per_digit < base) {
        bits_per_digit++;
    }
    ObjInt *big =
        int_alloc(cx, n_digits / LIMB_BITS * bits_per_digit + bits_per_digit + 2);
    if (big == NULL) {
        return VALUE_ERROR;
    }
    unsigned char room[ROOM_BYTES];
    unsigned char *values = n_digits <= sizeof room ? room : mem_alloc(n_digits);
    for (size_t i = 0; i < n_digits; i++) {
        values[i] = (unsigned char)digit_value(digits[i]);
    }
    const mp_size_t n_limbs = mpn_set_str(big->limbs, values, n_digits, base);
    if (values != room) {
        mem_free(values);
    }
    return int_finish(big, n_limbs, false);
}

void int_add_plain_digits(Buf *out, const char *text, size_t n_bytes) {
    size_t length;
    for (size_t i = 0; i < n_bytes; i += length) {
        const uint32_t c = utf8_decode(text + i, &length);
        const int digit = c < 128 ? -1 : unicode_decimal(c);
        buf_add_byte(out, c < 128               ? (char)c
                          : digit >= 0          ? (char)('0' + digit)
                          : unicode_is_space(c) ? ' '
                                                : '?');
    }
}

static Value raise_invalid(Context *cx, int base, Value for_message) {
    const Value repr = value_repr(cx, for_message);
    if (IS_ERROR(repr)) {
        return VALUE_ERROR;
    }
    ObjStr *text = AS_STR(repr);
    if (text->n_chars > 200) {
        text = str_slice(cx, text, 0, 200);
        if (text == NULL) {
            return VALUE_ERROR;
        }
    }
    return exc_raise(cx, EXC_ValueError, "invalid literal for int() with base %d: %.*s",
                     base, (int)text->n_bytes, text->data);
}

static bool is_ascii_space(char c) {
    return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1c && c <= 0x1f);
}

/* What is between "0x" and the end. True when [*at, end) may be digits now; *base is
 * set when it was 0. */
static bool skip_prefix(const char **at, const char *end, int *base) {
    const char *p = *at;
    const char letter = end - p >= 2 && p[0] == '0' ? (char)(p[1] | 0x20) : 0;
    const int by_letter = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
    if (by_letter != 0 && (*base == 0 || *base == by_letter)) {
        *base = by_letter;
        p += 2;
        p += p < end && *p == '_';
        *at = p;
        return true;
    }
    if (*base == 0) {
        *base = 10;
        /* "010" would have been octal once; only zeros may begin with 0. */
        bool has_other = false;
        for (const char *q = p; q < end; q++) {
            has_other |= *q != '0' && *q != '_';
        }
        return !(p < end && *p == '0' && has_other);
    }
    return true;
}

/* Digits with single underscores between them: without them in *plain when there are
 * any. */
static bool collect_digits(const char *at, const char *end, int base, Buf *plain,
                           bool *has_underscores) {
    char last = '_';
    *has_underscores = false;
    for (const char *p = at; p < end; p++) {
        if (*p == '_' ? last == '_' : digit_value(*p) >= base) {
            return false;
        }
        *has_underscores |= *p == '_';
        last = *p;
    }
    if (last == '_') {
        return false;
    }
    for (const char *p = at; *has_underscores && p < end; p++) {
        if (*p != '_') {
            buf_add_byte(plain, *p);
        }
    }
    return true;
}

static Value parse_ascii(Context *cx, const char *at, const char *end, int base,
                         Value for_message) {
    const int given_base = base;
    while (at < end && is_ascii_space(*at)) {
        at++;
    }
    while (end > at && is_ascii_space(end[-1])) {
        end--;
    }
    bool is_negative = false;
    if (at < end && (*at == '-' || *at == '+')) {
        is_negative = *at++ == '-';
    }
    Buf plain = {0};
    bool has_underscores;
    if (!skip_prefix(&at, end, &base) ||
        !collect_digits(at, end, base, &plain, &has_underscores)) {
        return raise_invalid(cx, given_base, for_message);
    }
    const Value v = has_underscores
                        ? int_from_digits(cx, plain.bytes, plain.n_bytes, base, true)
                        : int_from_digits(cx, at, (size_t)(end - at), base, true);
    buf_free(&plain);
    return is_negative && !IS_ERROR(v) ? int_unary(cx, UNARY_NEG, v) : v;
}

Value int_parse(Context *cx, const char *text, size_t n_bytes, int base,
                Value for_message) {
    /* Few decimal digits and nothing else: nearly always. */
    if (LIKELY(base == 10 && n_bytes > 0 && n_bytes <= DECIMAL_DIGITS_U64)) {
        uint64_t number = 0;
        size_t i = 0;
        for (; i < n_bytes && text[i] >= '0' && text[i] <= '9'; i++) {
            number = number * 10 + (uint64_t)(text[i] - '0');
        }
        if (LIKELY(i == n_bytes)) {
            return int_from_u64(cx, number);
        }
    }
    if (utf8_is_ascii(text, n_bytes) || !IS_STR(for_message)) {
        return parse_ascii(cx, text, text + n_bytes, base, for_message);
    }
    Buf plain = {0};
    int_add_plain_digits(&plain, text, n_bytes);
    const Value v =
        parse_ascii(cx, plain.bytes, plain.bytes + plain.n_bytes, base, for_message);
    buf_free(&plain);
    return v;
}
