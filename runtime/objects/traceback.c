/* traceback.c - traceback entries, and the text that an uncaught exception prints.
 *
 * The text is CPython 3.13's. Rendering never
 * fails for what a script did: an exception in __str__ becomes "<exception str()
 * failed>". */

#include "runtime/base/buf.h"
#include "runtime/base/utf8.h"
#include "runtime/base/vec.h"
#include "runtime/gc/alloc.h"
#include "runtime/gc/mark.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/code.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/exception_fields.h"
#include "runtime/objects/exception_group.h"
#include "runtime/objects/frame.h"
#include "runtime/objects/instance.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/native.h"
#include "runtime/objects/set.h"
#include "runtime/objects/suggest.h"
#include "runtime/objects/traceback_marks.h"

#define AS_TRACEBACK(v) ((ObjTraceback *)AS_OBJ(v))

void exc_add_traceback(Context *cx, Value exception, Value code, uint32_t instruction) {
    ObjException *e = AS_EXCEPTION(exception);
    ObjTraceback *entry = HEAP_NEW(cx, ObjTraceback, KIND_TRACEBACK);
    if (UNLIKELY(entry == NULL)) {
        cx->pending = exception; /* without memory the traceback stays shorter */
        return;
    }
    entry->next = value_load(&e->traceback);
    entry->code = code;
    entry->instruction = instruction;
    value_store(&e->traceback, OBJ_VALUE(entry));
}

uint32_t exc_traceback_line(const ObjTraceback *traceback) {
    const CodePosition *position =
        code_position(AS_CODE(traceback->code), traceback->instruction);
    return position == NULL ? 0 : position->line;
}

/* The type traceback */

static void traceback_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjTraceback *)o)->next);
    gc_mark_value(m, ((ObjTraceback *)o)->code);
}

static Value get_next(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_TRACEBACK(self)->next);
}

static bool leads_to(Value traceback, Value searched) {
    while (IS_KIND(traceback, KIND_TRACEBACK) && traceback != searched) {
        traceback = value_load(&AS_TRACEBACK(traceback)->next);
    }
    return traceback == searched;
}

static bool set_next(Context *cx, Value self, Value value) {
    if (IS_UNSET(value)) {
        exc_raise(cx, EXC_TypeError, "can't delete tb_next attribute");
    } else if (!IS_NONE(value) && !IS_KIND(value, KIND_TRACEBACK)) {
        exc_raise(cx, EXC_TypeError, "expected traceback object, got '%s'", type_name_of(cx, value));
    } else if (leads_to(value, self)) {
        exc_raise(cx, EXC_ValueError, "traceback loop detected");
    } else {
        value_store(&AS_TRACEBACK(self)->next, value);
        return true;
    }
    return false;
}

static Value get_line(Context *cx, Value self) {
    return int_from_i64(cx, exc_traceback_line(AS_TRACEBACK(self)));
}

static Value get_last_instruction(Context *cx, Value self) {
    return int_from_i64(cx, AS_TRACEBACK(self)->instruction);
}

/* The frame as it was when the exception passed; its variables were not kept. */
static Value get_frame(Context *cx, Value self) {
    const ObjTraceback *entry = AS_TRACEBACK(self);
    ObjFrame *frame =
        frame_new(cx, AS_CODE(entry->code), entry->instruction, VALUE_NONE, VALUE_UNSET);
    return frame == NULL ? VALUE_ERROR : OBJ_VALUE(frame);
}

static const GetsetDef traceback_getsets[] = {
    {"tb_frame", NULL, get_frame, NULL},
    {"tb_next", NULL, get_next, set_next},
    {"tb_lineno", NULL, get_line, NULL},
    {"tb_lasti", NULL, get_last_instruction, NULL},
    {NULL, NULL, NULL, NULL},
};

const KindOps kind_ops_ObjTraceback = {
    .trace = traceback_trace,
    .getsets = traceback_getsets,
};

/* Rendering */

static void add_text(Buf *out, const ObjStr *text) {
    buf_add(out, text->data, text->n_bytes);
}

/* str(v), or the substitute when that raises. */
static void add_str_or(Context *cx, Buf *out, Value v, const char *substitute) {
    const Value text = value_str(cx, v);
    if (IS_ERROR(text)) {
        exc_take(cx);
        buf_add_text(out, substitute);
    } else {
        add_text(out, AS_STR(text));
    }
}

static void add_repeated(Buf *out, uint32_t count) {
    enum { SHOWN = 3 };
    if (count > SHOWN) {
        buf_add_format(out, "  [Previous line repeated %u more time%s]\n", count - SHOWN,
                       count - SHOWN == 1 ? "" : "s");
    }
}

