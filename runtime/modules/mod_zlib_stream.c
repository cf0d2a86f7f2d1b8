/* mod_zlib_stream.c - compressobj and decompressobj of the module zlib: data that comes piece by piece.
 *
 * A stream stands in malloc'ed memory, for the heap does not move but z_stream points to itself through its state. `busy` is held
 * while a thread works on it, which happens without the GIL. */

#include <zlib.h>

#include "runtime/base/buf.h"
#include "runtime/base/mem.h"
#include "runtime/gc/mark.h"
#include "runtime/modules/busy.h"
#include "runtime/modules/mod_zlib.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/int.h"

typedef struct ObjZstream {
    Obj header;
    z_stream *stream;  /* [busy] NULL after the end */
    uint32_t busy;     /* [atomic] 1: a thread uses it */
    bool is_at_end;    /* [busy] to change; [atomic] to look at: of the compressed data */
    Value dictionary;  /* [const] bytes or VALUE_UNSET */
    Value unused_data; /* [busy], [atomic] bytes behind the compressed data */
    Value unconsumed_tail; /* [busy], [atomic] bytes that max_length left */
} ObjZstream;

#define AS_ZSTREAM(v) ((ObjZstream *)AS_OBJ(v))

enum { PIECE_BYTES = 16384 };

static bool raise_zlib(Context *cx, const ObjZstream *z, int error, const char *doing) {
    const char *text = error == Z_BUF_ERROR      ? "incomplete or truncated stream"
                       : error == Z_STREAM_ERROR ? "inconsistent stream state"
                       : z->stream != NULL && z->stream->msg != NULL ? z->stream->msg
                       : error == Z_DATA_ERROR ? "invalid input data"
                                               : NULL;
    if (text == NULL) {
        module_raise(cx, "zlib", "error", "Error %d while %s", error, doing);
    } else {
        module_raise(cx, "zlib", "error", "Error %d while %s: %s", error, doing, text);
    }
    return false;
}

static ObjZstream *stream_object(Context *cx, ObjKind kind, Value dictionary) {
    ByteView view;
    ObjZstream *z = (ObjZstream *)heap_alloc(cx, sizeof(ObjZstream), kind, kind);
    if (z == NULL) {
        return NULL;
    }
    z->unused_data = cx->rt->empty_bytes;
    z->unconsumed_tail = cx->rt->empty_bytes;
    if (!IS_UNSET(dictionary) && !IS_NONE(dictionary)) {
        if (!byte_view_of(cx, dictionary, &view)) {
            return NULL;
        }
        z->dictionary = byte_view_to_bytes(cx, dictionary);
        if (IS_ERROR(z->dictionary)) {
            return NULL;
        }
    }
    return z;
}

/* Publishes the stream when it could be made. */
static Value open_stream(Context *cx, ObjZstream *z, z_stream *stream, int error) {
    if (error == Z_OK) {
        z->stream = stream;
        return OBJ_VALUE(z);
    }
    mem_free(stream);
    return error == Z_MEM_ERROR
               ? exc_raise_no_memory(cx)
               : exc_raise(cx, EXC_ValueError, "Invalid initialization option");
}

static bool option(Context *cx, Value v, int *out) {
    return IS_UNSET(v) || arg_int32(cx, v, out);
}

NATIVE(zlib_compressobj,
       "compressobj(level=-1, method=8, wbits=15, memLevel=8, strategy=0, zdict=None)",
       "Return a compressor object.") {
    int level = Z_DEFAULT_COMPRESSION;
    int method = Z_DEFLATED;
    int wbits = MAX_WBITS;
    int memory = 8;
    int strategy = Z_DEFAULT_STRATEGY;
    if (!option(cx, args[0], &level) || !option(cx, args[1], &method) ||
        !option(cx, args[2], &wbits) || !option(cx, args[3], &memory) ||
        !option(cx, args[4], &strategy)) {
        return VALUE_ERROR;
    }
    ObjZstream *z = stream_object(cx, KIND_ZLIB_COMPRESS, args[5]);
    if (z == NULL) {
        return VALUE_ERROR;
    }
    z_stream *stream = mem_alloc_zeroed(1, sizeof *stream);
    const Value result = open_stream(
        cx, z, stream, deflateInit2(stream, level, method, wbits, memory, strategy));
    if (!IS_ERROR(result) && !IS_UNSET(z->dictionary)) {
        deflateSetDictionary(stream, (const Bytef *)AS_BYTES(z->dictionary)->data,
                             (uInt)AS_BYTES(z->dictionary)->n_bytes);
    }
    return result;
}

