/* eval_loop.h - what the loop (eval_loop.inc) needs around it. Only for eval.c and eval_counted.c. */

#ifndef MINI_INTERP_EVAL_LOOP_H
#define MINI_INTERP_EVAL_LOOP_H

#include "interp/cache.h"
#include "interp/call.h"
#include "interp/eval_ops.h"
#include "interp/safepoint.h"
#include "interp/unwind.h"
#include "interp/watch.h"
#include "runtime/base/config.h"
#include "runtime/base/panic.h"
#include "runtime/gc/finalize.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/exception_group.h"
#include "runtime/objects/int.h"
#include "runtime/objects/iter.h"
#include "runtime/objects/list.h"
#include "runtime/objects/range.h"
#include "runtime/objects/set.h"
#include "runtime/objects/str_format.h"

/* The opcode of ins, for the slow half of an instruction: decoded again, since otherwise the compiler keeps a copy for us at
 * every dispatch. */
static inline Opcode opcode_again(Instruction ins) {
    CONFIG_FORGET(ins);
    return (Opcode)INS_OP(ins);
}

/* The counted instance, as eval_run. */
Value eval_run_counted(Thread *th);

#endif
