/* unicode_normal.h - the four normal forms of Unicode, over libutf8proc.
 *
 * Threads: any, at any time. */

#ifndef MINI_BASE_UNICODE_NORMAL_H
#define MINI_BASE_UNICODE_NORMAL_H

#include <stdbool.h>

#include "runtime/base/buf.h"

typedef struct NormalForm {
    bool is_compatible; /* NFKD, NFKC: what only looks like it is replaced, too */
    bool is_composed;   /* NFC, NFKC */
} NormalForm;

/* Adds the normal form of the text, which is UTF-8 that may hold lone surrogates. */
void unicode_normalize(NormalForm form, const char *text, size_t n_bytes, Buf *out);

#endif
