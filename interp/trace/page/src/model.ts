// model.ts - a trace as columns of numbers, in which a million spans cost little and are found by
// binary search.
//
// Times are in us since the script's begin. Texts are numbers of Trace.texts; 0 is no text.

import { N_STATES, stateIndex } from './states.ts';

export interface Place {
    file: string;
    line: number;
}

export interface Verdict {
    kind: string;
    text: string;
}

export interface Process {
    pid: number;
    name: string;
    order: number;
    lanes: Lane[];
}

export interface Instant {
    at: number;
    name: string;
    detail: string;
    lane: Lane;
}

// Calls of one depth; they do not overlap.
export interface Calls {
    begin: Float64Array;
    end: Float64Array;
    name: Int32Array;
    at: Int32Array;
}

const TEXT_COLUMNS = ['name', 'at', 'fn', 'object', 'madeAt', 'why', 'owner', 'ownerAt'] as const;
export type TextColumn = (typeof TEXT_COLUMNS)[number];
const ARGUMENT: Record<string, TextColumn | undefined> = {
    __proto__: null as never,
    at: 'at', in: 'fn', object: 'object', made_at: 'madeAt', why: 'why', owner: 'owner', owner_at: 'ownerAt',
};

// Spans while a file is read: columns that grow, since a million objects would be slow and large.
class SpanRows {
    n = 0;
    begin = new Float64Array(64);
    end = new Float64Array(64);
    state = new Uint8Array(64);
    readonly text = Object.fromEntries(TEXT_COLUMNS.map((c) => [c, new Int32Array(64)])) as Record<TextColumn, Int32Array>;
    private isOrdered = true;

    // The new row's number.
    add(begin: number, end: number, state: number): number {
        const i = this.n++;
        if (i === this.begin.length) {
            this.grow(2 * i);
        }
        this.begin[i] = begin;
        this.end[i] = end;
        this.state[i] = state;
        this.isOrdered &&= i === 0 || this.begin[i - 1] <= begin;
        return i;
    }

    private grow(length: number): void {
        const larger = <T extends Float64Array | Uint8Array | Int32Array>(from: T, to: T): T => {
            to.set(from);
            return to;
        };
        this.begin = larger(this.begin, new Float64Array(length));
        this.end = larger(this.end, new Float64Array(length));
        this.state = larger(this.state, new Uint8Array(length));
        for (const column of TEXT_COLUMNS) {
            this.text[column] = larger(this.text[column], new Int32Array(length));
        }
    }

    // Row numbers in the order of time.
    order(): Uint32Array | undefined {
        return this.isOrdered ? undefined
            : Uint32Array.from({ length: this.n }, (_, i) => i).sort((a, b) => this.begin[a] - this.begin[b]);
    }
}

// The spans of a thread, in the order of time.
export class Spans {
    readonly n: number;
    readonly begin: Float64Array;
    readonly end: Float64Array;
    readonly state: Uint8Array;
    readonly text: Record<TextColumn, Int32Array>;
    // before[s][i]: how long the thread was in state s before span i; null when it never was.
    private readonly before: (Float64Array | null)[];

    constructor(rows: SpanRows) {
        const order = rows.order();
        const ordered = <T extends Float64Array | Uint8Array | Int32Array>(column: T): T =>
            (order === undefined ? column.slice(0, rows.n) : column.slice(0, rows.n).map((_, i) => column[order[i]])) as T;
        this.n = rows.n;
        this.begin = ordered(rows.begin);
        this.end = ordered(rows.end);
        this.state = ordered(rows.state);
        this.text = Object.fromEntries(TEXT_COLUMNS.map((c) => [c, ordered(rows.text[c])])) as Spans['text'];
        this.before = Array.from({ length: N_STATES }, (_, s) => this.sums(s));
    }

    private sums(state: number): Float64Array | null {
        if (!this.state.includes(state)) {
            return null;
        }
        const sums = new Float64Array(this.n + 1);
        for (let i = 0; i < this.n; i++) {
            sums[i + 1] = sums[i] + (this.state[i] === state ? this.end[i] - this.begin[i] : 0);
        }
        return sums;
    }

    // The last span that begins at or before t; -1 when there is none.
    indexAt(t: number): number {
        return upperBound(this.begin, t) - 1;
    }

