/* test_compile.c - what sources become: instructions as --dis shows them, tables, errors.
 * That the code does what it should is for the conformance tests; here it is about its
 * quality and about limits. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "interp/compile.h"
#include "interp/disasm.h"
#include "interp/operands.h"
#include "interp/state.h"
#include "interp/validate.h"
#include "runtime/base/buf.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/module.h"
#include "runtime/objects/tuple.h"

static Options options;
static Interp *interp;
static Context *cx;

static int open_interp(void **state) {
    (void)state;
    char *arguments[] = {"test", "-c", "pass", NULL};
    if (cli_parse(&options, 3, arguments) >= 0) {
        return -1;
    }
    interp = interp_open(&options);
    cx = interp == NULL ? NULL : &interp->main->cx;
    return interp == NULL ? -1 : 0;
}

static int close_interp(void **state) {
    (void)state;
    interp_finish(interp, 0);
    interp_free(interp);
    return 0;
}

/* ---- Helpers ---- */

static ObjCode *compile_n(const char *source, size_t n_bytes, ParseMode mode) {
    ObjStr *name = str_intern(cx, "__main__", 8);
    ObjModule *module = module_new(cx, name);
    ObjStr *filename = str_from_c(cx, "test.mini");
    return compile_source(cx, module, filename, source, n_bytes, mode, NULL);
}

static ObjCode *compile(const char *source) {
    ObjCode *code = compile_n(source, strlen(source), PARSE_FILE);
    if (code == NULL) {
        ObjStr *text = AS_STR(exc_format(cx, exc_take(cx)));
        fail_msg("%.*s", (int)text->n_bytes, text->data);
    }
    char problem[256];
    if (!validate_code(code, problem, sizeof problem)) {
        fail_msg("%s", problem);
    }
    return code;
}

static ObjCode *find_code(ObjCode *code, const char *qualname) {
    if (str_equals_c(code->qualname, qualname)) {
        return code;
    }
    for (uint32_t i = 0; i < code->n_constants; i++) {
        if (IS_CODE(code->constants[i])) {
            ObjCode *found = find_code(AS_CODE(code->constants[i]), qualname);
            if (found != NULL) {
                return found;
            }
        }
    }
    return NULL;
}

/* The listing of one code object: its instructions without line, offset and mark, single
 * spaces, one per line. */
static void listing(Buf *out, ObjCode *code) {
    enum { PREFIX = 6 + 7 + 3 };
    Buf text = {0};
    assert_true(disasm_code(cx, code, &text));
    const char *line = strchr(buf_text(&text), '\n') + 1;
    while (*line == ' ' && strncmp(line, "  what", 6) != 0) {
        const char *end = strchr(line, '\n');
        bool was_space = false;
        for (const char *p = line + PREFIX; p < end; p++) {
            bool is_space = *p == ' ';
            if (!is_space || !was_space) {
                buf_add_byte(out, *p);
            }
            was_space = is_space;
        }
        buf_add_byte(out, '\n');
        line = end + 1;
    }
    buf_free(&text);
}

/* The instructions of f in the source. */
static void check_f(const char *source, const char *expected) {
    Buf text = {0};
    listing(&text, find_code(compile(source), "f"));
    assert_string_equal(buf_text(&text), expected);
    buf_free(&text);
}

static bool has_line(const char *source, const char *qualname, const char *line) {
    Buf text = {0};
    listing(&text, find_code(compile(source), qualname));
    bool is_there = strstr(buf_text(&text), line) != NULL;
    buf_free(&text);
    return is_there;
}

static uint32_t count_op(const ObjCode *code, Opcode op) {
    uint32_t n = 0;
    uint32_t at = 0;
    while (at < code->n_instructions) {
        Opcode here = (Opcode)INS_OP(code->instructions[at]);
        n += here == op;
        at += operand_n_words(
            here, here == OP_MAKE_FUNCTION
                      ? AS_CODE(code->constants[code->instructions[at + 1]])->n_free
                      : 0);
    }
    return n;
}

/* ---- Loops and conditions ---- */

static void test_counting_loop(void **state) {
    (void)state;
    check_f(
        "def f(n):\n    i = -1\n    for i in range(n):\n        pass\n    return i + 1\n",
        "LOAD_INT i = -1\n"
        "LOAD_GLOBAL r2 = range\n"
        "MOVE r6 = n\n"
        "CALL r2 = r2, 1\n"
        "FOR_PREPARE r2, r2\n"
        "JUMP to 8\n"
        "FOR_NEXT i = r2, to 8\n"
        "ADD_I r2 = i, 1\n"
        "RETURN r2\n");
}

