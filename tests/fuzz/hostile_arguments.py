#!/usr/bin/env python3
"""Calls everything that mini offers with arguments that it does not expect.

    tests/fuzz/hostile_arguments.py                                 half a minute, from a new seed
    tests/fuzz/hostile_arguments.py --batches 10 --seed 1           the same calls each time
    tests/fuzz/hostile_arguments.py --mini build-asan/mini --seconds 1800 --seed 3

A script in the language gathers the callables: builtins, the functions and classes of every
module that there is, the methods of their classes and of an instance of each built-in type.
It calls them at random with hostile values: of the wrong type, huge, negative, empty, self-
containing, objects whose special methods raise, return nonsense or change what they are
called for. An exception is what is expected; a crash, a sanitizer's report or a call that
Ctrl-C does not end is a finding (many may rightly take for ever: sum(range(2**70))). Each
batch runs in a process of its own, in an empty folder, and says before each call what it
calls, so that the last line names the culprit.
"""

import os
import signal
import subprocess
import sys
import tempfile
import time

import batches
from batches import ROOT

BATCH_CALLS = 3000
PATIENCE_SECONDS = 2         # for one call, before Ctrl-C
MERCY_SECONDS = 20           # for Ctrl-C to be heard

# Not called: they end or stop the process, wait for the world outside, or do what they are asked to outside of it.
LEFT_OUT = """exit quit input breakpoint help _exit abort fork forkpty kill killpg pthread_kill execv execve system popen sleep wait
waitpid pause alarm setitimer sigwait main run serve_forever accept recv recvfrom connect create_connection create_server
select poll remove unlink rmdir removedirs rmtree rename renames replace chmod chown chdir truncate ftruncate close closerange
dup2 setrecursionlimit set_int_max_str_digits stack_size join acquire get put wait_for raise_signal _raise_signal
collect_stress fail_alloc crash park interrupt_main _exit_thread read readline readlines readinto fdopen open FileIO start_new_thread
start set_inheritable urlopen _wait call check_call check_output spawn""".split()
# Nor these modules and their parts: they start processes, wait, or work on files as a matter of course.
LEFT_OUT_MODULES = """_test _repl _console _process _socket socket multiprocessing concurrent asyncio unittest tempfile shutil
pathlib glob""".split()

