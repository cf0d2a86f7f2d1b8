// made_up.mjs - trace files in the format of interp/trace/README.md, of which a test knows what is
// in them: small ones to look for, a large one, and one with hostile names.

// A trace that grows: threads, their spans one behind the other, hand-overs.
export class MadeUp {
    constructor({
        script = 'made_up.mini',
        mode = 'gil',
        cores = 2,
        verdict = [],
        sources = {},
    } = {}) {
        this.events = [];
        this.threads = [];
        this.ends = new Map();
        this.processes = new Map();
        this.nHandovers = 0;
        this.other = {
            format: 1,
            version: '0.1.0',
            script,
            mode,
            policy: 'interval',
            interval_us: 5000,
            cores,
            seed: null,
            lost_events: 0,
            wall_us: 0,
            verdict,
            sources,
            threads: this.threads,
        };
    }

    thread(pid, tid, name, beginUs = 0) {
        if (!this.processes.has(pid)) {
            this.processes.set(pid, this.processes.size);
            this.meta('process_name', pid, 0, {
                name: this.processes.size === 1 ? `mini ${pid}` : `child ${pid}`,
            });
            this.meta('process_sort_index', pid, 0, { sort_index: this.processes.size });
        }
        this.meta('thread_name', pid, tid, { name });
        this.meta('thread_sort_index', pid, tid, { sort_index: tid });
        const info = {
            pid,
            tid,
            name,
            begin_us: beginUs,
            end_us: beginUs,
            cpu_us: 0,
            forced: 0,
            voluntary: 0,
            states_us: {},
        };
        this.threads.push(info);
        this.ends.set(info, beginUs);
        return info;
    }

    meta(name, pid, tid, args) {
        this.events.push({ ph: 'M', name, pid, tid, args });
    }

    // The thread's next span: it begins where the last one ended.
    span(
        info,
        state,
        us,
        args = {},
        name = { gil: 'wait for GIL', io: 'read', wait: 'join' }[state] ?? state,
    ) {
        const ts = this.ends.get(info);
        this.events.push({
            ph: 'X',
            cat: state,
            name,
            pid: info.pid,
            tid: info.tid,
            ts: round(ts),
            dur: round(us),
            args,
        });
        this.ends.set(info, ts + us);
        info.end_us = round(ts + us);
        info.states_us[state] = round((info.states_us[state] ?? 0) + us);
        info.cpu_us += state === 'run' ? us : 0;
        info.forced += state === 'run' && args.why?.startsWith('interval') ? 1 : 0;
        info.voluntary += state === 'run' && args.why?.startsWith('blocks') ? 1 : 0;
        this.other.wall_us = Math.max(this.other.wall_us, info.end_us);
        return ts + us;
    }

    // From the end of the giver's last span to `us` later.
    handOver(giver, taker, us) {
        const id = ++this.nHandovers;
        const ts = this.ends.get(giver);
        this.events.push({
            ph: 's',
            cat: 'handover',
            name: 'GIL',
            id,
            pid: giver.pid,
            tid: giver.tid,
            ts: round(ts),
        });
        this.events.push({
            ph: 'f',
            bp: 'e',
            cat: 'handover',
            name: 'GIL',
            id,
            pid: taker.pid,
            tid: taker.tid,
            ts: round(ts + us),
        });
    }

    // A function's stretch, on the track of the thread's calls.
    call(info, name, beginUs, us, at) {
        const tid = info.tid + 1000000;
        if (!this.events.some((event) => event.ph === 'M' && event.tid === tid)) {
            this.meta('thread_name', info.pid, tid, { name: `${info.name}: calls` });
            this.meta('thread_sort_index', info.pid, tid, { sort_index: info.tid });
        }
        this.events.push({
            ph: 'X',
            cat: 'call',
            name,
            pid: info.pid,
            tid,
            ts: round(beginUs),
            dur: round(us),
            args: { at },
        });
    }

    instant(info, name, args) {
        this.events.push({
            ph: 'i',
            s: 't',
            name,
            pid: info.pid,
            tid: info.tid,
            ts: round(this.ends.get(info)),
            args,
        });
    }

    text() {
        return JSON.stringify({
            displayTimeUnit: 'ns',
            otherData: this.other,
            traceEvents: this.events,
        });
    }
}

function round(us) {
    return Math.round(us * 1000) / 1000;
}

const SOURCE = `import threading

def work(n):
    total = 0
    while n > 0:
        total += n
        n -= 1
    return total

threads = [threading.Thread(target=work, args=(9**7,)) for _ in range(2)]
for t in threads:
    t.start()
for t in threads:
    t.join()
`;

