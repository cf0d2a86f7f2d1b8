/* re_match.c - the matches of the module re. */

#include "runtime/gc/mark.h"
#include "runtime/modules/re_objects.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/dict_table.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/generic.h"
#include "runtime/objects/int.h"
#include "runtime/objects/seq.h"

/* The group that was closed last, of those that matched. */
static uint32_t last_group(const ObjPattern *p, const size_t *spans) {
    uint32_t last = 0;
    for (uint32_t i = 1; i <= p->n_groups; i++) {
        const bool is_later = last == 0 || p->closing[i - 1] > p->closing[last - 1];
        if (spans[2 * i] != SIZE_MAX && is_later) {
            last = i;
        }
    }
    return last;
}

Value re_match_new(Context *cx, ObjPattern *p, const ReSubject *s,
                   const pcre2_match_data *data) {
    const size_t n_spans = 2 * ((size_t)p->n_groups + 1);
    ObjMatch *m = (ObjMatch *)heap_alloc(cx, sizeof(ObjMatch) + n_spans * sizeof(size_t),
                                         KIND_RE_MATCH, KIND_RE_MATCH);
    if (m == NULL) {
        return VALUE_ERROR;
    }
    const PCRE2_SIZE *spans = pcre2_get_ovector_pointer((pcre2_match_data *)data);
    m->pattern = p;
    m->string = s->string;
    m->data = s->data;
    m->pos = s->pos;
    m->endpos = s->endpos;
    memcpy(m->spans, spans, n_spans * sizeof(size_t));
    m->last_group = last_group(p, m->spans);
    return OBJ_VALUE(m);
}

_Static_assert(PCRE2_UNSET == SIZE_MAX, "spans are copied as they are");

static void match_trace(GcMarker *marker, Obj *o) {
    const ObjMatch *m = (const ObjMatch *)o;
    gc_mark_obj(marker, m->pattern);
    gc_mark_value(marker, m->string);
    gc_mark_interior(marker, m->data);
}

/* Byte i of the string as a place for people. */
static Value place(Context *cx, const ObjMatch *m, size_t i) {
    if (i == SIZE_MAX) {
        return value_from_int(-1);
    }
    return int_from_u64(cx,
                        IS_STR(m->string) ? str_char_of_byte(AS_STR(m->string), i) : i);
}

static Value piece(Context *cx, const ObjMatch *m, size_t from, size_t to) {
    const ReSubject s = {.string = m->string,
                         .text = IS_STR(m->string) ? AS_STR(m->string) : NULL,
                         .data = m->data,
                         .is_ascii =
                             IS_STR(m->string) && str_is_ascii(AS_STR(m->string))};
    return re_piece(cx, &s, from, to);
}

static Value group(Context *cx, const ObjMatch *m, uint32_t i, Value none) {
    return m->spans[2 * i] == SIZE_MAX
               ? none
               : piece(cx, m, m->spans[2 * i], m->spans[2 * i + 1]);
}

/* The group that a number or name stands for; false: IndexError. */
static bool group_number(Context *cx, const ObjMatch *m, Value key, uint32_t *number) {
    int64_t i = -1;
    if (IS_UNSET(key)) {
        i = 0;
    } else if (IS_STR(key)) {
        const Value known = dict_get_str(AS_DICT(m->pattern->names), AS_STR(key));
        i = IS_UNSET(known) ? -1 : value_to_int(known);
    } else if (seq_is_index(cx, key) && !int_index_clamped(cx, key, &i)) {
        return false;
    }
    if (i < 0 || i > m->pattern->n_groups) {
        exc_raise(cx, EXC_IndexError, "no such group");
        return false;
    }
    *number = (uint32_t)i;
    return true;
}

static Value group_by_key(Context *cx, const ObjMatch *m, Value key) {
    uint32_t i;
    return group_number(cx, m, key, &i) ? group(cx, m, i, VALUE_NONE) : VALUE_ERROR;
}

