/* config.h - what is decided at compile time, and why.
 *
 * Everything that depends on the compiler, the sanitizer or the kind of machine is a macro of this file, so that the
 * other files ask for what they need and not for who compiles them. */

#ifndef MINI_BASE_CONFIG_H
#define MINI_BASE_CONFIG_H

/* Sanitizers: gcc defines macros, clang answers questions. */
#if defined(__SANITIZE_ADDRESS__)
#    define CONFIG_ASAN 1
#elif defined(__has_feature)
#    if __has_feature(address_sanitizer)
#        define CONFIG_ASAN 1
#    endif
#endif
#ifndef CONFIG_ASAN
#    define CONFIG_ASAN 0
#endif

#if defined(__SANITIZE_THREAD__)
#    define CONFIG_TSAN 1
#elif defined(__has_feature)
#    if __has_feature(thread_sanitizer)
#        define CONFIG_TSAN 1
#    endif
#endif
#ifndef CONFIG_TSAN
#    define CONFIG_TSAN 0
#endif

/* For the one function that reads C stacks as they are: redzones, other threads' frames and all. */
#define CONFIG_READS_ANY_MEMORY __attribute__((noinline, no_sanitize_address, no_sanitize_thread))

/* The compiler forgets what it knows of the variable's value, and computes anew what depends on it. */
#define CONFIG_FORGET(variable) __asm__("" : "+r"(variable))

/* A thread waits on a 32-bit word in the kernel; elsewhere platform_posix.c does it with a table of
 * condition variables. */
#if defined(__linux__)
#    define CONFIG_FUTEX 1
#else
#    define CONFIG_FUTEX 0
#endif

/* Data of different threads is kept this far apart. */
#define CONFIG_CACHE_LINE_BYTES 64

/* -DCONFIG_TRACE=0 leaves the hooks out that record events: a mini that can only be measured against the ordinary one, to
 * see what they cost while nothing is recorded (tests/bench/run trace --without). */
#ifndef CONFIG_TRACE
#    define CONFIG_TRACE 1
#endif

/* Labels as values, for the dispatch of the loop; every compiler that the build accepts has them, but
 * -DCONFIG_COMPUTED_GOTO=0 compiles the plain switch. */
#ifndef CONFIG_COMPUTED_GOTO
#    if defined(__GNUC__)
#        define CONFIG_COMPUTED_GOTO 1
#    else
#        define CONFIG_COMPUTED_GOTO 0
#    endif
#endif

#endif
