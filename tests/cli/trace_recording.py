"""What is recorded, held against what the scripts measure themselves; ends of all kinds; files."""

import os
import signal
import subprocess
import time

from _help import expect, luck, mini_only, patient, write
from _trace import PREAMBLE, Trace, check, overlaps, record, reports

# Times agree within this much of what was measured.
SHARE = 0.02
# A loaded machine stops a thread between two readings of the clock; not every time.
TRIES = 40


def disagreements(trace, told):
    """Reports of a script that the trace does not bear out. `cpu` is compared with the thread's processor time, what else with
    the time in these states ("run+stop")."""
    found = []
    for (name, what), seconds in told.items():
        thread = trace.thread(name)
        seen = sum(thread["cpu_us"] if state == "cpu" else thread["states_us"][state]
                   for state in what.split("+")) / 1e9
        if abs(seen - seconds) > SHARE * seconds:
            found.append(f"{name}: {what} {seen:.4f} s in the trace, {seconds:.4f} s measured")
    return found


def agrees(mini, scratch, text, n_reports, flags=()):
    """Run the script until the trace agrees with what it measured. The trace itself is sound every time."""
    for _ in range(TRIES):
        trace, told, _ = record(mini, scratch, text, flags)
        assert len(told) == n_reports, told
        for thread in trace.threads:
            # Waiting takes some processor time too: each way into it and out of it.
            waits = len(trace.spans(thread))
            used = (thread["states_us"]["run"] + thread["states_us"]["stop"] + thread["states_us"]["compute"]
                    + waits * 100e3 + 3e6)
            assert thread["cpu_us"] <= used, (thread, waits)
        found = disagreements(trace, told)
        if not found:
            return trace
    raise AssertionError("\n".join(found))


# Scripts of known behaviour


@mini_only
def case_one_thread_computes(mini, scratch):
    agrees(mini, scratch, """
def worker():
    with measured("run"):
        report("cpu", compute(0.3))
join(start(worker))
""", 2)


@mini_only
def case_two_threads_compute(mini, scratch):
    """Under the GIL they share the time, without it each runs as long as it lives."""
    trace = agrees(mini, scratch, """
def one():
    report("cpu", compute(0.3))
def two():
    report("cpu", compute(0.3))
join(start(one, two))
""", 2)
    if trace.data["mode"] == "gil":
        forced = sum(trace.thread(name)["forced"] for name in ("one", "two"))
        assert forced >= 2, f"{forced} forced switches"


@mini_only
def case_without_the_gil_nobody_waits_for_it(mini, scratch):
    trace = agrees(mini, scratch, """
def one():
    with measured("run"):
        compute(0.2)
def two():
    with measured("run"):
        compute(0.2)
join(start(one, two))
""", 2, ["--no-gil"])
    for name in ("one", "two"):
        assert trace.thread(name)["states_us"].get("gil", 0) == 0, trace.thread(name)


@mini_only
def case_a_thread_sleeps(mini, scratch):
    agrees(mini, scratch, """
def worker():
    for _ in range(5):
        with measured("sleep"):
            time.sleep(0.06)
join(start(worker))
""", 1)


@mini_only
@patient
def case_a_lock_is_held(mini, scratch):
    trace = agrees(mini, scratch, """
counter_lock = threading.Lock()
def holder():
    with counter_lock:
        ready.set()
        coming.wait()
        time.sleep(0.3)
def waiter():
    ready.wait()
    coming.set()
    with measured("lock"):
        counter_lock.acquire()
ready = threading.Event()
coming = threading.Event()
threads = start(holder)
ready.wait()
join(threads + start(waiter))
""", 1)
    held = [e for _, _, state, e in trace.spans(trace.thread("waiter")) if state == "lock"]
    luck(held, "the holder was done before the waiter came")
    event = held[-1]
    lines = PREAMBLE.count("\n")
    assert event["args"]["object"] == "Lock 'counter_lock'", event
    assert event["args"]["made_at"].endswith(f"script.mini:{lines + 2}"), event
    assert event["args"]["owner"] == "holder" and event["args"]["owner_at"].endswith(f":{lines + 4}"), event
    assert event["args"]["at"].endswith(f":{lines + 12}") and event["args"]["in"] == "waiter", event


