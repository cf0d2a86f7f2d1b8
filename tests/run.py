#!/usr/bin/env python3
"""Runs mini's tests: scripts with their expectation inside, command line cases, unit tests.

    tests/run.py                                   conformance, stress and cli; GIL, no GIL, python3
    tests/run.py conformance/list --variant no-gil
    tests/run.py stress/atomic_list --mini build-tsan/mini

A path is a prefix: "conformance/int" runs that folder, "conformance/int/big" what begins so.
What a script may say about itself is described in tests/README.md. A mini built with a
sanitizer is recognised; its tests get more time, smaller sizes and the sanitizer's options.
Only the standard library is used, so that this runs wherever python3 (3.9 or later) is.
"""

import argparse
import concurrent.futures
import difflib
import importlib.util
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
import traceback

TESTS = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(TESTS)
SUITES = ["conformance", "stress", "cli", "regress", "unit"]
DEFAULT_SUITES = ["conformance", "stress", "cli", "regress"]
SECONDS = 20.0

# name: (flags of mini, environment)
VARIANTS = {
    "gil": ([], {}),
    "no-gil": (["--no-gil"], {}),
    "gc-stress": ([], {"MINI_GC_STRESS": "1"}),
    "gc-stress-no-gil": (["--no-gil"], {"MINI_GC_STRESS": "1"}),
    "switch": (["--switch-every", "3", "--seed", "1"], {}),
    "python3": ([], {}),
}

# What a sanitizer adds: the mark in the binary, the factor on time limits, the environment.
SANITIZERS = {
    "thread": (b"__tsan_init", 15, {
        "TSAN_OPTIONS": "halt_on_error=1:exitcode=99:die_after_fork=0:second_deadlock_stack=1"}),
    "address": (b"__asan_init", 8, {
        # The collected heap is not malloc's, and pointers hide in 64-bit words: leaks of
        # malloc memory that only the heap points to would be false.
        "ASAN_OPTIONS": "detect_leaks=0:exitcode=98:allocator_may_return_null=1",
        "UBSAN_OPTIONS": "print_stacktrace=1:exitcode=98"}),
}
REPORT = re.compile(r"ThreadSanitizer|AddressSanitizer|UndefinedBehaviorSanitizer|runtime error:")


# ---------------------------------------------------------------------------------------------
# A script and what it says about itself.

class Script:
    """One .mini test: its headers and its expectations, taken from its comments."""

    HEADER = re.compile(r"^# (args|small args|options|stdin|mini only|python|timeout|alone|skip "
                        r"[a-z0-9-]+|only [a-z0-9-]+|expect exit|stderr)(?::[ ]?(.*))?$")
    EXPECT = re.compile(r"# expect( error| stderr)?:(?: (.*))?$")

    def __init__(self, path):
        self.path = path
        self.name = os.path.relpath(path, TESTS)[:-len(".mini")]
        with open(path, "rb") as f:
            self.text = f.read().decode("utf-8", "surrogateescape")
        self.headers = {}
        self.stdin = ""
        self.stdout = []         # (line number, text)
        self.stderr = None       # expected lines, or None
        self.error = None        # (line number, "Type: message")
        for number, line in enumerate(self.text.split("\n"), 1):
            self._read_line(number, line.rstrip("\r"))

    def _read_line(self, number, line):
        header = self.HEADER.match(line)
        if header:
            key, value = header.group(1), header.group(2) or ""
            if key == "stdin":
                self.stdin += value + "\n"
            else:
                self.headers[key] = value
            return
        expect = self.EXPECT.search(line)
        if not expect:
            return
        kind, text = expect.group(1), expect.group(2) or ""
        if kind == " error":
            self.error = (number, text)
        elif kind == " stderr":
            self.stderr = (self.stderr or []) + [text]
        else:
            self.stdout.append((number, text))

    @property
    def exit(self):
        if "expect exit" in self.headers:
            return int(self.headers["expect exit"])
        return 1 if self.error else 0

    def why_skipped(self, variant, python):
        """A reason not to run it in this variant, or None."""
        if "skip " + variant in self.headers:
            return self.headers["skip " + variant]
        only = [key[5:] for key in self.headers if key.startswith("only ")]
        if only and variant not in only and variant != "python3":
            return "only " + ", ".join(only)
        if variant.startswith("gc-stress") and self.name.startswith("stress/"):
            return "collects often enough by itself"
        if variant != "python3":
            return None
        if "mini only" in self.headers:
            return "mini only: " + self.headers["mini only"]
        if re.search(r"^\s*(import gil\b|from gil\b)", self.text, re.M):
            return "imports gil"
        needs = self.headers.get("python")
        if needs and tuple(map(int, needs.split("."))) > python.version:
            return "needs Python " + needs
        return None


