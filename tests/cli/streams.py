"""Standard streams that are full, closed, or not there."""

import os
import subprocess

from _help import expect, mini_only, run_script, write


def _with_stdout(mini, scratch, text, stdout, stdin=subprocess.DEVNULL):
    path = write(scratch, "script.mini", text)
    process = mini.start([path], cwd=scratch, stdout=stdout, stdin=stdin)
    return mini.finish(process, "", 20)


def _full():
    return open("/dev/full", "wb", buffering=0)


def case_full_disk_at_exit(mini, scratch):
    with _full() as full:
        expect(_with_stdout(mini, scratch, "print('lost')\n", full), code=(1, 120),
               err_has=["No space left on device"])


def case_full_disk_at_flush(mini, scratch):
    with _full() as full:
        expect(_with_stdout(mini, scratch, "print('lost', flush=True)\n", full), code=(1, 120),
               err_has=["Traceback", "OSError: [Errno 28] No space left on device"])


def case_full_disk_can_be_caught(mini, scratch):
    text = """
import sys
try:
    print("x" * 100000, flush=True)
except OSError as e:
    sys.stderr.write(f"caught {e.errno}\\n")
    import os
    os._exit(3)
"""
    with _full() as full:
        expect(_with_stdout(mini, scratch, text, full), code=3, err="caught 28\n")


def case_full_disk_for_a_file(mini, scratch):
    text = """
f = open("/dev/full", "w")
try:
    f.write("x" * 100)
    f.flush()
except OSError as e:
    print(e)
try:
    f.close()
except OSError:
    pass
"""
    outcome = run_script(mini, scratch, text)
    expect(outcome, out="[Errno 28] No space left on device\n")


def case_closed_pipe(mini, scratch):
    r, w = os.pipe()
    os.close(r)
    try:
        outcome = _with_stdout(mini, scratch, "while True:\n    print('y' * 100)\n", w)
    finally:
        os.close(w)
    expect(outcome, code=(1, 120), err_has=["BrokenPipeError"])


def case_pipe_closed_by_reader(mini, scratch):
    path = write(scratch, "script.mini", "for i in range(10 ** 7):\n    print(i)\n")
    process = mini.start([path], cwd=scratch)
    assert process.stdout.readline() == b"0\n"
    process.stdout.close()
    process.stdout = None
    expect(mini.finish(process, "", 20), code=(1, 120), err_has=["BrokenPipeError"])


def case_closed_stdout(mini, scratch):
    shell = ["sh", "-c", 'exec "$@" >&-', "sh"] + mini.command
    path = write(scratch, "script.mini", "print('nowhere')\n")
    done = subprocess.run(shell + [path], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          env=mini.environment, timeout=mini.limit(20))
    assert done.returncode in (0, 1, 120), f"exit status {done.returncode}: {done.stderr!r}"


def case_closed_stdin(mini, scratch):
    shell = ["sh", "-c", 'exec "$@" <&-', "sh"] + mini.command
    path = write(scratch, "script.mini", "print('runs')\ntry:\n    input()\nexcept Exception as e:\n"
                                         "    print('no input')\n")
    done = subprocess.run(shell + [path], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          env=mini.environment, timeout=mini.limit(20))
    assert (done.returncode, done.stdout) == (0, b"runs\nno input\n"), done


def case_output_is_flushed_at_exit(mini, scratch):
    expect(run_script(mini, scratch, "print('no newline', end='')"), out="no newline")
    expect(run_script(mini, scratch, "import sys\nprint('x', end='')\nsys.exit(2)"), code=2, out="x")
    expect(run_script(mini, scratch, "print('x', end='')\n1 / 0"), code=1, out="x",
           err_has=["ZeroDivisionError"])


def case_output_before_traceback(mini, scratch):
    path = write(scratch, "script.mini", "print('first')\n1 / 0\n")
    process = mini.start([path], cwd=scratch, stderr=subprocess.STDOUT)
    outcome = mini.finish(process, "", 20)
    assert outcome.code == 1 and "first\n" in outcome.out and "ZeroDivisionError" in outcome.out, outcome.out


def case_stdin_that_is_not_utf8(mini, scratch):
    path = write(scratch, "script.mini", "import sys\ntry:\n    print(len(sys.stdin.read()) > 0)\n"
                                         "except UnicodeDecodeError as e:\n    print(True)\n")
    process = mini.start([path], cwd=scratch)
    out, err = process.communicate(b"a\xff\xfeb\n", timeout=mini.limit(20))
    assert (process.returncode, out) == (0, b"True\n"), (process.returncode, out, err)


def case_large_output(mini, scratch):
    outcome = run_script(mini, scratch, "for i in range(100000):\n    print(i)\n", seconds=60)
    expect(outcome, out="".join(f"{i}\n" for i in range(100000)))


@mini_only
def case_color_and_marks_are_absent_in_pipes(mini, scratch):
    outcome = run_script(mini, scratch, "def f():\n    1 / 0\nf()\n")
    expect(outcome, code=1, err_has=["Traceback"])
    assert "\x1b" not in outcome.err, "escape sequences on a pipe"
