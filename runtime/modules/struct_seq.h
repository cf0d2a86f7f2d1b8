/* struct_seq.h - tuples whose items have names: sys.version_info, os.stat_result,
 * time.struct_time. */

#ifndef MINI_MODULES_STRUCT_SEQ_H
#define MINI_MODULES_STRUCT_SEQ_H

#include "runtime/objects/type.h"

enum { STRUCT_SEQ_MAX_FIELDS = 20 };

/* Makes the class: name as in "version_info", module as in "sys", fields ends with NULL.
 * NULL: exception pending. */
ObjType *struct_seq_type(Context *cx, const char *module, const char *name, const char *const *fields);

/* An instance of such a class, with one value for each field. */
Value struct_seq_new(Context *cx, ObjType *type, const Value *values, size_t n);

#endif
