/* str.c - text: making it, joining two of it, its parts, its hash.
 *
 * Invariants (beside those of str.h)
 *   1. Text that is not ASCII and long has "crumbs" behind it (STR_FLAG_CRUMBS): the
 *      byte positions of every CRUMB_CHARS-th character, made when a character is first
 *      asked for by its number. Entries are atomic words; 0 means "not made"; all who
 *      make them write the same.
 *
 * Threads: any. See also: str_intern.c, str_methods.c, str_format.c, runtime/base/utf8.h,
 * tests/unit/test_str.c. */

#include "runtime/objects/str.h"

#include <stdio.h>

#include "runtime/base/buf.h"
#include "runtime/base/hash.h"
#include "runtime/base/mem.h"
#include "runtime/base/search.h"
#include "runtime/base/utf8.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/array.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/codec.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter_state.h"
#include "runtime/objects/range.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/str_format.h"
#include "runtime/objects/str_methods.h"
#include "runtime/objects/unicode.h"

enum { CRUMB_CHARS = 64, CRUMBS_FROM_BYTES = 128 };

#define STR_MAX_BYTES ((size_t)PTRDIFF_MAX / 2)

static size_t round_up_8(size_t n) {
    return (n + 7) & ~(size_t)7;
}

/* Making */

static inline ObjStr *alloc(Context *cx, size_t n_bytes, size_t n_chars) {
    if (UNLIKELY(n_bytes > STR_MAX_BYTES)) {
        exc_raise_no_memory(cx);
        return NULL;
    }
    const bool has_crumbs = n_chars != n_bytes && n_bytes >= CRUMBS_FROM_BYTES;
    size_t size = sizeof(ObjStr) + n_bytes;
    if (UNLIKELY(has_crumbs)) {
        size = round_up_8(size) + n_chars / CRUMB_CHARS * sizeof(size_t);
    }
    ObjStr *s = (ObjStr *)heap_alloc(cx, size, KIND_STR, KIND_STR);
    if (UNLIKELY(s == NULL)) {
        return NULL;
    }
    s->data = (const char *)(s + 1);
    s->n_bytes = n_bytes;
    s->n_chars = n_chars;
    s->header.flags = n_chars == n_bytes ? STR_FLAG_ASCII
                      : has_crumbs       ? STR_FLAG_CRUMBS
                                         : 0;
    return s;
}

ObjStr *str_new_room(Context *cx, size_t n_bytes, size_t n_chars, char **data) {
    if (UNLIKELY(n_bytes == 0)) {
        *data = NULL;
        return cx->rt->empty_str;
    }
    ObjStr *s = alloc(cx, n_bytes, n_chars);
    *data = s == NULL ? NULL : (char *)(s + 1);
    return s;
}

ObjStr *str_new_counted(Context *cx, const char *text, size_t n_bytes, size_t n_chars) {
    if (n_bytes <= 1) {
        return n_bytes == 0 ? cx->rt->empty_str : cx->rt->ascii_chars[text[0] & 127];
    }
    ObjStr *s = alloc(cx, n_bytes, n_chars);
    if (LIKELY(s != NULL)) {
        memcpy(s + 1, text, n_bytes);
    }
    return s;
}

ObjStr *str_new_ascii(Context *cx, const char *text, size_t n_bytes) {
    if (n_bytes <= 1) {
        return n_bytes == 0 ? cx->rt->empty_str : cx->rt->ascii_chars[text[0] & 127];
    }
    ObjStr *s = alloc(cx, n_bytes, n_bytes);
    if (LIKELY(s != NULL)) {
        memcpy(s + 1, text, n_bytes);
    }
    return s;
}

ObjStr *str_new(Context *cx, const char *text, size_t n_bytes) {
    return str_new_counted(cx, text, n_bytes, utf8_count(text, n_bytes));
}

ObjStr *str_from_c(Context *cx, const char *text) {
    return str_new(cx, text, strlen(text));
}

