/* suggest.c - names that are similar to one that was not found. See suggest.h.
 *
 * The measure is CPython's: an edit distance (Levenshtein) in which a change of case costs
 * 1 and everything else 2; what is further away than a third of the characters of both
 * names (and a little) is not similar. */

#include "runtime/objects/suggest.h"

#include <string.h>

#include "runtime/call.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/code.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/exception_fields.h"
#include "runtime/objects/list.h"
#include "runtime/objects/module.h"

enum { MOVE_COST = 2, CASE_COST = 1, MAX_NAME_BYTES = 40, MAX_CANDIDATES = 750 };

/* The distance */

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

static size_t substitution_cost(char a, char b) {
    return a == b ? 0 : lower(a) == lower(b) ? CASE_COST : MOVE_COST;
}

static size_t smallest(size_t a, size_t b) {
    return a < b ? a : b;
}

/* Of two texts without a common begin or end, both not empty; more than max_cost where it
 * is more. */
static size_t distance_of_rest(const char *a, size_t n_a, const char *b, size_t n_b,
                               size_t max_cost) {
    size_t row[MAX_NAME_BYTES];
    for (size_t i = 0; i < n_a; i++) {
        row[i] = (i + 1) * MOVE_COST;
    }
    size_t result = 0;
    for (size_t k = 0; k < n_b; k++) {
        size_t diagonal = k * MOVE_COST;
        size_t lowest = SIZE_MAX;
        result = diagonal + MOVE_COST;
        for (size_t i = 0; i < n_a; i++) {
            const size_t replaced = diagonal + substitution_cost(b[k], a[i]);
            diagonal = row[i];
            result = smallest(replaced, smallest(result, diagonal) + MOVE_COST);
            row[i] = result;
            lowest = smallest(lowest, result);
        }
        if (lowest > max_cost) {
            return max_cost + 1;
        }
    }
    return result;
}

static size_t distance(const ObjStr *x, const ObjStr *y, size_t max_cost) {
    const char *a = x->data;
    const char *b = y->data;
    size_t n_a = x->n_bytes;
    size_t n_b = y->n_bytes;
    while (n_a > 0 && n_b > 0 && *a == *b) {
        a++, b++, n_a--, n_b--;
    }
    while (n_a > 0 && n_b > 0 && a[n_a - 1] == b[n_b - 1]) {
        n_a--, n_b--;
    }
    if (n_a == 0 || n_b == 0) {
        return MOVE_COST * (n_a + n_b);
    }
    if (n_a > MAX_NAME_BYTES || n_b > MAX_NAME_BYTES) {
        return max_cost + 1;
    }
    return n_a <= n_b ? distance_of_rest(a, n_a, b, n_b, max_cost)
                      : distance_of_rest(b, n_b, a, n_a, max_cost);
}

/* The search */

typedef struct Search {
    const ObjStr *wrong;
    const ObjStr *best; /* NULL: none yet */
    size_t best_cost;
    size_t n_candidates;
} Search;

static void consider(Search *search, Value name) {
    if (!IS_STR(name) || str_equals(AS_STR(name), (ObjStr *)search->wrong)) {
        return;
    }
    const ObjStr *candidate = AS_STR(name);
    search->n_candidates++;
    size_t max_cost = (candidate->n_bytes + search->wrong->n_bytes + 3) * MOVE_COST / 6;
    max_cost = smallest(max_cost, search->best_cost - 1);
    const size_t cost = distance(search->wrong, candidate, max_cost);
    if (cost <= max_cost && cost < search->best_cost) {
        search->best = candidate;
        search->best_cost = cost;
    }
}

static void consider_all(Search *search, const ObjTuple *names) {
    for (size_t i = 0; names != NULL && i < names->n; i++) {
        consider(search, names->items[i]);
    }
}