static void test_recursion(void **state) {
    (void)state;
    check_f(
        "def f(n):\n    if n < 2:\n        return n\n    return f(n - 1) + f(n - 2)\n",
        "JUMP_LT_I n, 2, 0, to 3\n"
        "RETURN n\n"
        "LOAD_GLOBAL r1 = f\n"
        "SUB_I r5 = n, 1\n"
        "CALL r1 = r1, 1\n"
        "LOAD_GLOBAL r2 = f\n"
        "SUB_I r6 = n, 2\n"
        "CALL r2 = r2, 1\n"
        "ADD r1 = r1, r2\n"
        "RETURN r1\n");
}

static void test_while_has_its_test_at_both_ends(void **state) {
    (void)state;
    check_f("def f(a, b):\n    while a < b and b > 3:\n        a += 2\n",
            "JUMP_LT a, b, 0, to 9\n"
            "JUMP_GT_I b, 3, 0, to 9\n"
            "IADD_I a = a, 2\n"
            "JUMP_LT a, b, 0, to 9\n"
            "JUMP_GT_I b, 3, 1, to 4\n"
            "RETURN_IMM None\n");
}

static void test_constants_of_a_loop_are_preloaded(void **state) {
    (void)state;
    check_f("def f(a, n):\n    while n:\n        a[n] = False\n        n = n - 1.5\n",
            "LOAD_IMM r2 = False\n"
            "LOAD_CONST r3 = 1.5\n"
            "JUMP_IF_FALSE n, to 8\n"
            "SET_ITEM a, n, r2\n"
            "SUB n = n, r3\n"
            "JUMP_IF_TRUE_BACK n, to 4\n"
            "RETURN_IMM None\n");
}

static void test_conditions_without_booleans(void **state) {
    (void)state;
    check_f("def f(a, b, c):\n    if not (a is None or b not in c) and 0 < a <= b != "
            "c:\n        return 1.0\n",
            "JUMP_IF_NONE a, to 13\n"
            "JUMP_CONTAINS b, c, 0, to 13\n"
            "LOAD_INT r3 = 0\n"
            "JUMP_LT r3, a, 0, to 13\n"
            "JUMP_LE a, b, 0, to 13\n"
            "JUMP_NE b, c, 0, to 13\n"
            "LOAD_CONST r3 = 1.0\n"
            "RETURN r3\n"
            "RETURN_IMM None\n");
}

static void test_constant_conditions(void **state) {
    (void)state;
    check_f("def f(a):\n    while True:\n        if __debug__ and not 0:\n            "
            "a()\n        else:\n"
            "            b()\n    c()\n",
            "MOVE r1 = a\n"
            "CALL r2 = r1, 0\n" /* a result for the word behind the callee: dropped */
            "JUMP_BACK to 0\n");
}

static void test_dead_code_is_dropped(void **state) {
    (void)state;
    check_f("def f(a):\n    return a\n    for x in a:\n        try:\n            y()\n   "
            "     except E:\n            z()\n",
            "RETURN a\n");
}

/* ---- Registers ---- */

static void test_results_go_where_they_belong(void **state) {
    (void)state;
    check_f("def f(a, b):\n    x = a + b\n    x = x * 2 - a[1]\n    a.v = x\n    a[b], "
            "a.w = -x, b.u\n    return x\n",
            "ADD x = a, b\n"
            "MUL_I r3 = x, 2\n"
            "GET_ITEM_I r4 = a, 1\n"
            "SUB x = r3, r4\n"
            "STORE_ATTR a, x, .v\n"
            "NEG r3 = x\n"
            "LOAD_ATTR r4 = b, .u\n"
            "SET_ITEM a, b, r3\n"
            "STORE_ATTR a, r4, .w\n"
            "RETURN x\n");
}

static void test_swaps(void **state) {
    (void)state;
    check_f("def f(x, y):\n    x, y = y, x\n    x, y = y, x % y\n", "MOVE r2 = x\n"
                                                                    "MOVE x = y\n"
                                                                    "MOVE y = r2\n"
                                                                    "MOD r2 = x, y\n"
                                                                    "MOVE x = y\n"
                                                                    "MOVE y = r2\n"
                                                                    "RETURN_IMM None\n");
}

