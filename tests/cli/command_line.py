"""Flags, ways to name a program, exit status."""

import os
import re

from _help import expect, mini_only, run_script, write


def case_script_with_arguments(mini, scratch):
    expect(run_script(mini, scratch, "import sys\nprint(sys.argv[1:])\n", ["a", "-x", "--flag"]),
           out="['a', '-x', '--flag']\n")


def case_code_with_c(mini, scratch):
    expect(mini.run(["-c", "import sys; print(sys.argv)", "a", "-b"]), out="['-c', 'a', '-b']\n")
    expect(mini.run(["-c", "1 / 0"]), code=1, err_has=["Traceback", 'File "<string>", line 1',
                                                       "ZeroDivisionError: division by zero"])
    expect(mini.run(["-c", "x = = 1"]), code=1, err_has=["SyntaxError: invalid syntax"])
    expect(mini.run(["-c"]), code=2, err_has=["-c"])


def case_program_from_stdin(mini, scratch):
    program = "import sys\nprint('from stdin', sys.argv)\n"
    expect(mini.run(["-", "a"], program), out="from stdin ['-', 'a']\n")
    expect(mini.run([], program), out="from stdin ['']\n")


def case_module_with_m(mini, scratch):
    suffix = "py" if mini.is_python else "mini"
    write(scratch, "tool." + suffix, "import sys\nprint(__name__, sys.argv[1:])\n")
    os.mkdir(os.path.join(scratch, "pack"))
    write(scratch, "pack/__init__." + suffix, "")
    write(scratch, "pack/__main__." + suffix, "print('package', __name__)\n")
    expect(mini.run(["-m", "tool", "x"], cwd=scratch), out="__main__ ['x']\n")
    expect(mini.run(["-m", "pack"], cwd=scratch), out="package __main__\n")
    expect(mini.run(["-m", "no_such_module"], cwd=scratch), code=1,
           err_has=["No module named no_such_module"])


def case_json_tool(mini, scratch):
    write(scratch, "in.json", '{"b": [1, "é"], "a": null}')
    expect(mini.run(["-m", "json.tool", "--sort-keys", "--indent", "1", "in.json"], cwd=scratch),
           out='{\n "a": null,\n "b": [\n  1,\n  "\\u00e9"\n ]\n}\n')
    expect(mini.run(["-m", "json.tool", "--compact", "--no-ensure-ascii", "in.json", "out.json"], cwd=scratch), out="")
    with open(os.path.join(scratch, "out.json"), encoding="utf-8") as f:
        assert f.read() == '{"b":[1,"é"],"a":null}\n'
    write(scratch, "wrong.json", "{1.2:3.4}")
    expect(mini.run(["-m", "json.tool", "wrong.json"], cwd=scratch), code=1,
           err_has=["Expecting property name enclosed in double quotes: line 1 column 2 (char 1)"])


def case_help(mini, scratch):
    outcome = mini.run(["--help"])
    expect(outcome, out_has=["usage:", "-c", "-m"])
    assert mini.run(["-h"]).out == outcome.out


@mini_only
def case_help_names_every_flag(mini, scratch):
    outcome = mini.run(["--help"])
    expect(outcome, out_has=["--no-gil", "--switch-interval", "--switch-every", "--seed", "--dis",
                             "--max-memory", "-X", "--version", "MINI_GIL"])


def case_version(mini, scratch):
    outcome = mini.run(["--version"])
    expect(outcome)
    assert re.match(r"^(mini|Python) \d+\.\d+\.\d+", outcome.out), outcome.out
    assert mini.run(["-V"]).out == outcome.out


def case_unknown_option(mini, scratch):
    expect(mini.run(["--no-such-option"]), code=2, out="", err_has=["--no-such-option"])


@mini_only
def case_bad_option_values(mini, scratch):
    for flags in (["--switch-interval", "abc"], ["--switch-interval", "-1"], ["--switch-every", "x"],
                  ["--switch-every", "-1"], ["--seed", "x"], ["--max-memory", "much"],
                  ["--max-memory", "-5"], ["-X", "gil=2"], ["-X", "nonsense"],
                  ["--switch-interval"], ["--max-memory"]):
        outcome = mini.run(flags + (["-c", "pass"] if len(flags) == 2 else []))
        expect(outcome, code=2, out="", err_has=[flags[0]])


def case_missing_script(mini, scratch):
    expect(mini.run(["no_such.mini"], cwd=scratch), code=2, out="",
           err_has=["can't open file", "no_such.mini", "[Errno 2] No such file or directory"])


def case_script_below_a_file(mini, scratch):
    path = write(scratch, "file", "")
    expect(mini.run([path + "/x.mini"]), code=2, err_has=["can't open file", "Not a directory"])


