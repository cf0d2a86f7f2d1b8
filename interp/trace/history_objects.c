/* history_objects.c - what threads wait for: kinds, names, and which waits are for the same thing. */

#include <string.h>

#include "interp/trace/history_build.h"
#include "interp/trace/object_name.h"
#include "runtime/base/mem.h"
#include "runtime/block.h"
#include "runtime/modules/modules.h"
#include "runtime/object.h"

/* Two waits are for the same thing when all of this is equal. */
typedef struct ObjectKey {
    const char *kind;
    uint64_t id;
    uint32_t process;           /* of threads and processes, which are numbered in each anew */
} ObjectKey;

typedef struct ObjectSlot {
    ObjectKey key;              /* kind NULL: empty */
    uint32_t object;
} ObjectSlot;

struct ObjectTable {
    ObjectSlot *slots;
    size_t n_slots;             /* a power of two */
};

/* ---- The table ---- */

static ObjectSlot *slot_of(const struct ObjectTable *table, const ObjectKey *key) {
    const uint64_t mixed = ((uintptr_t)key->kind ^ key->id ^ (uint64_t)key->process << 40) * UINT64_C(0x9E3779B97F4A7C15);
    size_t i = (size_t)(mixed >> 20) & (table->n_slots - 1);
    for (;; i = (i + 1) & (table->n_slots - 1)) {
        ObjectSlot *slot = &table->slots[i];
        if (slot->key.kind == NULL || (slot->key.kind == key->kind && slot->key.id == key->id &&
                                       slot->key.process == key->process)) {
            return slot;
        }
    }
}

static void grow(struct ObjectTable *table) {
    const struct ObjectTable before = *table;
    table->n_slots = before.n_slots == 0 ? 64 : before.n_slots * 2;
    table->slots = mem_alloc_zeroed(table->n_slots, sizeof *table->slots);
    for (size_t i = 0; i < before.n_slots; i++) {
        if (before.slots[i].key.kind != NULL) {
            *slot_of(table, &before.slots[i].key) = before.slots[i];
        }
    }
    mem_free(before.slots);
}

void objects_open(Builder *b) {
    b->object_table = mem_alloc_zeroed(1, sizeof *b->object_table);
    grow(b->object_table);
}

void objects_close(Builder *b) {
    mem_free(b->object_table->slots);
    mem_free(b->object_table);
}

/* ---- Locks ---- */

static const char *lock_kind_name(uint16_t kind) {
    switch ((ObjKind)kind) {
    case KIND_LOCK: return "Lock";
    case KIND_RLOCK: return "RLock";
    default: return "Condition";
    }
}

/* "Queue" for Queue.__init__; the class of the library that made the lock for itself. */
static const char *class_of(Builder *b, const LogObject *object) {
    const char *function = b->index.places.items[object->library].function;
    const char *dot = strrchr(function, '.');
    return dot != NULL ? arena_copy_text(b->arena, function, (size_t)(dot - function)) : lock_kind_name(object->kind);
}

/* The text of a file, also of a module of the binary: <threading.mini>. NULL: not known. */
static const char *source_text(const Builder *b, const char *file, size_t *n_bytes) {
    for (size_t i = 0; i < b->index.sources.n; i++) {
        const HistorySource *source = &b->index.sources.items[i];
        if (source->file == file) {
            *n_bytes = source->n_bytes;
            return source->text;
        }
    }
    char module[64];
    const size_t n = strlen(file);
    const size_t n_around = strlen("<.mini>");
    if (n <= n_around || n - n_around >= sizeof module || file[0] != '<') {
        return NULL;
    }
    memcpy(module, file + 1, n - n_around);
    module[n - n_around] = '\0';
    return modules_find_source(module, n_bytes);
}

