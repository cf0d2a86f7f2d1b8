/* compile_match.c - the match statement: each case as tests that go to the next one where they
 * fail.
 *
 * The subject stays in a register. What a pattern captures is kept in temporaries, one for each
 * name, and stored only when the whole pattern fits: a case that fails half way binds nothing,
 * and the alternatives of an or-pattern fill the same registers. */

#include "interp/compiler.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/set.h"
#include "runtime/objects/tuple.h"

/* The names that a pattern binds; number i is captured in register first + i. */
typedef struct Captures {
    VEC(const Ident *) names;
    int first;
} Captures;

/* ---- What a pattern binds ---- */

static uint32_t find_capture(const Captures *captures, const Ident *name) {
    uint32_t i = 0;
    while (i < captures->names.n && captures->names.items[i] != name) {
        i++;
    }
    return i;
}

static void add_capture(Compiler *c, Captures *captures, const AstNode *at,
                        const Ident *name) {
    if (name == NULL) {
        return;
    }
    if (find_capture(captures, name) < captures->names.n) {
        compile_error(c, at, "multiple assignments to name '%s' in pattern", name->text);
        return;
    }
    vec_push(&captures->names, name);
}

static void collect(Compiler *c, const AstPattern *p, Captures *captures,
                    bool may_fit_all);

static void collect_each(Compiler *c, const AstPatternSeq *patterns, Captures *captures) {
    for (uint32_t i = 0; i < patterns->n && !c->has_failed; i++) {
        collect(c, patterns->items[i], captures, true);
    }
}

static bool same_names(const Captures *a, const Captures *b) {
    for (size_t i = 0; i < a->names.n; i++) {
        if (find_capture(b, a->names.items[i]) == b->names.n) {
            return false;
        }
    }
    return a->names.n == b->names.n;
}

/* Each alternative has to bind the same names; only the last may fit everything. */
static void collect_or(Compiler *c, const AstMatchOr *p, Captures *captures,
                       bool may_fit_all) {
    Captures first = {0};
    for (uint32_t i = 0; i < p->patterns.n && !c->has_failed; i++) {
        Captures own = {0};
        collect(c, p->patterns.items[i], i == 0 ? &first : &own,
                may_fit_all && i + 1 == p->patterns.n);
        if (i > 0 && !c->has_failed && !same_names(&first, &own)) {
            compile_error(c, &p->base, "alternative patterns bind different names");
        }
        vec_free(&own.names);
    }
    for (size_t i = 0; i < first.names.n; i++) {
        add_capture(c, captures, &p->base, first.names.items[i]);
    }
    vec_free(&first.names);
}

static void collect_sequence(Compiler *c, const AstMatchSequence *p, Captures *captures) {
    uint32_t n_stars = 0;
    for (uint32_t i = 0; i < p->patterns.n; i++) {
        n_stars += p->patterns.items[i]->kind == AST_MATCH_STAR;
    }
    if (n_stars > 1) {
        compile_error(c, &p->base, "multiple starred names in sequence pattern");
    }
    collect_each(c, &p->patterns, captures);
}

/* Keys that are constants and equal make no sense together. */
static void check_keys(Compiler *c, const AstMatchMapping *p) {
    ObjSet *seen = set_new(c->cx, KIND_SET, p->keys.n);
    compile_keep(c, seen == NULL ? VALUE_ERROR : OBJ_VALUE(seen));
    for (uint32_t i = 0; i < p->keys.n && !c->has_failed; i++) {
        const Value key = fold_constant(c, p->keys.items[i]);
        if (IS_UNSET(key) || c->has_failed) {
            continue;
        }
        const int is_there = set_contains(c->cx, seen, key);
        const Value repr = is_there > 0 ? value_repr(c->cx, key) : VALUE_NONE;
        if (is_there < 0 || IS_ERROR(repr) || !set_add(c->cx, seen, key)) {
            compile_fail(c);
        } else if (is_there > 0) {
            compile_error(c, &p->base, "mapping pattern checks duplicate key (%s)",
                          AS_STR(repr)->data);
        }
    }
}

static void check_attributes(Compiler *c, const AstMatchClass *p) {
    for (uint32_t i = 0; i < p->kwd_attrs.n; i++) {
        const Ident *name = p->kwd_attrs.items[i];
        if (strcmp(name->text, "__debug__") == 0) {
            compile_error(c, p->kwd_patterns.items[i], "cannot assign to __debug__");
        }
        for (uint32_t j = 0; j < i; j++) {
            if (p->kwd_attrs.items[j] == name) {
                compile_error(c, p->kwd_patterns.items[i],
                              "attribute name repeated in class pattern: %s", name->text);
                return;
            }
        }
    }
}

