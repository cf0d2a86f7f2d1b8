/* line_editor.c - libedit as mini uses it. See line_editor.h.
 *
 * libedit asks for each key through read_key, which brackets the system call as everything that waits is bracketed, and
 * says "interrupted" to libedit when Ctrl-C came; and for Tab through complete, which calls the completer. */

#include "interp/line_editor.h"

#include <errno.h>
#include <histedit.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <wchar.h>

#include "runtime/base/buf.h"
#include "runtime/base/mem.h"
#include "runtime/block.h"
#include "runtime/call.h"
#include "runtime/gc/gc.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/list.h"
#include "runtime/objects/str.h"

enum { HISTORY_LINES = 2000 };
/* What stands between two of these is not counted as width of the prompt. */
static const char INVISIBLE = '\1';

struct LineEditor {
    Context *cx;
    EditLine *edit;
    History *history;
    char *history_path;
    char *prompt;
    Value completer;
    bool is_interrupted;
    bool has_colour;
};

static LineEditor *editor_of(EditLine *edit) {
    void *editor = NULL;
    el_get(edit, EL_CLIENTDATA, &editor);
    return editor;
}

/* Keys */

/* A byte of the terminal: 1, 0 at the end, -1. */
static int read_byte(LineEditor *editor, char *byte) {
    Context *cx = editor->cx;
    for (;;) {
        if (block_has_signal(cx)) {
            editor->is_interrupted = true;
            errno = EINTR;
            return -1;
        }
        block_begin(cx, BLOCK_INPUT, VALUE_NONE, BLOCK_FOREVER);
        const ssize_t n = read(STDIN_FILENO, byte, 1);
        block_end(cx);
        if (n >= 0 || errno != EINTR) {
            return (int)n;
        }
        /* The window may have a new size. */
        el_resize(editor->edit);
    }
}

static int read_key(EditLine *edit, wchar_t *key) {
    mbstate_t state = {0};
    for (;;) {
        char byte;
        const int n = read_byte(editor_of(edit), &byte);
        if (n <= 0) {
            return n;
        }
        const size_t n_used = mbrtowc(key, &byte, 1, &state);
        if (n_used == (size_t)-1) {
            memset(&state, 0, sizeof state); /* no character begins so: left out */
        } else if (n_used != (size_t)-2) {
            return 1;
        }
    }
}

static char *prompt_of(EditLine *edit) {
    return editor_of(edit)->prompt;
}

/* Completion */

static bool is_word_byte(char c) {
    return c == '.' || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c & 0x80) != 0;
}

/* How many bytes all of the words begin with. */
static size_t common_bytes(const ObjList *words) {
    const ObjStr *first = AS_STR(list_peek(words, 0));
    size_t n = first->n_bytes;
    for (size_t i = 1; i < list_length(words); i++) {
        const ObjStr *word = AS_STR(list_peek(words, i));
        size_t n_same = 0;
        while (n_same < n && n_same < word->n_bytes && word->data[n_same] == first->data[n_same]) {
            n_same++;
        }
        n = n_same;
    }
    return n;
}

static void print_words(const ObjList *words) {
    putchar('\n');
    for (size_t i = 0; i < list_length(words); i++) {
        const ObjStr *word = AS_STR(list_peek(words, i));
        printf("%.*s%s", (int)word->n_bytes, word->data, i + 1 < list_length(words) ? "  " : "\n");
    }
    fflush(stdout);
}

/* What the completer knows of the word; NULL: nothing. An exception in it counts as nothing. */
static ObjList *words_for(LineEditor *editor, const char *word, size_t n_bytes) {
    Context *cx = editor->cx;
    ObjStr *text = str_decode_lossy(cx, word, n_bytes, true);
    const Value argument = text != NULL ? OBJ_VALUE(text) : VALUE_NONE;
    const Value words = call_value(cx, editor->completer, &argument, 1);
    if (IS_ERROR(words)) {
        exc_take(cx);
        return NULL;
    }
    if (!IS_EXACT(words, KIND_LIST) || list_length(AS_LIST(words)) == 0) {
        return NULL;
    }
    for (size_t i = 0; i < list_length(AS_LIST(words)); i++) {
        if (!IS_STR(list_peek(AS_LIST(words), i))) {
            return NULL;
        }
    }
    return AS_LIST(words);
}

static unsigned char complete(EditLine *edit, int key __attribute__((unused))) {
    LineEditor *editor = editor_of(edit);
    const LineInfo *line = el_line(edit);
    const char *word = line->cursor;
    while (word > line->buffer && is_word_byte(word[-1])) {
        word--;
    }
    const size_t n_bytes = (size_t)(line->cursor - word);
    if (n_bytes == 0) {
        return el_insertstr(edit, "    ") == 0 ? CC_REFRESH : CC_ERROR;
    }
    const ObjList *words = words_for(editor, word, n_bytes);
    if (words == NULL) {
        return CC_ERROR;
    }
    const size_t n_common = common_bytes(words);
    if (n_common > n_bytes) {
        Buf rest = {0};
        buf_add(&rest, AS_STR(list_peek(words, 0))->data + n_bytes, n_common - n_bytes);
        const bool is_done = el_insertstr(edit, buf_text(&rest)) == 0;
        buf_free(&rest);
        return is_done ? CC_REFRESH : CC_ERROR;
    }
    if (list_length(words) == 1) {
        return CC_NORM;
    }
    print_words(words);
    return CC_REDISPLAY;
}

