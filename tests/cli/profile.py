"""--profile: hits as sys.settrace counts them, times that add up, threads, processes, every way to end."""

import re
import signal
import subprocess
import sys

from _help import expect, luck, mini_only, patient, run_script, write

UNITS = {"s": 1e9, "ms": 1e6, "us": 1e3, "ns": 1}
TIME = r"(?:\d[\d.]* (?:s |ms|us|ns)|-   )"
LINE = re.compile(rf"^ +(\d+) +(\d+) +({TIME}) +({TIME}) +({TIME}) +({TIME}) +(\d+\.\d)(?:  (.*))?$")
ROW = re.compile(rf"^ +(\d+) +({TIME}) +({TIME}) +({TIME}) +({TIME}) +(\d+\.\d)  (\S+) \((.*):(\d+)\)$")
TITLE = re.compile(r"^(\S+) \((.*):(\d+)\): (\d+) calls?, (\S+(?: \w+)?)(?: in (.*))?$")


def _ns(text):
    if text.strip() == "-":
        return 0
    number, unit = text.split()
    return float(number) * UNITS[unit]


class _Line:
    def __init__(self, match):
        self.number = int(match[1])
        self.hits = int(match[2])
        self.run, self.gil, self.wait, self.per_hit = map(_ns, match.groups()[2:6])
        self.percent = float(match[7])
        self.source = (match[8] or "").strip()


def _blocks(err):
    """The lines of each function, by its name and thread ("" for all together)."""
    blocks = {}
    block = None
    for text in err.splitlines():
        if title := TITLE.match(text):
            thread = title[6] or ""
            block = blocks[title[1], "" if thread.endswith("all together") else thread] = {}
        elif (line := LINE.match(text)) and block is not None:
            block[int(line[1])] = _Line(line)
    return blocks


def _by_source(block):
    return {line.source: line for line in block.values()}


def _rows(err):
    """The first table of functions: by name, those of other files by name and file."""
    rows = {}
    for text in err.split("MainThread\n")[0].splitlines():
        if row := ROW.match(text):
            key = row[7] if row[8] == "script.mini" else (row[7], row[8])
            rows[key] = [int(row[1]), *map(_ns, row.groups()[1:5]), float(row[6])]
    return rows


def _profile(mini, scratch, text, flags=(), **expected):
    outcome = run_script(mini, scratch, text, flags=["--profile", *flags], seconds=60)
    expect(outcome, err_has=["\nProfile of "], **expected)
    return outcome


def case_without_the_flag_there_is_no_profile(mini, scratch):
    outcome = run_script(mini, scratch, "try:\n    profile\nexcept NameError as e:\n    print(e)\n")
    expect(outcome, out="name 'profile' is not defined\n")


FUNCTIONS = '''
class Closing:
    def __enter__(self):
        return self
    def __exit__(self, *exc):
        return True

@profile
def everything(n):
    total = 0
    for i in range(n):
        if i % 2:
            total += i
        elif i % 3 == 0:
            continue
        else:
            total -= 1
    while total > 5:
        total -= 2
        if total == 7:
            break
    try:
        total += 1
        int("x")
        total += 100
    except ValueError:
        total += 2
    finally:
        total += 3
    with Closing():
        total += 1
        raise KeyError
    values = sorted(range(n), key=lambda v: -v)
    if total and values or n:
        return total
    return None

@profile
def generator(n):
    for i in range(n):
        yield i
        if i == 2:
            yield from range(2)

@profile
def recursive(n):
    if n == 0:
        return 0
    return n + recursive(n - 1)

@profile
def raising():
    x = 1
    raise ValueError(x)

class Methods:
    @profile
    def plain(self):
        return 1
    @classmethod
    @profile
    def of_class(cls):
        return 2
    @profile
    @staticmethod
    def static():
        return 3

everything(10)
everything(3)
sum(generator(5))
for i in generator(100):
    if i == 10:
        break
g = generator(4)
next(g)
try:
    g.throw(KeyError)
except KeyError:
    pass
g = generator(4)
next(g)
g.close()
recursive(4)
try:
    raising()
except ValueError:
    pass
for i in range(3):
    Methods().plain() + Methods.of_class() + Methods.static()
'''

# What python3 counts in its own way.
COUNT_HITS = '''
import sys
hits = {}
codes = set()
def profile(f):
    codes.add(getattr(f, "__func__", f).__code__)
    return f
def of_line(frame, event, arg):
    if event == "line":
        hits[frame.f_lineno] = hits.get(frame.f_lineno, 0) + 1
    return of_line
def of_call(frame, event, arg):
    return of_line if frame.f_code in codes else None
source = open(sys.argv[1]).read()
sys.settrace(of_call)
exec(compile(source, sys.argv[1], "exec"))
sys.settrace(None)
print(hits)
'''