static void test_unpacking_into_neighbours(void **state) {
    (void)state;
    check_f("def f(d):\n    v = 0\n    for k, v in d:\n        pass\n    return k, v\n",
            "LOAD_IMM k = unset\n"
            "LOAD_INT v = 0\n"
            "FOR_PREPARE r3, d\n"
            "JUMP to 5\n"
            "UNPACK r6, k..v, 2\n"
            "FOR_NEXT r6 = r3, to 4\n"
            "CHECK_BOUND k, k\n"
            "BUILD_TUPLE r3 = k..v, 2\n"
            "RETURN r3\n");
}

static void test_order_of_evaluation_with_walrus(void **state) {
    (void)state;
    check_f("def f(a):\n    return a + (a := 1)\n", "MOVE r1 = a\n"
                                                    "LOAD_INT a = 1\n"
                                                    "ADD r1 = r1, a\n"
                                                    "RETURN r1\n");
}

static void test_unbound_locals_are_checked_once(void **state) {
    (void)state;
    check_f("def f(a):\n    if a:\n        x = 1\n    x += x\n    del x\n    return a\n",
            "LOAD_IMM x = unset\n"
            "JUMP_IF_FALSE a, to 4\n"
            "LOAD_INT x = 1\n"
            "CHECK_BOUND x, x\n"
            "IADD x = x, x\n"
            "LOAD_IMM x = unset\n"
            "SETTLE 2\n"
            "RETURN a\n");
}

/* ---- Calls, classes, closures ---- */

static void test_calls(void **state) {
    (void)state;
    check_f("def f(o, g):\n    o.m(g(1), k=2)\n    return g(*o, **g)\n",
            "LOAD_METHOD r2 = o, .m\n"
            "MOVE r7 = g\n"
            "LOAD_INT r11 = 1\n"
            "CALL r7 = r7, 1\n"
            "LOAD_INT r8 = 2\n"
            "CALL_METHOD_KW r3 = r2, 2, ('k',)\n"
            "MOVE r2 = g\n"
            "BUILD_LIST r7 = , 0\n"
            "LIST_EXTEND r7, o, r2\n"
            "LIST_TO_TUPLE r6 = r7\n"
            "BUILD_DICT r7 = r7, 0\n"
            "DICT_MERGE r7, g, r2\n"
            "CALL_EX r2 = r2\n"
            "RETURN r2\n");
}

static void test_closures_and_comprehensions(void **state) {
    (void)state;
    check_f("def f(xs):\n    n = 0\n    def g():\n        nonlocal n\n        n += 1\n   "
            "     return n\n"
            "    return [x for x in xs if g()]\n",
            "LOAD_IMM n = unset\n"
            "MAKE_CELL n = n\n"
            "LOAD_INT r4 = 0\n"
            "STORE_CELL n, r4\n"
            "MAKE_FUNCTION g = 0, code of f.<locals>.g with cells of n\n"
            "BUILD_LIST r4 = , 0\n"
            "FOR_PREPARE r5, xs\n"
            "JUMP to 15\n"
            "MOVE r8 = g\n"
            "CALL r8 = r8, 0\n"
            "JUMP_IF_FALSE r8, to 15\n"
            "LIST_APPEND r4, x\n"
            "FOR_NEXT x = r5, to 10\n"
            "RETURN r4\n");
}

static void test_super_is_one_instruction(void **state) {
    (void)state;
    const char *source =
        "class A(B):\n    def m(self):\n        return super().m(), super().x\n";
    assert_true(has_line(source, "A.m", "LOAD_SUPER_METHOD r1, r6, self, .m\n"));
    assert_true(has_line(source, "A.m", "LOAD_SUPER_ATTR r2 = r3, self, .x\n"));
    assert_true(has_line(source, "A", "RETURN __class__\n"));
}

static void test_private_names(void **state) {
    (void)state;
    const char *source =
        "class _A:\n    def m(self, __x):\n        return self.__y + __x + self.__z__\n";
    assert_true(has_line(source, "_A.m", "self, ._A__y\n"));
    assert_true(has_line(source, "_A.m", ", _A__x\n"));
    assert_true(has_line(source, "_A.m", "self, .__z__\n"));
}

