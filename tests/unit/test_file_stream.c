/* test_file_stream.c - buffers, line ends and locks of files, without file objects. */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "runtime/base/platform.h"
#include "runtime/block.h"
#include "runtime/objects/exception.h"
#include "runtime/objects/str_build.h"
#include "runtime/objects/file_stream.h"

/* The runtime around it. An exception is the text or number that it was raised with. */

static char raised_text[64];
static int raised_errno;
static __thread bool is_blocked;

void block_begin(Context *cx, BlockReason reason, Value object, uint64_t deadline_ns) {
    (void)cx, (void)reason, (void)object, (void)deadline_ns;
    assert_false(is_blocked);
    is_blocked = true;
}

void block_end(Context *cx) {
    (void)cx;
    assert_true(is_blocked);
    is_blocked = false;
}

bool block_poll(Context *cx) {
    (void)cx;
    return true;
}

/* No limit here. */
bool str_build_goes_on(Context *cx, size_t n_bytes) {
    (void)cx;
    (void)n_bytes;
    return true;
}

bool block_has_signal(const Context *cx) {
    (void)cx;
    return false;
}

int block_wait_word(Context *cx, BlockReason reason, Value object, uint32_t *word, uint32_t expected,
                    uint64_t deadline_ns) {
    (void)cx, (void)reason, (void)object;
    return platform_word_wait(word, expected, deadline_ns);
}

void block_wake(uint32_t *word, int n) {
    platform_word_wake(word, n);
}

Value exc_raise(Context *cx, ExcKind kind, const char *format, ...) {
    (void)cx, (void)kind;
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(raised_text, sizeof raised_text, format, arguments);
    va_end(arguments);
    return VALUE_ERROR;
}

Value exc_raise_errno(Context *cx, int error, Value filename) {
    (void)cx, (void)filename;
    raised_errno = error;
    return VALUE_ERROR;
}

Value exc_raise_object(Context *cx, Value exception) {
    (void)cx, (void)exception;
    return VALUE_ERROR;
}

Value exc_take(Context *cx) {
    (void)cx;
    return VALUE_NONE;
}

static Runtime rt;
static Context cx = {.rt = &rt};

/* A stream over a new temporary file with that content. */
static FileStream *stream_with(const char *content) {
    char path[] = "/tmp/mini_stream_XXXXXX";
    const int fd = mkstemp(path);
    assert_true(fd >= 0);
    unlink(path);
    const size_t n = strlen(content);
    assert_int_equal(write(fd, content, n), n);
    lseek(fd, 0, SEEK_SET);
    return stream_new(fd, true, true, true);
}

static void expect(FileStream *s, TakeWhat what, size_t n, NewlineMode newline, const char *expected) {
    TakeRequest request = {.what = what, .n = n, .is_wide = true, .newline = newline};
    assert_true(stream_take(&cx, s, VALUE_NONE, &request, "closed"));
    assert_int_equal(request.out.n_bytes, strlen(expected));
    assert_memory_equal(request.out.bytes == NULL ? "" : request.out.bytes, expected, strlen(expected));
    buf_free(&request.out);
}

static void put(FileStream *s, const char *text, bool must_flush) {
    assert_true(stream_write(&cx, s, VALUE_NONE, text, strlen(text), must_flush, false, "closed"));
}

static void what_waits_is_flushed_together(void **state) {
    (void)state;
    FileStream *s[] = {stream_with("......"), stream_with("......"), stream_with("......")};
    s[2]->closes = false;
    for (int i = 0; i < 3; i++) {
        put(s[i], "abc", false);
    }
    stream_flush_all(&cx, true);
    for (int i = 0; i < 3; i++) {
        char bytes[4] = "";
        assert_int_equal(pread(s[i]->fd, bytes, 3, 0), 3);
        assert_string_equal(bytes, i == 2 ? "..." : "abc");
        assert_int_equal(s[i]->rt != NULL, i == 2);
    }
    stream_flush_all(&cx, false);
    assert_null(rt.unwritten);
    put(s[1], "d", false);
    assert_true(stream_close(&cx, s[1], VALUE_NONE));
    assert_null(rt.unwritten);
    for (int i = 0; i < 3; i++) {
        put(s[i == 1 ? 0 : i], "e", false);
    }
    s[2]->closes = true;
    for (int i = 0; i < 3; i++) {
        stream_release(s[i]);
    }
    assert_null(rt.unwritten);
}

