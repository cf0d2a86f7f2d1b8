/* mod_re.c - the module _re: regular expressions over PCRE2. lib/re.mini adds the functions
 * of the module, its flags and its exception.
 *
 * Compiled code is shared by threads and never changes; each call has match data of its own.
 * A match that takes more steps than PCRE2 allows is begun anew with code that calls back
 * after every step, without the GIL, so that Ctrl-C ends it and others run meanwhile.
 *
 * See also: re_translate.c (syntax), re_match.c (matches), re_template.c (templates). */

#include "runtime/base/mem.h"
#include "runtime/block.h"
#include "runtime/call.h"
#include "runtime/gc/mark.h"
#include "runtime/modules/modules.h"
#include "runtime/modules/re_objects.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/generic.h"
#include "runtime/objects/int.h"
#include "runtime/objects/list.h"
#include "runtime/objects/seq.h"
#include "runtime/objects/str_build.h"

enum { CALLOUTS_BETWEEN_LOOKS = 1024, HEAP_LIMIT_KIB = 1 << 20 };

/* Compiling */

static uint32_t options_of(const ObjPattern *p, bool is_ascii_subject, ReMode mode) {
    uint32_t options = PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_UTF_CHECK;
    if (!p->is_bytes && !(is_ascii_subject && p->is_ascii)) {
        options |= PCRE2_UTF | (p->flags & RE_ASCII ? 0 : PCRE2_UCP);
    }
    options |= p->flags & RE_IGNORECASE ? PCRE2_CASELESS : 0;
    options |= p->flags & RE_MULTILINE ? PCRE2_MULTILINE : 0;
    options |= p->flags & RE_DOTALL ? PCRE2_DOTALL : 0;
    options |= mode == RE_SEARCH ? 0 : PCRE2_ANCHORED;
    return options | (mode == RE_FULLMATCH ? PCRE2_ENDANCHORED : 0);
}

/* What PCRE2 refuses and the translation let pass. */
static void raise_compile_error(Context *cx, const ObjPattern *p, int error) {
    enum {
        LOOKBEHIND_NOT_BOUNDED = 125,
        LOOKBEHIND_TOO_COMPLICATED = 135,
        LOOKBEHIND_TOO_LONG = 187
    };
    if (error == LOOKBEHIND_NOT_BOUNDED || error == LOOKBEHIND_TOO_COMPLICATED ||
        error == LOOKBEHIND_TOO_LONG) {
        re_raise(cx, p->error_class,
                 str_from_c(cx, "look-behind requires fixed-width pattern"), p->pattern,
                 -1);
        return;
    }
    char message[256] = "cannot be compiled";
    pcre2_get_error_message(error, (PCRE2_UCHAR *)message, sizeof message);
    re_raise(cx, p->error_class, str_from_c(cx, message), p->pattern, -1);
}

/* The code in *place, made if need be; NULL: exception pending. */
static pcre2_code *code_of(Context *cx, const ObjPattern *p, pcre2_code **place,
                           uint32_t options) {
    pcre2_code *code = atomic_load_acquire(place);
    if (LIKELY(code != NULL)) {
        return code;
    }
    pcre2_compile_context *context = pcre2_compile_context_create(NULL);
    pcre2_set_newline(context, PCRE2_NEWLINE_LF);
    pcre2_set_parens_nest_limit(context, 1000);
    int error;
    PCRE2_SIZE offset;
    pcre2_code *fresh =
        pcre2_compile((PCRE2_SPTR)p->text, p->n_text, options, &error, &offset, context);
    pcre2_compile_context_free(context);
    if (fresh == NULL) {
        raise_compile_error(cx, p, error);
        return NULL;
    }
    if (!(options & PCRE2_AUTO_CALLOUT)) {
        pcre2_jit_compile(fresh, PCRE2_JIT_COMPLETE); /* without it matching is slower */
    }
    if (!atomic_cas(place, &code, fresh)) {
        pcre2_code_free(fresh);
        return code;
    }
    return fresh;
}

