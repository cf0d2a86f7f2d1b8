/* typed_array.h - array.array: numbers of one machine type, one behind the other.
 *
 * A typed array is a bytearray that knows the type of its items: storage, lock and the rules for memoryviews are those of
 * bytearray.h, with bytes.n a multiple of the size of an item. Characters ('u', 'w') are the type 'w': code points of 4 bytes. */

#ifndef MINI_OBJECTS_TYPED_ARRAY_H
#define MINI_OBJECTS_TYPED_ARRAY_H

#include "runtime/objects/bytearray.h"
#include "runtime/objects/item.h"

typedef struct ObjTypedArray {
    ObjByteArray bytes;
    ItemType type;     /* [const] */
    char code;         /* [const] as the script gave it: 'u' or 'w' for characters, else type.code */
} ObjTypedArray;

#define IS_TYPED_ARRAY(v) IS_KIND(v, KIND_TYPED_ARRAY)
#define AS_TYPED_ARRAY(v) ((ObjTypedArray *)AS_OBJ(v))


#endif
