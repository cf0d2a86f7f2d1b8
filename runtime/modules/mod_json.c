/* mod_json.c - the module _json: the quick part of runtime/lib/json.mini. */

#include "runtime/modules/json.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/abstract.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/native.h"

NATIVE(json_encode_native,
       "encode(value, default, item_separator, key_separator, indent, ensure_ascii, allow_nan, sort_keys, skipkeys, "
       "check_circular, /)",
       "Return the JSON text of a value.") {
    JsonFormat format = {.default_function = args[1]};
    format.item_separator = arg_str(cx, args[2], "encode", "item_separator");
    format.key_separator = arg_str(cx, args[3], "encode", "key_separator");
    if (format.item_separator == NULL || format.key_separator == NULL) {
        return VALUE_ERROR;
    }
    if (!IS_NONE(args[4])) {
        format.indent = arg_str(cx, args[4], "encode", "indent");
        if (format.indent == NULL) {
            return VALUE_ERROR;
        }
    }
    if (!arg_bool(cx, args[5], true, &format.ascii_only) || !arg_bool(cx, args[6], true, &format.allow_nan) ||
        !arg_bool(cx, args[7], false, &format.sorts_keys) || !arg_bool(cx, args[8], false, &format.skips_keys) ||
        !arg_bool(cx, args[9], true, &format.finds_circles)) {
        return VALUE_ERROR;
    }
    return json_encode(cx, args[0], &format);
}

/* Six arguments from `args` on. */
static bool hooks_from(Context *cx, const Value *args, JsonHooks *hooks) {
    *hooks = (JsonHooks){args[0], args[1], args[2], args[3], args[4], true};
    return arg_bool(cx, args[5], true, &hooks->is_strict);
}

NATIVE(json_decode_native,
       "decode(text, object_hook, object_pairs_hook, parse_float, parse_int, parse_constant, strict, /)",
       "Return the value of a JSON text.") {
    JsonHooks hooks;
    ObjStr *text = arg_str(cx, args[0], "decode", "text");
    if (text == NULL || !hooks_from(cx, args + 1, &hooks)) {
        return VALUE_ERROR;
    }
    return json_decode(cx, text, &hooks);
}

NATIVE(json_decode_at_native,
       "decode_at(text, place, object_hook, object_pairs_hook, parse_float, parse_int, parse_constant, strict, /)",
       "Return the value of the JSON at a place, and the place behind it.") {
    JsonHooks hooks;
    int64_t place;
    ObjStr *text = arg_str(cx, args[0], "decode_at", "text");
    if (text == NULL || !arg_int(cx, args[1], &place) || !hooks_from(cx, args + 2, &hooks)) {
        return VALUE_ERROR;
    }
    if (place < 0) {
        return exc_raise(cx, EXC_ValueError, "idx cannot be negative");
    }
    return json_decode_at(cx, text, (size_t)place, &hooks);
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(json_encode_native),
    NATIVE_ENTRY(json_decode_native),
    NATIVE_ENTRY(json_decode_at_native),
    {NULL, NULL, NULL, 0},
};

bool mod_json_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions);
}