static void lines_end_as_asked_for(void **state) {
    (void)state;
    static const struct {
        NewlineMode newline;
        const char *lines[6];
    } rows[] = {
        {NEWLINE_LF, {"a\n", "b\r\n", "c\rd\n", "\n", "e\r"}},
        {NEWLINE_CR, {"a\nb\r", "\nc\r", "d\n\ne\r", "", ""}},
        {NEWLINE_CRLF, {"a\nb\r\n", "c\rd\n\ne\r", "", "", ""}},
        {NEWLINE_ANY, {"a\n", "b\r\n", "c\r", "d\n", "\n", "e\r"}},
        {NEWLINE_UNIVERSAL, {"a\n", "b\r\n", "c\r", "d\n", "\n", "e\r"}},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        FileStream *s = stream_with("a\nb\r\nc\rd\n\ne\r");
        for (int k = 0; k < 6; k++) {
            const char *line = rows[i].lines[k];
            expect(s, TAKE_LINE, SIZE_MAX, rows[i].newline, line == NULL ? "" : line);
        }
        expect(s, TAKE_LINE, SIZE_MAX, rows[i].newline, "");
        stream_release(s);
    }
}

static void sizes_count_bytes_or_characters(void **state) {
    (void)state;
    FileStream *s = stream_with("h\xc3\xa9llo\r\nw\xe2\x82\xacrld\nlast");
    expect(s, TAKE_CHARS, 2, NEWLINE_UNIVERSAL, "h\xc3\xa9");
    expect(s, TAKE_CHARS, 4, NEWLINE_UNIVERSAL, "llo\r\n");
    expect(s, TAKE_LINE, 2, NEWLINE_UNIVERSAL, "w\xe2\x82\xac");
    expect(s, TAKE_LINE, 100, NEWLINE_UNIVERSAL, "rld\n");
    expect(s, TAKE_LINE, 0, NEWLINE_UNIVERSAL, "");
    expect(s, TAKE_BYTES, 0, NEWLINE_LF, "");
    expect(s, TAKE_BYTES, 2, NEWLINE_LF, "la");
    expect(s, TAKE_BYTES, 1000000, NEWLINE_LF, "st");
    expect(s, TAKE_ALL, 0, NEWLINE_LF, "");
    stream_release(s);
}

static void positions_are_those_of_the_script(void **state) {
    (void)state;
    FileStream *s = stream_with("0123456789");
    int64_t position;
    expect(s, TAKE_BYTES, 3, NEWLINE_LF, "012");
    assert_true(stream_tell(&cx, s, VALUE_NONE, &position));
    assert_int_equal(position, 3);
    put(s, "xy", false);
    assert_true(stream_tell(&cx, s, VALUE_NONE, &position));
    assert_int_equal(position, 5);
    expect(s, TAKE_BYTES, 2, NEWLINE_LF, "56");
    assert_true(stream_seek(&cx, s, VALUE_NONE, -2, SEEK_CUR, &position));
    assert_int_equal(position, 5);
    assert_true(stream_seek(&cx, s, VALUE_NONE, 0, SEEK_SET, &position));
    expect(s, TAKE_ALL, 0, NEWLINE_LF, "012xy56789");
    assert_true(stream_truncate(&cx, s, VALUE_NONE, 4));
    assert_true(stream_seek(&cx, s, VALUE_NONE, 0, SEEK_SET, &position));
    expect(s, TAKE_ALL, 0, NEWLINE_LF, "012x");
    assert_false(stream_seek(&cx, s, VALUE_NONE, -1, SEEK_SET, &position));
    assert_int_equal(raised_errno, EINVAL);
    stream_release(s);
}

