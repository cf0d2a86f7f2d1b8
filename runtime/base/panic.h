/* panic.h - the end of the process when an invariant is broken or memory is exhausted. */

#ifndef MINI_BASE_PANIC_H
#define MINI_BASE_PANIC_H

/* Writes "mini: panic: <message>" to stderr and aborts. For what no script can be told: a broken
 * invariant (say which one, and on what), or no memory where no exception can be raised. */
_Noreturn void panic(const char *format, ...) __attribute__((format(printf, 1, 2), cold));

#endif
