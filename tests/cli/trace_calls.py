"""--trace-calls: the spans of functions are nested in each thread and are the calls that python3 sees."""

import collections
import json
import os
import subprocess
import sys

from _help import expect, luck, mini_only, patient, run_script, write

CALLS = '''
import threading

def leaf(x):
    return x + 1

def gen(n):
    for i in range(n):
        try:
            yield leaf(i)
        finally:
            leaf(i)

def delegating():
    yield from gen(3)

def recursive(n):
    return 0 if n == 0 else 1 + recursive(n - 1)

def raising(n):
    if n == 0:
        raise KeyError(n)
    raising(n - 1)

def catching():
    try:
        raising(3)
    except KeyError:
        leaf(0)

class Thing:
    def __init__(self):
        self.x = leaf(1)
    def __repr__(self):
        return str(leaf(2))
    def __enter__(self):
        return leaf(3)
    def __exit__(self, *exc):
        leaf(4)
        return True

def main():
    list(gen(4))
    for x in delegating():
        leaf(x)
    recursive(5)
    catching()
    repr(Thing())
    with Thing():
        raising(1)
    sorted([3, 1, 2], key=leaf)
    closed = gen(5)
    next(closed)
    closed.close()
    thrown = gen(5)
    next(thrown)
    try:
        thrown.throw(ValueError)
    except ValueError:
        leaf(5)

def work():
    main()

work()
t = threading.Thread(target=work)
t.start()
t.join()
'''

# Pairs of caller and called function as python3 tells them.
COUNT_CALLS = '''
import sys, threading
pairs = []
def of_event(frame, event, arg):
    if event == "call" and frame.f_code.co_filename == sys.argv[1]:
        back = frame.f_back
        is_ours = back is not None and back.f_code.co_filename == sys.argv[1]
        pairs.append((back.f_code.co_name if is_ours else "", frame.f_code.co_name))
source = open(sys.argv[1]).read()
code = compile(source, sys.argv[1], "exec")
threading.setprofile(of_event)
sys.setprofile(of_event)
exec(code)
sys.setprofile(None)
print(pairs)
'''


def _spans(mini, scratch, text, flags=(), **expected):
    """The spans of functions of each thread, in the order of their begin, outer ones first."""
    path = os.path.join(scratch, "trace.json")
    outcome = run_script(mini, scratch, text, flags=[*flags, "--trace", path, "--trace-calls"], seconds=60)
    expect(outcome, **expected)
    with open(path) as f:
        events = json.load(f)["traceEvents"]
    threads = collections.defaultdict(list)
    for event in events:
        if event["ph"] == "X" and event["cat"] == "call":
            threads[event["pid"], event["tid"]].append(event)
    names = {(e["pid"], e["tid"]): e["args"]["name"] for e in events if e["name"] == "thread_name"}
    return {names[key]: spans for key, spans in threads.items()}


def _ns(us):
    return round(us * 1000)


def _pairs(spans):
    """(caller, called) for each span; fails unless the spans are nested."""
    pairs = []
    open_spans = []
    for span in spans:
        begin, end = _ns(span["ts"]), _ns(span["ts"]) + _ns(span["dur"])
        while open_spans and open_spans[-1][1] <= begin and not end <= open_spans[-1][1]:
            open_spans.pop()
        assert not open_spans or end <= open_spans[-1][1], f"{span} is not within {open_spans[-1]}"
        pairs.append((open_spans[-1][0] if open_spans else "", span["name"].rpartition(".")[2]))
        open_spans.append((pairs[-1][1], end))
    return pairs


@mini_only
def case_calls_are_those_of_setprofile(mini, scratch):
    script = write(scratch, "calls.py", CALLS)
    counter = write(scratch, "count.py", COUNT_CALLS)
    counted = subprocess.run([sys.executable, counter, script], capture_output=True, text=True, check=True)
    expected = collections.Counter(called for _, called in eval(counted.stdout))
    got = collections.Counter()
    for spans in _spans(mini, scratch, CALLS).values():
        of_script = [span for span in spans if span["args"]["at"].startswith(os.path.join(scratch, "script.mini"))]
        got.update(span["name"].rpartition(".")[2] for span in of_script)
        _pairs(spans)
    assert got == expected, f"too many: {got - expected}\nmissing: {expected - got}"


@mini_only
def case_spans_are_nested_whatever_happens(mini, scratch):
    spans = _spans(mini, scratch, CALLS, flags=["--switch-every", "5"])
    assert len(spans) == 2 and all(len(s) > 50 for s in spans.values()), spans.keys()
    for one in spans.values():
        pairs = collections.Counter(_pairs(one))
        assert pairs["recursive", "recursive"] >= 4 and pairs["main", "catching"] == 1, pairs


@mini_only
def case_in_a_child_the_callers_are_open(mini, scratch):
    spans = _spans(mini, scratch, """
import os
def inner():
    return 1
def fork():
    pid = os.fork()
    if pid == 0:
        inner()
        return
    os.waitpid(pid, 0)
def outer():
    fork()
outer()
""")
    assert len(spans) >= 1
    path = os.path.join(scratch, "trace.json")
    with open(path) as f:
        events = json.load(f)["traceEvents"]
    by_pid = collections.defaultdict(list)
    for event in events:
        if event["ph"] == "X" and event["cat"] == "call":
            by_pid[event["pid"]].append(event)
    assert len(by_pid) == 2, by_pid.keys()
    nested = [[called for _, called in _pairs(spans) if called in ("outer", "fork", "inner")] for spans in by_pid.values()]
    assert sorted(nested) == [["outer", "fork"], ["outer", "fork", "inner"]], nested


@mini_only
def case_it_needs_a_trace(mini, scratch):
    outcome = run_script(mini, scratch, "pass\n", flags=["--trace-calls"])
    expect(outcome, code=2, err_has=["--trace-calls needs --trace or --report"])


@mini_only
def case_with_profile(mini, scratch):
    spans = _spans(mini, scratch, "@profile\ndef f():\n    return 1\nf()\n", flags=["--profile"], err_has=["f (script.mini:1): 1 call"])
    assert [called for one in spans.values() for _, called in _pairs(one)].count("f") == 1


@mini_only
@patient
def case_sockets_are_input_and_output(mini, scratch):
    _spans(mini, scratch, """
import socket, threading, time
server = socket.create_server(("127.0.0.1", 0))
def serve():
    connection, _ = server.accept()
    connection.recv(10)
    connection.close()
t = threading.Thread(target=serve)
t.start()
time.sleep(0.1)
client = socket.create_connection(server.getsockname())
time.sleep(0.1)
client.sendall(b"now")
t.join()
""")
    with open(os.path.join(scratch, "trace.json")) as f:
        events = json.load(f)["traceEvents"]
    waits = {e["name"]: e for e in events if e["ph"] == "X" and e["cat"] == "io" and e["dur"] > 50000}
    luck(set(waits) == {"accept", "receive"}, waits)
    assert waits["accept"]["args"]["object"].startswith("socket "), waits
    assert waits["receive"]["args"]["at"].endswith("script.mini:6"), waits
