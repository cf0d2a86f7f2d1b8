/* function.c - functions of the language, cells, bound methods. */

#include "runtime/objects/function.h"

#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/mapping_proxy.h"
#include "runtime/objects/native_errors.h"
#include "runtime/objects/type_internal.h"

/* Cells */

ObjCell *cell_new(Context *cx, Value value) {
    ObjCell *cell = HEAP_NEW(cx, ObjCell, KIND_CELL);
    if (LIKELY(cell != NULL)) {
        cell->value = value;
    }
    return cell;
}

static void cell_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjCell *)o)->value);
}

static Value cell_repr(Context *cx, Value v) {
    const Value value = value_load(&((ObjCell *)AS_OBJ(v))->value);
    ObjStr *text =
        IS_UNSET(value)
            ? str_format_c(cx, "<cell at 0x%llx: empty>", (unsigned long long)v)
            : str_format_c(cx, "<cell at 0x%llx: %s object at 0x%llx>",
                           (unsigned long long)v, type_name_of(cx, value),
                           (unsigned long long)value);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value cell_get_contents(Context *cx, Value self) {
    const Value value = value_load(&((ObjCell *)AS_OBJ(self))->value);
    return IS_UNSET(value) ? exc_raise(cx, EXC_ValueError, "Cell is empty") : value;
}

static bool cell_set_contents(Context *cx, Value self, Value value) {
    (void)cx;
    value_store(&((ObjCell *)AS_OBJ(self))->value, value);
    return true;
}

/* types.CellType(contents) */
static Value cell_construct(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs) {
    (void)type;
    if (!construct_check(cx, "cell", n_args, 0, 1, kwargs)) {
        return VALUE_ERROR;
    }
    ObjCell *cell = cell_new(cx, n_args == 1 ? args[0] : VALUE_UNSET);
    return cell == NULL ? VALUE_ERROR : OBJ_VALUE(cell);
}

/* By contents; an empty cell comes first. */
static Value cell_compare(Context *cx, CompareOp op, Value a, Value b) {
    if (!IS_KIND(a, KIND_CELL) || !IS_KIND(b, KIND_CELL)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const Value x = value_load(&((ObjCell *)AS_OBJ(a))->value);
    const Value y = value_load(&((ObjCell *)AS_OBJ(b))->value);
    return IS_UNSET(x) || IS_UNSET(y)
               ? value_compare(cx, op, BOOL_VALUE(!IS_UNSET(x)), BOOL_VALUE(!IS_UNSET(y)))
               : value_compare(cx, op, x, y);
}

static const GetsetDef cell_getsets[] = {
    {"cell_contents", NULL, cell_get_contents, cell_set_contents},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjCell = {
    .construct = cell_construct,
    .compare = cell_compare,
    .trace = cell_trace,
    .repr = cell_repr,
    .getsets = cell_getsets,
};

/* Functions */

static bool code_is_simple(const ObjCode *code) {
    return code->n_keyword_only == 0 &&
           !(code->flags & (CODE_VARARGS | CODE_VARKEYWORDS | CODE_GENERATOR));
}

/* What __name__ is at this moment, which a script may have assigned. */
static Value module_name_of(const Context *cx, const ObjModule *module) {
    if (module == NULL) {
        return VALUE_NONE;
    }
    const Value name = UNLIKELY(module->dict != NULL)
                           ? dict_get_str(module->dict, context_name(cx, NAME_name_))
                           : value_load(&cx->rt->cells[module->name_cell]);
    return IS_UNSET(name) ? VALUE_NONE : name;
}

ObjFunction *function_new(Context *cx, ObjCode *code) {
    ObjFunction *function = (ObjFunction *)heap_alloc(
        cx, sizeof(ObjFunction) + code->n_free * sizeof(ObjCell *), KIND_FUNCTION,
        KIND_FUNCTION);
    if (UNLIKELY(function == NULL)) {
        return NULL;
    }
    function->code = code;
    function->n_free = code->n_free;
    function->simple_n_args = code_is_simple(code) ? code->n_args : -1;
    function->name = code->name;
    function->qualname = code->qualname;
    function->doc = IS_UNSET(code->doc) ? VALUE_NONE : code->doc;
    function->module_name = module_name_of(cx, code->module);
    return function;
}

static void function_trace(GcMarker *m, Obj *o) {
    ObjFunction *function = (ObjFunction *)o;
    gc_mark_obj(m, function->code);
    gc_mark_value(m, function->defaults);
    gc_mark_value(m, function->kwdefaults);
    gc_mark_obj(m, function->name);
    gc_mark_obj(m, function->qualname);
    gc_mark_value(m, function->doc);
    gc_mark_value(m, function->annotations);
    gc_mark_value(m, function->module_name);
    gc_mark_value(m, function->attributes);
    for (uint32_t i = 0; i < function->n_free; i++) {
        gc_mark_obj(m, function->free[i]);
    }
}

static Value function_repr(Context *cx, Value v) {
    const ObjStr *name = AS_FUNCTION(v)->qualname;
    ObjStr *text = str_format_c(cx, "<function %.*s at 0x%llx>", (int)name->n_bytes,
                                name->data, (unsigned long long)v);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* A dict in a field that is VALUE_UNSET until it is asked for. */
static Value lazy_dict(Context *cx, Value *field) {
    const Value old = value_load(field);
    if (!IS_UNSET(old)) {
        return old;
    }
    ObjDict *dict = dict_new(cx, 0);
    if (dict == NULL) {
        return VALUE_ERROR;
    }
    Value expected = VALUE_UNSET;
    return atomic_cas(field, &expected, OBJ_VALUE(dict)) ? OBJ_VALUE(dict) : expected;
}

static Value none_if_unset(Value v) {
    return IS_UNSET(v) ? VALUE_NONE : v;
}

static Value get_name(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(atomic_load_acquire(&AS_FUNCTION(self)->name));
}

bool function_set_text(Context *cx, ObjStr **field, Value value, const char *attribute) {
    if (!IS_STR(value)) {
        exc_raise(cx, EXC_TypeError, "%s must be set to a string object", attribute);
        return false;
    }
    atomic_store_release(field, AS_STR(value));
    return true;
}

static bool set_name(Context *cx, Value self, Value value) {
    return function_set_text(cx, &AS_FUNCTION(self)->name, value, "__name__");
}

static Value get_qualname(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(atomic_load_acquire(&AS_FUNCTION(self)->qualname));
}

static bool set_qualname(Context *cx, Value self, Value value) {
    return function_set_text(cx, &AS_FUNCTION(self)->qualname, value, "__qualname__");
}

static Value get_doc(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_FUNCTION(self)->doc);
}

static bool set_doc(Context *cx, Value self, Value value) {
    (void)cx;
    value_store(&AS_FUNCTION(self)->doc, IS_UNSET(value) ? VALUE_NONE : value);
    return true;
}

static Value get_module(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_FUNCTION(self)->module_name);
}

static bool set_module(Context *cx, Value self, Value value) {
    (void)cx;
    value_store(&AS_FUNCTION(self)->module_name, IS_UNSET(value) ? VALUE_NONE : value);
    return true;
}

static Value get_defaults(Context *cx, Value self) {
    (void)cx;
    return none_if_unset(value_load(&AS_FUNCTION(self)->defaults));
}

static bool set_defaults(Context *cx, Value self, Value value) {
    if (!IS_UNSET(value) && !IS_NONE(value) && !IS_TUPLE(value)) {
        exc_raise(cx, EXC_TypeError, "__defaults__ must be set to a tuple object");
        return false;
    }
    value_store(&AS_FUNCTION(self)->defaults, IS_NONE(value) ? VALUE_UNSET : value);
    return true;
}

static Value get_kwdefaults(Context *cx, Value self) {
    (void)cx;
    return none_if_unset(value_load(&AS_FUNCTION(self)->kwdefaults));
}

static bool set_kwdefaults(Context *cx, Value self, Value value) {
    if (!IS_UNSET(value) && !IS_NONE(value) && !IS_DICT(value)) {
        exc_raise(cx, EXC_TypeError, "__kwdefaults__ must be set to a dict object");
        return false;
    }
    value_store(&AS_FUNCTION(self)->kwdefaults, IS_NONE(value) ? VALUE_UNSET : value);
    return true;
}

static Value get_dict(Context *cx, Value self) {
    return lazy_dict(cx, &AS_FUNCTION(self)->attributes);
}

bool function_check_dict(Context *cx, Value value) {
    if (IS_UNSET(value)) {
        exc_raise(cx, EXC_TypeError, "cannot delete __dict__");
    } else if (!IS_DICT(value)) {
        exc_raise(cx, EXC_TypeError, "__dict__ must be set to a dictionary, not a '%s'", type_name_of(cx, value));
    }
    return IS_DICT(value);
}

static bool set_dict(Context *cx, Value self, Value value) {
    if (!function_check_dict(cx, value)) {
        return false;
    }
    value_store(&AS_FUNCTION(self)->attributes, value);
    return true;
}

static Value get_annotations(Context *cx, Value self) {
    return lazy_dict(cx, &AS_FUNCTION(self)->annotations);
}

static bool set_annotations(Context *cx, Value self, Value value) {
    if (!IS_UNSET(value) && !IS_NONE(value) && !IS_DICT(value)) {
        exc_raise(cx, EXC_TypeError, "__annotations__ must be set to a dict object");
        return false;
    }
    value_store(&AS_FUNCTION(self)->annotations, IS_NONE(value) ? VALUE_UNSET : value);
    return true;
}

static Value get_code(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(AS_FUNCTION(self)->code);
}

static Value get_closure(Context *cx, Value self) {
    const ObjFunction *function = AS_FUNCTION(self);
    if (function->n_free == 0) {
        return VALUE_NONE;
    }
    ObjTuple *cells = tuple_new(cx, function->n_free);
    if (cells == NULL) {
        return VALUE_ERROR;
    }
    for (uint32_t i = 0; i < function->n_free; i++) {
        cells->items[i] = OBJ_VALUE(function->free[i]);
    }
    return OBJ_VALUE(cells);
}

static Value get_globals(Context *cx, Value self) {
    ObjModule *module = AS_FUNCTION(self)->code->module;
    return module == NULL ? VALUE_NONE : module_namespace(cx, module);
}

static Value get_builtins(Context *cx, Value self) {
    (void)self;
    return module_namespace(cx, cx->rt->builtins);
}

/* Of a generic function they stand among its attributes. */
static Value get_type_params(Context *cx, Value self) {
    const Value attributes = value_load(&AS_FUNCTION(self)->attributes);
    const Value own = IS_UNSET(attributes) ? VALUE_UNSET
                                           : dict_get_str(AS_DICT(attributes), context_name(cx, NAME_type_params_));
    return IS_UNSET(own) ? cx->rt->empty_tuple : own;
}

static bool set_type_params(Context *cx, Value self, Value value) {
    if (!IS_TUPLE(value)) {
        exc_raise(cx, EXC_TypeError, "__type_params__ must be set to a tuple");
        return false;
    }
    const Value attributes = get_dict(cx, self);
    return !IS_ERROR(attributes) && dict_set_str(cx, AS_DICT(attributes), context_name(cx, NAME_type_params_), value);
}

static const GetsetDef function_getsets[] = {
    {"__type_params__", NULL, get_type_params, set_type_params},
    {"__builtins__", NULL, get_builtins, NULL},
    {"__name__", NULL, get_name, set_name},
    {"__qualname__", NULL, get_qualname, set_qualname},
    {"__doc__", NULL, get_doc, set_doc},
    {"__module__", NULL, get_module, set_module},
    {"__defaults__", NULL, get_defaults, set_defaults},
    {"__kwdefaults__", NULL, get_kwdefaults, set_kwdefaults},
    {"__dict__", NULL, get_dict, set_dict},
    {"__annotations__", NULL, get_annotations, set_annotations},
    {"__code__", NULL, get_code, NULL},
    {"__closure__", NULL, get_closure, NULL},
    {"__globals__", NULL, get_globals, NULL},
    {NULL, NULL, NULL, NULL},
};

/* The code for a function with these globals: what was not made by compile() keeps those that it has. */
static ObjCode *code_for(Context *cx, ObjCode *code, Value globals) {
    ObjModule *module = IS_DICT(globals)            ? module_over_dict(cx, AS_DICT(globals))
                        : IS_MAPPING_VIEW(globals) ? mapping_proxy_module(globals)
                                                   : NULL;
    if (module == NULL) {
        exc_raise(cx, EXC_TypeError, "function() argument 'globals' must be dict, not %s",
                  type_name_of(cx, globals));
        return NULL;
    }
    if (code->flags & CODE_MODULE) {
        exc_raise(cx, EXC_NotImplementedError, "the code of a module or expression is for exec() and eval()");
        return NULL;
    }
    if (code->flags & CODE_BY_NAME) {
        return code_bind(cx, code, module);
    }
    const ObjModule *own = code->module;
    if (own != module && (own == NULL || own->dict == NULL || own->dict != module->dict)) {
        exc_raise(cx, EXC_NotImplementedError, "the code of a function keeps its globals in mini; that of compile() takes any");
        return NULL;
    }
    return code;
}

static bool check_closure(Context *cx, const ObjCode *code, Value closure) {
    const size_t n = IS_TUPLE(closure) ? AS_TUPLE(closure)->n : 0;
    if (code->n_free == 0 ? !IS_NONE(closure) && !IS_TUPLE(closure) : !IS_TUPLE(closure)) {
        exc_raise(cx, EXC_TypeError, code->n_free == 0 ? "arg 5 (closure) must be None or tuple"
                                                       : "arg 5 (closure) must be tuple");
        return false;
    }
    if (n != code->n_free) {
        exc_raise(cx, EXC_ValueError, "%.*s requires closure of length %d, not %zu", (int)code->name->n_bytes,
                  code->name->data, code->n_free, n);
        return false;
    }
    for (size_t i = 0; i < n; i++) {
        if (!IS_KIND(AS_TUPLE(closure)->items[i], KIND_CELL)) {
            exc_raise(cx, EXC_TypeError, "arg 5 (closure) expected cell, found %s",
                      type_name_of(cx, AS_TUPLE(closure)->items[i]));
            return false;
        }
    }
    return true;
}

/* Sets what a call of types.FunctionType says, where it says it. */
static bool set_given(Context *cx, Value function, Value name, Value defaults, Value kwdefaults) {
    return (IS_NONE(name) || set_name(cx, function, name)) &&
           (IS_NONE(defaults) || set_defaults(cx, function, defaults)) &&
           (IS_NONE(kwdefaults) || set_kwdefaults(cx, function, kwdefaults));
}

/* types.FunctionType(code, globals, name=None, argdefs=None, closure=None, kwdefaults=None) */
static Value function_construct(Context *cx, ObjType *type, const Value *args, int n_args, Value kwargs) {
    static const char *const names[] = {"code", "globals", "name", "argdefs", "closure", "kwdefaults", NULL};
    enum { CODE, GLOBALS, NAME, DEFAULTS, CLOSURE, KWDEFAULTS, N };
    Value parts[N];
    (void)type;
    if (!construct_arguments(cx, "function", names, 2, args, n_args, kwargs, parts)) {
        return VALUE_ERROR;
    }
    for (int i = NAME; i < N; i++) {
        parts[i] = IS_UNSET(parts[i]) ? VALUE_NONE : parts[i];
    }
    if (!IS_CODE(parts[CODE])) {
        return exc_raise(cx, EXC_TypeError, "function() argument 'code' must be code, not %s",
                         type_name_of(cx, parts[CODE]));
    }
    ObjCode *code = code_for(cx, AS_CODE(parts[CODE]), parts[GLOBALS]);
    ObjFunction *function =
        code == NULL || !check_closure(cx, code, parts[CLOSURE]) ? NULL : function_new(cx, code);
    if (function == NULL ||
        !set_given(cx, OBJ_VALUE(function), parts[NAME], parts[DEFAULTS], parts[KWDEFAULTS])) {
        return VALUE_ERROR;
    }
    for (uint32_t i = 0; i < function->n_free; i++) {
        function->free[i] = (ObjCell *)AS_OBJ(AS_TUPLE(parts[CLOSURE])->items[i]);
    }
    return OBJ_VALUE(function);
}

const KindOps kind_ops_ObjFunction = {
    .construct = function_construct,
    .trace = function_trace,
    .repr = function_repr,
    .hash = value_hash_by_identity,
    .getsets = function_getsets,
    .doc = "Create a function object.",
};

/* Bound methods */

Value method_new(Context *cx, Value function, Value self) {
    ObjMethod *method = HEAP_NEW(cx, ObjMethod, KIND_METHOD);
    if (UNLIKELY(method == NULL)) {
        return VALUE_ERROR;
    }
    method->function = function;
    method->self = self;
    return OBJ_VALUE(method);
}

/* types.MethodType(function, object). */
static Value method_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                              Value kwargs) {
    (void)type;
    if (!construct_check(cx, "method", n_args, 2, 2, kwargs)) {
        return VALUE_ERROR;
    }
    if (!value_is_callable(cx, args[0])) {
        return exc_raise(cx, EXC_TypeError, "first argument must be callable");
    }
    if (IS_NONE(args[1])) {
        return exc_raise(cx, EXC_TypeError, "instance must not be None");
    }
    return method_new(cx, args[0], args[1]);
}

static void method_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjMethod *)o)->function);
    gc_mark_value(m, ((ObjMethod *)o)->self);
}

