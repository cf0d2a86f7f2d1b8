#!/usr/bin/env python3
"""Threads without the GIL call random methods of objects that they share.

    tests/fuzz/racing_methods.py                                    half a minute, from a new seed
    tests/fuzz/racing_methods.py --batches 4 --seed 1               the same objects and calls for each thread
    tests/fuzz/racing_methods.py --mini build-tsan/mini --seconds 600

A script in the language makes one object of each mutable type that there is (containers, buffers,
iterators, generators, files in memory and on disk, patterns, caches, weak containers, classes,
instances, modules, exceptions) and starts a few threads. Each draws an object and an operation on it: a
method that dir() shows, an operator, a subscript, an attribute that is set. What it does is drawn from its
own seed, so that a batch makes the same calls again; how they meet is chance. An exception is what is expected; a crash, a
sanitizer's report, an internal error or a batch that does not end is a finding.
"""

import os
import signal
import subprocess
import sys
import tempfile

import batches

N_THREADS = 4
PATIENCE_SECONDS = 300  # for a batch: a sanitizer on a busy machine is slow
# Exit statuses of a sanitizer's reports; 66 is ThreadSanitizer's own.
QUIET = {"TSAN_OPTIONS": "halt_on_error=1 exitcode=66", "ASAN_OPTIONS": "detect_leaks=0"}

