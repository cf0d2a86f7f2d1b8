/* mod_heapq.c - the module _heapq: what lib/heapq.mini does with lists.
 *
 * An item that is added rises from the end; when the smallest is taken, the hole sinks to the
 * bottom along the smaller children and what is in it rises from there, which takes fewer
 * comparisons than letting it sink from the top. Items change places in pairs, so that none
 * is lost when a comparison raises.
 *
 * Threads: an operation holds the list's lock from beginning to end while items are compared
 * without script code (numbers, strings, tuples of them). For other items the lock is given
 * back during each comparison; RuntimeError tells of a list that became shorter or longer
 * meanwhile. */

#include "runtime/modules/modules.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list_internal.h"
#include "runtime/objects/objlock.h"
#include "runtime/objects/quick_order.h"
#include "runtime/objects/seq.h"

typedef struct Heap {
    Context *cx;
    ObjList *list;
    bool is_locked;
    bool is_max; /* the largest item is the first: for the n smallest of many */
} Heap;

static void lock(Heap *h) {
    h->is_locked = objlock_lock(h->cx, &h->list->header);
}

static void unlock(Heap *h) {
    objlock_unlock(h->cx, &h->list->header, h->is_locked);
}

static bool open_heap(Context *cx, Value v, const char *function, const char *argument,
                      Heap *h) {
    if (!IS_LIST(v)) {
        exc_raise(cx, EXC_TypeError, "%s() argument%s must be list, not %s", function,
                  argument, arg_type_name(cx, v));
        return false;
    }
    *h = (Heap){.cx = cx, .list = AS_LIST(v)};
    lock(h);
    return true;
}

static bool open_max_heap(Context *cx, Value v, const char *function,
                          const char *argument, Heap *h) {
    const bool is_ok = open_heap(cx, v, function, argument, h);
    h->is_max = true;
    return is_ok;
}

static inline Value item_at(const Heap *h, size_t i) {
    return h->list->items->items[i];
}

static inline void put(Heap *h, size_t i, Value item) {
    value_store(&h->list->items->items[i], item);
}

static inline void exchange(Heap *h, size_t i, size_t k) {
    const Value item = item_at(h, i);
    put(h, i, item_at(h, k));
    put(h, k, item);
}

/* Script code may run, so without the lock. */
static int less_slow(Heap *h, Value a, Value b) {
    const size_t n = h->list->n;
    unlock(h);
    const int is_less = value_less(h->cx, a, b);
    lock(h);
    if (is_less >= 0 && h->list->n != n) {
        exc_raise(h->cx, EXC_RuntimeError, "list changed size during iteration");
        return -1;
    }
    return is_less;
}

/* Whether a belongs nearer to the top than b: 1, 0, -1 (exception). */
static inline int precedes(Heap *h, Value x, Value y) {
    const Value a = h->is_max ? y : x;
    const Value b = h->is_max ? x : y;
    const QuickOrder order = quick_order(a, b);
    return LIKELY(order != ORDER_UNKNOWN) ? order == ORDER_LESS : less_slow(h, a, b);
}

static bool rise(Heap *h, size_t place, size_t top) {
    while (place > top) {
        const size_t parent = (place - 1) >> 1;
        const int is_before = precedes(h, item_at(h, place), item_at(h, parent));
        if (is_before <= 0) {
            return is_before == 0;
        }
        exchange(h, place, parent);
        place = parent;
    }
    return true;
}

static bool sink(Heap *h, size_t top) {
    const size_t n = h->list->n;
    size_t place = top;
    while (place < n / 2) {
        size_t child = 2 * place + 1;
        if (child + 1 < n) {
            const int is_before = precedes(h, item_at(h, child), item_at(h, child + 1));
            if (is_before < 0) {
                return false;
            }
            child += is_before == 0;
        }
        exchange(h, place, child);
        place = child;
    }
    return rise(h, place, top);
}

static Value close_heap(Heap *h, bool is_ok, Value result) {
    unlock(h);
    return is_ok ? result : VALUE_ERROR;
}

