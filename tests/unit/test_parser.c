/* test_parser.c - text to trees and to errors: each statement and expression,
 * literals, places, limits, and syntax_errors.txt, a table of wrong programs and of
 * what CPython says of them. */

#include "grammar/parse.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/base/buf.h"

typedef struct Fixture {
    Arena       arena;
    SyntaxError error;
    AstModule  *module;
} Fixture;

static bool parse_bytes(Fixture *f, const char *text, size_t n_bytes, ParseMode mode) {
    arena_init(&f->arena);
    /* A copy of the exact size, so that the address sanitizer sees a read beyond its
     * end. */
    char *copy = malloc(n_bytes + (n_bytes == 0));
    if (n_bytes > 0) {
        memcpy(copy, text, n_bytes);
    }
    f->module = parse_source(&f->arena, "x.mini", copy, n_bytes, mode, NULL, &f->error);
    free(copy);
    return f->module != NULL;
}

static bool parse(Fixture *f, const char *text) {
    return parse_bytes(f, text, strlen(text), PARSE_FILE);
}

static void done(Fixture *f) {
    arena_free(&f->arena);
}

/* The statements of the module, in the form of ast_dump, apart from one another by a
 * blank. */
static char *dump_body(const Fixture *f, int with_positions) {
    char *text = NULL;
    size_t n_bytes = 0;
    FILE *out = open_memstream(&text, &n_bytes);
    for (uint32_t i = 0; i < f->module->body.n; i++) {
        if (i > 0) {
            fputc(' ', out);
        }
        ast_dump(out, f->module->body.items[i], with_positions);
    }
    fclose(out);
    return text;
}

static void expect_tree(const char *text, const char *tree) {
    Fixture f;
    assert_true(parse(&f, text));
    char *dump = dump_body(&f, 0);
    assert_string_equal(dump, tree);
    free(dump);
    done(&f);
}

static void expect_error(const char *text, SyntaxErrorKind kind, const char *message) {
    Fixture f;
    assert_false(parse(&f, text));
    assert_int_equal(f.error.kind, kind);
    assert_string_equal(f.error.message, message);
    done(&f);
}

static AstExpr *only_expression(const Fixture *f) {
    assert_int_equal(f->module->body.n, 1);
    return AST_AS(ExprStmt, EXPR_STMT, f->module->body.items[0])->value;
}

/* ---- trees ---- */