/* ---- Handlers ---- */

static void test_try_costs_nothing(void **state) {
    (void)state;
    ObjCode *code = find_code(compile("def f(a):\n    try:\n        a()\n    except "
                                      "ValueError as e:\n        b(e)\n"),
                              "f");
    assert_int_equal(code->n_handlers, 3);
    const CodeHandler *body = &code->handlers[0];
    assert_int_equal(INS_OP(code->instructions[body->from]), OP_MOVE);
    assert_int_equal(INS_OP(code->instructions[body->to]), OP_JUMP);
    assert_int_equal(INS_OP(code->instructions[body->target]), OP_ENTER_HANDLER);
}

static void test_finally_is_not_covered_by_itself(void **state) {
    (void)state;
    ObjCode *code = find_code(
        compile("def f(a):\n    for i in a:\n        try:\n            if i: return i\n"
                "            if a: break\n            if f: continue\n"
                "        finally:\n            g()\n"),
        "f");
    uint32_t g = code->n_instructions; /* the first call of g: on the way to return */
    for (uint32_t at = 0; at < code->n_instructions && g == code->n_instructions; at++) {
        if (INS_OP(code->instructions[at]) == OP_CALL) {
            g = at;
        }
    }
    for (uint32_t i = 0; i < code->n_handlers; i++) {
        assert_false(code->handlers[i].from <= g && g < code->handlers[i].to);
    }
    assert_int_equal(count_op(code, OP_CALL), 5);
}

/* ---- Tables ---- */

static void test_constants_are_stored_once(void **state) {
    (void)state;
    ObjCode *code = find_code(
        compile("def f():\n    g(0.5, 0.5, 'a b', 'a b', (1, 2.0), (1, 2.0), 1 << 40, 1 "
                "<< 40)\n"
                "    g(0.0, -0.0, 1.0, (1, 2), (1.0, 2), (True, 2), b'', b'x', '')\n"),
        "f");
    assert_int_equal(code->n_constants, 4 + 9);
}

static void test_folding(void **state) {
    (void)state;
    check_f("def f():\n    return 2 ** 10 - -3 // 2 + ('a' + 'b' * 2 == 'abb')\n",
            "LOAD_INT r0 = 1026\n"
            "LOAD_CONST r1 = 'abb'\n"
            "LOAD_CONST r2 = 'abb'\n"
            "EQ r1 = r1, r2\n"
            "ADD r0 = r0, r1\n"
            "RETURN r0\n");
    assert_true(has_line("def f(): return 1 // 0\n", "f", "FLOORDIV_I r0 = r0, 0\n"));
    assert_true(has_line("def f(): return 2 ** 1000\n", "f", "POW r0 = r0, r1\n"));
    assert_true(has_line("def f(a): return a[1:-1]\n", "f", "slice(1, -1, None)\n"));
    assert_true(has_line("def f(a): return a in [1, 'x']\n", "f", "(1, 'x')\n"));
}

static void check_position(const char *source, const char *qualname, Opcode op,
                           unsigned line, unsigned column) {
    ObjCode *code = find_code(compile(source), qualname);
    for (uint32_t at = 0; at < code->n_instructions; at++) {
        if (INS_OP(code->instructions[at]) == op) {
            const CodePosition *position = code_position(code, at);
            assert_int_equal(position->line, line);
            assert_int_equal(position->column, column);
            return;
        }
    }
    fail_msg("no %s", op_info[op].name);
}

static void test_positions(void **state) {
    (void)state;
    check_position("def f(a):\n    return (a +\n            g(\n                1,\n     "
                   "           2))\n",
                   "f", OP_CALL, 3, 12);
    check_position("def f(a):\n    return (a +\n            g(\n                1,\n     "
                   "           2))\n",
                   "f", OP_ADD, 2, 12);
    check_position("def f(a):\n    return (a\n        .b()\n        .c())\n", "f",
                   OP_LOAD_METHOD, 3, 9);
    check_position("x = 1\nfor i in 5:\n    pass\n", "<module>", OP_FOR_PREPARE, 2, 9);
}