static int set_inflate_dictionary(const ObjZstream *z, z_stream *stream) {
    return inflateSetDictionary(stream, (const Bytef *)AS_BYTES(z->dictionary)->data,
                                (uInt)AS_BYTES(z->dictionary)->n_bytes);
}

NATIVE(zlib_decompressobj, "decompressobj(wbits=15, zdict=b'')",
       "Return a decompressor object.") {
    int wbits = MAX_WBITS;
    if (!option(cx, args[0], &wbits)) {
        return VALUE_ERROR;
    }
    ObjZstream *z = stream_object(cx, KIND_ZLIB_DECOMPRESS, args[1]);
    if (z == NULL) {
        return VALUE_ERROR;
    }
    z_stream *stream = mem_alloc_zeroed(1, sizeof *stream);
    const Value result = open_stream(cx, z, stream, inflateInit2(stream, wbits));
    if (!IS_ERROR(result) && !IS_UNSET(z->dictionary) && wbits < 0) {
        set_inflate_dictionary(z, stream);
    }
    return result;
}

static bool is_compressor(const ObjZstream *z) {
    return z->header.kind == KIND_ZLIB_COMPRESS;
}

static int step(const ObjZstream *z, int flush) {
    if (is_compressor(z)) {
        return deflate(z->stream, flush);
    }
    const int result = inflate(z->stream, flush);
    return result == Z_NEED_DICT && !IS_UNSET(z->dictionary) &&
                   set_inflate_dictionary(z, z->stream) == Z_OK
               ? inflate(z->stream, flush)
               : result;
}

/* Works until the input is used up, or n_max bytes came out (0: no limit); busy is held, the GIL is not. */
static int pump(const ObjZstream *z, int flush, size_t n_max, Buf *out) {
    int result;
    do {
        const size_t room = n_max != 0 && n_max - out->n_bytes < PIECE_BYTES
                                ? n_max - out->n_bytes
                                : PIECE_BYTES;
        z->stream->next_out = (Bytef *)buf_reserve(out, room);
        z->stream->avail_out = (uInt)room;
        result = step(z, flush);
        out->n_bytes += room - z->stream->avail_out;
    } while ((result == Z_OK || result == Z_BUF_ERROR) && z->stream->avail_out == 0 &&
             (n_max == 0 || out->n_bytes < n_max));
    return result;
}

static Value take(Context *cx, Buf *out) {
    ObjBytes *bytes = bytes_new(cx, out->bytes, out->n_bytes);
    buf_free(out);
    return bytes == NULL ? VALUE_ERROR : OBJ_VALUE(bytes);
}

/* Works on the input; busy is held. *result is zlib's. False: the input is too large. */
static bool run(Context *cx, ObjZstream *z, const ByteView *view, int flush, size_t n_max,
                Buf *out, int *result) {
    *result = Z_STREAM_ERROR;
    if (view->n_bytes > UINT32_MAX) {
        exc_raise(cx, EXC_OverflowError, "Size does not fit in an unsigned int");
        return false;
    }
    if (z->stream != NULL) {
        z->stream->next_in = (Bytef *)(uintptr_t)view->data;
        z->stream->avail_in = (uInt)view->n_bytes;
        block_begin(cx, BLOCK_COMPUTE, OBJ_VALUE(z), BLOCK_FOREVER);
        *result = pump(z, flush, n_max, out);
        block_end(cx);
    }
    return true;
}

static void close_stream(ObjZstream *z) {
    if (z->stream != NULL) {
        if (is_compressor(z)) {
            deflateEnd(z->stream);
        } else {
            inflateEnd(z->stream);
        }
        mem_free(z->stream);
        z->stream = NULL;
    }
}

/* What came out, or an exception for what zlib said. */
static Value finish_call(Context *cx, ObjZstream *z, int result, const char *doing,
                         Buf *out) {
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR) {
        return take(cx, out);
    }
    buf_free(out);
    raise_zlib(cx, z, result, doing);
    return VALUE_ERROR;
}

