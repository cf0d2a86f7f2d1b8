/* fuzz_script.c - any bytes as a program: lexer, parser, compiler in this process, then a short run in a child.
 *
 * What the front end makes of the bytes is compiled in this process, where libFuzzer sees which code it reaches. What
 * compiles is then run in a forked child with little time and memory: a child that is stopped for taking too long is no
 * finding, one that crashes or that a sanitizer ends is.
 *
 * Programs that could reach beyond the process (import, open, input, ...) are compiled but not run. */

#ifndef _GNU_SOURCE
#define _GNU_SOURCE /* memmem */
#endif

#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <unistd.h>

#include "interp/compile.h"
#include "interp/eval.h"
#include "interp/state.h"
#include "interp/validate.h"
#include "runtime/objects/exception.h"

enum { RUN_LIMIT_MS = 200, RUN_MAX_BYTES = 64 << 20, SOURCE_MAX_BYTES = 1 << 16 };

static Interp *interp;

/* Leaks are not looked for: tables that objects of mini's heap own look lost to a checker that does not know it. */
const char *__asan_default_options(void);
const char *__asan_default_options(void) {
    return "detect_leaks=0";
}

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes);

int LLVMFuzzerInitialize(int *argc, char ***argv) {
    (void)argc;
    (void)argv;
    static Options options = {.is_gil_enabled = true, .switch_interval_us = 5000,
                              .max_memory_bytes = RUN_MAX_BYTES};
    interp = interp_open(&options);
    if (interp == NULL) {
        abort();
    }
    return 0;
}

static bool contains(const uint8_t *data, size_t n_bytes, const char *word) {
    return memmem(data, n_bytes, word, strlen(word)) != NULL;
}

static bool may_run(const uint8_t *data, size_t n_bytes) {
    static const char *const words[] = {"import", "open", "input", "exit", "quit", "breakpoint", "builtins", "globals",
                                        "vars"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (contains(data, n_bytes, words[i])) {
            return false;
        }
    }
    return true;
}

/* In the child. */
static void run(ObjCode *code) {
    struct itimerval limit = {.it_value = {.tv_usec = RUN_LIMIT_MS * 1000}};
    signal(SIGALRM, SIG_DFL);
    setitimer(ITIMER_REAL, &limit, NULL);
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    if (freopen("/dev/null", "w", stdout) == NULL) {
        _exit(0);
    }
    Context *cx = &interp->main->cx;
    Value result = eval_module(interp->main, code);
    if (IS_ERROR(result)) {
        Value exception = exc_take(cx);
        if (!IS_UNSET(exception)) {
            exc_format(cx, exception);
        }
    }
    _exit(0);
}

static void run_in_child(ObjCode *code) {
    fflush(NULL);
    pid_t child = fork();
    if (child < 0) {
        return;
    }
    if (child == 0) {
        run(code);
    }
    int status;
    while (waitpid(child, &status, 0) < 0) {
    }
    bool is_fine = (WIFEXITED(status) && WEXITSTATUS(status) == 0) ||
                   (WIFSIGNALED(status) && WTERMSIG(status) == SIGALRM);
    if (!is_fine) {
        fprintf(stderr, "fuzz_script: the child ended with status %#x\n", (unsigned)status);
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n_bytes) {
    if (n_bytes > SOURCE_MAX_BYTES) {
        return -1;
    }
    Context *cx = &interp->main->cx;
    ObjStr *name = str_from_c(cx, "__main__");
    ObjModule *module = name == NULL ? NULL : module_new(cx, name);
    ObjStr *filename = str_from_c(cx, "fuzz.mini");
    if (module == NULL || filename == NULL) {
        abort();
    }
    ObjCode *code = compile_source(cx, module, filename, (const char *)data, n_bytes, PARSE_FILE, NULL);
    if (code == NULL) {
        if (IS_UNSET(cx->pending)) {
            abort();
        }
        Value exception = exc_take(cx);
        if (IS_ERROR(exc_format(cx, exception))) {
            exc_take(cx);
        }
        return 0;
    }
    if (may_run(data, n_bytes)) {
        run_in_child(code);
    }
    return 0;
}
