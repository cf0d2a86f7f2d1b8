/* generator.h - generators: a window of registers kept on the heap between two
 * resumptions.
 *
 * To resume, interp/ copies the window to the thread's register stack and runs it there;
 * to yield, it copies it back. Whoever wants to resume takes state from SUSPENDED (or
 * CREATED) to RUNNING by compare and swap; who fails gets ValueError "generator already
 * executing". While it is RUNNING the registers here are stale and are not traced. */

#ifndef MINI_OBJECTS_GENERATOR_H
#define MINI_OBJECTS_GENERATOR_H

#include "runtime/objects/function.h"

typedef enum GeneratorState {
    GENERATOR_CREATED, GENERATOR_SUSPENDED, GENERATOR_RUNNING, GENERATOR_DONE
} GeneratorState;

typedef struct ObjGenerator {
    Obj header;
    uint8_t state;            /* [atomic] GeneratorState */
    bool is_started;          /* [owner of RUNNING] it was suspended at a yield, not just created */
    uint32_t n_registers;     /* [const] */
    uint32_t at;              /* [owner of RUNNING] the instruction to go on with */
    uint32_t result_register; /* [owner of RUNNING] where the value sent goes */
    ObjFunction *function;    /* [const] */
    ObjStr *name;             /* [const] */
    ObjStr *qualname;         /* [const] */
    Value handled;            /* [owner of RUNNING] the exception that is handled inside */
    Value delegate;           /* [owner of RUNNING] what `yield from` works on, or VALUE_UNSET */
    Value registers[];        /* [owner of RUNNING] */
} ObjGenerator;

#define IS_GENERATOR(v) IS_KIND(v, KIND_GENERATOR)
#define AS_GENERATOR(v) ((ObjGenerator *)AS_OBJ(v))

ObjGenerator *generator_new(Context *cx, ObjFunction *function, uint32_t n_registers);

#endif