ObjStr *str_from_char(Context *cx, uint32_t code_point) {
    char text[UTF8_MAX_BYTES];
    if (LIKELY(code_point < 128)) {
        return cx->rt->ascii_chars[code_point];
    }
    return str_new_counted(cx, text, utf8_encode(code_point, text), 1);
}

ObjStr *str_from_buf(Context *cx, Buf *buf) {
    ObjStr *s = str_new(cx, buf->bytes, buf->n_bytes);
    buf_free(buf);
    return s;
}

ObjStr *str_format_v(Context *cx, const char *format, va_list args) {
    char room[256];
    va_list again;
    va_copy(again, args);
    const int n = vsnprintf(room, sizeof room, format, args);
    ObjStr *s;
    if (n < (int)sizeof room) {
        s = str_new(cx, room, n < 0 ? 0 : (size_t)n);
    } else {
        Buf buf = {0};
        buf_add_format_v(&buf, format, again);
        s = str_from_buf(cx, &buf);
    }
    va_end(again);
    return s;
}

ObjStr *str_format_c(Context *cx, const char *format, ...) {
    va_list args;
    va_start(args, format);
    ObjStr *s = str_format_v(cx, format, args);
    va_end(args);
    return s;
}

ObjStr *str_decode_lossy(Context *cx, const char *bytes, size_t n_bytes,
                         bool surrogate_escape) {
    if (utf8_check(bytes, n_bytes) == n_bytes) {
        return str_new(cx, bytes, n_bytes);
    }
    enum { REPLACEMENT = 0xfffd, ESCAPE_BASE = 0xdc00 };
    Buf buf = {0};
    while (n_bytes > 0) {
        const size_t n_good = utf8_check(bytes, n_bytes);
        buf_add(&buf, bytes, n_good);
        bytes += n_good;
        n_bytes -= n_good;
        if (n_bytes > 0) {
            buf_add_utf8(&buf, surrogate_escape ? ESCAPE_BASE + (unsigned char)*bytes
                                                : REPLACEMENT);
            bytes++;
            n_bytes--;
        }
    }
    return str_from_buf(cx, &buf);
}

char *str_c_text(Context *cx, ObjStr *s) {
    if (memchr(s->data, '\0', s->n_bytes) != NULL) {
        exc_raise(cx, EXC_ValueError, "embedded null character");
        return NULL;
    }
    char *text = mem_alloc(s->n_bytes + 1);
    memcpy(text, s->data, s->n_bytes);
    text[s->n_bytes] = '\0';
    return text;
}

ObjStr *str_exact(Context *cx, ObjStr *s) {
    return obj_shape(&s->header) == KIND_STR
               ? s
               : str_new_counted(cx, s->data, s->n_bytes, s->n_chars);
}

/* Hash, equality, order */

uint64_t str_hash(ObjStr *s) {
    /* Relaxed: whoever finds 0 computes the same number. */
    uint64_t hash = atomic_load_relaxed(&s->hash);
    if (UNLIKELY(hash == 0)) {
        hash = hash_text(s->data, s->n_bytes);
        atomic_store_relaxed(&s->hash, hash);
    }
    return hash;
}

bool str_equals(ObjStr *a, ObjStr *b) {
    if (a == b) {
        return true;
    }
    if (a->n_bytes != b->n_bytes ||
        (a->header.flags & b->header.flags & STR_FLAG_INTERNED)) {
        return false;
    }
    return memcmp(a->data, b->data, a->n_bytes) == 0;
}

bool str_equals_c(const ObjStr *s, const char *text) {
    return strlen(text) == s->n_bytes && memcmp(s->data, text, s->n_bytes) == 0;
}

/* UTF-8 sorts as the code points do. */
int str_compare(const ObjStr *a, const ObjStr *b) {
    const size_t n = a->n_bytes < b->n_bytes ? a->n_bytes : b->n_bytes;
    const int order = memcmp(a->data, b->data, n);
    return order != 0 ? order : (a->n_bytes > b->n_bytes) - (a->n_bytes < b->n_bytes);
}

