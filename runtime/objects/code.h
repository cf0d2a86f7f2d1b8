/* code.h - what the compiler makes of a function, class body or module.
 *
 * The instructions are those of interp/opcodes.def; the runtime only keeps, traces and
 * names code objects. */

#ifndef MINI_OBJECTS_CODE_H
#define MINI_OBJECTS_CODE_H

#include "runtime/objects/module.h"
#include "runtime/objects/tuple.h"

enum {
    CODE_VARARGS = 1,        /* has *args */
    CODE_VARKEYWORDS = 2,    /* has **kwargs */
    CODE_GENERATOR = 4,
    CODE_CLASS_BODY = 8,     /* names live in a dict in register 0 */
    CODE_MODULE = 16,
    CODE_HAS_CELLS = 32,
    CODE_METHOD = 64,        /* defined directly in a class body */
    CODE_COROUTINE = 128,    /* an async def; CODE_GENERATOR is set, too, since its calls end alike */
    CODE_ASYNC_GENERATOR = 256, /* likewise */
    CODE_BY_NAME = 512       /* of compile(): has to be bound to globals, see code_bind */
};

/* Instructions [from, to) are covered: an exception raised there continues at target, the
 * exception in register reg. Inner handlers stand before outer ones. Addresses count
 * instructions. */
typedef struct CodeHandler {
    uint32_t from;
    uint32_t to;
    uint32_t target;
    uint32_t reg;
} CodeHandler;

/* From instruction `at` on (to the next entry) the source position is this. Columns in
 * bytes from 0. */
typedef struct CodePosition {
    uint32_t at;
    uint32_t line;
    uint16_t column;
    uint16_t end_column;
    uint32_t end_line;
} CodePosition;

/* What an instruction with an attribute or method name refers to: the name and what was
 * found there last. Each entry is one word, shape id and place, read and written
 * atomically (interp/cache.h). */
enum { SITE_WAYS = 3 };
typedef struct CodeSite {
    ObjStr *name;                /* [const] interned */
    uint64_t entries[SITE_WAYS]; /* [atomic] */
    uint32_t new_shapes[SITE_WAYS]; /* [atomic] stores: the shape after the transition of that entry */
} CodeSite;

typedef struct ObjCode {
    Obj header;
    uint32_t *instructions;      /* [const] malloc'ed, as are the tables below */
    Value *constants;            /* [const] */
    CodeSite *sites;             /* [const] */
    CodeHandler *handlers;       /* [const] */
    CodePosition *positions;     /* [const] */
    uint32_t n_instructions;
    uint32_t n_constants;
    uint32_t n_sites;
    uint32_t n_handlers;
    uint32_t n_positions;
    uint32_t first_line;
    uint16_t n_registers;        /* [const] size of the window, room for calls included */
    uint16_t n_args;             /* [const] positional parameters, positional-only ones included */
    uint16_t n_positional_only;  /* [const] */
    uint16_t n_keyword_only;     /* [const] */
    uint16_t flags;              /* [const] CODE_ bits */
    uint16_t n_cells;            /* [const] locals that closures capture; see interp/README.md */
    uint16_t n_free;             /* [const] captured from outside */
    ObjStr *name;                /* [const] */
    ObjStr *qualname;            /* [const] */
    ObjStr *filename;            /* [const] */
    ObjTuple *local_names;       /* [const] parameters first: args, keyword-only, *args, **kwargs; then locals, by register */
    ObjTuple *cell_names;        /* [const] */
    ObjTuple *free_names;        /* [const] */
    ObjModule *module;           /* [const] whose globals the code uses */
    Value doc;                   /* [const] str or VALUE_NONE */
    Runtime *rt;                 /* [const] */
    Value bound;                 /* [atomic] the copy that code_bind made last, or VALUE_UNSET */
    struct ProfileFunction *profile; /* [atomic] interp/profile.h; NULL: not measured */
    struct ObjCode *next;        /* [rt->codes_lock] the list of all code objects; see code.c */
    struct ObjCode *previous;    /* [rt->codes_lock] */
} ObjCode;

#define IS_CODE(v) IS_KIND(v, KIND_CODE)
#define AS_CODE(v) ((ObjCode *)AS_OBJ(v))

/* Registers that parameters take, *args and **kwargs included. */
static inline unsigned code_n_parameters(const ObjCode *code) {
    return code->n_args + code->n_keyword_only + ((code->flags & CODE_VARARGS) != 0) +
           ((code->flags & CODE_VARKEYWORDS) != 0);
}

ObjCode *code_new(Context *cx);   /* empty; the compiler fills it in before anyone sees it */
/* Code of compile(), with the code inside it, as code whose globals are the module's: a
 * copy, which is remembered, since the same globals mostly come again. NULL with
 * MemoryError pending. */
ObjCode *code_bind(Context *cx, ObjCode *code, ObjModule *module);
const CodePosition *code_position(const ObjCode *code, uint32_t instruction);
/* The code that an address lies in or just behind of an instruction of; NULL: none any more. Looks at all of them. */
ObjCode *code_of_instruction(Runtime *rt, const void *instruction);

#endif
