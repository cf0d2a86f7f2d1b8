/* host.h - the door upwards for the modules _thread, _process and gil: what only interp/ can do with threads,
 * processes and the GIL. Implemented by interp/host.c; everything else in the runtime does with call.h and block.h.
 *
 * Functions that return Value or bool leave an exception pending when they fail. */

#ifndef MINI_RUNTIME_HOST_H
#define MINI_RUNTIME_HOST_H

#include <sys/types.h>

#include "runtime/context.h"

struct ObjArray;

/* ---- Threads ---- */

/* What host_thread_start runs: target(*args, **kwargs). */
typedef struct HostThread {
    Value target;
    Value args;                 /* tuple */
    Value kwargs;               /* dict or VALUE_UNSET */
    Value handle;               /* ObjThreadHandle or VALUE_UNSET */
    Value object;               /* the threading.Thread or VALUE_UNSET */
    bool is_daemon;
} HostThread;

/* Starts a thread; returns when it has begun. RuntimeError when the system refuses. May block. */
bool host_thread_start(Context *cx, const HostThread *what);
uint64_t host_thread_ident(const Context *cx);
uint64_t host_thread_native_id(const Context *cx);
/* The ident of the thread whose context that is; 0 when it is NULL or that thread has ended. */
uint64_t host_ident_of(Context *cx, const Context *other);
uint32_t host_thread_count(const Context *cx);
/* The threading.Thread of the calling or of the main thread, VALUE_UNSET when none was set. */
Value host_thread_object(const Context *cx, bool of_main);
void host_thread_set_object(Context *cx, bool of_main, Value object);
/* The handle that stands for the main thread, if the caller is that: it is done when the script has ended. */
void host_thread_adopt_handle(Context *cx, Value handle);
/* A list of the threading.Thread objects of all threads alive, in the order of their start. */
Value host_thread_objects(Context *cx);
/* The dict that threading.local keeps this thread's attributes in. */
Value host_thread_locals(Context *cx);
/* The size of the C stack of threads to come; 0 is the usual. Returns what it was. */
size_t host_thread_set_stack_bytes(Context *cx, size_t n_bytes);
/* The instruction that the thread is at, for notes like ObjLock.taken_at. */
const void *host_instruction(const Context *cx);
/* For a native function that was called with these arguments: when they stand in the window of its caller, what stands
 * there from them on is dead, and forgotten: it keeps nothing alive any more. */
void host_forget_dead(Context *cx, Value *args);
/* Prints the exception as one that ended a thread or that nobody can catch: `title` in a line of its own (NULL: none),
 * then the traceback, on sys.stderr. Never raises. */
void host_print_exception(Context *cx, ObjStr *title, Value exception);
/* Calls function() when the interpreter ends, before the daemon threads are stopped; the last one first. */
bool host_at_exit(Context *cx, Value function);

/* ---- Code ---- */

typedef enum HostCodeMode { HOST_CODE_EXEC, HOST_CODE_EVAL, HOST_CODE_SINGLE } HostCodeMode;

/* An ObjCode that host_run_code can run with any globals, or VALUE_ERROR with SyntaxError pending. is_decoded: the
 * text is that of a str, where a comment about the encoding means nothing. */
Value host_compile(Context *cx, const char *text, size_t n_bytes, bool is_decoded, ObjStr *filename, HostCodeMode mode);
/* Runs a code object: one of host_compile with these globals and names in the mapping locals; others (the __code__ of
 * a function that has no free variables) by themselves. */
Value host_run_code(Context *cx, struct ObjCode *code, ObjModule *globals, Value locals);
/* A tuple of the names that code looks up in its module and in objects. */
Value host_code_names(Context *cx, const struct ObjCode *code);

/* import NAME, at `level` dots, in code of importer; wants_last: the module itself, else its first package. */
Value host_import(Context *cx, ObjModule *importer, ObjStr *name, unsigned level, bool wants_last);

/* ---- The GIL ---- */

typedef struct HostGilStats {
    const char *state;          /* "running", "waiting for the GIL", "blocked", ... */
    uint64_t number;            /* of the thread, 1 is main; 0: all threads together */
    uint64_t n_acquired;
    uint64_t n_forced;
    uint64_t n_voluntary;
    uint64_t held_ns;
    uint64_t waited_ns;
} HostGilStats;

bool host_gil_is_enabled(const Context *cx);
/* Stops the world for it. */
void host_gil_set_enabled(Context *cx, bool is_enabled);
uint32_t host_gil_interval_us(const Context *cx);
void host_gil_set_interval_us(Context *cx, uint32_t interval_us);
const char *host_gil_policy(const Context *cx);
/* What each thread alive has counted, in malloc'ed memory, the sum (threads that have ended included) as entry 0; *objects
 * holds at the same place its threading.Thread, VALUE_UNSET for none. Returns the number of entries; 0: MemoryError. */
size_t host_gil_stats(Context *cx, HostGilStats **stats, struct ObjArray **objects);

/* ---- Processes ---- */

/* As fork(): -1 with errno. In the child only the calling thread exists. */
pid_t host_fork(Context *cx);
/* How many forks lie between this process and the one that the interpreter began in. */
uint32_t host_fork_count(const Context *cx);
bool host_is_main_thread(const Context *cx);
/* Ends a child as sys.exit would: waits for its threads, flushes, and leaves with this status. Main thread only. */
_Noreturn void host_exit(Context *cx, int status);

/* ---- For those who watch: nothing happens unless events are recorded (interp/trace/) ---- */

/* An object that threads will wait for was made: the number by which they name it, 0 when nobody watches. */
uint32_t host_note_made(Context *cx, ObjKind kind);
/* A child was waited for and has ended, with a status of waitpid. */
void host_note_child_end(Context *cx, pid_t pid, int wait_status);
/* This thread has sent a signal to a process. */
void host_note_signal(Context *cx, pid_t pid, int number);
/* The process is about to end in the midst of everything, by os._exit. */
void host_note_exit(Context *cx, int status);

#endif
