/* frame.h - frames as scripts see them: sys._getframe(), traceback.tb_frame.
 *
 * A frame object is a picture of the moment at which it was asked for: it does not change
 * when the function goes on. */

#ifndef MINI_OBJECTS_FRAME_H
#define MINI_OBJECTS_FRAME_H

#include "runtime/objects/code.h"

typedef struct ObjFrame {
    Obj header;
    ObjCode *code;      /* [const] */
    Value back;         /* [const] the caller's ObjFrame or VALUE_NONE */
    Value locals;       /* [const] a dict, or VALUE_UNSET where they were not kept */
    uint32_t line;      /* [const] */
    uint32_t instruction; /* [const] */
} ObjFrame;

/* NULL with MemoryError pending. */
ObjFrame *frame_new(Context *cx, ObjCode *code, uint32_t instruction, Value back, Value locals);

#endif