@mini_only
@patient
def case_a_queue_is_empty(mini, scratch):
    """The wait is for the script's queue, in the script's line, whatever locks the library takes for it."""
    trace = agrees(mini, scratch, """
import queue
jobs = queue.Queue()
def consumer():
    with measured("lock"):
        jobs.get()
def producer():
    with measured("sleep"):
        time.sleep(0.3)
    jobs.put(1)
join(start(consumer, producer))
""", 2)
    waits = [s for s in trace.spans(trace.thread("consumer")) if s[2] == "lock"]
    luck(waits, "the consumer came late")
    event = max(waits, key=lambda s: s[1] - s[0])[3]
    luck("Queue" in event["args"]["object"], "something else took longer")
    assert event["args"]["object"] == "Queue 'jobs'", event
    assert "script.mini" in event["args"]["at"] and event["args"]["in"] == "consumer", event


@mini_only
@patient
def case_a_thread_is_joined(mini, scratch):
    trace = agrees(mini, scratch, """
def sleeper():
    with measured("sleep"):
        time.sleep(0.3)
def joiner():
    with measured("wait"):
        threads[0].join()
threads = start(sleeper)
join(start(joiner))
""", 2)
    event = next((e for _, _, state, e in trace.spans(trace.thread("joiner")) if state == "wait"), None)
    luck(event is not None, "the sleeper was done before the joiner came")
    assert event["args"]["object"] == "Thread 'sleeper'", event


@mini_only
def case_a_pipe_is_read(mini, scratch):
    agrees(mini, scratch, """
import os
reader, writer = os.pipe()
def receiver():
    with measured("io"):
        os.read(reader, 10)
def sender():
    with measured("sleep"):
        time.sleep(0.3)
    os.write(writer, b"x")
join(start(receiver, sender))
""", 2)


@mini_only
def case_a_socket_is_read(mini, scratch):
    agrees(mini, scratch, """
import socket
here, there = socket.socketpair()
def receiver():
    with measured("io"):
        here.recv(10)
def sender():
    with measured("sleep"):
        time.sleep(0.3)
    there.sendall(b"x")
join(start(receiver, sender))
""", 2)


@mini_only
def case_a_condition_is_waited_for(mini, scratch):
    agrees(mini, scratch, """
turn = threading.Condition()
has_come = False
def waiter():
    with turn, measured("lock"):
        turn.wait_for(lambda: has_come)
def caller():
    global has_come
    with measured("sleep"):
        time.sleep(0.3)
    with turn:
        has_come = True
        turn.notify()
join(start(waiter, caller))
""", 2)


@mini_only
def case_a_library_computes(mini, scratch):
    agrees(mini, scratch, """
import hashlib
data = bytes(30_000_000)
def worker():
    begin = time.thread_time()
    with measured("run+compute+gil"):
        for _ in range(5):
            hashlib.sha256(data).digest()
    report("cpu", time.thread_time() - begin)
join(start(worker))
""", 2)


@mini_only
def case_a_child_is_waited_for(mini, scratch):
    """Children are on the same clock, and their main threads are named like all main threads."""
    for _ in range(TRIES):
        trace, told, outcome = record(mini, scratch, """
import os
def child():
    cpu = compute(0.3)
    begin = time.perf_counter()
    time.sleep(0.3)
    print(os.getpid(), cpu, time.perf_counter() - begin, flush=True)
pid = os.fork()
if pid == 0:
    child()
    sys.exit()
with measured("wait"):
    os.waitpid(pid, 0)
""")
        pid, cpu, slept = outcome.out.splitlines()[0].split()
        assert len(trace.pids()) == 2
        child = trace.thread("MainThread", int(pid))
        parent = trace.thread("MainThread", next(p for p in trace.pids() if p != int(pid)))
        pairs = [(child["cpu_us"], float(cpu)), (child["states_us"]["sleep"], float(slept)),
                 (parent["states_us"]["wait"], told["MainThread", "wait"])]
        if all(abs(seen / 1e9 - real) <= SHARE * real for seen, real in pairs):
            return
    raise AssertionError(pairs)


@mini_only
def case_collections_stand_still(mini, scratch):
    trace = agrees(mini, scratch, """
def collector():
    with measured("run+stop"):
        kept = [[i] for i in range(100000)]
        for _ in range(30):
            [[i] for i in range(20000)]
join(start(collector))
""", 1)
    stops = [s for s in trace.spans(trace.thread("collector")) if s[2] == "stop"]
    instants = [e for e in trace.events if e["ph"] == "i" and e["name"] == "collection"]
    assert len(stops) == len(instants) >= 2, (stops, instants)
    assert all(s[3]["args"]["in"] == "collector" for s in stops), stops