static void collect_as(Compiler *c, const AstMatchAs *p, Captures *captures,
                       bool may_fit_all) {
    if (p->pattern != NULL) {
        collect(c, p->pattern, captures, may_fit_all);
    } else if (!may_fit_all && p->name == NULL) {
        compile_error(c, &p->base, "wildcard makes remaining patterns unreachable");
    } else if (!may_fit_all) {
        compile_error(c, &p->base,
                      "name capture '%s' makes remaining patterns unreachable",
                      p->name->text);
    }
    add_capture(c, captures, &p->base, p->name);
}

/* Adds what p binds, and checks p. may_fit_all: nothing follows that p would make unreachable. */
static void collect(Compiler *c, const AstPattern *p, Captures *captures,
                    bool may_fit_all) {
    if (c->has_failed) {
        return;
    }
    if (!exc_check_c_stack(c->cx)) {
        compile_fail(c);
        return;
    }
    switch (p->kind) {
    case AST_MATCH_OR:
        collect_or(c, AST_AS(MatchOr, MATCH_OR, p), captures, may_fit_all);
        break;
    case AST_MATCH_AS:
        collect_as(c, AST_AS(MatchAs, MATCH_AS, p), captures, may_fit_all);
        break;
    case AST_MATCH_STAR:
        add_capture(c, captures, p, AST_AS(MatchStar, MATCH_STAR, p)->name);
        break;
    case AST_MATCH_SEQUENCE:
        collect_sequence(c, AST_AS(MatchSequence, MATCH_SEQUENCE, p), captures);
        break;
    case AST_MATCH_MAPPING: {
        const AstMatchMapping *mapping = AST_AS(MatchMapping, MATCH_MAPPING, p);
        check_keys(c, mapping);
        collect_each(c, &mapping->patterns, captures);
        add_capture(c, captures, p, mapping->rest);
        break;
    }
    case AST_MATCH_CLASS: {
        const AstMatchClass *class = AST_AS(MatchClass, MATCH_CLASS, p);
        check_attributes(c, class);
        collect_each(c, &class->patterns, captures);
        collect_each(c, &class->kwd_patterns, captures);
        break;
    }
    default: break;
    }
}

/* ---- The tests ---- */

static void test(Compiler *c, const AstPattern *p, int subject, const Captures *captures,
                 Label fails);

static bool is_wildcard(const AstPattern *p) {
    return (p->kind == AST_MATCH_AS && AST_AS(MatchAs, MATCH_AS, p)->pattern == NULL &&
            AST_AS(MatchAs, MATCH_AS, p)->name == NULL) ||
           (p->kind == AST_MATCH_STAR && AST_AS(MatchStar, MATCH_STAR, p)->name == NULL);
}

/* How many of the patterns [from, n) there are up to the last one that is no wildcard. */
static uint32_t count_needed(const AstPatternSeq *patterns, uint32_t from) {
    uint32_t n = patterns->n;
    while (n > from && is_wildcard(patterns->items[n - 1])) {
        n--;
    }
    return n - from;
}

static void capture(Compiler *c, const Captures *captures, const Ident *name, int reg) {
    if (name != NULL) {
        emit_move(c, captures->first + (int)find_capture(captures, name), reg);
    }
}

static void test_constant(Compiler *c, const AstPattern *p, Value v, int subject,
                          Label fails) {
    compile_at(c, p);
    if (fold_is_imm(v)) {
        emit_jump_if(c, OP_JUMP_EQ_I, subject, (int)value_to_int(v), false, fails);
        return;
    }
    int mark = (int)c->unit->top;
    int reg = compile_constant(c, v, REG_ANY);
    emit_jump_if(c, OP_JUMP_EQ, subject, reg, false, fails);
    emit_release(c, mark);
}

static void test_value(Compiler *c, const AstMatchValue *p, int subject, Label fails) {
    const Value v = fold_constant(c, p->value);
    if (!IS_UNSET(v)) {
        test_constant(c, &p->base, v, subject, fails);
        return;
    }
    int mark = (int)c->unit->top;
    int reg = compile_any(c, p->value);
    compile_at(c, p);
    emit_jump_if(c, OP_JUMP_EQ, subject, reg, false, fails);
    emit_release(c, mark);
}

