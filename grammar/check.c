/* check.c - what the grammar lets through and Python does not: targets, arguments,
 * parameters.
 *
 * The functions make the nodes of rules whose parts parser.y takes in any order or as
 * plain expressions. They tell what is wrong in the words of CPython and at its
 * places; some of these places are odd, but people look messages up by them.
 *
 * See also: tree.h for the contracts, explain.c for what the grammar itself refuses. */

#include "grammar/parser.h"
#include "grammar/tree.h"

/* ---- expressions by name ---- */

static const char *constant_name(const AstConstant *constant) {
    switch (constant->value.type) {
    case AST_LITERAL_NONE: return "None";
    case AST_LITERAL_TRUE: return "True";
    case AST_LITERAL_FALSE: return "False";
    case AST_LITERAL_ELLIPSIS: return "ellipsis";
    default: return "literal";
    }
}

const char *check_expr_name(const AstExpr *expr) {
    switch ((AstKind) expr->kind) {
    case AST_ATTRIBUTE: return "attribute";
    case AST_SUBSCRIPT: return "subscript";
    case AST_STARRED: return "starred";
    case AST_NAME: return "name";
    case AST_LIST: return "list";
    case AST_TUPLE: return "tuple";
    case AST_LAMBDA: return "lambda";
    case AST_CALL: return "function call";
    case AST_GENERATOR_EXP: return "generator expression";
    case AST_YIELD:
    case AST_YIELD_FROM: return "yield expression";
    case AST_AWAIT: return "await expression";
    case AST_LIST_COMP: return "list comprehension";
    case AST_SET_COMP: return "set comprehension";
    case AST_DICT_COMP: return "dict comprehension";
    case AST_DICT: return "dict literal";
    case AST_SET: return "set display";
    case AST_JOINED_STR:
    case AST_FORMATTED_VALUE: return "f-string expression";
    case AST_CONSTANT: return constant_name((const AstConstant *) expr);
    case AST_COMPARE: return "comparison";
    case AST_IF_EXP: return "conditional expression";
    case AST_NAMED_EXPR: return "named expression";
    default: return "expression";
    }
}

/* ---- targets ---- */

/* The first part of the expression that is no target; NULL when there is none.
 * Recursion is bounded by the brackets around tuples and lists. */
static const AstExpr *find_bad_target(const AstExpr *expr, AstExprContext context) {
    switch ((AstKind) expr->kind) {
    case AST_NAME:
    case AST_ATTRIBUTE:
    case AST_SUBSCRIPT:
        return NULL;
    case AST_STARRED:
        return context == AST_DEL
                   ? expr
                   : find_bad_target(((const AstStarred *) expr)->value, context);
    case AST_LIST:
    case AST_TUPLE: {
        /* List and Tuple are laid out alike. */
        const AstExprSeq *elts = expr->kind == AST_LIST
                                     ? &((const AstList *) expr)->elts
                                     : &((const AstTuple *) expr)->elts;
        for (uint32_t i = 0; i < elts->n; i++) {
            const AstExpr *bad = find_bad_target(elts->items[i], context);
            if (bad != NULL) {
                return bad;
            }
        }
        return NULL;
    }
    default:
        return expr;
    }
}

static void set_context(AstExpr *expr, AstExprContext context) {
    switch ((AstKind) expr->kind) {
    case AST_NAME:
        ((AstName *) expr)->ctx = context;
        break;
    case AST_ATTRIBUTE:
        ((AstAttribute *) expr)->ctx = context;
        break;
    case AST_SUBSCRIPT:
        ((AstSubscript *) expr)->ctx = context;
        break;
    case AST_STARRED:
        ((AstStarred *) expr)->ctx = context;
        set_context(((AstStarred *) expr)->value, context);
        break;
    case AST_LIST:
        ((AstList *) expr)->ctx = context;
        for (uint32_t i = 0; i < ((AstList *) expr)->elts.n; i++) {
            set_context(((AstList *) expr)->elts.items[i], context);
        }
        break;
    case AST_TUPLE:
        ((AstTuple *) expr)->ctx = context;
        for (uint32_t i = 0; i < ((AstTuple *) expr)->elts.n; i++) {
            set_context(((AstTuple *) expr)->elts.items[i], context);
        }
        break;
    default:
        break;
    }
}