static void add_entry(Context *cx, Buf *out, const ObjTraceback *entry, bool has_marks) {
    const ObjCode *code = AS_CODE(entry->code);
    const CodePosition *place = code_position(code, entry->instruction);
    buf_add_text(out, "  File \"");
    add_text(out, code->filename);
    buf_add_format(out, "\", line %u, in ", exc_traceback_line(entry));
    add_text(out, code->name);
    buf_add_byte(out, '\n');
    if (place != NULL && has_marks) {
        marks_add(cx, out, code->filename, place);
    } else if (place != NULL) {
        marks_add_line(cx, out, code->filename, place->line);
    }
}

static void add_frames(Context *cx, Buf *out, Value traceback, bool has_marks) {
    enum { SHOWN = 3 };
    const ObjCode *last_code = NULL;
    uint32_t last_line = 0;
    uint32_t count = 0;
    while (IS_KIND(traceback, KIND_TRACEBACK)) {
        const ObjTraceback *entry = AS_TRACEBACK(traceback);
        const ObjCode *code = AS_CODE(entry->code);
        const uint32_t line = exc_traceback_line(entry);
        if (code != last_code || line != last_line) {
            add_repeated(out, count);
            last_code = code;
            last_line = line;
            count = 0;
        }
        count++;
        if (count <= SHOWN) {
            add_entry(cx, out, entry, has_marks);
        }
        traceback = value_load(&entry->next);
    }
    add_repeated(out, count);
}

static int64_t int_or(Value v, int64_t otherwise) {
    int64_t i = otherwise;
    return IS_INT_LIKE(v) && int_to_i64(v, &i) ? i : otherwise;
}

/* The carets below the line of a SyntaxError. text is the line without the newline,
 * indent what is not shown of it; all columns in characters, offset and end_offset from
 * 1. */
static void add_carets(Buf *out, const char *text, size_t n_bytes, int64_t indent,
                       int64_t offset, int64_t end_offset) {
    const int64_t n_chars = (int64_t)utf8_count(text, n_bytes);
    if (offset > n_chars + 1) {
        offset = n_chars + 1;
    }
    if (end_offset > n_chars + 1) {
        end_offset = n_chars + 1;
    }
    if (offset >= end_offset || end_offset < 0) {
        end_offset = offset + 1;
    }
    const int64_t first = offset - 1 - indent;
    if (first < 0) {
        return;
    }
    buf_add_text(out, "    ");
    const char *at = text + indent; /* what is left out is ASCII */
    const char *end = text + n_bytes;
    for (int64_t i = 0; i < first; i++) {
        const char c = at < end ? *at : ' ';
        buf_add_byte(out, c == '\t' || c == '\f' ? c : ' ');
        at += at < end ? utf8_length((unsigned char)*at) : 0;
    }
    buf_add_repeated(out, '^', (size_t)(end_offset - offset));
    buf_add_byte(out, '\n');
}

static void add_syntax_place(Context *cx, Buf *out, const ObjException *e) {
    const Value line = exc_syntax_place(e, 0);
    const Value filename = value_load(&e->detail[SYNTAX_FILENAME]);
    if (!IS_INT(line)) {
        return;
    }
    buf_add_text(out, "  File \"");
    if (IS_STR(filename)) {
        add_text(out, AS_STR(filename));
    } else {
        buf_add_text(out, "<string>");
    }
    buf_add_format(out, "\", line %lld\n", (long long)value_to_int(line));
    const Value text = value_load(&e->detail[SYNTAX_TEXT]);
    if (!IS_STR(text)) {
        return;
    }
    const char *begin = AS_STR(text)->data;
    size_t n_bytes = AS_STR(text)->n_bytes;
    while (n_bytes > 0 && begin[n_bytes - 1] == '\n') {
        n_bytes--;
    }
    size_t indent = 0;
    while (indent < n_bytes && strchr(" \n\f", begin[indent]) != NULL) {
        indent++;
    }
    buf_add_text(out, "    ");
    buf_add(out, begin + indent, n_bytes - indent);
    buf_add_byte(out, '\n');
    const Value offset = exc_syntax_place(e, 1);
    if (IS_INT(offset)) {
        const Value end_line = exc_syntax_place(e, 2);
        const int64_t from = value_to_int(offset);
        int64_t to = (int64_t)utf8_count(begin, n_bytes) + 1;
        if (line == end_line) {
            to = int_or(exc_syntax_place(e, 3), from);
            to = to <= 0 ? from : to;
        }
        add_carets(out, begin, n_bytes, (int64_t)indent, from, to);
    }
    (void)cx;
}

