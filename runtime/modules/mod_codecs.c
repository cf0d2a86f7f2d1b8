/* mod_codecs.c - the module _codecs: what lib/codecs.mini needs. */

#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/codec.h"
#include "runtime/objects/codec_names.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/tuple.h"

NATIVE(codecs_name, "name(encoding, /)",
       "The first name of an encoding; None: unknown.") {
    if (!IS_STR(args[0])) {
        return exc_raise(cx, EXC_TypeError, "lookup() argument must be str, not %s",
                         arg_type_name(cx, args[0]));
    }
    const Encoding *encoding =
        codec_find(AS_STR(args[0])->data, AS_STR(args[0])->n_bytes);
    ObjStr *name = encoding == NULL ? NULL : str_from_c(cx, encoding->name);
    return encoding == NULL ? VALUE_NONE : name == NULL ? VALUE_ERROR : OBJ_VALUE(name);
}

NATIVE(codecs_decode_part, "decode_part(data, encoding, errors, final, /)",
       "The text of a piece of data, and how many bytes it took: not those of a "
       "character that is not complete.") {
    bool is_final;
    const Value data = byte_view_to_bytes(cx, args[0]);
    if (IS_ERROR(data) || !arg_bool(cx, args[3], true, &is_final)) {
        return VALUE_ERROR;
    }
    if (!IS_BYTES(data)) {
        return exc_raise(cx, EXC_TypeError, "a bytes-like object is required, not '%s'",
                         type_name_of(cx, data));
    }
    size_t n_done = AS_BYTES(data)->n_bytes;
    const Value text =
        is_final ? codec_decode(cx, AS_BYTES(data), args[1], args[2])
                 : codec_decode_part(cx, AS_BYTES(data), args[1], args[2], &n_done);
    return IS_ERROR(text) ? VALUE_ERROR
                          : tuple_pack(cx, 2, text, value_from_int((int64_t)n_done));
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(codecs_name), NATIVE_ENTRY(codecs_decode_part), {0}};

bool mod_codecs_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