bool check_target(Parse *p, AstExpr *target) {
    const AstExpr *bad = find_bad_target(target, AST_STORE);
    if (bad != NULL) {
        return parse_fail_node(p, bad, "cannot assign to %s", check_expr_name(bad));
    }
    set_context(target, AST_STORE);
    return true;
}

bool check_delete(Parse *p, AstExpr *target) {
    const AstExpr *bad = find_bad_target(target, AST_DEL);
    if (bad != NULL) {
        return parse_fail_node(p, bad, "cannot delete %s", check_expr_name(bad));
    }
    set_context(target, AST_DEL);
    return true;
}

static bool is_bare_tuple(const AstExpr *expr) {
    return expr->kind == AST_TUPLE && !expr->in_parentheses;
}

/* ---- assignment ---- */

/* Whether the expression is one that could stand left of == without brackets. */
static bool is_operand(const AstExpr *expr) {
    switch ((AstKind) expr->kind) {
    case AST_BOOL_OP:
    case AST_COMPARE:
    case AST_IF_EXP:
    case AST_LAMBDA:
    case AST_NAMED_EXPR:
    case AST_YIELD:
    case AST_YIELD_FROM:
        return expr->in_parentheses;
    case AST_UNARY_OP:
        return expr->in_parentheses || ((const AstUnaryOp *) expr)->op != AST_UNARY_NOT;
    case AST_STARRED:
        return false;
    default:
        return true;
    }
}

/* The operand that the value begins with; NULL when it begins with none (not x,
 * lambda, yield). */
static const AstExpr *first_operand(const AstExpr *value) {
    while (!is_operand(value) || is_bare_tuple(value)) {
        switch ((AstKind) value->kind) {
        case AST_TUPLE:
            value = ((const AstTuple *) value)->elts.items[0];
            break;
        case AST_IF_EXP:
            value = ((const AstIfExp *) value)->body;
            break;
        case AST_BOOL_OP:
            value = ((const AstBoolOp *) value)->values.items[0];
            break;
        case AST_COMPARE:
            value = ((const AstCompare *) value)->left;
            break;
        default:
            return NULL;
        }
    }
    return value;
}

/* What makes no sense as an assignment may be meant as a comparison: what stands next
 * to the first "=" decides. right is NULL if no operand does, or if another "="
 * follows it. Returns true when there is no such guess. */
static bool guess_comparison(Parse *p, const AstExpr *target, const AstExpr *right) {
    const AstExpr *left = target;
    if (is_bare_tuple(target)) {
        const AstExprSeq *elts = &((const AstTuple *) target)->elts;
        left = elts->items[elts->n - 1];
    }
    if (right == NULL) {
        return true;
    }
    if (left->kind == AST_NAME) {
        return parse_fail_nodes(p, left, right,
                                "invalid syntax. Maybe you meant '==' or ':=' "
                                "instead of '='?");
    }
    if (!is_operand(left) || left->kind == AST_LIST || left->kind == AST_TUPLE
        || left->kind == AST_GENERATOR_EXP || find_bad_target(left, AST_STORE) == NULL) {
        return true;
    }
    if (left->kind == AST_CONSTANT) {
        const AstLiteralType type = ((const AstConstant *) left)->value.type;
        if (type == AST_LITERAL_NONE || type == AST_LITERAL_TRUE ||
            type == AST_LITERAL_FALSE) {
            return true;
        }
    }
    return parse_fail_node(
        p, left, "cannot assign to %s here. Maybe you meant '==' instead of '='?",
        check_expr_name(left));
}

/* One of the targets is none. */
static void fail_assign(Parse *p, const List *targets, const AstExpr *value) {
    const AstExpr *next = targets->n > 1 ? targets->items[1] : value;
    const AstExpr *right = first_operand(next);
    if (!guess_comparison(p, targets->items[0],
                          targets->n > 1 && right == next ? NULL : right)) {
        return;
    }
    for (uint32_t i = 0; i < targets->n; i++) {
        AstExpr *target = targets->items[i];
        if ((target->kind == AST_YIELD || target->kind == AST_YIELD_FROM)
            && !target->in_parentheses) {
            parse_fail_node(p, target, "assignment to yield expression not possible");
        }
        check_target(p, target);
    }
}