static void add_place(Context *cx, Buf *out, Value exception) {
    if (exc_matches_kind(cx, exception, EXC_SyntaxError)) {
        add_syntax_place(cx, out, AS_EXCEPTION(exception));
    }
}

/* Below the place of a syntax error. */
static void add_message(Context *cx, Buf *out, Value exception) {
    const ObjException *e = AS_EXCEPTION(exception);
    const bool is_syntax = exc_matches_kind(cx, exception, EXC_SyntaxError);
    type_add_full_name(cx, out, type_of(cx, exception));
    const size_t before = out->n_bytes;
    buf_add_text(out, ": ");
    const size_t behind = out->n_bytes;
    const Value message = is_syntax ? value_load(&e->value) : VALUE_UNSET;
    if (is_syntax) {
        add_str_or(cx, out, IS_UNSET(message) ? VALUE_NONE : message,
                   "<exception str() failed>");
    } else {
        add_str_or(cx, out, exception, "<exception str() failed>");
        suggest_add(cx, out, exception);
    }
    if (out->n_bytes == behind) {
        out->n_bytes = before;
    }
    buf_add_byte(out, '\n');
}

static void add_notes(Context *cx, Buf *out, Value exception) {
    const Value notes =
        instance_get_own(cx, AS_OBJ(exception), context_name(cx, NAME_notes_));
    if (!IS_LIST(notes)) {
        return;
    }
    Value note;
    for (size_t i = 0; !IS_UNSET(note = list_peek(AS_LIST(notes), i)); i++) {
        add_str_or(cx, out, note, "<note str() failed>");
        buf_add_byte(out, '\n');
    }
}

/* Where the text of an exception goes: in a group each line has a margin. */
typedef struct Layout {
    Buf *out;
    uint32_t depth;      /* of groups around; 0: no margin */
    bool needs_close;    /* the innermost group's last line has to be drawn */
} Layout;

static void add_indent(const Layout *layout) {
    buf_add_repeated(layout->out, ' ', 2 * (size_t)layout->depth);
}

/* Adds whole lines. */
static void emit(const Layout *layout, const char *text, size_t n_bytes, char margin) {
    if (layout->depth == 0) {
        buf_add(layout->out, text, n_bytes);
        return;
    }
    for (const char *end = text + n_bytes; text < end;) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        stop = stop == NULL ? end : stop + 1;
        add_indent(layout);
        buf_add_byte(layout->out, margin);
        buf_add_byte(layout->out, ' ');
        buf_add(layout->out, text, (size_t)(stop - text));
        text = stop;
    }
}

static void emit_text(const Layout *layout, const char *text, char margin) {
    emit(layout, text, strlen(text), margin);
}

/* The exception itself: its traceback below the title, its message, its notes. */
static void add_exception(Context *cx, const Layout *layout, Value exception,
                          const char *title, char title_margin) {
    const Value traceback = value_load(&AS_EXCEPTION(exception)->traceback);
    if (IS_KIND(traceback, KIND_TRACEBACK)) {
        emit_text(layout, title, title_margin);
    }
    Buf text = {0};
    add_frames(cx, &text, traceback, true);
    add_place(cx, &text, exception);
    add_message(cx, &text, exception);
    add_notes(cx, &text, exception);
    emit(layout, text.bytes, text.n_bytes, '|');
    buf_free(&text);
}

/* The exception that led to this one, and how; VALUE_NONE when there is none. */
static Value previous_in_chain(Value exception, const char **joint) {
    const ObjException *e = AS_EXCEPTION(exception);
    const Value cause = value_load(&e->cause);
    if (IS_EXCEPTION(cause)) {
        *joint =
            "\nThe above exception was the direct cause of the following exception:\n\n";
        return cause;
    }
    *joint = "\nDuring handling of the above exception, another exception occurred:\n\n";
    return atomic_load_acquire(&e->suppress_context) ? VALUE_NONE
                                                     : value_load(&e->context);
}

/* True when the exception was not seen before; it is from now on. By its address, since a
 * script may have its own idea of which exceptions are equal. */
static bool see_first(Context *cx, ObjSet *seen, Value exception) {
    const Value address = value_from_int((int64_t)((uintptr_t)AS_OBJ(exception) / HEAP_GRANULE));
    return set_contains(cx, seen, address) == 0 && set_add(cx, seen, address);
}

static void add_chain(Context *cx, Layout *layout, Value exception);

