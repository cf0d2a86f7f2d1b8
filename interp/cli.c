/* cli.c - reads the command line by the table options.def. See cli.h.
 *
 * As CPython: options end at the first word that is none, or behind -c CODE and -m MODULE; the rest belongs to the
 * program. Letters may stand together (-qu), and an argument may be glued to its letter (-Xgil=0). */

#include "interp/cli.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "interp/gil.h"
#include "interp/source_file.h"

typedef enum OptionId {
#define OPTION(id, letter, name, argument, help) OPTION_##id,
#include "interp/options.def"
#undef OPTION
    OPTION_COUNT
} OptionId;

static const struct OptionInfo {
    char letter;
    const char *name;
    const char *argument;
    const char *help;
} infos[OPTION_COUNT] = {
#define OPTION(id, letter, name, argument, help) {letter, name, argument, help},
#include "interp/options.def"
#undef OPTION
};

/* What the loop over the words keeps. */
typedef struct Cursor {
    int argc;
    char **argv;
    int i;               /* the next word */
} Cursor;

enum { GO_ON = -1, DONE = -2, USAGE_STATUS = 2, HELP_COLUMN = 30 };

/* ---- Telling ---- */

static const char usage_line[] = "usage: mini [option] ... [-c CODE | -m MODULE | FILE | -] [arg] ...\n"
                                 "       mini report TRACE ... -o FILE\n";

static void print_option(const struct OptionInfo *info) {
    char left[80];
    char letter[4] = {'-', info->letter, '\0', '\0'};
    const char *separator = info->letter != 0 && info->name != NULL ? ", " : "";
    snprintf(left, sizeof left, "%s%s%s%s%s%s", info->letter != 0 ? letter : "", separator,
             info->name != NULL ? "--" : "", info->name != NULL ? info->name : "",
             info->argument != NULL ? " " : "", info->argument != NULL ? info->argument : "");
    printf("  %-*s%s\n", HELP_COLUMN - 2, left, info->help);
}

static void print_help(void) {
    fputs(usage_line, stdout);
    fputs("Runs a script of mini, a subset of Python 3.13. Options:\n", stdout);
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (infos[i].help[0] != '\0') {
            print_option(&infos[i]);
        }
    }
    fputs("  FILE                        the script, or a folder with __main__.mini; -: standard input\n"
          "  report TRACE ... -o FILE    make one page of traces that --trace wrote (unless there is a script of\n"
          "                              that name here); mini report -h says more\n"
          "Environment:\n"
          "  MINI_GIL=0 or 1             the lock off or on, unless an option says otherwise\n"
          "  MINI_PATH=FOLDER:...        where modules are looked for, behind the script's own folder\n"
          "  PYTHONWARNINGS=ACTION,...   as -W; but for these two and PYTHONUNBUFFERED, Python's variables say nothing\n"
          "  MINI_TRACE_MEMORY=SIZE      what recorded events may take (1G, as far as it is used)\n"
          "  MINI_GC_STRESS=1            collect at every allocation (slow; finds errors of mini itself)\n"
          "  MINI_GC_POISON=1            overwrite what is freed\n"
          "  MINI_GC_VERIFY=1            check the heap after each collection\n"
          "-E and -I: without MINI_PATH and PYTHONWARNINGS. Python's harmless options (-B -s -S -X dev ...) are ignored.\n",
          stdout);
}

static int complain(const char *message, const char *what) {
    fprintf(stderr, message, what);
    fprintf(stderr, "\n%sTry `mini -h' for more information.\n", usage_line);
    return USAGE_STATUS;
}

/* ---- Arguments of options ---- */

static bool parse_number(const char *text, uint64_t max, uint64_t *out) {
    char *end;
    errno = 0;
    if (text[0] < '0' || text[0] > '9') {
        return false;
    }
    *out = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *out <= max;
}

static bool parse_interval(const char *text, uint32_t *interval_us) {
    char *end;
    const double seconds = strtod(text, &end);
    if (end == text || *end != '\0' || !(seconds > 0) || seconds * 1e6 >= (double)UINT32_MAX) {
        return false;
    }
    *interval_us = seconds * 1e6 < 1 ? 1 : (uint32_t)llround(seconds * 1e6);
    return true;
}

static bool parse_size(const char *text, size_t *n_bytes) {
    char digits[32];
    const size_t n = strlen(text);
    unsigned shift = 0;
    if (n == 0 || n >= sizeof digits) {
        return false;
    }
    memcpy(digits, text, n + 1);
    switch (digits[n - 1]) {
    case 'K': case 'k': shift = 10; break;
    case 'M': case 'm': shift = 20; break;
    case 'G': case 'g': shift = 30; break;
    default: break;
    }
    if (shift > 0) {
        digits[n - 1] = '\0';
    }
    uint64_t number;
    if (!parse_number(digits, SIZE_MAX >> shift, &number) || number == 0) {
        return false;
    }
    *n_bytes = (size_t)number << shift;
    return true;
}

