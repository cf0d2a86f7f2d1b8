/* module.c - modules: names and their cells, attributes, natives.
 *
 * Each module has a shape of its own, so that an inline cache for `math.sqrt` is a shape
 * and a cell. The names are kept in a dict in the order in which their cells were
 * made. */

#include "runtime/objects/module.h"

#include "runtime/call.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/mapping_proxy.h"
#include "runtime/objects/shape.h"

bool module_set_class(Context *cx, ObjModule *module, ObjType *type) {
    const Shape *shape = shape_new_root(cx, type, KIND_MODULE, 0, SHAPE_FLAG_NO_SLOTS);
    if (shape != NULL) {
        atomic_store_release(&module->header.shape, shape->id);
    }
    return shape != NULL;
}

/* Without a name. */
static ObjModule *new_of(Context *cx, ObjType *type) {
    ObjModule *module = HEAP_NEW(cx, ObjModule, KIND_MODULE);
    if (module == NULL) {
        return NULL;
    }
    module->name = context_name(cx, NAME_plain_question);
    module->cells = dict_new(cx, 0);
    return module->cells != NULL && module_set_class(cx, module, type) ? module : NULL;
}

/* The number of the cell of name, or 0 when there is none. */
static uint32_t find_cell(const ObjModule *module, ObjStr *name) {
    const Value number = dict_get_str(module->cells, name);
    return IS_UNSET(number) ? 0 : (uint32_t)value_to_int(number);
}

static bool set_name(Context *cx, ObjModule *module, ObjStr *name, Value doc) {
    atomic_store_release(&module->name, name);
    if (!module_set(cx, module, context_name(cx, NAME_name_), OBJ_VALUE(name))) {
        return false;
    }
    module->name_cell = find_cell(module, context_name(cx, NAME_name_));
    return module_set(cx, module, context_name(cx, NAME_doc_), doc);
}

ObjModule *module_new(Context *cx, ObjStr *name) {
    ObjModule *module = new_of(cx, cx->rt->types[KIND_MODULE]);
    return module != NULL && set_name(cx, module, name, VALUE_NONE) ? module : NULL;
}

ObjModule *module_over_dict(Context *cx, ObjDict *dict) {
    ObjModule *module = HEAP_NEW(cx, ObjModule, KIND_MODULE);
    if (module == NULL) {
        return NULL;
    }
    const Value name = dict_get_str(dict, context_name(cx, NAME_name_));
    module->name = IS_STR(name) ? AS_STR(name) : context_name(cx, NAME_plain_builtins);
    module->dict = dict;
    module->cells = dict_new(cx, 0);
    return module->cells == NULL ? NULL : module;
}

/* Finds the cell or makes it, with this value. 0: no memory or no more cells, exception pending. */
static uint32_t make_cell(Context *cx, ObjModule *module, ObjStr *name, Value value) {
    const bool is_locked = shape_tables_lock(cx);
    uint32_t cell = find_cell(module, name);
    if (cell == 0) {
        cell = shape_new_cell_locked(cx);
        value_store(&cx->rt->cells[cell], cell == 0 ? VALUE_UNSET : value);
        if (cell != 0 && !dict_set_str(cx, module->cells, name, value_from_int(cell))) {
            cell = 0;
        }
    }
    shape_tables_unlock(cx, is_locked);
    if (cell == 0 && IS_UNSET(cx->pending)) {
        exc_raise(cx, EXC_MemoryError, "too many global names");
    }
    return cell;
}

/* Late attributes */

/* Does a signature or a name begin with this name? */
static bool names_it(const char *text, const ObjStr *name) {
    if (text[0] != name->data[0] || strncmp(text, name->data, name->n_bytes) != 0) {
        return false;
    }
    return text[name->n_bytes] == 0 || text[name->n_bytes] == '(';
}

/* VALUE_UNSET: there is no such attribute. */
static Value make_late(Context *cx, ObjModule *module, const ObjStr *name) {
    const NativeDef *const *table = module->late->natives;
    for (; *table != NULL; table++) {
        for (const NativeDef *def = *table; def->signature != NULL; def++) {
            if (names_it(def->signature, name)) {
                return native_new(cx, def, NULL, OBJ_VALUE(module));
            }
        }
    }
    const LateAttr *attr = module->late->values;
    for (; attr != NULL && attr->name != NULL; attr++) {
        if (names_it(attr->name, name)) {
            return attr->make(cx, attr->which);
        }
    }
    return VALUE_UNSET;
}