NATIVE(re_compile, "compile(pattern, flags, error_class, /)",
       "Return a Pattern. error_class(message, pattern, position) is raised for a bad "
       "one.") {
    int flags;
    if (!arg_int32(cx, args[1], &flags)) {
        return VALUE_ERROR;
    }
    const bool is_bytes = IS_BYTES(args[0]);
    if (!is_bytes && !IS_STR(args[0])) {
        return exc_raise(cx, EXC_TypeError,
                         "first argument must be string or compiled pattern");
    }
    Translation t = {.text = {0}};
    if (!re_translate(cx, args[0], flags, args[2], &t)) {
        buf_free(&t.text);
        buf_free(&t.closing);
        return VALUE_ERROR;
    }
    if (!is_bytes && !(t.flags & RE_ASCII)) {
        t.flags |= RE_UNICODE;
    }
    const char *problem = is_bytes && (t.flags & RE_UNICODE)
                              ? "cannot use UNICODE flag with a bytes pattern"
                          : !is_bytes && (t.flags & RE_LOCALE)
                              ? "cannot use LOCALE flag with a str pattern"
                          : (t.flags & RE_ASCII) && (t.flags & RE_UNICODE)
                              ? "ASCII and UNICODE flags are incompatible"
                              : NULL;
    ObjPattern *p = problem != NULL ? NULL : HEAP_NEW(cx, ObjPattern, KIND_RE_PATTERN);
    if (p == NULL) {
        buf_free(&t.text);
        buf_free(&t.closing);
        return problem != NULL ? exc_raise(cx, EXC_ValueError, "%s", problem)
                               : VALUE_ERROR;
    }
    p->pattern = args[0];
    p->names = OBJ_VALUE(t.names);
    p->error_class = args[2];
    p->n_text = t.text.n_bytes;
    p->text = t.text.bytes == NULL ? mem_alloc(1) : t.text.bytes;
    p->closing = (uint16_t *)(void *)t.closing.bytes;
    p->n_groups = t.n_groups;
    p->flags = t.flags;
    p->is_bytes = is_bytes;
    p->is_ascii = t.is_ascii;
    /* One is compiled at once, so that what is wrong is told now. */
    const int subject = p->is_ascii && !is_bytes ? RE_FOR_ASCII : RE_FOR_ALL;
    return code_of(cx, p, &p->codes[subject][RE_SEARCH],
                   options_of(p, subject == RE_FOR_ASCII, RE_SEARCH)) != NULL
               ? OBJ_VALUE(p)
               : VALUE_ERROR;
}

static void pattern_finish(Obj *o) {
    ObjPattern *p = (ObjPattern *)o;
    for (int mode = 0; mode < RE_MODE_COUNT; mode++) {
        pcre2_code_free(p->codes[RE_FOR_ASCII][mode]);
        pcre2_code_free(p->codes[RE_FOR_ALL][mode]);
        pcre2_code_free(p->careful[mode]);
    }
    pcre2_match_data_free(p->spare);
    mem_free(p->text);
    mem_free(p->closing);
}

static void pattern_trace(GcMarker *m, Obj *o) {
    const ObjPattern *p = (const ObjPattern *)o;
    gc_mark_value(m, p->pattern);
    gc_mark_value(m, p->names);
    gc_mark_value(m, p->error_class);
}

/* Matching */

bool re_subject(Context *cx, const ObjPattern *p, Value string, Value pos, Value endpos,
                ReSubject *s) {
    size_t n;
    s->string = string;
    s->text = NULL;
    if (IS_STR(string)) {
        if (p->is_bytes) {
            exc_raise(cx, EXC_TypeError,
                      "cannot use a bytes pattern on a string-like object");
            return false;
        }
        s->text = AS_STR(string);
        s->data = s->text->data;
        s->is_ascii = str_is_ascii(s->text);
        n = s->text->n_chars;
    } else {
        ByteView view;
        if (!byte_view_of(cx, string, &view)) {
            exc_take(cx);
            exc_raise(cx, EXC_TypeError, "expected string or bytes-like object, got '%s'",
                      type_name_of(cx, string));
            return false;
        }
        if (!p->is_bytes) {
            exc_raise(cx, EXC_TypeError,
                      "cannot use a string pattern on a bytes-like object");
            return false;
        }
        s->data = view.data;
        s->is_ascii = false;
        n = view.n_bytes;
    }
    int64_t from = 0;
    int64_t to = INT64_MAX;
    if ((!IS_UNSET(pos) && !int_index_clamped(cx, pos, &from)) ||
        (!IS_UNSET(endpos) && !int_index_clamped(cx, endpos, &to))) {
        return false;
    }
    s->pos = from < 0 ? 0 : from > (int64_t)n ? (int64_t)n : from;
    s->endpos = to < 0 ? 0 : to > (int64_t)n ? (int64_t)n : to;
    s->from =
        s->text == NULL ? (size_t)s->pos : str_byte_of_char(s->text, (size_t)s->pos);
    s->n_bytes = s->text == NULL ? (size_t)s->endpos
                                 : str_byte_of_char(s->text, (size_t)s->endpos);
    return true;
}

