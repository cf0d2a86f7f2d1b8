/* memoryview.c - memoryview, of one dimension. See memoryview.h. */

#include "runtime/objects/memoryview.h"

#include "runtime/gc/gc.h"
#include "runtime/gc/heap_walk.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/bytearray.h"
#include "runtime/objects/bytes_methods.h"
#include "runtime/objects/construct.h"
#include "runtime/objects/float.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"
#include "runtime/objects/memory_map.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/range.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/typed_array.h"

/* Memory */

static bool lock(Context *cx, const Memory *m) {
    return !IS_BYTES(m->object) && objlock_lock(cx, AS_OBJ(m->object));
}

static void unlock(Context *cx, const Memory *m, bool is_locked) {
    objlock_unlock(cx, AS_OBJ(m->object), is_locked);
}

static void memory_of_array(Context *cx, ObjByteArray *a, Memory *m) {
    const bool is_locked = objlock_lock(cx, &a->header);
    m->data = a->data == NULL ? NULL : a->data->bytes;
    m->n = (int64_t)a->n;
    objlock_unlock(cx, &a->header, is_locked);
    if (a->header.kind == KIND_TYPED_ARRAY) {
        m->type = ((ObjTypedArray *)a)->type;
        m->n /= m->type.n_bytes;
        m->stride = m->type.n_bytes;
    }
}

static bool memory_of_map(Context *cx, ObjMemoryMap *map, Memory *m) {
    size_t n;
    if (!memory_map_bytes(cx, map, &m->data, &n)) {
        return false;
    }
    m->n = (int64_t)n;
    m->is_readonly = map->access == ACCESS_READ;
    return true;
}

int memory_of(Context *cx, Value v, Memory *m) {
    *m = (Memory){.object = v, .stride = 1, .type = {'B', 1, false, false}};
    switch (IS_OBJ(v) ? AS_OBJ(v)->kind : KIND_FREE) {
    case KIND_BYTES:
        m->data = AS_BYTES(v)->data;
        m->n = (int64_t)AS_BYTES(v)->n_bytes;
        m->is_readonly = true;
        return 1;
    case KIND_BYTEARRAY:
    case KIND_TYPED_ARRAY: memory_of_array(cx, AS_BYTEARRAY(v), m); return 1;
    case KIND_MEMORY_MAP: return memory_of_map(cx, AS_MEMORY_MAP(v), m) ? 1 : -1;
    case KIND_MEMORYVIEW:
        if (atomic_load_relaxed(&AS_MEMORYVIEW(v)->is_released)) {
            exc_raise(cx, EXC_ValueError,
                      "operation forbidden on released memoryview object");
            return -1;
        }
        *m = AS_MEMORYVIEW(v)->memory;
        return 1;
    default: return 0;
    }
}

static void copy_out(const Memory *m, char *out) {
    if (m->n > 0 && memory_is_contiguous(m)) {
        memcpy(out, m->data, memory_bytes(m));
        return;
    }
    for (int64_t i = 0; i < m->n; i++) {
        memcpy(out + i * m->type.n_bytes, m->data + i * m->stride, m->type.n_bytes);
    }
}

ObjBytes *memory_copy(Context *cx, const Memory *m) {
    ObjBytes *copy = bytes_new(cx, NULL, memory_bytes(m));
    if (copy != NULL) {
        const bool is_locked = lock(cx, m);
        copy_out(m, copy->data);
        unlock(cx, m, is_locked);
    }
    return copy;
}

void memory_write(Context *cx, const Memory *m, size_t at, const char *bytes,
                  size_t n_bytes) {
    if (n_bytes > 0) {
        const bool is_locked = lock(cx, m);
        memcpy(m->data + at, bytes, n_bytes);
        unlock(cx, m, is_locked);
    }
}

bool memory_to_write(Context *cx, Value v, const char *format, Memory *m) {
    const int is_memory = memory_of(cx, v, m);
    if (is_memory > 0 && !m->is_readonly && memory_is_contiguous(m)) {
        return true;
    }
    if (is_memory >= 0) {
        ObjStr *text = str_format_c(cx, format, arg_type_name(cx, v));
        if (text != NULL) {
            exc_raise_value(cx, EXC_TypeError, OBJ_VALUE(text));
        }
    }
    return false;
}

/* Who shows what */

typedef struct Search {
    Value object;
    bool is_found;
} Search;

