/* pickle.h - the quick half of pickle: data of built-in types, as bytes of protocol 4 or 5 and back.
 *
 * What holds anything else (instances, functions, classes, integers of more than 64 bits, what contains itself by way of a
 * tuple) or is no right pickle is left to lib/pickle.mini, which begins anew: no script code has run by then. */

#ifndef MINI_MODULES_PICKLE_H
#define MINI_MODULES_PICKLE_H

#include "runtime/objects/abstract.h"

typedef enum PickleOutcome { PICKLE_DONE, PICKLE_NOT_PLAIN, PICKLE_FAILED /* exception pending */ } PickleOutcome;

/* A bytes; VALUE_NOT_IMPLEMENTED when the value is not plain; VALUE_ERROR. */
Value pickle_dump_plain(Context *cx, Value v, int protocol);
/* The object; VALUE_NOT_IMPLEMENTED when the bytes are not plain; VALUE_ERROR. */
Value pickle_load_plain(Context *cx, Value bytes);

#endif