static const struct {
    const char *text;
    const char *tree;
} trees[] = {
    {"pass",
     "(Pass)"},
    {"a = b = c",
     "(Assign [(Name a Store) (Name b Store)] (Name c Load))"},
    {"a += 1",
     "(AugAssign (Name a Store) + (Constant 1))"},
    {"a: int",
     "(AnnAssign (Name a Store) (Name int Load) - 1)"},
    {"(a): int = 1",
     "(AnnAssign (Name a Store) (Name int Load) (Constant 1) 0)"},
    {"a.b: int = 1",
     "(AnnAssign (Attribute (Name a Load) b Store) (Name int Load) (Constant 1) 0)"},
    {"a, *b = c",
     "(Assign [(Tuple [(Name a Store) (Starred (Name b Store) Store)] Store)] (Name c "
     "Load))"},
    {"del a, b[0], c.d",
     "(Delete [(Name a Del) (Subscript (Name b Load) (Constant 0) Del) (Attribute "
     "(Name c Load) d Del)])"},
    {"return",
     "(Return -)"},
    {"raise a from b",
     "(Raise (Name a Load) (Name b Load))"},
    {"assert a, b",
     "(Assert (Name a Load) (Name b Load))"},
    {"global a, b",
     "(Global a b)"},
    {"import a.b as c, d",
     "(Import [(Alias a.b c) (Alias d -)])"},
    {"from . import a",
     "(ImportFrom - [(Alias a -)] 1)"},
    {"from ..a.b import (c as d, e,)",
     "(ImportFrom a.b [(Alias c d) (Alias e -)] 2)"},
    {"from a import *",
     "(ImportFrom a [(Alias * -)] 0)"},
    {"break; continue",
     "(Break) (Continue)"},
    {"if a: b\nelif c: d\nelse: e",
     "(If (Name a Load) [(ExprStmt (Name b Load))] [(If (Name c Load) [(ExprStmt (Name "
     "d Load))] [(ExprStmt (Name e Load))])])"},
    {"while a: b\nelse: c",
     "(While (Name a Load) [(ExprStmt (Name b Load))] [(ExprStmt (Name c Load))])"},
    {"for a, b in c: d\nelse: e",
     "(For (Tuple [(Name a Store) (Name b Store)] Store) (Name c Load) [(ExprStmt "
     "(Name d Load))] [(ExprStmt (Name e Load))])"},
    {"with a as b, c: d",
     "(With [(WithItem (Name a Load) (Name b Store)) (WithItem (Name c Load) -)] "
     "[(ExprStmt (Name d Load))])"},
    {"with (a as b, c): d",
     "(With [(WithItem (Name a Load) (Name b Store)) (WithItem (Name c Load) -)] "
     "[(ExprStmt (Name d Load))])"},
    {"with (a, b): c",
     "(With [(WithItem (Name a Load) -) (WithItem (Name b Load) -)] [(ExprStmt (Name c "
     "Load))])"},
    {"with (a, b) as c: d",
     "(With [(WithItem (Tuple [(Name a Load) (Name b Load)] Load) (Name c Store))] "
     "[(ExprStmt (Name d Load))])"},
    {"with ((a, b)): c",
     "(With [(WithItem (Tuple [(Name a Load) (Name b Load)] Load) -)] [(ExprStmt (Name "
     "c Load))])"},
    {"try: a\nexcept: b",
     "(Try [(ExprStmt (Name a Load))] [(ExceptHandler - - [(ExprStmt (Name b Load))])] "
     "[] [])"},
    {"try: a\nexcept b as c: d\nexcept (e, f): g\nelse: h\nfinally: i",
     "(Try [(ExprStmt (Name a Load))] [(ExceptHandler (Name b Load) c [(ExprStmt (Name "
     "d Load))]) (ExceptHandler (Tuple [(Name e Load) (Name f Load)] Load) - "
     "[(ExprStmt (Name g Load))])] [(ExprStmt (Name h Load))] [(ExprStmt (Name i "
     "Load))])"},
    {"async def f():\n    async for a in b: c\n    async with d: e\n    return [f async for f in "
     "await g]",
     "(FunctionDef f (Arguments [] [] - [] [] - []) [(For (Name a Store) (Name b Load) "
     "[(ExprStmt (Name c Load))] [] is_async) (With [(WithItem (Name d Load) -)] [(ExprStmt "
     "(Name e Load))] is_async) (Return (ListComp (Name f Load) [(Comprehension (Name f "
     "Store) (Await (Name g Load)) [] is_async)]))] [] - is_async)"},
    {"match a:\n    case 1 | b.c: d\n    case [e, *_] as f if g: h",
     "(Match (Name a Load) [(MatchCase (MatchOr [(MatchValue (Constant 1)) (MatchValue "
     "(Attribute (Name b Load) c Load))]) - [(ExprStmt (Name d Load))]) (MatchCase (MatchAs "
     "(MatchSequence [(MatchAs - e) (MatchStar -)]) f) (Name g Load) [(ExprStmt (Name h "
     "Load))])])"},
    {"match a, *b:\n    case {'c': None, **d}: e\n    case f(1, g=_): h",
     "(Match (Tuple [(Name a Load) (Starred (Name b Load) Load)] Load) [(MatchCase "
     "(MatchMapping [(Constant \"c\")] [(MatchSingleton None)] d) - [(ExprStmt (Name e "
     "Load))]) (MatchCase (MatchClass (Name f Load) [(MatchValue (Constant 1))] g [(MatchAs "
     "- -)]) - [(ExprStmt (Name h Load))])])"},
    {"def f(a, b=1, /, c=2, *d, e, f=3, **g) -> h: pass",
     "(FunctionDef f (Arguments [(Arg a -) (Arg b -)] [(Arg c -)] (Arg d -) [(Arg e -) "
     "(Arg f -)] [- (Constant 3)] (Arg g -) [(Constant 1) (Constant 2)]) [(Pass)] [] "
     "(Name h Load))"},
    {"def f(*, a): pass",
     "(FunctionDef f (Arguments [] [] - [(Arg a -)] [-] - []) [(Pass)] [] -)"},
    {"@a.b\n@c()\ndef f(): pass",
     "(FunctionDef f (Arguments [] [] - [] [] - []) [(Pass)] [(Attribute (Name a Load) "
     "b Load) (Call (Name c Load) [] [])] -)"},
    {"class C: pass",
     "(ClassDef C [] [] [(Pass)] [])"},
    {"@a\nclass C(b, c=d, *e, **f): pass",
     "(ClassDef C [(Name b Load) (Starred (Name e Load) Load)] [(Keyword c (Name d "
     "Load)) (Keyword - (Name f Load))] [(Pass)] [(Name a Load)])"},
    {"a or b or c and d and e",
     "(ExprStmt (BoolOp or [(Name a Load) (Name b Load) (BoolOp and [(Name c Load) "
     "(Name d Load) (Name e Load)])]))"},
    {"(a or b) or c",
     "(ExprStmt (BoolOp or [(BoolOp or [(Name a Load) (Name b Load)]) (Name c Load)]))"},
    {"not a in b",
     "(ExprStmt (UnaryOp not (Compare (Name a Load) in [(Name b Load)])))"},
    {"a < b <= c != d is not e not in f",
     "(ExprStmt (Compare (Name a Load) < <= != is not not in [(Name b Load) (Name c "
     "Load) (Name d Load) (Name e Load) (Name f Load)]))"},
    {"a | b ^ c & d << e + f * -g ** -h",
     "(ExprStmt (BinOp (Name a Load) | (BinOp (Name b Load) ^ (BinOp (Name c Load) & "
     "(BinOp (Name d Load) << (BinOp (Name e Load) + (BinOp (Name f Load) * (UnaryOp - "
     "(BinOp (Name g Load) ** (UnaryOp - (Name h Load)))))))))))"},
    {"a if b else c if d else e",
     "(ExprStmt (IfExp (Name b Load) (Name a Load) (IfExp (Name d Load) (Name c Load) "
     "(Name e Load))))"},
    {"lambda: a",
     "(ExprStmt (Lambda (Arguments [] [] - [] [] - []) (Name a Load)))"},
    {"lambda a, *b, c=1: d",
     "(ExprStmt (Lambda (Arguments [] [(Arg a -)] (Arg b -) [(Arg c -)] [(Constant 1)] "
     "- []) (Name d Load)))"},
    {"(a := b)",
     "(ExprStmt (NamedExpr (Name a Store) (Name b Load)))"},
    {"a.b[c](d, *e, f=g, **h)",
     "(ExprStmt (Call (Subscript (Attribute (Name a Load) b Load) (Name c Load) Load) "
     "[(Name d Load) (Starred (Name e Load) Load)] [(Keyword f (Name g Load)) (Keyword "
     "- (Name h Load))]))"},
    {"a[b:c, ::d, *e]",
     "(ExprStmt (Subscript (Name a Load) (Tuple [(Slice (Name b Load) (Name c Load) -) "
     "(Slice - - (Name d Load)) (Starred (Name e Load) Load)] Load) Load))"},
    {"a[:]",
     "(ExprStmt (Subscript (Name a Load) (Slice - - -) Load))"},
    {"f(a for b in c)",
     "(ExprStmt (Call (Name f Load) [(GeneratorExp (Name a Load) [(Comprehension (Name "
     "b Store) (Name c Load) [])])] []))"},
    {"()",
     "(ExprStmt (Tuple [] Load))"},
    {"(a,)",
     "(ExprStmt (Tuple [(Name a Load)] Load))"},
    {"a, b",
     "(ExprStmt (Tuple [(Name a Load) (Name b Load)] Load))"},
    {"[a, *b]",
     "(ExprStmt (List [(Name a Load) (Starred (Name b Load) Load)] Load))"},
    {"{a, *b}",
     "(ExprStmt (Set [(Name a Load) (Starred (Name b Load) Load)]))"},
    {"{}",
     "(ExprStmt (Dict [] []))"},
    {"{a: b, **c}",
     "(ExprStmt (Dict [(Name a Load) -] [(Name b Load) (Name c Load)]))"},
    {"[a for b in c if d if e for f in g]",
     "(ExprStmt (ListComp (Name a Load) [(Comprehension (Name b Store) (Name c Load) "
     "[(Name d Load) (Name e Load)]) (Comprehension (Name f Store) (Name g Load) [])]))"},
    {"{a for b in c}",
     "(ExprStmt (SetComp (Name a Load) [(Comprehension (Name b Store) (Name c Load) "
     "[])]))"},
    {"{a: b for c, in d}",
     "(ExprStmt (DictComp (Name a Load) (Name b Load) [(Comprehension (Tuple [(Name c "
     "Store)] Store) (Name d Load) [])]))"},
    {"(a for b in c)",
     "(ExprStmt (GeneratorExp (Name a Load) [(Comprehension (Name b Store) (Name c "
     "Load) [])]))"},
    {"(yield)",
     "(ExprStmt (Yield -))"},
    {"x = yield a, b",
     "(Assign [(Name x Store)] (Yield (Tuple [(Name a Load) (Name b Load)] Load)))"},
    {"yield from a",
     "(ExprStmt (YieldFrom (Name a Load)))"},
    {"await_ = async_ = match = case = type = _ = 0",
     "(Assign [(Name await_ Store) (Name async_ Store) (Name match Store) (Name case "
     "Store) (Name type Store) (Name _ Store)] (Constant 0))"},
    {"match(a); type(b)",
     "(ExprStmt (Call (Name match Load) [(Name a Load)] [])) (ExprStmt (Call (Name "
     "type Load) [(Name b Load)] []))"},
    {"None, True, False, ...",
     "(ExprStmt (Tuple [(Constant None) (Constant True) (Constant False) (Constant "
     "Ellipsis)] Load))"},
    {"0, 9223372036854775807, 9223372036854775808, 0xFFFF_FFFF_FFFF_FFFF, 0b101, 0o17",
     "(ExprStmt (Tuple [(Constant 0) (Constant 9223372036854775807) (Constant "
     "10#9223372036854775808) (Constant 16#FFFFFFFFFFFFFFFF) (Constant 5) (Constant "
     "15)] Load))"},
    {"1.5, 1e3, 1_0.0_1, .5, 2j",
     "(ExprStmt (Tuple [(Constant 1.5f) (Constant 1000f) (Constant 10.01f) (Constant "
     "0.5f) (Constant 2j)] Load))"},
    {"\"a\" 'b' r\"\\n\" \"\"\"c\nd\"\"\"",
     "(ExprStmt (Constant \"ab\\\\nc\\x0ad\"))"},
    {"\"\\x41\\101\\u00e9\\U0001F600\\ud800\\q\\\ne\\0\"",
     "(ExprStmt (Constant \"AA\xC3\xA9\xF0\x9F\x98\x80\xED\xA0\x80\\\\qe\\x00\"))"},
    {"b\"a\\xff\" rb\"\\x\"",
     "(ExprStmt (Constant b\"a\xFF\\\\x\"))"},
    {"f\"a{b}c\"",
     "(ExprStmt (JoinedStr [(Constant \"a\") (FormattedValue (Name b Load) -1 -) "
     "(Constant \"c\")]))"},
    {"f\"{a!r:>{b}}\" \"c\" f\"{{{d = }}}\"",
     "(ExprStmt (JoinedStr [(FormattedValue (Name a Load) 114 (JoinedStr [(Constant "
     "\">\") (FormattedValue (Name b Load) -1 -)])) (Constant \"c{d = \") "
     "(FormattedValue (Name d Load) 114 -) (Constant \"}\")]))"},
    {"f\"{a=:5}{b=!s}\"",
     "(ExprStmt (JoinedStr [(Constant \"a=\") (FormattedValue (Name a Load) -1 "
     "(JoinedStr [(Constant \"5\")])) (Constant \"b=\") (FormattedValue (Name b Load) "
     "115 -)]))"},
    {"f\"\"",
     "(ExprStmt (JoinedStr []))"},
    {"rf\"\\{a}\\n\"",
     "(ExprStmt (JoinedStr [(Constant \"\\\\\") (FormattedValue (Name a Load) -1 -) "
     "(Constant \"\\\\n\")]))"},
    {"f\"\"\"{\na}\"\"\"",
     "(ExprStmt (JoinedStr [(FormattedValue (Name a Load) -1 -)]))"},
};