static void test_singleton(Compiler *c, const AstMatchSingleton *p, int subject,
                           Label fails) {
    if (p->value.type == AST_LITERAL_NONE) {
        emit_jump_if(c, OP_JUMP_IF_NOT_NONE, subject, 0, 0, fails);
        return;
    }
    int mark = (int)c->unit->top;
    int reg = compile_constant(c, BOOL_VALUE(p->value.type == AST_LITERAL_TRUE), REG_ANY);
    emit_jump_if(c, OP_JUMP_IS, subject, reg, false, fails);
    emit_release(c, mark);
}

/* The register `answer` holds True or False. */
static void jump_if_no(Compiler *c, int answer, Label fails) {
    emit_jump_if(c, OP_JUMP_IF_FALSE, answer, 0, 0, fails);
}

static void test_each(Compiler *c, const AstPatternSeq *patterns, int first,
                      const Captures *captures, Label fails) {
    for (uint32_t i = 0; i < patterns->n; i++) {
        test(c, patterns->items[i], first + (int)i, captures, fails);
    }
}

/* Only the n first items are looked at: they are fetched one by one. */
static void test_head(Compiler *c, const AstMatchSequence *p, uint32_t n, int subject,
                      const Captures *captures, Label fails) {
    for (uint32_t i = 0; i < n; i++) {
        if (is_wildcard(p->patterns.items[i])) {
            continue;
        }
        int item = emit_push(c);
        emit_abc(c, OP_GET_ITEM_I, item, subject, (int)i);
        test(c, p->patterns.items[i], item, captures, fails);
        emit_release(c, item);
        compile_at(c, p);
    }
}

static void test_sequence(Compiler *c, const AstMatchSequence *p, int subject,
                          const Captures *captures, Label fails) {
    enum { MAX_HEAD = 100 }; /* indexes are immediates */
    const AstPatternSeq *patterns = &p->patterns;
    uint32_t star = 0;
    while (star < patterns->n && patterns->items[star]->kind != AST_MATCH_STAR) {
        star++;
    }
    bool has_star = star < patterns->n;
    int answer = emit_push(c);
    emit_abc_w(c, OP_MATCH_SEQUENCE, answer, subject, has_star, patterns->n - has_star);
    jump_if_no(c, answer, fails);
    emit_release(c, answer);
    uint32_t n_needed = count_needed(patterns, 0);
    if (n_needed == 0) {
        return;
    }
    if (has_star && n_needed <= star && n_needed <= MAX_HEAD) {
        test_head(c, p, n_needed, subject, captures, fails);
        return;
    }
    int first = emit_push_n(c, patterns->n);
    if (has_star) {
        emit_abc_w(c, OP_UNPACK_STAR, subject, first, (int)star, patterns->n - star - 1);
    } else {
        emit_abc(c, OP_UNPACK, subject, first, (int)patterns->n);
    }
    test_each(c, patterns, first, captures, fails);
    emit_release(c, first);
}

static void test_mapping(Compiler *c, const AstMatchMapping *p, int subject,
                         const Captures *captures, Label fails) {
    const uint32_t n = p->keys.n;
    int window = emit_push(c);
    emit_abc_w(c, OP_MATCH_MAPPING, window, subject, 0, n);
    jump_if_no(c, window, fails);
    if (n > 0) {
        for (uint32_t i = 0; i < n; i++) {
            compile_push(c, p->keys.items[i]);
        }
        int values = emit_push_n(c, n);
        compile_at(c, p);
        emit_abc(c, OP_MATCH_KEYS, window, subject, (int)n);
        jump_if_no(c, window, fails);
        test_each(c, &p->patterns, values, captures, fails);
    }
    if (p->rest != NULL) {
        compile_at(c, p);
        emit_abc(c, OP_MATCH_REST, window, subject, (int)n);
        capture(c, captures, p->rest, window);
    }
    emit_release(c, window);
}

static Value attribute_names(Compiler *c, const AstMatchClass *p) {
    ObjTuple *names = tuple_new(c->cx, p->kwd_attrs.n);
    for (uint32_t i = 0; names != NULL && i < p->kwd_attrs.n; i++) {
        names->items[i] = OBJ_VALUE(compile_mangled_str(c, p->kwd_attrs.items[i]));
    }
    return compile_keep(c, names == NULL ? VALUE_ERROR : OBJ_VALUE(names));
}