@mini_only
def case_hits_are_those_of_settrace(mini, scratch):
    script = write(scratch, "functions.py", FUNCTIONS)
    counter = write(scratch, "count.py", COUNT_HITS)
    counted = subprocess.run([sys.executable, counter, script], capture_output=True, text=True, check=True)
    expected = eval(counted.stdout)
    outcome = _profile(mini, scratch, FUNCTIONS)
    got = {number: line.hits for block in _blocks(outcome.err).values() for number, line in block.items()}
    assert got == expected, f"{got}\nexpected {expected}\n{outcome.err}"


DOWNLOADS = '''
import socket
import threading
import time

def answer(connection):
    with connection:
        connection.recv(1000)
        time.sleep(0.2)
        connection.sendall(b"page")

def serve():
    while True:
        threading.Thread(target=answer, args=server.accept()[:1], daemon=True).start()

server = socket.create_server(("127.0.0.1", 0))
threading.Thread(target=serve, daemon=True).start()

def download():
    with socket.create_connection(server.getsockname()) as connection:
        connection.sendall(b"please")
        return connection.recv(1000)

def single_thread():
    for _ in range(5):
        download()

def multiple_threads():
    threads = []
    for _ in range(5):
        threads.append(threading.Thread(target=download))
    for t in threads:
        t.start()
    for t in threads:
        t.join()

@profile
def main():
    single_thread()
    multiple_threads()

main()
'''


@mini_only
@patient
def case_downloads_are_five_to_one(mini, scratch):
    outcome = _profile(mini, scratch, DOWNLOADS)
    lines = _by_source(_blocks(outcome.err)["main", ""])
    one, many = lines["single_thread()"], lines["multiple_threads()"]
    assert (one.hits, many.hits) == (1, 1), outcome.err
    luck(2 < one.percent / many.percent < 8, outcome.err)
    luck(2 < one.per_hit / many.per_hit < 8, outcome.err)
    luck(one.wait > 0.9 * one.per_hit, outcome.err)
    assert 99 < one.percent + many.percent < 101, outcome.err


@mini_only
@patient
def case_running_and_waiting_are_told_apart(mini, scratch):
    outcome = _profile(mini, scratch, '''
import threading, time
def spin(seconds):
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass
@profile
def main():
    spin(0.1)
    time.sleep(0.1)
    lock = threading.Lock()
    lock.acquire()
    threading.Timer(0.1, lock.release).start()
    lock.acquire()
main()
''')
    lines = _by_source(_blocks(outcome.err)["main", ""])
    assert lines["spin(0.1)"].run > 50 * lines["spin(0.1)"].wait, outcome.err
    luck(lines["time.sleep(0.1)"].wait > 20 * lines["time.sleep(0.1)"].run, outcome.err)
    waits = [l for n, l in lines.items() if n == "lock.acquire()"]
    luck(waits[0].wait > 20 * waits[0].run, outcome.err)
    for line in lines.values():
        whole = line.run + line.gil + line.wait
        assert abs(line.per_hit * line.hits - whole) <= 0.01 * whole + 2 * line.hits, (line.source, outcome.err)


TWO_COMPUTE = '''
import threading, time
def spin():
    end = time.thread_time() + 0.15
    while time.thread_time() < end:
        pass
@profile
def work():
    spin()
threads = [threading.Thread(target=work, name=name) for name in ("left", "right")]
for t in threads:
    t.start()
for t in threads:
    t.join()
'''


@mini_only
@patient
def case_waiting_for_the_gil_in_each_thread(mini, scratch):
    outcome = _profile(mini, scratch, TWO_COMPUTE, flags=["-X", "gil=1"])
    blocks = _blocks(outcome.err)
    assert set(blocks) == {("work", ""), ("work", "left"), ("work", "right")}, outcome.err
    spins = {thread: _by_source(block)["spin()"] for (_, thread), block in blocks.items()}
    assert [spins[t].hits for t in ("", "left", "right")] == [2, 1, 1], outcome.err
    for thread in "left", "right":
        luck(spins[thread].gil > 0.3 * spins[thread].run, outcome.err)
    total = spins["left"].run + spins["right"].run
    assert abs(spins[""].run - total) < 0.01 * total, outcome.err


@mini_only
@patient
def case_nobody_waits_for_the_gil_without_it(mini, scratch):
    outcome = _profile(mini, scratch, TWO_COMPUTE, flags=["-X", "gil=0"])
    spins = {thread: _by_source(block)["spin()"] for (_, thread), block in _blocks(outcome.err).items()}
    assert all(line.gil == 0 for line in spins.values()), outcome.err
    luck(all(line.run > 10 * line.wait for line in spins.values()), outcome.err)


