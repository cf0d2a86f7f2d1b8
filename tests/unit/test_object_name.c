/* test_object_name.c - the name of a lock, read off the line that made it. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "interp/trace/object_name.h"

static void expect_name(const char *line, const char *name) {
    Buf buf = {0};
    object_name_add(&buf, line, strlen(line), 1);
    assert_string_equal(buf_text(&buf), name);
    buf_free(&buf);
}

static void targets_of_assignments(void **state) {
    (void)state;
    expect_name("counter_lock = threading.Lock()", "counter_lock");
    expect_name("    self.lock = Lock()  # of the table", "self.lock");
    expect_name("\tlocks[i + 1] = Lock()", "locks[i + 1]");
    expect_name("table['a'].b=Lock()", "table['a'].b");
    expect_name("lock: Lock = Lock()", "lock");
    expect_name("lock: dict[str, Lock] = Lock()", "lock");
    expect_name("locks = [Lock() for _ in range(4)]", "locks");
    expect_name("\xc3\xa4 = Lock()", "\xc3\xa4");
}

static void other_lines_have_no_name(void **state) {
    (void)state;
    expect_name("with Lock():", "");
    expect_name("use(lock=Lock())", "");
    expect_name("a == Lock()", "");
    expect_name("a, b = Lock(), Lock()", "");
    expect_name("return Lock()", "");
    expect_name("locks[", "");
    expect_name("lock: Lock", "");
    expect_name("a =", "");
    expect_name("", "");
}

static void lines_are_counted_from_1(void **state) {
    (void)state;
    static const char text[] = "a = 1\n\nb = 2\nc = 3";
    static const char *const names[] = {"", "a", "", "b", "c", ""};
    for (uint32_t line = 0; line < 6; line++) {
        Buf buf = {0};
        object_name_add(&buf, text, sizeof text - 1, line);
        assert_string_equal(buf_text(&buf), names[line]);
        buf_free(&buf);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(targets_of_assignments),
        cmocka_unit_test(other_lines_have_no_name),
        cmocka_unit_test(lines_are_counted_from_1),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