static bool parse_gil(const char *text, bool *is_enabled) {
    if ((text[0] != '0' && text[0] != '1') || text[1] != '\0') {
        return false;
    }
    *is_enabled = text[0] == '1';
    return true;
}

/* What Python's own -X NAME[=VALUE] asks for has no counterpart here, and changes no result. */
static bool is_harmless_x(const char *text) {
    static const char *const names[] = {
        "dev",        "faulthandler",   "frozen_modules", "importtime", "no_debug_ranges",
        "perf",       "pycache_prefix", "tracemalloc",    "utf8",       "warn_default_encoding"};
    const size_t n = strcspn(text, "=");
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strlen(names[i]) == n && memcmp(text, names[i], n) == 0) {
            return true;
        }
    }
    return false;
}

static bool parse_x(Options *options, const char *text) {
    if (strncmp(text, "gil=", 4) == 0) {
        return parse_gil(text + 4, &options->is_gil_enabled);
    }
    if (strcmp(text, "gc_stress") == 0) {
        options->is_gc_stress = true;
        return true;
    }
    return is_harmless_x(text);
}

/* ---- Options ---- */

static void run(Options *options, RunKind kind, const char *what, const Cursor *cursor) {
    options->run = kind;
    options->what = what;
    options->argc = cursor->argc - cursor->i;
    options->argv = cursor->argv + cursor->i;
}

/* GO_ON, DONE (the rest belongs to the program) or an exit status. */
static int apply(Options *options, OptionId id, const char *argument, const char *shown, const Cursor *cursor) {
    uint64_t number = 0;
    bool is_good = true;
    switch (id) {
    case OPTION_COMMAND: run(options, RUN_COMMAND, argument, cursor); return DONE;
    case OPTION_MODULE: run(options, RUN_MODULE, argument, cursor); return DONE;
    case OPTION_NO_GIL: options->is_gil_enabled = false; break;
    case OPTION_X: is_good = parse_x(options, argument); break;
    case OPTION_WARNING:
        if (options->n_warnings < CLI_MAX_WARNINGS) {
            options->warnings[options->n_warnings++] = argument;
        }
        break;
    case OPTION_SWITCH_INTERVAL: is_good = parse_interval(argument, &options->switch_interval_us); break;
    case OPTION_SWITCH_EVERY:
        is_good = parse_number(argument, UINT32_MAX / 4, &number);
        options->switch_every = (uint32_t)number;
        break;
    case OPTION_SEED:
        is_good = parse_number(argument, UINT64_MAX, &options->seed);
        options->has_seed = true;
        break;
    case OPTION_MAX_MEMORY: is_good = parse_size(argument, &options->max_memory_bytes); break;
    case OPTION_TIMELINE: options->is_timeline = true; break;
    case OPTION_TRACE: options->trace_file = argument; break;
    case OPTION_REPORT: options->report_file = argument; break;
    case OPTION_TRACE_CALLS: options->is_trace_calls = true; break;
    case OPTION_STATS: options->is_stats = true; break;
    case OPTION_JSON: options->is_json = true; break;
    case OPTION_DIS: options->is_dis = true; break;
    case OPTION_INSPECT: options->is_inspect = true; break;
    case OPTION_QUIET: options->is_quiet = true; break;
    case OPTION_OPTIMIZE: options->optimize++; break;
    case OPTION_NO_ENVIRONMENT:
    case OPTION_ISOLATED: options->ignores_environment = true; break;
    case OPTION_PROFILE: options->is_profile = true; break;
    case OPTION_UNBUFFERED: options->is_unbuffered = true; break;
    case OPTION_VERSION: printf("mini %s\n", MINI_VERSION); return 0;
    case OPTION_HELP: print_help(); return 0;
    default: break;
    }
    if (!is_good) {
        fprintf(stderr, "invalid value '%s' ", argument);
        return complain("for option %s", shown);
    }
    return GO_ON;
}

static int find_letter(char letter) {
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (infos[i].letter == letter) {
            return i;
        }
    }
    return OPTION_COUNT;
}

/* The next word as the argument of an option; NULL when there is none. */
static const char *next_word(Cursor *cursor) {
    return cursor->i < cursor->argc ? cursor->argv[cursor->i++] : NULL;
}

/* -abc */
static int apply_letters(Options *options, const char *word, Cursor *cursor) {
    for (const char *at = word + 1; *at != '\0'; at++) {
        const int id = find_letter(*at);
        char shown[3] = {'-', *at, '\0'};
        if (id == OPTION_COUNT) {
            return complain("Unknown option: %s", shown);
        }
        const char *argument = NULL;
        if (infos[id].argument != NULL) {
            argument = at[1] != '\0' ? at + 1 : next_word(cursor);
            if (argument == NULL) {
                return complain("Argument expected for the %s option", shown);
            }
        }
        const int status = apply(options, (OptionId)id, argument, shown, cursor);
        if (status != GO_ON || argument != NULL) {
            return status;
        }
    }
    return GO_ON;
}