static void each_construct_has_its_tree(void **state) {
    (void) state;
    for (size_t i = 0; i < sizeof trees / sizeof *trees; i++) {
        expect_tree(trees[i].text, trees[i].tree);
    }
}

static void nodes_know_their_place(void **state) {
    (void) state;
    Fixture f;
    assert_true(parse(&f, "if a:\n    (b +\n     c)\n\nd\n"));
    char *dump = dump_body(&f, 1);
    assert_string_equal(
        dump, "(If@1:0-3:7 (Name@1:3-1:4 a Load) [(ExprStmt@2:4-3:7 (BinOp@2:5-3:6 "
              "(Name@2:5-2:6 b Load) + (Name@3:5-3:6 c Load)))] []) "
              "(ExprStmt@5:0-5:1 (Name@5:0-5:1 d Load))");
    free(dump);
    done(&f);
}

static void a_name_is_one_pointer(void **state) {
    (void) state;
    Fixture f;
    assert_true(parse(&f, "spam.spam"));
    const AstAttribute *attribute = AST_AS(Attribute, ATTRIBUTE, only_expression(&f));
    assert_ptr_equal(attribute->attr, AST_AS(Name, NAME, attribute->value)->id);
    done(&f);
}

static void depth_counts_levels(void **state) {
    (void) state;
    Fixture f;
    assert_true(parse(&f, "a + b + c"));
    assert_int_equal(only_expression(&f)->depth, 3);
    assert_int_equal(f.module->base.depth, 5);
    done(&f);
}