static const char *name_made_at(Builder *b, uint32_t place) {
    BUF_IN_ROOM(name, 128);
    size_t n_bytes = 0;
    const char *text = NULL;
    if (place != HISTORY_NONE) {
        text = source_text(b, b->index.places.items[place].file, &n_bytes);
    }
    if (text != NULL) {
        object_name_add(&name, text, n_bytes, b->index.places.items[place].line);
    }
    const char *copy = arena_copy_text(b->arena, name.bytes, name.n_bytes);
    buf_free(&name);
    return copy;
}

static HistoryObject describe_lock(Builder *b, const TraceEvent *event) {
    const uint32_t number = TRACE_OBJECT_NUMBER(event->object);
    if (number == 0 || number > b->index.n_objects || b->index.objects[number].kind == 0) {
        return (HistoryObject){.kind = lock_kind_name(event->kind_of), .name = "", .made_at = HISTORY_NONE};
    }
    const LogObject *object = &b->index.objects[number];
    return (HistoryObject){
        .kind = object->library != HISTORY_NONE ? class_of(b, object) : lock_kind_name(object->kind),
        .name = name_made_at(b, object->place),
        .made_at = object->place,
    };
}

/* ---- Others ---- */

/* The kind in words, and what tells two of a kind apart. */
static ObjectKey key_of(Builder *b, uint32_t process, const TraceEvent *event) {
    const uint64_t id = event->object;
    switch ((ObjKind)event->kind_of) {
    case KIND_FREE: return (ObjectKey){0};
    case KIND_LOCK:
    case KIND_RLOCK:
    case KIND_CONDITION: return (ObjectKey){lock_kind_name(event->kind_of), TRACE_OBJECT_NUMBER(id), 0};
    case KIND_THREAD_HANDLE: {
        const uint32_t thread = lives_with_ident(b, process, id, event->time_ns);
        return (ObjectKey){"Thread", thread, process};
    }
    case KIND_PROCESS_HANDLE: return (ObjectKey){"Process", id, process};
    case KIND_SOCKET: return (ObjectKey){"socket", id, process};
    case KIND_INT: return (ObjectKey){event->detail == BLOCK_CHILD ? "Process" : "descriptor", id, process};
    case KIND_STR:
    case KIND_FILE: {
        const char *text = log_index_name(&b->index, (uint32_t)id);
        const char *kind = event->detail == BLOCK_IMPORT  ? "module"
                           : event->detail == BLOCK_CHILD ? "command"
                                                          : "file";
        return (ObjectKey){kind, (uintptr_t)text, 0};
    }
    default: return (ObjectKey){event->kind_of < KIND_COUNT ? kind_type_names[event->kind_of] : NULL, 0, 0};
    }
}

static HistoryObject describe(Builder *b, const TraceEvent *event, const ObjectKey *key) {
    HistoryObject object = {.kind = key->kind, .name = "", .made_at = HISTORY_NONE};
    switch ((ObjKind)event->kind_of) {
    case KIND_LOCK:
    case KIND_RLOCK:
    case KIND_CONDITION: return describe_lock(b, event);
    case KIND_THREAD_HANDLE:
        if (key->id != HISTORY_NONE) {
            object.name = b->history->threads[key->id].name;
        }
        break;
    case KIND_PROCESS_HANDLE:
    case KIND_SOCKET:
    case KIND_INT: object.name = arena_format(b->arena, "%lld", (long long)key->id); break;
    case KIND_STR:
    case KIND_FILE: object.name = key->id != 0 ? (const char *)(uintptr_t)key->id : ""; break;
    default: break;
    }
    return object;
}

uint32_t objects_of_block(Builder *b, uint32_t process, const TraceEvent *event) {
    const ObjectKey key = key_of(b, process, event);
    if (key.kind == NULL) {
        return HISTORY_NONE;
    }
    if (b->objects.n * 2 >= b->object_table->n_slots) {
        grow(b->object_table);
    }
    ObjectSlot *slot = slot_of(b->object_table, &key);
    if (slot->key.kind == NULL) {
        *slot = (ObjectSlot){key, (uint32_t)b->objects.n};
        vec_push(&b->objects, describe(b, event, &key));
    }
    return slot->object;
}