static void test_parameters(void **state) {
    (void)state;
    ObjCode *code =
        find_code(compile("def f(a, b, /, c, d=1, *e, g, h=2, **i):\n    j = 1\n"), "f");
    static const char *const names[] = {"a", "b", "c", "d", "g", "h", "e", "i", "j"};
    assert_int_equal(code->n_args, 4);
    assert_int_equal(code->n_positional_only, 2);
    assert_int_equal(code->n_keyword_only, 2);
    assert_int_equal(code->flags, CODE_VARARGS | CODE_VARKEYWORDS);
    for (size_t i = 0; i < 9; i++) {
        assert_true(str_equals_c(AS_STR(code->local_names->items[i]), names[i]));
    }
}

static void test_modes(void **state) {
    (void)state;
    ObjCode *code = compile_n("1 + x", 5, PARSE_EVAL);
    assert_non_null(code);
    assert_int_equal(count_op(code, OP_RETURN), 1);
    code = compile_n("x\n", 2, PARSE_SINGLE);
    assert_non_null(code);
    assert_int_equal(count_op(code, OP_CALL_METHOD), 1);
}

/* ---- Limits ---- */

static void repeat(Buf *out, const char *text, int n) {
    for (int i = 0; i < n; i++) {
        buf_add_text(out, text);
    }
}

static void check_compiles(Buf *source) {
    compile(buf_text(source));
    buf_clear(source);
}

static void test_large_programs(void **state) {
    (void)state;
    Buf source = {0};
    buf_add_text(&source, "x = [");
    for (int i = 0; i < 200000; i++) {
        buf_add_format(&source, "%d,", i);
    }
    buf_add_text(&source, "]\n");
    ObjCode *code = compile(buf_text(&source));
    assert_true(code->n_instructions < 16); /* one tuple, one LIST_EXTEND */
    buf_clear(&source);

    buf_add_text(&source, "f(");
    repeat(&source, "a,", 1000);
    buf_add_text(&source, ")\n[");
    repeat(&source, "a,", 1000);
    buf_add_text(&source, "]\n{");
    repeat(&source, "a:a,", 1000);
    buf_add_text(&source, "}\nf'");
    repeat(&source, "{a}-", 1000);
    buf_add_text(&source, "'\n");
    repeat(&source, "a,", 300);
    buf_add_text(&source, "*b = c\n");
    check_compiles(&source);

    buf_add_text(&source, "def f(n):\n");
    for (int i = 0; i < 1000; i++) {
        buf_add_format(&source, "    v%d = n\n", i);
    }
    buf_add_text(&source, "    return lambda: (v0, v500, v999)\n");
    check_compiles(&source);

    repeat(&source, "a+", 3000);
    buf_add_text(&source, "a\na");
    repeat(&source, ".m(1)", 900);
    buf_add_text(&source, "\n");
    check_compiles(&source);
    buf_free(&source);
}

/* ---- Errors ---- */

static void check_error(const char *source, const char *message, int line) {
    ObjCode *code = compile_n(source, strlen(source), PARSE_FILE);
    assert_null(code);
    Value exception = exc_take(cx);
    assert_true(exc_matches_kind(cx, exception, EXC_SyntaxError));
    ObjStr *text = AS_STR(AS_TUPLE(AS_EXCEPTION(exception)->args)->items[0]);
    if (!str_equals_c(text, message)) {
        fail_msg("expected '%s', got '%.*s'", message, (int)text->n_bytes, text->data);
    }
    const ObjTuple *details = AS_TUPLE(AS_TUPLE(AS_EXCEPTION(exception)->args)->items[1]);
    assert_int_equal(value_to_int(details->items[1]), line);
}

static void test_errors(void **state) {
    (void)state;
    check_error("return 1\n", "'return' outside function", 1);
    check_error("x = 1\nbreak\n", "'break' outside loop", 2);
    check_error("def f():\n    continue\n", "'continue' not properly in loop", 2);
    check_error("class A:\n    yield\n", "'yield' outside function", 2);
    check_error("[(yield) for x in y]\n", "'yield' inside list comprehension", 1);
    check_error("def f():\n    x = 1\n    global x\n",
                "name 'x' is assigned to before global declaration", 3);
    check_error("def f():\n    g(x)\n    global x\n",
                "name 'x' is used prior to global declaration", 3);
    check_error("def f(x):\n    global x\n", "name 'x' is parameter and global", 2);
    check_error("def f():\n    nonlocal x\n", "no binding for nonlocal 'x' found", 2);
    check_error("nonlocal x\n", "nonlocal declaration not allowed at module level", 1);
    check_error("def f(a, a): pass\n", "duplicate argument 'a' in function definition",
                1);
    check_error("a, *b, *c = d\n", "multiple starred expressions in assignment", 1);
    check_error("def f():\n    from a import *\n",
                "import * only allowed at module level", 2);
    check_error(
        "[x := 1 for x in y]\n",
        "assignment expression cannot rebind comprehension iteration variable 'x'", 1);
    check_error("__debug__ = 1\n", "cannot assign to __debug__", 1);
    check_error("x = 1\nfrom __future__ import division\n",
                "from __future__ imports must occur at the beginning of the file", 2);
    check_error("from __future__ import nosuch\n", "future feature nosuch is not defined",
                1);
    check_error("try: pass\nexcept: pass\nexcept E: pass\n",
                "default 'except:' must be last", 2);
    check_error("if 0:\n    return\n", "'return' outside function", 2);
}