AstStmt *check_assign(Parse *p, TokenRange at, const List *targets, AstExpr *value) {
    for (uint32_t i = 0; i < targets->n; i++) {
        if (find_bad_target(targets->items[i], AST_STORE) != NULL) {
            fail_assign(p, targets, value);
            return NULL;
        }
        set_context(targets->items[i], AST_STORE);
    }
    return NODE(Assign, at, .targets = SEQ(Expr, targets), .value = value);
}

static bool is_single_target(const AstExpr *expr) {
    return expr->kind == AST_NAME || expr->kind == AST_ATTRIBUTE ||
           expr->kind == AST_SUBSCRIPT;
}

AstStmt *check_aug_assign(Parse *p, TokenRange at, AstExpr *target, AstOperator op,
                          AstExpr *value) {
    if (!is_single_target(target)) {
        parse_fail_node(p, target,
                        "'%s' is an illegal expression for augmented assignment",
                        check_expr_name(target));
        return NULL;
    }
    set_context(target, AST_STORE);
    return NODE(AugAssign, at, .target = target, .op = op, .value = value);
}

AstStmt *check_ann_assign(Parse *p, TokenRange at, AstExpr *target, AstExpr *annotation,
                          AstExpr *value) {
    if (target->kind == AST_LIST || target->kind == AST_TUPLE) {
        const AstExpr *place = is_bare_tuple(target)
                                   ? ((AstTuple *) target)->elts.items[0]
                                   : target;
        parse_fail_node(p, place, "only single target (not %s) can be annotated",
                        check_expr_name(target));
        return NULL;
    }
    if (!is_single_target(target)) {
        parse_fail_node(p, target, "illegal target for annotation");
        return NULL;
    }
    set_context(target, AST_STORE);
    return NODE(AnnAssign, at, .target = target, .annotation = annotation, .value = value,
                .simple = target->kind == AST_NAME && !target->in_parentheses);
}

AstExpr *check_named_expr(Parse *p, TokenRange at, AstExpr *target, AstExpr *value) {
    if (target->kind != AST_NAME || target->in_parentheses) {
        parse_fail_node(p, target, "cannot use assignment expressions with %s",
                        check_expr_name(target));
        return NULL;
    }
    set_context(target, AST_STORE);
    return NODE(NamedExpr, at, .target = target, .value = value);
}

bool check_no_bound(Parse *p, TokenRange at, const AstExpr *bound, const char *kind) {
    return parse_fail_range(p, at.first, at.last, "cannot use %s with %s",
                            bound->kind == AST_TUPLE ? "constraints" : "bound", kind);
}

/* ---- groups and comprehensions ---- */

bool check_group(Parse *p, const AstExpr *expr) {
    if (expr->kind == AST_STARRED) {
        return parse_fail_node(p, expr, "cannot use starred expression here");
    }
    return true;
}

bool check_comprehension(Parse *p, const AstExpr *elt) {
    if (elt->kind == AST_STARRED) {
        return parse_fail_node(p, elt,
                               "iterable unpacking cannot be used in comprehension");
    }
    return true;
}

/* ---- arguments ---- */

AstKeyword *check_keyword(Parse *p, TokenRange at, AstExpr *name, AstExpr *value,
                          uint32_t equal) {
    if (name->kind == AST_NAME && !name->in_parentheses) {
        return PART(Keyword, at, .arg = ((AstName *) name)->id, .value = value);
    }
    const Token *first = parse_token(p, at.first);
    if (equal == at.first + 1 &&
        (first->kind == TOKEN_TRUE || first->kind == TOKEN_FALSE ||
         first->kind == TOKEN_NONE)) {
        parse_fail_range(p, at.first, equal, "cannot assign to %s",
                         token_text(first->kind));
    } else {
        const Token *end = parse_token(p, equal);
        const SourcePlace place = {name->line, name->col, end->line,
                                   parse_column(p, end->line, end->end)};
        parse_fail(p, SYNTAX_ERROR_SYNTAX, place,
                   "expression cannot contain assignment, perhaps you meant \"==\"?");
    }
    return NULL;
}

static bool is_bare_generator(const AstNode *argument) {
    return argument->kind == AST_GENERATOR_EXP && !argument->in_parentheses;
}

