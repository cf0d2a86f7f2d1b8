/* code.c - code objects: their tables, tracing, attributes, and the list of all of them.
 *
 * The list lets attr_cache_flush_stw find every inline cache. It is changed under a spin
 * lock, since the sweeper may finish code objects on any thread. */

#include "runtime/objects/code.h"

#include "runtime/base/mem.h"
#include "runtime/base/spin.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/host.h"
#include "runtime/objects/bytes.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"

ObjCode *code_new(Context *cx) {
    ObjCode *code = HEAP_NEW(cx, ObjCode, KIND_CODE);
    if (code == NULL) {
        return NULL;
    }
    Runtime *rt = cx->rt;
    code->rt = rt;
    spin_lock(&rt->codes_lock);
    code->next = rt->codes;
    if (code->next != NULL) {
        code->next->previous = code;
    }
    rt->codes = code;
    spin_unlock(&rt->codes_lock);
    return code;
}

const CodePosition *code_position(const ObjCode *code, uint32_t instruction) {
    if (code->n_positions == 0) {
        return NULL;
    }
    uint32_t low = 0; /* positions[low].at <= instruction, or low is 0 */
    uint32_t high = code->n_positions;
    while (high - low > 1) {
        const uint32_t middle = low + (high - low) / 2;
        if (code->positions[middle].at <= instruction) {
            low = middle;
        } else {
            high = middle;
        }
    }
    return &code->positions[low];
}

ObjCode *code_of_instruction(Runtime *rt, const void *instruction) {
    const uint32_t *address = instruction;
    spin_lock(&rt->codes_lock);
    ObjCode *code = rt->codes;
    while (code != NULL && (address <= code->instructions || address > code->instructions + code->n_instructions)) {
        code = code->next;
    }
    spin_unlock(&rt->codes_lock);
    return code;
}

static void *copy_table(const void *items, size_t n, size_t item_bytes) {
    void *copy = mem_resize(NULL, n, item_bytes);
    if (n > 0) {
        memcpy(copy, items, n * item_bytes);
    }
    return copy;
}

/* What stands in malloc'ed memory belongs to one code object alone. */
static void copy_tables(ObjCode *copy, const ObjCode *code) {
    copy->instructions =
        copy_table(code->instructions, code->n_instructions, sizeof *code->instructions);
    copy->handlers = copy_table(code->handlers, code->n_handlers, sizeof *code->handlers);
    copy->positions =
        copy_table(code->positions, code->n_positions, sizeof *code->positions);
    copy->constants =
        copy_table(code->constants, code->n_constants, sizeof *code->constants);
    CodeSite *sites = mem_alloc_zeroed(code->n_sites, sizeof *sites);
    for (uint32_t i = 0; i < code->n_sites; i++) {
        sites[i].name = code->sites[i].name;
    }
    copy->sites = sites;
}

/* Nested as deep as the text is, for which the parser has a limit. */
static ObjCode *copy_for(Context *cx, const ObjCode *code, ObjModule *module) {
    ObjCode *copy = code_new(cx);
    if (copy == NULL) {
        return NULL;
    }
    copy->n_instructions = code->n_instructions;
    copy->n_constants = code->n_constants;
    copy->n_sites = code->n_sites;
    copy->n_handlers = code->n_handlers;
    copy->n_positions = code->n_positions;
    copy->first_line = code->first_line;
    copy->n_registers = code->n_registers;
    copy->n_args = code->n_args;
    copy->n_positional_only = code->n_positional_only;
    copy->n_keyword_only = code->n_keyword_only;
    copy->flags = code->flags;
    copy->n_cells = code->n_cells;
    copy->n_free = code->n_free;
    copy->name = code->name;
    copy->qualname = code->qualname;
    copy->filename = code->filename;
    copy->local_names = code->local_names;
    copy->cell_names = code->cell_names;
    copy->free_names = code->free_names;
    copy->module = module;
    copy->doc = code->doc;
    copy_tables(copy, code);
    for (uint32_t i = 0; i < copy->n_constants; i++) {
        if (IS_CODE(copy->constants[i])) {
            ObjCode *inner = copy_for(cx, AS_CODE(copy->constants[i]), module);
            if (inner == NULL) {
                return NULL;
            }
            copy->constants[i] = OBJ_VALUE(inner);
        }
    }
    return copy;
}

