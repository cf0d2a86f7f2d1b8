/* test_lexer.c - text to tokens: kinds, indentation, brackets, f-strings, places,
 * errors. */

#include "grammar/lexer.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "grammar/parser.h"
#include "runtime/base/buf.h"

/* A parse that stops behind the lexer. text ends with a line end. */
typedef struct Fixture {
    Arena       arena;
    SyntaxError error;
    Parse       parse;
} Fixture;

static bool lex(Fixture *f, const char *text) {
    arena_init(&f->arena);
    f->error = (SyntaxError) {0};
    f->parse = (Parse) {
        .arena = &f->arena,
        .filename = "test",
        .text = text,
        .n_bytes = (uint32_t) strlen(text),
        .error = &f->error,
    };
    vec_push(&f->parse.line_starts, 0);
    for (uint32_t i = 0; i < f->parse.n_bytes; i++) {
        if (text[i] == '\n') {
            vec_push(&f->parse.line_starts, i + 1);
        }
    }
    return lexer_run(&f->parse);
}

static void done(Fixture *f) {
    vec_free(&f->parse.line_starts);
    vec_free(&f->parse.tokens);
    buf_free(&f->parse.scratch);
    mem_free(f->parse.idents);
    arena_free(&f->arena);
}

/* The tokens in one line: spelled as in the text, or in angle brackets by kind. */
static void describe(const Parse *p, Buf *out) {
    for (size_t i = 0; i < p->tokens.n; i++) {
        const Token *token = &p->tokens.items[i];
        if (i > 0) {
            buf_add_byte(out, ' ');
        }
        switch (token->kind) {
        case TOKEN_NEWLINE: buf_add_text(out, "<line>"); break;
        case TOKEN_INDENT: buf_add_text(out, "<in>"); break;
        case TOKEN_DEDENT: buf_add_text(out, "<out>"); break;
        case TOKEN_END: buf_add_text(out, "<end>"); break;
        case TOKEN_FSTRING_MIDDLE:
            buf_add_byte(out, '`');
            buf_add(out, p->text + token->start, token->end - token->start);
            buf_add_byte(out, '`');
            break;
        default:
            buf_add(out, p->text + token->start, token->end - token->start);
            break;
        }
    }
}

static void expect(const char *text, const char *tokens) {
    Fixture f;
    Buf out = {0};
    assert_true(lex(&f, text));
    describe(&f.parse, &out);
    assert_string_equal(buf_text(&out), tokens);
    buf_free(&out);
    done(&f);
}

static void expect_error(const char *text, const char *message) {
    Fixture f;
    assert_false(lex(&f, text));
    assert_string_equal(f.error.message, message);
    assert_int_equal(vec_last(&f.parse.tokens)->kind, TOKEN_END);
    done(&f);
}

static void empty_text_is_an_end(void **state) {
    (void) state;
    expect("", "<end>");
    expect("\n\n   \n# only a comment\n", "<end>");
}

static void operators_take_the_longest_match(void **state) {
    (void) state;
    expect("a**=b//c<<=d...e->f:=g!=h\n",
           "a **= b // c <<= d ... e -> f := g != h <line> <end>");
}

static void keywords_are_no_names(void **state) {
    (void) state;
    Fixture f;
    assert_true(lex(&f, "if iff match _ None none\n"));
    const int kinds[] = {TOKEN_IF,   TOKEN_NAME, TOKEN_NAME,    TOKEN_NAME,
                         TOKEN_NONE, TOKEN_NAME, TOKEN_NEWLINE, TOKEN_END};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        assert_int_equal(f.parse.tokens.items[i].kind, kinds[i]);
    }
    done(&f);
}

static void names_are_interned(void **state) {
    (void) state;
    Fixture f;
    assert_true(lex(&f, "ab abc ab\n"));
    const Token *tokens = f.parse.tokens.items;
    assert_ptr_equal(tokens[0].ident, tokens[2].ident);
    assert_ptr_not_equal(tokens[0].ident, tokens[1].ident);
    assert_string_equal(tokens[1].ident->text, "abc");
    done(&f);
}

static void blocks_are_indents_and_dedents(void **state) {
    (void) state;
    expect("if a:\n  b\n\n # c\n  if d:\n    e\nf\n",
           "if a : <line> <in> b <line> if d : <line> <in> e <line> <out> <out> f <line> "
           "<end>");
    expect("if a:\n  b\n", "if a : <line> <in> b <line> <out> <end>");
}

static void a_tab_goes_to_a_multiple_of_eight(void **state) {
    (void) state;
    expect("if a:\n\tb\n\tc\n", "if a : <line> <in> b <line> c <line> <out> <end>");
    expect_error("if a:\n\tb\n        c\n",
                 "inconsistent use of tabs and spaces in indentation");
}

static void brackets_and_backslashes_join_lines(void **state) {
    (void) state;
    expect("(a,\n   b)\nc \\\n  + d\n", "( a , b ) <line> c + d <line> <end>");
    expect_error("a \\ \n", "unexpected character after line continuation character");
    expect_error("a \\\n", "unexpected EOF while parsing");
}

static void brackets_must_match(void **state) {
    (void) state;
    expect_error("(]\n",
                 "closing parenthesis ']' does not match opening parenthesis '('");
    expect_error(
        "(\n]\n",
        "closing parenthesis ']' does not match opening parenthesis '(' on line 1");
    expect_error(")\n", "unmatched ')'");
}

