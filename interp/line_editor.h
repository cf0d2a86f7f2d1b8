/* line_editor.h - reads a line from a terminal, with editing, history and completion, over libedit.
 *
 * While it waits for a key the thread is blocked (runtime/block.h): other threads run. One editor is open at a time, by the
 * main thread. */

#ifndef MINI_INTERP_LINE_EDITOR_H
#define MINI_INTERP_LINE_EDITOR_H

#include "runtime/context.h"

typedef struct LineEditor LineEditor;

/* history_path: where lines are kept between sessions; NULL: nowhere. completer(word) returns a list of what the word can
 * become. NULL when memory is short or the terminal is not one. */
LineEditor *line_editor_open(Context *cx, const char *history_path, Value completer);
/* Saves the history. */
void line_editor_close(LineEditor *editor);

/* A line without its end, as str; the prompt is shown before it, in colour if the editor may. EOFError at the end of input,
 * KeyboardInterrupt at Ctrl-C. May block, collect, run script code (the completer). */
Value line_editor_read(LineEditor *editor, const char *prompt);

#endif