void re_release(ObjPattern *p, pcre2_match_data *data) {
    pcre2_match_data *expected = NULL;
    if (!atomic_cas(&p->spare, &expected, data)) {
        pcre2_match_data_free(data);
    }
}

typedef struct Watch {
    Context *cx;
    uint32_t n_callouts;
} Watch;

static int look_for_signal(pcre2_callout_block *block, void *v) {
    (void)block;
    Watch *watch = v;
    const bool is_time = ++watch->n_callouts % CALLOUTS_BETWEEN_LOOKS == 0;
    return is_time && block_has_signal(watch->cx) ? PCRE2_ERROR_CALLOUT : 0;
}

/* The same match anew, for as long as it takes. */
static int run_careful(Context *cx, ObjPattern *p, ReMode mode, const ReSubject *s,
                       size_t from, uint32_t options, pcre2_match_data *data) {
    pcre2_code *code = code_of(cx, p, &p->careful[mode],
                               options_of(p, false, mode) | PCRE2_AUTO_CALLOUT);
    if (code == NULL) {
        return PCRE2_ERROR_CALLOUT;
    }
    for (;;) {
        Watch watch = {cx, 0};
        pcre2_match_context *context = pcre2_match_context_create(NULL);
        pcre2_set_match_limit(context, UINT32_MAX);
        pcre2_set_depth_limit(context, UINT32_MAX);
        pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
        pcre2_set_callout(context, look_for_signal, &watch);
        block_begin(cx, BLOCK_COMPUTE, VALUE_NONE, BLOCK_FOREVER);
        const int result = pcre2_match(code, (PCRE2_SPTR)s->data, s->n_bytes, from,
                                       options, data, context);
        block_end(cx);
        pcre2_match_context_free(context);
        if (result != PCRE2_ERROR_CALLOUT || !block_poll(cx)) {
            return result;
        }
    }
}

int re_run(Context *cx, ObjPattern *p, ReMode mode, const ReSubject *s, size_t from,
           bool not_empty, pcre2_match_data **out) {
    if (from > s->n_bytes) {
        return 0;
    }
    const int subject = s->is_ascii && p->is_ascii ? RE_FOR_ASCII : RE_FOR_ALL;
    pcre2_code *code = code_of(cx, p, &p->codes[subject][mode],
                               options_of(p, subject == RE_FOR_ASCII, mode));
    if (code == NULL) {
        return -1;
    }
    pcre2_match_data *data = atomic_exchange(&p->spare, NULL);
    if (data == NULL) {
        data = pcre2_match_data_create(p->n_groups + 1, NULL);
        if (data == NULL) {
            exc_raise_no_memory(cx);
            return -1;
        }
    }
    const uint32_t options =
        PCRE2_NO_UTF_CHECK | (not_empty ? PCRE2_NOTEMPTY_ATSTART : 0);
    int result =
        pcre2_match(code, (PCRE2_SPTR)s->data, s->n_bytes, from, options, data, NULL);
    if (UNLIKELY(result == PCRE2_ERROR_MATCHLIMIT || result == PCRE2_ERROR_DEPTHLIMIT ||
                 result == PCRE2_ERROR_JIT_STACKLIMIT ||
                 result == PCRE2_ERROR_HEAPLIMIT)) {
        result = run_careful(cx, p, mode, s, from, options, data);
    }
    if (LIKELY(result > 0)) {
        *out = data;
        return 1;
    }
    re_release(p, data);
    if (result == PCRE2_ERROR_NOMATCH) {
        return 0;
    }
    if (IS_UNSET(cx->pending)) {
        exc_raise(cx,
                  result == PCRE2_ERROR_NOMEMORY || result == PCRE2_ERROR_HEAPLIMIT
                      ? EXC_MemoryError
                      : EXC_RuntimeError,
                  "regular expression engine: error %d", result);
    }
    return -1;
}