NATIVE(match_group, "group(self, /, *groups)",
       "Return one or more subgroups of the match.") {
    const ObjMatch *m = AS_MATCH(args[0]);
    if (n_args <= 2) {
        return group_by_key(cx, m, n_args == 1 ? value_from_int(0) : args[1]);
    }
    ObjTuple *all = tuple_new(cx, (size_t)n_args - 1);
    for (int i = 1; all != NULL && i < n_args; i++) {
        const Value item = group_by_key(cx, m, args[i]);
        if (IS_ERROR(item)) {
            return VALUE_ERROR;
        }
        all->items[i - 1] = item;
    }
    return all == NULL ? VALUE_ERROR : OBJ_VALUE(all);
}

NATIVE(match_groups, "groups(self, default=None)",
       "Return a tuple containing all the subgroups of the match, from 1.") {
    const ObjMatch *m = AS_MATCH(args[0]);
    const Value none = IS_UNSET(args[1]) ? VALUE_NONE : args[1];
    ObjTuple *all = tuple_new(cx, m->pattern->n_groups);
    for (uint32_t i = 0; all != NULL && i < m->pattern->n_groups; i++) {
        const Value item = group(cx, m, i + 1, none);
        if (IS_ERROR(item)) {
            return VALUE_ERROR;
        }
        all->items[i] = item;
    }
    return all == NULL ? VALUE_ERROR : OBJ_VALUE(all);
}

NATIVE(match_groupdict, "groupdict(self, default=None)",
       "Return a dictionary containing all the named subgroups of the match.") {
    const ObjMatch *m = AS_MATCH(args[0]);
    const Value none = IS_UNSET(args[1]) ? VALUE_NONE : args[1];
    ObjDict *dict = dict_new(cx, 0);
    const ObjDictTable *table = dict_table(AS_DICT(m->pattern->names));
    size_t position = 0;
    Value name;
    Value number;
    while (dict != NULL && dict_table_next(table, &position, &name, &number)) {
        const Value item = group(cx, m, (uint32_t)value_to_int(number), none);
        if (IS_ERROR(item) || !dict_set_str(cx, dict, AS_STR(name), item)) {
            return VALUE_ERROR;
        }
    }
    return dict == NULL ? VALUE_ERROR : OBJ_VALUE(dict);
}

NATIVE(match_start, "start(self, group=0, /)",
       "Return index of the start of the substring.") {
    uint32_t i;
    const ObjMatch *m = AS_MATCH(args[0]);
    return group_number(cx, m, args[1], &i) ? place(cx, m, m->spans[2 * i]) : VALUE_ERROR;
}

NATIVE(match_end, "end(self, group=0, /)", "Return index of the end of the substring.") {
    uint32_t i;
    const ObjMatch *m = AS_MATCH(args[0]);
    return group_number(cx, m, args[1], &i) ? place(cx, m, m->spans[2 * i + 1])
                                            : VALUE_ERROR;
}

static Value span(Context *cx, const ObjMatch *m, uint32_t i) {
    const Value pair[] = {place(cx, m, m->spans[2 * i]),
                          place(cx, m, m->spans[2 * i + 1])};
    return IS_ERROR(pair[0]) || IS_ERROR(pair[1]) ? VALUE_ERROR : tuple_from(cx, pair, 2);
}

NATIVE(match_span, "span(self, group=0, /)", "Return (start, end) of the substring.") {
    uint32_t i;
    const ObjMatch *m = AS_MATCH(args[0]);
    return group_number(cx, m, args[1], &i) ? span(cx, m, i) : VALUE_ERROR;
}