static uint32_t find_or_make_late(Context *cx, ObjModule *module, ObjStr *name) {
    uint32_t cell = find_cell(module, name);
    if (UNLIKELY(cell == 0) && module->late != NULL) {
        const Value value = make_late(cx, module, name);
        ObjStr *interned = IS_UNSET(value) || IS_ERROR(value) ? NULL : str_intern_obj(cx, name);
        cell = interned == NULL ? 0 : make_cell(cx, module, interned, value);
    }
    return cell;
}

uint32_t module_find_cell(Context *cx, ObjModule *module, ObjStr *name) {
    const Value before = cx->pending;
    const uint32_t cell = find_or_make_late(cx, module, name);
    cx->pending = before;
    return cell;
}

uint32_t module_cell(Context *cx, ObjModule *module, ObjStr *name) {
    const uint32_t cell = find_or_make_late(cx, module, name);
    if (LIKELY(cell != 0)) {
        return cell;
    }
    return IS_UNSET(cx->pending) ? make_cell(cx, module, name, VALUE_UNSET) : 0;
}

static bool make_named(Context *cx, ObjModule *module, const char *text) {
    ObjStr *name = str_intern(cx, text, strcspn(text, "("));
    return name != NULL && module_cell(cx, module, name) != 0;
}

bool module_make_all(Context *cx, ObjModule *module) {
    if (LIKELY(module->late == NULL)) {
        return true;
    }
    const NativeDef *const *table = module->late->natives;
    for (; *table != NULL; table++) {
        for (const NativeDef *def = *table; def->signature != NULL; def++) {
            if (!make_named(cx, module, def->signature)) {
                return false;
            }
        }
    }
    const LateAttr *attr = module->late->values;
    for (; attr != NULL && attr->name != NULL; attr++) {
        if (!make_named(cx, module, attr->name)) {
            return false;
        }
    }
    return true;
}

Value module_get(Context *cx, ObjModule *module, ObjStr *name) {
    if (UNLIKELY(module->dict != NULL)) {
        return dict_get_str(module->dict, name);
    }
    return value_load(
        &cx->rt->cells[module_find_cell(cx, module, name)]); /* cell 0 is always unset */
}

Value module_get_builtin(Context *cx, ObjModule *module, ObjStr *name) {
    const Value own = module->dict == NULL
                          ? VALUE_UNSET
                          : dict_get_str(module->dict, context_name(cx, NAME_builtins_));
    if (IS_DICT(own)) {
        return dict_get_str(AS_DICT(own), name);
    }
    return module_get(cx, IS_MODULE(own) ? AS_MODULE(own) : cx->rt->builtins, name);
}

bool module_set(Context *cx, ObjModule *module, ObjStr *name, Value value) {
    if (UNLIKELY(module->dict != NULL)) {
        return IS_UNSET(value) ? dict_delete_str(cx, module->dict, name) >= 0
                               : dict_set_str(cx, module->dict, name, value);
    }
    const uint32_t cell = module_cell(cx, module, name);
    if (cell == 0) {
        return false;
    }
    value_store(&cx->rt->cells[cell], value);
    return true;
}

bool module_set_c(Context *cx, ObjModule *module, const char *name, Value value) {
    ObjStr *interned = str_intern(cx, name, strlen(name));
    return interned != NULL && module_set(cx, module, interned, value);
}

bool module_add_natives(Context *cx, ObjModule *module, const NativeDef *table) {
    for (const NativeDef *def = table; def->signature != NULL; def++) {
        const Value native = native_new(cx, def, NULL, OBJ_VALUE(module));
        if (IS_ERROR(native) ||
            !module_set(cx, module, AS_NATIVE(native)->name, native)) {
            return false;
        }
    }
    return true;
}

