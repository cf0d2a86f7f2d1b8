/* mod_mmap.c - the module mmap, and memory with a name for multiprocessing.shared_memory. The type is in
 * objects/memory_map.c. */

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runtime/modules/modules.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/memory_map.h"
#include "runtime/objects/type.h"

static const ModuleNumber numbers[] = {
    {"ACCESS_DEFAULT", ACCESS_DEFAULT},
    {"ACCESS_READ", ACCESS_READ},
    {"ACCESS_WRITE", ACCESS_WRITE},
    {"ACCESS_COPY", ACCESS_COPY},
#define N(name) \
    { #name, name }
    N(PROT_READ),
    N(PROT_WRITE),
    N(PROT_EXEC),
    N(MAP_SHARED),
    N(MAP_PRIVATE),
    {"MAP_ANON", MAP_ANONYMOUS},
    N(MAP_ANONYMOUS),
    N(MADV_NORMAL),
    N(MADV_RANDOM),
    N(MADV_SEQUENTIAL),
    N(MADV_WILLNEED),
    N(MADV_DONTNEED),
#if defined(__linux__)
    N(MAP_POPULATE),
    N(MAP_NORESERVE),
    N(MAP_STACK),
    N(MADV_FREE),
    N(MADV_REMOVE),
    N(MADV_DONTFORK),
    N(MADV_DOFORK),
    N(MADV_HUGEPAGE),
    N(MADV_NOHUGEPAGE),
#endif
#undef N
    {NULL, 0},
};

NATIVE(mmap_shm_open, "_shm_open(path, flags, mode=0o777)",
       "Open memory with a name; return its descriptor.") {
    const ObjStr *path = arg_str(cx, args[0], "shm_open", "path");
    int flags;
    int mode = 0777;
    if (path == NULL || !arg_int32(cx, args[1], &flags) ||
        (!IS_UNSET(args[2]) && !arg_int32(cx, args[2], &mode))) {
        return VALUE_ERROR;
    }
    const int fd = shm_open(path->data, flags, (mode_t)mode);
    return fd < 0 ? exc_raise_errno(cx, errno, args[0]) : value_from_int(fd);
}

NATIVE(mmap_shm_unlink, "_shm_unlink(path)", "Take the name from memory.") {
    const ObjStr *path = arg_str(cx, args[0], "shm_unlink", "path");
    if (path == NULL) {
        return VALUE_ERROR;
    }
    return shm_unlink(path->data) < 0 ? exc_raise_errno(cx, errno, args[0]) : VALUE_NONE;
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(mmap_shm_open),
    NATIVE_ENTRY(mmap_shm_unlink),
    {NULL, NULL, NULL, 0},
};

bool mod_mmap_open(Context *cx, ObjModule *module) {
    const Value page_bytes = int_from_i64(cx, sysconf(_SC_PAGESIZE));
    ObjType *error = exc_type(cx, EXC_OSError);
    return error != NULL && module_set_c(cx, module, "PAGESIZE", page_bytes) &&
           module_set_c(cx, module, "ALLOCATIONGRANULARITY", page_bytes) &&
           module_set_c(cx, module, "error", OBJ_VALUE(error)) &&
           module_add_numbers(cx, module, numbers) &&
           module_add_natives(cx, module, functions) &&
           module_add_type(cx, module, KIND_MEMORY_MAP, NULL);
}