static void line_ends_of_all_systems(void **state) {
    (void) state;
    expect_tree("a\r\nb\rc", "(ExprStmt (Name a Load)) (ExprStmt (Name b Load)) "
                             "(ExprStmt (Name c Load))");
    expect_tree("'''a\r\nb'''", "(ExprStmt (Constant \"a\\x0ab\"))");
}

static void declared_coding_is_no_business_of_the_parser(void **state) {
    (void) state;
    /* What it declares is source_text.h's business. */
    expect_tree("# coding: koi8-r\na", "(ExprStmt (Name a Load))");
}

static void modes_take_what_they_are_for(void **state) {
    (void) state;
    Fixture f;
    assert_true(parse_bytes(&f, "a, b", 4, PARSE_EVAL));
    assert_int_equal(only_expression(&f)->kind, AST_TUPLE);
    done(&f);
    assert_false(parse_bytes(&f, "a = b", 5, PARSE_EVAL));
    assert_string_equal(f.error.message, "invalid syntax");
    done(&f);
    assert_true(parse_bytes(&f, "a = b", 5, PARSE_SINGLE));
    done(&f);
    assert_false(parse_bytes(&f, "a\nb", 3, PARSE_SINGLE));
    done(&f);
}

static void a_prompt_can_ask_for_more(void **state) {
    (void) state;
    static const char *const open[] = {"(a,", "if a:", "'''b", "a \\\n", "def f(\n  a"};
    static const char *const wrong[] = {"a b", "(a,]", "'b", "if a:\nb"};
    Fixture f;
    for (size_t i = 0; i < sizeof open / sizeof *open; i++) {
        assert_false(parse(&f, open[i]));
        assert_true(f.error.is_incomplete);
        done(&f);
    }
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_false(parse(&f, wrong[i]));
        assert_false(f.error.is_incomplete);
        done(&f);
    }
}