SCRIPT = r'''
import os
import sys

def attempt(f):
    try:
        return f()
    except Exception:
        return None

state = SEED
def draw(n):
    global state
    state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
    return (state >> 33) % n

class Liar:
    """Says what it is asked for, wrongly."""
    def __len__(self): return [-1, 2**70, "n", 3][draw(4)]
    def __index__(self): return [2**80, "i", -3, 5][draw(4)]
    def __int__(self): return ["x", 7][draw(2)]
    def __float__(self): return ["x", 1.5][draw(2)]
    def __iter__(self): return [iter([1, self]), 5, self][draw(3)]
    def __next__(self):
        if draw(3) == 0: raise StopIteration
        return self
    def __getitem__(self, key):
        if draw(3) == 0: raise IndexError
        return self
    def __hash__(self): return [5, "h", 2**90][draw(3)]
    def __eq__(self, other): return [True, False, self, NotImplemented][draw(4)]
    def __lt__(self, other): return [True, False, NotImplemented][draw(3)]
    def __bool__(self): return [True, False, 3][draw(3)]
    def __repr__(self): return ["liar", 4, None][draw(3)]
    def __str__(self): return ["liar", b"x"][draw(2)]
    def __format__(self, spec): return ["f", 1][draw(2)]
    def __call__(self, *args, **kwargs): return [self, None, args, 1][draw(4)]
    def __contains__(self, item): return self
    def __enter__(self): return self
    def __exit__(self, *args): return [True, None][draw(2)]
    def __fspath__(self): return ["x", 5, b"\0"][draw(3)]
    def __getattr__(self, name):
        if draw(2): raise AttributeError(name)
        return self

class Thrower:
    def __getattribute__(self, name): raise ValueError(name)
    def __eq__(self, other): raise KeyError
    def __hash__(self): raise TypeError
    def __iter__(self): raise OSError
    def __len__(self): raise RuntimeError
    def __index__(self): raise ZeroDivisionError
    def __repr__(self): raise ValueError
    def __bool__(self): raise LookupError

class Sub(list): pass
class SubDict(dict): pass
class SubInt(int): pass
class SubStr(str): pass

shared = [1, 2, 3]
shared_dict = {"a": 1, 2: "b"}
class Meddler:
    """Changes the containers that are worked on."""
    def __eq__(self, other):
        shared.clear(); shared_dict.clear(); return draw(2) == 0
    def __hash__(self):
        shared_dict["k%d" % draw(50)] = 1; return draw(5)
    def __lt__(self, other):
        shared.append(draw(5)); return draw(2) == 0
    def __index__(self):
        del shared[:]; return draw(4)
    def __repr__(self):
        shared.extend([1, 2]); return "meddler"
    def __call__(self, *args):
        shared.append(self); shared_dict.clear(); return draw(3)

loop = []; loop.append(loop)
loop_dict = {}; loop_dict["me"] = loop_dict
def gen():
    try:
        while True: yield draw(5)
    except ValueError:
        yield "caught"

def fresh():
    makers = [
        lambda: draw(7) - 3, lambda: 2**draw(130), lambda: -2**draw(130), lambda: True, lambda: None, lambda: ...,
        lambda: float(draw(100)) / 7, lambda: float("nan"), lambda: float("inf"), lambda: -0.0, lambda: 1e308,
        lambda: complex(draw(100), draw(9)), lambda: complex("nan"), lambda: complex(-0.0, float("inf")),
        lambda: "", lambda: "abc", lambda: "é€𝒳\0" * draw(3), lambda: "%s %d {} {0!r:>{1}}", lambda: "a" * draw(3000), lambda: "\ud800",
        lambda: b"", lambda: b"\xff\0ab", lambda: [], lambda: [draw(5), "x", 2.5], lambda: list(range(draw(100))),
        lambda: (), lambda: (1, "a"), lambda: ((1, 2), (3, 4)), lambda: {}, lambda: {"a": 1, 2: []}, lambda: {draw(9), "s"}, lambda: set(),
        lambda: frozenset([1]), lambda: range(draw(10)), lambda: range(2**70), lambda: range(-5, 10**20, 7), lambda: slice(draw(5), None, -1),
        lambda: shared, lambda: shared, lambda: shared_dict, lambda: loop, lambda: loop_dict, lambda: iter([1, 2]), lambda: gen(), lambda: gen,
        lambda: Liar(), lambda: Liar(), lambda: Thrower(), lambda: Meddler(), lambda: Meddler(), lambda: Sub([1]), lambda: SubDict(a=1),
        lambda: SubInt(4), lambda: SubStr("s"), lambda: Liar, lambda: int, lambda: type, lambda: ValueError("x"), lambda: KeyError,
        lambda: len, lambda: (lambda *a, **k: a), lambda: object(), lambda: memo, lambda: print, lambda: sys, lambda: property(len),
    ]
    return makers[draw(len(makers))]()

memo = [fresh() for _ in range(20)] if False else []

def gather(left_out):
    """(name, callable or (type, method name)) of all that there is."""
    found = []
    import builtins
    modules = [builtins, sys]
    for name in MODULES:
        try:
            modules.append(__import__(name))
        except BaseException:
            pass
    seen = set()
    for module in modules:
        for name in sorted(vars(module)):
            value = vars(module)[name]
            if name in left_out or id(value) in seen or not callable(value):
                continue
            seen.add(id(value))
            found.append((module.__name__ + "." + name, value))
            if isinstance(value, type):
                for method in sorted(set(dir(value))):
                    if method not in left_out:
                        found.append((module.__name__ + "." + name + "." + method, (value, method)))
    return found

def main():
    found = gather(set(LEFT_OUT))
    # At a descriptor that no argument names by chance.
    out = open(LOG, "w")
    os.dup2(out.fileno(), 100)
    out = open(100, "w")
    for i in range(CALLS):
        name, target = found[draw(len(found))]
        args = [fresh() for _ in range(draw(5))]
        kwargs = {["key", "default", "start", "x", "encoding", "sep"][draw(6)]: fresh()} if draw(8) == 0 else {}
        out.seek(0)
        out.write(f"{name} with {len(args)} arguments, call {i}" + " " * 60 + "\n")
        out.flush()
        try:
            if type(target) is tuple:
                owner, method = target
                if draw(2):
                    args.insert(0, attempt(lambda: owner(*args[:draw(3)])))
                f = getattr(owner, method)
            else:
                f = target
            result = f(*args, **kwargs)
            if draw(4) == 0 and len(memo) < 200:
                memo.append(result)
            step = draw(6)
            if step == 0: repr(result)
            elif step == 1: hash(result)
            elif step == 2: result == fresh()
            elif step == 3 and hasattr(result, "__next__"):
                for _ in range(5): next(result)
        except (Exception, GeneratorExit):
            pass
        except (SystemExit, KeyboardInterrupt):
            pass
        if i % 50 == 0:
            shared[:] = [1, 2, 3]; shared_dict.clear(); shared_dict["a"] = 1
            del memo[:-20]

main()
'''