@mini_only
def case_the_gil_counts_the_same(mini, scratch):
    """What the lock has counted for each thread, in gil.stats(), is the time that the trace calls run."""
    for _ in range(TRIES):
        trace, told, _ = record(mini, scratch, """
import gil
def held():
    mine = threading.current_thread().name
    return next(t.held for t in gil.stats().threads if t.name == mine)
def one():
    compute(0.2)
    report("run", held())
def two():
    compute(0.2)
    report("run", held())
join(start(one, two))
""", ["-X", "gil=1"])
        found = disagreements(trace, told)
        if not found:
            return
    raise AssertionError("\n".join(found))


@mini_only
def case_the_gil_is_switched_off_on_the_way(mini, scratch):
    """No two run at once before; afterwards they do, sooner or later."""
    for _ in range(TRIES):
        trace, _, _ = record(mini, scratch, """
import gil
def one():
    compute(0.3)
def two():
    compute(0.3)
threads = start(one, two)
time.sleep(0.1)
gil.disable()
join(threads)
""", ["-X", "gil=1"])
        pid = trace.pids()[0]
        modes = [e["ts"] for e in trace.events if e["ph"] == "i" and e["name"] == "mode"]
        off = max(modes)
        assert off > 0, modes
        pairs = overlaps(trace.runs(pid))
        assert all(later[0] >= off for _, later in pairs), pairs[:3]
        if pairs:
            return
    raise AssertionError("never two at once without the lock")


@mini_only
def case_without_the_gil_two_run_at_once(mini, scratch):
    for _ in range(TRIES):
        trace, _, _ = record(mini, scratch, "join(start(*[lambda: compute(0.1)] * 3))\n", ["--no-gil"])
        if overlaps(trace.runs(trace.pids()[0])):
            return
    raise AssertionError("never two at once")


# Many


@mini_only
def case_a_thousand_threads(mini, scratch):
    n = 100 if mini.is_small else 1000
    trace, _, _ = record(mini, scratch, f"""
lock = threading.Lock()
total = 0
def add():
    global total
    time.sleep(0.01)
    with lock:
        total += 1
threads = [threading.Thread(target=add, name=f"adder {{i}}") for i in range({n})]
for t in threads:
    t.start()
join(threads)
assert total == {n}
""", seconds=120)
    assert len(trace.threads) == n + 1
    assert {t["name"] for t in trace.threads} == {"MainThread"} | {f"adder {i}" for i in range(n)}
    # A sleep may begin late, and then is shorter.
    assert all(t["states_us"]["sleep"] + t["states_us"]["run"] >= 10_000_000 for t in trace.threads
               if t["name"] != "MainThread")


@mini_only
def case_a_tree_of_processes(mini, scratch):
    trace, _, outcome = record(mini, scratch, """
import os
def grow(depth):
    print(os.getpid(), os.getppid(), flush=True)
    children = []
    for _ in range(2 if depth > 0 else 0):
        pid = os.fork()
        if pid == 0:
            grow(depth - 1)
            os._exit(depth)
        children.append(pid)
    for pid in children:
        os.waitpid(pid, 0)
grow(3)
""")
    parents = dict(map(int, line.split()) for line in outcome.out.splitlines())
    assert len(parents) == 15
    assert set(trace.pids()) == set(parents), (trace.pids(), parents)
    exits = [e for e in trace.events if e["ph"] == "i" and e["name"] == "exit"]
    assert len(exits) == 15, exits
    forks = [e for e in trace.events if e["ph"] == "i" and e["name"] == "fork"]
    assert len(forks) == 14, forks


# Ends


@mini_only
def case_daemons_live_to_the_end(mini, scratch):
    trace, _, _ = record(mini, scratch, """
begun = [threading.Event(), threading.Event()]
def asleep():
    begun[0].set()
    time.sleep(1000)
def busy():
    compute(0.01)
    begun[1].set()
    while True:
        pass
for f in (asleep, busy):
    threading.Thread(target=f, name=f.__name__, daemon=True).start()
for e in begun:
    e.wait()
""")
    end = trace.thread("MainThread")["end_us"]
    for name in ("asleep", "busy"):
        # With the process, and not after its sleep.
        assert 0 <= trace.thread(name)["end_us"] - end < 500e9, (trace.thread(name), end)
    assert trace.thread("busy")["cpu_us"] > 0