static void what_cannot_be_written_stays(void **state) {
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    FileStream *s = stream_new(ends[1], false, true, true);
    put(s, "kept", false);
    char bytes[8];
    const int full = open("/dev/full", 1);
    if (full >= 0) {
        FileStream *on_full = stream_new(full, false, true, true);
        put(on_full, "x", false);
        assert_false(stream_flush(&cx, on_full, VALUE_NONE));
        assert_int_equal(raised_errno, ENOSPC);
        assert_false(stream_flush(&cx, on_full, VALUE_NONE));
        assert_false(stream_close(&cx, on_full, VALUE_NONE));
        assert_true(stream_is_closed(on_full));
        assert_true(stream_close(&cx, on_full, VALUE_NONE));
        assert_false(stream_write(&cx, on_full, VALUE_NONE, "y", 1, false, false, "it is closed"));
        assert_string_equal(raised_text, "it is closed");
        stream_release(on_full);
    }
    /* The last one to let go writes. */
    stream_retain(s);
    stream_release(s);
    stream_release(s);
    assert_int_equal(read(ends[0], bytes, sizeof bytes), 4);
    assert_memory_equal(bytes, "kept", 4);
    close(ends[0]);
}

static void the_child_of_a_fork_finds_all_free(void **state) {
    (void)state;
    FileStream *s = stream_with("");
    /* What is buffered is inherited, but for what another thread is just writing. */
    put(s, "parent's", false);
    s->lock = 2;
    rt.unwritten_lock = 1; /* somebody was changing the list */
    stream_forget_list(&rt);
    stream_after_fork(&rt, s);
    assert_null(rt.unwritten);
    put(s, "child's", false);
    stream_forget_list(&rt);
    stream_after_fork(&rt, s);
    assert_ptr_equal(rt.unwritten, s);
    assert_true(stream_flush(&cx, s, VALUE_NONE));
    int64_t position;
    assert_true(stream_seek(&cx, s, VALUE_NONE, 0, SEEK_SET, &position));
    expect(s, TAKE_ALL, 0, NEWLINE_LF, "child's");
    stream_release(s);
}

enum { N_THREADS = 4, N_LINES = 3000, LINE_BYTES = 20 };

static FileStream *shared;

static void write_lines(void *argument) {
    Context own = {.rt = &rt};
    char line[LINE_BYTES + 1];
    memset(line, *(const char *)argument, LINE_BYTES - 1);
    line[LINE_BYTES - 1] = '\n';
    for (int i = 0; i < N_LINES; i++) {
        stream_write(&own, shared, VALUE_NONE, line, LINE_BYTES, i % 10 == 0, false, "closed");
    }
}

static int n_lines_read;       /* [atomic] */

static void read_lines(void *argument) {
    (void)argument;
    Context own = {.rt = &rt};
    for (;;) {
        TakeRequest request = {.what = TAKE_LINE, .n = SIZE_MAX, .newline = NEWLINE_LF};
        stream_take(&own, shared, VALUE_NONE, &request, "closed");
        const size_t n = request.out.n_bytes;
        bool is_whole = n == LINE_BYTES;
        for (size_t i = 1; i + 1 < n; i++) {
            is_whole = is_whole && request.out.bytes[i] == request.out.bytes[0];
        }
        buf_free(&request.out);
        if (n == 0) {
            return;
        }
        atomic_fetch_add(&n_lines_read, is_whole ? 1 : 1000000);
    }
}

static void threads_do_not_tear_lines(void **state) {
    (void)state;
    shared = stream_with("");
    PlatformThread threads[N_THREADS];
    for (int i = 0; i < N_THREADS; i++) {
        platform_thread_start(&threads[i], 0, write_lines, &"abcd"[i]);
    }
    for (int i = 0; i < N_THREADS; i++) {
        platform_thread_join(threads[i]);
    }
    int64_t position;
    assert_true(stream_seek(&cx, shared, VALUE_NONE, 0, SEEK_SET, &position));
    for (int i = 0; i < N_THREADS; i++) {
        platform_thread_start(&threads[i], 0, read_lines, NULL);
    }
    for (int i = 0; i < N_THREADS; i++) {
        platform_thread_join(threads[i]);
    }
    assert_int_equal(n_lines_read, N_THREADS * N_LINES);
    stream_release(shared);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_waits_is_flushed_together),
        cmocka_unit_test(lines_end_as_asked_for),
        cmocka_unit_test(sizes_count_bytes_or_characters),
        cmocka_unit_test(positions_are_those_of_the_script),
        cmocka_unit_test(what_cannot_be_written_stays),
        cmocka_unit_test(the_child_of_a_fork_finds_all_free),
        cmocka_unit_test(threads_do_not_tear_lines),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