static void test_class(Compiler *c, const AstMatchClass *p, int subject,
                       const Captures *captures, Label fails) {
    int window = compile_push(c, p->cls);
    int first = emit_push_n(c, p->patterns.n + p->kwd_patterns.n);
    compile_at(c, p);
    emit_abc_w(c, OP_MATCH_CLASS, window, subject, (int)p->patterns.n,
               emit_constant(c, attribute_names(c, p)));
    jump_if_no(c, window, fails);
    test_each(c, &p->patterns, first, captures, fails);
    test_each(c, &p->kwd_patterns, first + (int)p->patterns.n, captures, fails);
    emit_release(c, window);
}

static void test_or(Compiler *c, const AstMatchOr *p, int subject,
                    const Captures *captures, Label fails) {
    Label fits = emit_label(c);
    for (uint32_t i = 0; i + 1 < p->patterns.n; i++) {
        Label next = emit_label(c);
        test(c, p->patterns.items[i], subject, captures, next);
        emit_jump(c, fits);
        emit_bind(c, next);
    }
    test(c, p->patterns.items[p->patterns.n - 1], subject, captures, fails);
    emit_bind(c, fits);
}

/* Goes to fails if R[subject] does not fit p; else what p binds is in the captures. */
static void test(Compiler *c, const AstPattern *p, int subject, const Captures *captures,
                 Label fails) {
    if (c->has_failed) {
        return;
    }
    compile_at(c, p);
    switch (p->kind) {
    case AST_MATCH_VALUE:
        test_value(c, AST_AS(MatchValue, MATCH_VALUE, p), subject, fails);
        break;
    case AST_MATCH_SINGLETON:
        test_singleton(c, AST_AS(MatchSingleton, MATCH_SINGLETON, p), subject, fails);
        break;
    case AST_MATCH_SEQUENCE:
        test_sequence(c, AST_AS(MatchSequence, MATCH_SEQUENCE, p), subject, captures,
                      fails);
        break;
    case AST_MATCH_MAPPING:
        test_mapping(c, AST_AS(MatchMapping, MATCH_MAPPING, p), subject, captures, fails);
        break;
    case AST_MATCH_CLASS:
        test_class(c, AST_AS(MatchClass, MATCH_CLASS, p), subject, captures, fails);
        break;
    case AST_MATCH_OR:
        test_or(c, AST_AS(MatchOr, MATCH_OR, p), subject, captures, fails);
        break;
    case AST_MATCH_STAR:
        capture(c, captures, AST_AS(MatchStar, MATCH_STAR, p)->name, subject);
        break;
    default: {
        const AstMatchAs *as = AST_AS(MatchAs, MATCH_AS, p);
        if (as->pattern != NULL) {
            test(c, as->pattern, subject, captures, fails);
        }
        capture(c, captures, as->name, subject);
        break;
    }
    }
}

/* ---- The statement ---- */

static void case_block(Compiler *c, const AstMatchCase *k, int subject, bool is_last,
                       Label end) {
    int mark = (int)c->unit->top;
    Label fails = emit_label(c);
    Captures captures = {0};
    collect(c, k->pattern, &captures, is_last || k->guard != NULL);
    captures.first = (int)c->unit->top;
    if (captures.names.n > 0) {
        emit_push_n(c, (uint32_t)captures.names.n);
    }
    test(c, k->pattern, subject, &captures, fails);
    for (size_t i = 0; i < captures.names.n && !c->has_failed; i++) {
        compile_store(c, k->pattern, captures.names.items[i], captures.first + (int)i);
    }
    vec_free(&captures.names);
    emit_release(c, mark);
    if (k->guard != NULL) {
        compile_jump_if(c, k->guard, false, fails);
    }
    compile_body(c, &k->body);
    emit_jump(c, end);
    emit_bind(c, fails);
}

void compile_match(Compiler *c, const AstMatch *s) {
    int mark = (int)c->unit->top;
    Label end = emit_label(c);
    int subject = compile_push(c, s->subject);
    for (uint32_t i = 0; i < s->cases.n && !c->has_failed; i++) {
        case_block(c, s->cases.items[i], subject, i + 1 == s->cases.n, end);
    }
    emit_bind(c, end);
    emit_release(c, mark);
}