// Two threads that compute and take turns every 5 ms.
export function turns({ rounds = 40, mode = 'gil', script = 'made_up.mini', jitter = true } = {}) {
    const trace = new MadeUp({
        script,
        mode,
        sources: { [script]: SOURCE },
        verdict: [
            mode === 'gil'
                ? {
                      kind: 'serialized',
                      text: 'Serialized: 2 threads wanted the CPU, 1.00 ran on average; 40 forced switches.',
                  }
                : { kind: 'parallel', text: 'Parallel: 1.97 of 2 cores busy.' },
        ],
    });
    const main = trace.thread(100, 1, 'MainThread');
    trace.span(main, 'run', 900, { at: `${script}:12`, why: 'blocks in join' });
    const workers = [2, 3].map((tid) => trace.thread(100, tid, `worker-${tid - 1}`, 900));
    const line = (i) => ({ at: `${script}:${i % 3 === 0 ? 6 : 7}`, in: 'work' });
    if (mode === 'gil') {
        let [runs, waits] = workers;
        for (let i = 0; i < rounds; i++) {
            const length = 5000 + (jitter ? (i * 37) % 90 : 0);
            trace.span(runs, 'run', length, {
                ...line(i),
                why: `interval, asked by ${waits.name}`,
            });
            trace.span(waits, 'gil', length + 8, { ...line(i + 1), owner: runs.name });
            trace.handOver(runs, waits, 8);
            trace.span(runs, 'gil', 8, { ...line(i), owner: waits.name });
            [runs, waits] = [waits, runs];
        }
    } else {
        for (const worker of workers) {
            trace.span(worker, 'run', (5000 * rounds) / 2, { ...line(1), why: 'ended' });
        }
    }
    const end = Math.max(...workers.map((worker) => trace.ends.get(worker)));
    trace.span(main, 'wait', end - 900, { at: `${script}:14`, object: 'thread worker-1' });
    return trace;
}

// One thread that calls functions, which call others.
export function calls({ script = 'made_up.mini' } = {}) {
    const trace = new MadeUp({ script, sources: { [script]: SOURCE } });
    const main = trace.thread(100, 1, 'MainThread');
    trace.span(main, 'run', 6000, { at: `${script}:12` });
    trace.span(main, 'compute', 4000, { at: `${script}:6` }, 'computing in a library');
    trace.call(main, '<module>', 0, 10000, `${script}:1`);
    trace.call(main, 'work', 1000, 4000, `${script}:3`);
    trace.call(main, 'inner', 2000, 1000, `${script}:5`);
    trace.call(main, 'work', 6000, 4000, `${script}:3`);
    return trace;
}

// A child process for each part.
export function processes({ children = 2, script = 'made_up.mini' } = {}) {
    const trace = new MadeUp({
        script,
        sources: { [script]: SOURCE },
        verdict: [{ kind: 'parallel', text: 'Parallel: 1.95 of 2 cores busy.' }],
    });
    const main = trace.thread(100, 1, 'MainThread');
    trace.span(main, 'run', 2000, { at: `${script}:12`, why: 'blocks in child process' });
    for (let i = 0; i < children; i++) {
        const child = trace.thread(101 + i, 1, 'MainThread', 1500 + 300 * i);
        trace.span(child, 'run', 100000, { at: `${script}:6`, in: 'work', why: 'ended' });
        trace.instant(child, 'exit', { status: 0 });
    }
    trace.span(
        main,
        'wait',
        101000,
        { at: `${script}:14`, object: 'process 101' },
        'child process',
    );
    return trace;
}

// Names that would be markup if anybody took them for it.
export function hostile() {
    const name = '</script><script>window.hacked = 1</script><img src=x onerror="window.hacked=2">';
    const script = `${name}.mini`;
    const trace = new MadeUp({
        script,
        sources: { [script]: `x = "${name}"\ny = '''${name}\n` },
        verdict: [{ kind: name, text: `${name}: ${name}` }],
    });
    const main = trace.thread(7, 1, name);
    trace.span(
        main,
        'lock',
        5000,
        {
            at: `${script}:1`,
            in: name,
            object: `Lock '${name}'`,
            owner: name,
            owner_at: `${script}:2`,
            made_at: `${script}:1`,
            why: name,
        },
        name,
    );
    trace.span(main, 'run', 5000, { at: '__proto__:1', in: 'constructor' });
    trace.instant(main, name, { [name]: name });
    return trace;
}

// The text of a trace of n spans in four threads; short ones, so that thousands share a pixel.
export function large(n) {
    const script = 'large.mini';
    const trace = new MadeUp({ script, sources: { [script]: SOURCE } });
    const threads = [1, 2, 3, 4].map((tid) => trace.thread(1, tid, `thread-${tid}`));
    const states = ['run', 'gil', 'run', 'gil', 'run', 'lock', 'run', 'io'];
    const pieces = [];
    const ends = [0, 0, 0, 0];
    let seed = 1;
    for (let i = 0; i < n; i++) {
        seed = (Math.imul(seed, 1103515245) + 12345) & 0x7fffffff;
        const state = states[(i >> 2) & 7];
        const us = 1 + ((seed >> 8) % 60);
        pieces.push(
            `{"ph":"X","cat":"${state}","name":"${state}","pid":1,"tid":${1 + (i & 3)},"ts":${ends[i & 3]},"dur":${us},"args":{"at":"${script}:${5 + (i % 3)}"}}`,
        );
        ends[i & 3] += us;
    }
    threads.forEach((thread, i) => {
        thread.end_us = ends[i];
    });
    trace.other.wall_us = Math.max(...ends);
    const empty = trace.text();
    return empty.replace(/\]\}$/, `,${pieces.join(',\n')}]}`);
}