static void look_at(void *data, Obj *o) {
    Search *search = data;
    if (o->kind == KIND_MEMORYVIEW) {
        const ObjMemoryView *view = (const ObjMemoryView *)o;
        search->is_found |= value_load(&view->memory.object) == search->object &&
                            !atomic_load_relaxed(&view->is_released) &&
                            !(atomic_load_relaxed(&view->is_part) && IS_MEMORY_MAP(search->object));
    }
}

bool memoryview_is_on(Context *cx, const Obj *o) {
    Search search = {OBJ_VALUE(o), false};
    heap_each_finishable(cx->rt->heap, look_at, &search);
    return search.is_found;
}

bool memoryview_shows(Context *cx, const Obj *o) {
    if (!memoryview_is_on(cx, o)) {
        return false;
    }
    gc_collect(cx); /* perhaps nobody has the view any more */
    return memoryview_is_on(cx, o);
}

/* Other threads may look at the view, for its object, as soon as it is there. */
static Value view_new(Context *cx, const Memory *m) {
    ObjMemoryView *view = HEAP_NEW(cx, ObjMemoryView, KIND_MEMORYVIEW);
    if (view == NULL) {
        return VALUE_ERROR;
    }
    view->memory.data = m->data;
    view->memory.n = m->n;
    view->memory.stride = m->stride;
    view->memory.type = m->type;
    view->memory.has_at = m->has_at;
    view->memory.is_readonly = m->is_readonly;
    value_store(&view->memory.object, m->object);
    if (!IS_BYTES(m->object)) {
        const bool is_locked = lock(cx, m);
        *(IS_MEMORY_MAP(m->object) ? &AS_MEMORY_MAP(m->object)->is_exported
                                   : &AS_BYTEARRAY(m->object)->is_exported) = true;
        unlock(cx, m, is_locked);
    }
    return OBJ_VALUE(view);
}

static Value view_construct(Context *cx, ObjType *type __attribute__((unused)),
                            const Value *args, int n_args, Value kwargs) {
    static const char *const parameters[] = {"object", NULL};
    Value object;
    Memory m;
    if (!construct_arguments(cx, "memoryview", parameters, 1, args, n_args, kwargs,
                             &object)) {
        return VALUE_ERROR;
    }
    const int is_memory = memory_of(cx, object, &m);
    if (is_memory == 0) {
        return exc_raise(cx, EXC_TypeError,
                         "memoryview: a bytes-like object is required, not '%s'",
                         type_name_of(cx, object));
    }
    const Value view = is_memory < 0 ? VALUE_ERROR : view_new(cx, &m);
    if (!IS_ERROR(view) && !IS_MEMORYVIEW(object)) {
        /* What it shows may have been moved before it was known that it is shown. */
        memory_of(cx, object, &m);
        AS_MEMORYVIEW(view)->memory.data = m.data;
        AS_MEMORYVIEW(view)->memory.n = m.n;
    }
    return view;
}

/* Items */

static bool open_view(Context *cx, Value v, Memory *m) {
    return memory_of(cx, v, m) > 0;
}

static bool check_format(Context *cx, const Memory *m) {
    if (m->type.code != 'w') {
        return true;
    }
    exc_raise(cx, EXC_NotImplementedError, "memoryview: format %c not supported",
              m->type.code);
    return false;
}

static Value load(Context *cx, const Memory *m, int64_t i) {
    char item[ITEM_MAX_BYTES];
    const bool is_locked = lock(cx, m);
    memcpy(item, m->data + i * m->stride, m->type.n_bytes);
    unlock(cx, m, is_locked);
    return item_load(cx, &m->type, item);
}

/* The value as an item; false with TypeError or ValueError pending. */
static bool to_item(Context *cx, const Memory *m, Value v, char *item) {
    const ItemType *type = &m->type;
    bool fits = true;
    if (type->code == '?') {
        const int is_true = value_is_true(cx, v);
        *item = (char)(is_true > 0);
        return is_true >= 0;
    }
    if (type->code == 'c') {
        if (!IS_BYTES(v)) {
            goto bad_type;
        }
        fits = AS_BYTES(v)->n_bytes == 1;
        *item = AS_BYTES(v)->data[0];
    } else if (item_is_float(type)) {
        double d;
        if (!arg_double(cx, v, &d)) {
            goto bad_type;
        }
        item_store_double(type, d, item);
    } else {
        const Value index = int_index(cx, v);
        if (IS_ERROR(index)) {
            goto bad_type;
        }
        fits = item_store_int(type, index, item) == ITEM_FITS;
    }
    if (!fits) {
        exc_raise(cx, EXC_ValueError, "memoryview: invalid value for format '%s%c'",
                  m->has_at ? "@" : "", type->code);
    }
    return fits;
bad_type:
    exc_take_if(cx, EXC_TypeError);
    if (IS_UNSET(cx->pending)) {
        exc_raise(cx, EXC_TypeError, "memoryview: invalid type for format '%s%c'",
                  m->has_at ? "@" : "", type->code);
    }
    return false;
}