ObjCode *code_bind(Context *cx, ObjCode *code, ObjModule *module) {
    const Value last = value_load(&code->bound);
    if (IS_CODE(last)) {
        const ObjModule *known = AS_CODE(last)->module;
        if (known == module || (known->dict != NULL && known->dict == module->dict)) {
            return AS_CODE(last);
        }
    }
    ObjCode *copy = copy_for(cx, code, module);
    if (copy != NULL) {
        value_store(&code->bound, OBJ_VALUE(copy));
    }
    return copy;
}

static void code_trace(GcMarker *m, Obj *o) {
    ObjCode *code = (ObjCode *)o;
    if (code->constants != NULL) {
        gc_mark_values(m, code->constants, code->n_constants);
    }
    if (code->sites != NULL) {
        for (uint32_t i = 0; i < code->n_sites; i++) {
            gc_mark_obj(m, code->sites[i].name);
        }
    }
    gc_mark_obj(m, code->name);
    gc_mark_obj(m, code->qualname);
    gc_mark_obj(m, code->filename);
    gc_mark_obj(m, code->local_names);
    gc_mark_obj(m, code->cell_names);
    gc_mark_obj(m, code->free_names);
    gc_mark_obj(m, code->module);
    gc_mark_value(m, code->doc);
    gc_mark_value(m, code->bound);
}

static void code_finish(Obj *o) {
    ObjCode *code = (ObjCode *)o;
    Runtime *rt = code->rt;
    spin_lock(&rt->codes_lock);
    if (code->next != NULL) {
        code->next->previous = code->previous;
    }
    if (code->previous != NULL) {
        code->previous->next = code->next;
    } else {
        rt->codes = code->next;
    }
    atomic_store_relaxed(&rt->n_codes_freed, rt->n_codes_freed + 1);
    spin_unlock(&rt->codes_lock);
    mem_free(code->instructions);
    mem_free(code->constants);
    mem_free(code->sites);
    mem_free(code->handlers);
    mem_free(code->positions);
}

