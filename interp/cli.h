/* cli.h - the command line: what stands in options.def, read into Options. */

#ifndef MINI_INTERP_CLI_H
#define MINI_INTERP_CLI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum RunKind {
    RUN_PROMPT,          /* nothing to run: statements are typed */
    RUN_FILE,
    RUN_COMMAND,         /* -c */
    RUN_MODULE,          /* -m */
    RUN_STDIN,           /* - or nothing, with input that is no terminal */
    RUN_REPORT           /* mini report ...: argc and argv are its words; there is no script */
} RunKind;

enum { CLI_MAX_WARNINGS = 16 };  /* later ones count for nothing */

typedef struct Options {
    RunKind run;
    const char *what;            /* path, code or module name */
    int argc;                    /* sys.argv[1:] */
    char **argv;
    bool is_gil_enabled;
    bool is_dis;                 /* print the bytecode instead of running it */
    bool is_unbuffered;
    bool is_inspect;             /* -i: after the program comes the prompt */
    bool is_quiet;               /* without a word of welcome */
    bool is_profile;             /* measure lines or functions */
    const char *warnings[CLI_MAX_WARNINGS]; /* -W, as given; the module warnings reads them */
    int n_warnings;
    int optimize;                /* how often -O was given */
    bool ignores_environment;    /* -E, -I: PYTHONWARNINGS and MINI_PATH say nothing */
    bool is_gc_stress;
    bool is_gc_poison;
    bool is_gc_verify;
    uint32_t switch_interval_us;
    uint32_t switch_every;       /* 0: off */
    uint64_t seed;
    bool has_seed;
    size_t max_memory_bytes;     /* 0: no limit */
    bool is_timeline;            /* views of what happened, on stderr */
    bool is_stats;
    bool is_json;                /* is_stats for machines */
    const char *trace_file;      /* views in files; NULL: not wanted */
    const char *report_file;
    bool is_trace_calls;         /* the trace has functions, too */
    size_t trace_memory_bytes;   /* what events may take; 0: the usual */
} Options;

/* Sets *options from environment and arguments. Returns -1 to go on, otherwise the exit status: what was asked
 * (--help, --version) or what is wrong has been printed. */
int cli_parse(Options *options, int argc, char **argv);

#endif