/* --name, --name ARGUMENT, --name=ARGUMENT */
static int apply_name(Options *options, const char *word, Cursor *cursor) {
    const char *name = word + 2;
    const size_t n_name = strcspn(name, "=");
    for (int i = 0; i < OPTION_COUNT; i++) {
        if (infos[i].name == NULL || strlen(infos[i].name) != n_name ||
            memcmp(infos[i].name, name, n_name) != 0) {
            continue;
        }
        char shown[32];
        snprintf(shown, sizeof shown, "--%s", infos[i].name);
        const char *argument = name[n_name] == '=' ? name + n_name + 1 : NULL;
        if (infos[i].argument == NULL && argument != NULL) {
            return complain("option %s takes no argument", shown);
        }
        if (infos[i].argument != NULL && argument == NULL && (argument = next_word(cursor)) == NULL) {
            return complain("Argument expected for the %s option", shown);
        }
        return apply(options, (OptionId)i, argument, shown, cursor);
    }
    return complain("unknown option %s", word);
}

static bool is_set(const char *name) {
    const char *value = getenv(name);
    return value != NULL && value[0] != '\0' && strcmp(value, "0") != 0;
}

static int read_environment(Options *options) {
    const char *gil = getenv("MINI_GIL");
    if (gil != NULL && gil[0] != '\0' && !parse_gil(gil, &options->is_gil_enabled)) {
        return complain("MINI_GIL must be 0 or 1, not '%s'", gil);
    }
    const char *memory = getenv("MINI_TRACE_MEMORY");
    if (memory != NULL && memory[0] != '\0' && !parse_size(memory, &options->trace_memory_bytes)) {
        return complain("MINI_TRACE_MEMORY must be a size, not '%s'", memory);
    }
    options->is_gc_stress = is_set("MINI_GC_STRESS");
    options->is_gc_poison = is_set("MINI_GC_POISON");
    options->is_gc_verify = is_set("MINI_GC_VERIFY");
    options->is_unbuffered = is_set("PYTHONUNBUFFERED");
    return GO_ON;
}

/* PYTHONWARNINGS, actions between commas, goes before what -W says. The copy of the text lives as long as the process. */
static void read_warnings(Options *options) {
    const char *value = options->ignores_environment ? NULL : getenv("PYTHONWARNINGS");
    char *rest = value != NULL && value[0] != '\0' ? strdup(value) : NULL;
    int n_read = 0;
    while (rest != NULL && options->n_warnings < CLI_MAX_WARNINGS) {
        const char *action = strsep(&rest, ",");
        memmove(&options->warnings[n_read + 1], &options->warnings[n_read],
                (size_t)(options->n_warnings - n_read) * sizeof options->warnings[0]);
        options->warnings[n_read++] = action;
        options->n_warnings++;
    }
}

/* Is the word `report` the command, and not the name of a script? A script that is called so goes before it, as it would
 * with python3; a folder is a script only with a program in it. */
static bool is_report_command(const char *what) {
    if (strcmp(what, "report") != 0) {
        return false;
    }
    return source_is_folder(what) ? access("report/__main__.mini", F_OK) != 0 && access("report/__main__.py", F_OK) != 0
                                  : access(what, F_OK) != 0;
}

/* What follows the options. */
static void choose_program(Options *options, Cursor *cursor) {
    const char *what = next_word(cursor);
    if (what == NULL) {
        const bool is_typed = isatty(STDIN_FILENO) || options->is_inspect;
        run(options, is_typed ? RUN_PROMPT : RUN_STDIN, NULL, cursor);
    } else if (is_report_command(what)) {
        run(options, RUN_REPORT, what, cursor);
    } else {
        run(options, strcmp(what, "-") == 0 ? RUN_STDIN : RUN_FILE, what, cursor);
    }
}

int cli_parse(Options *options, int argc, char **argv) {
    *options = (Options){.is_gil_enabled = true, .switch_interval_us = GIL_DEFAULT_INTERVAL_US};
    Cursor cursor = {argc, argv, 1};
    int status = read_environment(options);
    while (status == GO_ON && cursor.i < argc && argv[cursor.i][0] == '-' && argv[cursor.i][1] != '\0') {
        const char *word = argv[cursor.i++];
        status = word[1] == '-' ? apply_name(options, word, &cursor)
                                : apply_letters(options, word, &cursor);
    }
    if (status != GO_ON && status != DONE) {
        return status;
    }
    if (options->is_trace_calls && options->trace_file == NULL && options->report_file == NULL) {
        return complain("option %s needs --trace or --report", "--trace-calls");
    }
    if (options->is_json && !options->is_stats) {
        return complain("%s: --json goes with --stats", "mini");
    }
    read_warnings(options);
    if (status == GO_ON) {
        choose_program(options, &cursor);
    }
    return GO_ON;
}