def is_script(folder, name):
    """Helpers begin with an underscore; a folder of an importable package holds no tests."""
    return name.endswith(".mini") and not name.startswith("_")


def find_scripts(suite):
    found = []
    for folder, subfolders, names in os.walk(os.path.join(TESTS, suite)):
        subfolders[:] = sorted(d for d in subfolders if not d.startswith("_")
                               and not os.path.exists(os.path.join(folder, d, "__init__.mini")))
        found += [Script(os.path.join(folder, n)) for n in sorted(names) if is_script(folder, n)]
    return found


# ---------------------------------------------------------------------------------------------
# The interpreters.

class Outcome:
    """What a finished program left behind."""

    def __init__(self, command, code, out, err, seconds, late):
        self.command = command
        self.code = code
        self.out = out
        self.err = err
        self.seconds = seconds
        self.late = late


class Interpreter:
    """A command that runs scripts: mini in one variant, or python3."""

    def __init__(self, variant, program, sanitizer=None, time_factor=1.0):
        flags, extra = VARIANTS[variant]
        self.variant = variant
        self.sanitizer = sanitizer
        self.is_python = variant == "python3"
        self.has_old_messages = False     # a python3 before 3.13
        self.is_small = bool(sanitizer) or variant not in ("gil", "no-gil")
        self.is_no_gil = "no-gil" in variant
        self.time_factor = time_factor
        if variant.startswith("gc-stress"):
            self.time_factor *= 10
        self.command = [program] + (["-W", "ignore"] if self.is_python else flags)
        self.environment = {k: v for k, v in os.environ.items()
                            if not k.startswith(("PYTHON", "MINI_")) and k != "FORCE_COLOR"}
        self.environment.update(extra, LC_ALL="C.UTF-8", NO_COLOR="1")
        if self.is_python:
            self.environment.update(PYTHONUTF8="1", PYTHONDONTWRITEBYTECODE="1", PYTHONHASHSEED="0")
        if sanitizer:
            factor, options = SANITIZERS[sanitizer][1:]
            self.time_factor *= factor
            self.environment.update(options)
        if sanitizer == "thread":
            self.command = fixed_addresses() + self.command

    def limit(self, seconds):
        return seconds * self.time_factor

    def run(self, args, stdin="", cwd=None, seconds=SECONDS, env=None):
        """Run with args, wait at most the limit, and return an Outcome."""
        process = self.start(args, cwd=cwd, env=env)
        return self.finish(process, stdin, seconds)

    def start(self, args, cwd=None, env=None, **kwargs):
        """Start with pipes on all three streams (or what kwargs say), in a process group."""
        options = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        options.update(kwargs)
        environment = dict(self.environment, **(env or {}))
        process = subprocess.Popen(self.command + list(args), cwd=cwd, env=environment,
                                   start_new_session=True, **options)
        process.started_at = time.monotonic()
        return process

    def finish(self, process, stdin="", seconds=SECONDS):
        late = False
        data = stdin.encode("utf-8", "surrogateescape") if process.stdin else None
        try:
            out, err = process.communicate(data, timeout=self.limit(seconds))
        except subprocess.TimeoutExpired:
            late = True
            kill_group(process)
            try:
                out, err = process.communicate(timeout=10)
            except subprocess.TimeoutExpired:
                out, err = b"", b""
        wall = time.monotonic() - process.started_at
        if not late:
            kill_group(process)     # children that outlived it
        return Outcome(process.args, process.returncode, text_of(out), text_of(err), wall, late)


def text_of(data):
    return (data or b"").decode("utf-8", "backslashreplace")


