"""Ctrl-C and other signals, whatever the main thread is doing."""

import signal

from _help import expect, interrupt_when_ready, mini_only, run_script

WAITS = {
    "sleep": "import time\nprint('ready', flush=True)\ntime.sleep(600)\n",
    "join": "import threading\ne = threading.Event()\n"
            "t = threading.Thread(target=e.wait, daemon=True)\nt.start()\n"
            "print('ready', flush=True)\nt.join()\n",
    "acquire": "import threading\nlock = threading.Lock()\nlock.acquire()\n"
               "print('ready', flush=True)\nlock.acquire()\n",
    "with_lock": "import threading\nlock = threading.Lock()\nlock.acquire()\n"
                 "print('ready', flush=True)\nwith lock:\n    pass\n",
    "rlock_of_another": "import threading\nlock = threading.RLock()\ne = threading.Event()\n"
                        "def hold():\n    with lock:\n        e.set()\n        threading.Event().wait()\n"
                        "threading.Thread(target=hold, daemon=True).start()\ne.wait()\n"
                        "print('ready', flush=True)\nlock.acquire()\n",
    "busy_loop": "print('ready', flush=True)\nwhile True:\n    pass\n",
    "busy_call": "def f(n):\n    return n + 1\nprint('ready', flush=True)\nx = 0\n"
                 "while True:\n    x = f(x)\n",
    "comprehension": "print('ready', flush=True)\nn = sum(1 for i in range(10 ** 12))\n",
    "input": "print('ready', flush=True)\ninput()\n",
    "stdin_read": "import sys\nprint('ready', flush=True)\nsys.stdin.read()\n",
    "event": "import threading\nprint('ready', flush=True)\nthreading.Event().wait()\n",
    "condition": "import threading\nc = threading.Condition()\nprint('ready', flush=True)\n"
                 "with c:\n    c.wait()\n",
    "semaphore": "import threading\ns = threading.Semaphore(0)\nprint('ready', flush=True)\ns.acquire()\n",
    "barrier": "import threading\nb = threading.Barrier(2)\nprint('ready', flush=True)\nb.wait()\n",
    "queue_get": "import queue\nprint('ready', flush=True)\nqueue.Queue().get()\n",
    "queue_put": "import queue\nq = queue.Queue(1)\nq.put(1)\nprint('ready', flush=True)\nq.put(2)\n",
    "pipe_read": "import os\nr, w = os.pipe()\nprint('ready', flush=True)\nos.read(r, 1)\n",
    "pipe_write": "import os\nr, w = os.pipe()\nprint('ready', flush=True)\n"
                  "while True:\n    os.write(w, b'x' * 4096)\n",
    "socket_accept": "import socket\nserver = socket.create_server(('127.0.0.1', 0))\n"
                     "print('ready', flush=True)\nserver.accept()\n",
    "socket_recv": "import socket\na, b = socket.socketpair()\nprint('ready', flush=True)\na.recv(1)\n",
    "socket_recv_with_timeout": "import socket\na, b = socket.socketpair()\na.settimeout(600)\n"
                                "print('ready', flush=True)\na.recv(1)\n",
    "socket_sendall": "import socket\na, b = socket.socketpair()\nprint('ready', flush=True)\n"
                      "a.sendall(b'x' * 10_000_000)\n",
    "waitpid": "import os, time\npid = os.fork()\nif pid == 0:\n    time.sleep(5)\n    os._exit(0)\n"
               "print('ready', flush=True)\nos.waitpid(pid, 0)\n",
    "process_join": "import multiprocessing, time\nmultiprocessing.set_start_method('fork')\n"
                    "p = multiprocessing.Process(target=time.sleep, args=(3,))\np.daemon = True\np.start()\n"
                    "print('ready', flush=True)\np.join()\n",
    "join_of_busy_thread": "import threading\ndef spin():\n    while True:\n        pass\n"
                           "t = threading.Thread(target=spin, daemon=True)\nt.start()\n"
                           "print('ready', flush=True)\nt.join()\n",
    "join_with_timeout": "import threading\ne = threading.Event()\n"
                         "t = threading.Thread(target=e.wait, daemon=True)\nt.start()\n"
                         "print('ready', flush=True)\nt.join(600)\n",
    "big_int_power": "print('ready', flush=True)\nwhile True:\n    x = 3 ** 20000\n",
    "sum_without_end": "print('ready', flush=True)\nsum(range(2 ** 70))\n",
    "search_without_end": "print('ready', flush=True)\n'x' in range(2 ** 70)\n",
    "filter_without_end": "import itertools\nprint('ready', flush=True)\nnext(filter(None, itertools.repeat(0)))\n",
    "reduce_without_end": "import functools, itertools\nprint('ready', flush=True)\n"
                          "functools.reduce(max, itertools.cycle([1]))\n",
    "sort": "print('ready', flush=True)\na = [i * 7919 % 10007 for i in range(10000)]\n"
            "while True:\n    a.sort(key=lambda x: -x)\n    a.sort()\n",
}