/* The editor */

static char *copy_text(const char *text) {
    const size_t n_bytes = strlen(text) + 1;
    return memcpy(mem_alloc(n_bytes), text, n_bytes);
}

static bool may_colour(void) {
    const char *no_colour = getenv("NO_COLOR");
    const char *term = getenv("TERM");
    return (no_colour == NULL || no_colour[0] == '\0') && term != NULL && strcmp(term, "dumb") != 0;
}

LineEditor *line_editor_open(Context *cx, const char *history_path, Value completer) {
    setlocale(LC_CTYPE, "");
    EditLine *edit = el_init("mini", stdin, stdout, stderr);
    History *lines = history_init();
    if (edit == NULL || lines == NULL) {
        return NULL;
    }
    LineEditor *editor = mem_alloc(sizeof *editor);
    *editor = (LineEditor){.cx = cx, .edit = edit, .history = lines, .completer = completer, .has_colour = may_colour()};
    editor->prompt = copy_text("");
    gc_root_add(cx->rt, &editor->completer);
    HistEvent event;
    history(lines, &event, H_SETSIZE, HISTORY_LINES);
    history(lines, &event, H_SETUNIQUE, 1);
    if (history_path != NULL) {
        editor->history_path = copy_text(history_path);
        history(lines, &event, H_LOAD, history_path);
    }
    el_set(edit, EL_CLIENTDATA, editor);
    el_set(edit, EL_EDITOR, "emacs");
    el_set(edit, EL_SIGNAL, 0);
    el_set(edit, EL_HIST, history, lines);
    el_set(edit, EL_GETCFN, read_key);
    el_set(edit, EL_PROMPT_ESC, prompt_of, INVISIBLE);
    el_set(edit, EL_ADDFN, "mini-complete", "complete the word", complete);
    el_set(edit, EL_BIND, "^I", "mini-complete", NULL);
    el_source(edit, NULL); /* the user's ~/.editrc */
    return editor;
}

void line_editor_close(LineEditor *editor) {
    HistEvent event;
    if (editor->history_path != NULL) {
        /* Nobody else is to read what was typed. */
        const mode_t mask = umask(077);
        history(editor->history, &event, H_SAVE, editor->history_path);
        umask(mask);
    }
    history_end(editor->history);
    el_end(editor->edit);
    gc_root_remove(editor->cx->rt, &editor->completer);
    mem_free(editor->history_path);
    mem_free(editor->prompt);
    mem_free(editor);
}

/* libedit sends what is invisible with the character behind it, and drops it at the end: so the last one, a space
 * mostly, has no colour. */
static void set_prompt(LineEditor *editor, const char *text) {
    Buf prompt = {0};
    size_t n_coloured = strlen(text);
    do {
        n_coloured -= n_coloured > 0;
    } while (n_coloured > 0 && (text[n_coloured] & 0xc0) == 0x80);
    if (editor->has_colour && n_coloured > 0) {
        buf_add_format(&prompt, "%c\033[1;35m%c%.*s%c\033[0m%c%s", INVISIBLE, INVISIBLE, (int)n_coloured, text,
                       INVISIBLE, INVISIBLE, text + n_coloured);
    } else {
        buf_add_text(&prompt, text);
    }
    mem_free(editor->prompt);
    editor->prompt = copy_text(buf_text(&prompt));
    buf_free(&prompt);
}

/* Why there is no line. */
static Value raise_without_line(LineEditor *editor) {
    Context *cx = editor->cx;
    if (editor->is_interrupted) {
        editor->is_interrupted = false;
        el_reset(editor->edit);
        if (!block_poll(cx)) {
            return VALUE_ERROR;
        }
        return exc_raise_value(cx, EXC_KeyboardInterrupt, VALUE_UNSET);
    }
    return exc_raise_value(cx, EXC_EOFError, VALUE_UNSET);
}

Value line_editor_read(LineEditor *editor, const char *prompt) {
    Context *cx = editor->cx;
    set_prompt(editor, prompt);
    int n_bytes = 0;
    const char *line = el_gets(editor->edit, &n_bytes);
    if (line == NULL || n_bytes <= 0) {
        return raise_without_line(editor);
    }
    size_t n = (size_t)n_bytes;
    if (line[n - 1] == '\n') {
        n--;
    }
    if (n > 0) {
        HistEvent event;
        history(editor->history, &event, H_ENTER, line);
    }
    ObjStr *text = str_decode_lossy(cx, line, n, true);
    return text != NULL ? OBJ_VALUE(text) : VALUE_ERROR;
}
