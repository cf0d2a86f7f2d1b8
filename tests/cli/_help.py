"""What the command line cases share.

A case is a function case_NAME(mini, scratch): `mini` is the Interpreter of tests/run.py (which
may stand for python3), `scratch` an empty folder. It fails by AssertionError.
"""

import functools
import os
import signal
import subprocess
import time

from run import Skip, kill_group, status, tail


def mini_only(case):
    """For what python3 does not have or does otherwise."""
    @functools.wraps(case)
    def run_it(mini, scratch):
        if mini.is_python:
            raise Skip("mini only")
        return case(mini, scratch)
    return run_it


def alone(case):
    """Runs when no other test does: it measures time."""
    case.is_alone = True
    return case


class Unlucky(AssertionError):
    """What a test cannot rule out on a machine that has other things to do."""


def luck(condition, why):
    """A claim that holds unless the system let a thread stand still at the wrong moment: of a `patient` case."""
    if not condition:
        raise Unlucky(why)


def patient(case, tries=12):
    """Tries again when luck() fails, and only then: what does not depend on the system's moods must hold each time."""
    @functools.wraps(case)
    def run_it(mini, scratch):
        for _ in range(tries - 1):
            try:
                return case(mini, scratch)
            except Unlucky:
                pass
        return case(mini, scratch)
    return run_it


def write(scratch, name, text):
    path = os.path.join(scratch, name)
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def run_script(mini, scratch, text, args=(), flags=(), stdin="", seconds=20.0, env=None):
    path = write(scratch, "script.mini", text)
    return mini.run([*flags, path, *args], stdin, scratch, seconds, env)


def expect(outcome, code=0, out=None, err=None, err_has=(), out_has=()):
    """Compare an Outcome; err=None means that stderr must be empty unless err_has is given."""
    said = "\n".join(["stdout:"] + tail(outcome.out, 20) + ["stderr:"] + tail(outcome.err, 30))
    assert not outcome.late, f"no end after {outcome.seconds:.0f} s\n{said}"
    codes = code if isinstance(code, (tuple, list, set)) else (code,)
    assert outcome.code in codes, \
        f"exit status {status(outcome.code)}, expected {' or '.join(map(status, codes))}\n{said}"
    if out is not None:
        assert outcome.out == out, f"expected on stdout: {out!r}\n{said}"
    for text in out_has:
        assert text in outcome.out, f"not on stdout: {text!r}\n{said}"
    for text in err_has:
        assert text in outcome.err, f"not on stderr: {text!r}\n{said}"
    if err is not None:
        assert outcome.err == err, f"expected on stderr: {err!r}\n{said}"
    elif not err_has:
        assert not outcome.err, f"unexpected output on stderr\n{said}"
    assert "panic" not in outcome.err.lower(), said


def interrupt_when_ready(mini, scratch, text, sends=signal.SIGINT, seconds=10.0):
    """Start the script, wait for its line "ready", wait a little, send the signal, and return
    the Outcome; its seconds count from the signal."""
    path = write(scratch, "script.mini", text)
    process = mini.start([path], cwd=scratch)
    line = process.stdout.readline()
    if line != b"ready\n":
        outcome = mini.finish(process, "", 5)
        raise AssertionError(f"no line 'ready' but {line!r}\n" + "\n".join(tail(outcome.err, 20)))
    time.sleep(0.15)
    process.send_signal(sends)
    process.started_at = time.monotonic()
    try:
        process.wait(mini.limit(seconds))
    except subprocess.TimeoutExpired:
        pass
    took = time.monotonic() - process.started_at
    kill_group(process)         # a child that outlived it holds the pipes
    held, process.stdin = process.stdin, None   # open until here: end of input must not end it
    outcome = mini.finish(process, "", 5)
    outcome.seconds = took
    outcome.late = took >= mini.limit(seconds)
    if held:
        held.close()
    return outcome