bool module_add_numbers(Context *cx, ObjModule *module, const ModuleNumber *table) {
    for (; table->name != NULL; table++) {
        if (!module_set_c(cx, module, table->name, value_from_int(table->value))) {
            return false;
        }
    }
    return true;
}

bool module_add_type(Context *cx, ObjModule *module, ObjKind kind, const char *home) {
    ObjType *type = runtime_open_type(cx, kind);
    ObjStr *name = home == NULL ? module->name : str_intern(cx, home, strlen(home));
    return type != NULL && name != NULL &&
           type_set_home(cx, type, name) &&
           module_set(cx, module, type->name, OBJ_VALUE(type));
}

Value module_import_attr(Context *cx, const char *module, const char *name) {
    ObjStr *module_name = str_intern(cx, module, strlen(module));
    ObjStr *attr_name =
        module_name == NULL ? NULL : str_intern(cx, name, strlen(name));
    const Value home = attr_name == NULL ? VALUE_ERROR : call_import(cx, module_name);
    return IS_ERROR(home) ? VALUE_ERROR : value_getattr(cx, home, attr_name);
}

Value module_import_call(Context *cx, const char *module, const char *name,
                         const Value *args, int n_args) {
    const Value function = module_import_attr(cx, module, name);
    return IS_ERROR(function) ? VALUE_ERROR : call_value(cx, function, args, n_args);
}

Value module_raise(Context *cx, const char *module, const char *class_name,
                   const char *format, ...) {
    va_list values;
    va_start(values, format);
    ObjStr *text = str_format_v(cx, format, values);
    va_end(values);
    if (text == NULL) {
        return VALUE_ERROR;
    }
    const Value argument = OBJ_VALUE(text);
    const Value exception = module_import_call(cx, module, class_name, &argument, 1);
    return IS_ERROR(exception) ? VALUE_ERROR : exc_raise_object(cx, exception);
}

bool module_warn(Context *cx, Value class, int stacklevel, const char *format, ...) {
    va_list values;
    va_start(values, format);
    ObjStr *text = str_format_v(cx, format, values);
    va_end(values);
    if (text == NULL) {
        return false;
    }
    const Value args[] = {OBJ_VALUE(text), class, value_from_int(stacklevel)};
    return !IS_ERROR(module_import_call(cx, "warnings", "warn", args, 3));
}

bool module_warn_subclass(Context *cx, const char *owner, const char *complaint, Value result, const char *base) {
    return module_warn(cx, exc_class(cx, EXC_DeprecationWarning), 1,
                       "%s%s (type %s).  The ability to return an instance of a strict subclass of "
                       "%s is deprecated, and may be removed in a future version of Python.",
                       owner, complaint, type_name_of(cx, result), base);
}

ObjDict *module_snapshot(Context *cx, ObjModule *module) {
    ObjDict *dict =
        module_make_all(cx, module) ? dict_new(cx, dict_length(module->cells)) : NULL;
    if (dict == NULL) {
        return NULL;
    }
    const ObjDictTable *table = dict_table(module->cells);
    size_t position = 0;
    Value name;
    Value number;
    while (dict_table_next(table, &position, &name, &number)) {
        const Value value = value_load(&cx->rt->cells[value_to_int(number)]);
        if (!IS_UNSET(value) && !dict_set_str(cx, dict, AS_STR(name), value)) {
            return NULL;
        }
    }
    return dict;
}

Value module_namespace(Context *cx, ObjModule *module) {
    if (UNLIKELY(module->dict != NULL)) {
        return OBJ_VALUE(module->dict);
    }
    const Value old = value_load(&module->proxy);
    if (!IS_UNSET(old)) {
        return old;
    }
    const Value proxy = mapping_proxy_new(cx, OBJ_VALUE(module));
    Value expected = VALUE_UNSET;
    if (!IS_ERROR(proxy) && !atomic_cas(&module->proxy, &expected, proxy)) {
        return expected;
    }
    return proxy;
}