/* ---- The notation of opcodes.def ---- */

static void test_operands_are_read_off_the_table(void **state) {
    (void)state;
    OperandInfo info = operand_info(OP_ADD, 'A');
    assert_true(info.is_register && info.is_written && !info.is_run && info.last == 0);
    info = operand_info(OP_ADD_I, 'C');
    assert_true(!info.is_register && info.is_immediate);
    info = operand_info(OP_FOR_NEXT, 'A');
    assert_true(info.is_register && info.last == 2);
    info = operand_info(OP_BUILD_TUPLE, 'B');
    assert_true(info.is_register && info.is_run);
    info = operand_info(OP_LOAD_FAR, 'B');
    assert_false(info.is_register);
    info = operand_info(OP_CALL_KW, 'C');
    assert_true(info.is_register && info.is_written);
    info = operand_info(OP_CALL_EX, 'A');
    assert_true(info.is_register && info.last == 5);
}

static void test_validator_finds_what_is_wrong(void **state) {
    (void)state;
    char problem[256];
    ObjCode *code = find_code(
        compile("def f(a, b):\n    while a < b: a += g(a)\n    return b\n"), "f");
    uint32_t *ins = code->instructions;
    uint32_t saved = ins[0];
    ins[0] = ins_abc(OP_MOVE, 0, 200, 0);
    assert_false(validate_code(code, problem, sizeof problem));
    ins[0] = OP_COUNT;
    assert_false(validate_code(code, problem, sizeof problem));
    ins[0] = saved;
    assert_int_equal(INS_OP(saved), OP_JUMP_LT);
    saved = ins[1];
    ins[1] = 10000;
    assert_false(validate_code(code, problem, sizeof problem));
    ins[1] = saved + 1;
    assert_true(validate_code(code, problem, sizeof problem) ||
                strstr(problem, "jumps") != NULL);
    ins[1] = saved;
    code->n_instructions--;
    assert_false(validate_code(code, problem, sizeof problem));
    code->n_instructions++;
    assert_true(validate_code(code, problem, sizeof problem));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_counting_loop),
        cmocka_unit_test(test_recursion),
        cmocka_unit_test(test_while_has_its_test_at_both_ends),
        cmocka_unit_test(test_constants_of_a_loop_are_preloaded),
        cmocka_unit_test(test_conditions_without_booleans),
        cmocka_unit_test(test_constant_conditions),
        cmocka_unit_test(test_dead_code_is_dropped),
        cmocka_unit_test(test_results_go_where_they_belong),
        cmocka_unit_test(test_swaps),
        cmocka_unit_test(test_unpacking_into_neighbours),
        cmocka_unit_test(test_order_of_evaluation_with_walrus),
        cmocka_unit_test(test_unbound_locals_are_checked_once),
        cmocka_unit_test(test_calls),
        cmocka_unit_test(test_closures_and_comprehensions),
        cmocka_unit_test(test_super_is_one_instruction),
        cmocka_unit_test(test_private_names),
        cmocka_unit_test(test_try_costs_nothing),
        cmocka_unit_test(test_finally_is_not_covered_by_itself),
        cmocka_unit_test(test_constants_are_stored_once),
        cmocka_unit_test(test_folding),
        cmocka_unit_test(test_positions),
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_large_programs),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_operands_are_read_off_the_table),
        cmocka_unit_test(test_validator_finds_what_is_wrong),
    };
    return cmocka_run_group_tests_name("compile", tests, open_interp, close_interp);
}