static int64_t view_length(Context *cx, Value v) {
    Memory m;
    return open_view(cx, v, &m) ? m.n : -1;
}

static bool sliced(Context *cx, Memory *m, Value slice) {
    int64_t start;
    int64_t stop;
    int64_t step;
    int64_t n;
    if (!slice_resolve(cx, slice, m->n, &start, &stop, &step, &n)) {
        return false;
    }
    m->data += n == 0 ? 0 : start * m->stride;
    m->stride *= n > 1 ? step : 1;
    m->n = n;
    return true;
}

/* Which item is meant: an index, or a tuple with one. */
static bool place_of(Context *cx, const Memory *m, Value key, int64_t *index) {
    if (IS_TUPLE(key) && AS_TUPLE(key)->n == 1) {
        key = AS_TUPLE(key)->items[0];
    } else if (IS_TUPLE(key)) {
        exc_raise(cx, EXC_TypeError,
                  "cannot index 1-dimension view with %zu-element tuple",
                  AS_TUPLE(key)->n);
        return false;
    }
    if (!seq_is_index(cx, key)) {
        exc_raise(cx, EXC_TypeError, "memoryview: invalid slice key");
        return false;
    }
    if (!int_index_i64(cx, key, index, EXC_IndexError)) {
        return false;
    }
    *index += *index < 0 ? m->n : 0;
    if (*index < 0 || *index >= m->n) {
        exc_raise(cx, EXC_IndexError, "index out of bounds on dimension 1");
        return false;
    }
    return true;
}

static Value view_getitem(Context *cx, Value v, Value key) {
    Memory m;
    int64_t i;
    if (!open_view(cx, v, &m)) {
        return VALUE_ERROR;
    }
    if (IS_SLICE(key)) {
        const Value part = sliced(cx, &m, key) ? view_new(cx, &m) : VALUE_ERROR;
        if (!IS_ERROR(part)) {
            atomic_store_relaxed(&AS_MEMORYVIEW(part)->is_part, true);
        }
        return part;
    }
    return check_format(cx, &m) && place_of(cx, &m, key, &i) ? load(cx, &m, i)
                                                             : VALUE_ERROR;
}

static bool set_slice(Context *cx, Memory *m, Value slice, Value value) {
    Memory from;
    const int is_memory = memory_of(cx, value, &from);
    if (is_memory <= 0) {
        if (is_memory == 0) {
            exc_raise(cx, EXC_TypeError, "a bytes-like object is required, not '%s'",
                      type_name_of(cx, value));
        }
        return false;
    }
    if (!sliced(cx, m, slice)) {
        return false;
    }
    if (from.n != m->n || from.type.code != m->type.code) {
        exc_raise(cx, EXC_ValueError,
                  "memoryview assignment: lvalue and rvalue have different structures");
        return false;
    }
    const ObjBytes *copy = memory_copy(cx, &from); /* they may overlap */
    if (copy == NULL) {
        return false;
    }
    const size_t n_item = m->type.n_bytes;
    const bool is_locked = lock(cx, m);
    for (int64_t i = 0; i < m->n; i++) {
        memcpy(m->data + i * m->stride, copy->data + (size_t)i * n_item, n_item);
    }
    unlock(cx, m, is_locked);
    return true;
}

static bool view_setitem(Context *cx, Value v, Value key, Value value) {
    Memory m;
    int64_t i;
    char item[ITEM_MAX_BYTES];
    if (!open_view(cx, v, &m)) {
        return false;
    }
    if (m.is_readonly || IS_UNSET(value)) {
        exc_raise(cx, EXC_TypeError,
                  m.is_readonly ? "cannot modify read-only memory"
                                : "cannot delete memory");
        return false;
    }
    if (IS_SLICE(key)) {
        return set_slice(cx, &m, key, value);
    }
    if (!check_format(cx, &m) || !place_of(cx, &m, key, &i) ||
        !to_item(cx, &m, value, item)) {
        return false;
    }
    const bool is_locked = lock(cx, &m);
    memcpy(m.data + i * m.stride, item, m.type.n_bytes);
    unlock(cx, &m, is_locked);
    return true;
}