/* Positions */

static size_t *crumbs_of(const ObjStr *s) {
    return (size_t *)((char *)s + round_up_8(sizeof(ObjStr) + s->n_bytes));
}

/* The place behind the next n_chars characters from `byte`, at which one begins: the
 * beginning that has n_chars others between `byte` and itself. */
static size_t skip_chars(const ObjStr *s, size_t byte, size_t n_chars) {
    const char *data = s->data;
    while (n_chars > 8 && byte + 8 <= s->n_bytes) {
        n_chars -= 8 - utf8_continuations_in(data + byte);
        byte += 8;
    }
    for (; byte < s->n_bytes; byte++) {
        if (!utf8_is_continuation((unsigned char)data[byte]) && n_chars-- == 0) {
            break;
        }
    }
    return byte;
}

static void make_crumbs(const ObjStr *s) {
    size_t *crumbs = crumbs_of(s);
    const size_t n = s->n_chars / CRUMB_CHARS;
    size_t byte = 0;
    for (size_t i = 0; i < n; i++) {
        byte = skip_chars(s, byte, CRUMB_CHARS);
        /* Relaxed: each entry stands for itself. */
        atomic_store_relaxed(&crumbs[i], byte);
    }
}

size_t str_byte_of_char(const ObjStr *s, size_t i) {
    if (LIKELY(str_is_ascii(s)) || i == 0) {
        return i;
    }
    if (i >= s->n_chars) {
        return s->n_bytes;
    }
    if (!(s->header.flags & STR_FLAG_CRUMBS) || i < CRUMB_CHARS) {
        return skip_chars(s, 0, i);
    }
    size_t *crumb = &crumbs_of(s)[i / CRUMB_CHARS - 1];
    if (atomic_load_relaxed(crumb) == 0) {
        make_crumbs(s);
    }
    return skip_chars(s, atomic_load_relaxed(crumb), i % CRUMB_CHARS);
}

size_t str_char_of_byte(const ObjStr *s, size_t byte) {
    return str_is_ascii(s) ? byte : utf8_count(s->data, byte);
}

uint32_t str_char_at(const ObjStr *s, size_t i) {
    size_t length;
    return utf8_decode(s->data + str_byte_of_char(s, i), &length);
}

/* Parts */

ObjStr *str_slice(Context *cx, ObjStr *s, size_t from, size_t to) {
    if (from == 0 && to == s->n_chars) {
        return str_exact(cx, s);
    }
    if (LIKELY(str_is_ascii(s))) {
        return str_new_ascii(cx, s->data + from, to - from);
    }
    const size_t first = str_byte_of_char(s, from);
    const size_t end = skip_chars(s, first, to - from);
    const size_t n_bytes = end - first;
    if (n_bytes == 1) {
        return cx->rt->ascii_chars[s->data[first] & 127];
    }
    return str_new_counted(cx, s->data + first, n_bytes, to - from);
}

Value str_index(Context *cx, ObjStr *s, int64_t index) {
    const size_t i = (size_t)(index < 0 ? index + (int64_t)s->n_chars : index);
    if (UNLIKELY(i >= s->n_chars)) {
        return exc_raise(cx, EXC_IndexError, "string index out of range");
    }
    if (LIKELY(str_is_ascii(s))) {
        return OBJ_VALUE(cx->rt->ascii_chars[s->data[i] & 127]);
    }
    ObjStr *c = str_from_char(cx, str_char_at(s, i));
    return c == NULL ? VALUE_ERROR : OBJ_VALUE(c);
}

