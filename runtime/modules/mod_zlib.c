/* mod_zlib.c - the module _zlib: checksums, and compression in one piece (mod_zlib_stream.c: in several). Large inputs are
 * worked on without the GIL. */

#include <zlib.h>

#include "runtime/base/mem.h"
#include "runtime/block.h"
#include "runtime/modules/mod_zlib.h"
#include "runtime/modules/modules.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"
#include "runtime/objects/tuple.h"

enum { LARGE_BYTES = 4096 };
#define ZLIB_MAX_INPUT ((size_t)UINT32_MAX)

typedef uLong (*Checksum)(uLong start, const Bytef *data, z_size_t n_bytes);

static Value checksum(Context *cx, Value *args, Checksum function, uint32_t start) {
    ByteView view;
    if (!byte_view_of(cx, args[0], &view)) {
        return VALUE_ERROR;
    }
    if (!IS_UNSET(args[1])) {
        /* The lower 32 bits of any int. */
        const Value mask = value_from_int(UINT32_MAX);
        const Value index = int_index(cx, args[1]);
        const Value low =
            IS_ERROR(index) ? VALUE_ERROR : int_binary(cx, BINARY_AND, index, mask);
        if (IS_ERROR(low)) {
            return VALUE_ERROR;
        }
        start = (uint32_t)value_to_int(low);
    }
    uLong sum;
    if (view.n_bytes < LARGE_BYTES) {
        sum = function(start, (const Bytef *)view.data, view.n_bytes);
    } else {
        block_begin(cx, BLOCK_COMPUTE, VALUE_NONE, BLOCK_FOREVER);
        sum = function(start, (const Bytef *)view.data, view.n_bytes);
        block_end(cx);
    }
    return int_from_u64(cx, sum);
}

NATIVE(zlib_crc32, "crc32(data, value=0, /)", "Compute a CRC-32 checksum of data.") {
    return checksum(cx, args, crc32_z, 0);
}

NATIVE(zlib_adler32, "adler32(data, value=1, /)",
       "Compute an Adler-32 checksum of data.") {
    return checksum(cx, args, adler32_z, 1);
}

/* Either direction: runs until the end of the input; *out is malloc'ed. Needs no GIL. */
typedef struct Job {
    z_stream stream;
    int (*step)(z_stream *stream, int flush);
    char *out;
    size_t n_out;
    int result;
} Job;

static void work(Job *job) {
    size_t capacity = job->stream.avail_in / 2 + 64;
    job->out = mem_alloc(capacity);
    do {
        if (job->n_out == capacity) {
            capacity *= 2;
            job->out = mem_resize(job->out, capacity, 1);
        }
        const size_t room = capacity - job->n_out;
        job->stream.next_out = (Bytef *)job->out + job->n_out;
        job->stream.avail_out = room > UINT32_MAX ? UINT32_MAX : (uInt)room;
        const uInt before = job->stream.avail_out;
        job->result = job->step(&job->stream, Z_FINISH);
        job->n_out += before - job->stream.avail_out;
    } while ((job->result == Z_OK || job->result == Z_BUF_ERROR) &&
             job->stream.avail_out == 0);
}

/* The output as bytes, or (code, message) when zlib refused. */
static Value run(Context *cx, Job *job, const ByteView *view) {
    job->stream.next_in = (Bytef *)(uintptr_t)view->data;
    job->stream.avail_in = (uInt)view->n_bytes;
    block_begin(cx, BLOCK_COMPUTE, VALUE_NONE, BLOCK_FOREVER);
    work(job);
    block_end(cx);
    Value result;
    if (job->result == Z_STREAM_END) {
        ObjBytes *bytes = bytes_new(cx, job->out, job->n_out);
        result = bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
    } else {
        ObjStr *message =
            str_from_c(cx, job->stream.msg != NULL      ? job->stream.msg
                           : job->result == Z_BUF_ERROR ? "incomplete or truncated stream"
                                                        : "");
        const Value pair[] = {value_from_int(job->result),
                              message == NULL ? VALUE_NONE : OBJ_VALUE(message)};
        result = message == NULL ? VALUE_ERROR : tuple_from(cx, pair, 2);
    }
    mem_free(job->out);
    return result;
}

static bool input(Context *cx, Value v, ByteView *view) {
    if (!byte_view_of(cx, v, view)) {
        return false;
    }
    if (view->n_bytes > ZLIB_MAX_INPUT) {
        exc_raise(cx, EXC_OverflowError, "Size does not fit in an unsigned int");
        return false;
    }
    return true;
}

NATIVE(zlib_compress, "compress(data, level, wbits, /)",
       "Compress: bytes, or a tuple of an error code and a message.") {
    ByteView view;
    int level;
    int wbits;
    if (!input(cx, args[0], &view) || !arg_int32(cx, args[1], &level) ||
        !arg_int32(cx, args[2], &wbits)) {
        return VALUE_ERROR;
    }
    Job job = {.step = deflate};
    const int error =
        deflateInit2(&job.stream, level, Z_DEFLATED, wbits, 8, Z_DEFAULT_STRATEGY);
    if (error != Z_OK) {
        const Value pair[] = {value_from_int(error), VALUE_NONE};
        return tuple_from(cx, pair, 2);
    }
    const Value result = run(cx, &job, &view);
    deflateEnd(&job.stream);
    return result;
}

NATIVE(zlib_decompress, "decompress(data, wbits, /)",
       "Decompress: bytes, or a tuple of an error code and a message.") {
    ByteView view;
    int wbits;
    if (!input(cx, args[0], &view) || !arg_int32(cx, args[1], &wbits)) {
        return VALUE_ERROR;
    }
    Job job = {.step = inflate};
    const int error = inflateInit2(&job.stream, wbits);
    if (error != Z_OK) {
        const Value pair[] = {value_from_int(error), VALUE_NONE};
        return tuple_from(cx, pair, 2);
    }
    const Value result = run(cx, &job, &view);
    inflateEnd(&job.stream);
    return result;
}

static const NativeDef functions[] = {
    NATIVE_ENTRY(zlib_crc32),
    NATIVE_ENTRY(zlib_adler32),
    NATIVE_ENTRY(zlib_compress),
    NATIVE_ENTRY(zlib_decompress),
    {0},
};

bool mod_zlib_open(Context *cx, ObjModule *module) {
    return module_add_natives(cx, module, functions) && mod_zlib_stream_open(cx, module);
}