static Value deflate_some(Context *cx, ObjZstream *z, const ByteView *view, int flush,
                          const char *doing) {
    Buf out = {0};
    int result;
    if (!busy_acquire(cx, OBJ_VALUE(z), &z->busy)) {
        return VALUE_ERROR;
    }
    Value answer = VALUE_ERROR;
    if (run(cx, z, view, flush, 0, &out, &result)) {
        answer = finish_call(cx, z, result, doing, &out);
        if (result == Z_STREAM_END && flush == Z_FINISH) {
            close_stream(z);
        }
    }
    busy_release(&z->busy);
    return answer;
}

NATIVE(compress_compress, "compress(self, data, /)",
       "Returns a bytes object containing compressed data.") {
    ByteView view;
    return byte_view_of(cx, args[1], &view) ? deflate_some(cx, AS_ZSTREAM(args[0]), &view,
                                                           Z_NO_FLUSH, "compressing data")
                                            : VALUE_ERROR;
}

NATIVE(compress_flush, "flush(self, mode=4, /)",
       "Return a bytes object containing any remaining compressed data.") {
    const ByteView nothing = {"", 0};
    int mode = Z_FINISH;
    if (!option(cx, args[1], &mode)) {
        return VALUE_ERROR;
    }
    return mode == Z_NO_FLUSH
               ? cx->rt->empty_bytes
               : deflate_some(cx, AS_ZSTREAM(args[0]), &nothing, mode, "flushing");
}

/* What is left of the input after a call of inflate. False: MemoryError. */
static bool keep_rest(Context *cx, ObjZstream *z, int result) {
    const z_stream *stream = z->stream;
    const bool is_end = result == Z_STREAM_END;
    ObjBytes *rest = bytes_new(
        cx, stream->avail_in == 0 ? "" : (const char *)stream->next_in, stream->avail_in);
    if (rest == NULL) {
        return false;
    }
    value_store(&z->unconsumed_tail, is_end ? cx->rt->empty_bytes : OBJ_VALUE(rest));
    if (is_end) {
        atomic_store_relaxed(&z->is_at_end, true);
        value_store(&z->unused_data, OBJ_VALUE(rest));
    }
    return true;
}

/* Data behind the end is only kept. */
static Value add_unused(Context *cx, ObjZstream *z, const ByteView *view) {
    const ObjBytes *old = AS_BYTES(z->unused_data);
    ObjBytes *all = bytes_new(cx, NULL, old->n_bytes + view->n_bytes);
    if (all == NULL) {
        return VALUE_ERROR;
    }
    memcpy(all->data, old->data, old->n_bytes);
    memcpy(all->data + old->n_bytes, view->data, view->n_bytes);
    value_store(&z->unused_data, OBJ_VALUE(all));
    return cx->rt->empty_bytes;
}

/* busy is held. */
static Value inflate_held(Context *cx, ObjZstream *z, const ByteView *view, int flush,
                          size_t n_max) {
    Buf out = {0};
    int result;
    if (z->is_at_end) {
        return add_unused(cx, z, view);
    }
    if (!run(cx, z, view, flush, n_max, &out, &result)) {
        return VALUE_ERROR;
    }
    const bool is_ok = result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR;
    if (is_ok && !keep_rest(cx, z, result)) {
        buf_free(&out);
        return VALUE_ERROR;
    }
    return finish_call(cx, z, result, "decompressing data", &out);
}

NATIVE(decompress_decompress, "decompress(self, data, /, max_length=0)",
       "Return a bytes object containing the decompressed version of the data.") {
    ByteView view;
    int64_t n_max = 0;
    if (!byte_view_of(cx, args[1], &view) ||
        (!IS_UNSET(args[2]) && !arg_int(cx, args[2], &n_max))) {
        return VALUE_ERROR;
    }
    if (n_max < 0) {
        return exc_raise(cx, EXC_ValueError, "max_length must be non-negative");
    }
    ObjZstream *z = AS_ZSTREAM(args[0]);
    if (!busy_acquire(cx, args[0], &z->busy)) {
        return VALUE_ERROR;
    }
    const Value answer = inflate_held(cx, z, &view, Z_SYNC_FLUSH, (size_t)n_max);
    busy_release(&z->busy);
    return answer;
}

