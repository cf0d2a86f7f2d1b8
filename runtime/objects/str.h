/* str.h - str: immutable text as UTF-8.
 *
 * Invariants
 *   1. data[0 .. n_bytes) is valid UTF-8, but that lone surrogates stand as three bytes
 *      each. It is not terminated by a zero byte in general (str_c_text copies where
 *      one is needed).
 *   2. data points right behind the struct (or behind the slots of an instance of a
 *      subclass), or into an ObjBuffer: a concatenation of some length leaves room at
 *      the end of its buffer, and a later concatenation that begins with the same text
 *      takes that room (compare and swap on buffer->n_used) instead of copying; so `s
 *      += part` in a loop takes linear time.
 *   3. OBJ_FLAG_ASCII is set if and only if n_chars == n_bytes.
 *   4. An interned string is the only interned one with its text: two of them are equal
 *      if and only if they are the same object. Names in code, attribute names and
 *      literals that look like names are interned.
 *   5. hash is 0 until it was computed (and never 0 then). */

#ifndef MINI_OBJECTS_STR_H
#define MINI_OBJECTS_STR_H

#include "runtime/gc/alloc.h"

enum {
    STR_FLAG_ASCII = 1,
    STR_FLAG_INTERNED = 2,
    STR_FLAG_BUFFER = 4,     /* data is the begin of an ObjBuffer */
    STR_FLAG_SPECIAL = 16,   /* interned, and the name of a special method (SpecialId) */
    STR_FLAG_CRUMBS = 8      /* a table of positions stands behind data; see str.c */
};

struct ObjStr {
    Obj header;
    uint64_t hash;       /* [atomic relaxed] */
    const char *data;    /* [const] */
    size_t n_bytes;      /* [const] */
    size_t n_chars;      /* [const] code points */
};

#define IS_STR(v) IS_KIND(v, KIND_STR)
#define AS_STR(v) ((ObjStr *)AS_OBJ(v))

static inline bool str_is_ascii(const ObjStr *s) {
    return (s->header.flags & STR_FLAG_ASCII) != 0;
}

/* All of these return NULL with an exception pending when memory is short; all may
 * collect. */
ObjStr *str_new(Context *cx, const char *text, size_t n_bytes);        /* text is valid UTF-8 */
ObjStr *str_from_c(Context *cx, const char *text);                     /* zero-terminated, valid UTF-8 */
/* The same without a look at the text: pure ASCII, or the number of characters is
 * known. */
ObjStr *str_new_ascii(Context *cx, const char *text, size_t n_bytes);
ObjStr *str_new_counted(Context *cx, const char *text, size_t n_bytes, size_t n_chars);
/* Room for a text that the caller writes to *data before anybody sees the object (if
 * n_bytes > 0). */
ObjStr *str_new_room(Context *cx, size_t n_bytes, size_t n_chars, char **data);
/* The text as an exact str: s itself when it is none of a subclass. */
ObjStr *str_exact(Context *cx, ObjStr *s);
ObjStr *str_intern(Context *cx, const char *text, size_t n_bytes);
ObjStr *str_intern_obj(Context *cx, ObjStr *s);
ObjStr *str_from_char(Context *cx, uint32_t code_point);
ObjStr *str_format_c(Context *cx, const char *format, ...) __attribute__((format(printf, 2, 3)));
ObjStr *str_format_v(Context *cx, const char *format, va_list args);
ObjStr *str_concat(Context *cx, ObjStr *a, ObjStr *b);
ObjStr *str_slice(Context *cx, ObjStr *s, size_t from, size_t to);     /* in code points, 0 <= from <= to <= n_chars */
Value str_index(Context *cx, ObjStr *s, int64_t index);                /* IndexError; negative from the end */
/* Decodes bytes that may be invalid: replaces with U+FFFD, or surrogate-escapes. */
ObjStr *str_decode_lossy(Context *cx, const char *bytes, size_t n_bytes, bool surrogate_escape);

/* Positions: of character i (<= n_chars) in bytes, and back. */
size_t str_byte_of_char(const ObjStr *s, size_t i);
size_t str_char_of_byte(const ObjStr *s, size_t byte);
uint32_t str_char_at(const ObjStr *s, size_t i);       /* i < n_chars */

/* The iterator over a str, and its step: the next character or VALUE_STOP. */
typedef struct ObjStrIter {
    Obj header;
    ObjStr *s;           /* [atomic] NULL at the end */
    size_t position;     /* [atomic] of the next character, in bytes */
} ObjStrIter;
Value str_iter_next(Context *cx, Value iterator);

/* Creates the interned strings (rt->interned, held strongly: an interned string lives
 * as long as the runtime), rt->empty_str, rt->ascii_chars and rt->names. After the
 * heap, before everything else; types need not exist. */
bool str_open(Context *cx);
void str_close(Runtime *rt);
/* Marks the interned strings; called by runtime_trace_stw. */
void str_trace_stw(Runtime *rt, GcMarker *m);

uint64_t str_hash(ObjStr *s);
bool str_equals(ObjStr *a, ObjStr *b);
bool str_equals_c(const ObjStr *s, const char *text);
int str_compare(const ObjStr *a, const ObjStr *b);                     /* by code point: <0, 0, >0 */

/* A zero-terminated copy in malloc'ed memory, for system calls; ValueError "embedded
 * null character". */
char *str_c_text(Context *cx, ObjStr *s);

/* repr of text (quotes, escapes) */
Value str_repr(Context *cx, Value v);

/* A growing text in malloc'ed memory (runtime/base/buf.h) becomes a str: str_from_buf
 * frees the buffer. */
struct Buf;
ObjStr *str_from_buf(Context *cx, struct Buf *buf);

/* Whether it could be a name (keywords are). */
bool str_is_identifier(const ObjStr *s);

#endif