static Value view_iter(Context *cx, Value v) {
    return seq_iter_new_as(cx, KIND_MEMORYVIEW_ITER, v);
}

/* Equal, item by item: 1, 0, -1. */
static int equals(Context *cx, const Memory *a, const Memory *b) {
    if (a->n != b->n) {
        return 0;
    }
    if (a->type.code == b->type.code && !item_is_float(&a->type)) {
        const ObjBytes *x = memory_copy(cx, a);
        const ObjBytes *y = x == NULL ? NULL : memory_copy(cx, b);
        return y == NULL ? -1 : memcmp(x->data, y->data, x->n_bytes) == 0;
    }
    if (a->type.code == 'w' || b->type.code == 'w') {
        return 0;
    }
    for (int64_t i = 0; i < a->n; i++) {
        const Value x = load(cx, a, i);
        const Value y = IS_ERROR(x) ? VALUE_ERROR : load(cx, b, i);
        const int is_equal =
            IS_ERROR(y) ? -1 : value_compare(cx, COMPARE_EQ, x, y) == VALUE_TRUE;
        if (is_equal <= 0) {
            return is_equal;
        }
    }
    return 1;
}

static bool is_released(Value v) {
    return IS_MEMORYVIEW(v) && atomic_load_relaxed(&AS_MEMORYVIEW(v)->is_released);
}

static Value view_compare(Context *cx, CompareOp op, Value a, Value b) {
    Memory x;
    Memory y;
    if (op != COMPARE_EQ && op != COMPARE_NE) {
        return VALUE_NOT_IMPLEMENTED;
    }
    if (is_released(a) || is_released(b)) {
        return BOOL_VALUE((a == b) == (op == COMPARE_EQ));
    }
    if (memory_of(cx, a, &x) <= 0 || memory_of(cx, b, &y) <= 0) {
        return IS_UNSET(cx->pending) ? VALUE_NOT_IMPLEMENTED : VALUE_ERROR;
    }
    const int is_equal = equals(cx, &x, &y);
    return is_equal < 0 ? VALUE_ERROR : BOOL_VALUE((is_equal > 0) == (op == COMPARE_EQ));
}

static bool view_hash(Context *cx, Value v, uint64_t *hash) {
    Memory m;
    if (!open_view(cx, v, &m)) {
        return false;
    }
    if (!m.is_readonly) {
        exc_raise(cx, EXC_ValueError, "cannot hash writable memoryview object");
        return false;
    }
    if (strchr("Bbc", m.type.code) == NULL) {
        exc_raise(cx, EXC_ValueError,
                  "memoryview: hashing is restricted to formats 'B', 'b' or 'c'");
        return false;
    }
    ObjBytes *copy = memory_copy(cx, &m);
    return copy != NULL && value_hash(cx, OBJ_VALUE(copy), hash);
}