@mini_only
@patient
def case_exit_at_once(mini, scratch):
    trace, _, _ = record(mini, scratch, """
import os
falls_asleep = threading.Event()
def leave():
    falls_asleep.wait()
    time.sleep(0.1)
    compute(0.1)
    os._exit(5)
start(leave)
compute(0.05)
falls_asleep.set()
time.sleep(100)
""", code=5)
    main, leave = trace.thread("MainThread"), trace.thread("leave")
    assert main["end_us"] == leave["end_us"], (main, leave)
    luck(main["states_us"]["sleep"] > 0, (main, leave))
    assert main["cpu_us"] >= 50e6 and leave["cpu_us"] >= 100e6, (main, leave)


@mini_only
def case_an_exception_ends_it(mini, scratch):
    script = write(scratch, "script.mini", "1 / 0\n")
    path = os.path.join(scratch, "trace.json")
    expect(mini.run(["--trace", path, script], "", scratch), code=1, err_has=["ZeroDivisionError"])
    check(Trace(path))


def _started(mini, scratch, text, flags=()):
    """A process that runs the script, which has printed "ready"."""
    script = write(scratch, "script.mini", PREAMBLE + text)
    process = mini.start([*flags, "--trace", "trace.json", script], cwd=scratch)
    line = process.stdout.readline()
    assert line == b"ready\n", line
    return process


@mini_only
@patient
def case_the_script_is_killed(mini, scratch):
    process = _started(mini, scratch, """
begun = threading.Event()
def busy():
    begun.set()
    while True:
        pass
start(busy)
begun.wait()
print("ready", flush=True)
time.sleep(1000)
""")
    time.sleep(0.2)
    process.send_signal(signal.SIGKILL)
    expect(mini.finish(process), code=-signal.SIGKILL)
    trace = check(Trace(os.path.join(scratch, "trace.json")))
    busy, main = trace.thread("busy"), trace.thread("MainThread")
    assert busy["end_us"] == main["end_us"] > 200e6, (busy, main)
    assert busy["states_us"]["run"] > 0, busy
    luck(main["states_us"]["sleep"] > 0, "killed before it slept")


@mini_only
def case_ctrl_c_ends_it(mini, scratch):
    process = _started(mini, scratch, 'print("ready", flush=True)\ntime.sleep(1000)\n')
    time.sleep(0.1)
    os.killpg(process.pid, signal.SIGINT)       # as a terminal does: to all of its processes
    expect(mini.finish(process), code=-signal.SIGINT, err_has=["KeyboardInterrupt"])
    check(Trace(os.path.join(scratch, "trace.json")))


@mini_only
def case_a_child_is_killed(mini, scratch):
    trace, _, outcome = record(mini, scratch, """
import os
pid = os.fork()
if pid == 0:
    while True:
        pass
time.sleep(0.2)
os.kill(pid, 9)
time.sleep(0.3)
os.waitpid(pid, 0)
print(pid)
""")
    child = trace.thread("MainThread", int(outcome.out))
    parent = next(t for t in trace.threads if t["pid"] != child["pid"])
    # It died when it was killed, not when somebody asked.
    assert parent["end_us"] - child["end_us"] >= 300e6, (child, parent)
    exits = [e for e in trace.events if e["ph"] == "i" and e["name"] == "exit" and e["pid"] == child["pid"]]
    assert len(exits) == 1 and "9" in str(exits[0]["args"]), exits


@mini_only
def case_a_child_is_killed_before_it_runs(mini, scratch):
    """However fast it was: of each there is a life, with its end. Some have not written a word."""
    n = 20
    trace, _, outcome = record(mini, scratch, f"""
import os
for _ in range({n}):
    pid = os.fork()
    if pid == 0:
        while True:
            pass
    os.kill(pid, 9)
    os.waitpid(pid, 0)
    print(pid)
""")
    children = set(map(int, outcome.out.split()))
    assert set(trace.pids()) > children and len(trace.pids()) == len(children) + 1, (trace.pids(), children)
    exits = [e["args"].get("signal") for e in trace.events if e["ph"] == "i" and e["name"] == "exit" and e["pid"] in children]
    assert exits == [9] * n, exits


