/* mod_errno.c - the module errno: the numbers of the system's errors, and their names. */

#include <errno.h>

#include "runtime/modules/modules.h"
#include "runtime/objects/dict.h"
#include "runtime/objects/str.h"

/* Of two names for one number the later one stands in errorcode. */
static const ModuleNumber everywhere[] = {
#define E(name) {#name, name}
    E(EPERM), E(ENOENT), E(ESRCH), E(EINTR), E(EIO), E(ENXIO), E(E2BIG), E(ENOEXEC), E(EBADF), E(ECHILD),
    E(EWOULDBLOCK), E(EAGAIN), E(ENOMEM), E(EACCES), E(EFAULT), E(ENOTBLK), E(EBUSY), E(EEXIST), E(EXDEV), E(ENODEV),
    E(ENOTDIR), E(EISDIR), E(EINVAL), E(ENFILE), E(EMFILE), E(ENOTTY), E(ETXTBSY), E(EFBIG), E(ENOSPC), E(ESPIPE),
    E(EROFS), E(EMLINK), E(EPIPE), E(EDOM), E(ERANGE), E(EDEADLK), E(ENAMETOOLONG), E(ENOLCK), E(ENOSYS), E(ENOTEMPTY),
    E(ELOOP), E(ENOMSG), E(EIDRM), E(ENOSTR), E(ENODATA), E(ETIME), E(ENOSR), E(EREMOTE), E(ENOLINK), E(EPROTO),
    E(EMULTIHOP), E(EBADMSG), E(EOVERFLOW), E(EILSEQ), E(EUSERS), E(ENOTSOCK), E(EDESTADDRREQ), E(EMSGSIZE),
    E(EPROTOTYPE), E(ENOPROTOOPT), E(EPROTONOSUPPORT), E(ESOCKTNOSUPPORT), E(EOPNOTSUPP), E(ENOTSUP), E(EPFNOSUPPORT),
    E(EAFNOSUPPORT), E(EADDRINUSE), E(EADDRNOTAVAIL), E(ENETDOWN), E(ENETUNREACH), E(ENETRESET), E(ECONNABORTED),
    E(ECONNRESET), E(ENOBUFS), E(EISCONN), E(ENOTCONN), E(ESHUTDOWN), E(ETOOMANYREFS), E(ETIMEDOUT), E(ECONNREFUSED),
    E(EHOSTDOWN), E(EHOSTUNREACH), E(EALREADY), E(EINPROGRESS), E(ESTALE), E(EDQUOT), E(ECANCELED), E(EOWNERDEAD),
    E(ENOTRECOVERABLE),
};

#if defined(__linux__)
static const ModuleNumber of_linux[] = {
    E(ECHRNG), E(EL2NSYNC), E(EL3HLT), E(EL3RST), E(ELNRNG), E(EUNATCH), E(ENOCSI), E(EL2HLT), E(EBADE), E(EBADR),
    E(EXFULL), E(ENOANO), E(EBADRQC), E(EBADSLT), E(EBFONT), E(ENONET), E(ENOPKG), E(EADV), E(ESRMNT), E(ECOMM),
    E(EDOTDOT), E(ENOTUNIQ), E(EBADFD), E(EREMCHG), E(ELIBACC), E(ELIBBAD), E(ELIBSCN), E(ELIBMAX), E(ELIBEXEC),
    E(ERESTART), E(ESTRPIPE), E(EUCLEAN), E(ENOTNAM), E(ENAVAIL), E(EISNAM), E(EREMOTEIO), E(ENOMEDIUM),
    E(EMEDIUMTYPE), E(ENOKEY), E(EKEYEXPIRED), E(EKEYREVOKED), E(EKEYREJECTED), E(ERFKILL), E(EDEADLOCK),
};
#endif
#undef E

static bool add_numbers(Context *cx, ObjModule *module, ObjDict *names, const ModuleNumber *errors, size_t n) {
    for (size_t i = 0; i < n; i++) {
        ObjStr *name = str_intern(cx, errors[i].name, strlen(errors[i].name));
        const Value number = value_from_int(errors[i].value);
        if (name == NULL || !module_set(cx, module, name, number) ||
            !dict_set(cx, names, number, OBJ_VALUE(name))) {
            return false;
        }
    }
    return true;
}

bool mod_errno_open(Context *cx, ObjModule *module) {
    ObjDict *names = dict_new(cx, 0);
    return names != NULL && module_set_c(cx, module, "errorcode", OBJ_VALUE(names)) &&
           add_numbers(cx, module, names, everywhere, sizeof everywhere / sizeof everywhere[0])
#if defined(__linux__)
           && add_numbers(cx, module, names, of_linux, sizeof of_linux / sizeof of_linux[0])
#endif
        ;
}
