/* test_platform.c - threads, waiting, clocks, pages and stacks of the operating system. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "runtime/base/atomics.h"
#include "runtime/base/platform.h"

enum { MS = 1000000 };

static uint32_t word;          /* [atomic] */
static PlatformMutex mutex = PLATFORM_MUTEX_INIT;
static PlatformCond changed;
static int n_arrived;          /* [mutex] */

static void clocks_go_forward(void **state) {
    (void)state;
    const uint64_t begin = platform_clock_ns();
    const uint64_t cpu_begin = platform_thread_cpu_ns();
    assert_int_equal(platform_sleep_until(begin + 5 * MS), 0);
    assert_true(platform_clock_ns() >= begin + 5 * MS);
    assert_true(platform_thread_cpu_ns() - cpu_begin < 5 * MS);
    const uint64_t thread_ns = platform_thread_cpu_ns();
    assert_true(platform_process_cpu_ns() >= thread_ns);
    assert_true(platform_wall_clock_ns() > UINT64_C(1600000000000000000));
    assert_int_equal(platform_sleep_until(1), 0);
}

static void a_word_is_waited_for_until_the_deadline(void **state) {
    (void)state;
    word = 1;
    assert_int_equal(platform_word_wait(&word, 0, PLATFORM_FOREVER), 0);
    const uint64_t deadline = platform_clock_ns() + 5 * MS;
    int result;
    do {
        result = platform_word_wait(&word, 1, deadline);
    } while (result == 0);
    assert_int_equal(result, ETIMEDOUT);
    assert_true(platform_clock_ns() >= deadline);
}

static void wait_for_word(void *argument) {
    while (atomic_load_acquire(&word) == 0) {
        platform_word_wait(&word, 0, PLATFORM_FOREVER);
    }
    atomic_fetch_add((uint32_t *)argument, 1u);
}

static void waking_wakes(void **state) {
    (void)state;
    enum { N = 4 };
    PlatformThread threads[N];
    uint32_t n_woken = 0;
    word = 0;
    for (int i = 0; i < N; i++) {
        assert_int_equal(platform_thread_start(&threads[i], 0, wait_for_word, &n_woken), 0);
    }
    platform_sleep_until(platform_clock_ns() + 10 * MS);
    assert_int_equal(atomic_load_relaxed(&n_woken), 0);
    atomic_store_release(&word, 1u);
    platform_word_wake(&word, N);
    for (int i = 0; i < N; i++) {
        platform_thread_join(threads[i]);
    }
    assert_int_equal(n_woken, N);
}

static void arrive(void *argument) {
    (void)argument;
    platform_thread_set_name("a name longer than systems take");
    platform_mutex_lock(&mutex);
    n_arrived++;
    platform_cond_broadcast(&changed);
    platform_mutex_unlock(&mutex);
}

static void a_condition_has_a_deadline(void **state) {
    (void)state;
    platform_cond_init(&changed);
    platform_mutex_lock(&mutex);
    assert_false(platform_mutex_try_lock(&mutex));
    const uint64_t deadline = platform_clock_ns() + 5 * MS;
    while (platform_cond_wait_until(&changed, &mutex, deadline)) {
    }
    assert_true(platform_clock_ns() >= deadline);
    PlatformThread thread;
    assert_int_equal(platform_thread_start(&thread, 1, arrive, NULL), 0);
    while (n_arrived == 0) {
        assert_true(platform_cond_wait_until(&changed, &mutex, platform_clock_ns() + 10000ull * MS));
    }
    platform_mutex_unlock(&mutex);
    platform_thread_join(thread);
    platform_cond_destroy(&changed);
}

static void look_at_stack(void *argument) {
    char *low;
    char *high;
    char here;
    platform_stack_bounds(&low, &high);
    char *address = &here;
    /* Sanitizers add to it. */
    *(bool *)argument = low < address && address < high && (size_t)(high - low) >= 100 * 1024 &&
                        (size_t)(high - low) <= 64 << 20;
}

static void a_thread_has_the_stack_it_was_given(void **state) {
    (void)state;
    bool is_right = false;
    PlatformThread thread;
    assert_int_equal(platform_thread_start(&thread, 256 * 1024, look_at_stack, &is_right), 0);
    platform_thread_join(thread);
    assert_true(is_right);
    char *low;
    char *high;
    platform_stack_bounds(&low, &high);
    assert_true(low < (char *)&is_right && (char *)&is_right < high);
}

static void pages_are_zero_again_after_discarding(void **state) {
    (void)state;
    enum { N_BYTES = 1 << 20 };
    char *pages = platform_pages_reserve((size_t)1 << 33, 1 << 21);
    assert_non_null(pages);
    assert_int_equal((uintptr_t)pages % (1 << 21), 0);
    assert_true(platform_pages_commit(pages + N_BYTES, N_BYTES));
    assert_int_equal(pages[N_BYTES], 0);
    memset(pages + N_BYTES, 7, N_BYTES);
    platform_pages_discard(pages + N_BYTES, N_BYTES);
    for (size_t i = 0; i < N_BYTES; i++) {
        assert_int_equal(pages[N_BYTES + i], 0);
    }
    platform_pages_release(pages, (size_t)1 << 33);
    assert_null(platform_pages_reserve(SIZE_MAX & ~(platform_page_bytes() - 1), 1 << 21));
}

static void the_machine_answers(void **state) {
    (void)state;
    assert_true(platform_core_count() >= 1);
    assert_true(platform_physical_memory_bytes() > (1 << 20));
    char random[64] = {0};
    const char zeros[64] = {0};
    assert_int_equal(platform_random(random, sizeof random), 0);
    assert_memory_not_equal(random, zeros, sizeof random);
    assert_true(platform_thread_ident() != 0 && platform_thread_native_id() != 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(clocks_go_forward),
        cmocka_unit_test(a_word_is_waited_for_until_the_deadline),
        cmocka_unit_test(waking_wakes),
        cmocka_unit_test(a_condition_has_a_deadline),
        cmocka_unit_test(a_thread_has_the_stack_it_was_given),
        cmocka_unit_test(pages_are_zero_again_after_discarding),
        cmocka_unit_test(the_machine_answers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