SCRIPT = r'''
import array, collections, contextlib, contextvars, copy, csv, decimal, enum, functools, hashlib, io, itertools, json, operator
import os, queue, random, re, string, struct, sys, threading, time, types, weakref, zlib

sys.setrecursionlimit(300)

class Plain:
    x = 0
    def __init__(self, **kw): self.__dict__.update(kw)
    def __eq__(self, other): return self is other
    def __hash__(self): return 7
    @property
    def p(self): return self.x
    @p.setter
    def p(self, value): self.x = value

class Slotted:
    __slots__ = "a", "b", "__weakref__"

class Meta(type):
    def __call__(cls, *args): return type.__call__(cls, *args)

class Made(metaclass=Meta): pass

class Color(enum.Enum):
    RED = 1
    BLUE = 2

class SubList(list): pass
class SubDict(dict):
    def __missing__(self, key): return key

def numbers(n=30):
    try:
        for i in range(n):
            got = yield i
    except ValueError:
        yield "caught"

@functools.lru_cache(maxsize=8)
def remember(*args): return args

@functools.singledispatch
def kind(x): return "object"

def default(a, b=2, *, c=3): return a, b, c

async def coroutine(): return 1

kept = [Plain(n=i) for i in range(6)]       # what the weak containers refer to

MAKERS = {
    "list": lambda: [3, 1, 2, "a", 2.5] * 3, "dict": lambda: {"a": 1, 2: "b", (): None, "c": []}, "set": lambda: {1, 2, "x", None},
    "frozenset": lambda: frozenset("abc"), "tuple": lambda: (1, [2], {}), "bytearray": lambda: bytearray(b"some bytes here"),
    "bytes": lambda: b"abc abc", "str": lambda: "some text äö", "deque": lambda: collections.deque([1, 2, 3], 9),
    "OrderedDict": lambda: collections.OrderedDict(a=1, b=2), "defaultdict": lambda: collections.defaultdict(list, a=[1]),
    "Counter": lambda: collections.Counter("abca"), "ChainMap": lambda: collections.ChainMap({"a": 1}, {"b": 2}),
    "array": lambda: array.array("i", range(9)), "array_d": lambda: array.array("d", [1.5, 2.5]), "memoryview": lambda: memoryview(bytearray(b"0123456789")),
    "StringIO": lambda: io.StringIO("one\ntwo\nthree\n"), "BytesIO": lambda: io.BytesIO(b"one\ntwo\n"),
    "BufferedReader": lambda: io.BufferedReader(io.BytesIO(b"bytes" * 50)), "TextIOWrapper": lambda: io.TextIOWrapper(io.BytesIO(b"text\n" * 50)),
    "file": lambda: open("shared.txt", "w+"), "binary_file": lambda: open("shared.bin", "w+b"), "raw_file": lambda: open("shared.raw", "w+b", buffering=0),
    "list_iterator": lambda: iter(list(range(50))), "dict_iterator": lambda: iter(dict.fromkeys(range(50))), "set_iterator": lambda: iter(set(range(50))),
    "items": lambda: SHARED["dict"].items(), "keys": lambda: SHARED["dict"].keys(), "iter_of_shared": lambda: iter(SHARED["list"]), "iter_of_dict": lambda: iter(SHARED["dict"]),
    "view_of_shared": lambda: memoryview(SHARED["bytearray"]), "generator": numbers, "coroutine": coroutine, "range_iterator": lambda: iter(range(99)),
    "str_iterator": lambda: iter("text" * 9), "zip": lambda: zip(range(99), itertools.count()), "map": lambda: map(str, range(99)), "filter": lambda: filter(None, range(99)),
    "enumerate": lambda: enumerate(range(99)), "reversed": lambda: reversed([1, 2, 3] * 9), "count": itertools.count, "cycle": lambda: itertools.cycle([1, 2, 3]),
    "chain": lambda: itertools.chain([1] * 9, [2] * 9), "islice": lambda: itertools.islice(range(99), 50), "product": lambda: itertools.product("abc", repeat=4),
    "permutations": lambda: itertools.permutations(range(6)), "combinations": lambda: itertools.combinations(range(12), 3), "groupby": lambda: itertools.groupby("aabbcc" * 9),
    "accumulate": lambda: itertools.accumulate(range(99)), "pairwise": lambda: itertools.pairwise(range(99)), "batched": lambda: itertools.batched(range(99), 3),
    "zip_longest": lambda: itertools.zip_longest(range(50), "ab"), "tee": lambda: itertools.tee(range(99))[0], "repeat": lambda: itertools.repeat(1, 99), "starmap": lambda: itertools.starmap(pow, [(1, 2)] * 50),
    "pattern": lambda: re.compile(r"(a)(?P<n>b*)"), "match": lambda: re.search(r"(a)(?P<n>b*)", "xabby"), "scanner": lambda: re.finditer(".", "text" * 20), "struct": lambda: struct.Struct("<iH"),
    "Random": lambda: random.Random(5), "lru_cache": lambda: remember, "partial": lambda: functools.partial(default, 1, b=3), "singledispatch": lambda: kind,
    "WeakKeyDictionary": lambda: weakref.WeakKeyDictionary({k: 1 for k in kept}), "WeakValueDictionary": lambda: weakref.WeakValueDictionary(dict(enumerate(kept))), "WeakSet": lambda: weakref.WeakSet(kept),
    "ref": lambda: weakref.ref(kept[0]), "proxy": lambda: weakref.proxy(kept[1]), "finalize": lambda: weakref.finalize(kept[2], len, ""), "instance": lambda: Plain(a=1, b=2), "instance_dict": lambda: SHARED["instance"].__dict__,
    "slotted": Slotted, "class": lambda: Plain, "metaclass": lambda: Made, "mappingproxy": lambda: Plain.__dict__, "enum": lambda: Color, "member": lambda: Color.RED, "function": lambda: default,
    "module": lambda: types.ModuleType("shared_module"), "globals": globals, "method": lambda: kept[0].__eq__, "property": lambda: Plain.p, "exception": lambda: KeyError("k"), "group": lambda: ExceptionGroup("g", [ValueError(1)]),
    "namespace": lambda: types.SimpleNamespace(a=1), "sub_list": lambda: SubList([1, 2, 3]), "sub_dict": lambda: SubDict(a=1), "hash": lambda: hashlib.sha256(b"x"), "crc": lambda: zlib.compressobj(), "inflate": lambda: zlib.decompressobj(),
    "context": contextvars.copy_context, "variable": lambda: contextvars.ContextVar("v", default=1), "decimal": lambda: decimal.Decimal("1.5"), "queue": queue.SimpleQueue, "event": threading.Event, "local": threading.local,
    "exit_stack": contextlib.ExitStack, "namedtuple": lambda: collections.namedtuple("P", "x y")(1, 2), "encoder": json.JSONEncoder, "complex": lambda: 1 + 2j, "int": lambda: 2**80, "slice": lambda: slice(1, 5), "modules": lambda: sys.modules,
    "writer": lambda: csv.writer(io.StringIO()), "reader": lambda: csv.reader(["a,b", "c,d"] * 20), "UserList": lambda: collections.UserList([1, 2]), "formatter": string.Formatter, "code": lambda: default.__code__, "defaults": lambda: default.__kwdefaults__,
}

# They wait, end something that others need, or have an effect outside of the object.
LEFT_OUT = set("""wait get put acquire join start sleep exit fileno detach isatty truncate __init_subclass__ __subclasscheck__ __instancecheck__ __del__
get_nowait_forever __class__ __getattribute__ __setattr__ __delattr__ __subclasses__ mro register __prepare__ __reduce_ex__ __reduce__ __sizeof__ __build_class__ pop_all""".split())
ENDLESS = {"count", "cycle"}        # not to be gone through to their end
ONLY_READ = {"globals", "modules"}  # the script itself lives in them

SHARED = {}
for name, make in MAKERS.items():
    SHARED[name] = make()
NAMES = [name for name in SHARED if not ONLY or name in ONLY]

class Worker:
    def __init__(self, seed):
        self.state = seed
        self.calls = 0

    def draw(self, n):
        self.state = (self.state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (self.state >> 33) % n

    def pick(self, *items): return items[self.draw(len(items))]

    def argument(self):
        n = self.draw(26)
        if n < 6: return self.draw(9) - 2
        if n < 9: return SHARED[NAMES[self.draw(len(NAMES))]]
        return self.pick("a", "b", "x", b"ab", b"", "", None, True, 1.5, [1, 2], (1, "a"), {"a": 1}, slice(0, 3), slice(None, None, -1), {1, 2}, kept[0], kept[self.draw(6)], len, str, range(3), iter([1, 2]), lambda *a: a, ValueError)

    def operate(self, name, o):
        n = self.draw(32)
        if n < 14:
            method = dir(o)
            method = method[self.draw(len(method))]
            if method in LEFT_OUT or name in ONLY_READ and method in ("clear", "pop", "popitem", "update", "setdefault", "__setitem__", "__delitem__", "__ior__", "__init__", "__or__", "__ror__"): return
            getattr(o, method)(*[self.argument() for _ in range(self.draw(4))])
        elif n == 14: repr(o)
        elif n == 15: len(o); bool(o)
        elif n == 16: o[self.argument()]
        elif n == 17 and name not in ONLY_READ: o[self.argument()] = self.argument()
        elif n == 18 and name not in ONLY_READ: del o[self.argument()]
        elif n == 19 and name not in ENDLESS: self.argument() in o
        elif n == 20: next(o)
        elif n == 21 and name not in ENDLESS: list(itertools.islice(o, 60))
        elif n == 22: o == self.argument(); hash(o)
        elif n == 23: setattr(o, self.pick("x", "a", "b", "y%d" % self.draw(20), "__doc__", "__name__", "p"), self.argument())
        elif n == 24: getattr(o, self.pick("x", "a", "b", "y%d" % self.draw(20), "__dict__", "__name__", "p"))
        elif n == 25: delattr(o, self.pick("x", "a", "b", "y%d" % self.draw(20)))
        elif n == 26: self.pick(operator.add, operator.mul, operator.or_, operator.and_, operator.sub, operator.mod, operator.lt)(o, self.pick(o, self.argument()))
        elif n == 27 and name not in ENDLESS and name not in ONLY_READ: self.pick(copy.copy, copy.deepcopy, sorted, list, tuple, set, sum, max, "".join, dict, bytes, str, iter, reversed, memoryview)(o)
        elif n == 28: o(*[self.argument() for _ in range(self.draw(3))])
        elif n == 29 and name not in ONLY_READ: self.pick(operator.iadd, operator.ior, operator.imul, operator.isub, operator.iand)(o, self.pick(2, [1], {"a": 2}, {5}, b"x", "x"))
        elif n == 30: self.types(o)
        elif n == 31: self.anew(name)

    def types(self, o):
        """Classes made, changed and looked up while others use them."""
        made = type("T%d" % self.draw(5), (self.pick(Plain, Made, list, dict, SubList, Exception),), {"x": 1, "y%d" % self.draw(9): 2})
        one = made()
        one.z = 1
        Plain.later = self.draw(5)
        if self.draw(3) == 0: Plain.__getattr__ = lambda self, name: name
        elif self.draw(2) and "__getattr__" in Plain.__dict__: del Plain.__getattr__
        isinstance(o, made); Plain.__subclasses__(); getattr(one, "later", None)
        if self.draw(4) == 0: kept[self.draw(6)] = Plain(n=1)

    def anew(self, name):
        """A fresh object in the place of the shared one: one that was closed or is at its end says little."""
        SHARED[name] = MAKERS[name]()

    def run(self):
        for self.calls in range(CALLS):
            name = NAMES[self.draw(len(NAMES))]
            try:
                self.operate(name, SHARED[name])
            except (Exception, GeneratorExit) as e:
                if type(e).__name__ == "SystemError": raise
            if TELL and self.calls % 50 == 0: os.write(2, f"{self.calls} {name}\n".encode())

def main():
    sys.stdout = open(os.devnull, "w")
    barrier = threading.Barrier(N_THREADS)
    def work(worker):
        barrier.wait()
        worker.run()
    workers = [threading.Thread(target=work, args=(Worker(SEED * 100 + i),)) for i in range(N_THREADS)]
    for worker in workers: worker.start()
    for worker in workers: worker.join()

main()
os.write(1, b"all done\n")
'''