/* Index of the token where the node begins. */
static uint32_t find_token(const Parse *p, const AstNode *node) {
    const uint32_t offset = p->line_starts.items[node->line - 1] + node->col;
    uint32_t low = 1;
    uint32_t high = (uint32_t) p->tokens.n - 1;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (parse_token(p, middle)->start < offset) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

/* The order: positional and *arguments, then keywords and *arguments, then keywords
 * and **arguments. closing is the token behind the arguments. */
static bool check_order(Parse *p, const List *args, uint32_t closing) {
    bool has_keyword = false;
    bool has_unpacking = false;
    for (uint32_t i = 0; i < args->n; i++) {
        const AstNode *argument = args->items[i];
        if (argument->kind == AST_KEYWORD) {
            has_keyword = true;
            has_unpacking |= ((const AstKeyword *) argument)->arg == NULL;
        } else if (argument->kind == AST_STARRED) {
            if (has_unpacking) {
                const uint32_t star = find_token(p, argument);
                const uint32_t next = i + 1 < args->n
                                          ? find_token(p, args->items[i + 1]) - 1
                                          : closing;
                return parse_fail_from(p, star - 1, next,
                                       "iterable argument unpacking follows "
                                       "keyword argument unpacking");
            }
        } else if (has_keyword && !is_bare_generator(argument)) {
            return parse_fail_at(p, closing,
                                 "positional argument follows keyword argument%s",
                                 has_unpacking ? " unpacking" : "");
        }
    }
    return true;
}

static bool check_generators(Parse *p, const List *args) {
    for (uint32_t i = 0; i < args->n; i++) {
        const AstNode *argument = args->items[i];
        if (is_bare_generator(argument) && (args->n > 1 || args->ends_with_comma)) {
            return parse_fail_node(p, argument,
                                   "Generator expression must be parenthesized");
        }
    }
    return true;
}

/* A name given twice is found by CPython's compiler, so it comes after all other errors. The
 * names seen so far are a hash table, at most half full. */
static void check_repeated(Parse *p, const List *keywords) {
    uint32_t size = 4;
    while (size < keywords->n * 2) {
        size *= 2;
    }
    const Ident **seen = mem_alloc_zeroed(size, sizeof *seen);
    for (uint32_t i = 0; i < keywords->n; i++) {
        const AstKeyword *keyword = keywords->items[i];
        if (keyword->arg == NULL) {
            continue;
        }
        uint32_t slot = keyword->arg->hash & (size - 1);
        while (seen[slot] != NULL && seen[slot] != keyword->arg) {
            slot = (slot + 1) & (size - 1);
        }
        if (seen[slot] != NULL) {
            parse_fail_late(p, &keyword->base,
                            arena_format(p->arena, "keyword argument repeated: %s",
                                         keyword->arg->text));
            break;
        }
        seen[slot] = keyword->arg;
    }
    mem_free(seen);
}

/* Checks arguments and sorts them into positional ones and keywords. */
static bool split_arguments(Parse *p, const List *args, uint32_t closing,
                            List **positional, List **keywords) {
    *positional = items_new(p);
    *keywords = items_new(p);
    if (args == NULL) {
        return true;
    }
    if (!check_generators(p, args) || !check_order(p, args, closing)) {
        return false;
    }
    for (uint32_t i = 0; i < args->n; i++) {
        AstNode *argument = args->items[i];
        items_add(p, argument->kind == AST_KEYWORD ? *keywords : *positional, argument);
    }
    if ((*keywords)->n > 1) {
        check_repeated(p, *keywords);
    }
    return true;
}

AstExpr *check_call(Parse *p, TokenRange at, AstExpr *func, const List *args,
                    TokenRange brackets) {
    List *positional;
    List *keywords;
    if (!split_arguments(p, args, brackets.last, &positional, &keywords)) {
        return NULL;
    }
    if (positional->n == 1 && is_bare_generator(positional->items[0])) {
        /* f(x for x in y): the call's brackets are the generator expression's. */
        const AstGeneratorExp *bare = positional->items[0];
        positional->items[0] = NODE(GeneratorExp, brackets, .elt = bare->elt,
                                    .generators = bare->generators);
    }
    return NODE(Call, at, .func = func, .args = SEQ(Expr, positional),
                .keywords = SEQ(Keyword, keywords));
}

AstStmt *check_class(Parse *p, TokenRange at, const Ident *name, const List *args,
                     const List *body) {
    List *bases;
    List *keywords;
    if (args != NULL && args->n == 1 && is_bare_generator(args->items[0])) {
        const AstGeneratorExp *bare = args->items[0];
        parse_fail_at(p, find_token(p, &bare->generators.items[0]->base),
                      "invalid syntax");
        return NULL;
    }
    uint32_t closing = at.first + 2;   /* class NAME ( */
    if (args != NULL) {
        const uint16_t level = parse_token(p, at.first)->level;
        while (parse_token(p, closing)->level > level) {
            closing++;
        }
    }
    if (!split_arguments(p, args, closing, &bases, &keywords)) {
        return NULL;
    }
    return NODE(ClassDef, at, .name = name, .bases = SEQ(Expr, bases),
                .keywords = SEQ(Keyword, keywords), .body = SEQ(Stmt, body));
}

/* ---- parameters ---- */

Parameter *parameter_new(Parse *p, ParameterKind kind, TokenRange at, AstArg *arg,
                         AstExpr *value) {
    Parameter *parameter = arena_alloc(p->arena, sizeof *parameter);
    *parameter = (Parameter) {kind, at, arg, value};
    return parameter;
}

/* What was seen so far, and where the parameters go. */
typedef struct Signature {
    List         *posonlyargs;
    List         *args;
    List         *kwonlyargs;
    List         *kw_defaults;
    List         *defaults;
    const AstArg *vararg;
    const AstArg *kwarg;
    bool          has_slash;
    bool          has_star;
    bool          has_double_star;
} Signature;

static bool add_plain(Parse *p, Signature *sig, const Parameter *parameter) {
    if (sig->has_star) {
        items_add(p, sig->kwonlyargs, parameter->arg);
        items_add(p, sig->kw_defaults, parameter->default_value);
        return true;
    }
    items_add(p, sig->args, parameter->arg);
    if (parameter->default_value != NULL) {
        items_add(p, sig->defaults, parameter->default_value);
    } else if (sig->defaults->n > 0) {
        return parse_fail_node(
            p, &parameter->arg->base,
            "parameter without a default follows parameter with a default");
    }
    return true;
}

static bool add_slash(Parse *p, Signature *sig, const Parameter *parameter,
                      bool is_last) {
    const uint32_t token = parameter->at.first;
    if (sig->has_star) {
        return parse_fail_at(p, token, "/ must be ahead of *");
    }
    if (sig->has_slash) {
        return parse_fail_at(p, token, "/ may appear only once");
    }
    if (sig->args->n == 0) {
        return parse_fail_at(p, token, is_last ? "invalid syntax"
                                               : "at least one argument must precede /");
    }
    sig->has_slash = true;
    sig->posonlyargs = sig->args;
    sig->args = items_new(p);
    return true;
}

/* next is what stands behind, or NULL. */
static bool add_star(Parse *p, Signature *sig, const Parameter *parameter,
                     const Parameter *next, bool is_lambda) {
    const uint32_t token = parameter->at.first;
    if (sig->has_star) {
        return parse_fail_at(p, token,
                             parameter->arg == NULL && next == NULL
                                 ? "invalid syntax"
                                 : "* argument may appear only once");
    }
    if (parameter->arg == NULL && (next == NULL || next->kind == PARAMETER_DOUBLE_STAR)) {
        const uint32_t after = token + 1 + (parse_token(p, token + 1)->kind == TOKEN_COMMA);
        const int kind = parse_token(p, after)->kind;
        if (kind != TOKEN_DOUBLE_STAR && kind != (is_lambda ? TOKEN_COLON : TOKEN_RPAR)) {
            return parse_fail_at(p, after, "invalid syntax");
        }
        const uint32_t place = !is_lambda     ? token
                               : next != NULL ? next->at.first
                                              : token + 1;
        return parse_fail_at(p, place, "named arguments must follow bare *");
    }
    sig->has_star = true;
    sig->vararg = parameter->arg;
    return true;
}

static bool add_parameter(Parse *p, Signature *sig, const Parameter *parameter,
                          const Parameter *next, bool is_lambda) {
    if (sig->has_double_star) {
        const uint32_t first = parameter->at.first;
        const char *message = "arguments cannot follow var-keyword argument";
        return parameter->kind == PARAMETER_PLAIN
                   ? parse_fail_node(p, &parameter->arg->base, "%s", message)
                   : parse_fail_at(p, first, "%s", message);
    }
    switch (parameter->kind) {
    case PARAMETER_PLAIN:
        return add_plain(p, sig, parameter);
    case PARAMETER_SLASH:
        return add_slash(p, sig, parameter, next == NULL);
    case PARAMETER_STAR:
        return add_star(p, sig, parameter, next, is_lambda);
    case PARAMETER_DOUBLE_STAR:
        sig->has_double_star = true;
        sig->kwarg = parameter->arg;
        return true;
    }
    return true;
}

AstArguments *check_parameters(Parse *p, TokenRange at, const List *parameters) {
    Signature sig = {
        .posonlyargs = items_new(p),
        .args = items_new(p),
        .kwonlyargs = items_new(p),
        .kw_defaults = items_new(p),
        .defaults = items_new(p),
    };
    const uint32_t n = list_count(parameters);
    for (uint32_t i = 0; i < n; i++) {
        const Parameter *parameter = parameters->items[i];
        const uint16_t before =
            parse_token(p, ((const Parameter *) parameters->items[0])->at.first - 1)
                ->kind;
        if (!add_parameter(p, &sig, parameter,
                           i + 1 < n ? parameters->items[i + 1] : NULL,
                           before == TOKEN_LAMBDA)) {
            return NULL;
        }
    }
    return PART(Arguments, at, .posonlyargs = SEQ(Arg, sig.posonlyargs),
                .args = SEQ(Arg, sig.args), .vararg = (AstArg *) sig.vararg,
                .kwonlyargs = SEQ(Arg, sig.kwonlyargs),
                .kw_defaults = SEQ(Expr, sig.kw_defaults), .kwarg = (AstArg *) sig.kwarg,
                .defaults = SEQ(Expr, sig.defaults));
}

/* ---- handlers ---- */

bool check_except_kind(Parse *p, const List *handlers, bool is_star, uint32_t except) {
    return handlers->is_star == is_star ||
           parse_fail_range(p, except, except + is_star,
                            "cannot have both 'except' and 'except*' on the same 'try'");
}

/* ---- statements that fold ---- */

AstStmt *fold_if(Parse *p, TokenRange at, AstExpr *test, const List *body,
                 const List *elifs, const List *orelse) {
    AstIf *result = (AstIf *) NODE(If, at, .test = test, .body = SEQ(Stmt, body));
    AstStmtSeq rest = SEQ(Stmt, orelse);
    for (uint32_t i = list_count(elifs); i-- > 0;) {
        AstIf *elif = elifs->items[i];
        elif->orelse = rest;
        elif->base.end_line = result->base.end_line;
        elif->base.end_col = result->base.end_col;
        ast_set_depth(&elif->base);
        rest = SEQ(Stmt, items_add(p, items_new(p), elif));
    }
    result->orelse = rest;
    ast_set_depth(&result->base);
    return &result->base;
}

/* Whether `with (a, b):` means two items, and not a tuple that no `with` could enter
 * anyway. */
static bool is_tuple_of_items(const AstWithItem *item) {
    const AstExpr *expr = item->context_expr;
    if (item->optional_vars != NULL || expr->kind != AST_TUPLE) {
        return false;
    }
    if (item->base.line != expr->line || item->base.col != expr->col) {
        return false;   /* with ((a, b)): the outer brackets are those of the items */
    }
    const AstTuple *tuple = (const AstTuple *) expr;
    for (uint32_t i = 0; i < tuple->elts.n; i++) {
        if (tuple->elts.items[i]->kind == AST_STARRED
            || (tuple->elts.items[i]->kind == AST_NAMED_EXPR
                && !tuple->elts.items[i]->in_parentheses)) {
            return false;
        }
    }
    return tuple->elts.n > 0;
}

AstStmt *fold_with(Parse *p, TokenRange at, const List *items, const List *body) {
    const AstWithItem *first = items->items[0];
    if (items->n == 1 && is_tuple_of_items(first)) {
        const AstTuple *tuple = (const AstTuple *) first->context_expr;
        List *unpacked = items_new(p);
        for (uint32_t i = 0; i < tuple->elts.n; i++) {
            AstExpr *expr = tuple->elts.items[i];
            AstWithItem *item = PART(WithItem, at, .context_expr = expr);
            item->base.line = expr->line;
            item->base.col = expr->col;
            item->base.end_line = expr->end_line;
            item->base.end_col = expr->end_col;
            items_add(p, unpacked, item);
        }
        items = unpacked;
    }
    return NODE(With, at, .items = SEQ(WithItem, items), .body = SEQ(Stmt, body));
}