static Value view_repr(Context *cx, Value v) {
    ObjStr *text = str_format_c(
        cx, is_released(v) ? "<released memory at 0x%llx>" : "<memory at 0x%llx>",
        (unsigned long long)v);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* Methods */

NATIVE(view_tobytes, "tobytes(self, /, order='C')",
       "Return the data in the buffer as a byte string.") {
    Memory m;
    if (!IS_UNSET(args[1]) && !IS_NONE(args[1])) {
        const ObjStr *order = arg_str(cx, args[1], "tobytes", "order");
        if (order == NULL) {
            return VALUE_ERROR;
        }
        if (order->n_bytes != 1 || strchr("CFA", order->data[0]) == NULL) {
            return exc_raise(cx, EXC_ValueError, "order must be 'C', 'F' or 'A'");
        }
    }
    ObjBytes *copy = open_view(cx, args[0], &m) ? memory_copy(cx, &m) : NULL;
    return copy == NULL ? VALUE_ERROR : OBJ_VALUE(copy);
}

NATIVE(view_tolist, "tolist(self, /)",
       "Return the data in the buffer as a list of elements.") {
    Memory m;
    ObjList *list = NULL;
    if (open_view(cx, args[0], &m) && check_format(cx, &m)) {
        list = list_new(cx, (size_t)m.n);
    }
    for (int64_t i = 0; list != NULL && i < m.n; i++) {
        const Value item = load(cx, &m, i);
        if (IS_ERROR(item) || !list_append(cx, list, item)) {
            return VALUE_ERROR;
        }
    }
    return list == NULL ? VALUE_ERROR : OBJ_VALUE(list);
}

NATIVE(view_hex, "hex(self, /, sep=None, bytes_per_sep=1)",
       "Return the data in the buffer as a str of hexadecimal numbers.") {
    Memory m;
    ObjBytes *copy = open_view(cx, args[0], &m) ? memory_copy(cx, &m) : NULL;
    return copy == NULL ? VALUE_ERROR : bytes_to_hex(cx, copy, args[1], args[2]);
}

NATIVE(view_toreadonly, "toreadonly(self, /)",
       "Return a readonly version of the memoryview.") {
    Memory m;
    if (!open_view(cx, args[0], &m)) {
        return VALUE_ERROR;
    }
    m.is_readonly = true;
    return view_new(cx, &m);
}

NATIVE(view_release, "release(self, /)",
       "Release the underlying buffer exposed by the memoryview object.") {
    atomic_store_relaxed(&AS_MEMORYVIEW(args[0])->is_released, true);
    return VALUE_NONE;
}

NATIVE(view_enter, "__enter__(self, /)", "Return self.") {
    Memory m;
    return open_view(cx, args[0], &m) ? args[0] : VALUE_ERROR;
}

NATIVE(view_exit, "__exit__(self, /, *args)", "Release the buffer.") {
    atomic_store_relaxed(&AS_MEMORYVIEW(args[0])->is_released, true);
    return VALUE_NONE;
}

static bool is_byte_format(const ItemType *type) {
    return strchr("Bbc", type->code) != NULL;
}

/* The new type of m's items, by a format such as "i" or "@i". */
static bool set_format(Context *cx, Memory *m, Value v) {
    const ObjStr *format = arg_str(cx, v, "cast", "format");
    ItemType type;
    if (format == NULL) {
        return false;
    }
    const bool has_at = format->n_bytes == 2 && format->data[0] == '@';
    if (format->n_bytes != 1u + has_at || format->data[has_at] == 'e' ||
        !item_native(format->data[has_at], &type)) {
        exc_raise(cx, EXC_ValueError,
                  "memoryview: destination format must be a native single character "
                  "format prefixed with an optional '@'");
        return false;
    }
    if (!is_byte_format(&type) && !is_byte_format(&m->type)) {
        exc_raise(cx, EXC_TypeError,
                  "memoryview: cannot cast between two non-byte formats");
        return false;
    }
    const int64_t n_bytes = (int64_t)memory_bytes(m);
    if (n_bytes % type.n_bytes != 0) {
        exc_raise(cx, EXC_TypeError, "memoryview: length is not a multiple of itemsize");
        return false;
    }
    m->type = type;
    m->has_at = has_at;
    m->n = n_bytes / type.n_bytes;
    m->stride = type.n_bytes;
    return true;
}

/* A shape may be given, but only that of one dimension. */
static bool check_shape(Context *cx, const Memory *m, Value shape) {
    if (IS_UNSET(shape)) {
        return true;
    }
    if (!IS_LIST(shape) && !IS_TUPLE(shape)) {
        exc_raise(cx, EXC_TypeError, "shape must be a list or a tuple");
        return false;
    }
    if (seq_length(shape) != 1) {
        exc_raise(cx, EXC_NotImplementedError,
                  "memoryview: mini has views of one dimension only");
        return false;
    }
    int64_t n;
    if (!arg_int(cx, seq_peek(shape, 0), &n)) {
        return false;
    }
    if (n != m->n) {
        exc_raise(cx, EXC_TypeError,
                  "memoryview: product(shape) * itemsize != buffer size");
        return false;
    }
    return true;
}

NATIVE(view_cast, "cast(self, /, format, shape=None)",
       "Cast a memoryview to a new format.") {
    Memory m;
    if (!open_view(cx, args[0], &m)) {
        return VALUE_ERROR;
    }
    if (!memory_is_contiguous(&m)) {
        return exc_raise(cx, EXC_TypeError,
                         "memoryview: casts are restricted to C-contiguous views");
    }
    return set_format(cx, &m, args[1]) && check_shape(cx, &m, args[2]) ? view_new(cx, &m)
                                                                       : VALUE_ERROR;
}

/* Attributes */

static Value number_of(Context *cx, Value self, int64_t (*number)(const Memory *m)) {
    Memory m;
    return open_view(cx, self, &m) ? value_from_int(number(&m)) : VALUE_ERROR;
}

static Value tuple_of(Context *cx, Value self, int64_t (*number)(const Memory *m)) {
    const Value item = number_of(cx, self, number);
    return IS_ERROR(item) ? VALUE_ERROR : tuple_from(cx, &item, 1);
}

static int64_t n_items(const Memory *m) {
    return m->n;
}

static int64_t n_all_bytes(const Memory *m) {
    return (int64_t)memory_bytes(m);
}

static int64_t n_item_bytes(const Memory *m) {
    return m->type.n_bytes;
}

static int64_t stride_of(const Memory *m) {
    return m->stride;
}

static int64_t n_dimensions(const Memory *m __attribute__((unused))) {
    return 1;
}

static Value get_obj(Context *cx, Value self) {
    Memory m;
    return open_view(cx, self, &m) ? m.object : VALUE_ERROR;
}

static Value get_nbytes(Context *cx, Value self) {
    return number_of(cx, self, n_all_bytes);
}

static Value get_itemsize(Context *cx, Value self) {
    return number_of(cx, self, n_item_bytes);
}

static Value get_ndim(Context *cx, Value self) {
    return number_of(cx, self, n_dimensions);
}

static Value get_shape(Context *cx, Value self) {
    return tuple_of(cx, self, n_items);
}

static Value get_strides(Context *cx, Value self) {
    return tuple_of(cx, self, stride_of);
}

static Value get_suboffsets(Context *cx, Value self) {
    Memory m;
    return open_view(cx, self, &m) ? cx->rt->empty_tuple : VALUE_ERROR;
}

static Value get_readonly(Context *cx, Value self) {
    Memory m;
    return open_view(cx, self, &m) ? BOOL_VALUE(m.is_readonly) : VALUE_ERROR;
}

static Value get_contiguous(Context *cx, Value self) {
    Memory m;
    return open_view(cx, self, &m) ? BOOL_VALUE(memory_is_contiguous(&m)) : VALUE_ERROR;
}

static Value get_format(Context *cx, Value self) {
    Memory m;
    ObjStr *text = open_view(cx, self, &m)
                       ? str_format_c(cx, "%s%c", m.has_at ? "@" : "", m.type.code)
                       : NULL;
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

static void view_trace(GcMarker *m, Obj *o) {
    const Memory *memory = &((const ObjMemoryView *)o)->memory;
    gc_mark_value(m, memory->object);
    gc_mark_interior(m, memory->data);
}

/* Being on the list of what is to be finished is all that is wanted: memoryview_shows goes through it. */
static void view_finish(Obj *o) {
    (void)o;
}

static const NativeDef view_methods[] = {
    NATIVE_ENTRY(view_cast),   NATIVE_ENTRY(view_enter),      NATIVE_ENTRY(view_exit),
    NATIVE_ENTRY(view_hex),    NATIVE_ENTRY(view_release),    NATIVE_ENTRY(view_tobytes),
    NATIVE_ENTRY(view_tolist), NATIVE_ENTRY(view_toreadonly), {0},
};

static const GetsetDef view_getsets[] = {
    {"obj", "The underlying object of the memoryview.", get_obj, NULL},
    {"nbytes", "The amount of space in bytes that the array would use.", get_nbytes,
     NULL},
    {"itemsize", "The size in bytes of each element.", get_itemsize, NULL},
    {"format", "The format of each element, as in struct.", get_format, NULL},
    {"readonly", "Whether the memory is read only.", get_readonly, NULL},
    {"ndim", "The number of dimensions.", get_ndim, NULL},
    {"shape", "A tuple of ndim integers: the number of elements.", get_shape, NULL},
    {"strides", "A tuple of ndim integers: the bytes between elements.", get_strides,
     NULL},
    {"suboffsets", "For other kinds of arrays; empty.", get_suboffsets, NULL},
    {"contiguous", "Whether the elements stand one behind the other.", get_contiguous,
     NULL},
    {"c_contiguous", "The same.", get_contiguous, NULL},
    {"f_contiguous", "The same.", get_contiguous, NULL},
    {0},
};

const KindOps kind_ops_ObjMemoryView = {
    .trace = view_trace,
    .finish = view_finish,
    .repr = view_repr,
    .hash = view_hash,
    .compare = view_compare,
    .length = view_length,
    .getitem = view_getitem,
    .setitem = view_setitem,
    .iter = view_iter,
    .construct = view_construct,
    .methods = view_methods,
    .getsets = view_getsets,
    .doc =
        "memoryview(object)\n--\n\nCreate a new memoryview object which references the "
        "given object.",
};