/* ---- limits ---- */

/* prefix many times, then the middle, then suffix as many times. */
static bool parse_nested(Fixture *f, const char *prefix, size_t count, const char *middle,
                         const char *suffix) {
    Buf text = {0};
    for (size_t i = 0; i < count; i++) {
        buf_add_text(&text, prefix);
    }
    buf_add_text(&text, middle);
    for (size_t i = 0; i < count; i++) {
        buf_add_text(&text, suffix);
    }
    const bool is_ok = parse_bytes(f, text.bytes, text.n_bytes, PARSE_FILE);
    buf_free(&text);
    return is_ok;
}

static void deep_nesting_is_a_memory_error(void **state) {
    (void) state;
    static const char *const prefixes[] = {"-", "not ", "a if b else ", "lambda: ", "a**",
                                           "[", "a[", "f(", "{a: ", "await ", "*"};
    Fixture f;
    for (size_t i = 0; i < sizeof prefixes / sizeof *prefixes; i++) {
        assert_false(parse_nested(&f, prefixes[i], 100000, "a", ""));
        assert_non_null(f.error.message);
        done(&f);
    }
    assert_false(parse_nested(&f, "not ", 100000, "a", ""));
    assert_int_equal(f.error.kind, SYNTAX_ERROR_MEMORY);
    assert_int_equal(f.error.line, 0);
    done(&f);
}

