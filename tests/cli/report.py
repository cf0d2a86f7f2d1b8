"""mini report: pages made of trace files; the page itself is tested in tests/browser."""

import base64
import json
import os
import re
import zlib

from _help import expect, mini_only, write

PAGE_LIMIT = 400 * 1024


def a_trace(**other):
    return json.dumps({
        "displayTimeUnit": "ns",
        "otherData": {"format": 1, "script": "</script><b>.mini", "mode": "gil", "wall_us": 5, **other},
        "traceEvents": [{"ph": "X", "cat": "run", "name": "run", "pid": 1, "tid": 1, "ts": 0, "dur": 5.25}]})


def traces_in(page):
    return [zlib.decompress(base64.b64decode(text)).decode()
            for text in re.findall(r'<script type="text/plain" class="trace">([^<]*)</script>', page)]


@mini_only
def case_page_holds_the_traces(mini, scratch):
    texts = [a_trace(), a_trace(mode="no-gil", sources={"a.mini": "x = 'ä€😀'\n" * 20000})]
    paths = [write(scratch, f"{i}.json", text) for i, text in enumerate(texts)]
    expect(mini.run(["report", *paths, "-o", "out.html"], cwd=scratch))
    with open(os.path.join(scratch, "out.html"), encoding="utf-8") as f:
        page = f.read()
    assert page.startswith("<!DOCTYPE html>") and page.rstrip().endswith("</html>"), page[:100]
    assert traces_in(page) == texts
    to_stdout = mini.run(["report", "-o-", *paths], cwd=scratch)
    assert to_stdout.code == 0 and to_stdout.out == page, to_stdout.err


@mini_only
def case_page_keeps_its_limit_and_the_network_out(mini, scratch):
    path = write(scratch, "a.json", a_trace())
    page = mini.run(["report", path, "-o", "-"], cwd=scratch).out
    assert len(page.encode()) < PAGE_LIMIT, len(page.encode())
    assert "default-src 'none'" in page
    assert not re.search(r"\b(src|href)\s*=\s*[\"']?(?!data:)\w+:", page), "an address in the page"


@mini_only
def case_what_is_no_trace_is_refused(mini, scratch):
    good = a_trace()
    for text, problem in [
            (b"", "it ends too early (line 1)"),
            (b"\n\n  <html>", "no JSON object (line 3)"),
            (good[:-3], "it ends too early"),
            (good + "x", "something follows the JSON object"),
            (good.replace('"dur": 5.25', '"dur" 5.25'), "no JSON object"),
            ("[1, 2]", "no JSON object"),
            ("[" * 100000, "no JSON object"),
            ('{"a": ' + "[" * 100000, "no JSON object"),
            ("{}", 'no "traceEvents" and "otherData" in it'),
            ('{"traceEvents": {}, "otherData": {"format": 1}}', '"traceEvents" is no list'),
            ('{"traceEvents": [], "otherData": {}}', 'has no "format"'),
            (good.replace('"format": 1', '"format": 12'), 'a "format" that this version'),
            (b"{\"a\": \"\0\"}", "no JSON object")]:
        path = write(scratch, "trace.json", text)
        expect(mini.run(["report", path, "-o", "out.html"], cwd=scratch), code=1, out="",
               err_has=[f"mini report: '{path}' is not a trace of mini: ", problem])
        assert not os.path.exists(os.path.join(scratch, "out.html")), problem


@mini_only
def case_files_that_cannot_be_used(mini, scratch):
    good = write(scratch, "a.json", a_trace())
    expect(mini.run(["report", good, "missing.json", "-o", "out.html"], cwd=scratch), code=1, out="",
           err="mini report: cannot read 'missing.json': [Errno 2] No such file or directory\n")
    expect(mini.run(["report", good, "-o", "nowhere/out.html"], cwd=scratch), code=1, out="",
           err="mini report: cannot write 'nowhere/out.html': [Errno 2] No such file or directory\n")
    expect(mini.run(["report", scratch, "-o", "out.html"], cwd=scratch), code=1, out="",
           err_has=["cannot read", "[Errno 21] Is a directory"])
    if os.path.exists("/dev/full"):
        expect(mini.run(["report", good, "-o", "/dev/full"], cwd=scratch), code=1, out="",
               err="mini report: cannot write '/dev/full': [Errno 28] No space left on device\n")


@mini_only
def case_usage(mini, scratch):
    for words, problem in [([], "which trace?"), (["-o", "x"], "which trace?"), (["a.json"], "Name the page with -o"),
                           (["a.json", "-o"], "Argument expected for the -o option"),
                           (["--fast", "a.json"], "unknown option --fast")]:
        expect(mini.run(["report", *words], cwd=scratch), code=2, out="", err_has=[problem, "usage: mini report"])
    expect(mini.run(["report", "-h"], cwd=scratch), out_has=["usage: mini report", "-o FILE"])


@mini_only
def case_a_script_called_report_goes_first(mini, scratch):
    """As with python3, what is there is run; the command is a word only when nothing has that name."""
    folder = os.path.join(scratch, "report")
    os.mkdir(folder)
    expect(mini.run(["report"], cwd=scratch), code=2, out="", err_has=["mini report: which trace?"])
    write(folder, "__main__.mini", "print('the folder')\n")
    expect(mini.run(["report"], cwd=scratch), out="the folder\n")
    os.remove(os.path.join(folder, "__main__.mini"))
    os.rmdir(folder)
    write(scratch, "report", "import sys\nprint('the script', sys.argv)\n")
    expect(mini.run(["report", "-o", "x"], cwd=scratch), out="the script ['report', '-o', 'x']\n")
    os.remove(os.path.join(scratch, "report"))
    expect(mini.run(["--seed", "1", "report", "-h"], cwd=scratch), out_has=["usage: mini report"])
    expect(mini.run(["./report"], cwd=scratch), code=2, out="", err_has=["can't open file"])