@mini_only
@patient
def case_functions_when_nothing_is_marked(mini, scratch):
    outcome = _profile(mini, scratch, '''
import time
def fib(n):
    return n if n < 2 else fib(n - 1) + fib(n - 2)
def numbers(n):
    for i in range(n):
        yield i
def nap():
    time.sleep(0.1)
def main():
    fib(12)
    sum(numbers(100))
    sorted(range(50), key=lambda x: -x)
    nap()
main()
''', out="")
    rows = _rows(outcome.err)
    assert {name: rows[name][0] for name in ("fib", "numbers", "nap", "main", "main.<locals>.<lambda>", "<module>")} == \
        {"fib": 465, "numbers": 1, "nap": 1, "main": 1, "main.<locals>.<lambda>": 50, "<module>": 1}, outcome.err
    calls, total, run, gil, wait, percent = rows["nap"]
    assert total >= wait, outcome.err
    luck(wait > 20 * run, outcome.err)
    assert rows["main"][1] >= rows["nap"][1] and rows["main"][4] == 0, outcome.err
    assert 98 < sum(row[5] for row in rows.values()) < 101, outcome.err


@mini_only
def case_printed_whatever_the_end(mini, scratch):
    text = "@profile\ndef f():\n    x = 1\n    %s\nf()\n"
    for end, code in (("raise KeyError(x)", 1), ("raise SystemExit(5)", 5), ("__import__('sys').exit('bye')", 1)):
        outcome = _profile(mini, scratch, text % end, code=code)
        block = _blocks(outcome.err)["f", ""]
        assert [block[n].hits for n in (3, 4)] == [1, 1], outcome.err
        assert outcome.err.index("Profile of") > outcome.err.find("Error"), outcome.err


@mini_only
def case_printed_after_ctrl_c(mini, scratch):
    text = "import time\n@profile\ndef f():\n    print('ready', flush=True)\n    time.sleep(600)\nf()\n"
    path = write(scratch, "waits.mini", f"import sys\n{text}")
    process = mini.start(["--profile", path], cwd=scratch)
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    outcome = mini.finish(process, "", 20)
    expect(outcome, code=-signal.SIGINT, err_has=["KeyboardInterrupt", "Profile of"])
    assert _by_source(_blocks(outcome.err)["f", ""])["time.sleep(600)"].hits == 1, outcome.err


@mini_only
@patient
def case_what_a_daemon_is_at(mini, scratch):
    outcome = _profile(mini, scratch, '''
import socket, threading, time
a, b = socket.socketpair()
@profile
def daemon():
    begun.set()
    a.recv(1)
begun = threading.Event()
threading.Thread(target=daemon, daemon=True).start()
begun.wait()
time.sleep(0.1)
''')
    luck("a.recv(1)" in outcome.err, outcome.err)
    line = _by_source(_blocks(outcome.err)["daemon", ""])["a.recv(1)"]
    assert line.hits == 1, outcome.err
    luck(line.wait > 10 * line.run, outcome.err)


@mini_only
def case_processes_print_their_own(mini, scratch):
    outcome = _profile(mini, scratch, '''
import multiprocessing, os
multiprocessing.set_start_method("fork")
@profile
def work(i):
    for k in range(100 * i):
        pass
    return i
def child(i):
    work(i)
    print(os.getpid(), i, flush=True)
processes = [multiprocessing.Process(target=child, args=(i,)) for i in range(1, 7)]
for p in processes:
    p.start()
for p in processes:
    p.join()
work(9)
''')
    parts = re.split(r"^Profile of ", outcome.err, flags=re.M)[1:]
    numbers = dict(map(int, line.split()) for line in outcome.out.splitlines())
    hits = {}
    for part in parts:
        pid = re.match(r"\S+, process (\d+), ", part)
        lines = _by_source(_blocks(part)["work", ""])
        assert lines["return i"].hits == 1, part
        hits[int(pid[1]) if pid else 0] = lines["for k in range(100 * i):"].hits
    assert hits == {0: 901, **{pid: 100 * i + 1 for pid, i in numbers.items()}}, (hits, outcome.err)
    for text in outcome.err.splitlines():
        assert not text or LINE.match(text) or TITLE.match(text) or \
            re.match(r"Profile of|Wait: |  Line |[ 0-9]{6}(  .*)?$", text), repr(text)


@mini_only
def case_profile_takes_functions(mini, scratch):
    text = '''
for what in 5, None, "f", len, int:
    try:
        profile(what)
    except TypeError as e:
        print(e)
print(profile(case := lambda: 1) is case, case())
'''
    outcome = _profile(mini, scratch, text, out="".join(
        f"profile() argument must be a function, not {name}\n"
        for name in ("int", "NoneType", "str", "builtin_function_or_method", "type")) + "True 1\n")
    assert "<lambda>" in outcome.err, outcome.err


@mini_only
def case_profile_and_switches_after_each_instruction(mini, scratch):
    outcome = _profile(mini, scratch, TWO_COMPUTE.replace("0.15", "0.02"), flags=["--switch-every", "3"])
    assert ("work", "left") in _blocks(outcome.err), outcome.err
