/* eval_ops.h - the slow halves of instructions. All may run script code, collect and switch threads; th->stack.pc has been
 * saved. They return VALUE_ERROR, false or -1 with an exception pending. */

#ifndef MINI_INTERP_EVAL_OPS_H
#define MINI_INTERP_EVAL_OPS_H

#include "interp/call.h"
#include "runtime/objects/code.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/list.h"

/* Names. The first three raise UnboundLocalError or NameError. */
void eval_raise_unbound(Thread *th, unsigned local);
void eval_raise_unbound_free(Thread *th, unsigned index);
void eval_raise_no_global(Thread *th, uint32_t cell);
Value eval_load_name(Thread *th, Value names, Value name);
bool eval_delete_name(Thread *th, Value names, Value name);
Value eval_load_class_free(Thread *th, Value names, unsigned index, Value name);

/* Attributes: by the other entries of the site, then the long way, which fills an entry. The getter of a property is entered,
 * then its result goes to result_register. */
CallOutcome eval_load_attr(Thread *th, CodeSite *site, Value object, unsigned result_register,
                           Value *result);
bool eval_store_attr(Thread *th, CodeSite *site, Value object, Value value);
bool eval_load_method(Thread *th, CodeSite *site, Value object, Value *window);
bool eval_load_super_method(Thread *th, CodeSite *site, Value *window, Value type, Value self);
Value eval_load_super_attr(Thread *th, CodeSite *site, Value super, Value type, Value self);

/* Operators: numbers of different types first. */
Value eval_binary(Context *cx, BinaryOp op, Value a, Value b);
Value eval_inplace(Context *cx, BinaryOp op, Value a, Value b);
int eval_compare(Context *cx, CompareOp op, Value a, Value b);   /* as a truth value */

bool eval_unpack(Thread *th, Value source, Value *targets, unsigned n);
bool eval_unpack_star(Thread *th, Value source, Value *targets, unsigned n_before, unsigned n_after);
Value eval_build_set(Thread *th, const Value *items, unsigned n);
Value eval_build_dict(Thread *th, const Value *pairs, unsigned n);
/* callee, for the message, or VALUE_UNSET */
bool eval_list_extend(Thread *th, ObjList *list, Value iterable, Value callee);
bool eval_dict_update(Thread *th, ObjDict *dict, Value mapping);
bool eval_dict_merge(Thread *th, ObjDict *dict, Value mapping, Value callee);
/* Patterns (eval_match.c): True or False; registers from window on, n keys or positional
 * attributes. */
Value eval_match_sequence(Thread *th, Value subject, uint32_t n, bool or_more);
Value eval_match_mapping(Thread *th, Value subject, uint32_t n);
Value eval_match_keys(Thread *th, Value *window, Value subject, unsigned n);
Value eval_match_rest(Thread *th, const Value *window, Value subject, unsigned n);   /* the dict */
Value eval_match_class(Thread *th, Value *window, Value subject, unsigned n, ObjTuple *names);
Value eval_format(Thread *th, const Value *operands, unsigned conversion);

/* MAKE_FUNCTION: parts are the registers from R[A] on, captures the words behind. */
Value eval_make_function(Thread *th, ObjCode *code, const Value *parts, unsigned flags,
                         const uint32_t *captures);
Value eval_build_class(Thread *th, const Value *parts);
/* One step of `yield from` on something that is no generator. VALUE_STOP at its end, *returned is its value. */
Value eval_send(Thread *th, Value iterator, Value sent, Value *returned);

/* await, async for, async with (eval_async.c). */
Value eval_yield_from_prepare(Thread *th, Value iterable, bool is_written);
Value eval_await_prepare(Thread *th, Value awaitable, unsigned context);
Value eval_async_iter(Thread *th, Value iterable);
Value eval_async_next(Thread *th, Value iterator);
Value eval_async_with_enter(Thread *th, Value manager, Value *state);
Value eval_async_with_exit(Thread *th, const Value *state, Value exception);   /* VALUE_UNSET: none */

Value eval_import(Thread *th, ObjStr *name, unsigned level, bool wants_last);
void eval_settle(Thread *th, unsigned first_dead, Value *stale);
Value eval_load_global_name(Thread *th, Value name);
bool eval_delete_global_name(Thread *th, Value name);
Value eval_import_from(Thread *th, Value module, ObjStr *name);
bool eval_import_star(Thread *th, Value module, Value names);

/* state: __exit__ and what it is called on. */
bool eval_with_enter(Thread *th, Value manager, Value *state, Value *result);
bool eval_with_exit(Thread *th, const Value *state);
int eval_with_exit_exception(Thread *th, const Value *state, Value exception);  /* 1: swallowed; 0; -1 */

#endif