/* The n characters up to the one numbered `last`, backwards, without looking for each. */
static Value slice_backwards(Context *cx, const ObjStr *s, size_t last, size_t n) {
    const size_t from = str_byte_of_char(s, last + 1 - n);
    const size_t n_bytes = str_byte_of_char(s, last + 1) - from;
    char *out;
    ObjStr *part = str_new_room(cx, n_bytes, n, &out);
    size_t length;
    for (size_t i = 0; part != NULL && i < n_bytes; i += length) {
        const char *c = s->data + from + i;
        length = utf8_length((unsigned char)*c);
        for (size_t k = 0; k < length; k++) { /* a call for so few takes longer */
            out[n_bytes - i - length + k] = c[k];
        }
    }
    return part == NULL ? VALUE_ERROR : OBJ_VALUE(part);
}

/* Every step-th character of n > 0; step is not 1. */
static Value slice_steps(Context *cx, const ObjStr *s, int64_t start, int64_t step,
                         int64_t n) {
    if (str_is_ascii(s)) {
        char *data;
        ObjStr *part = str_new_room(cx, (size_t)n, (size_t)n, &data);
        for (int64_t i = 0; part != NULL && i < n; i++) {
            data[i] = s->data[start + i * step];
        }
        return part == NULL ? VALUE_ERROR : OBJ_VALUE(part);
    }
    if (step == -1) {
        return slice_backwards(cx, s, (size_t)start, (size_t)n);
    }
    Buf buf = {0};
    for (int64_t i = 0; i < n; i++) {
        buf_add_utf8(&buf, str_char_at(s, (size_t)(start + i * step)));
    }
    ObjStr *part = str_from_buf(cx, &buf);
    return part == NULL ? VALUE_ERROR : OBJ_VALUE(part);
}

static Value kind_getitem(Context *cx, Value v, Value key) {
    ObjStr *s = AS_STR(v);
    if (LIKELY(IS_INT(key))) {
        return str_index(cx, s, value_to_int(key));
    }
    int64_t start;
    if (IS_SLICE(key)) {
        int64_t stop;
        int64_t step;
        int64_t n;
        if (!slice_resolve(cx, key, (int64_t)s->n_chars, &start, &stop, &step, &n)) {
            return VALUE_ERROR;
        }
        if (step != 1 && n > 0) {
            return slice_steps(cx, s, start, step, n);
        }
        ObjStr *part = n <= 0 ? cx->rt->empty_str
                              : str_slice(cx, s, (size_t)start, (size_t)(start + n));
        return part == NULL ? VALUE_ERROR : OBJ_VALUE(part);
    }
    if (!seq_is_index(cx, key)) {
        return exc_raise(cx, EXC_TypeError, "string indices must be integers, not '%s'",
                         type_name_of(cx, key));
    }
    return int_index_i64(cx, key, &start, EXC_IndexError) ? str_index(cx, s, start)
                                                          : VALUE_ERROR;
}

/* Joining two */

/* From this length on the result of a concatenation gets room behind it. Tuned with a
 * loop of `s += part` (bench/string_build and parts of 2 and 20 characters, 2026-11):
 * 64 to 256 are alike, 1024 costs a third more. */
enum { APPEND_FROM_BYTES = 128 };

static ObjBuffer *buffer_of(const ObjStr *s) {
    return (ObjBuffer *)(s->data - offsetof(ObjBuffer, bytes));
}

/* A str whose text begins a buffer. The buffer's bytes are written by the caller. */
static ObjStr *str_on_buffer(Context *cx, size_t n_bytes, size_t n_chars) {
    ObjStr *s = (ObjStr *)heap_alloc(cx, sizeof(ObjStr), KIND_STR, KIND_STR);
    if (s != NULL) {
        s->n_bytes = n_bytes;
        s->n_chars = n_chars;
    }
    return s;
}

static void set_buffer(ObjStr *s, const ObjBuffer *buffer) {
    s->data = buffer->bytes;
    s->header.flags = STR_FLAG_BUFFER | (s->n_bytes == s->n_chars ? STR_FLAG_ASCII : 0);
}