const ObjStr *suggest_among(const ObjStr *wrong, const Value *names, size_t n) {
    Search search = {.wrong = wrong, .best_cost = SIZE_MAX};
    if (wrong->n_bytes > MAX_NAME_BYTES || n >= MAX_CANDIDATES) {
        return NULL;
    }
    for (size_t i = 0; i < n; i++) {
        consider(&search, names[i]);
    }
    return search.best;
}

Value suggest_raise_keyword(Context *cx, const char *function, size_t n_bytes, const ObjStr *name,
                            const Value *names, size_t n) {
    const ObjStr *meant = suggest_among(name, names, n);
    return exc_raise(cx, EXC_TypeError,
                     meant == NULL ? "%.*s() got an unexpected keyword argument '%.*s'"
                                   : "%.*s() got an unexpected keyword argument '%.*s'. "
                                     "Did you mean '%.*s'?",
                     (int)n_bytes, function, (int)name->n_bytes, name->data,
                     meant == NULL ? 0 : (int)meant->n_bytes,
                     meant == NULL ? NULL : meant->data);
}

static void consider_globals(Context *cx, Search *search, ObjModule *module) {
    ObjDict *names = module->dict != NULL ? module->dict : module_snapshot(cx, module);
    if (names == NULL) {
        exc_take(cx);
        return;
    }
    const ObjDictTable *table = dict_table(names);
    size_t position = 0;
    Value name;
    Value value;
    while (dict_table_next(table, &position, &name, &value)) {
        consider(search, name);
    }
}

/* Local names, but for those that had no value when the exception was raised. */
static void consider_locals(Search *search, const ObjTuple *names, Value unbound) {
    for (size_t i = 0; i < names->n; i++) {
        bool is_bound = true;
        Value one;
        for (size_t k = 0; IS_LIST(unbound) && !IS_UNSET(one = list_peek(AS_LIST(unbound), k)); k++) {
            is_bound = is_bound && one != names->items[i];
        }
        if (is_bound) {
            consider(search, names->items[i]);
        }
    }
}

/* Names that the innermost frame could see. */
static void search_names(Context *cx, Search *search, Value exception) {
    Value traceback = value_load(&AS_EXCEPTION(exception)->traceback);
    const ObjCode *code = NULL;
    while (IS_KIND(traceback, KIND_TRACEBACK)) {
        const ObjTraceback *entry = (ObjTraceback *)AS_OBJ(traceback);
        code = (ObjCode *)AS_OBJ(entry->code);
        traceback = value_load(&entry->next);
    }
    if (code == NULL) {
        return;
    }
    if (!(code->flags & CODE_MODULE)) { /* there they are of comprehensions, and over */
        consider_locals(search, code->local_names,
                        value_load(&AS_EXCEPTION(exception)->detail[NAME_ERROR_UNBOUND]));
    }
    consider_all(search, code->free_names);
    if (code->module != NULL) {
        consider_globals(cx, search, code->module);
    }
    consider_globals(cx, search, cx->rt->builtins);
}

/* name, forgotten in front of which was `self.`: whether the object of the method has it. */
static bool is_attribute_of_self(Context *cx, Value exception, Value name) {
    const Value self = value_load(&AS_EXCEPTION(exception)->detail[NAME_ERROR_SELF]);
    if (IS_UNSET(self)) {
        return false;
    }
    const bool has_it = !IS_ERROR(value_getattr(cx, self, AS_STR(name)));
    if (!has_it) {
        exc_take(cx);
    }
    return has_it;
}

/* What dir(v) lists; names with an underscore only for a name with one. */
static void search_attributes(Context *cx, Search *search, Value v) {
    const Value dir = module_get(cx, cx->rt->builtins, str_intern(cx, "dir", 3));
    const Value names = IS_UNSET(dir) ? VALUE_ERROR : call_value(cx, dir, &v, 1);
    if (IS_ERROR(names)) {
        exc_take(cx);
        return;
    }
    const bool shows_underscored = search->wrong->data[0] == '_';
    Value name;
    for (size_t i = 0; IS_LIST(names) && !IS_UNSET(name = list_peek(AS_LIST(names), i)); i++) {
        if (IS_STR(name) && (shows_underscored || AS_STR(name)->data[0] != '_')) {
            consider(search, name);
        }
    }
}