def module_names():
    """All modules that mini has, from its sources."""
    lib = os.path.join(ROOT, "runtime", "lib")
    names = {f[:-5] for f in os.listdir(lib) if f.endswith(".mini")}
    with open(os.path.join(ROOT, "runtime", "modules", "modules.def"), encoding="utf-8") as f:
        for line in f:
            if line.startswith("MODULE("):
                names.add(line[len("MODULE("):].split(",")[0].strip())
    return sorted(name for name in names if name.split(".")[0] not in LEFT_OUT_MODULES)


def last_call(log):
    try:
        with open(log, encoding="utf-8", errors="replace") as f:
            return f.readline().strip()
    except OSError:
        return ""


def watch(process, log):
    """Wait for its end, and press Ctrl-C where a call takes long. Returns how it ended."""
    call, since, asked = None, time.monotonic(), False
    while process.poll() is None:
        time.sleep(0.05)
        now, present = time.monotonic(), last_call(log)
        if present != call:
            call, since, asked = present, now, False
        elif not asked and now - since > PATIENCE_SECONDS:
            process.send_signal(signal.SIGINT)
            asked = True
        elif now - since > PATIENCE_SECONDS + MERCY_SECONDS:
            os.killpg(process.pid, signal.SIGKILL)
            return "no end, whatever Ctrl-C says"
    return f"exit status {process.returncode}"


def run_batch(mini, seed, flags):
    with tempfile.TemporaryDirectory() as folder:
        log = os.path.join(folder, "log")
        text = (SCRIPT.replace("SEED", str(seed)).replace("LEFT_OUT", repr(LEFT_OUT)).replace("MODULES", repr(module_names()))
                .replace("CALLS", str(BATCH_CALLS)).replace("LOG", repr(log)))
        path = os.path.join(folder, "calls.mini")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        errors = open(os.path.join(folder, "errors"), "w+b")
        process = subprocess.Popen([mini, "--max-memory", "300M", *flags, path], cwd=folder, stdin=subprocess.DEVNULL,
                                   stdout=subprocess.DEVNULL, stderr=errors, start_new_session=True,
                                   env={"ASAN_OPTIONS": "detect_leaks=0", **os.environ})
        how = watch(process, log)
        if how in ("exit status 0", f"exit status {-signal.SIGINT}"):   # Ctrl-C may come between two calls
            return None
        errors.seek(0)
        err = errors.read()
        last = last_call(log) or "?"
        return f"{how}: {last}\n{err.decode('utf-8', 'replace')[-3000:]}"


def main():
    parser = batches.parser(__doc__.split("\n")[0])
    parser.add_argument("--no-gil", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)   # a shell ignores it for what runs behind
    flags = ["--no-gil"] if options.no_gil else []
    return batches.run(options, lambda mini, seed: run_batch(mini, seed, flags))


if __name__ == "__main__":
    sys.exit(main())