/* Takes the room behind a, if it is still free. */
static bool take_room(const Context *cx, ObjStr *a, const ObjStr *b) {
    ObjBuffer *buffer = buffer_of(a);
    size_t n_used = a->n_bytes;
    if (buffer->capacity - n_used < b->n_bytes) {
        return false;
    }
    if (LIKELY(!cx->is_parallel)) {
        if (buffer->n_used != n_used) {
            return false;
        }
        atomic_store_relaxed(&buffer->n_used, a->n_bytes + b->n_bytes);
        return true;
    }
    /* Who wins owns the bytes; a reader learns of them from a str that is published
     * later. */
    return atomic_cas(&buffer->n_used, &n_used, a->n_bytes + b->n_bytes);
}

static ObjStr *append(Context *cx, ObjStr *a, ObjStr *b) {
    const size_t n_bytes = a->n_bytes + b->n_bytes;
    ObjStr *sum = str_on_buffer(cx, n_bytes, a->n_chars + b->n_chars);
    if (sum == NULL) {
        return NULL;
    }
    ObjBuffer *buffer;
    if ((a->header.flags & STR_FLAG_BUFFER) && take_room(cx, a, b)) {
        buffer = buffer_of(a);
    } else {
        buffer = buffer_new(cx, n_bytes + n_bytes / 2);
        if (buffer == NULL) {
            return NULL;
        }
        atomic_store_relaxed(&buffer->n_used, n_bytes);
        memcpy(buffer->bytes, a->data, a->n_bytes);
    }
    memcpy(buffer->bytes + a->n_bytes, b->data, b->n_bytes);
    set_buffer(sum, buffer);
    return sum;
}

ObjStr *str_concat(Context *cx, ObjStr *a, ObjStr *b) {
    if (UNLIKELY(a->n_bytes == 0 || b->n_bytes == 0)) {
        return str_exact(cx, a->n_bytes == 0 ? b : a);
    }
    const size_t n_bytes = a->n_bytes + b->n_bytes;
    if (n_bytes >= APPEND_FROM_BYTES && b->n_bytes <= a->n_bytes) {
        return n_bytes > STR_MAX_BYTES / 2 ? (exc_raise_no_memory(cx), NULL)
                                           : append(cx, a, b);
    }
    ObjStr *sum = alloc(cx, n_bytes, a->n_chars + b->n_chars);
    if (LIKELY(sum != NULL)) {
        char *data = (char *)(sum + 1);
        memcpy(data, a->data, a->n_bytes);
        memcpy(data + a->n_bytes, b->data, b->n_bytes);
    }
    return sum;
}

static Value repeat(Context *cx, ObjStr *s, int64_t count) {
    if (count <= 0 || s->n_bytes == 0) {
        return OBJ_VALUE(cx->rt->empty_str);
    }
    if (count == 1) {
        ObjStr *same = str_exact(cx, s);
        return same == NULL ? VALUE_ERROR : OBJ_VALUE(same);
    }
    size_t n_bytes;
    if (__builtin_mul_overflow(s->n_bytes, (size_t)count, &n_bytes) ||
        n_bytes > PTRDIFF_MAX) {
        return exc_raise(cx, EXC_OverflowError, "repeated string is too long");
    }
    char *data;
    ObjStr *product = str_new_room(cx, n_bytes, s->n_chars * (size_t)count, &data);
    if (product == NULL) {
        return VALUE_ERROR;
    }
    if (s->n_bytes == 1) {
        memset(data, s->data[0], n_bytes);
        return OBJ_VALUE(product);
    }
    memcpy(data, s->data, s->n_bytes);
    for (size_t n_done = s->n_bytes; n_done < n_bytes;) {
        const size_t n = n_done < n_bytes - n_done ? n_done : n_bytes - n_done;
        memcpy(data + n_done, data, n);
        n_done += n;
    }
    return OBJ_VALUE(product);
}

