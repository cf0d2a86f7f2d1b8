// read.ts - from the JSON of a trace file (interp/trace/README.md) to a Trace.
//
// Nothing in the file is trusted: a value of another type than expected counts as missing.

import {
    SpanRows,
    Spans,
    baseName,
    type Calls,
    type Handovers,
    type Lane,
    type Process,
    type TextColumn,
    type Trace,
} from './model.ts';
import { stateIndex } from './states.ts';

const ARGUMENT: Record<string, TextColumn | undefined> = {
    __proto__: null as never,
    at: 'at',
    in: 'fn',
    object: 'object',
    made_at: 'madeAt',
    why: 'why',
    owner: 'owner',
    owner_at: 'ownerAt',
};

type Json = Record<string, unknown>;

function object(value: unknown): Json {
    return typeof value === 'object' && value !== null ? (value as Json) : {};
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
            rows = {
                pid,
                tid: own,
                name: `thread ${own}`,
                order: own,
                spans: new SpanRows(),
                calls: [],
                info: {},
            };
            this.lanes.set(key, rows);
        }
        this.latest = rows;
        return rows;
    }

    event(event: Json): void {
        const pid = number(event.pid);
        const tid = number(event.tid);
        switch (event.ph) {
            case 'X':
                this.span(event, this.lane(pid, tid));
                break;
            case 'M':
                this.metadata(event, pid, tid);
                break;
            case 's':
                this.given.set(`${pid}:${text(event.id)}`, {
                    at: number(event.ts),
                    lane: `${pid}:${tid}`,
                });
                break;
            case 'f':
                this.taken(event, `${pid}:${text(event.id)}`, `${pid}:${tid}`);
                break;
            case 'i':
            case 'I': {
                if (event.name === 'mode' && number(event.ts) === 0) {
                    break; // how it began; the page's head says it
                }
                const details = Object.entries(object(event.args)).map(
                    ([key, value]) => `${key} ${text(value)}`,
                );
                this.instants.push({
                    at: number(event.ts),
                    name: text(event.name),
                    detail: details.join(', '),
                    lane: `${pid}:${tid}`,
                });
                break;
            }
            default:
                break; // counters say what the spans say, too
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
            case 'process_name':
                this.processNames.set(pid, text(args.name));
                break;
            case 'process_sort_index':
                this.processOrders.set(pid, number(args.sort_index));
                break;
            case 'thread_name':
                if (tid < CALL_TRACK) this.lane(pid, tid).name = text(args.name);
                break;
            case 'thread_sort_index':
                if (tid < CALL_TRACK) this.lane(pid, tid).order = number(args.sort_index);
                break;
            default:
                break;
        }
    }

    private taken(event: Json, key: string, toLane: string): void {
        const given = this.given.get(key);
        if (given !== undefined) {
            this.given.delete(key);
            this.handed.push({
                from: given.at,
                to: number(event.ts),
                fromLane: given.lane,
                toLane,
            });
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
        trace,
        process,
        tid: rows.tid,
        order: rows.order,
        spans,
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
        verdicts: list(other.verdict)
            .map(object)
            .map((v) => ({ kind: text(v.kind), text: text(v.text) })),
        sources: new Map(
            Object.entries(object(other.sources)).map(([name, source]) => [
                name,
                text(source).replace(/\n$/, '').split('\n'),
            ]),
        ),
        processes: [],
        lanes: [],
        instants: [],
        texts: reader.texts.all,
        handovers: {
            n: 0,
            from: new Float64Array(),
            to: new Float64Array(),
            fromLane: [],
            toLane: [],
        },
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
            process = {
                pid: rows.pid,
                name: `${name === trace.script ? baseName(name) : name} (pid ${rows.pid})`,
                order: reader.processOrders.get(rows.pid) ?? processes.size,
                lanes: [],
            };
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
