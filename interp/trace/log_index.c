/* log_index.c - the first pass over a log. See log_index.h. */

#include "interp/trace/log_index.h"

#include <stdlib.h>
#include <string.h>

#include "runtime/base/hash.h"
#include "runtime/base/mem.h"

/* ---- A table from 64 bits to an index, with open addressing ---- */

typedef struct Slot {
    uint64_t key;               /* 0: empty */
    uint32_t value;
} Slot;

typedef struct Table {
    Slot *slots;
    size_t n_slots;             /* a power of two */
    size_t n_used;
} Table;

static Slot *table_slot(const Table *table, uint64_t key) {
    size_t i = (size_t)(key * UINT64_C(0x9E3779B97F4A7C15) >> 20) & (table->n_slots - 1);
    while (table->slots[i].key != 0 && table->slots[i].key != key) {
        i = (i + 1) & (table->n_slots - 1);
    }
    return &table->slots[i];
}

static void table_grow(Table *table) {
    const Table before = *table;
    table->n_slots = before.n_slots == 0 ? 64 : before.n_slots * 2;
    table->slots = mem_alloc_zeroed(table->n_slots, sizeof *table->slots);
    for (size_t i = 0; i < before.n_slots; i++) {
        if (before.slots[i].key != 0) {
            *table_slot(table, before.slots[i].key) = before.slots[i];
        }
    }
    mem_free(before.slots);
}

/* The value of the key, which becomes `fresh` when it was not there. */
static uint32_t table_intern(Table *table, uint64_t key, uint32_t fresh) {
    if (table->n_used * 2 >= table->n_slots) {
        table_grow(table);
    }
    Slot *slot = table_slot(table, key);
    if (slot->key == 0) {
        *slot = (Slot){key, fresh};
        table->n_used++;
    }
    return slot->value;
}

/* ---- Texts and places ---- */

struct LogTexts {
    VEC(const char *) texts;    /* each once */
    Table by_text;
    Table by_place;
    Table by_thread;            /* streams */
    VEC(const TraceEvent *) late;   /* events that name names */
};

/* 64 bits of hash are taken for the text itself. */
static const char *intern_text(LogIndex *index, const char *text) {
    struct LogTexts *texts = index->texts;
    const uint32_t fresh = (uint32_t)texts->texts.n;
    const uint32_t i = table_intern(&texts->by_text, hash_bytes(text, strlen(text)), fresh);
    if (i == fresh) {
        vec_push(&texts->texts, text);
    }
    return texts->texts.items[i];
}

static void add_place(LogIndex *index, const TraceEvent *event) {
    const char *file = log_text(event);
    const char *function = file + strlen(file) + 1;
    if (event->place > index->n_numbers || strlen(file) >= event->other) {
        return;
    }
    const HistoryPlace place = {
        .file = intern_text(index, file),
        .function = intern_text(index, function),
        .line = (uint32_t)event->object,
    };
    uint64_t key[3] = {(uintptr_t)place.file, (uintptr_t)place.function, place.line};
    const uint32_t fresh = (uint32_t)index->places.n;
    const uint32_t i = table_intern(&index->texts->by_place, hash_bytes(key, sizeof key), fresh);
    if (i == fresh) {
        vec_push(&index->places, place);
    }
    index->place_of[event->place] = i;
}

static void add_name(LogIndex *index, const TraceEvent *event) {
    if (event->place <= index->n_numbers) {
        index->name_of[event->place] = intern_text(index, log_text(event));
    }
}

/* ---- Sources, which come in pieces, and objects: when all names are known ---- */

static HistorySource *source_of(LogIndex *index, const char *file) {
    for (size_t i = 0; i < index->sources.n; i++) {
        if (index->sources.items[i].file == file) {
            return &index->sources.items[i];
        }
    }
    vec_push(&index->sources, (HistorySource){.file = file, .text = mem_alloc_zeroed(1, 1)});
    return vec_last(&index->sources);
}

/* A file that was compiled again, maybe by a child, is taken as it was the first time. */
static void add_source(LogIndex *index, const TraceEvent *event) {
    const char *file = log_index_name(index, event->place);
    HistorySource *source = file != NULL ? source_of(index, file) : NULL;
    if (source != NULL && source->n_bytes == event->object) {
        const size_t n_bytes = source->n_bytes + event->other;
        char *text = mem_resize((char *)source->text, n_bytes + 1, 1);
        memcpy(text + source->n_bytes, log_text(event), event->other);
        text[n_bytes] = '\0';
        source->text = text;
        source->n_bytes = n_bytes;
    }
}

static void add_object(LogIndex *index, const TraceEvent *event) {
    const uint32_t number = TRACE_OBJECT_NUMBER(event->object);
    if (number <= index->n_objects) {
        index->objects[number] = (LogObject){
            .place = log_index_place(index, event->place),
            .library = log_index_place(index, TRACE_OBJECT_PLACE(event->object)),
            .kind = event->kind_of,
        };
    }
}

/* ---- Streams ---- */