/* The exceptions of a group, below one another, each behind a line with its number. */
static void add_members(Context *cx, Layout *layout, const ObjTuple *members) {
    enum { MAX_WIDTH = 15 };
    const size_t n = members->n <= MAX_WIDTH ? members->n : MAX_WIDTH + 1;
    layout->needs_close = false;
    for (size_t i = 0; i < n; i++) {
        const bool is_last = i + 1 == n;
        layout->needs_close |= is_last;
        add_indent(layout);
        buf_add_text(layout->out, i == 0 ? "+-" : "  ");
        if (i < MAX_WIDTH) {
            buf_add_format(layout->out, "+---------------- %zu ----------------\n", i + 1);
        } else {
            buf_add_text(layout->out, "+---------------- ... ----------------\n");
        }
        layout->depth++;
        if (i < MAX_WIDTH) {
            add_chain(cx, layout, members->items[i]);
        } else {
            add_indent(layout);
            buf_add_format(layout->out, "| and %zu more exception%s\n", members->n - MAX_WIDTH,
                           members->n - MAX_WIDTH > 1 ? "s" : "");
        }
        if (is_last && layout->needs_close) {
            add_indent(layout);
            buf_add_text(layout->out, "+------------------------------------\n");
            layout->needs_close = false;
        }
        layout->depth--;
    }
}

static void add_group(Context *cx, Layout *layout, Value group, const ObjTuple *members) {
    enum { MAX_DEPTH = 10 };
    if (layout->depth > MAX_DEPTH) {
        emit_text(layout, "... (max_group_depth is 10)\n", '|');
        return;
    }
    const bool is_outermost = layout->depth == 0;
    layout->depth += is_outermost;
    add_exception(cx, layout, group, "Exception Group Traceback (most recent call last):\n",
                  is_outermost ? '+' : '|');
    add_members(cx, layout, members);
    layout->depth -= is_outermost;
}

static void add_chain(Context *cx, Layout *layout, Value exception) {
    /* In a list, since a __str__ of the script may change the chain while it is
     * printed. */
    ObjList *chain = list_new(cx, 0);
    ObjSet *seen = chain == NULL ? NULL : set_new(cx, KIND_SET, 0);
    VEC(const char *) joints = {0};
    const char *joint = NULL;
    Value at = exception;
    while (seen != NULL && IS_EXCEPTION(at) && see_first(cx, seen, at) &&
           list_append(cx, chain, at)) {
        vec_push(&joints, joint);
        at = previous_in_chain(at, &joint);
    }
    for (size_t i = joints.n; i-- > 0;) {
        const Value one = list_peek(chain, i);
        const ObjTuple *members = exc_group_members(cx, one);
        if (members != NULL) {
            add_group(cx, layout, one, members);
        } else {
            add_exception(cx, layout, one, "Traceback (most recent call last):\n", '|');
        }
        if (joints.items[i] != NULL) {
            emit_text(layout, joints.items[i], '|');
        }
    }
    vec_free(&joints);
}

Value exc_format(Context *cx, Value exception) {
    Buf out = {0};
    Layout layout = {.out = &out};
    add_chain(cx, &layout, exception);
    ObjStr *text = str_from_buf(cx, &out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

Value exc_format_plain(Context *cx, Value exception) {
    Buf out = {0};
    const Value traceback = value_load(&AS_EXCEPTION(exception)->traceback);
    if (IS_KIND(traceback, KIND_TRACEBACK)) {
        buf_add_text(&out, "Traceback (most recent call last):\n");
        add_frames(cx, &out, traceback, false);
    }
    type_add_full_name(cx, &out, type_of(cx, exception));
    buf_add_text(&out, ": ");
    add_str_or(cx, &out, exception, "<exception str() failed>");
    buf_add_byte(&out, '\n');
    ObjStr *text = str_from_buf(cx, &out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

Value exc_format_message(Context *cx, Value exception) {
    Buf place = {0};
    Buf message = {0};
    add_place(cx, &place, exception);
    add_message(cx, &message, exception);
    ObjStr *place_text = str_from_buf(cx, &place);
    ObjStr *message_text = str_from_buf(cx, &message);
    return place_text == NULL || message_text == NULL
               ? VALUE_ERROR
               : tuple_pack(cx, 2, OBJ_VALUE(place_text), OBJ_VALUE(message_text));
}

Value exc_traceback_entry(Context *cx, Value traceback) {
    const ObjTraceback *entry = AS_TRACEBACK(traceback);
    const CodePosition *place = code_position(AS_CODE(entry->code), entry->instruction);
    const CodePosition nowhere = {0};
    Buf out = {0};
    add_entry(cx, &out, entry, true);
    ObjStr *text = str_from_buf(cx, &out);
    place = place == NULL ? &nowhere : place;
    return text == NULL ? VALUE_ERROR
                        : tuple_pack(cx, 4, OBJ_VALUE(text), value_from_int(place->end_line),
                                     value_from_int(place->column), value_from_int(place->end_column));
}