    // The same for a t that is not before span `index`, and mostly a little behind it: as for the
    // next pixel. Steps that double stay near, where a search of the whole would not.
    indexFrom(index: number, t: number): number {
        let low = Math.max(0, index);
        let step = 1;
        while (low + step < this.n && this.begin[low + step] <= t) {
            low += step;
            step *= 2;
        }
        return upperBound(this.begin, t, low, Math.min(this.n, low + step)) - 1;
    }

    has(state: number): boolean {
        return this.before[state] !== null;
    }

    // How long the thread was in `state` before t; `index` is indexAt(t).
    until(state: number, t: number, index: number): number {
        const sums = this.before[state];
        if (sums === null || index < 0) {
            return 0;
        }
        const here = this.state[index] === state ? Math.min(t, this.end[index]) - this.begin[index] : 0;
        return sums[index] + here;
    }

    between(state: number, from: number, to: number): number {
        return this.until(state, to, this.indexAt(to)) - this.until(state, from, this.indexAt(from));
    }

    total(state: number): number {
        return this.before[state]?.[this.n] ?? 0;
    }
}

export interface Lane {
    trace: Trace;
    process: Process;
    tid: number;
    name: string;
    order: number;
    begin: number;
    end: number;
    cpu: number;
    forced: number;
    voluntary: number;
    spans: Spans;
    calls: Calls[];
}

export interface Handovers {
    n: number;
    from: Float64Array;
    to: Float64Array;
    fromLane: (Lane | undefined)[];
    toLane: (Lane | undefined)[];
}

export interface Trace {
    index: number;
    label: string;          // tells it from the page's other traces: "with the GIL"
    script: string;
    version: string;
    mode: string;
    policy: string;
    intervalUs: number;
    cores: number;
    seed: string;
    lost: number;
    wall: number;
    verdicts: Verdict[];
    sources: Map<string, string[]>;
    processes: Process[];
    lanes: Lane[];
    handovers: Handovers;
    instants: Instant[];
    texts: string[];
}