static void an_open_bracket_is_noted(void **state) {
    (void) state;
    Fixture f;
    assert_true(lex(&f, "a\n(b [c\n"));
    assert_int_equal(f.parse.unclosed.opening, '[');
    assert_int_equal(f.parse.unclosed.line, 2);
    done(&f);
}

static void numbers_are_one_token(void **state) {
    (void) state;
    expect("0xF_f 1_0.5e-3j .5 5. 0o7 0b1 00 1if x else 2\n",
           "0xF_f 1_0.5e-3j .5 5. 0o7 0b1 00 1 if x else 2 <line> <end>");
    expect_error("1_\n", "invalid decimal literal");
    expect_error("0b2\n", "invalid digit '2' in binary literal");
    expect_error("0o\n", "invalid octal literal");
    expect_error("1x\n", "invalid decimal literal");
    expect_error("012\n", "leading zeros in decimal integer literals are not permitted; "
                          "use an 0o prefix for octal integers");
}

static void strings_are_one_token(void **state) {
    (void) state;
    expect("'a' Rb\"\\\"\" '''x\n'y''' ''\n",
           "'a' Rb\"\\\"\" '''x\n'y''' '' <line> <end>");
    expect_error("'abc\n", "unterminated string literal (detected at line 1)");
    expect_error("'abc\\'\n", "unterminated string literal (detected at line 1); "
                              "perhaps you escaped the end quote?");
    expect_error("'''abc\n\n",
                 "unterminated triple-quoted string literal (detected at line 2)");
}

static void an_fstring_is_a_run_of_tokens(void **state) {
    (void) state;
    expect("f'a{b}c'\n", "f' `a` { b } `c` ' <line> <end>");
    expect("f'{{}}'\n", "f' `{` `}` ' <line> <end>");
    expect("f'{a!r:>{w}}'\n", "f' { a ! r : `>` { w } } ' <line> <end>");
    expect("f'{a:=5}{(b:=6)}'\n", "f' { a : `=5` } { ( b := 6 ) } ' <line> <end>");
    expect("f'{a['b']}'\n", "f' { a [ 'b' ] } ' <line> <end>");
    expect("f'''{\na\n}\n'''\n", "f''' { a } `\n` ''' <line> <end>");
    expect("f'{f'{a}'}'\n", "f' { f' { a } ' } ' <line> <end>");
}

static void fstring_errors(void **state) {
    (void) state;
    expect_error("f'}'\n", "f-string: single '}' is not allowed");
    expect_error("f'{a'\n", "f-string: expecting '}'");
    expect_error("f'abc\n", "unterminated f-string literal (detected at line 1)");
    expect_error("f'{a)}'\n", "f-string: unmatched ')'");
    expect_error("f'{a:{b:{c:{d}}}}'\n", "f-string: expressions nested too deeply");
}

static void names_may_hold_letters_of_all_scripts(void **state) {
    (void) state;
    expect("\xC3\xA9t\xC3\xA9 = \xE5\x90\x8D\n",
           "\xC3\xA9t\xC3\xA9 = \xE5\x90\x8D <line> <end>");
    expect_error("a = \xE2\x82\xAC\n", "invalid character '\xE2\x82\xAC' (U+20AC)");
    expect_error("a\xC2\xA0= 1\n", "invalid non-printable character U+00A0");
    expect_error("a = \x01\n", "invalid non-printable character U+0001");
}

static void nesting_is_limited(void **state) {
    (void) state;
    Buf text = {0};
    buf_add_repeated(&text, '(', 201);
    buf_add_byte(&text, '\n');
    expect_error(buf_text(&text), "too many nested parentheses");
    buf_clear(&text);
    for (size_t i = 0; i <= 100; i++) {
        buf_add_repeated(&text, ' ', i);
        buf_add_text(&text, "if x:\n");
    }
    expect_error(buf_text(&text), "too many levels of indentation");
    buf_clear(&text);
    for (size_t i = 0; i < 151; i++) {
        buf_add_text(&text, "f'{");
    }
    buf_add_byte(&text, '\n');
    expect_error(buf_text(&text), "too many nested f-strings");
    buf_free(&text);
}

static void tokens_know_their_place(void **state) {
    (void) state;
    Fixture f;
    assert_true(lex(&f, "a\n  \n'''b\nc''' d\n"));
    const Token *string = &f.parse.tokens.items[2];
    assert_int_equal(string->line, 3);
    assert_int_equal(string->end_line, 4);
    assert_int_equal(parse_column(&f.parse, string->end_line, string->end), 4);
    assert_int_equal(parse_column(&f.parse, 4, string[1].start), 5);
    done(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(empty_text_is_an_end),
        cmocka_unit_test(operators_take_the_longest_match),
        cmocka_unit_test(keywords_are_no_names),
        cmocka_unit_test(names_are_interned),
        cmocka_unit_test(blocks_are_indents_and_dedents),
        cmocka_unit_test(a_tab_goes_to_a_multiple_of_eight),
        cmocka_unit_test(brackets_and_backslashes_join_lines),
        cmocka_unit_test(brackets_must_match),
        cmocka_unit_test(an_open_bracket_is_noted),
        cmocka_unit_test(numbers_are_one_token),
        cmocka_unit_test(strings_are_one_token),
        cmocka_unit_test(an_fstring_is_a_run_of_tokens),
        cmocka_unit_test(fstring_errors),
        cmocka_unit_test(names_may_hold_letters_of_all_scripts),
        cmocka_unit_test(nesting_is_limited),
        cmocka_unit_test(tokens_know_their_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
