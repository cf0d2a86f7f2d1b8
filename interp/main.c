/* main.c - the program mini: command line, one interpreter, one script, exit status. */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "interp/cli.h"
#include "interp/disasm.h"
#include "interp/eval.h"
#include "interp/program.h"
#include "interp/repl.h"
#include "interp/signals.h"
#include "interp/state.h"
#include "interp/trace/recorder.h"
#include "interp/trace/report_command.h"
#include "interp/trace/trace.h"
#include "interp/uncaught.h"
#include "runtime/base/config.h"
#include "runtime/objects/exception.h"

enum { CANNOT_RECORD_STATUS = 2 };

static ObjCode *find_program(Thread *th, const Options *options, int *missing_status) {
    switch (options->run) {
    case RUN_FILE: return program_from_file(th, options->what, missing_status);
    case RUN_COMMAND: return program_from_text(th, options->what);
    case RUN_MODULE: return program_from_module(th, options->what, missing_status);
    default: return program_from_descriptor(th, STDIN_FILENO);
    }
}

static bool show_bytecode(Context *cx, const ObjCode *code) {
    Buf text = {0};
    const bool is_ok = disasm_code(cx, code, &text);
    fwrite(text.bytes, 1, text.n_bytes, stdout);
    buf_free(&text);
    return is_ok;
}

static int run_program(Interp *interp) {
    Thread *th = interp->main;
    if (interp->options->run == RUN_PROMPT) {
        return repl_run(th);
    }
    int missing_status = 0;
    ObjCode *code = find_program(th, interp->options, &missing_status);
    if (code == NULL) {
        trace_no_program(th);
    }
    if (missing_status != 0) {
        return missing_status;
    }
    bool is_ok = code != NULL;
    if (is_ok && interp->options->is_dis) {
        is_ok = show_bytecode(&th->cx, code);
    } else if (is_ok) {
        is_ok = !IS_ERROR(eval_module(th, code));
    }
    const int status = is_ok ? 0 : uncaught_in_main(th, exc_take(&th->cx));
    return interp->options->is_inspect ? repl_run(th) : status;
}

int main(int argc, char **argv) {
    Options options;
    int status = cli_parse(&options, argc, argv);
    if (status >= 0) {
        return status;
    }
    if (options.run == RUN_REPORT) {
        return report_command(options.argc, options.argv);
    }
    Recorder *recorder = NULL;
    if (recorder_is_wanted(&options) && (recorder = recorder_start(&options)) == NULL) {
        return CANNOT_RECORD_STATUS;
    }
    Interp *interp = interp_open(&options);
    if (interp == NULL) {
        return 1;
    }
    signals_open(interp);
    if (recorder != NULL) {
        trace_begin(interp, recorder_log(recorder), recorder);
    }
    status = interp_finish(interp, run_program(interp));
    fflush(stdout);
    trace_end(interp->main, status == UNCAUGHT_INTERRUPTED ? SIGINT : trace_exit_status(status), true);
    if (status == UNCAUGHT_INTERRUPTED) {
        signals_die_interrupted();
    }
    if (CONFIG_ASAN) {
        /* What is lost shows only if the rest is freed. */
        interp_free(interp);
        exit(status);
    }
    /* Handlers of the C library would run beside daemon threads that stand still, and have nothing to do. */
    _exit(status);
}