static void nesting_of_some_depth_is_fine(void **state) {
    (void) state;
    Fixture f;
    assert_true(parse_nested(&f, "(", 200, "a", ")"));
    done(&f);
    assert_true(parse_nested(&f, "not ", 900, "a", ""));
    done(&f);
    assert_true(parse_nested(&f, "a if b else ", 900, "a", ""));
    done(&f);
}

static void chains_to_the_left_may_be_long(void **state) {
    (void) state;
    Fixture f;
    assert_true(parse_nested(&f, "a+", 5000, "a", ""));
    assert_int_equal(only_expression(&f)->depth, 5001);
    done(&f);
    assert_true(parse_nested(&f, "", 100000, "a", ".b"));
    assert_int_equal(only_expression(&f)->depth, AST_MAX_DEPTH);
    done(&f);
    assert_true(parse_nested(&f, "a and ", 100000, "a", ""));
    assert_int_equal(only_expression(&f)->depth, 2);
    done(&f);
    assert_true(parse_nested(&f, "a < ", 100000, "a", ""));
    assert_int_equal(only_expression(&f)->depth, 2);
    done(&f);
    assert_true(parse_nested(&f, "", 3000, "if a: b\n", "elif c: d\n"));
    done(&f);
}

/* ---- errors ---- */

static void bytes_that_are_no_text(void **state) {
    (void) state;
    Fixture f;
    assert_false(parse_bytes(&f, "a = 'b\0'", 8, PARSE_FILE));
    assert_string_equal(f.error.message, "source code cannot contain null bytes");
    assert_int_equal(f.error.line, 1);
    assert_string_equal(f.error.text, "a = 'b");
    done(&f);
    expect_error(
        "a\nb = '\xFF'", SYNTAX_ERROR_SYNTAX,
        "Non-UTF-8 code starting with '\\xff' in file x.mini on line 2, but no encoding "
        "declared; see https://peps.python.org/pep-0263/ for details");
}

static void an_error_has_the_fields_of_python(void **state) {
    (void) state;
    Fixture f;
    assert_false(parse(&f, "a = 1\nb = '\xC3\xA9' + (x y)\n"));
    assert_int_equal(f.error.line, 2);
    assert_int_equal(f.error.column, 12);   /* in characters */
    assert_int_equal(f.error.end_line, 2);
    assert_int_equal(f.error.end_column, 15);
    assert_string_equal(f.error.text, "b = '\xC3\xA9' + (x y)");
    assert_string_equal(f.error.filename, "x.mini");
    done(&f);
}

/* What CPython's compiler finds comes after all that its parser finds. */
static void a_repeated_keyword_comes_last(void **state) {
    (void) state;
    expect_error("f(a=1, a=2)\nb c", SYNTAX_ERROR_SYNTAX, "invalid syntax");
    expect_error("f(a=1, a=2)", SYNTAX_ERROR_SYNTAX, "keyword argument repeated: a");
}