NATIVE(decompress_flush, "flush(self, length=16384, /)",
       "Return a bytes object containing any remaining decompressed data.") {
    ObjZstream *z = AS_ZSTREAM(args[0]);
    int64_t length = 1;
    if (!IS_UNSET(args[1]) && !arg_int(cx, args[1], &length)) {
        return VALUE_ERROR;
    }
    if (length <= 0) {
        return exc_raise(cx, EXC_ValueError, "length must be greater than zero");
    }
    if (!busy_acquire(cx, args[0], &z->busy)) {
        return VALUE_ERROR;
    }
    const ObjBytes *tail = AS_BYTES(z->unconsumed_tail);
    const ByteView view = {tail->data, tail->n_bytes};
    const Value answer =
        z->is_at_end ? cx->rt->empty_bytes : inflate_held(cx, z, &view, Z_FINISH, 0);
    busy_release(&z->busy);
    return answer;
}

NATIVE(zstream_copy, "copy(self, /)", "Return a copy of the object.") {
    ObjZstream *z = AS_ZSTREAM(args[0]);
    ObjZstream *copy = stream_object(cx, (ObjKind)z->header.kind, z->dictionary);
    if (copy == NULL || !busy_acquire(cx, args[0], &z->busy)) {
        return VALUE_ERROR;
    }
    copy->is_at_end = z->is_at_end;
    copy->unused_data = z->unused_data;
    copy->unconsumed_tail = z->unconsumed_tail;
    z_stream *stream = z->stream == NULL ? NULL : mem_alloc_zeroed(1, sizeof *stream);
    const int error = stream == NULL     ? Z_STREAM_ERROR
                      : is_compressor(z) ? deflateCopy(stream, z->stream)
                                         : inflateCopy(stream, z->stream);
    busy_release(&z->busy);
    if (error != Z_OK) {
        mem_free(stream);
        return exc_raise(cx, EXC_ValueError, "Inconsistent stream state");
    }
    copy->stream = stream;
    return OBJ_VALUE(copy);
}

static Value get_unused(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_ZSTREAM(self)->unused_data);
}

static Value get_tail(Context *cx, Value self) {
    (void)cx;
    return value_load(&AS_ZSTREAM(self)->unconsumed_tail);
}

static Value get_eof(Context *cx, Value self) {
    (void)cx;
    return BOOL_VALUE(atomic_load_relaxed(&AS_ZSTREAM(self)->is_at_end));
}

static void zstream_trace(GcMarker *m, Obj *o) {
    const ObjZstream *z = (const ObjZstream *)o;
    gc_mark_value(m, z->dictionary);
    gc_mark_value(m, z->unused_data);
    gc_mark_value(m, z->unconsumed_tail);
}

static void zstream_finish(Obj *o) {
    close_stream((ObjZstream *)o);
}

static const NativeDef compress_methods[] = {NATIVE_ENTRY(compress_compress),
                                             NATIVE_ENTRY(compress_flush),
                                             NATIVE_ENTRY(zstream_copy),
                                             {0}};

static const NativeDef decompress_methods[] = {NATIVE_ENTRY(decompress_decompress),
                                               NATIVE_ENTRY(decompress_flush),
                                               NATIVE_ENTRY(zstream_copy),
                                               {0}};

static const GetsetDef decompress_getsets[] = {
    {"unused_data", "Data found after the end of the compressed stream.", get_unused,
     NULL},
    {"unconsumed_tail", "Input that was left because of max_length.", get_tail, NULL},
    {"eof", "Whether the end of the compressed data was reached.", get_eof, NULL},
    {0},
};

const KindOps kind_ops_ObjZlibCompress = {
    .trace = zstream_trace, .finish = zstream_finish, .methods = compress_methods};

const KindOps kind_ops_ObjZlibDecompress = {.trace = zstream_trace,
                                            .finish = zstream_finish,
                                            .methods = decompress_methods,
                                            .getsets = decompress_getsets};

static const NativeDef functions[] = {
    NATIVE_ENTRY(zlib_compressobj), NATIVE_ENTRY(zlib_decompressobj), {0}};

bool mod_zlib_stream_open(Context *cx, ObjModule *module) {
    return module_add_type(cx, module, KIND_ZLIB_COMPRESS, "zlib") &&
           module_add_type(cx, module, KIND_ZLIB_DECOMPRESS, "zlib") &&
           module_add_natives(cx, module, functions);
}
