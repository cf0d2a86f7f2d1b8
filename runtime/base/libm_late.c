/* libm_late.c - the mathematical library of the system, loaded when one of its functions is first called.
 *
 * Most scripts never call one, and to load the library takes a tenth of a start. So the program defines the functions
 * itself, as doors to the real ones. Only where the library is a file of its own that can be found by name: glibc, in
 * builds without sanitizers (which have doors of their own); elsewhere this file is empty. A function that has no door
 * here is an undefined reference when the program is linked: add it. */

#include "runtime/base/platform.h"

#if defined(MINI_LIBM_LATE)

#    include <complex.h>
#    include <dlfcn.h>
#    include <gnu/lib-names.h>
#    include <math.h>

#    include "runtime/base/atomics.h"
#    include "runtime/base/panic.h"

typedef void (*AnyFunction)(void);

/* Two threads may come here at once: they find the same. */
static AnyFunction find(const char *name) {
    void *library = dlopen(LIBM_SO, RTLD_NOW);
    AnyFunction function = library == NULL ? NULL : (AnyFunction)dlsym(library, name);
    if (function == NULL) {
        panic("%s: %s", LIBM_SO, dlerror());
    }
    return function;
}

#    define DOOR(result, name, parameters, arguments)           \
        result name parameters {                                \
            static AnyFunction found; /* [atomic] */            \
            AnyFunction function = atomic_load_relaxed(&found); \
            if (UNLIKELY(function == NULL)) {                   \
                function = find(#name);                         \
                atomic_store_relaxed(&found, function);         \
            }                                                   \
            return ((result(*) parameters)function)arguments;   \
        }
#    define DOOR_1(name)       DOOR(double, name, (double x), (x))
#    define DOOR_2(name)       DOOR(double, name, (double x, double y), (x, y))
#    define DOOR_COMPLEX(name) DOOR(double complex, name, (double complex z), (z))

DOOR_1(acos)
DOOR_1(acosh)
DOOR_1(asin)
DOOR_1(asinh)
DOOR_1(atan)
DOOR_2(atan2)
DOOR_1(atanh)
DOOR_1(cbrt)
DOOR_1(ceil)
DOOR_1(cos)
DOOR_1(cosh)
DOOR_1(erf)
DOOR_1(erfc)
DOOR_1(exp)
DOOR_1(exp2)
DOOR_1(expm1)
DOOR_1(floor)
DOOR(double, fma, (double x, double y, double z), (x, y, z))
DOOR_2(fmod)
DOOR_2(hypot)
DOOR(int, ilogb, (double x), (x))
DOOR_1(lgamma)
DOOR(long long, llround, (double x), (x))
DOOR_1(log)
DOOR_1(log10)
DOOR_1(log1p)
DOOR_1(log2)
DOOR_1(nearbyint)
DOOR_2(nextafter)
DOOR_2(pow)
DOOR_2(remainder)
DOOR_1(rint)
DOOR_1(round)
DOOR_1(sin)
DOOR_1(sinh)
DOOR_1(sqrt)
DOOR_1(tan)
DOOR_1(tanh)
DOOR_1(tgamma)
DOOR_1(trunc)

DOOR_COMPLEX(cacos)
DOOR_COMPLEX(cacosh)
DOOR_COMPLEX(casin)
DOOR_COMPLEX(casinh)
DOOR_COMPLEX(catan)
DOOR_COMPLEX(catanh)
DOOR_COMPLEX(ccos)
DOOR_COMPLEX(ccosh)
DOOR_COMPLEX(cexp)
DOOR_COMPLEX(clog)
DOOR_COMPLEX(csin)
DOOR_COMPLEX(csinh)
DOOR_COMPLEX(csqrt)
DOOR_COMPLEX(ctan)
DOOR_COMPLEX(ctanh)

/* What compilers make of sin(x) and cos(x) of the same x. */
void sincos(double x, double *sine, double *cosine);
DOOR(void, sincos, (double x, double *sine, double *cosine), (x, sine, cosine))

#endif