def case_unreadable_script(mini, scratch):
    path = write(scratch, "secret.mini", "print('read')\n")
    os.chmod(path, 0)
    outcome = mini.run([path])
    if os.geteuid() == 0:
        expect(outcome, out="read\n")       # root reads everything
    else:
        expect(outcome, code=2, err_has=["can't open file", "Permission denied"])


def case_script_is_a_folder(mini, scratch):
    expect(mini.run([scratch]), code=(1, 2), out="", err_has=[scratch])


def case_exit_status(mini, scratch):
    for text, code in (("", 0), ("import sys\nsys.exit()", 0), ("import sys\nsys.exit(3)", 3),
                       ("raise SystemExit(4)", 4), ("import os\nos._exit(5)", 5),
                       ("import sys\nsys.exit(256 + 6)", 6), ("import sys\nsys.exit(True)", 1),
                       ("raise SystemExit", 0)):
        expect(run_script(mini, scratch, text), code=code, out="", err="")
    expect(run_script(mini, scratch, "1 / 0"), code=1, err_has=["ZeroDivisionError"])
    expect(run_script(mini, scratch, "import sys\nsys.exit('why')"), code=1, err="why\n")


def case_exit_status_of_signal(mini, scratch):
    for number in (9, 15):
        expect(run_script(mini, scratch, f"import os\nos.kill(os.getpid(), {number})\nwhile True: pass"),
               code=-number)


def case_options_after_script_belong_to_it(mini, scratch):
    expect(run_script(mini, scratch, "import sys\nprint(sys.argv[1:])", ["--no-gil", "-X", "gil=9"]),
           out="['--no-gil', '-X', 'gil=9']\n")


@mini_only
def case_gil_flags(mini, scratch):
    text = "import sys, gil\nprint(sys._is_gil_enabled(), gil.enabled())\n"
    state = {True: "True True\n", False: "False False\n"}
    for flags, env, on in (([], {}, True), (["--no-gil"], {}, False), (["-X", "gil=0"], {}, False),
                           (["-X", "gil=1"], {}, True), (["-Xgil=0"], {}, False),
                           ([], {"MINI_GIL": "0"}, False), ([], {"MINI_GIL": "1"}, True),
                           (["-X", "gil=1"], {"MINI_GIL": "0"}, True),
                           (["--no-gil"], {"MINI_GIL": "1"}, False)):
        if mini.is_no_gil and not flags and not env:
            continue
        path = write(scratch, "script.mini", text)
        bare = [w for w in mini.command if w != "--no-gil"]
        outcome = type(mini).run(_with(mini, bare), flags + [path], cwd=scratch, env=env)
        expect(outcome, out=state[on])
    expect(mini.run(["-c", "pass"], env={"MINI_GIL": "maybe"}), code=(0, 2), err=None,
           err_has=["MINI_GIL"])


def _with(mini, command):
    import copy
    other = copy.copy(mini)
    other.command = command
    return other


@mini_only
def case_switch_interval_flag(mini, scratch):
    expect(run_script(mini, scratch, "import sys\nprint(sys.getswitchinterval())",
                      flags=["--switch-interval", "0.125"]), out="0.125\n")


@mini_only
def case_disassembly(mini, scratch):
    text = "def twice(x):\n    return x + x\n\nfor i in range(3):\n    print(twice(i))\n"
    outcome = run_script(mini, scratch, text, flags=["--dis"])
    expect(outcome, out_has=["twice", "ADD", "CALL", "range", " * "])
    assert "\n0\n2\n4\n" not in outcome.out, "--dis ran the script"
    expect(run_script(mini, scratch, "x = = 1", flags=["--dis"]), code=1, err_has=["SyntaxError"])


@mini_only
def case_max_memory_ends_in_memory_error(mini, scratch):
    text = "x = []\nwhile True:\n    x.append([0] * 1000)\n"
    expect(run_script(mini, scratch, text, flags=["--max-memory", "64M"], seconds=60), code=1,
           err_has=["MemoryError", "line 3"])


@mini_only
def case_max_memory_can_be_caught(mini, scratch):
    text = """
def fill():
    x = []
    while True:
        x.append("text" * 1000)
for _ in range(3):
    try:
        fill()
    except MemoryError:
        print("caught")
small = [i for i in range(1000)]
print(len(small))
"""
    expect(run_script(mini, scratch, text, flags=["--max-memory", "64M"], seconds=60),
           out="caught\ncaught\ncaught\n1000\n")