def _make(text):
    def case(mini, scratch):
        outcome = interrupt_when_ready(mini, scratch, text)
        expect(outcome, code=-signal.SIGINT, err_has=["Traceback (most recent call last):",
                                                      "KeyboardInterrupt"])
        assert outcome.seconds < mini.limit(4), f"took {outcome.seconds:.1f} s"
    return case


for _name, _text in WAITS.items():
    _case = _make(_text)
    if _name.endswith("_without_end"):      # native loops, which CPython does not interrupt
        _case = mini_only(_case)
    globals()["case_ctrl_c_during_" + _name] = _case


def case_keyboard_interrupt_can_be_caught(mini, scratch):
    text = """
import time
try:
    print("ready", flush=True)
    time.sleep(600)
except KeyboardInterrupt as e:
    print("caught", repr(e))
finally:
    print("cleaned up")
"""
    expect(interrupt_when_ready(mini, scratch, text), out="caught KeyboardInterrupt()\ncleaned up\n")


def case_ctrl_c_reaches_the_main_thread_only(mini, scratch):
    text = """
import threading, time
seen = []
def worker():
    try:
        while not stop.is_set():
            time.sleep(0.01)
    except KeyboardInterrupt:
        seen.append("worker")
stop = threading.Event()
t = threading.Thread(target=worker)
t.start()
try:
    print("ready", flush=True)
    t.join()
except KeyboardInterrupt:
    seen.append("main")
stop.set()
t.join()
print(seen)
"""
    expect(interrupt_when_ready(mini, scratch, text), out="['main']\n")


def case_with_lock_is_released_by_ctrl_c(mini, scratch):
    text = """
import threading, time
lock = threading.Lock()
try:
    with lock:
        print("ready", flush=True)
        time.sleep(600)
except KeyboardInterrupt:
    print(lock.locked())
"""
    expect(interrupt_when_ready(mini, scratch, text), out="False\n")


def case_uncaught_ctrl_c_runs_finally(mini, scratch):
    text = """
import time
try:
    print("ready", flush=True)
    time.sleep(600)
finally:
    print("finally", flush=True)
"""
    expect(interrupt_when_ready(mini, scratch, text), code=-signal.SIGINT, out="finally\n",
           err_has=["KeyboardInterrupt"])


def case_two_ctrl_c(mini, scratch):
    text = """
import time
for i in range(2):
    try:
        if i == 0:
            print("ready", flush=True)
        else:
            import os
            os.kill(os.getpid(), 2)
        time.sleep(600)
    except KeyboardInterrupt:
        print("caught", i)
"""
    expect(interrupt_when_ready(mini, scratch, text), out="caught 0\ncaught 1\n")


def case_sigterm_kills(mini, scratch):
    expect(interrupt_when_ready(mini, scratch, WAITS["sleep"], signal.SIGTERM), code=-signal.SIGTERM)
    expect(interrupt_when_ready(mini, scratch, WAITS["busy_loop"], signal.SIGTERM), code=-signal.SIGTERM)


def case_child_killed_while_parent_waits(mini, scratch):
    text = """
import multiprocessing, os, threading, time
multiprocessing.set_start_method("fork")
p = multiprocessing.Process(target=time.sleep, args=(600,))
p.start()
def kill_later():
    time.sleep(0.1)
    os.kill(p.pid, 9)
threading.Thread(target=kill_later).start()
start = time.monotonic()
p.join()
print(p.exitcode, time.monotonic() - start < 10)
"""
    expect(run_script(mini, scratch, text), out="-9 True\n")


def case_child_killed_while_parent_reads_its_pipe(mini, scratch):
    text = """
import os, time
r, w = os.pipe()
pid = os.fork()
if pid == 0:
    time.sleep(600)
os.close(w)
os.kill(pid, 9)
print(os.read(r, 10), os.waitpid(pid, 0)[1])
"""
    expect(run_script(mini, scratch, text), out="b'' 9\n")


@mini_only
def case_interrupt_storm(mini, scratch):
    text = """
import os, time
pid = os.fork()
if pid == 0:
    parent = os.getppid()
    for _ in range(200):
        os.kill(parent, 2)
        time.sleep(0.001)
    os._exit(0)
n = 0
done = False
while not done:
    try:
        while not done:
            if os.waitpid(pid, 1)[0]:
                done = True
            [i for i in range(100)]
            {i: str(i) for i in range(100)}
    except KeyboardInterrupt:
        n += 1
time.sleep(0)
print("survived", n > 0)
"""
    outcome = run_script(mini, scratch, text, seconds=30)
    expect(outcome, code=(0, 1, -2), err_has=[""])
