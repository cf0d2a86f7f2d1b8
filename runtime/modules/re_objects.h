/* re_objects.h - compiled patterns and matches of the module _re. */

#ifndef MINI_MODULES_RE_OBJECTS_H
#define MINI_MODULES_RE_OBJECTS_H

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

#include "runtime/modules/re_translate.h"
#include "runtime/objects/byte_view.h"
#include "runtime/objects/native.h"

/* How a match is anchored: nowhere, at its begin, at both ends. */
typedef enum ReMode { RE_SEARCH, RE_MATCH, RE_FULLMATCH, RE_MODE_COUNT } ReMode;

/* For PCRE2 a pattern is compiled up to so many times, each when it is first needed: for
 * plain ASCII (where a pattern without other characters needs no UTF), and for all texts. */
enum { RE_FOR_ASCII, RE_FOR_ALL, RE_SUBJECT_COUNT };

typedef struct ObjPattern {
    Obj header;
    Value pattern;     /* [const] str or bytes */
    Value names;       /* [const] dict from group name to number */
    Value error_class; /* [const] */
    char *text;        /* [const] in PCRE2's syntax, malloc'ed */
    size_t n_text;     /* [const] */
    uint16_t *closing; /* [const] see Translation, malloc'ed */
    uint32_t n_groups; /* [const] */
    int flags;         /* [const] */
    bool is_bytes;     /* [const] */
    bool is_ascii;     /* [const] */
    pcre2_code *codes[RE_SUBJECT_COUNT][RE_MODE_COUNT]; /* [atomic] NULL until needed */
    pcre2_code *careful[RE_MODE_COUNT];                 /* [atomic] with callouts */
    pcre2_match_data *spare; /* [atomic] taken out while in use */
} ObjPattern;

typedef struct ObjMatch {
    Obj header;
    ObjPattern *pattern; /* [const] */
    Value string;        /* [const] str or a bytes-like object */
    const char *data;    /* [const] the bytes of string; kept by string */
    Value owner;         /* [const] what keeps data, where that is not string */
    int64_t pos;         /* [const] in characters */
    int64_t endpos;      /* [const] */
    uint32_t last_group; /* [const] 0: none */
    size_t
        spans[]; /* [const] begin and end of each group in bytes; SIZE_MAX: not matched */
} ObjMatch;

#define AS_PATTERN(v) ((ObjPattern *)AS_OBJ(v))
#define AS_MATCH(v)   ((ObjMatch *)AS_OBJ(v))

/* What is searched in. Valid while it is on the C stack. */
typedef struct ReSubject {
    Value string;
    ObjStr *text; /* NULL for bytes */
    const char *data;
    size_t n_bytes; /* up to endpos */
    size_t from;    /* pos in bytes */
    int64_t pos;
    int64_t endpos;
    bool is_ascii;
} ReSubject;

/* pos and endpos may be VALUE_UNSET. */
bool re_subject(Context *cx, const ObjPattern *p, Value string, Value pos, Value endpos,
                ReSubject *subject);
/* Matches from byte `from` on. 1: *data is the match data, to be given back by re_release;
 * 0: no match; -1: exception. not_empty: an empty match at `from` does not count. */
int re_run(Context *cx, ObjPattern *p, ReMode mode, const ReSubject *subject, size_t from,
           bool not_empty, pcre2_match_data **data);
void re_release(ObjPattern *p, pcre2_match_data *data);
/* A Match of it. */
Value re_match_new(Context *cx, ObjPattern *p, const ReSubject *subject,
                   const pcre2_match_data *data);
/* Bytes [from, to) of the subject as a str or bytes. */
Value re_piece(Context *cx, const ReSubject *subject, size_t from, size_t to);
/* Group i of the match data; none when it took part in nothing. */
Value re_group(Context *cx, const ReSubject *subject, const pcre2_match_data *data,
               uint32_t i, Value none);
/* Appends what a template gives for a match to *out: the groups' bytes are at data. False:
 * exception pending. */
typedef struct ReTemplate ReTemplate;
ReTemplate *re_template_read(Context *cx, ObjPattern *p, Value text);
void re_template_free(ReTemplate *t);
bool re_template_add(Context *cx, const ReTemplate *t, const char *data,
                     const size_t *spans, Buf *out);

#endif