/* The result */

bool suggest_is_library_module(const ObjStr *name) {
    static const char *const names[] = {
#define STDLIB(name) name,
#include "runtime/stdlib_names.def"
#undef STDLIB
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (str_equals_c(name, names[i])) {
            return true;
        }
    }
    return false;
}

/* Whether file is directly in the first folder of sys.path, or the package of that name. */
static bool is_in_first_folder(Context *cx, const ObjStr *file, const ObjStr *module) {
    const Value path = module_get(cx, cx->rt->sys, context_name(cx, NAME_plain_path));
    const Value first = IS_LIST(path) ? list_peek(AS_LIST(path), 0) : VALUE_UNSET;
    const size_t n = IS_STR(first) ? AS_STR(first)->n_bytes : 0;
    return n > 0 && n + module->n_bytes < file->n_bytes && memcmp(file->data, AS_STR(first)->data, n) == 0 &&
           file->data[n] == '/' && memcmp(file->data + n + 1, module->data, module->n_bytes) == 0;
}

ObjStr *suggest_hiding_file(Context *cx, Value module) {
    const Value file = module_get(cx, AS_MODULE(module), context_name(cx, NAME_file_));
    const ObjStr *name = AS_MODULE(module)->name;
    return IS_STR(file) && is_in_first_folder(cx, AS_STR(file), name) && suggest_is_library_module(name)
               ? AS_STR(file)
               : NULL;
}

void suggest_add(Context *cx, Buf *out, Value exception) {
    const ObjException *e = AS_EXCEPTION(exception);
    const bool is_name = exc_matches_kind(cx, exception, EXC_NameError);
    const bool is_attribute = exc_matches_kind(cx, exception, EXC_AttributeError);
    const bool is_import = exc_matches_kind(cx, exception, EXC_ImportError);
    const Value wrong = value_load(is_import ? &e->detail[IMPORT_NAME_FROM] : &e->value);
    const bool is_of_interest = is_name || is_attribute || is_import;
    if (!is_of_interest || !IS_STR(wrong) || AS_STR(wrong)->n_bytes == 0) {
        return;
    }
    Search search = {.wrong = AS_STR(wrong), .best_cost = SIZE_MAX};
    if (search.wrong->n_bytes > MAX_NAME_BYTES) {
        return;
    }
    if (is_name && is_attribute_of_self(cx, exception, wrong)) {
        buf_add_format(out, ". Did you mean: 'self.%.*s'?", (int)search.wrong->n_bytes,
                       search.wrong->data);
    } else if (is_name) {
        search_names(cx, &search, exception);
    } else if (is_import) {
        const Value module = IS_STR(value_load(&e->value))
                                 ? dict_get_str(cx->rt->modules, AS_STR(value_load(&e->value)))
                                 : VALUE_UNSET;
        if (!IS_UNSET(module)) {
            search_attributes(cx, &search, module);
        }
    } else if (!IS_UNSET(value_load(&e->detail[0]))) {
        search_attributes(cx, &search, value_load(&e->detail[0]));
    }
    const bool is_found = search.best != NULL && search.n_candidates < MAX_CANDIDATES;
    if (is_found) {
        buf_add_format(out, ". Did you mean: '%.*s'?", (int)search.best->n_bytes,
                       search.best->data);
    }
    if (is_name && suggest_is_library_module(search.wrong)) {
        buf_add_format(out, is_found ? " Or did you forget to import '%.*s'?"
                                     : ". Did you forget to import '%.*s'?",
                       (int)search.wrong->n_bytes, search.wrong->data);
    }
}
