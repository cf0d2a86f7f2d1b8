/* panic.c - the end of the process when an invariant is broken or memory is exhausted. */

#include "runtime/base/panic.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

void panic(const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    fputs("mini: panic: ", stderr);
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
    abort();
}
