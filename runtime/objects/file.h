/* file.h - files: open(), the standard streams, text and binary.
 *
 * Text files, binary ones (by what can be done with them) and those without a buffer have types of their own and one layout. A
 * file object says how bytes and values relate (text or not, encoding, line
 * ends); the descriptor, its buffers and its lock are its FileStream (file_stream.h), outside the heap.
 *
 * Atomic in both modes: write() of one text, readline() (a line goes to one thread). A thread that waits for a file
 * has given up the GIL. */

#ifndef MINI_OBJECTS_FILE_H
#define MINI_OBJECTS_FILE_H

#include "runtime/objects/file_stream.h"
#include "runtime/objects/str.h"

typedef struct ObjFile {
    Obj header;
    FileStream *stream;          /* [const] once published with release; shared with views */
    Value name;                  /* [const] str, bytes or int */
    Value mode;                  /* [const] str, as the script sees it */
    Value encoding;              /* [atomic] str; VALUE_NONE in binary files */
    Value errors;                /* [atomic] str; VALUE_NONE in binary files */
    Value buffer;                /* [atomic] binary view of the same stream, or VALUE_UNSET */
    bool is_text;                /* [const] */
    bool is_strict_utf8;         /* [atomic relaxed] encoding and errors are the usual ones */
    bool is_line_buffered;       /* [atomic relaxed] */
    bool is_write_through;       /* [atomic relaxed] */
    uint8_t newline;             /* [atomic relaxed] NewlineMode */
} ObjFile;

/* STEP file-kinds */
static inline bool file_is_kind(uint8_t kind) {
    return kind >= KIND_FILE && kind <= KIND_FILE_IO;
}

#define IS_FILE(v) (IS_OBJ(v) && file_is_kind(AS_OBJ(v)->kind))
#define AS_FILE(v) ((ObjFile *)AS_OBJ(v))

/* The arguments of open(); each but file may be VALUE_UNSET. */
typedef struct FileOpenArgs {
    Value file;       /* str, bytes, an object with __fspath__, or a descriptor */
    Value mode;
    Value buffering;
    Value encoding;
    Value errors;
    Value newline;
    Value closefd;
    Value opener;
} FileOpenArgs;

/* open(). May block. */
Value file_open(Context *cx, const FileOpenArgs *args);

/* A file on a descriptor, as sys.stdin, stdout and stderr are made: mode "r" or "w" (text, UTF-8) or "rb", "wb". Line-buffered
 * when it is a terminal or descriptor 2; is_unbuffered: written at once. VALUE_NONE when the descriptor is not open. */
Value file_from_fd(Context *cx, int fd, const char *mode, const char *name, bool closes,
                   bool is_unbuffered);

/* Another file on the stream of f: kind is that of the view, which is binary. */
ObjFile *file_view(Context *cx, ObjFile *f, ObjKind kind);
/* The kind of a binary file that can be read, written or both. */
ObjKind file_binary_kind(bool can_read, bool can_write);
/* A text file on the stream of a binary one; VALUE_NONE when that cannot be done in C because of the encoding. */
Value file_text_over(Context *cx, ObjFile *f, Value encoding, Value errors, Value newline);
/* The type of a kind of files. NULL: exception pending. */
ObjType *file_type(Context *cx, ObjKind kind);

/* Writes a text as one piece; file IS_FILE. For several threads at the same file: one call, one piece. */
bool file_write_str(Context *cx, Value file, ObjStr *text);
bool file_write_text(Context *cx, Value file, const char *utf8, size_t n_bytes);
bool file_flush(Context *cx, Value file);
/* One line with its end, as str or bytes; empty at the end of the file. limit < 0: none. */
Value file_readline(Context *cx, Value file, int64_t limit);
/* The descriptor; -1 when the file is closed. */
int file_descriptor(Value file);

/* The end of the interpreter: flushes sys.stdout and sys.stderr (whatever they are by now), then all files that are still
 * open. False when a standard stream could not be flushed; that was reported on stderr ("Exception ignored on flushing
 * sys.stdout: ..."), and the exit status is 120. No exception is left pending. */
bool file_flush_std(Context *cx);

/* Writes out what is buffered for files that were opened by path. A script that does not close a file expects to find
 * there what it wrote: without reference counts nobody notices that the file is not used any more. So this is done before a
 * path is opened or asked about, and before other programs run. Errors are left for the next flush. */
void file_flush_written(Context *cx);

/* Around fork(). Before the world is stopped, by who wants nothing to be written twice: writes out what is buffered (errors
 * are left for the next flush). In the child: frees all locks; what a thread of the parent was writing is forgotten. */
void file_before_fork(Context *cx);
void file_after_fork_child(Context *cx);

/* str or bytes out of a path of any type; VALUE_UNSET when it is none. */
Value file_path_text(Context *cx, Value path);

/* A path as system calls want it, in malloc'ed memory (mem_free): from str, bytes or an object with __fspath__. NULL with
 * TypeError or ValueError pending. function and parameter name the caller in messages ("rename", "src"); function NULL:
 * open's message. */
char *file_path_arg(Context *cx, Value path, const char *function, const char *parameter);

#endif
