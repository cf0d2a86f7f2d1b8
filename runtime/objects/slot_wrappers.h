/* slot_wrappers.h - the special methods of built-in types as attributes, made from their
 * KindOps: what list.__len__, (5).__add__ or super().__setattr__ find. */

#ifndef MINI_OBJECTS_SLOT_WRAPPERS_H
#define MINI_OBJECTS_SLOT_WRAPPERS_H

#include "runtime/objects/native.h"
#include "runtime/objects/type.h"

/* Gives a built-in type its attributes: methods and getsets of its KindOps, the wrappers,
 * __doc__. The tables' lock is held. False: exception pending. */
bool slot_wrappers_fill(Context *cx, ObjType *type);

/* Whether a native function found as that special method on the built-in type of the
 * layout only does what its KindOps do. */
bool slot_wrappers_has(ObjKind layout, SpecialId id, const ObjNative *native);

#endif