static Value method_repr(Context *cx, Value v) {
    const ObjMethod *method = AS_METHOD(v);
    if (obj_shape(&method->header) != KIND_METHOD) {
        return native_repr(cx, v);
    }
    const Value name =
        value_getattr_or_unset(cx, method->function, context_name(cx, NAME_qualname_));
    const Value self = IS_ERROR(name) ? VALUE_ERROR : value_repr(cx, method->self);
    if (IS_ERROR(self)) {
        return VALUE_ERROR;
    }
    ObjStr *text = str_format_c(cx, "<bound method %.*s of %.*s>",
                                IS_STR(name) ? (int)AS_STR(name)->n_bytes : 1,
                                IS_STR(name) ? AS_STR(name)->data : "?",
                                (int)AS_STR(self)->n_bytes, AS_STR(self)->data);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static bool method_hash(Context *cx, Value v, uint64_t *hash) {
    uint64_t function_hash;
    if (!exc_check_c_stack(cx) || !value_hash(cx, AS_METHOD(v)->function, &function_hash)) {
        return false;
    }
    *hash = (AS_METHOD(v)->self >> 4) ^ function_hash;
    return true;
}

static Value method_compare(Context *cx, CompareOp op, Value a, Value b) {
    (void)cx;
    if ((op != COMPARE_EQ && op != COMPARE_NE) || !IS_METHOD(a) || !IS_METHOD(b)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const bool are_equal = AS_METHOD(a)->self == AS_METHOD(b)->self &&
                           AS_METHOD(a)->function == AS_METHOD(b)->function;
    return BOOL_VALUE(are_equal == (op == COMPARE_EQ));
}

static Value method_get_function(Context *cx, Value self) {
    (void)cx;
    return AS_METHOD(self)->function;
}

static Value method_get_self(Context *cx, Value self) {
    (void)cx;
    return AS_METHOD(self)->self;
}

static Value method_get_doc(Context *cx, Value self) {
    return exc_check_c_stack(cx) ? value_getattr(cx, AS_METHOD(self)->function, context_name(cx, NAME_doc_))
                                 : VALUE_ERROR;
}

static const GetsetDef method_getsets[] = {
    {"__doc__", NULL, method_get_doc, NULL},
    {"__func__", NULL, method_get_function, NULL},
    {"__self__", NULL, method_get_self, NULL},
    {NULL, NULL, NULL, NULL},
};

/* A method has the attributes of its function: __name__, __doc__, what scripts set. */
static Value method_getattr(Context *cx, Value v, ObjStr *name) {
    if (obj_shape(AS_OBJ(v)) != KIND_METHOD) {
        return VALUE_UNSET; /* one of a built-in type: native_types.c */
    }
    return exc_check_c_stack(cx) ? value_getattr_or_unset(cx, AS_METHOD(v)->function, name)
                                 : VALUE_ERROR;
}

const KindOps kind_ops_ObjMethod = {
    .construct = method_construct,
    .trace = method_trace,
    .repr = method_repr,
    .hash = method_hash,
    .compare = method_compare,
    .getattr = method_getattr,
    .getsets = method_getsets,
    .doc = "Create a bound instance method object.",
};