NATIVE(heapq_heappush, "heappush(heap, item, /)",
       "Push item onto heap, maintaining the heap invariant.") {
    Heap h;
    if (!open_heap(cx, args[0], "heappush", " 1", &h)) {
        return VALUE_ERROR;
    }
    const bool is_ok =
        list_append_locked(cx, h.list, args[1]) && rise(&h, h.list->n - 1, 0);
    return close_heap(&h, is_ok, VALUE_NONE);
}

static Value refuse_empty(Heap *h) {
    unlock(h);
    return exc_raise(h->cx, EXC_IndexError, "index out of range");
}

static Value pop(Heap *h) {
    if (h->list->n == 0) {
        return refuse_empty(h);
    }
    const Value last = list_take_last_locked(h->cx, h->list);
    if (h->list->n == 0) {
        return close_heap(h, true, last);
    }
    const Value first = item_at(h, 0);
    put(h, 0, last);
    return close_heap(h, sink(h, 0), first);
}

NATIVE(heapq_heappop, "heappop(heap, /)",
       "Pop the smallest item off the heap, maintaining the heap invariant.") {
    Heap h;
    return open_heap(cx, args[0], "heappop", "", &h) ? pop(&h) : VALUE_ERROR;
}

NATIVE(heapq_heappop_max, "_heappop_max(heap, /)",
       "As heappop(), the largest item being the first.") {
    Heap h;
    return open_max_heap(cx, args[0], "_heappop_max", "", &h) ? pop(&h) : VALUE_ERROR;
}

static Value replace(Heap *h, Value item) {
    if (h->list->n == 0) {
        return refuse_empty(h);
    }
    const Value first = item_at(h, 0);
    put(h, 0, item);
    return close_heap(h, sink(h, 0), first);
}

NATIVE(heapq_heapreplace, "heapreplace(heap, item, /)",
       "Pop and return the current smallest value, and add the new item.\n\n"
       "This is more efficient than heappop() followed by heappush().") {
    Heap h;
    return open_heap(cx, args[0], "heapreplace", " 1", &h) ? replace(&h, args[1])
                                                           : VALUE_ERROR;
}

NATIVE(heapq_heapreplace_max, "_heapreplace_max(heap, item, /)",
       "As heapreplace(), the largest item being the first.") {
    Heap h;
    return open_max_heap(cx, args[0], "_heapreplace_max", " 1", &h) ? replace(&h, args[1])
                                                                    : VALUE_ERROR;
}

NATIVE(heapq_heappushpop, "heappushpop(heap, item, /)",
       "Push item on the heap, then pop and return the smallest item from the heap.") {
    Heap h;
    if (!open_heap(cx, args[0], "heappushpop", " 1", &h)) {
        return VALUE_ERROR;
    }
    if (h.list->n == 0) {
        return close_heap(&h, true, args[1]);
    }
    const int is_before = precedes(&h, item_at(&h, 0), args[1]);
    if (is_before <= 0) {
        return close_heap(&h, is_before == 0, args[1]);
    }
    return replace(&h, args[1]);
}

static Value make_heap(Heap *h) {
    bool is_ok = true;
    for (size_t place = h->list->n / 2; place > 0 && is_ok; place--) {
        is_ok = sink(h, place - 1);
    }
    return close_heap(h, is_ok, VALUE_NONE);
}

NATIVE(heapq_heapify, "heapify(heap, /)",
       "Transform list into a heap, in-place, in O(len(heap)) time.") {
    Heap h;
    return open_heap(cx, args[0], "heapify", "", &h) ? make_heap(&h) : VALUE_ERROR;
}

NATIVE(heapq_heapify_max, "_heapify_max(heap, /)",
       "As heapify(), the largest item being the first.") {
    Heap h;
    return open_max_heap(cx, args[0], "_heapify_max", "", &h) ? make_heap(&h)
                                                              : VALUE_ERROR;
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(heapq_heapify),
    NATIVE_ENTRY(heapq_heapify_max),
    NATIVE_ENTRY(heapq_heappop),
    NATIVE_ENTRY(heapq_heappop_max),
    NATIVE_ENTRY(heapq_heappush),
    NATIVE_ENTRY(heapq_heappushpop),
    NATIVE_ENTRY(heapq_heapreplace),
    NATIVE_ENTRY(heapq_heapreplace_max),
    {0},
};

bool mod_heapq_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