static Value kind_binary(Context *cx, BinaryOp op, Value a, Value b) {
    if (op == BINARY_ADD) {
        if (LIKELY(IS_STR(a) && IS_STR(b))) {
            ObjStr *sum = str_concat(cx, AS_STR(a), AS_STR(b));
            return sum == NULL ? VALUE_ERROR : OBJ_VALUE(sum);
        }
        return IS_STR(a) ? seq_refuse_add(cx, "str", b) : VALUE_NOT_IMPLEMENTED;
    }
    if (op == BINARY_MOD) {
        return IS_STR(a) ? format_percent(cx, AS_STR(a), b) : VALUE_NOT_IMPLEMENTED;
    }
    if (op != BINARY_MUL) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const Value text = IS_STR(a) ? a : b;
    const Value factor = IS_STR(a) ? b : a;
    int64_t count;
    const int is_count = seq_repeat_count(cx, factor, &count);
    if (is_count == 0) {
        return seq_refuse_mul(cx, factor);
    }
    return is_count < 0 ? VALUE_ERROR : repeat(cx, AS_STR(text), count);
}

/* As a literal */

static void add_escape(Buf *out, uint32_t c) {
    switch (c) {
    case '\n': buf_add_text(out, "\\n"); break;
    case '\r': buf_add_text(out, "\\r"); break;
    case '\t': buf_add_text(out, "\\t"); break;
    default: buf_add_escape(out, c);
    }
}

static bool needs_no_escape(const ObjStr *s) {
    if (!str_is_ascii(s)) {
        return false;
    }
    for (size_t i = 0; i < s->n_bytes; i++) {
        const char c = s->data[i];
        if (c < ' ' || c == 127 || c == '\\' || c == '\'') {
            return false;
        }
    }
    return true;
}

