/* parser.y - Python's grammar: tokens to syntax tree.
 *
 * Rules carry the names that they have in the grammar of the Python language
 * reference, and an action makes one node; where Python's own (PEG) grammar looks
 * ahead or back, this one accepts a little more than Python and the function that
 * makes the node refuses the rest (check.c):
 *     - a target is parsed as an expression, and checked when it turns out to be one;
 *     - the items of `with (a as b, c):` are told from a tuple by the lexical function
 *       below;
 *     - arguments and parameters are lists in any order, sorted out at their end.
 * Chains of one operator (a+b+c, a.b.c, elif) recurse to the left, so they need no
 * stack; nesting does, and ends at YYMAXDEPTH.
 *
 * What a wrong program is told is not decided here: see explain.c.
 *
 * See also: tree.h (what actions call), tests/unit/test_parser.c. */

%code requires {
    #include "grammar/tree.h"
}

%code {
    /* A token or rule takes one entry; `x if y else` takes four. CPython gives up at
     * depths of 2000 to 6000 as well; beyond, walking the tree by recursion would be
     * no longer safe. */
    #define YYMAXDEPTH 4000

    #define YYLLOC_DEFAULT(current, rhs, n) \
        ((current) = (n) > 0 \
             ? (TokenRange) {YYRHSLOC(rhs, 1).first, YYRHSLOC(rhs, n).last} \
             : (TokenRange) {YYRHSLOC(rhs, 0).last, YYRHSLOC(rhs, 0).last})

    /* Ends the parse if the node could not be made. */
    #define MUST(node) do { if (!(node)) { YYABORT; } } while (0)

    static int parser_lex(PARSER_STYPE *value, TokenRange *at, Parse *p);
    static void parser_error(const TokenRange *at, Parse *p, const char *message);

    #define BINARY(OPERATOR, at, left_, right_) \
        NODE(BinOp, at, .left = left_, .op = AST_OP_##OPERATOR, .right = right_)
    #define ARG(name_at, annotation_at, name_, annotation_) \
        PART(Arg, (annotation_) ? range_join(name_at, annotation_at) : (name_at), \
             .arg = name_, .annotation = annotation_)
    #define CONSTANT(TYPE, at) NODE(Constant, at, .value.type = AST_LITERAL_##TYPE)

    static AstExpr *in_parentheses(AstExpr *expr);
    static AstStmt *make_async_with(AstStmt *with, TokenRange async, const Parse *p);

    static Comparison *comparison_add(Parse *p, Comparison *chain, AstCmpOperator op,
                                      AstExpr *right);
    static Comparison *comparison_new(Parse *p, AstExpr *left, AstCmpOperator op,
                                      AstExpr *right);
    static AstExpr *comparison_end(Parse *p, TokenRange at, const Comparison *chain);

    static KeyValue *pair_new(Parse *p, AstExpr *key, AstExpr *value);
    static AstExpr *make_dict(Parse *p, TokenRange at, const List *pairs);

    static const Ident *join_dotted(Parse *p, const List *parts);
    static AstModule *make_module(Parse *p, TokenRange at, const List *body);
}

%define api.pure full
%define api.prefix {parser_}
%define api.token.prefix {TOKEN_}
%define api.location.type {TokenRange}
%define api.value.type union
%define parse.error simple
%locations
%param {Parse *p}
%expect 0

/* STEP token: the names of tokens.def, in its order. */
%token END 0 "end of file"
%token <const Ident *> NAME
%token NUMBER STRING FSTRING_START FSTRING_MIDDLE FSTRING_END
%token NEWLINE INDENT DEDENT STRAY WITH_LPAR
%token MATCH "match" CASE "case" TYPE "type"
%token START_FILE START_EVAL START_SINGLE
%token LPAR "(" RPAR ")" LSQB "[" RSQB "]" LBRACE "{" RBRACE "}"
%token COLON ":" COMMA "," SEMI ";" DOT "." ELLIPSIS "..." RARROW "->" EXCLAMATION "!"
%token AT "@"
%token EQUAL "=" COLON_EQUAL ":=" PLUS_EQUAL "+=" MINUS_EQUAL "-=" STAR_EQUAL "*="
%token AT_EQUAL "@="
%token SLASH_EQUAL "/=" PERCENT_EQUAL "%=" AMPERSAND_EQUAL "&=" VBAR_EQUAL "|="
%token CIRCUMFLEX_EQUAL "^=" LEFT_SHIFT_EQUAL "<<=" RIGHT_SHIFT_EQUAL ">>="
%token DOUBLE_STAR_EQUAL "**=" DOUBLE_SLASH_EQUAL "//="
%token PLUS "+" MINUS "-" STAR "*" SLASH "/" PERCENT "%" AMPERSAND "&" VBAR "|"
%token CIRCUMFLEX "^"
%token TILDE "~" LEFT_SHIFT "<<" RIGHT_SHIFT ">>" DOUBLE_STAR "**" DOUBLE_SLASH "//"
%token LESS "<" GREATER ">" LESS_EQUAL "<=" GREATER_EQUAL ">=" EQUAL_EQUAL "=="
%token NOT_EQUAL "!="
%token FALSE "False" NONE "None" TRUE "True" AND "and" AS "as" ASSERT "assert"
%token ASYNC "async"
%token AWAIT "await" BREAK "break" CLASS "class" CONTINUE "continue" DEF "def" DEL "del"
%token ELIF "elif" ELSE "else" EXCEPT "except" FINALLY "finally" FOR "for" FROM "from"
%token GLOBAL "global" IF "if" IMPORT "import" IN "in" IS "is" LAMBDA "lambda"
%token NONLOCAL "nonlocal" NOT "not" OR "or" PASS "pass" RAISE "raise" RETURN "return"
%token TRY "try"
%token WHILE "while" WITH "with" YIELD "yield"

%type <List *> statements simple_stmts simple_stmt_list block else_block finally_block
%type <List *> decorators elif_stmts except_blocks with_items assign_targets names
%type <List *> del_targets
%type <List *> dotted_as_names import_from_targets import_from_as_names
%type <List *> params param_list lambda_params lambda_param_list arguments args
%type <List *> class_arguments
%type <List *> star_expression_list star_named_expressions star_named_expression_list
%type <List *> star_target_list expression_list
%type <List *> disjunction_list conjunction_list slice_list kvpair_list for_if_clauses
%type <List *> strings fstring fstring_middles fstring_replacement_field comprehension_ifs
%type <List *> dotted_name_parts
%type <List *> case_blocks maybe_star_patterns maybe_star_pattern_list or_patterns
%type <List *> class_pattern_arguments class_pattern_argument_list
%type <List *> mapping_items mapping_item_list type_params type_param_list

%type <AstStmt *> simple_stmt assignment return_stmt raise_stmt del_stmt assert_stmt
%type <AstStmt *> global_stmt nonlocal_stmt import_stmt compound_stmt function_def
%type <AstStmt *> function_def_raw
%type <AstStmt *> class_def class_def_raw if_stmt elif_stmt while_stmt for_stmt with_stmt
%type <AstStmt *> try_stmt match_stmt with_stmt_raw type_alias

%type <AstExpr *> annotated_rhs yield_expr star_expressions star_expression expression
%type <AstExpr *> expressions
%type <AstExpr *> star_named_expression named_expression disjunction conjunction inversion
%type <AstExpr *> inversions bitwise_or primary atom lambdef slices slice slice_part star_targets star_target
%type <AstExpr *> return_annotation annotation star_annotation argument
%type <AstExpr *> fstring_format_spec
%type <AstExpr *> slice_or_star

%type <AstExpr *> subject_expr guard signed_number literal_expr attr name_or_attr
%type <AstPattern *> patterns pattern or_pattern closed_pattern maybe_star_pattern
%type <AstPattern *> class_pattern_argument
%type <AstMatchCase *> case_block
%type <AstTypeParam *> type_param
%type <AstExpr *> type_param_bound type_param_default type_param_star_default
%type <KeyValue *> mapping_item
%type <AstArguments *> parameters lambda_parameters
%type <Parameter *> param lambda_param
%type <KeyValue *> kvpair
%type <AstExceptHandler *> except_block except_star_block
%type <AstWithItem *> with_item
%type <AstAlias *> dotted_as_name import_from_as_name
%type <AstComprehension *> for_if_clause
%type <Comparison *> compare_op_chain
%type <const Ident *> dotted_name
%type <AstOperator> augassign
%type <AstCmpOperator> compare_op
%type <int> dots
%type <uint32_t> fstring_debug

/* The operators of bitwise_or, weakest first. What decides between them decides no other conflict. */
%left "|"
%left "^"
%left "&"
%left "<<" ">>"
%left "+" "-"
%left "*" "/" "//" "%" "@"
%precedence SIGN
%right "**"

%start start

%%

/* ---- the three modes ---- */

start:
    START_FILE                           { p->module = make_module(p, @$, NULL); }
|   START_FILE statements                { p->module = make_module(p, @2, $2); }
|   START_SINGLE                         { p->module = make_module(p, @$, NULL); }
|   START_SINGLE simple_stmts            { p->module = make_module(p, @2, $2); }
|   START_SINGLE compound_stmt
        { p->module = make_module(p, @2, items_add(p, items_new(p), $2)); }
|   START_EVAL expressions NEWLINE
        { p->module = make_module(p, @2,
              items_add(p, items_new(p), NODE(ExprStmt, @2, .value = $2))); }
;

/* ---- statements ---- */

statements:
    compound_stmt                        { $$ = items_add(p, items_new(p), $1); }
|   simple_stmts
|   statements compound_stmt             { $$ = items_add(p, $1, $2); }
|   statements simple_stmts              { $$ = list_concat(p, $1, $2); }
;

simple_stmts:
    simple_stmt_list NEWLINE
|   simple_stmt_list ";" NEWLINE
;

simple_stmt_list:
    simple_stmt                          { $$ = items_add(p, items_new(p), $1); }
|   simple_stmt_list ";" simple_stmt     { $$ = items_add(p, $1, $3); }
;

simple_stmt:
    assignment
|   annotated_rhs                        { $$ = NODE(ExprStmt, @$, .value = $1); }
|   return_stmt
|   import_stmt
|   raise_stmt
|   "pass"                               { $$ = NODE(Pass, @$); }
|   del_stmt
|   assert_stmt
|   "break"                              { $$ = NODE(Break, @$); }
|   "continue"                           { $$ = NODE(Continue, @$); }
|   global_stmt
|   nonlocal_stmt
|   type_alias
;

compound_stmt:
    function_def
|   if_stmt
|   class_def
|   with_stmt
|   for_stmt
|   try_stmt
|   while_stmt
|   match_stmt
;

/* ---- simple statements ---- */

assignment:
    star_expressions ":" expression
        { MUST($$ = check_ann_assign(p, @$, $1, $3, NULL)); }
|   star_expressions ":" expression "=" annotated_rhs
        { MUST($$ = check_ann_assign(p, @$, $1, $3, $5)); }
|   assign_targets annotated_rhs
        { MUST($$ = check_assign(p, @$, $1, $2)); }
|   star_expressions augassign annotated_rhs
        { MUST($$ = check_aug_assign(p, @$, $1, $2, $3)); }
;

assign_targets:
    annotated_rhs "="                    { $$ = items_add(p, items_new(p), $1); }
|   assign_targets annotated_rhs "="     { $$ = items_add(p, $1, $2); }
;

annotated_rhs:
    yield_expr
|   star_expressions
;

augassign:
    "+="                                 { $$ = AST_OP_ADD; }
|   "-="                                 { $$ = AST_OP_SUB; }
|   "*="                                 { $$ = AST_OP_MULT; }
|   "@="                                 { $$ = AST_OP_MAT_MULT; }
|   "/="                                 { $$ = AST_OP_DIV; }
|   "%="                                 { $$ = AST_OP_MOD; }
|   "&="                                 { $$ = AST_OP_BIT_AND; }
|   "|="                                 { $$ = AST_OP_BIT_OR; }
|   "^="                                 { $$ = AST_OP_BIT_XOR; }
|   "<<="                                { $$ = AST_OP_L_SHIFT; }
|   ">>="                                { $$ = AST_OP_R_SHIFT; }
|   "**="                                { $$ = AST_OP_POW; }
|   "//="                                { $$ = AST_OP_FLOOR_DIV; }
;

return_stmt:
    "return"                             { $$ = NODE(Return, @$); }
|   "return" star_expressions            { $$ = NODE(Return, @$, .value = $2); }
;

raise_stmt:
    "raise"                              { $$ = NODE(Raise, @$); }
|   "raise" expression                   { $$ = NODE(Raise, @$, .exc = $2); }
|   "raise" expression "from" expression { $$ = NODE(Raise, @$, .exc = $2, .cause = $4); }
;

global_stmt:
    "global" names
        { $$ = NODE(Global, @$, .names = SEQ(Ident, $2)); }
;

nonlocal_stmt:
    "nonlocal" names
        { $$ = NODE(Nonlocal, @$, .names = SEQ(Ident, $2)); }
;

names:
    NAME                                 { $$ = items_add(p, items_new(p), (void *) $1); }
|   names "," NAME                       { $$ = items_add(p, $1, (void *) $3); }
;

del_stmt:
    "del" del_targets opt_comma
        { $$ = NODE(Delete, @$, .targets = SEQ(Expr, $2)); }
;

del_targets:
    star_expression
        { MUST(check_delete(p, $1)); $$ = items_add(p, items_new(p), $1); }
|   del_targets "," star_expression
        { MUST(check_delete(p, $3)); $$ = items_add(p, $1, $3); }
;

assert_stmt:
    "assert" expression                  { $$ = NODE(Assert, @$, .test = $2); }
|   "assert" expression "," expression   { $$ = NODE(Assert, @$, .test = $2, .msg = $4); }
;

opt_comma:
    %empty
|   ","
;

/* ---- type statements and parameters ---- */

type_alias:
    "type" NAME type_params "=" expression
        { $$ = NODE(TypeAlias, @$, .name = $2, .value = $5,
                    .type_params = SEQ(TypeParam, $3)); }
;

type_params:
    %empty                               { $$ = NULL; }
|   "[" type_param_list opt_comma "]"    { $$ = $2; }
|   "[" "]"
        {
            parse_fail_from(p, @2.first, @2.first, "Type parameter list cannot be empty");
            YYABORT;
        }
;

type_param_list:
    type_param                           { $$ = items_add(p, items_new(p), $1); }
|   type_param_list "," type_param       { $$ = items_add(p, $1, $3); }
;

type_param:
    NAME type_param_bound type_param_default
        { $$ = PART(TypeParam, @$, .name = $1, .bound = $2, .default_value = $3); }
|   "*" NAME ":" expression
        { check_no_bound(p, range_join(@3, @4), $4, "TypeVarTuple"); $$ = NULL; YYABORT; }
|   "**" NAME ":" expression
        { check_no_bound(p, range_join(@3, @4), $4, "ParamSpec"); $$ = NULL; YYABORT; }
|   "*" NAME type_param_star_default
        { $$ = PART(TypeParam, @$, .stars = 1, .name = $2, .default_value = $3); }
|   "**" NAME type_param_default
        { $$ = PART(TypeParam, @$, .stars = 2, .name = $2, .default_value = $3); }
;

type_param_bound:
    %empty                               { $$ = NULL; }
|   ":" expression                       { $$ = $2; }
;

type_param_default:
    %empty                               { $$ = NULL; }
|   "=" expression                       { $$ = $2; }
;

type_param_star_default:
    %empty                               { $$ = NULL; }
|   "=" star_expression                  { $$ = $2; }
;

/* ---- imports ---- */

import_stmt:
    "import" dotted_as_names
        { $$ = NODE(Import, @$, .names = SEQ(Alias, $2)); }
|   "from" dotted_name "import" import_from_targets
        { $$ = NODE(ImportFrom, @$, .module = $2, .names = SEQ(Alias, $4)); }
|   "from" dots "import" import_from_targets
        { $$ = NODE(ImportFrom, @$, .names = SEQ(Alias, $4), .level = $2); }
|   "from" dots dotted_name "import" import_from_targets
        { $$ = NODE(ImportFrom, @$, .module = $3, .names = SEQ(Alias, $5), .level = $2); }
;

dots:
    "."                                  { $$ = 1; }
|   "..."                                { $$ = 3; }
|   dots "."                             { $$ = $1 + 1; }
|   dots "..."                           { $$ = $1 + 3; }
;

import_from_targets:
    import_from_as_names
|   "(" import_from_as_names opt_comma ")"
        { $$ = $2; }
|   "*"
        { $$ = items_add(p, items_new(p),
                         NODE(Alias, @$, .name = parse_intern(p, "*", 1))); }
;

import_from_as_names:
    import_from_as_name                  { $$ = items_add(p, items_new(p), $1); }
|   import_from_as_names "," import_from_as_name
        { $$ = items_add(p, $1, $3); }
;

import_from_as_name:
    NAME                                 { $$ = PART(Alias, @$, .name = $1); }
|   NAME "as" NAME
        { $$ = PART(Alias, @$, .name = $1, .asname = $3); }
;

dotted_as_names:
    dotted_as_name                       { $$ = items_add(p, items_new(p), $1); }
|   dotted_as_names "," dotted_as_name   { $$ = items_add(p, $1, $3); }
;

dotted_as_name:
    dotted_name                          { $$ = PART(Alias, @$, .name = $1); }
|   dotted_name "as" NAME
        { $$ = PART(Alias, @$, .name = $1, .asname = $3); }
;

dotted_name:
    dotted_name_parts                    { $$ = join_dotted(p, $1); }
;

dotted_name_parts:
    NAME                                 { $$ = items_add(p, items_new(p), (void *) $1); }
|   dotted_name_parts "." NAME           { $$ = items_add(p, $1, (void *) $3); }
;

/* ---- compound statements ---- */

block:
    NEWLINE INDENT statements DEDENT     { $$ = $3; }
|   simple_stmts
;

else_block:
    %empty                               { $$ = NULL; }
|   "else" ":" block                     { $$ = $3; }
;

decorators:
    "@" named_expression NEWLINE         { $$ = items_add(p, items_new(p), $2); }
|   decorators "@" named_expression NEWLINE
        { $$ = items_add(p, $1, $3); }
;

function_def:
    function_def_raw
|   decorators function_def_raw
        {
            $$ = $2;
            ((AstFunctionDef *) $$)->decorator_list = SEQ(Expr, $1);
            ast_set_depth($$);
        }
;

function_def_raw:
    "def" NAME type_params "(" parameters ")" return_annotation ":" block
        { $$ = NODE(FunctionDef, @$, .name = $2, .args = $5, .body = SEQ(Stmt, $9),
                    .returns = $7, .type_params = SEQ(TypeParam, $3)); }
|   "async" "def" NAME type_params "(" parameters ")" return_annotation ":" block
        { $$ = NODE(FunctionDef, @$, .name = $3, .args = $6, .body = SEQ(Stmt, $10),
                    .returns = $8, .is_async = 1, .type_params = SEQ(TypeParam, $4)); }
;

return_annotation:
    %empty                               { $$ = NULL; }
|   "->" expression                      { $$ = $2; }
;

parameters:
    params                               { MUST($$ = check_parameters(p, @$, $1)); }
;

params:
    %empty                               { $$ = NULL; }
|   param_list opt_comma
;

param_list:
    param                                { $$ = items_add(p, items_new(p), $1); }
|   param_list "," param                 { $$ = items_add(p, $1, $3); }
;

param:
    NAME annotation
        { $$ = parameter_new(p, PARAMETER_PLAIN, @$, ARG(@1, @2, $1, $2), NULL); }
|   NAME annotation "=" expression
        { $$ = parameter_new(p, PARAMETER_PLAIN, @$, ARG(@1, @2, $1, $2), $4); }
|   "/"
        { $$ = parameter_new(p, PARAMETER_SLASH, @$, NULL, NULL); }
|   "*"
        { $$ = parameter_new(p, PARAMETER_STAR, @$, NULL, NULL); }
|   "*" NAME star_annotation
        { $$ = parameter_new(p, PARAMETER_STAR, @$, ARG(@2, @3, $2, $3), NULL); }
|   "**" NAME annotation
        { $$ = parameter_new(p, PARAMETER_DOUBLE_STAR, @$, ARG(@2, @3, $2, $3), NULL); }
;

annotation:
    %empty                               { $$ = NULL; }
|   ":" expression                       { $$ = $2; }
;

star_annotation:
    %empty                               { $$ = NULL; }
|   ":" star_expression                  { $$ = $2; }
;

class_def:
    class_def_raw
|   decorators class_def_raw
        {
            $$ = $2;
            ((AstClassDef *) $$)->decorator_list = SEQ(Expr, $1);
            ast_set_depth($$);
        }
;

class_def_raw:
    "class" NAME type_params class_arguments ":" block
        {
            MUST($$ = check_class(p, @$, $2, $4, $6));
            ((AstClassDef *) $$)->type_params = SEQ(TypeParam, $3);
            ast_set_depth($$);
        }
;

class_arguments:
    %empty                               { $$ = NULL; }
|   "(" arguments ")"                    { $$ = $2; }
;

if_stmt:
    "if" named_expression ":" block elif_stmts else_block
        { $$ = fold_if(p, @$, $2, $4, $5, $6); }
;

elif_stmts:
    %empty                               { $$ = NULL; }
|   elif_stmts elif_stmt
        { $$ = items_add(p, $1 ? $1 : items_new(p), $2); }
;

elif_stmt:
    "elif" named_expression ":" block
        { $$ = NODE(If, @$, .test = $2, .body = SEQ(Stmt, $4)); }
;

while_stmt:
    "while" named_expression ":" block else_block
        { $$ = NODE(While, @$, .test = $2, .body = SEQ(Stmt, $4),
                    .orelse = SEQ(Stmt, $5)); }
;

for_stmt:
    "for" star_targets "in" star_expressions ":" block else_block
        { $$ = NODE(For, @$, .target = $2, .iter = $4, .body = SEQ(Stmt, $6),
                    .orelse = SEQ(Stmt, $7)); }
|   "async" "for" star_targets "in" star_expressions ":" block else_block
        { $$ = NODE(For, @$, .target = $3, .iter = $5, .body = SEQ(Stmt, $7),
                    .orelse = SEQ(Stmt, $8), .is_async = 1); }
;

with_stmt:
    with_stmt_raw
|   "async" with_stmt_raw                { $$ = make_async_with($2, @1, p); }
;

with_stmt_raw:
    "with" with_items ":" block
        { MUST($$ = fold_with(p, @$, $2, $4)); }
|   "with" WITH_LPAR with_items opt_comma ")" ":" block
        { $$ = NODE(With, @$, .items = SEQ(WithItem, $3), .body = SEQ(Stmt, $7)); }
;

with_items:
    with_item                            { $$ = items_add(p, items_new(p), $1); }
|   with_items "," with_item             { $$ = items_add(p, $1, $3); }
;

with_item:
    expression
        { $$ = PART(WithItem, @$, .context_expr = $1); }
|   expression "as" star_target
        {
            MUST(check_target(p, $3));
            $$ = PART(WithItem, @$, .context_expr = $1, .optional_vars = $3);
        }
;

try_stmt:
    "try" ":" block finally_block
        { $$ = NODE(Try, @$, .body = SEQ(Stmt, $3), .finalbody = SEQ(Stmt, $4)); }
|   "try" ":" block except_blocks else_block
        { $$ = NODE(Try, @$, .body = SEQ(Stmt, $3), .handlers = SEQ(ExceptHandler, $4),
                    .orelse = SEQ(Stmt, $5), .is_star = $4->is_star); }
|   "try" ":" block except_blocks else_block finally_block
        { $$ = NODE(Try, @$, .body = SEQ(Stmt, $3), .handlers = SEQ(ExceptHandler, $4),
                    .orelse = SEQ(Stmt, $5), .finalbody = SEQ(Stmt, $6),
                    .is_star = $4->is_star); }
;

except_blocks:
    except_block                         { $$ = items_add(p, items_new(p), $1); }
|   except_star_block
        { $$ = items_add(p, items_new(p), $1); $$->is_star = true; }
|   except_blocks except_block
        {
            MUST(check_except_kind(p, $1, false, @2.first));
            const AstExceptHandler *before = $1->items[$1->n - 1];
            if (before->type == NULL) {
                parse_fail_late(p, &before->base, "default 'except:' must be last");
            }
            $$ = items_add(p, $1, $2);
        }
|   except_blocks except_star_block
        {
            MUST(check_except_kind(p, $1, true, @2.first));
            $$ = items_add(p, $1, $2);
        }
;

except_block:
    "except" ":" block
        { $$ = PART(ExceptHandler, @$, .body = SEQ(Stmt, $3)); }
|   "except" expression ":" block
        { $$ = PART(ExceptHandler, @$, .type = $2, .body = SEQ(Stmt, $4)); }
|   "except" expression "as" NAME ":" block
        { $$ = PART(ExceptHandler, @$, .type = $2, .name = $4, .body = SEQ(Stmt, $6)); }
;

except_star_block:
    "except" "*" expression ":" block
        { $$ = PART(ExceptHandler, @$, .type = $3, .body = SEQ(Stmt, $5)); }
|   "except" "*" expression "as" NAME ":" block
        { $$ = PART(ExceptHandler, @$, .type = $3, .name = $5, .body = SEQ(Stmt, $7)); }
;

finally_block:
    "finally" ":" block                  { $$ = $3; }
;

/* ---- match ---- */

match_stmt:
    "match" subject_expr ":" NEWLINE INDENT case_blocks DEDENT
        { $$ = NODE(Match, @$, .subject = $2, .cases = SEQ(MatchCase, $6)); }
;

subject_expr:
    named_expression
|   star_named_expression_list           { $$ = NODE(Tuple, @$, .elts = SEQ(Expr, $1)); }
|   star_named_expression_list star_named_expression
        { $$ = NODE(Tuple, @$, .elts = SEQ(Expr, items_add(p, $1, $2))); }
;

case_blocks:
    case_block                           { $$ = items_add(p, items_new(p), $1); }
|   case_blocks case_block               { $$ = items_add(p, $1, $2); }
;

case_block:
    "case" patterns guard ":" block
        { $$ = PART(MatchCase, @$, .pattern = $2, .guard = $3, .body = SEQ(Stmt, $5)); }
;

guard:
    %empty                               { $$ = NULL; }
|   "if" named_expression                { $$ = $2; }
;

patterns:
    pattern
|   maybe_star_pattern_list
        { $$ = NODE(MatchSequence, @$, .patterns = SEQ(Pattern, $1)); }
|   maybe_star_pattern_list maybe_star_pattern
        { $$ = NODE(MatchSequence, @$, .patterns = SEQ(Pattern, items_add(p, $1, $2))); }
;

pattern:
    or_pattern
|   or_pattern "as" NAME
        { MUST($$ = check_as_pattern(p, @$, $1, $3, @3.first)); }
;

or_pattern:
    closed_pattern
|   or_patterns
        { $$ = NODE(MatchOr, @$, .patterns = SEQ(Pattern, $1)); }
;

or_patterns:
    closed_pattern "|" closed_pattern
        { $$ = items_add(p, items_add(p, items_new(p), $1), $3); }
|   or_patterns "|" closed_pattern       { $$ = items_add(p, $1, $3); }
;

closed_pattern:
    literal_expr
        { $$ = check_literal_pattern(p, @$, $1); }
|   NAME                                 { $$ = check_capture_pattern(p, @$, $1); }
|   attr                                 { $$ = NODE(MatchValue, @$, .value = $1); }
|   "(" pattern ")"                      { $$ = $2; }
|   "(" ")"                              { $$ = NODE(MatchSequence, @$); }
|   "(" maybe_star_pattern_list ")"
        { $$ = NODE(MatchSequence, @$, .patterns = SEQ(Pattern, $2)); }
|   "(" maybe_star_pattern_list maybe_star_pattern ")"
        { $$ = NODE(MatchSequence, @$, .patterns = SEQ(Pattern, items_add(p, $2, $3))); }
|   "[" "]"                              { $$ = NODE(MatchSequence, @$); }
|   "[" maybe_star_patterns "]"
        { $$ = NODE(MatchSequence, @$, .patterns = SEQ(Pattern, $2)); }
|   "{" mapping_items "}"
        { $$ = check_mapping_pattern(p, @$, $2, NULL); }
|   "{" "**" NAME opt_comma "}"
        { MUST($$ = check_mapping_rest(p, @$, NULL, $3, @3.first)); }
|   "{" mapping_item_list "," "**" NAME opt_comma "}"
        { MUST($$ = check_mapping_rest(p, @$, $2, $5, @5.first)); }
|   name_or_attr "(" class_pattern_arguments ")"
        { MUST($$ = check_class_pattern(p, @$, $1, $3)); }
;

/* A sequence of one without brackets needs its comma. */
maybe_star_patterns:
    maybe_star_pattern                   { $$ = items_add(p, items_new(p), $1); }
|   maybe_star_pattern_list
|   maybe_star_pattern_list maybe_star_pattern
        { $$ = items_add(p, $1, $2); }
;

maybe_star_pattern_list:
    maybe_star_pattern ","               { $$ = items_add(p, items_new(p), $1); }
|   maybe_star_pattern_list maybe_star_pattern ","
        { $$ = items_add(p, $1, $2); }
;

maybe_star_pattern:
    pattern
|   "*" NAME
        { $$ = NODE(MatchStar, @$, .name = check_is_wildcard($2) ? NULL : $2); }
;

literal_expr:
    signed_number
|   signed_number "+" NUMBER
        { MUST($$ = check_complex(p, @$, AST_OP_ADD, $1, literal_number(p, @3))); }
|   signed_number "-" NUMBER
        { MUST($$ = check_complex(p, @$, AST_OP_SUB, $1, literal_number(p, @3))); }
|   strings                              { MUST($$ = literal_join(p, @$, $1)); }
|   "None"                               { $$ = CONSTANT(NONE, @$); }
|   "True"                               { $$ = CONSTANT(TRUE, @$); }
|   "False"                              { $$ = CONSTANT(FALSE, @$); }
;

signed_number:
    NUMBER                               { MUST($$ = literal_number(p, @$)); }
|   "-" NUMBER
        {
            AstExpr *number = literal_number(p, @2);
            MUST(number);
            $$ = NODE(UnaryOp, @$, .op = AST_UNARY_U_SUB, .operand = number);
        }
;

attr:
    name_or_attr "." NAME
        { $$ = NODE(Attribute, @$, .value = $1, .attr = $3); }
;

name_or_attr:
    NAME                                 { $$ = NODE(Name, @$, .id = $1); }
|   attr
;

mapping_items:
    %empty                               { $$ = NULL; }
|   mapping_item_list opt_comma
;

mapping_item_list:
    mapping_item                         { $$ = items_add(p, items_new(p), $1); }
|   mapping_item_list "," mapping_item   { $$ = items_add(p, $1, $3); }
;

mapping_item:
    literal_expr ":" pattern             { $$ = pair_new(p, $1, $3); }
|   attr ":" pattern                     { $$ = pair_new(p, $1, $3); }
;

/* Keywords are Keyword nodes whose value is a pattern. */
class_pattern_arguments:
    %empty                               { $$ = NULL; }
|   class_pattern_argument_list opt_comma
;

class_pattern_argument_list:
    class_pattern_argument               { $$ = items_add(p, items_new(p), $1); }
|   class_pattern_argument_list "," class_pattern_argument
        { $$ = items_add(p, $1, $3); }
;

class_pattern_argument:
    pattern
|   NAME "=" pattern                     { $$ = NODE(Keyword, @$, .arg = $1, .value = $3); }
;

/* ---- expressions ---- */

expressions:
    expression
|   expression_list                      { $$ = NODE(Tuple, @$, .elts = SEQ(Expr, $1)); }
|   expression_list expression
        { $$ = NODE(Tuple, @$, .elts = SEQ(Expr, items_add(p, $1, $2))); }
;

/* Lists named _list have a comma behind each item: that makes a tuple of one. */
expression_list:
    expression ","                       { $$ = items_add(p, items_new(p), $1); }
|   expression_list expression ","       { $$ = items_add(p, $1, $2); }
;

star_expressions:
    star_expression
|   star_expression_list                 { $$ = NODE(Tuple, @$, .elts = SEQ(Expr, $1)); }
|   star_expression_list star_expression
        { $$ = NODE(Tuple, @$, .elts = SEQ(Expr, items_add(p, $1, $2))); }
;

star_expression_list:
    star_expression ","                  { $$ = items_add(p, items_new(p), $1); }
|   star_expression_list star_expression ","
        { $$ = items_add(p, $1, $2); }
;

star_expression:
    expression
|   "*" bitwise_or                       { $$ = NODE(Starred, @$, .value = $2); }
;

star_named_expressions:
    star_named_expression                { $$ = items_add(p, items_new(p), $1); }
|   star_named_expression_list
|   star_named_expression_list star_named_expression
        { $$ = items_add(p, $1, $2); }
;

star_named_expression_list:
    star_named_expression ","            { $$ = items_add(p, items_new(p), $1); }
|   star_named_expression_list star_named_expression ","
        { $$ = items_add(p, $1, $2); }
;

star_named_expression:
    named_expression
|   "*" bitwise_or                       { $$ = NODE(Starred, @$, .value = $2); }
;

named_expression:
    expression
|   expression ":=" expression           { MUST($$ = check_named_expr(p, @$, $1, $3)); }
;

yield_expr:
    "yield"                              { $$ = NODE(Yield, @$); }
|   "yield" star_expressions             { $$ = NODE(Yield, @$, .value = $2); }
|   "yield" "from" expression            { $$ = NODE(YieldFrom, @$, .value = $3); }
;

expression:
    disjunction
|   disjunction "if" disjunction "else" expression
        { $$ = NODE(IfExp, @$, .test = $3, .body = $1, .orelse = $5); }
|   lambdef
;

lambdef:
    "lambda" lambda_parameters ":" expression
        { $$ = NODE(Lambda, @$, .args = $2, .body = $4); }
;

lambda_parameters:
    lambda_params                        { MUST($$ = check_parameters(p, @$, $1)); }
;

lambda_params:
    %empty                               { $$ = NULL; }
|   lambda_param_list opt_comma
;

lambda_param_list:
    lambda_param                         { $$ = items_add(p, items_new(p), $1); }
|   lambda_param_list "," lambda_param   { $$ = items_add(p, $1, $3); }
;

lambda_param:
    NAME
        { $$ = parameter_new(p, PARAMETER_PLAIN, @$, PART(Arg, @1, .arg = $1), NULL); }
|   NAME "=" expression
        { $$ = parameter_new(p, PARAMETER_PLAIN, @$, PART(Arg, @1, .arg = $1), $3); }
|   "/"
        { $$ = parameter_new(p, PARAMETER_SLASH, @$, NULL, NULL); }
|   "*"
        { $$ = parameter_new(p, PARAMETER_STAR, @$, NULL, NULL); }
|   "*" NAME
        { $$ = parameter_new(p, PARAMETER_STAR, @$, PART(Arg, @2, .arg = $2), NULL); }
|   "**" NAME
        { $$ = parameter_new(p, PARAMETER_DOUBLE_STAR, @$, PART(Arg, @2, .arg = $2),
                             NULL); }
;

disjunction:
    inversion
|   inversions
|   disjunction_list
        { $$ = NODE(BoolOp, @$, .op = AST_BOOL_OR, .values = SEQ(Expr, $1)); }
;

disjunction_list:
    conjunction "or" conjunction
        { $$ = items_add(p, items_add(p, items_new(p), $1), $3); }
|   disjunction_list "or" conjunction    { $$ = items_add(p, $1, $3); }
;

conjunction:
    inversion
|   inversions
;

inversions:
    conjunction_list
        { $$ = NODE(BoolOp, @$, .op = AST_BOOL_AND, .values = SEQ(Expr, $1)); }
;

conjunction_list:
    inversion "and" inversion
        { $$ = items_add(p, items_add(p, items_new(p), $1), $3); }
|   conjunction_list "and" inversion     { $$ = items_add(p, $1, $3); }
;

inversion:
    bitwise_or
|   compare_op_chain                     { $$ = comparison_end(p, @$, $1); }
|   "not" inversion
        { $$ = NODE(UnaryOp, @$, .op = AST_UNARY_NOT, .operand = $2); }
;

compare_op_chain:
    bitwise_or compare_op bitwise_or     { $$ = comparison_new(p, $1, $2, $3); }
|   compare_op_chain compare_op bitwise_or
        { $$ = comparison_add(p, $1, $2, $3); }
;

compare_op:
    "=="                                 { $$ = AST_CMP_EQ; }
|   "!="                                 { $$ = AST_CMP_NOT_EQ; }
|   "<"                                  { $$ = AST_CMP_LT; }
|   "<="                                 { $$ = AST_CMP_LT_E; }
|   ">"                                  { $$ = AST_CMP_GT; }
|   ">="                                 { $$ = AST_CMP_GT_E; }
|   "is"                                 { $$ = AST_CMP_IS; }
|   "is" "not"                           { $$ = AST_CMP_IS_NOT; }
|   "in"                                 { $$ = AST_CMP_IN; }
|   "not" "in"                           { $$ = AST_CMP_NOT_IN; }
;

/* Python has a rule for each level, from bitwise_or to await_primary. Here the levels are the
 * %left and %right above: half of a parse would else be operands that pass through rules. */
bitwise_or:
    primary
|   "await" primary                      { $$ = NODE(Await, @$, .value = $2); }
|   bitwise_or "|" bitwise_or            { $$ = BINARY(BIT_OR, @$, $1, $3); }
|   bitwise_or "^" bitwise_or            { $$ = BINARY(BIT_XOR, @$, $1, $3); }
|   bitwise_or "&" bitwise_or            { $$ = BINARY(BIT_AND, @$, $1, $3); }
|   bitwise_or "<<" bitwise_or           { $$ = BINARY(L_SHIFT, @$, $1, $3); }
|   bitwise_or ">>" bitwise_or           { $$ = BINARY(R_SHIFT, @$, $1, $3); }
|   bitwise_or "+" bitwise_or            { $$ = BINARY(ADD, @$, $1, $3); }
|   bitwise_or "-" bitwise_or            { $$ = BINARY(SUB, @$, $1, $3); }
|   bitwise_or "*" bitwise_or            { $$ = BINARY(MULT, @$, $1, $3); }
|   bitwise_or "/" bitwise_or            { $$ = BINARY(DIV, @$, $1, $3); }
|   bitwise_or "//" bitwise_or           { $$ = BINARY(FLOOR_DIV, @$, $1, $3); }
|   bitwise_or "%" bitwise_or            { $$ = BINARY(MOD, @$, $1, $3); }
|   bitwise_or "@" bitwise_or            { $$ = BINARY(MAT_MULT, @$, $1, $3); }
|   bitwise_or "**" bitwise_or           { $$ = BINARY(POW, @$, $1, $3); }
|   "+" bitwise_or  %prec SIGN
        { $$ = NODE(UnaryOp, @$, .op = AST_UNARY_U_ADD, .operand = $2); }
|   "-" bitwise_or  %prec SIGN
        { $$ = NODE(UnaryOp, @$, .op = AST_UNARY_U_SUB, .operand = $2); }
|   "~" bitwise_or  %prec SIGN
        { $$ = NODE(UnaryOp, @$, .op = AST_UNARY_INVERT, .operand = $2); }
;

primary:
    NAME                                 { $$ = NODE(Name, @$, .id = $1); }
|   atom
|   primary "." NAME
        { $$ = NODE(Attribute, @$, .value = $1, .attr = $3); }
|   primary "(" arguments ")"
        { MUST($$ = check_call(p, @$, $1, $3, range_join(@2, @4))); }
|   primary "[" slices "]"
        { $$ = NODE(Subscript, @$, .value = $1, .slice = $3); }
;

slices:
    slice_or_star
        { $$ = $1->kind != AST_STARRED ? $1
             : NODE(Tuple, @$, .elts = SEQ(Expr, items_add(p, items_new(p), $1))); }
|   slice_list                           { $$ = NODE(Tuple, @$, .elts = SEQ(Expr, $1)); }
|   slice_list slice_or_star
        { $$ = NODE(Tuple, @$, .elts = SEQ(Expr, items_add(p, $1, $2))); }
;

slice_list:
    slice_or_star ","                    { $$ = items_add(p, items_new(p), $1); }
|   slice_list slice_or_star ","         { $$ = items_add(p, $1, $2); }
;

slice_or_star:
    slice
|   "*" bitwise_or                       { $$ = NODE(Starred, @$, .value = $2); }
;

slice:
    named_expression
|   slice_part ":" slice_part
        {
            @$ = range_join($1 ? @1 : @2, $3 ? @3 : @2);
            $$ = NODE(Slice, @$, .lower = $1, .upper = $3);
        }
|   slice_part ":" slice_part ":" slice_part
        {
            @$ = range_join($1 ? @1 : @2, $5 ? @5 : @4);
            $$ = NODE(Slice, @$, .lower = $1, .upper = $3, .step = $5);
        }
;

slice_part:
    %empty                               { $$ = NULL; }
|   expression
;

/* ---- atoms ---- */

atom:   /* but for names: see primary */
    "True"                               { $$ = CONSTANT(TRUE, @$); }
|   "False"                              { $$ = CONSTANT(FALSE, @$); }
|   "None"                               { $$ = CONSTANT(NONE, @$); }
|   "..."                                { $$ = CONSTANT(ELLIPSIS, @$); }
|   NUMBER                               { MUST($$ = literal_number(p, @$)); }
|   strings                              { MUST($$ = literal_join(p, @$, $1)); }

    /* tuple, group, genexp */
|   "(" ")"                              { $$ = in_parentheses(NODE(Tuple, @$)); }
|   "(" star_named_expression_list ")"
        { $$ = in_parentheses(NODE(Tuple, @$, .elts = SEQ(Expr, $2))); }
|   "(" star_named_expression_list star_named_expression ")"
        { $$ = in_parentheses(NODE(Tuple, @$, .elts = SEQ(Expr, items_add(p, $2, $3)))); }
|   "(" yield_expr ")"                   { $$ = in_parentheses($2); }
|   "(" star_named_expression ")"
        { MUST(check_group(p, $2)); $$ = in_parentheses($2); }
|   "(" star_named_expression for_if_clauses ")"
        {
            MUST(check_comprehension(p, $2));
            $$ = in_parentheses(NODE(GeneratorExp, @$, .elt = $2,
                                    .generators = SEQ(Comprehension, $3)));
        }

    /* list, listcomp */
|   "[" "]"                              { $$ = NODE(List, @$); }
|   "[" star_named_expressions "]"       { $$ = NODE(List, @$, .elts = SEQ(Expr, $2)); }
|   "[" star_named_expression for_if_clauses "]"
        {
            MUST(check_comprehension(p, $2));
            $$ = NODE(ListComp, @$, .elt = $2, .generators = SEQ(Comprehension, $3));
        }

    /* dict, dictcomp, set, setcomp */
|   "{" "}"                              { $$ = NODE(Dict, @$); }
|   "{" kvpair_list opt_comma "}"        { $$ = make_dict(p, @$, $2); }
|   "{" kvpair for_if_clauses "}"
        {
            if ($2->key == NULL) {
                parse_fail_at(p, @2.first,
                              "dict unpacking cannot be used in dict comprehension");
                YYABORT;
            }
            $$ = NODE(DictComp, @$, .key = $2->key, .value = $2->value,
                      .generators = SEQ(Comprehension, $3));
        }
|   "{" star_named_expressions "}"       { $$ = NODE(Set, @$, .elts = SEQ(Expr, $2)); }
|   "{" star_named_expression for_if_clauses "}"
        {
            MUST(check_comprehension(p, $2));
            $$ = NODE(SetComp, @$, .elt = $2, .generators = SEQ(Comprehension, $3));
        }
;

kvpair_list:
    kvpair                               { $$ = items_add(p, items_new(p), $1); }
|   kvpair_list "," kvpair               { $$ = items_add(p, $1, $3); }
;

kvpair:
    expression ":" expression            { $$ = pair_new(p, $1, $3); }
|   "**" bitwise_or                      { $$ = pair_new(p, NULL, $2); }
;

for_if_clauses:
    for_if_clause                        { $$ = items_add(p, items_new(p), $1); }
|   for_if_clauses for_if_clause         { $$ = items_add(p, $1, $2); }
;

for_if_clause:
    "for" star_targets "in" disjunction comprehension_ifs
        { $$ = PART(Comprehension, @$, .target = $2, .iter = $4, .ifs = SEQ(Expr, $5)); }
|   "async" "for" star_targets "in" disjunction comprehension_ifs
        { $$ = PART(Comprehension, @$, .target = $3, .iter = $5, .ifs = SEQ(Expr, $6),
                    .is_async = 1); }
;

comprehension_ifs:
    %empty                               { $$ = NULL; }
|   comprehension_ifs "if" disjunction
        { $$ = items_add(p, $1 ? $1 : items_new(p), $3); }
;

star_targets:
    star_target                          { MUST(check_target(p, $1)); $$ = $1; }
|   star_target_list
        { MUST(check_target(p, $$ = NODE(Tuple, @$, .elts = SEQ(Expr, $1)))); }
|   star_target_list star_target
        {
            $$ = NODE(Tuple, @$, .elts = SEQ(Expr, items_add(p, $1, $2)));
            MUST(check_target(p, $$));
        }
;

star_target_list:
    star_target ","                      { $$ = items_add(p, items_new(p), $1); }
|   star_target_list star_target ","     { $$ = items_add(p, $1, $2); }
;

star_target:
    bitwise_or
|   "*" bitwise_or                       { $$ = NODE(Starred, @$, .value = $2); }
;

/* ---- arguments ---- */

arguments:
    %empty                               { $$ = NULL; }
|   args
|   args ","                             { $$ = $1; $$->ends_with_comma = true; }
;

args:
    argument                             { $$ = items_add(p, items_new(p), $1); }
|   args "," argument                    { $$ = items_add(p, $1, $3); }
;

argument:
    named_expression
|   "*" expression                       { $$ = NODE(Starred, @$, .value = $2); }
|   named_expression for_if_clauses
        { $$ = NODE(GeneratorExp, @$, .elt = $1, .generators = SEQ(Comprehension, $2)); }
|   expression "=" expression
        { MUST($$ = (AstNode *) check_keyword(p, @$, $1, $3, @2.first)); }
|   "**" expression                      { $$ = NODE(Keyword, @$, .value = $2); }
;

/* ---- strings ---- */

strings:
    STRING
        {
            AstExpr *part = literal_string(p, @1);
            MUST(part);
            $$ = items_add(p, items_new(p), part);
        }
|   fstring
|   strings STRING
        {
            AstExpr *part = literal_string(p, @2);
            MUST(part);
            $$ = items_add(p, $1, part);
        }
|   strings fstring
        { $$ = list_concat(p, $1, $2); $$->is_joined = true; }
;

fstring:
    FSTRING_START fstring_middles FSTRING_END
        { $$ = $2; $$->is_joined = true; }
;

fstring_middles:
    %empty                               { $$ = items_new(p); }
|   fstring_middles FSTRING_MIDDLE
        {
            AstExpr *part = literal_fstring_text(p, @2);
            MUST(part);
            $$ = items_add(p, $1, part);
        }
|   fstring_middles fstring_replacement_field
        { $$ = list_concat(p, $1, $2); }
;

fstring_replacement_field:
    "{" annotated_rhs fstring_debug fstring_format_spec "}"
        { MUST($$ = literal_field(p, &(Field) {
              .at = @$, .value = $2, .equal = $3, .format_spec = $4})); }
|   "{" annotated_rhs fstring_debug "!" NAME fstring_format_spec "}"
        { MUST($$ = literal_field(p, &(Field) {
              .at = @$, .value = $2, .equal = $3, .conversion = @5.first,
              .format_spec = $6})); }
;

fstring_debug:
    %empty                               { $$ = 0; }
|   "="                                  { $$ = @1.first; }
;

fstring_format_spec:
    %empty                               { $$ = NULL; }
|   ":" fstring_middles                  { $$ = literal_format_spec(p, @2, $2); }
;

%%

/* The next token, and where the parser needs more than one to look at: an opening
 * bracket behind `with` encloses items, and no expression, if `as` stands in it, in no
 * bracket of its own. */
static bool encloses_with_items(const Parse *p, uint32_t bracket) {
    const uint16_t level = parse_token(p, bracket)->level;
    for (uint32_t i = bracket + 1; i < p->tokens.n; i++) {
        const Token *token = parse_token(p, i);
        if (token->level < level) {
            return false;
        }
        if (token->level == level && token->kind == TOKEN_AS) {
            return true;
        }
    }
    return false;
}

static int parser_lex(PARSER_STYPE *value, TokenRange *at, Parse *p) {
    const uint32_t index = p->next++;
    if (index % PARSE_TOKENS_PER_LOOK == 0 && !parse_goes_on(p)) {
        return TOKEN_STRAY;   /* nowhere in the grammar */
    }
    const Token *token = parse_token(p, index);
    *at = (TokenRange) {index, index};
    if (token->kind == TOKEN_NAME) {
        value->TOKEN_NAME = token->ident;
    } else if (token->kind == TOKEN_LPAR && parse_token(p, index - 1)->kind == TOKEN_WITH
               && encloses_with_items(p, index)) {
        return TOKEN_WITH_LPAR;
    }
    return token->kind;
}

/* Bison's own words are not shown: explain.c finds better ones, from the token that
 * p->next is just past. */
static void parser_error(const TokenRange *at, Parse *p, const char *message) {
    (void) at;
    if (message[0] == 'm') {   /* "memory exhausted": YYMAXDEPTH */
        parse_fail_too_deep(p);
    }
}

static AstExpr *in_parentheses(AstExpr *expr) {
    expr->in_parentheses = 1;
    return expr;
}

/* The statement begins with the token `async`. */
static AstStmt *make_async_with(AstStmt *with, TokenRange async, const Parse *p) {
    const Token *first = parse_token(p, async.first);
    with->line = first->line;
    with->col = parse_column(p, first->line, first->start);
    ((AstWith *) with)->is_async = 1;
    return with;
}

static Comparison *comparison_add(Parse *p, Comparison *chain, AstCmpOperator op,
                                  AstExpr *right) {
    items_add(p, chain->ops, (void *) (uintptr_t) op);
    items_add(p, chain->comparators, right);
    return chain;
}

static Comparison *comparison_new(Parse *p, AstExpr *left, AstCmpOperator op,
                                  AstExpr *right) {
    Comparison *chain = arena_alloc(p->arena, sizeof *chain);
    *chain = (Comparison) {left, items_new(p), items_new(p)};
    return comparison_add(p, chain, op, right);
}

static AstExpr *comparison_end(Parse *p, TokenRange at, const Comparison *chain) {
    const uint32_t n = chain->ops->n;
    AstCmpOpSeq ops = {n, arena_alloc(p->arena, n * sizeof *ops.items)};
    for (uint32_t i = 0; i < ops.n; i++) {
        ops.items[i] = (AstCmpOperator) (uintptr_t) chain->ops->items[i];
    }
    return NODE(Compare, at, .left = chain->left, .ops = ops,
                .comparators = SEQ(Expr, chain->comparators));
}

static const Ident *join_dotted(Parse *p, const List *parts) {
    Buf *name = &p->scratch;
    buf_clear(name);
    for (uint32_t i = 0; i < parts->n; i++) {
        const Ident *part = parts->items[i];
        if (i > 0) {
            buf_add_byte(name, '.');
        }
        buf_add(name, part->text, part->n_bytes);
    }
    return parse_intern(p, name->bytes, name->n_bytes);
}

static AstModule *make_module(Parse *p, TokenRange at, const List *body) {
    return PART(Module, at, .body = SEQ(Stmt, body));
}

static KeyValue *pair_new(Parse *p, AstExpr *key, AstExpr *value) {
    KeyValue *pair = arena_alloc(p->arena, sizeof *pair);
    *pair = (KeyValue) {key, value};
    return pair;
}

static AstExpr *make_dict(Parse *p, TokenRange at, const List *pairs) {
    List *keys = items_new(p);
    List *values = items_new(p);
    for (uint32_t i = 0; i < pairs->n; i++) {
        const KeyValue *pair = pairs->items[i];
        items_add(p, keys, pair->key);
        items_add(p, values, pair->value);
    }
    return NODE(Dict, at, .keys = SEQ(Expr, keys), .values = SEQ(Expr, values));
}