@mini_only
def case_a_child_outlives_the_script(mini, scratch):
    trace, _, _ = record(mini, scratch, """
import os
if os.fork() == 0:
    sys.stdout = sys.stderr = None
    for fd in (0, 1, 2):
        os.close(fd)
    time.sleep(1000)
    os._exit(0)
time.sleep(0.3)
""")
    assert len(trace.pids()) == 2
    ends = [t["end_us"] for t in trace.threads]
    # Nobody waits for it.
    assert max(ends) - min(ends) < 500e9, ends


@mini_only
def case_nobody_sees_the_recorder(mini, scratch):
    record(mini, scratch, """
import os
fd = os.open("/dev/null", os.O_RDONLY)
assert fd == 3, fd
try:
    os.wait()
except ChildProcessError:
    print("alone")
""")


# What can go wrong


@mini_only
def case_lost_events_are_counted(mini, scratch):
    script = write(scratch, "script.mini", PREAMBLE + """
def worker():
    for _ in range(2000):
        time.sleep(0)
join(start(worker, worker))
""")
    path = os.path.join(scratch, "trace.json")
    outcome = mini.run(["--trace", path, "--timeline", script], "", scratch, env={"MINI_TRACE_MEMORY": "64K"})
    expect(outcome, err_has=["events found no room"])
    trace = check(Trace(path), is_complete=False)
    assert trace.data["lost_events"] > 1000, trace.data["lost_events"]
    whole, _, _ = record(mini, scratch, "join(start(lambda: None))\n")
    assert whole.data["lost_events"] == 0


@mini_only
def case_a_file_that_cannot_be_written(mini, scratch):
    """Said before the script has run."""
    script = write(scratch, "script.mini", "print('ran')\n")
    for option in ("--trace", "--report"):
        expect(mini.run([option, "/nonexistent/out", script], "", scratch), code=2, out="",
               err="mini: cannot write '/nonexistent/out': No such file or directory\n")
        expect(mini.run([option, script, script], "", scratch), code=2, out="", err_has=["looks like a script"])
    assert open(script).read() == "print('ran')\n"
    expect(mini.run(["--json", script], "", scratch), code=2, out="", err_has=["--json goes with --stats"])
    expect(mini.run(["--trace"], "", scratch), code=2, out="", err_has=["Argument expected"])


@mini_only
def case_a_disk_that_is_full(mini, scratch):
    """The script's own exit status stays."""
    script = write(scratch, "script.mini", "import sys\nprint('ran')\nsys.exit(3)\n")
    expect(mini.run(["--trace", "/dev/full", script], "", scratch), code=3, out="ran\n",
           err="mini: cannot write '/dev/full': No space left on device\n")


@mini_only
def case_an_old_file_is_emptied(mini, scratch):
    path = write(scratch, "trace.json", "x" * 1_000_000)
    script = write(scratch, "script.mini", "import os\nos.chdir('/')\n")
    expect(mini.run(["--trace", "trace.json", script], "", scratch))
    check(Trace(path))


# The views


@mini_only
def case_several_views_in_one_run(mini, scratch):
    script = write(scratch, "script.mini", "import time\ntime.sleep(0.01)\nprint('done')\n")
    outcome = mini.run(["--timeline", "--stats", "--trace", "a.json", "--report", "b.html", script], "", scratch)
    expect(outcome, out="done\n", err_has=["MainThread", "wall", "collections"])
    assert outcome.err.index("MainThread") < outcome.err.index("collections")
    check(Trace(os.path.join(scratch, "a.json")))
    page = open(os.path.join(scratch, "b.html")).read()
    assert page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>")


@mini_only
def case_folded_stacks(mini, scratch):
    script = write(scratch, "script.mini", "import time\ntime.sleep(0.05)\n")
    expect(mini.run(["--trace", "a.folded", script], "", scratch))
    text = open(os.path.join(scratch, "a.folded")).read()
    lines = [line.rsplit(" ", 1) for line in text.splitlines()]
    assert lines and all(n.isdigit() for _, n in lines), text
    assert any("sleep" in stack and int(n) >= 50_000 for stack, n in lines), text


@mini_only
def case_the_width_of_the_screen(mini, scratch):
    script = write(scratch, "script.mini", "import time\ntime.sleep(0.05)\n")
    for columns, widest in (("100", 100), ("", 80), ("nonsense", 80), ("120", 120)):
        outcome = mini.run(["--timeline", script], "", scratch, env={"COLUMNS": columns})
        expect(outcome, err_has=["MainThread"])
        assert max(map(len, outcome.err.splitlines())) <= widest, outcome.err
        assert "\x1b" not in outcome.err