Value str_repr(Context *cx, Value v) {
    const ObjStr *s = AS_STR(v);
    if (LIKELY(needs_no_escape(s))) {
        char *data;
        ObjStr *text = str_new_room(cx, s->n_bytes + 2, s->n_bytes + 2, &data);
        if (text == NULL) {
            return VALUE_ERROR;
        }
        data[0] = data[s->n_bytes + 1] = '\'';
        memcpy(data + 1, s->data, s->n_bytes);
        return OBJ_VALUE(text);
    }
    const char quote = memchr(s->data, '\'', s->n_bytes) != NULL &&
                               memchr(s->data, '"', s->n_bytes) == NULL
                           ? '"'
                           : '\'';
    Buf out = {0};
    buf_add_byte(&out, quote);
    size_t length;
    for (size_t i = 0; i < s->n_bytes; i += length) {
        const uint32_t c = utf8_decode(s->data + i, &length);
        if (c == (uint32_t)quote || c == '\\') {
            buf_add_byte(&out, '\\');
            buf_add_byte(&out, (char)c);
        } else if (c < 128 ? c >= ' ' && c < 127 : unicode_is_printable(c)) {
            buf_add(&out, s->data + i, length);
        } else {
            add_escape(&out, c);
        }
    }
    buf_add_byte(&out, quote);
    ObjStr *text = str_from_buf(cx, &out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* The type */

static void str_trace(GcMarker *m, Obj *o) {
    const ObjStr *s = (const ObjStr *)o;
    /* Between its allocation and set_buffer a str has no data yet. */
    if ((o->flags & STR_FLAG_BUFFER) && s->data != NULL) {
        gc_mark_obj(m, buffer_of(s));
    }
    if (o->shape != KIND_STR) {
        instance_trace_slots(m, gc_marker_shape(m, o), o);
    }
}

static Value kind_str(Context *cx, Value v) {
    ObjStr *s = str_exact(cx, AS_STR(v));
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

static bool kind_hash(Context *cx __attribute__((unused)), Value v, uint64_t *hash) {
    *hash = str_hash(AS_STR(v));
    return true;
}

static Value kind_compare(Context *cx __attribute__((unused)), CompareOp op, Value a,
                          Value b) {
    if (!IS_STR(a) || !IS_STR(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    ObjStr *x = AS_STR(a);
    ObjStr *y = AS_STR(b);
    switch (op) {
    case COMPARE_EQ: return BOOL_VALUE(str_equals(x, y));
    case COMPARE_NE: return BOOL_VALUE(!str_equals(x, y));
    case COMPARE_LT: return BOOL_VALUE(str_compare(x, y) < 0);
    case COMPARE_LE: return BOOL_VALUE(str_compare(x, y) <= 0);
    case COMPARE_GT: return BOOL_VALUE(str_compare(x, y) > 0);
    case COMPARE_GE: break;
    }
    return BOOL_VALUE(str_compare(x, y) >= 0);
}

static int kind_is_true(Context *cx __attribute__((unused)), Value v) {
    return AS_STR(v)->n_bytes != 0;
}

static int64_t kind_length(Context *cx __attribute__((unused)), Value v) {
    return (int64_t)AS_STR(v)->n_chars;
}

static int kind_contains(Context *cx, Value v, Value item) {
    if (UNLIKELY(!IS_STR(item))) {
        exc_raise(cx, EXC_TypeError,
                  "'in <string>' requires string as left operand, not %s",
                  type_name_of(cx, item));
        return -1;
    }
    const ObjStr *s = AS_STR(v);
    const ObjStr *part = AS_STR(item);
    return search_find(s->data, s->n_bytes, part->data, part->n_bytes) != NULL ||
           part->n_bytes == 0;
}

static Value kind_iter(Context *cx, Value v) {
    ObjStrIter *it = (ObjStrIter *)heap_alloc_as(
        cx, sizeof(ObjStrIter), KIND_STR_ITER,
        str_is_ascii(AS_STR(v)) ? KIND_STR_ITER : KIND_UNICODE_ITER);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->s = AS_STR(v);
    return OBJ_VALUE(it);
}

/* An instance of a subclass: the text stands behind the slots. */
static Value make_subclass(Context *cx, ObjType *type, const ObjStr *s) {
    const Shape *root = instance_root_shape(cx, type);
    if (root == NULL) {
        return VALUE_ERROR;
    }
    const size_t offset = instance_bytes(root);
    ObjStr *o = (ObjStr *)heap_alloc(cx, offset + s->n_bytes, KIND_STR, root->id);
    if (o == NULL) {
        return VALUE_ERROR;
    }
    o->header.flags = s->header.flags & STR_FLAG_ASCII;
    o->data = (const char *)o + offset;
    o->n_bytes = s->n_bytes;
    o->n_chars = s->n_chars;
    memcpy((char *)o + offset, s->data, s->n_bytes);
    return OBJ_VALUE(o);
}

/* str(object='', encoding, errors): each by position or keyword. */
static bool sort_arguments(Context *cx, const Value *args, int n_args, Value kwargs,
                           Value *sorted) {
    static const char *const names[] = {"object", "encoding", "errors"};
    for (int i = 0; i < 3; i++) {
        sorted[i] = i < n_args ? args[i] : VALUE_UNSET;
    }
    if (!construct_has_kwargs(kwargs)) {
        return true;
    }
    const ObjDictTable *table = dict_table(AS_DICT(kwargs));
    size_t position = 0;
    Value key;
    Value value;
    while (dict_table_next(table, &position, &key, &value)) {
        int i = 0;
        while (i < 3 && !str_equals_c(AS_STR(key), names[i])) {
            i++;
        }
        if (i == 3 || !IS_UNSET(sorted[i])) {
            if (i == 3) {
                exc_raise(cx, EXC_TypeError,
                          "str() got an unexpected keyword argument '%.*s'",
                          (int)AS_STR(key)->n_bytes, AS_STR(key)->data);
            } else {
                exc_raise(cx, EXC_TypeError,
                          "argument for str() given by name ('%s') and position (%d)",
                          names[i], i + 1);
            }
            return false;
        }
        sorted[i] = value;
    }
    return true;
}

static bool is_str_or_unset(Context *cx, Value v, const char *name) {
    if (IS_UNSET(v) || IS_STR(v)) {
        return true;
    }
    exc_raise(cx, EXC_TypeError, "str() argument '%s' must be str, not %s", name,
              arg_type_name(cx, v));
    return false;
}

static Value decode_argument(Context *cx, Value object, Value encoding, Value errors) {
    if (!is_str_or_unset(cx, encoding, "encoding") || !is_str_or_unset(cx, errors, "errors")) {
        return VALUE_ERROR;
    }
    if (IS_STR(object)) {
        return exc_raise(cx, EXC_TypeError, "decoding str is not supported");
    }
    object = byte_view_to_bytes(cx, object);
    if (IS_ERROR(object)) {
        return VALUE_ERROR;
    }
    if (!IS_BYTES(object)) {
        return exc_raise(cx, EXC_TypeError,
                         "decoding to str: need a bytes-like object, %s found",
                         type_name_of(cx, object));
    }
    return codec_decode(cx, AS_BYTES(object), encoding, errors);
}

static Value str_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                           Value kwargs) {
    Value sorted[3];
    if (!construct_check_count(cx, "str", n_args, 0, 3) ||
        !sort_arguments(cx, args, n_args, kwargs, sorted)) {
        return VALUE_ERROR;
    }
    Value text;
    if (IS_UNSET(sorted[0])) {
        text = OBJ_VALUE(cx->rt->empty_str);
    } else if (!IS_UNSET(sorted[1]) || !IS_UNSET(sorted[2])) {
        text = decode_argument(cx, sorted[0], sorted[1], sorted[2]);
    } else {
        text = value_str(cx, sorted[0]);
    }
    if (IS_ERROR(text) || type == cx->rt->types[KIND_STR]) {
        return text;
    }
    return make_subclass(cx, type, AS_STR(text));
}

const KindOps kind_ops_ObjStr = {
    .trace = str_trace,
    .repr = str_repr,
    .str = kind_str,
    .hash = kind_hash,
    .compare = kind_compare,
    .binary = kind_binary,
    .is_true = kind_is_true,
    .length = kind_length,
    .getitem = kind_getitem,
    .contains = kind_contains,
    .iter = kind_iter,
    .format = format_str,
    .construct = str_construct,
    .methods = str_methods,
    .doc = "str(object='') -> str\nstr(bytes_or_buffer[, encoding[, errors]]) -> str\n\n"
           "Text: the object as it prints, or bytes decoded.",
};

/* The iterator */

Value str_iter_next(Context *cx, Value v) {
    ObjStrIter *it = (ObjStrIter *)AS_OBJ(v);
    ObjStr *s = atomic_load_acquire(&it->s);
    if (UNLIKELY(s == NULL)) {
        return VALUE_STOP;
    }
    size_t at = atomic_load_relaxed(&it->position);
    if (LIKELY(str_is_ascii(s) && !cx->is_parallel && at < s->n_bytes)) {
        atomic_store_relaxed(&it->position, at + 1);
        return OBJ_VALUE(cx->rt->ascii_chars[s->data[at] & 127]);
    }
    size_t length = 1;
    uint32_t c = 0;
    do {
        if (UNLIKELY(at >= s->n_bytes)) {
            atomic_store_release(&it->s, NULL);
            return VALUE_STOP;
        }
        c = utf8_decode(s->data + at, &length);
        if (LIKELY(!cx->is_parallel)) {
            atomic_store_relaxed(&it->position, at + length);
            break;
        }
    } while (!atomic_cas(&it->position, &at, at + length));
    ObjStr *character = str_from_char(cx, c);
    return character == NULL ? VALUE_ERROR : OBJ_VALUE(character);
}

static void iter_trace(GcMarker *m, Obj *o) {
    gc_mark_obj(m, ((ObjStrIter *)o)->s);
}

const KindOps kind_ops_ObjStrIter = {
    .trace = iter_trace,
    .next = str_iter_next,
    .methods = iter_place_methods,
};

const KindOps kind_ops_ObjUnicodeIter = {
    .trace = iter_trace,
    .next = str_iter_next,
    .methods = iter_place_methods,
};