static Value code_repr(Context *cx, Value v) {
    const ObjCode *code = AS_CODE(v);
    ObjStr *text = str_format_c(
        cx, "<code object %.*s at 0x%llx, file \"%.*s\", line %u>",
        (int)code->name->n_bytes, code->name->data, (unsigned long long)v,
        (int)code->filename->n_bytes, code->filename->data, code->first_line);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value get_name(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(AS_CODE(self)->name);
}

static Value get_qualname(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(AS_CODE(self)->qualname);
}

static Value get_filename(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(AS_CODE(self)->filename);
}

static Value get_first_line(Context *cx, Value self) {
    return int_from_i64(cx, AS_CODE(self)->first_line);
}

static Value get_arg_count(Context *cx, Value self) {
    return int_from_i64(cx, AS_CODE(self)->n_args);
}

static Value get_keyword_only_count(Context *cx, Value self) {
    return int_from_i64(cx, AS_CODE(self)->n_keyword_only);
}

static Value get_positional_only_count(Context *cx, Value self) {
    return int_from_i64(cx, AS_CODE(self)->n_positional_only);
}

static Value tuple_or_empty(Context *cx, ObjTuple *tuple) {
    return tuple == NULL ? cx->rt->empty_tuple : OBJ_VALUE(tuple);
}

static bool has_name(const ObjTuple *names, Value name, size_t n) {
    for (size_t i = 0; names != NULL && i < n && i < names->n; i++) {
        if (names->items[i] == name) { /* interned */
            return true;
        }
    }
    return false;
}

/* Without those that are in cells, which CPython names apart; parameters are named in either case. */
static Value get_local_names(Context *cx, Value self) {
    const ObjCode *code = AS_CODE(self);
    const ObjTuple *cells = code->cell_names;
    if (cells == NULL || cells->n == 0) {
        return tuple_or_empty(cx, code->local_names);
    }
    const size_t n_fixed = code_n_parameters(code);
    ObjList *names = list_new(cx, code->local_names->n);
    for (size_t i = 0; names != NULL && i < code->local_names->n; i++) {
        const Value name = code->local_names->items[i];
        if (i >= n_fixed && has_name(cells, name, cells->n)) {
            continue;
        }
        if (!list_append(cx, names, name)) {
            return VALUE_ERROR;
        }
    }
    return names == NULL ? VALUE_ERROR : list_to_tuple(cx, names);
}

static Value get_free_names(Context *cx, Value self) {
    return tuple_or_empty(cx, AS_CODE(self)->free_names);
}

/* Parameters first, then the others by name. */
static Value get_cell_names(Context *cx, Value self) {
    const ObjCode *code = AS_CODE(self);
    const ObjTuple *cells = code->cell_names;
    if (cells == NULL || cells->n < 2) {
        return tuple_or_empty(cx, code->cell_names);
    }
    const Value result = tuple_from(cx, cells->items, cells->n);
    if (IS_ERROR(result)) {
        return VALUE_ERROR;
    }
    Value *items = AS_TUPLE(result)->items;
    size_t n_fixed = 0;
    while (n_fixed < cells->n && has_name(code->local_names, items[n_fixed], code_n_parameters(code))) {
        n_fixed++;
    }
    for (size_t i = n_fixed + 1; i < cells->n; i++) {
        const Value moved = items[i];
        size_t j = i;
        for (; j > n_fixed && strcmp(AS_STR(items[j - 1])->data, AS_STR(moved)->data) > 0; j--) {
            items[j] = items[j - 1];
        }
        items[j] = moved;
    }
    return result;
}

static Value get_names(Context *cx, Value self) {
    return host_code_names(cx, AS_CODE(self));
}

static Value get_constants(Context *cx, Value self) {
    const ObjCode *code = AS_CODE(self);
    return tuple_from(cx, code->constants, code->n_constants);
}

static Value get_n_locals(Context *cx, Value self) {
    const Value names = get_local_names(cx, self);
    return IS_ERROR(names) ? VALUE_ERROR : value_from_int((int64_t)AS_TUPLE(names)->n);
}

static Value get_stack_size(Context *cx, Value self) {
    (void)cx;
    return value_from_int(AS_CODE(self)->n_registers);
}

static Value get_bytes(Context *cx, Value self) {
    const ObjCode *code = AS_CODE(self);
    ObjBytes *bytes = bytes_new(cx, (const char *)code->instructions, code->n_instructions * sizeof *code->instructions);
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

/* As CPython counts: inspect tells functions apart by these bits. */
static Value get_flags(Context *cx, Value self) {
    enum {
        CO_FUNCTION = 0x3, CO_VARARGS = 0x4, CO_VARKEYWORDS = 0x8, CO_NESTED = 0x10,
        CO_GENERATOR = 0x20, CO_COROUTINE = 0x80, CO_ASYNC_GENERATOR = 0x200
    };
    const ObjCode *code = AS_CODE(self);
    const unsigned flags = code->flags;
    unsigned result = (flags & (CODE_CLASS_BODY | CODE_MODULE)) ? 0 : CO_FUNCTION;
    result |= (flags & CODE_VARARGS) ? CO_VARARGS : 0;
    result |= (flags & CODE_VARKEYWORDS) ? CO_VARKEYWORDS : 0;
    result |= code->n_free > 0 ? CO_NESTED : 0;
    result |= (flags & CODE_COROUTINE)         ? CO_COROUTINE
              : (flags & CODE_ASYNC_GENERATOR) ? CO_ASYNC_GENERATOR
              : (flags & CODE_GENERATOR)       ? CO_GENERATOR
                                               : 0;
    return int_from_i64(cx, result);
}

static const GetsetDef code_getsets[] = {
    {"co_flags", NULL, get_flags, NULL},
    {"co_name", NULL, get_name, NULL},
    {"co_qualname", NULL, get_qualname, NULL},
    {"co_filename", NULL, get_filename, NULL},
    {"co_firstlineno", NULL, get_first_line, NULL},
    {"co_argcount", NULL, get_arg_count, NULL},
    {"co_kwonlyargcount", NULL, get_keyword_only_count, NULL},
    {"co_posonlyargcount", NULL, get_positional_only_count, NULL},
    {"co_varnames", NULL, get_local_names, NULL},
    {"co_freevars", NULL, get_free_names, NULL},
    {"co_cellvars", NULL, get_cell_names, NULL},
    {"co_names", NULL, get_names, NULL},
    {"co_consts", NULL, get_constants, NULL},
    {"co_nlocals", NULL, get_n_locals, NULL},
    {"co_stacksize", NULL, get_stack_size, NULL},
    {"co_code", NULL, get_bytes, NULL},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjCode = {
    .trace = code_trace,
    .finish = code_finish,
    .repr = code_repr,
    .getsets = code_getsets,
};