static LogStream *stream_of(LogIndex *index, uint32_t chunk_index, const LogChunk *chunk) {
    const uint64_t key = (uint64_t)chunk->process << 32 | chunk->thread;
    const uint32_t fresh = (uint32_t)index->streams.n;
    const uint32_t i = table_intern(&index->texts->by_thread, key, fresh);
    index->next_chunk[chunk_index] = HISTORY_NONE;
    if (i == fresh) {
        vec_push(&index->streams, (LogStream){
            .process = chunk->process,
            .thread = chunk->thread,
            .first_chunk = chunk_index,
        });
    } else {
        index->next_chunk[index->streams.items[i].last_chunk] = chunk_index;
    }
    index->streams.items[i].last_chunk = chunk_index;
    return &index->streams.items[i];
}

static bool has_text(const TraceEvent *event) {
    return event->kind == TRACE_PLACE || event->kind == TRACE_NAME || event->kind == TRACE_SOURCE;
}

static uint32_t events_of(const TraceEvent *event) {
    return 1 + (has_text(event) ? log_text_events(event->other) : 0);
}

static void index_chunk(LogIndex *index, uint32_t chunk_index, const LogChunk *chunk, uint32_t n) {
    LogStream *stream = stream_of(index, chunk_index, chunk);
    for (uint32_t i = 0; i < n;) {
        const TraceEvent *event = &chunk->events[i];
        if (event->time_ns != 0) {
            stream->first_ns = stream->first_ns != 0 ? stream->first_ns : event->time_ns;
            stream->last_ns = event->time_ns > stream->last_ns ? event->time_ns : stream->last_ns;
        }
        if (event->kind == TRACE_PLACE) {
            add_place(index, event);
        } else if (event->kind == TRACE_NAME) {
            add_name(index, event);
        } else if (event->kind == TRACE_SOURCE || event->kind == TRACE_OBJECT) {
            vec_push(&index->texts->late, event);
        }
        i += events_of(event);
    }
}

static void index_late(LogIndex *index) {
    for (size_t i = 0; i < index->texts->late.n; i++) {
        const TraceEvent *event = index->texts->late.items[i];
        if (event->kind == TRACE_SOURCE) {
            add_source(index, event);
        } else {
            add_object(index, event);
        }
    }
}

LogCursor log_cursor(const LogIndex *index, const LogStream *stream) {
    LogCursor cursor = {.index = index, .chunk_index = stream->first_chunk};
    cursor.chunk = log_chunk((Log *)index->log, cursor.chunk_index);
    cursor.n = log_chunk_events(cursor.chunk);
    return cursor;
}

const TraceEvent *log_next(LogCursor *cursor) {
    while (cursor->chunk != NULL) {
        if (cursor->i < cursor->n) {
            const TraceEvent *event = &cursor->chunk->events[cursor->i];
            cursor->i += events_of(event);
            return event;
        }
        cursor->chunk_index = cursor->index->next_chunk[cursor->chunk_index];
        cursor->chunk = NULL;
        if (cursor->chunk_index != HISTORY_NONE) {
            cursor->chunk = log_chunk((Log *)cursor->index->log, cursor->chunk_index);
            cursor->n = log_chunk_events(cursor->chunk);
            cursor->i = 0;
        }
    }
    return NULL;
}

/* ---- The whole ---- */

void log_index_open(LogIndex *index, const Log *log) {
    memset(index, 0, sizeof *index);
    index->log = log;
    index->texts = mem_alloc_zeroed(1, sizeof *index->texts);
    index->n_chunks = log_chunk_count(log);
    index->n_numbers = atomic_load_acquire(&log->n_names);
    index->n_objects = atomic_load_acquire(&log->n_objects);
    index->next_chunk = mem_alloc_zeroed(index->n_chunks, sizeof *index->next_chunk);
    index->name_of = mem_alloc_zeroed((size_t)index->n_numbers + 1, sizeof *index->name_of);
    index->place_of = mem_alloc((size_t)(index->n_numbers + 1) * sizeof *index->place_of);
    memset(index->place_of, 0xff, (size_t)(index->n_numbers + 1) * sizeof *index->place_of);
    index->objects = mem_alloc_zeroed((size_t)index->n_objects + 1, sizeof *index->objects);
    for (uint32_t i = 0; i < index->n_chunks; i++) {
        const LogChunk *chunk = log_chunk((Log *)log, i);
        const uint32_t n = log_chunk_events(chunk);
        if (n > 0) {
            index_chunk(index, i, chunk, n);
        }
    }
    index_late(index);
}

void log_index_close(LogIndex *index) {
    for (size_t i = 0; i < index->sources.n; i++) {
        mem_free((char *)index->sources.items[i].text);
    }
    vec_free(&index->sources);
    vec_free(&index->streams);
    vec_free(&index->places);
    mem_free(index->next_chunk);
    mem_free(index->place_of);
    mem_free(index->name_of);
    mem_free(index->objects);
    vec_free(&index->texts->texts);
    vec_free(&index->texts->late);
    mem_free(index->texts->by_text.slots);
    mem_free(index->texts->by_place.slots);
    mem_free(index->texts->by_thread.slots);
    mem_free(index->texts);
}