// First index whose value is greater than t, from `low` on; `high` when there is none before.
export function upperBound(values: Float64Array, t: number, low = 0, high = values.length): number {
    while (low < high) {
        const middle = (low + high) >>> 1;
        if (values[middle] <= t) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

// ---- Reading a trace file ----

type Json = Record<string, unknown>;

function object(value: unknown): Json {
    return typeof value === 'object' && value !== null ? value as Json : {};
}

function list(value: unknown): unknown[] {
    return Array.isArray(value) ? value : [];
}

function text(value: unknown, missing = ''): string {
    return typeof value === 'string' ? value : typeof value === 'number' ? String(value) : missing;
}

function number(value: unknown, missing = 0): number {
    return typeof value === 'number' && Number.isFinite(value) ? value : missing;
}

class Texts {
    readonly all = [''];
    private readonly numbers = new Map([['', 0]]);

    number(value: unknown): number {
        const string = typeof value === 'string' ? value : text(value);
        let n = this.numbers.get(string);
        if (n === undefined) {
            n = this.all.length;
            this.all.push(string);
            this.numbers.set(string, n);
        }
        return n;
    }
}

interface CallRow {
    begin: number;
    end: number;
    name: number;
    at: number;
}

interface LaneRows {
    pid: number;
    tid: number;
    name: string;
    order: number;
    spans: SpanRows;
    calls: CallRow[];
    info: Json;
}

// The calls of a thread are tracks of their own in the file.
const CALL_TRACK = 1000000;

class Reader {
    readonly texts = new Texts();
    readonly lanes = new Map<string, LaneRows>();
    private latest: LaneRows | undefined;
    readonly processNames = new Map<number, string>();
    readonly processOrders = new Map<number, number>();
    readonly given = new Map<string, { at: number; lane: string }>();
    readonly handed: { from: number; to: number; fromLane: string; toLane: string }[] = [];
    readonly instants: { at: number; name: string; detail: string; lane: string }[] = [];

    lane(pid: number, tid: number): LaneRows {
        const own = tid >= CALL_TRACK ? tid - CALL_TRACK : tid;
        if (this.latest?.tid === own && this.latest.pid === pid) {
            return this.latest;
        }
        const key = `${pid}:${own}`;
        let rows = this.lanes.get(key);
        if (rows === undefined) {
            rows = { pid, tid: own, name: `thread ${own}`, order: own, spans: new SpanRows(), calls: [], info: {} };
            this.lanes.set(key, rows);
        }
        this.latest = rows;
        return rows;
    }

    event(event: Json): void {
        const pid = number(event.pid);
        const tid = number(event.tid);
        switch (event.ph) {
        case 'X': this.span(event, this.lane(pid, tid)); break;
        case 'M': this.metadata(event, pid, tid); break;
        case 's': this.given.set(`${pid}:${text(event.id)}`, { at: number(event.ts), lane: `${pid}:${tid}` }); break;
        case 'f': this.taken(event, `${pid}:${text(event.id)}`, `${pid}:${tid}`); break;
        case 'i': case 'I': {
            if (event.name === 'mode' && number(event.ts) === 0) {
                break;          // how it began; the page's head says it
            }
            const details = Object.entries(object(event.args)).map(([key, value]) => `${key} ${text(value)}`);
            this.instants.push({ at: number(event.ts), name: text(event.name), detail: details.join(', '),
                                 lane: `${pid}:${tid}` });
            break;
        }
        default: break;     // counters say what the spans say, too
        }
    }

    private span(event: Json, lane: LaneRows): void {
        const begin = number(event.ts);
        const end = begin + Math.max(0, number(event.dur));
        const args = object(event.args);
        const name = this.texts.number(event.name);
        if (event.cat === 'call') {
            lane.calls.push({ begin, end, name, at: this.texts.number(args.at) });
            return;
        }
        const state = stateIndex(text(event.cat));
        if (state < 0) {
            return;
        }
        const row = lane.spans.add(begin, end, state);
        lane.spans.text.name[row] = name;
        for (const key in args) {
            const column = ARGUMENT[key];
            if (column !== undefined) {
                lane.spans.text[column][row] = this.texts.number(args[key]);
            }
        }
    }

    private metadata(event: Json, pid: number, tid: number): void {
        const args = object(event.args);
        switch (event.name) {
        case 'process_name': this.processNames.set(pid, text(args.name)); break;
        case 'process_sort_index': this.processOrders.set(pid, number(args.sort_index)); break;
        case 'thread_name': if (tid < CALL_TRACK) this.lane(pid, tid).name = text(args.name); break;
        case 'thread_sort_index': if (tid < CALL_TRACK) this.lane(pid, tid).order = number(args.sort_index); break;
        default: break;
        }
    }

    private taken(event: Json, key: string, toLane: string): void {
        const given = this.given.get(key);
        if (given !== undefined) {
            this.given.delete(key);
            this.handed.push({ from: given.at, to: number(event.ts), fromLane: given.lane, toLane });
        }
    }
}

// Nested calls, outer before inner, one row for each depth.
function callsByDepth(rows: CallRow[]): Calls[] {
    rows.sort((a, b) => a.begin - b.begin || b.end - a.end);
    const depths: CallRow[][] = [];
    const open: number[] = [];
    for (const row of rows) {
        while (open.length > 0 && open[open.length - 1] <= row.begin) {
            open.pop();
        }
        (depths[open.length] ??= []).push(row);
        open.push(row.end);
    }
    return depths.map((calls) => ({
        begin: Float64Array.from(calls, (c) => c.begin),
        end: Float64Array.from(calls, (c) => c.end),
        name: Int32Array.from(calls, (c) => c.name),
        at: Int32Array.from(calls, (c) => c.at),
    }));
}

function makeLane(rows: LaneRows, trace: Trace, process: Process): Lane {
    const spans = new Spans(rows.spans);
    return {
        trace, process, tid: rows.tid, order: rows.order, spans,
        name: text(rows.info.name, rows.name) || rows.name,
        begin: number(rows.info.begin_us, spans.n > 0 ? spans.begin[0] : 0),
        end: number(rows.info.end_us, spans.n > 0 ? spans.end[spans.n - 1] : 0),
        cpu: number(rows.info.cpu_us),
        forced: number(rows.info.forced),
        voluntary: number(rows.info.voluntary),
        calls: callsByDepth(rows.calls),
    };
}

function makeHandovers(reader: Reader, lanes: Map<string, Lane>): Handovers {
    const rows = reader.handed.sort((a, b) => a.to - b.to);
    return {
        n: rows.length,
        from: Float64Array.from(rows, (row) => row.from),
        to: Float64Array.from(rows, (row) => row.to),
        fromLane: rows.map((row) => lanes.get(row.fromLane)),
        toLane: rows.map((row) => lanes.get(row.toLane)),
    };
}

export function readTrace(file: unknown, index: number): Trace {
    const top = object(file);
    const other = object(top.otherData);
    const reader = new Reader();
    for (const info of list(other.threads).map(object)) {
        reader.lane(number(info.pid), number(info.tid)).info = info;
    }
    for (const event of list(top.traceEvents)) {
        reader.event(object(event));
    }
    const trace: Trace = {
        index,
        label: '',
        script: text(other.script, '?'),
        version: text(other.version),
        mode: text(other.mode),
        policy: text(other.policy),
        intervalUs: number(other.interval_us),
        cores: number(other.cores, 1),
        seed: text(other.seed),
        lost: number(other.lost_events),
        wall: number(other.wall_us),
        verdicts: list(other.verdict).map(object).map((v) => ({ kind: text(v.kind), text: text(v.text) })),
        sources: new Map(Object.entries(object(other.sources))
            .map(([name, source]) => [name, text(source).replace(/\n$/, '').split('\n')])),
        processes: [], lanes: [], instants: [], texts: reader.texts.all,
        handovers: { n: 0, from: new Float64Array(), to: new Float64Array(), fromLane: [], toLane: [] },
    };
    addLanes(trace, reader);
    return trace;
}

function addLanes(trace: Trace, reader: Reader): void {
    const processes = new Map<number, Process>();
    const lanes = new Map<string, Lane>();
    for (const [key, rows] of reader.lanes) {
        let process = processes.get(rows.pid);
        if (process === undefined) {
            const name = reader.processNames.get(rows.pid) ?? 'process';
            process = { pid: rows.pid, name: `${name === trace.script ? baseName(name) : name} (pid ${rows.pid})`,
                        order: reader.processOrders.get(rows.pid) ?? processes.size, lanes: [] };
            processes.set(rows.pid, process);
        }
        const lane = makeLane(rows, trace, process);
        lanes.set(key, lane);
        process.lanes.push(lane);
        trace.wall = Math.max(trace.wall, lane.end);
    }
    trace.processes = [...processes.values()].sort((a, b) => a.order - b.order);
    for (const process of trace.processes) {
        process.lanes.sort((a, b) => a.order - b.order || a.begin - b.begin);
        trace.lanes.push(...process.lanes);
    }
    trace.handovers = makeHandovers(reader, lanes);
    for (const instant of reader.instants) {
        const lane = lanes.get(instant.lane);
        if (lane !== undefined) {
            trace.instants.push({ ...instant, lane });
        }
    }
    trace.instants.sort((a, b) => a.at - b.at);
}

// ---- Names and places ----

export function baseName(path: string): string {
    return path.slice(path.lastIndexOf('/') + 1);
}

// Labels that tell the traces of a page apart: by mode, by script, at last by number.
export function labelTraces(traces: Trace[]): void {
    const byMode = (trace: Trace) =>
        trace.processes.length > 2 && trace.mode !== 'no-gil' ? `${trace.processes.length} processes`
        : trace.mode === 'no-gil' ? 'without the GIL' : 'with the GIL';
    const isUnique = (label: (trace: Trace) => string) => new Set(traces.map(label)).size === traces.length;
    const byScript = (trace: Trace) => `${baseName(trace.script)}, ${byMode(trace)}`;
    for (const trace of traces) {
        trace.label = isUnique(byMode) ? byMode(trace)
            : isUnique(byScript) ? byScript(trace) : `${trace.index + 1}. ${byScript(trace)}`;
    }
}

const PLACE = /^(.*):(\d+)$/s;

// "file:line" apart; undefined when it is no place.
export function placeOf(at: string): Place | undefined {
    const match = PLACE.exec(at);
    return match === null ? undefined : { file: match[1], line: Number(match[2]) };
}

export function sourceLine(trace: Trace, at: string): string {
    const place = placeOf(at);
    return (place && trace.sources.get(place.file)?.[place.line - 1]) ?? '';
}