@mini_only
def case_max_memory_of_one_huge_object(mini, scratch):
    for expression in ("[0] * 10 ** 9", "'x' * 10 ** 9", "b'x' * 10 ** 9", "list(range(10 ** 8))",
                       "1 << 10 ** 10", "bytes(10 ** 9)"):
        text = f"try:\n    x = {expression}\nexcept MemoryError:\n    print('caught')\n"
        expect(run_script(mini, scratch, text, flags=["--max-memory", "64M"], seconds=60),
               out="caught\n")


@mini_only
def case_max_memory_garbage_is_not_counted(mini, scratch):
    text = "for i in range(200000):\n    x = [i] * 100\nprint('done')\n"
    expect(run_script(mini, scratch, text, flags=["--max-memory", "64M"], seconds=60), out="done\n")


@mini_only
def case_gc_stress_flag(mini, scratch):
    text = "x = [str(i) for i in range(20)]\nprint(''.join(x))\n"
    expect(run_script(mini, scratch, text, flags=["-X", "gc_stress"], seconds=60),
           out="".join(map(str, range(20))) + "\n")


def case_without_asserts_and_docstrings(mini, scratch):
    program = ("import sys\ndef f():\n    'doc'\n    assert 0, 'said'\n    return 5\n"
               "try:\n    print(f(), f.__doc__, __debug__, sys.flags.optimize)\n"
               "except AssertionError as e:\n    print(repr(e), __debug__)\n")
    expect(run_script(mini, scratch, program), out="AssertionError('said') True\n")
    expect(run_script(mini, scratch, program, flags=["-O"]), out="5 doc False 1\n")
    expect(run_script(mini, scratch, program, flags=["-OO"]), out="5 None False 2\n")


def case_warnings_that_make_no_sense_are_named(mini, scratch):
    for wish, said in [("foo", "invalid action: 'foo'"), ("error::Bogus", "unknown warning category: 'Bogus'"),
                       ("ignore::UserWarning:m:x", "invalid lineno 'x'"), ("a:b:c:d:e:f", "too many fields (max 5): 'a:b:c:d:e:f'")]:
        expect(mini.run(["-W", wish, "-c", "print(1)"], cwd=scratch), out="1\n", err=f"Invalid -W option ignored: {said}\n")


@mini_only
def case_warning_in_the_text_of_c_shows_its_line(mini, scratch):
    expect(mini.run(["-c", "import warnings\nwarnings.warn('careful')\nx = 1"], cwd=scratch),
           err="<string>:2: UserWarning: careful\n  warnings.warn('careful')\n")


def case_warnings_from_the_environment(mini, scratch):
    program = "import sys, warnings\nprint(sys.warnoptions)\nwarnings.warn('careful')\n"
    wish = {"PYTHONWARNINGS": "ignore,error::UserWarning"}
    expect(run_script(mini, scratch, program, flags=["-W", "once"], env=wish),
           out="['ignore', 'error::UserWarning', 'once']\n", err_has=["UserWarning: careful"])
    expect(run_script(mini, scratch, program, env=wish), code=1, err_has=["UserWarning: careful"],
           out="['ignore', 'error::UserWarning']\n")
    expect(run_script(mini, scratch, program, flags=["-E", "-W", "ignore"], env=wish), out="['ignore']\n")


@mini_only
def case_without_a_program_nothing_is_drawn(mini, scratch):
    for flags in ["--timeline"], ["--stats"], ["--timeline", "--stats", "--json"]:
        outcome = mini.run([*flags, "missing.mini"], "", scratch)
        expect(outcome, code=2, err_has=["mini: can't open file "])
        assert outcome.err.count("\n") == 1, outcome.err
        outcome = mini.run([*flags, "-c", "x = ("], "", scratch)
        expect(outcome, code=1, err_has=["SyntaxError: '(' was never closed"])
        assert outcome.err.endswith("never closed\n"), outcome.err
    expect(mini.run(["--timeline", "-c", "1 / 0"], "", scratch), code=1, err_has=["ZeroDivisionError", "MainThread"])


@mini_only
def case_folders_of_modules(mini, scratch):
    os.makedirs(os.path.join(scratch, "one"), exist_ok=True)
    os.makedirs(os.path.join(scratch, "two"), exist_ok=True)
    write(scratch, os.path.join("one", "helper_a.mini"), "print('a of one')\n")
    write(scratch, os.path.join("two", "helper_a.py"), "print('a of two')\n")
    write(scratch, os.path.join("two", "helper_b.py"), "print('b of two')\n")
    program = "import helper_a, helper_b\n"
    folders = {"MINI_PATH": os.path.join(scratch, "one") + "::" + os.path.join(scratch, "two")}
    expect(run_script(mini, scratch, program, env=folders), out="a of one\nb of two\n")
    expect(run_script(mini, scratch, program, flags=["-I"], env=folders), code=1,
           err_has=["ModuleNotFoundError: No module named 'helper_a'"])