/* types.ModuleType(name, doc=None) */
static bool fill(Context *cx, ObjModule *module, const Value *args, int n_args, Value kwargs) {
    static const char *const names[] = {"name", "doc", NULL};
    Value parts[2];
    if (!construct_arguments(cx, "module", names, 1, args, n_args, kwargs, parts)) {
        return false;
    }
    if (!IS_STR(parts[0])) {
        exc_raise(cx, EXC_TypeError, "module() argument 'name' must be str, not %s", type_name_of(cx, parts[0]));
        return false;
    }
    ObjStr *name = str_intern_obj(cx, AS_STR(parts[0]));
    return name != NULL && set_name(cx, module, name, IS_UNSET(parts[1]) ? VALUE_NONE : parts[1]) &&
           module_set(cx, module, context_name(cx, NAME_package_), VALUE_NONE) &&
           module_set(cx, module, context_name(cx, NAME_loader_), VALUE_NONE) &&
           module_set(cx, module, context_name(cx, NAME_spec_), VALUE_NONE);
}

static Value module_construct(Context *cx, ObjType *type, const Value *args, int n_args,
                              Value kwargs) {
    ObjModule *module = new_of(cx, type);
    const bool is_filled_later = type != cx->rt->types[KIND_MODULE] && n_args == 0;
    if (module != NULL) {
        module->header.flags |= MODULE_FLAG_BY_SCRIPT;
    }
    return module != NULL && (is_filled_later || fill(cx, module, args, n_args, kwargs))
               ? OBJ_VALUE(module)
               : VALUE_ERROR;
}

NATIVE(module_init, "__init__(self, /, *args, **kwargs)",
       "Initialize self.  See help(type(self)) for accurate signature.") {
    return fill(cx, AS_MODULE(args[0]), args + 1, n_args - 1, args[-1]) ? VALUE_NONE : VALUE_ERROR;
}

static const NativeDef module_methods[] = {
    NATIVE_ENTRY(module_init),
    {NULL, NULL, NULL, 0},
};

static void module_trace(GcMarker *m, Obj *o) {
    ObjModule *module = (ObjModule *)o;
    gc_mark_obj(m, module->name);
    gc_mark_obj(m, module->cells);
    gc_mark_obj(m, module->dict);
    gc_mark_value(m, module->proxy);
}

static Value module_repr(Context *cx, Value v) {
    ObjModule *module = AS_MODULE(v);
    const Value file = module_get(cx, module, context_name(cx, NAME_file_));
    const Value given = module_get(cx, module, context_name(cx, NAME_name_));
    const bool has_name = IS_STR(given);
    const int length = has_name ? (int)AS_STR(given)->n_bytes : 1;
    const char *name = has_name ? AS_STR(given)->data : "?";
    const bool is_made_by_script = module->header.flags & MODULE_FLAG_BY_SCRIPT;
    ObjStr *text = IS_STR(file)
                       ? str_format_c(cx, "<module '%.*s' from '%.*s'>", length, name,
                                      (int)AS_STR(file)->n_bytes, AS_STR(file)->data)
                       : str_format_c(cx, is_made_by_script ? "<module '%.*s'>" : "<module '%.*s' (built-in)>",
                                      length, name);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static Value module_get_dict(Context *cx, Value self) {
    return module_namespace(cx, AS_MODULE(self));
}

static Value module_get_annotations(Context *cx, Value self) {
    ObjStr *name = context_name(cx, NAME_annotations_);
    const Value own = module_get(cx, AS_MODULE(self), name);
    if (!IS_UNSET(own)) {
        return own;
    }
    ObjDict *made = dict_new(cx, 0);
    return made != NULL && module_set(cx, AS_MODULE(self), name, OBJ_VALUE(made))
               ? OBJ_VALUE(made)
               : VALUE_ERROR;
}

static bool module_set_annotations(Context *cx, Value self, Value value) {
    return module_set(cx, AS_MODULE(self), context_name(cx, NAME_annotations_), value);
}

static const GetsetDef module_getsets[] = {
    {"__dict__", NULL, module_get_dict, NULL},
    {"__annotations__", NULL, module_get_annotations, module_set_annotations},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjModule = {
    .construct = module_construct,
    .methods = module_methods,
    .trace = module_trace,
    .repr = module_repr,
    .hash = value_hash_by_identity,
    .getsets = module_getsets,
    .doc = "Create a module object.",
};