/* ---- the table of wrong programs ---- */

static void unescape(const char *line, Buf *out) {
    for (; *line != '\0'; line++) {
        if (*line == '\\' && line[1] != '\0') {
            line++;
            buf_add_byte(out, *line == 'n' ? '\n' : *line == 't' ? '\t' : *line);
        } else {
            buf_add_byte(out, *line);
        }
    }
}

/* As in the table: each line with "| " before and without blanks at its end. */
static void render(const SyntaxError *error, Buf *out) {
    Buf text = {0};
    syntax_error_render(error, &text);
    const char *line = buf_text(&text);
    while (*line != '\0') {
        size_t length = strcspn(line, "\n");
        const size_t next = length + (line[length] == '\n');
        while (length > 0 && line[length - 1] == ' ') {
            length--;
        }
        buf_add_text(out, length > 0 ? "| " : "|");
        buf_add(out, line, length);
        buf_add_byte(out, '\n');
        line += next;
    }
    buf_free(&text);
}

static int check_program(const char *escaped, Buf *expected) {
    Fixture f;
    Buf program = {0};
    Buf actual = {0};
    unescape(escaped, &program);
    if (parse_bytes(&f, program.bytes, program.n_bytes, PARSE_FILE)) {
        buf_add_text(&actual, "no error\n");
    } else {
        render(&f.error, &actual);
    }
    const int differs = strcmp(buf_text(&actual), buf_text(expected)) != 0;
    if (differs) {
        print_error("> %s\nexpected\n%sgot\n%s", escaped, buf_text(expected),
                    buf_text(&actual));
    }
    buf_free(&program);
    buf_free(&actual);
    done(&f);
    return differs;
}

static FILE *open_table(void) {
    char path[4096];
    snprintf(path, sizeof path, "%s", __FILE__);
    char *slash = strrchr(path, '/');
    snprintf(slash == NULL ? path : slash + 1, 32, "syntax_errors.txt");
    return fopen(path, "r");
}

static void errors_are_those_of_cpython(void **state) {
    (void) state;
    FILE *table = open_table();
    assert_non_null(table);
    char *line = NULL;
    char *program = NULL;
    size_t capacity = 0;
    Buf expected = {0};
    int n_programs = 0;
    int n_wrong = 0;
    for (bool is_open = true; is_open;) {
        is_open = getline(&line, &capacity, table) > 0;
        if (!is_open || strncmp(line, "> ", 2) == 0) {
            if (program != NULL) {
                n_programs++;
                n_wrong += check_program(program, &expected);
                free(program);
                program = NULL;
            }
            if (is_open) {
                line[strcspn(line, "\n")] = '\0';
                program = strdup(line + 2);
                buf_clear(&expected);
            }
        } else if (line[0] == '|') {
            buf_add_text(&expected, line);
        }
    }
    free(line);
    buf_free(&expected);
    fclose(table);
    assert_true(n_programs > 900);
    assert_int_equal(n_wrong, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_construct_has_its_tree),
        cmocka_unit_test(nodes_know_their_place),
        cmocka_unit_test(a_name_is_one_pointer),
        cmocka_unit_test(depth_counts_levels),
        cmocka_unit_test(line_ends_of_all_systems),
        cmocka_unit_test(declared_coding_is_no_business_of_the_parser),
        cmocka_unit_test(modes_take_what_they_are_for),
        cmocka_unit_test(a_prompt_can_ask_for_more),
        cmocka_unit_test(deep_nesting_is_a_memory_error),
        cmocka_unit_test(nesting_of_some_depth_is_fine),
        cmocka_unit_test(chains_to_the_left_may_be_long),
        cmocka_unit_test(bytes_that_are_no_text),
        cmocka_unit_test(an_error_has_the_fields_of_python),
        cmocka_unit_test(a_repeated_keyword_comes_last),
        cmocka_unit_test(errors_are_those_of_cpython),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