def kill_group(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except (ProcessLookupError, PermissionError):
        pass


def fixed_addresses():
    """TSan of older compilers cannot map its shadow under strong address randomisation."""
    tool = shutil.which("setarch")
    if not tool:
        return []
    words = [tool, os.uname().machine, "-R"]
    works = subprocess.run(words + ["true"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return words if works.returncode == 0 else []


def sanitizer_of(program):
    try:
        with open(program, "rb") as f:
            data = f.read()
    except OSError:
        return None
    for name, (mark, _, _) in SANITIZERS.items():
        if mark in data:
            return name
    return None


class Python:
    """The newest python3 to compare with; 3.13 where there is one."""

    def __init__(self, wanted=None):
        self.program, self.version = None, None
        home = os.path.expanduser("~/.pyenv/versions")
        installed = sorted(os.listdir(home), reverse=True) if os.path.isdir(home) else []
        candidates = [wanted] if wanted else (
            [os.path.join(home, v, "bin", "python3") for v in installed if v.startswith("3.13.")]
            + ["python3.13", "python3.14", "python3", sys.executable, "python3.12", "python3.11"])
        for candidate in candidates:
            version = self._ask(candidate)
            if version == (3, 13) or (version and version > (self.version or (3, 8))):
                self.program, self.version = candidate, version
            if version == (3, 13):
                break

    @staticmethod
    def _ask(program):
        try:
            answer = subprocess.run([program, "-c", "import sys; print(*sys.version_info[:2])"],
                                    stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=20)
            return tuple(map(int, answer.stdout.split())) if answer.returncode == 0 else None
        except (OSError, ValueError, subprocess.TimeoutExpired):
            return None


# ---------------------------------------------------------------------------------------------
# One script in one variant.

MARKS = re.compile(r"^[ |]*[~^][~^ ]*$")     # "|" is the margin of an exception group
HINT = re.compile(r"\. (Did you mean: '[^']*'\?|Or did you forget to import '[^']*'\?"
                  r"|Did you forget to import '[^']*'\?)+")
PLACE = re.compile(r'^\s*File "(.*)", line (\d+)')


def stderr_lines(text, script_path):
    """The script is $FILE."""
    lines = text.splitlines()
    folder = os.path.dirname(script_path)
    return [s.replace(script_path, "$FILE").replace(folder, "$DIR") for s in lines]


def without_marks(lines):
    """What every version of python3 prints: no ^^^^ below source lines, no spelling hints."""
    return [HINT.sub("", s) for s in lines if not MARKS.match(s)]


def mirror(script, folder):
    """For python3: the script's folder again, helpers under .py names. The script's path in it."""
    source = os.path.dirname(script.path)
    for base, _, names in os.walk(source):
        target = os.path.join(folder, os.path.relpath(base, source))
        os.makedirs(target, exist_ok=True)
        for name in names:
            is_helper = name.endswith(".mini") and (base != source or not is_script(base, name))
            new = name[:-5] + ".py" if is_helper else name
            shutil.copy(os.path.join(base, name), os.path.join(target, new))
    return os.path.join(folder, os.path.basename(script.path))


def has_helpers(script):
    folder = os.path.dirname(script.path)
    return any(n.startswith("_") or os.path.isdir(os.path.join(folder, n))
               for n in os.listdir(folder))


def arguments(script, interpreter):
    small = interpreter.is_small and "small args" in script.headers
    words = shlex.split(script.headers.get("small args" if small else "args", ""))
    options = [] if interpreter.is_python else shlex.split(script.headers.get("options", ""))
    return options, words


def run_script(script, interpreter):
    """(Outcome, path under which it ran)."""
    with tempfile.TemporaryDirectory(prefix="mini-test-") as scratch:
        path, cwd = script.path, os.path.join(scratch, "cwd")
        os.mkdir(cwd)
        if interpreter.is_python and has_helpers(script):
            path = mirror(script, os.path.join(scratch, "mirror"))
        options, words = arguments(script, interpreter)
        seconds = float(script.headers.get("timeout", SECONDS))
        outcome = interpreter.run(options + [path] + words, script.stdin, cwd, seconds)
        return outcome, path


def check_script(script, interpreter):
    """None when all is as expected, else the lines that say what is not."""
    outcome, path = run_script(script, interpreter)
    problems = []
    if outcome.late:
        problems.append(f"no end after {outcome.seconds:.0f} s")
    if not interpreter.is_python and REPORT.search(outcome.err):
        return ["a sanitizer reports:"] + report_of(outcome.err) + command_line(outcome)
    problems += compare_stdout(script, outcome, path)
    if not outcome.late:
        problems += compare_end(script, outcome, path, interpreter.has_old_messages)
    if problems and not (script.error or script.stderr) and outcome.err.strip():
        problems += ["on stderr:"] + tail(outcome.err, 15)
    return problems + command_line(outcome) if problems else None


def compare_stdout(script, outcome, path):
    got = outcome.out.replace(path, "$FILE").split("\n")
    if got and got[-1] == "":
        got.pop()
    wanted = [text for _, text in script.stdout]
    if got == wanted:
        return []
    for i, (number, text) in enumerate(script.stdout):
        if i >= len(got):
            return [f"line {number}: expected {text!r}, got no more output"] + diff(wanted, got)
        if got[i] != text:
            return [f"line {number}: expected {text!r}", f"{'got':>{len(str(number)) + 15}} "
                    f"{got[i]!r}"] + diff(wanted, got)
    return [f"output beyond what is expected: {got[len(wanted)]!r}"] + diff(wanted, got)


def compare_end(script, outcome, path, is_old):
    problems = []
    if outcome.code != script.exit:
        problems.append(f"exit status {status(outcome.code)}, expected {status(script.exit)}")
    lines = stderr_lines(outcome.err, path)
    wanted = script.stderr
    if is_old:
        lines, wanted = without_marks(lines), wanted and without_marks(wanted)
    if script.error:
        problems += compare_error(script, lines, is_old)
    if wanted is not None and lines != wanted:
        problems += ["stderr is not as expected:"] + diff(wanted, lines)
    if not script.error and script.stderr is None and lines and "stderr" not in script.headers:
        problems.append("unexpected output on stderr")
    return problems


def compare_error(script, lines, is_old):
    number, text = script.error
    text = without_marks([text])[0] if is_old and text else text
    if not lines:
        return [f"line {number}: expected error {text!r}, got none"]
    problems = []
    if lines[-1].rstrip() != text.rstrip():
        problems += [f"line {number}: expected error {text!r}", f"last line on stderr {lines[-1]!r}"]
    places = [int(m.group(2)) for m in map(PLACE.match, lines) if m and m.group(1) == "$FILE"]
    if not places or places[-1] != number:
        problems.append(f"expected the error at line {number}, got it at {places or 'no line'}")
    return problems + (["on stderr:"] + tail("\n".join(lines), 12) if problems else [])


def status(code):
    if code is not None and code < 0:
        try:
            return signal.Signals(-code).name
        except ValueError:
            pass
    return str(code)


def diff(wanted, got, most=24):
    lines = list(difflib.unified_diff(wanted, got, "expected", "got", lineterm="", n=2))
    return lines if len(lines) <= most else lines[:most] + [f"... {len(lines) - most} more lines"]


def tail(text, most):
    lines = text.rstrip("\n").split("\n")
    return ["  " + s for s in (lines if len(lines) <= most else ["..."] + lines[-most:])]


def report_of(text, most=26):
    """The beginning of a sanitizer's report and its summary."""
    lines = text.rstrip("\n").split("\n")
    first = next(i for i, s in enumerate(lines) if REPORT.search(s))
    summaries = [s for s in lines[first + most:] if s.startswith("SUMMARY:")]
    return ["  " + s for s in lines[first:first + most] + summaries]


def command_line(outcome):
    return ["again: " + " ".join(shlex.quote(w) for w in outcome.command)]


# ---------------------------------------------------------------------------------------------
# Command line cases: functions case_*(mini) in tests/cli/*.py.

class Skip(Exception):
    """Raised by a case that does not apply here."""


def find_cases(suite):
    """(name, function) of each case; `mini` is an Interpreter."""
    folder = os.path.join(TESTS, suite)
    cases = []
    for name in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
        if not name.endswith(".py") or name.startswith("_"):
            continue
        spec = importlib.util.spec_from_file_location("cases_" + name[:-3], os.path.join(folder, name))
        module = importlib.util.module_from_spec(spec)
        sys.modules.setdefault("run", sys.modules[__name__])
        if folder not in sys.path:
            sys.path.insert(0, folder)
        spec.loader.exec_module(module)
        for key, value in vars(module).items():
            if key.startswith("case_") and callable(value):
                cases.append((f"{suite}/{name[:-3]}/{key[5:]}", value))
    return cases


def check_case(function, interpreter):
    with tempfile.TemporaryDirectory(prefix="mini-test-") as scratch:
        try:
            function(interpreter, scratch)
        except Skip:
            raise
        except AssertionError as e:
            place = traceback.extract_tb(e.__traceback__)[-1]
            return str(e).split("\n") + [f"at {os.path.relpath(place.filename, ROOT)}:{place.lineno}"]
        except Exception:
            return traceback.format_exc().split("\n")
    return None


# ---------------------------------------------------------------------------------------------
# Unit programs: cmocka counts its tests itself.

CMOCKA = re.compile(r"\[  (PASSED|FAILED)  \] (\d+) test\(s\)")


def check_unit(program, interpreter):
    """(passed, failed, lines)."""
    runner = Interpreter("gil", program, interpreter.sanitizer, interpreter.time_factor)
    runner.command = runner.command[:-1] + [program]
    outcome = runner.run([], seconds=120)
    text = outcome.out + outcome.err
    counts = {"PASSED": 0, "FAILED": 0}
    for word, number in CMOCKA.findall(text):
        counts[word] += int(number)
    if outcome.code == 0 and not outcome.late and not REPORT.search(text):
        return max(counts["PASSED"], 1), 0, []
    return counts["PASSED"], max(counts["FAILED"], 1), (
        [f"exit status {status(outcome.code)}"] + tail(text, 40) + command_line(outcome))


# ---------------------------------------------------------------------------------------------
# The run.

class Tally:
    def __init__(self, verbose):
        self.verbose = verbose
        self.passed = self.failed = 0
        self.skipped = {}
        self.failures = []
        self.lock = threading.Lock()

    def passes(self, label, n=1):
        with self.lock:
            self.passed += n
            if self.verbose:
                print("ok   " + label, flush=True)

    def fails(self, label, lines, n=1):
        with self.lock:
            self.failed += n
            self.failures.append(label)
            print("FAIL " + label)
            for line in lines:
                print("     " + line)
            print(flush=True)

    def skips(self, label, why):
        with self.lock:
            self.skipped[label] = why
            if self.verbose:
                print(f"skip {label}: {why}", flush=True)


def matches(name, prefixes):
    return not prefixes or any(name == p or name.startswith(p) for p in prefixes)


def clean_prefix(word):
    """A path as typed (from the root, from tests/, with or without its ending) as a name."""
    for base in (os.getcwd(), TESTS, ROOT):
        path = os.path.normpath(os.path.join(base, word))
        if path.startswith(TESTS + os.sep):
            name = os.path.relpath(path, TESTS)
            if name.split(os.sep)[0] in SUITES:
                break
    else:
        sys.exit(f"tests/run.py: no suite for {word!r} (suites: {', '.join(SUITES)})")
    name = re.sub(r"\.(mini|py)$", "", name)
    return name + "/" if os.path.isdir(os.path.join(TESTS, name)) else name


def gather(prefixes, interpreters, python, build, tally):
    """[(label, callable giving (passed, failed, lines), is_alone)]"""
    suites = sorted({p.split("/")[0] for p in prefixes}, key=SUITES.index) or DEFAULT_SUITES
    jobs = []

    def add(label, function, is_alone):
        jobs.append((label, function, is_alone))

    for suite in suites:
        if suite == "unit":
            folder = os.path.join(build, "tests", "unit")
            names = sorted(n for n in os.listdir(folder) if n.startswith("test_")
                           and os.path.isfile(os.path.join(folder, n))) if os.path.isdir(folder) else []
            for name in names:
                if matches("unit/" + name, prefixes):
                    program = os.path.join(folder, name)
                    add("unit/" + name, lambda p=program: check_unit(p, interpreters[0]), False)
            continue
        scripts = [s for s in find_scripts(suite) if matches(s.name, prefixes)]
        cases = [c for c in find_cases(suite) if matches(c[0], prefixes)]
        for interpreter in interpreters:
            for script in scripts:
                label = f"{script.name} [{interpreter.variant}]"
                why = script.why_skipped(interpreter.variant, python)
                if why:
                    tally.skips(label, why)
                else:
                    add(label, lambda s=script, i=interpreter: result(check_script(s, i)),
                        "alone" in script.headers)
            for name, function in cases:
                if not interpreter.variant.startswith("gc-stress"):
                    add(f"{name} [{interpreter.variant}]",
                        lambda f=function, i=interpreter: result(check_case(f, i)),
                        getattr(function, "is_alone", False))
    return jobs


def result(problems):
    return (0, 1, problems) if problems else (1, 0, [])


def run_jobs(jobs, n_workers, tally, stop_early):
    def one(job):
        label, function, _ = job
        if stop_early and tally.failed:
            return
        try:
            passed, failed, lines = function()
        except Skip as e:
            tally.skips(label, str(e))
            return
        except Exception:
            passed, failed, lines = 0, 1, traceback.format_exc().split("\n")
        if passed:
            tally.passes(label, passed)
        if failed:
            tally.fails(label, lines, failed)

    with concurrent.futures.ThreadPoolExecutor(n_workers) as pool:
        list(pool.map(one, [j for j in jobs if not j[2]]))
    for job in jobs:
        if job[2]:
            one(job)


def parse(argv):
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("paths", nargs="*", metavar="PATH", help="suite, folder or script (a prefix)")
    parser.add_argument("--variant", action="append", choices=list(VARIANTS), metavar="NAME",
                        help="one of " + ", ".join(VARIANTS) + "; may be given several times")
    parser.add_argument("--mini", default=os.path.join(ROOT, "build", "mini"), metavar="FILE",
                        help="the interpreter to test (default: build/mini)")
    parser.add_argument("--python", metavar="FILE", help="the python3 to compare with")
    parser.add_argument("-j", "--jobs", type=int, default=2 * (os.cpu_count() or 2), metavar="N",
                        help="tests at a time (default: two for each core, since many wait)")
    parser.add_argument("--time-factor", type=float, default=1.0, metavar="X",
                        help="multiply every time limit")
    parser.add_argument("-x", "--stop-early", action="store_true", help="stop at the first failure")
    parser.add_argument("-l", "--list", action="store_true", help="name the tests and stop")
    parser.add_argument("-v", "--verbose", action="store_true", help="name passed and skipped tests")
    return parser.parse_args(argv)


def main(argv):
    # Who runs in the background of a shell is born deaf to Ctrl-C, and so would be what it starts.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    args = parse(argv)
    prefixes = [clean_prefix(p) for p in args.paths]
    program = os.path.abspath(args.mini)
    python = Python(args.python)
    # An older Python says other things than 3.13, for which the scripts are written; it is compared with if asked for.
    is_comparable = python.program and (args.python or python.version >= (3, 13))
    variants = args.variant or ["gil", "no-gil"] + (["python3"] if is_comparable else [])
    if "python3" in variants and not python.program:
        sys.exit("tests/run.py: no python3 to compare with")
    if variants != ["python3"] and not args.list and not os.access(program, os.X_OK):
        sys.exit(f"tests/run.py: {args.mini} is not there; build it, or name it with --mini")
    sanitizer = sanitizer_of(program)
    interpreters = [Interpreter(v, python.program) if v == "python3" else
                    Interpreter(v, program, sanitizer, args.time_factor) for v in variants]
    for interpreter in interpreters:
        interpreter.has_old_messages = interpreter.is_python and python.version < (3, 13)
    tally = Tally(args.verbose)
    jobs = gather(prefixes, interpreters, python, os.path.dirname(program), tally)
    if args.list:
        print("\n".join(label for label, _, _ in jobs))
        return 0
    if not jobs and not tally.skipped:
        sys.exit("tests/run.py: nothing matches " + " ".join(args.paths))
    start = time.monotonic()
    run_jobs(jobs, max(args.jobs, 1), tally, args.stop_early)
    if len(tally.failures) > 5:
        print("failed:\n  " + "\n  ".join(sorted(tally.failures)))
    about = ", ".join(variants) + (f"; {sanitizer} sanitizer" if sanitizer else "")
    if "python3" in variants:
        about += f"; Python {'.'.join(map(str, python.version))}"
    print(f"{len(tally.skipped)} skipped, {time.monotonic() - start:.0f} s ({about})")
    print(f"{tally.passed} passed, {tally.failed} failed")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