Value re_piece(Context *cx, const ReSubject *s, size_t from, size_t to) {
    if (s->text == NULL) {
        ObjBytes *bytes = bytes_new(cx, s->data + from, to - from);
        return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
    }
    if (from == 0 && to == s->text->n_bytes && IS_EXACT(s->string, KIND_STR)) {
        return s->string;
    }
    ObjStr *text = s->is_ascii ? str_new_ascii(cx, s->data + from, to - from)
                               : str_new(cx, s->data + from, to - from);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

Value re_group(Context *cx, const ReSubject *s, const pcre2_match_data *data, uint32_t i,
               Value none) {
    const PCRE2_SIZE *spans = pcre2_get_ovector_pointer((pcre2_match_data *)data);
    return spans[2 * i] == PCRE2_UNSET ? none
                                       : re_piece(cx, s, spans[2 * i], spans[2 * i + 1]);
}

/* Going from match to match */

typedef struct Scan {
    ObjPattern *p;
    ReSubject s;
    ReMode mode;
    size_t at;      /* where the next search begins */
    bool not_empty; /* the match before was empty and ended here */
} Scan;

static bool scan_begin(Context *cx, Scan *scan, Value pattern, Value string, Value pos,
                       Value endpos) {
    scan->p = AS_PATTERN(pattern);
    scan->mode = RE_SEARCH;
    scan->not_empty = false;
    if (!re_subject(cx, scan->p, string, pos, endpos, &scan->s)) {
        return false;
    }
    scan->at = scan->s.from;
    return true;
}

/* As re_run; [*from, *to) is the match. */
static int scan_next(Context *cx, Scan *scan, pcre2_match_data **data, size_t *from,
                     size_t *to) {
    if (UNLIKELY(block_is_urgent(cx)) && !block_poll(cx)) {
        return -1;
    }
    const int is_there =
        re_run(cx, scan->p, scan->mode, &scan->s, scan->at, scan->not_empty, data);
    if (is_there > 0) {
        const PCRE2_SIZE *spans = pcre2_get_ovector_pointer(*data);
        *from = spans[0];
        *to = spans[1];
        scan->not_empty = *from == *to;
        scan->at = *to;
    }
    return is_there;
}

/* Methods of Pattern */

static Value match_once(Context *cx, Value *args, ReMode mode) {
    ObjPattern *p = AS_PATTERN(args[0]);
    ReSubject s;
    if (!re_subject(cx, p, args[1], args[2], args[3], &s)) {
        return VALUE_ERROR;
    }
    if (s.from > s.n_bytes) {
        return VALUE_NONE;
    }
    pcre2_match_data *data;
    const int is_there = re_run(cx, p, mode, &s, s.from, false, &data);
    if (is_there <= 0) {
        return is_there < 0 ? VALUE_ERROR : VALUE_NONE;
    }
    const Value match = re_match_new(cx, p, &s, data);
    re_release(p, data);
    return match;
}

NATIVE(pattern_search, "search(self, string, pos=0, endpos=9223372036854775807)",
       "Scan through string looking for a match.") {
    return match_once(cx, args, RE_SEARCH);
}

NATIVE(pattern_match, "match(self, string, pos=0, endpos=9223372036854775807)",
       "Match the pattern at the start of the string.") {
    return match_once(cx, args, RE_MATCH);
}

NATIVE(pattern_fullmatch, "fullmatch(self, string, pos=0, endpos=9223372036854775807)",
       "Match the pattern against all of the string.") {
    return match_once(cx, args, RE_FULLMATCH);
}

/* What findall gives for a match: the whole, the only group, or a tuple of the groups. */
static Value found(Context *cx, const Scan *scan, const pcre2_match_data *data,
                   size_t from, size_t to) {
    const uint32_t n = scan->p->n_groups;
    const Value none = re_piece(cx, &scan->s, 0, 0);
    if (IS_ERROR(none)) {
        return VALUE_ERROR;
    }
    if (n <= 1) {
        return n == 0 ? re_piece(cx, &scan->s, from, to)
                      : re_group(cx, &scan->s, data, 1, none);
    }
    ObjTuple *groups = tuple_new(cx, n);
    for (uint32_t i = 0; groups != NULL && i < n; i++) {
        const Value group = re_group(cx, &scan->s, data, i + 1, none);
        if (IS_ERROR(group)) {
            return VALUE_ERROR;
        }
        groups->items[i] = group;
    }
    return groups == NULL ? VALUE_ERROR : OBJ_VALUE(groups);
}

NATIVE(pattern_findall, "findall(self, string, pos=0, endpos=9223372036854775807)",
       "Return a list of all non-overlapping matches.") {
    Scan scan;
    ObjList *list = list_new(cx, 0);
    if (list == NULL || !scan_begin(cx, &scan, args[0], args[1], args[2], args[3])) {
        return VALUE_ERROR;
    }
    pcre2_match_data *data;
    size_t from;
    size_t to;
    int is_there;
    while ((is_there = scan_next(cx, &scan, &data, &from, &to)) > 0) {
        const Value item = found(cx, &scan, data, from, to);
        re_release(scan.p, data);
        if (IS_ERROR(item) || !list_append(cx, list, item)) {
            return VALUE_ERROR;
        }
    }
    return is_there < 0 ? VALUE_ERROR : OBJ_VALUE(list);
}

NATIVE(pattern_split, "split(self, string, maxsplit=0)",
       "Split string by the occurrences of the pattern.") {
    Scan scan;
    int64_t n_max = 0;
    ObjList *list = list_new(cx, 0);
    if (list == NULL || (!IS_UNSET(args[2]) && !arg_int(cx, args[2], &n_max)) ||
        !scan_begin(cx, &scan, args[0], args[1], VALUE_UNSET, VALUE_UNSET)) {
        return VALUE_ERROR;
    }
    size_t last = 0;
    for (int64_t n = 0; n_max == 0 || n < n_max; n++) {
        pcre2_match_data *data;
        size_t from;
        size_t to;
        const int is_there = scan_next(cx, &scan, &data, &from, &to);
        if (is_there <= 0) {
            if (is_there < 0) {
                return VALUE_ERROR;
            }
            break;
        }
        Value item = re_piece(cx, &scan.s, last, from);
        for (uint32_t i = 1; !IS_ERROR(item) && list_append(cx, list, item); i++) {
            if (i > scan.p->n_groups) {
                break;
            }
            item = re_group(cx, &scan.s, data, i, VALUE_NONE);
        }
        re_release(scan.p, data);
        if (IS_ERROR(item)) {
            return VALUE_ERROR;
        }
        last = to;
    }
    const Value rest = re_piece(cx, &scan.s, last, scan.s.n_bytes);
    return IS_ERROR(rest) || !list_append(cx, list, rest) ? VALUE_ERROR : OBJ_VALUE(list);
}

/* What stands for a match: by the template, or by calling a function with the Match. n_items
 * pieces were added before, for the message. */
static bool add_replacement(Context *cx, const Scan *scan, pcre2_match_data *data,
                            const ReTemplate *template, Value function, int n_items,
                            Buf *out) {
    if (template != NULL) {
        const bool is_added = re_template_add(cx, template, scan->s.data,
                                              pcre2_get_ovector_pointer(data), out);
        re_release(scan->p, data);
        return is_added;
    }
    const Value match = re_match_new(cx, scan->p, &scan->s, data);
    re_release(scan->p, data);
    const Value text =
        IS_ERROR(match) ? VALUE_ERROR : call_value(cx, function, &match, 1);
    if (IS_ERROR(text) || IS_NONE(text)) {
        return !IS_ERROR(text);
    }
    if (scan->p->is_bytes) {
        ByteView view;
        if (!byte_view_of(cx, text, &view)) {
            exc_take(cx);
            exc_raise(cx, EXC_TypeError,
                      "sequence item %d: expected a bytes-like object, %s found", n_items,
                      type_name_of(cx, text));
            return false;
        }
        buf_add(out, view.data, view.n_bytes);
        return str_build_goes_on(cx, out->n_bytes);
    }
    if (!IS_STR(text)) {
        exc_raise(cx, EXC_TypeError, "sequence item %d: expected str instance, %s found",
                  n_items, type_name_of(cx, text));
        return false;
    }
    return str_build_add(cx, out, text);
}

static Value finish_text(Context *cx, bool is_bytes, Buf *out) {
    if (is_bytes) {
        ObjBytes *bytes =
            bytes_new(cx, out->bytes == NULL ? "" : out->bytes, out->n_bytes);
        buf_free(out);
        return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
    }
    ObjStr *text = str_from_buf(cx, out);
    return text == NULL ? VALUE_ERROR : OBJ_VALUE(text);
}

/* sub() and subn(): the new text; *n is the number of replacements. */
static Value substitute(Context *cx, Value *args, int64_t *n) {
    Scan scan;
    int64_t n_max = 0;
    if ((!IS_UNSET(args[3]) && !arg_int(cx, args[3], &n_max)) ||
        !scan_begin(cx, &scan, args[0], args[2], VALUE_UNSET, VALUE_UNSET)) {
        return VALUE_ERROR;
    }
    const bool is_function = value_is_callable(cx, args[1]);
    ReTemplate *template = is_function ? NULL : re_template_read(cx, scan.p, args[1]);
    if (!is_function && template == NULL) {
        return VALUE_ERROR;
    }
    Buf out = {0};
    size_t last = 0;
    int is_there = 0;
    int n_items = 0;
    for (*n = 0; n_max == 0 || *n < n_max; ++*n) {
        pcre2_match_data *data;
        size_t from;
        size_t to;
        is_there = scan_next(cx, &scan, &data, &from, &to);
        if (is_there <= 0) {
            break;
        }
        buf_add(&out, scan.s.data + last, from - last);
        n_items += from > last;
        if (!add_replacement(cx, &scan, data, template, args[1], n_items++, &out)) {
            is_there = -1;
            break;
        }
        last = to;
    }
    if (template != NULL) {
        re_template_free(template);
    }
    if (is_there < 0) {
        buf_free(&out);
        return VALUE_ERROR;
    }
    if (*n == 0) {
        buf_free(&out);
        return re_piece(cx, &scan.s, 0, scan.s.n_bytes);
    }
    buf_add(&out, scan.s.data + last, scan.s.n_bytes - last);
    return finish_text(cx, scan.p->is_bytes, &out);
}

NATIVE(pattern_sub, "sub(self, repl, string, count=0)",
       "Replace the leftmost non-overlapping occurrences of the pattern by repl.") {
    int64_t n;
    return substitute(cx, args, &n);
}

NATIVE(pattern_subn, "subn(self, repl, string, count=0)",
       "The same; return a tuple of the new string and the number of replacements.") {
    int64_t n = 0;
    const Value pair[] = {substitute(cx, args, &n), value_from_int(n)};
    const Value counted[] = {pair[0], value_from_int(n)};
    return IS_ERROR(pair[0]) ? VALUE_ERROR : tuple_from(cx, counted, 2);
}

/* finditer and scanner: an iterator over the matches that can also be asked for them one by one. */

typedef struct ObjScanner {
    Obj header;
    Value pattern;  /* [const] */
    Value string;   /* [const] */
    int64_t endpos; /* [const] */
    int64_t pos;    /* [const] */
    size_t at;      /* [atomic] SIZE_MAX at the end */
    bool not_empty; /* [atomic] */
} ObjScanner;

static Value scanner_new(Context *cx, const Value *args) {
    Scan scan;
    if (!scan_begin(cx, &scan, args[0], args[1], args[2], args[3])) {
        return VALUE_ERROR;
    }
    ObjScanner *it = HEAP_NEW(cx, ObjScanner, KIND_RE_SCANNER);
    if (it == NULL) {
        return VALUE_ERROR;
    }
    it->pattern = args[0];
    it->string = args[1];
    it->pos = scan.s.pos;
    it->endpos = scan.s.endpos;
    it->at = scan.at;
    return OBJ_VALUE(it);
}

NATIVE(pattern_finditer, "finditer(self, string, pos=0, endpos=9223372036854775807)",
       "Return an iterator over all non-overlapping matches.") {
    return scanner_new(cx, args);
}

NATIVE(pattern_scanner, "scanner(self, string, pos=0, endpos=9223372036854775807)",
       "Return an object whose match() and search() go on where the match before ended.") {
    return scanner_new(cx, args);
}

static Value scanner_step(Context *cx, Value v, ReMode mode) {
    ObjScanner *it = (ObjScanner *)AS_OBJ(v);
    Scan scan;
    const size_t at = atomic_load_acquire(&it->at);
    if (at == SIZE_MAX ||
        !scan_begin(cx, &scan, it->pattern, it->string, value_from_int(it->pos),
                    value_from_int(it->endpos))) {
        return at == SIZE_MAX ? VALUE_STOP : VALUE_ERROR;
    }
    scan.mode = mode;
    scan.at = at;
    scan.not_empty = atomic_load_relaxed(&it->not_empty);
    pcre2_match_data *data;
    size_t from;
    size_t to;
    const int is_there = scan_next(cx, &scan, &data, &from, &to);
    if (is_there <= 0) {
        atomic_store_release(&it->at, SIZE_MAX);
        return is_there < 0 ? VALUE_ERROR : VALUE_STOP;
    }
    atomic_store_relaxed(&it->not_empty, scan.not_empty);
    atomic_store_release(&it->at, scan.at);
    const Value match = re_match_new(cx, scan.p, &scan.s, data);
    re_release(scan.p, data);
    return match;
}

static Value scanner_next(Context *cx, Value v) {
    return scanner_step(cx, v, RE_SEARCH);
}

static Value step_or_none(Context *cx, Value v, ReMode mode) {
    const Value match = scanner_step(cx, v, mode);
    return match == VALUE_STOP ? VALUE_NONE : match;
}

NATIVE(scanner_match, "match(self, /)", "Match where the match before ended.") {
    return step_or_none(cx, args[0], RE_MATCH);
}

NATIVE(scanner_search, "search(self, /)", "Search from where the match before ended.") {
    return step_or_none(cx, args[0], RE_SEARCH);
}

static const NativeDef scanner_methods[] = {NATIVE_ENTRY(scanner_match), NATIVE_ENTRY(scanner_search), {0}};

static Value get_scanner_pattern(Context *cx, Value self) {
    (void)cx;
    return ((ObjScanner *)AS_OBJ(self))->pattern;
}

static const GetsetDef scanner_getsets[] = {
    {"pattern", "The pattern that is scanned for.", get_scanner_pattern, NULL}, {0}};

static Value scanner_self(Context *cx, Value v) {
    (void)cx;
    return v;
}

static void scanner_trace(GcMarker *m, Obj *o) {
    gc_mark_value(m, ((ObjScanner *)o)->pattern);
    gc_mark_value(m, ((ObjScanner *)o)->string);
}

const KindOps kind_ops_ObjScanner = {
    .trace = scanner_trace,
    .iter = scanner_self,
    .next = scanner_next,
    .methods = scanner_methods,
    .getsets = scanner_getsets,
};

/* Attributes of Pattern */

NATIVE(pattern_copy, "__copy__(self, /)", "Return self.") {
    return args[0];
}

NATIVE(pattern_deepcopy, "__deepcopy__(self, memo, /)", "Return self.") {
    return args[0];
}

NATIVE(pattern_reduce, "__reduce__(self, /)", "Return how to compile it again.") {
    const Value compile = module_import_attr(cx, "re", "_compile");
    const Value again[] = {AS_PATTERN(args[0])->pattern, value_from_int(AS_PATTERN(args[0])->flags)};
    return IS_ERROR(compile) ? VALUE_ERROR : tuple_pack(cx, 2, compile, tuple_from(cx, again, 2));
}

static const NativeDef pattern_methods[] = {
    NATIVE_ENTRY(pattern_findall),
    NATIVE_ENTRY(pattern_finditer),
    NATIVE_ENTRY(pattern_fullmatch),
    NATIVE_ENTRY(pattern_match),
    NATIVE_ENTRY(pattern_reduce),
    NATIVE_ENTRY(pattern_scanner),
    NATIVE_ENTRY(pattern_search),
    NATIVE_ENTRY(pattern_split),
    NATIVE_ENTRY(pattern_sub),
    NATIVE_ENTRY(pattern_subn),
    NATIVE_ENTRY(pattern_copy),
    NATIVE_ENTRY(pattern_deepcopy),
    GENERIC_ENTRY,
    {0},
};

static Value get_pattern(Context *cx, Value self) {
    (void)cx;
    return AS_PATTERN(self)->pattern;
}

static Value get_flags(Context *cx, Value self) {
    (void)cx;
    return value_from_int(AS_PATTERN(self)->flags);
}

static Value get_groups(Context *cx, Value self) {
    (void)cx;
    return value_from_int(AS_PATTERN(self)->n_groups);
}

static Value get_groupindex(Context *cx, Value self) {
    ObjDict *copy = dict_copy(cx, AS_DICT(AS_PATTERN(self)->names));
    return copy == NULL ? VALUE_ERROR : OBJ_VALUE(copy);
}

static const GetsetDef pattern_getsets[] = {
    {"pattern", "The pattern string from which the RE object was compiled.", get_pattern,
     NULL},
    {"flags", "The regex matching flags.", get_flags, NULL},
    {"groups", "The number of capturing groups in the pattern.", get_groups, NULL},
    {"groupindex", "A dictionary mapping group names to group numbers.", get_groupindex,
     NULL},
    {0},
};

static Value pattern_repr(Context *cx, Value v) {
    static const struct {
        int flag;
        const char *name;
    } names[] = {{RE_IGNORECASE, "re.IGNORECASE"},
                 {RE_LOCALE, "re.LOCALE"},
                 {RE_MULTILINE, "re.MULTILINE"},
                 {RE_DOTALL, "re.DOTALL"},
                 {RE_VERBOSE, "re.VERBOSE"},
                 {RE_DEBUG, "re.DEBUG"},
                 {RE_ASCII, "re.ASCII"}};
    const ObjPattern *p = AS_PATTERN(v);
    const Value text = value_repr(cx, p->pattern);
    if (IS_ERROR(text)) {
        return VALUE_ERROR;
    }
    enum { REPR_MAX_BYTES = 200 };
    const size_t n =
        AS_STR(text)->n_bytes > REPR_MAX_BYTES ? REPR_MAX_BYTES : AS_STR(text)->n_bytes;
    Buf out = {0};
    buf_add_text(&out, "re.compile(");
    buf_add(&out, AS_STR(text)->data,
            str_is_ascii(AS_STR(text)) ? n : AS_STR(text)->n_bytes);
    const char *before = ", ";
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (p->flags & names[i].flag) {
            buf_add_text(&out, before);
            buf_add_text(&out, names[i].name);
            before = "|";
        }
    }
    buf_add_byte(&out, ')');
    ObjStr *s = str_from_buf(cx, &out);
    return s == NULL ? VALUE_ERROR : OBJ_VALUE(s);
}

