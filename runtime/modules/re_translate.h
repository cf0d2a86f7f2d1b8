/* re_translate.h - regular expressions: from Python's syntax to that of PCRE2. */

#ifndef MINI_MODULES_RE_TRANSLATE_H
#define MINI_MODULES_RE_TRANSLATE_H

#include "runtime/base/buf.h"
#include "runtime/objects/dict.h"

enum {
    RE_IGNORECASE = 2,
    RE_LOCALE = 4,
    RE_MULTILINE = 8,
    RE_DOTALL = 16,
    RE_UNICODE = 32,
    RE_VERBOSE = 64,
    RE_DEBUG = 128,
    RE_ASCII = 256
};

enum { RE_MAX_GROUPS = 10000 };

typedef struct Translation {
    Buf text;  /* for PCRE2, without its options; the caller frees it */
    int flags; /* with those that stand in the pattern */
    uint32_t n_groups;
    ObjDict *names; /* group name to number */
    Buf closing;    /* uint16_t for each group: the how-manieth it is to be closed */
    bool is_ascii;  /* no character beyond ASCII in it */
} Translation;

/* pattern is a str or bytes. False: an exception is pending, error_class(message, pattern,
 * position) for what is wrong with it. */
bool re_translate(Context *cx, Value pattern, int flags, Value error_class,
                  Translation *out);

/* Raises error_class(message, pattern, position); position < 0: none. */
void re_raise(Context *cx, Value error_class, ObjStr *message, Value pattern,
              int64_t position);

#endif
