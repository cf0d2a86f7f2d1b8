/* check_pattern.c - the nodes of patterns, and what the grammar lets through of them that
 * Python does not.
 *
 * What needs a look at a whole pattern (names bound twice, alternatives) is the business
 * of interp/compile_match.c. See also: tree.h for the contracts. */

#include "grammar/parser.h"
#include "grammar/tree.h"

bool check_is_wildcard(const Ident *name) {
    return name->n_bytes == 1 && name->text[0] == '_';
}

AstPattern *check_capture_pattern(Parse *p, TokenRange at, const Ident *name) {
    return NODE(MatchAs, at, .name = check_is_wildcard(name) ? NULL : name);
}

AstPattern *check_literal_pattern(Parse *p, TokenRange at, AstExpr *value) {
    if (value->kind == AST_CONSTANT) {
        const AstLiteral literal = ((AstConstant *)value)->value;
        if (literal.type == AST_LITERAL_NONE || literal.type == AST_LITERAL_TRUE ||
            literal.type == AST_LITERAL_FALSE) {
            return NODE(MatchSingleton, at, .value = literal);
        }
    }
    if (value->kind == AST_JOINED_STR) {
        parse_fail_late(p, value,
                        "patterns may only match literals and attribute lookups");
    }
    return NODE(MatchValue, at, .value = value);
}

AstPattern *check_as_pattern(Parse *p, TokenRange at, AstPattern *pattern,
                             const Ident *name, uint32_t name_at) {
    if (check_is_wildcard(name)) {
        parse_fail_at(p, name_at, "cannot use '_' as a target");
        return NULL;
    }
    return NODE(MatchAs, at, .pattern = pattern, .name = name);
}

/* ---- complex numbers ---- */

static bool is_imaginary(const AstExpr *number) {
    return ((const AstConstant *)number)->value.type == AST_LITERAL_COMPLEX;
}

AstExpr *check_complex(Parse *p, TokenRange at, AstOperator op, AstExpr *left,
                       AstExpr *right) {
    if (right == NULL) {
        return NULL;
    }
    const AstExpr *real =
        left->kind == AST_UNARY_OP ? ((AstUnaryOp *)left)->operand : left;
    if (is_imaginary(real)) {
        parse_fail_node(p, real, "real number required in complex literal");
        return NULL;
    }
    if (!is_imaginary(right)) {
        parse_fail_node(p, right, "imaginary number required in complex literal");
        return NULL;
    }
    return NODE(BinOp, at, .left = left, .op = op, .right = right);
}

/* ---- mappings and classes ---- */

AstPattern *check_mapping_pattern(Parse *p, TokenRange at, const List *items,
                                  const Ident *rest) {
    List *keys = items_new(p);
    List *patterns = items_new(p);
    bool has_bad_key = false;
    for (uint32_t i = 0; i < list_count(items); i++) {
        const KeyValue *item = items->items[i];
        has_bad_key |= item->key->kind == AST_JOINED_STR;
        items_add(p, keys, item->key);
        items_add(p, patterns, item->value);
    }
    AstPattern *pattern = NODE(MatchMapping, at, .keys = SEQ(Expr, keys),
                               .patterns = SEQ(Pattern, patterns), .rest = rest);
    if (has_bad_key) {
        parse_fail_late(
            p, pattern,
            "mapping pattern keys may only match literals and attribute lookups");
    }
    return pattern;
}

AstPattern *check_mapping_rest(Parse *p, TokenRange at, const List *items,
                               const Ident *rest, uint32_t rest_at) {
    if (check_is_wildcard(rest)) {
        parse_fail_at(p, rest_at, "invalid syntax");
        return NULL;
    }
    return check_mapping_pattern(p, at, items, rest);
}

/* A positional pattern behind a keyword is told together with those that follow it. */
static bool fail_order(Parse *p, const List *args, uint32_t first) {
    uint32_t last = first;
    while (last + 1 < args->n &&
           ((AstNode *)args->items[last + 1])->kind != AST_KEYWORD) {
        last++;
    }
    return parse_fail_nodes(p, args->items[first], args->items[last],
                            "positional patterns follow keyword patterns");
}

AstPattern *check_class_pattern(Parse *p, TokenRange at, AstExpr *cls, const List *args) {
    List *positional = items_new(p);
    List *names = items_new(p);
    List *patterns = items_new(p);
    for (uint32_t i = 0; i < list_count(args); i++) {
        AstNode *argument = args->items[i];
        if (argument->kind == AST_KEYWORD) {
            items_add(p, names, (void *)((AstKeyword *)argument)->arg);
            items_add(p, patterns, ((AstKeyword *)argument)->value);
        } else if (names->n > 0) {
            fail_order(p, args, i);
            return NULL;
        } else {
            items_add(p, positional, argument);
        }
    }
    return NODE(MatchClass, at, .cls = cls, .patterns = SEQ(Pattern, positional),
                .kwd_attrs = SEQ(Ident, names), .kwd_patterns = SEQ(Pattern, patterns));
}