def run_batch(mini, seed, options):
    with tempfile.TemporaryDirectory() as folder:
        text = SCRIPT
        for word, value in (
            ("N_THREADS", N_THREADS),
            ("SEED", seed),
            ("CALLS", options.calls),
            ("TELL", options.tell),
            ("ONLY or", f"{options.only!r} or"),
            ("in ONLY]", f"in {options.only!r}]"),
        ):
            text = text.replace(word, str(value))
        path = os.path.join(folder, "racing.mini")
        with open(path, "w", encoding="utf-8") as f:
            f.write(text)
        if options.keep:
            with open(options.keep, "w", encoding="utf-8") as f:
                f.write(text)
        # What a thread says about its end, a few megabytes at most, would fill a pipe that nobody reads.
        with open(os.path.join(folder, "out"), "w+b") as out, open(os.path.join(folder, "errors"), "w+b") as errors:
            process = subprocess.Popen(
                [mini, "--no-gil", "--max-memory", "600M", path],
                cwd=folder,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=errors,
                start_new_session=True,
                env={**QUIET, **os.environ},
            )
            try:
                process.wait(PATIENCE_SECONDS)
                how = f"exit status {process.returncode}"
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                process.wait()
                how = "no end"
            out.seek(0)
            errors.seek(0)
            said, err = out.read(), errors.read().decode("utf-8", "replace")
        if (
            how == "exit status 0"
            and said.endswith(b"all done\n")
            and "SystemError" not in err
            and "Sanitizer" not in err
        ):
            return None
        return f"{how}\n{err[:options.most]}"


def main():
    parser = batches.parser(__doc__.split("\n")[0])
    parser.add_argument("--calls", type=int, default=3000, help="of each thread in a batch")
    parser.add_argument("--only", nargs="*", default=[], help="names of the shared objects to race for")
    parser.add_argument("--tell", action="store_true", help="say now and then where the threads are")
    parser.add_argument("--keep", metavar="FILE", help="write the last batch's script there")
    parser.add_argument("--most", type=int, default=6000, help="characters of a finding to print")
    options = parser.parse_args()
    return batches.run(options, lambda mini, seed: run_batch(mini, seed, options))


if __name__ == "__main__":
    sys.exit(main())
