/* test_objlock.c - container locks between real threads. */

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "runtime/base/platform.h"
#include "runtime/block.h"
#include "runtime/gc/heap_walk.h"
#include "runtime/objects/objlock.h"

/* Waiting without an interpreter. */

int block_wait_word(Context *cx, BlockReason reason, Value object, uint32_t *word, uint32_t expected,
                    uint64_t deadline_ns) {
    (void)cx;
    assert_int_equal(reason, BLOCK_CONTAINER);
    assert_true(IS_OBJ(object));
    return platform_word_wait(word, expected, deadline_ns);
}

void block_wake(uint32_t *word, int n) {
    platform_word_wake(word, n);
}

static Obj objects[4];

void heap_each_object_stw(Heap *heap, void (*visit)(void *data, Obj *o), void *data) {
    (void)heap;
    for (int i = 0; i < 4; i++) {
        visit(data, &objects[i]);
    }
}

static Runtime rt;

static int setup(void **state) {
    (void)state;
    rt.parking = parking_open();
    return 0;
}

static int teardown(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        assert_int_equal(objects[i].lock, 0);
    }
    parking_close(rt.parking);
    return 0;
}

enum { N_THREADS = 4 };

typedef struct Worker {
    PlatformThread thread;
    Context cx;
    int number;
    int n_rounds;
    int64_t n_done;            /* [atomic relaxed] */
} Worker;

static Worker workers[N_THREADS];
static int64_t counters[4];    /* [lock of the object with the same number] */
static bool is_over;           /* [atomic] */

static void run_workers(void (*function)(void *), int n_rounds) {
    for (int i = 0; i < N_THREADS; i++) {
        workers[i] = (Worker){.number = i, .n_rounds = n_rounds};
        workers[i].cx.rt = &rt;
        workers[i].cx.is_parallel = true;
        assert_int_equal(platform_thread_start(&workers[i].thread, 65536, function, &workers[i]), 0);
    }
}

static void join_workers(void) {
    for (int i = 0; i < N_THREADS; i++) {
        platform_thread_join(workers[i].thread);
    }
}

static void alone_nothing_is_locked(void **state) {
    (void)state;
    Context cx = {.rt = &rt, .is_parallel = false};
    assert_false(objlock_lock(&cx, &objects[0]));
    assert_int_equal(objects[0].lock, 0);
    /* Another thread was started meanwhile. */
    cx.is_parallel = true;
    objlock_unlock(&cx, &objects[0], false);
    assert_true(objlock_lock2(&cx, &objects[1], &objects[0]));
    assert_int_equal(objects[0].lock, OBJLOCK_HELD);
    assert_int_equal(objects[1].lock, OBJLOCK_HELD);
    cx.is_parallel = false;
    objlock_unlock2(&cx, &objects[1], &objects[0], true);
    cx.is_parallel = true;
    assert_true(objlock_lock2(&cx, &objects[2], &objects[2]));
    objlock_unlock2(&cx, &objects[2], &objects[2], true);
}

static void count_up(void *argument) {
    Worker *worker = argument;
    for (int i = 0; i < worker->n_rounds; i++) {
        const int k = i % 3 == 0 ? 1 : 0;
        const bool is_locked = objlock_lock(&worker->cx, &objects[k]);
        counters[k]++;
        objlock_unlock(&worker->cx, &objects[k], is_locked);
    }
}

static void no_increment_is_lost(void **state) {
    (void)state;
    enum { N_ROUNDS = 60000 };
    counters[0] = counters[1] = 0;
    run_workers(count_up, N_ROUNDS);
    join_workers();
    assert_int_equal(counters[1], N_THREADS * (N_ROUNDS / 3));
    assert_int_equal(counters[0] + counters[1], N_THREADS * N_ROUNDS);
}

/* Each worker moves from one object to another, in either direction: without an order they would block each
 * other. Now and then the lock is held so long that the others park. */
static void move_between(void *argument) {
    Worker *worker = argument;
    for (int i = 0; i < worker->n_rounds; i++) {
        const int from = (i + worker->number) % 4;
        const int to = (i * 7 + worker->number * 3) % 4;
        const bool is_locked = objlock_lock2(&worker->cx, &objects[from], &objects[to]);
        counters[from]--;
        counters[to]++;
        if (i % 200 == 0) {
            platform_sleep_until(platform_clock_ns() + 20000);
        }
        objlock_unlock2(&worker->cx, &objects[from], &objects[to], is_locked);
    }
}

static void two_locks_do_not_deadlock(void **state) {
    (void)state;
    for (int i = 0; i < 4; i++) {
        counters[i] = 0;
    }
    run_workers(move_between, 10000);
    join_workers();
    assert_int_equal(counters[0] + counters[1] + counters[2] + counters[3], 0);
}

/* Takes the lock again at once, as a loop of appends does. */
static void be_greedy(void *argument) {
    Worker *worker = argument;
    while (!atomic_load_relaxed(&is_over)) {
        const bool is_locked = objlock_lock(&worker->cx, &objects[3]);
        platform_sleep_until(platform_clock_ns() + 100000);
        objlock_unlock(&worker->cx, &objects[3], is_locked);
        atomic_fetch_add(&worker->n_done, 1);
    }
}

static bool has_everyone_done(int64_t n_turns) {
    for (int i = 0; i < N_THREADS; i++) {
        if (atomic_load_relaxed(&workers[i].n_done) < n_turns) {
            return false;
        }
    }
    return true;
}

/* However slow the machine: who is left out has no turn at all. */
static void everyone_gets_a_turn(void **state) {
    (void)state;
    enum { N_TURNS = 20, LIMIT_MS = 60000 };
    run_workers(be_greedy, 0);
    for (int ms = 0; ms < LIMIT_MS && !has_everyone_done(N_TURNS); ms += 10) {
        platform_sleep_until(platform_clock_ns() + 10000000);
    }
    atomic_store_relaxed(&is_over, true);
    join_workers();
    assert_true(has_everyone_done(N_TURNS));
}

static void the_child_of_a_fork_finds_all_free(void **state) {
    (void)state;
    Context cx = {.rt = &rt, .is_parallel = true};
    objlock_lock(&cx, &objects[0]);
    objects[1].lock = OBJLOCK_HELD | OBJLOCK_HAS_WAITERS;
    parking_after_fork(&rt, true);
    assert_true(objlock_lock(&cx, &objects[0]));
    objlock_unlock(&cx, &objects[0], true);
    assert_int_equal(objects[1].lock, 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(alone_nothing_is_locked, setup, teardown),
        cmocka_unit_test_setup_teardown(no_increment_is_lost, setup, teardown),
        cmocka_unit_test_setup_teardown(two_locks_do_not_deadlock, setup, teardown),
        cmocka_unit_test_setup_teardown(everyone_gets_a_turn, setup, teardown),
        cmocka_unit_test_setup_teardown(the_child_of_a_fork_finds_all_free, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