static bool pattern_hash(Context *cx, Value v, uint64_t *hash) {
    const ObjPattern *p = AS_PATTERN(v);
    if (!value_hash(cx, p->pattern, hash)) {
        return false;
    }
    *hash ^= (uint64_t)p->flags;
    return true;
}

static Value pattern_compare(Context *cx, CompareOp op, Value a, Value b) {
    if ((op != COMPARE_EQ && op != COMPARE_NE) || !IS_KIND(a, KIND_RE_PATTERN) ||
        !IS_KIND(b, KIND_RE_PATTERN)) {
        return VALUE_NOT_IMPLEMENTED;
    }
    const ObjPattern *x = AS_PATTERN(a);
    const ObjPattern *y = AS_PATTERN(b);
    const int is_equal = x->flags == y->flags && x->is_bytes == y->is_bytes
                             ? value_equals(cx, x->pattern, y->pattern)
                             : 0;
    return is_equal < 0 ? VALUE_ERROR : BOOL_VALUE(is_equal == (op == COMPARE_EQ));
}

const KindOps kind_ops_ObjPattern = {
    .trace = pattern_trace,
    .finish = pattern_finish,
    .repr = pattern_repr,
    .hash = pattern_hash,
    .compare = pattern_compare,
    .methods = pattern_methods,
    .getsets = pattern_getsets,
    .doc = "Compiled regular expression object.",
};

static const NativeDef functions[] = {NATIVE_ENTRY(re_compile), {0}};

bool mod_re_open(Context *cx, ObjModule *module) {
    return module_add_type(cx, module, KIND_RE_PATTERN, "re") &&
           module_add_type(cx, module, KIND_RE_MATCH, "re") &&
           module_add_type(cx, module, KIND_RE_SCANNER, "re") &&
           module_add_natives(cx, module, functions);
}
