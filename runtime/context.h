/* context.h - what the runtime knows of the running thread and of its interpreter.
 *
 * A Context is the part of a thread that the runtime works with; interp/thread.h embeds it as the first
 * member of Thread. A Runtime is the part of an interpreter that the runtime works with; interp/state.h
 * embeds it as the first member of Interp. There is no other mutable state: no C globals. */

#ifndef MINI_RUNTIME_CONTEXT_H
#define MINI_RUNTIME_CONTEXT_H

#include <stdarg.h>

#include "runtime/gc/heap.h"
#include "runtime/object.h"

typedef struct ObjDict ObjDict;
typedef struct ObjModule ObjModule;
typedef struct Shape Shape;
typedef struct Runtime Runtime;
typedef struct StrTable StrTable; /* the interned strings; runtime/objects/str.c */
typedef struct ParkingLot ParkingLot; /* waiters for container locks; runtime/objects/objlock.c */

/* Exception classes, from exceptions.def: EXC_TypeError and so on. */
typedef enum ExcKind {
#define EXC(name, base, doc) EXC_##name,
#include "runtime/exceptions.def"
#undef EXC
    EXC_COUNT
} ExcKind;

/* Names that C code looks up, interned at start, from names.def: cx->rt->names[NAME_init]. */
typedef enum NameId {
#define NAME(id, text) NAME_##id,
#include "runtime/names.def"
#undef NAME
    NAME_COUNT
} NameId;

/* Reasons why a thread should leave the loop's fast path; bits of Context.poll. The loop tests the word
 * at backward jumps and at function entry and serves every request there (interp/safepoint.h). */
enum {
    POLL_GIL = 1,        /* another thread wants the GIL */
    POLL_STOP = 2,       /* the world is to be stopped */
    POLL_COLLECT = 4,    /* the heap wants a collection */
    POLL_SIGNAL = 8,     /* a signal arrived (main thread only) */
    POLL_EXIT = 16,      /* the interpreter ends: daemon threads stop here */
    POLL_EVERY = 32,     /* the instrumented loop is wanted: poll before every instruction */
    POLL_ASYNC_EXC = 64, /* an exception was sent to this thread */
    POLL_FINALIZE = 128, /* there are objects whose __del__ is due */
    /* What native code serves too that goes through an iterator, which may have no end. (That the
     * GIL is wanted is not among them: list(x) happens at one instant as far as x lets it.) */
    POLL_URGENT = POLL_STOP | POLL_SIGNAL | POLL_EXIT | POLL_ASYNC_EXC
};

struct Context {
    uint32_t poll;             /* [atomic] POLL_ bits */
    bool is_finalizing;        /* [own] finalize_run is at work */
    bool is_parallel;          /* [stw] more than one thread is alive and there is no GIL */
    Value pending;             /* [own] the exception that is being raised, or VALUE_UNSET */
    Value handled;             /* [own] the exception that is being handled (bare raise), or VALUE_UNSET */
    HeapLocal heap_local;      /* [own] where this thread allocates from */
    Runtime *rt;               /* [const] */
    char *c_stack_limit;       /* [const] C code must not go below this address */
    uint32_t repr_depth;       /* [own] containers being printed, see abstract.c */
    Value repr_stack;          /* [own] list of the containers being printed or VALUE_UNSET */
};

struct Runtime {
    Heap *heap;                         /* [const] */
    Shape *shapes;                      /* [const] base of the shape table, indexed by shape id */
    Value *cells;                       /* [const] base of the cell table: globals and class attributes */
    uint32_t n_shapes;                  /* [mutex types_mutex] */
    uint32_t n_cells;                   /* [mutex types_mutex] */
    ObjType *types[KIND_COUNT];         /* the built-in types; NULL for internal kinds and those not yet made.
                                         * [own] of the only thread for KF_LATE, [lock] of the import for KF_MODULE */
    ObjType *exception_types[EXC_COUNT];/* NULL before exc_type opens it; [const] once there are threads */
    ObjStr *names[NAME_COUNT];          /* [const] */
    StrTable *interned;                 /* [const] */
    ObjStr *empty_str;                  /* [const] */
    ObjStr *ascii_chars[128];           /* [const] strings of one ASCII character */
    Value empty_tuple;                  /* [const] */
    Value empty_bytes;                  /* [const] */
    Value empty_array;                  /* [const] ObjArray of capacity 0 */
    ObjModule *builtins;                /* [const] */
    ObjDict *modules;                   /* [const] sys.modules */
    ObjModule *sys;                     /* [const] NULL until it is there */
    ParkingLot *parking;                /* NULL before there are threads; [const] then */
    uint64_t hash_seed;                 /* [const] */
    Value no_memory;                    /* [const] the MemoryError that is raised when no other can be made */
    struct ObjCode *codes;              /* [codes_lock] all code objects, for attr_cache_flush_stw */
    uint8_t codes_lock;                 /* [atomic] a spin lock */
    struct FileStream *unwritten;       /* [unwritten_lock] streams that hold what is to be written; file_stream.c */
    uint8_t unwritten_lock;             /* [atomic] a spin lock */
    uint32_t n_codes_freed;             /* [codes_lock] grows; [atomic] for those who keep addresses of instructions */
    Value decimal;                      /* [atomic] what _decimal.open() was given, VALUE_UNSET before; mod_decimal.c */
    struct SourceCache *sources;        /* [const] texts of -c and stdin for tracebacks; source_cache.c */
    Value struct_formats;               /* [const] dict of the formats that struct has read; VALUE_UNSET before _struct is there */
    size_t n_finalizables;              /* [atomic relaxed] objects whose class has __del__ and that had no call of it */
    size_t n_weakrefs;                  /* [atomic relaxed] weak references in the heap's table; weak.h */
    uint32_t n_settled;                 /* [atomic relaxed] see finalize_settle */
    int int_max_str_digits;             /* [atomic relaxed] */
    bool has_async_hooks;               /* [atomic relaxed] sys.set_asyncgen_hooks was called; async_generator.h */
};

/* Creates the runtime's part of an interpreter: heap, built-in types, exceptions, names, builtins. cx is the
 * context of the calling thread and has to have rt set (to cleared memory); its heap_local is opened here. False when
 * memory is short. */
bool runtime_open(Context *cx, size_t max_memory_bytes);
void runtime_close(Runtime *rt);
/* The type of a kind with KF_MODULE or KF_LATE, made at the first call. NULL: MemoryError pending. */
ObjType *runtime_open_type(Context *cx, ObjKind kind);
/* Makes what only programs with threads need or must not be made by two threads at once. To be called before a thread
 * starts; false: MemoryError. */
bool runtime_open_threads(Context *cx);
/* Makes the types of all kinds with KF_LATE that are not there yet. False: MemoryError pending. */
bool runtime_open_late_types(Context *cx);

/* Marks everything the runtime itself refers to. */
void runtime_trace_stw(Runtime *rt, GcMarker *m);

/* True when so little of the C stack is left that C code must not recurse any further. Code that recurses
 * calls exc_check_c_stack (runtime/objects/exception.h), which raises RecursionError. */
static inline bool context_c_stack_is_short(const Context *cx) {
    return (char *)__builtin_frame_address(0) < cx->c_stack_limit;
}

static inline ObjStr *context_name(const Context *cx, NameId id) {
    return cx->rt->names[id];
}

#endif