NATIVE(match_expand, "expand(self, /, template)",
       "Return the string obtained by doing backslash substitution on the template.") {
    const ObjMatch *m = AS_MATCH(args[0]);
    ReTemplate *t = re_template_read(cx, m->pattern, args[1]);
    if (t == NULL) {
        return VALUE_ERROR;
    }
    Buf out = {0};
    const bool is_added = re_template_add(cx, t, m->data, m->spans, &out);
    re_template_free(t);
    if (!is_added) {
        buf_free(&out);
        return VALUE_ERROR;
    }
    if (IS_STR(m->string)) {
        ObjStr *text = str_from_buf(cx, &out);
        return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
    }
    ObjBytes *bytes = bytes_new(cx, out.bytes == NULL ? "" : out.bytes, out.n_bytes);
    buf_free(&out);
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

NATIVE(match_copy, "__copy__(self, /)", "Return self.") {
    return args[0];
}

NATIVE(match_deepcopy, "__deepcopy__(self, memo, /)", "Return self.") {
    return args[0];
}

static const NativeDef match_methods[] = {
    NATIVE_ENTRY(match_group),
    NATIVE_ENTRY(match_groups),
    NATIVE_ENTRY(match_groupdict),
    NATIVE_ENTRY(match_start),
    NATIVE_ENTRY(match_end),
    NATIVE_ENTRY(match_span),
    NATIVE_ENTRY(match_expand),
    NATIVE_ENTRY(match_copy),
    NATIVE_ENTRY(match_deepcopy),
    GENERIC_ENTRY,
    {0},
};

static Value get_string(Context *cx, Value self) {
    (void)cx;
    return AS_MATCH(self)->string;
}

static Value get_re(Context *cx, Value self) {
    (void)cx;
    return OBJ_VALUE(AS_MATCH(self)->pattern);
}

static Value get_pos(Context *cx, Value self) {
    return int_from_i64(cx, AS_MATCH(self)->pos);
}

static Value get_endpos(Context *cx, Value self) {
    return int_from_i64(cx, AS_MATCH(self)->endpos);
}

static Value get_lastindex(Context *cx, Value self) {
    (void)cx;
    const uint32_t last = AS_MATCH(self)->last_group;
    return last == 0 ? VALUE_NONE : value_from_int(last);
}

static Value get_lastgroup(Context *cx, Value self) {
    (void)cx;
    const ObjMatch *m = AS_MATCH(self);
    const ObjDictTable *table = dict_table(AS_DICT(m->pattern->names));
    size_t position = 0;
    Value name;
    Value number;
    while (dict_table_next(table, &position, &name, &number)) {
        if (value_to_int(number) == m->last_group) {
            return name;
        }
    }
    return VALUE_NONE;
}

static Value get_regs(Context *cx, Value self) {
    const ObjMatch *m = AS_MATCH(self);
    ObjTuple *all = tuple_new(cx, (size_t)m->pattern->n_groups + 1);
    for (uint32_t i = 0; all != NULL && i <= m->pattern->n_groups; i++) {
        const Value pair = span(cx, m, i);
        if (IS_ERROR(pair)) {
            return VALUE_ERROR;
        }
        all->items[i] = pair;
    }
    return all == NULL ? VALUE_ERROR : OBJ_VALUE(all);
}

static const GetsetDef match_getsets[] = {
    {"string", "The string passed to match() or search().", get_string, NULL},
    {"re", "The regular expression object.", get_re, NULL},
    {"pos",
     "The index into the string at which the RE engine started looking for a match.",
     get_pos, NULL},
    {"endpos", "The index into the string beyond which the RE engine will not go.",
     get_endpos, NULL},
    {"lastindex", "The integer index of the last matched capturing group.", get_lastindex,
     NULL},
    {"lastgroup", "The name of the last matched capturing group.", get_lastgroup, NULL},
    {"regs", NULL, get_regs, NULL},
    {0},
};

static Value match_getitem(Context *cx, Value v, Value key) {
    return group_by_key(cx, AS_MATCH(v), key);
}

static Value match_repr(Context *cx, Value v) {
    const ObjMatch *m = AS_MATCH(v);
    const Value whole = group(cx, m, 0, VALUE_NONE);
    const Value text = IS_ERROR(whole) ? VALUE_ERROR : value_repr(cx, whole);
    const Value range = IS_ERROR(text) ? VALUE_ERROR : span(cx, m, 0);
    const Value range_text = IS_ERROR(range) ? VALUE_ERROR : value_repr(cx, range);
    if (IS_ERROR(range_text)) {
        return VALUE_ERROR;
    }
    ObjStr *s = str_format_c(cx, "<re.Match object; span=%.*s, match=%.*s>",
                             (int)AS_STR(range_text)->n_bytes, AS_STR(range_text)->data,
                             (int)AS_STR(text)->n_bytes, AS_STR(text)->data);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

const KindOps kind_ops_ObjMatch = {
    .trace = match_trace,
    .repr = match_repr,
    .getitem = match_getitem,
    .methods = match_methods,
    .getsets = match_getsets,
    .doc = "The result of re.match() and re.search().",
};
