/* places.c - places in the source. See places.h.
 *
 * An entry of the table, all zero when it is empty; bits 2 to 11 of the address choose the set:
 *
 *      63          28 | 27  26 | 25      0
 *      address >> 12  |  kind  |  number          LIBRARY: the library's code, go on to the caller */

#include "interp/trace/places.h"

#include <string.h>

#include "interp/state.h"
#include "interp/trace/trace.h"
#include "interp/trace/trace_state.h"
#include "runtime/base/buf.h"

/* What is kept of an address. */
typedef enum PlaceKind {
    KIND_WAIT = 1,      /* the line of the instruction, or LIBRARY */
    KIND_EXACT,         /* the line, whoever's code it is */
    KIND_CALLABLE       /* the first line of the code that begins there */
} PlaceKind;

enum { NUMBER_BITS = 26, LIBRARY = (1 << NUMBER_BITS) - 1, ROOM_BYTES = 256 };

static uint64_t *set_of(Places *places, const void *address) {
    return places->entries[((uintptr_t)address >> 2) & (PLACES_SETS - 1)];
}

static uint64_t key_of(const void *address, PlaceKind kind) {
    return ((uint64_t)(uintptr_t)address >> 12) << 2 | kind;
}

/* Forgets everything when code was freed since the last time. Whoever sees the new number sees a cleared table. */
static void refresh(Places *places, const Runtime *rt) {
    const uint32_t n_codes_freed = atomic_load_relaxed(&rt->n_codes_freed);
    if (LIKELY(atomic_load_acquire(&places->n_codes_freed) == n_codes_freed)) {
        return;
    }
    for (size_t i = 0; i < PLACES_SETS; i++) {
        for (size_t way = 0; way < PLACES_WAYS; way++) {
            atomic_store_relaxed(&places->entries[i][way], (uint64_t)0);
        }
    }
    atomic_store_release(&places->n_codes_freed, n_codes_freed);
}

static uint32_t find(Places *places, const void *address, PlaceKind kind) {
    const uint64_t *set = set_of(places, address);
    const uint64_t key = key_of(address, kind);
    for (size_t way = 0; way < PLACES_WAYS; way++) {
        const uint64_t entry = atomic_load_relaxed(&set[way]);
        if (entry >> NUMBER_BITS == key) {
            return (uint32_t)entry & LIBRARY;
        }
    }
    return 0;
}

/* Into an empty way, or one that the number chooses. */
static void keep(Places *places, const void *address, PlaceKind kind, uint32_t number) {
    uint64_t *set = set_of(places, address);
    size_t way = number % PLACES_WAYS;
    for (size_t i = 0; i < PLACES_WAYS; i++) {
        if (atomic_load_relaxed(&set[i]) == 0) {
            way = i;
            break;
        }
    }
    if (number <= LIBRARY) {
        atomic_store_relaxed(&set[way], key_of(address, kind) << NUMBER_BITS | number);
    }
}

static uint32_t write_place(Thread *th, const ObjCode *code, uint32_t line) {
    BUF_IN_ROOM(text, ROOM_BYTES);
    buf_add(&text, code->filename->data, code->filename->n_bytes);
    buf_add_byte(&text, '\0');
    if ((code->flags & CODE_MODULE) == 0) {
        buf_add(&text, code->qualname->data, code->qualname->n_bytes);
    }
    const uint32_t number = log_new_number(&th->trace.log.log->n_names);
    const TraceEvent event = {.kind = TRACE_PLACE, .place = number, .object = line};
    log_write_text(&th->trace.log, event, text.bytes, text.n_bytes);
    buf_free(&text);
    return number;
}

uint32_t places_write_name(Thread *th, const char *text, size_t n_bytes) {
    const uint32_t number = log_new_number(&th->trace.log.log->n_names);
    const TraceEvent event = {.kind = TRACE_NAME, .place = number};
    log_write_text(&th->trace.log, event, text, n_bytes);
    return number;
}

bool places_is_library(const ObjStr *filename) {
    static const char end[] = ".mini>";
    const size_t n_end = sizeof end - 1;
    return filename->n_bytes > n_end && filename->data[0] == '<' &&
           memcmp(filename->data + filename->n_bytes - n_end, end, n_end) == 0;
}

/* pc is behind the instruction or within it. */
static uint32_t line_before(const ObjCode *code, const Instruction *pc) {
    const uint32_t at = (uint32_t)(pc - code->instructions);
    const CodePosition *position = code_position(code, at - (at != 0));
    return position != NULL ? position->line : code->first_line;
}

static uint32_t look_up(Thread *th, const ObjCode *code, const Instruction *pc, PlaceKind kind) {
    Places *places = &th->interp->trace->places;
    uint32_t number = find(places, pc, kind);
    if (UNLIKELY(number == 0)) {
        number = kind == KIND_WAIT && places_is_library(code->filename) ? LIBRARY : write_place(th, code, line_before(code, pc));
        keep(places, pc, kind, number);
    }
    return number;
}

uint32_t places_here(Thread *th) {
    refresh(&th->interp->trace->places, th->cx.rt);
    const Instruction *pc = th->stack.pc;
    for (const Value *base = th->stack.base; !frame_is_bottom(base); base = FRAME_CALLER(base)) {
        const uint32_t number = look_up(th, frame_code(base), pc, KIND_WAIT);
        if (number != LIBRARY) {
            return number;
        }
        pc = FRAME_RETURN_PC(base);
    }
    return 0;
}

uint32_t places_of_maker(Thread *th, uint32_t *library) {
    refresh(&th->interp->trace->places, th->cx.rt);
    const Instruction *pc = th->stack.pc;
    uint32_t innermost = 0;
    *library = 0;
    for (const Value *base = th->stack.base; !frame_is_bottom(base); base = FRAME_CALLER(base)) {
        const ObjCode *code = frame_code(base);
        const uint32_t number = look_up(th, code, pc, KIND_WAIT);
        if (number != LIBRARY) {
            return number;
        }
        *library = look_up(th, code, pc, KIND_EXACT);
        innermost = innermost != 0 ? innermost : *library;
        if (code->flags & CODE_MODULE) {
            break;
        }
        pc = FRAME_RETURN_PC(base);
    }
    *library = 0;
    return innermost;
}

uint32_t places_of_instruction(Thread *th, const void *instruction) {
    Places *places = &th->interp->trace->places;
    refresh(places, th->cx.rt);
    uint32_t number = find(places, instruction, KIND_EXACT);
    if (number == 0) {
        const ObjCode *code = code_of_instruction(th->cx.rt, instruction);
        if (code != NULL) {
            number = write_place(th, code, line_before(code, instruction));
            keep(places, instruction, KIND_EXACT, number);
        }
    }
    return number;
}

uint32_t places_of_function(Thread *th, const ObjCode *code) {
    Places *places = &th->interp->trace->places;
    refresh(places, th->cx.rt);
    uint32_t number = find(places, code->instructions, KIND_CALLABLE);
    if (number == 0) {
        number = write_place(th, code, code->first_line);
        keep(places, code->instructions, KIND_CALLABLE, number);
    }
    return number;
}
