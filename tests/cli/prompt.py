"""The prompt: on a terminal with editing, plain when input is piped, after a script with -i."""

import fcntl
import os
import pty
import select
import subprocess
import termios
import time

from _help import Skip, expect, mini_only, run_script


def _typed(mini, scratch, keys, flags=(), seconds=40.0, colour=False):
    """Type each of the keys when the text before it has been shown: [(text to wait for, keys), ...]. Returns what
    was shown and the exit status."""
    master, slave = pty.openpty()
    env = {**mini.environment, "MINI_HISTORY": os.path.join(scratch, "history"), "TERM": "xterm"}
    env.pop("NO_COLOR", None)
    if not colour:
        env["NO_COLOR"] = "1"
    process = subprocess.Popen([*mini.command, *flags], stdin=slave, stdout=slave, stderr=slave, env=env,
                               cwd=scratch, start_new_session=True, preexec_fn=_take_terminal)
    os.close(slave)
    shown, place = "", 0
    end = time.monotonic() + mini.limit(seconds)
    try:
        for text, typed in [*keys, (None, None)]:
            while text is None or text not in shown[place:]:
                assert time.monotonic() < end, f"{text!r} was not shown after {place}: {shown!r}"
                if select.select([master], [], [], 0.1)[0]:
                    try:
                        data = os.read(master, 4096)
                    except OSError:
                        data = b""
                    shown += data.decode("utf-8", "replace")
                    if not data:
                        break
                elif process.poll() is not None:
                    break
            if text is None:
                break
            assert text in shown[place:], f"{text!r} was not shown after {place}: {shown!r}"
            place = shown.index(text, place) + len(text)
            while text.startswith((">>>", "...")) and termios.tcgetattr(master)[3] & termios.ICANON:
                assert time.monotonic() < end, "the terminal is not read key by key"
                time.sleep(0.01)        # the prompt is shown first
            os.write(master, typed.encode())
        return shown, process.wait(timeout=mini.limit(20))
    finally:
        process.kill()
        process.wait()
        os.close(master)


def _take_terminal():
    """Make standard input the terminal that Ctrl-C comes from."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _needs_terminal(mini):
    if mini.sanitizer:
        raise Skip("a terminal is slow enough without")


@mini_only
def case_values_are_shown_and_blocks_end_with_an_empty_line(mini, scratch):
    _needs_terminal(mini)
    shown, code = _typed(mini, scratch, [
        (">>> ", "6 * 7\r"), ("42", ""), (">>> ", "def f(n):\r"), ("... ", "    return n + 1\r"), ("... ", "\r"),
        (">>> ", "f(_)\r"), ("43", ""), (">>> ", "None\r"), (">>> ", "'h\u00e9'\r"), ("'h\u00e9'", ""), (">>> ", "\x04")])
    assert code == 0, shown


@mini_only
def case_colour_ends_with_the_prompt(mini, scratch):
    _needs_terminal(mini)
    shown, code = _typed(mini, scratch, [(">>>\x1b[0m ", "6 * 7\r"), ("42", ""), (">>>\x1b[0m ", "\x04")], colour=True)
    assert code == 0 and "\x1b[1;35m>>>\x1b[0m 6" in shown, shown


@mini_only
def case_tab_completes_names_and_attributes(mini, scratch):
    _needs_terminal(mini)
    shown, code = _typed(mini, scratch, [
        (">>> ", "import math\r"), (">>> ", "math.sq\t16)\r"), ("4.0", ""), (">>> ", "math.is\t"), ("isclose(", ""),
        ("isnan(", "\x03"), ("KeyboardInterrupt", ""), (">>> ", "list(enu\t'a'))\r"), ("[(0, 'a')]", ""), (">>> ", "\x04")])
    assert code == 0, shown


@mini_only
def case_ctrl_c_gives_a_new_prompt(mini, scratch):
    _needs_terminal(mini)
    shown, code = _typed(mini, scratch, [
        (">>> ", "broken line\x03"), ("KeyboardInterrupt", ""), (">>> ", "import time\r"),
        (">>> ", "print('now'); time.sleep(100)\r"), ("now\r\n", "\x03"), ("KeyboardInterrupt", ""),
        (">>> ", "while True: print('lo' + 'op'); time.sleep(0.01)\r"), ("... ", "\r"), ("loop", "\x03"), ("KeyboardInterrupt", ""),
        (">>> ", "exit(7)\r")])
    assert code == 7, shown


@mini_only
def case_history_is_kept_between_sessions(mini, scratch):
    _needs_terminal(mini)
    _typed(mini, scratch, [(">>> ", "print('first')\r"), ("first\r\n", ""), (">>> ", "\x04")])
    shown, code = _typed(mini, scratch, [(">>> ", "\x1b[A\r"), ("first\r\n", ""), (">>> ", "\x04")])
    assert code == 0, shown
    assert os.stat(os.path.join(scratch, "history")).st_mode & 0o077 == 0


@mini_only
def case_errors_show_the_line_and_the_session_goes_on(mini, scratch):
    outcome = run_script(mini, scratch, "x = 5\n", flags=["-q", "-i"],
                         stdin="1 / 0\nfor x\nx\nif x:\n    x + 1\n\n(1,\n2)\nraise SystemExit(4)\n")
    expect(outcome, code=4, out="5\n6\n(1, 2)\n",
           err_has=["    1 / 0\n", "ZeroDivisionError: division by zero\n", "SyntaxError: invalid syntax\n", ">>> ", "... "])


@mini_only
def case_blocks_in_blocks(mini, scratch):
    outcome = run_script(mini, scratch, "", flags=["-q", "-i"], stdin=(
        "class A:\n    def f(self):\n        if self:\n            return 7\n\nA().f()\n"
        "for i in range(2):\n    while True:\n        break\n    else:\n        i = 5\n\ni\n"
        "match i:\n    case 1:\n        'one'\n\n"
        "try:\n    with 5:\n        pass\nexcept TypeError:\n    @A\n    def g():\n        pass\n\n"))
    expect(outcome, code=0, out="7\n1\n'one'\n", err_has=["TypeError: A() takes no arguments"])


@mini_only
def case_hooks_and_the_end_of_input(mini, scratch):
    outcome = run_script(mini, scratch, "import sys\n", flags=["-q", "-i"],
                         stdin="sys.excepthook = lambda *a: print('hook', a[1])\n1 / 0\nexit = 3\nexit\nprint(1")
    expect(outcome, code=0, out="hook division by zero\n3\nhook '(' was never closed (<mini-input-4>, line 1)\n",
           err_has=[">>> "])
    expect(run_script(mini, scratch, "", flags=["-q", "-i"], stdin="5\nquit\n6\n"), code=0, out="5\n", err_has=[">>> "])


@mini_only
def case_prompt_after_a_script_that_fails(mini, scratch):
    outcome = run_script(mini, scratch, "value = 3\nmissing\n", flags=["-q", "-i"], stdin="value\n")
    expect(outcome, code=0, out="3\n", err_has=["NameError: name 'missing' is not defined"])


def case_piped_input_is_a_program(mini, scratch):
    expect(mini.run([], "print(1)\n2\nprint(3)\n", scratch, 20.0, None), out="1\n3\n")
