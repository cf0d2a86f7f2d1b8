/* ast_dump.c - the tree as an S-expression, for tests and debugging. */

#include "grammar/ast.h"

#include <inttypes.h>

/* Recursion ends here; what lies deeper is shown as "...". */
enum { MAX_SHOWN_DEPTH = 2000 };

typedef struct Dump {
    FILE *out;
    int   with_positions;
    int   depth;
} Dump;

static void dump_node(Dump *d, const AstNode *node);

static void dump_text(FILE *out, const char *text, size_t n_bytes) {
    fputc('"', out);
    for (size_t i = 0; i < n_bytes; i++) {
        const unsigned char c = (unsigned char) text[i];
        if (c == '"' || c == '\\') {
            fprintf(out, "\\%c", c);
        } else if (c < ' ' || c == 0x7F) {
            fprintf(out, "\\x%02x", c);
        } else {
            fputc(c, out);
        }
    }
    fputc('"', out);
}

static void dump_literal(FILE *out, const AstLiteral *literal) {
    switch (literal->type) {
    case AST_LITERAL_NONE: fputs("None", out); break;
    case AST_LITERAL_FALSE: fputs("False", out); break;
    case AST_LITERAL_TRUE: fputs("True", out); break;
    case AST_LITERAL_ELLIPSIS: fputs("Ellipsis", out); break;
    case AST_LITERAL_INT: fprintf(out, "%" PRId64, literal->integer); break;
    case AST_LITERAL_BIG_INT:
        fprintf(out, "%" PRIu32 "#%s", literal->base, literal->text);
        break;
    case AST_LITERAL_FLOAT: fprintf(out, "%.17gf", literal->number); break;
    case AST_LITERAL_COMPLEX: fprintf(out, "%.17gj", literal->number); break;
    case AST_LITERAL_BYTES:
        fputc('b', out);
        dump_text(out, literal->text, literal->n_bytes);
        break;
    case AST_LITERAL_STR: dump_text(out, literal->text, literal->n_bytes); break;
    }
}

static void dump_opt(Dump *d, const AstNode *node) {
    if (node == NULL) {
        fputs(" -", d->out);
    } else {
        fputc(' ', d->out);
        dump_node(d, node);
    }
}

static void dump_seq(Dump *d, uint32_t n, AstNode *const *items) {
    fputs(" [", d->out);
    for (uint32_t i = 0; i < n; i++) {
        if (i > 0) {
            fputc(' ', d->out);
        }
        if (items[i] == NULL) {
            fputc('-', d->out);
        } else {
            dump_node(d, items[i]);
        }
    }
    fputc(']', d->out);
}

static void dump_ident(Dump *d, const Ident *ident) {
    fprintf(d->out, " %s", ident == NULL ? "-" : ident->text);
}

static const char *context_text(AstExprContext context) {
    return context == AST_LOAD ? "Load" : context == AST_STORE ? "Store" : "Del";
}

/* The texts of the enumerations in ast.def, under names made from theirs. */
#define TEXT_OF_Operator ast_operator_text
#define TEXT_OF_BoolOperator ast_bool_operator_text
#define TEXT_OF_UnaryOperator ast_unary_operator_text
#define TEXT_OF_ExprContext context_text

static void dump_fields(Dump *d, const AstNode *node) {
    switch ((AstKind) node->kind) {
#define AST_NODE(ENUMERATOR, Name, fields) \
    case AST_##ENUMERATOR: { \
        const Ast##Name *self = (const Ast##Name *) node; \
        (void) self; \
        fields \
        break; \
    }
#define F_NODE(Type, name) dump_opt(d, (const AstNode *) self->name);
#define F_OPT(Type, name) dump_opt(d, (const AstNode *) self->name);
#define F_SEQ(Type, name) dump_seq(d, self->name.n, (AstNode **) self->name.items);
#define F_SEQ_OPT(Type, name) F_SEQ(Type, name)
#define F_SEQ_HIDDEN(Type, name) \
    if (self->name.n > 0) { \
        F_SEQ(Type, name) \
    }
#define F_IDENT(name) dump_ident(d, self->name);
#define F_IDENT_OPT(name) dump_ident(d, self->name);
#define F_IDENTS(name) \
    for (uint32_t i = 0; i < self->name.n; i++) { \
        dump_ident(d, self->name.items[i]); \
    }
#define F_CMP_OPS(name) \
    for (uint32_t i = 0; i < self->name.n; i++) { \
        fprintf(d->out, " %s", ast_cmp_operator_text(self->name.items[i])); \
    }
#define F_ENUM(Type, name) fprintf(d->out, " %s", TEXT_OF_##Type(self->name));
#define F_INT(name) fprintf(d->out, " %" PRId32, self->name);
#define F_FLAG(name) fputs(self->name ? " " #name : "", d->out);
#define F_LITERAL(name) fputc(' ', d->out), dump_literal(d->out, &self->name);
#include "grammar/ast.def"
    case AST_KIND_COUNT:
        break;
    }
}

static void dump_node(Dump *d, const AstNode *node) {
    if (d->depth == MAX_SHOWN_DEPTH) {
        fputs("...", d->out);
        return;
    }
    d->depth++;
    fprintf(d->out, "(%s", ast_kind_name((AstKind) node->kind));
    if (d->with_positions) {
        fprintf(d->out, "@%" PRIu32 ":%" PRIu32 "-%" PRIu32 ":%" PRIu32, node->line,
                node->col, node->end_line, node->end_col);
    }
    dump_fields(d, node);
    fputc(')', d->out);
    d->depth--;
}

void ast_dump(FILE *out, const AstNode *node, int with_positions) {
    dump_node(&(Dump) {out, with_positions, 0}, node);
}
