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
import { Scanner, Texts, keyCode } from './scan.ts';
import { stateIndex } from './states.ts';

// Arguments of spans that are kept, by their keyCode.
const ARGUMENT = new Map<number, TextColumn>([
    [keyCode('at'), 'at'],
    [keyCode('in'), 'fn'],
    [keyCode('object'), 'object'],
    [keyCode('made_at'), 'madeAt'],
    [keyCode('why'), 'why'],
    [keyCode('owner'), 'owner'],
    [keyCode('owner_at'), 'ownerAt'],
]);

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

// Phases of events, as bytes.
const SPAN = 0x58; // X
const GIVE = 0x73; // s
const TAKE = 0x66; // f
const COUNTER = 0x43; // C

const PH = keyCode('ph');
const TS = keyCode('ts');
const ID = keyCode('id');
const PID = keyCode('pid');
const TID = keyCode('tid');
const DUR = keyCode('dur');
const CAT = keyCode('cat');
const NAME = keyCode('name');
const ARGS = keyCode('args');
const OTHER_DATA = keyCode('otherData');
const TRACE_EVENTS = keyCode('traceEvents');

// Ids of hand-overs are numbers in each process.
const ID_RANGE = 2 ** 32;

// The calls of a thread are tracks of their own in the file.
const CALL_TRACK = 1000000;

function laneKey(pid: number, tid: number): number {
    return pid * CALL_TRACK + tid;
}

class Reader {
    readonly texts = new Texts();
    readonly lanes = new Map<number, LaneRows>(); // by laneKey
    private latest: LaneRows | undefined;
    readonly processNames = new Map<number, string>();
    readonly processOrders = new Map<number, number>();
    private readonly states: number[] = []; // by the number of a category's text
    private readonly given = new Map<string | number, { at: number; pid: number; tid: number }>();
    readonly handed: { from: number; to: number; fromLane: LaneRows; toLane: LaneRows }[] = [];
    readonly instants: { at: number; name: string; detail: string; lane: number }[] = [];

    lane(pid: number, tid: number): LaneRows {
        const own = tid >= CALL_TRACK ? tid - CALL_TRACK : tid;
        if (this.latest?.tid === own && this.latest.pid === pid) {
            return this.latest;
        }
        const key = laneKey(pid, own);
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

    // An event, whatever its members' order. Those of which there are many are read as they stand.
    event(scan: Scanner): void {
        scan.peek();
        const begin = scan.at;
        if (!scan.openObject()) {
            scan.skip();
            return;
        }
        let phase = 0;
        let pid = NaN;
        let tid = NaN;
        let ts = NaN;
        let duration = NaN;
        let id = NaN;
        let name = 0;
        let category = 0;
        this.nArguments = 0;
        while (scan.next()) {
            switch (scan.key()) {
                case TS:
                    ts = scan.number();
                    break;
                case PH:
                    phase = scan.text() ? scan.bytes[scan.textBegin] : scan.number();
                    break;
                case PID:
                    pid = scan.number();
                    break;
                case TID:
                    tid = scan.number();
                    break;
                case DUR:
                    duration = scan.number();
                    break;
                case CAT:
                    category = this.text(scan);
                    break;
                case NAME:
                    name = this.text(scan);
                    break;
                case ID:
                    id = scan.number();
                    break;
                case ARGS:
                    this.arguments(scan, phase === SPAN || phase === 0);
                    break;
                default:
                    scan.skip();
            }
        }
        const end = scan.at;
        if (phase === SPAN) {
            const lane = this.lane(number(pid), number(tid));
            this.span(lane, number(ts), Math.max(0, number(duration)), name, category);
        } else if (phase === GIVE && !Number.isNaN(id)) {
            this.given.set(number(pid) * ID_RANGE + id, { at: number(ts), pid, tid });
        } else if (phase === TAKE && !Number.isNaN(id)) {
            this.taken(number(pid) * ID_RANGE + id, number(ts), pid, tid);
        } else if (phase !== COUNTER) {
            scan.at = begin; // counters say what the spans say, too
            this.rare(object(scan.value()));
            scan.at = end;
        }
    }

    // Those that are kept, until it is known of which span they are.
    private nArguments = 0;
    private readonly columns: TextColumn[] = [];
    private readonly values: number[] = [];

    private arguments(scan: Scanner, isWanted: boolean): void {
        if (!isWanted || !scan.openObject()) {
            scan.skip();
            return;
        }
        while (scan.next()) {
            const column = ARGUMENT.get(scan.key());
            if (column === undefined) {
                scan.skip();
            } else {
                this.columns[this.nArguments] = column;
                this.values[this.nArguments++] = this.text(scan);
            }
        }
    }

    private text(scan: Scanner): number {
        return scan.text() ? this.texts.scanned(scan) : this.texts.number(text(scan.value()));
    }

    private rare(event: Json): void {
        const pid = number(event.pid);
        const tid = number(event.tid);
        switch (event.ph) {
            case 'M':
                this.metadata(event, pid, tid);
                break;
            case 's':
                this.given.set(`${pid}:${text(event.id)}`, { at: number(event.ts), pid, tid });
                break;
            case 'f':
                this.taken(`${pid}:${text(event.id)}`, number(event.ts), pid, tid);
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
                    lane: laneKey(pid, tid),
                });
                break;
            }
            default:
                break;
        }
    }

    private span(
        lane: LaneRows,
        begin: number,
        duration: number,
        name: number,
        category: number,
    ): void {
        const { columns, values, nArguments } = this;
        const state = (this.states[category] ??= stateIndex(this.texts.all[category]));
        if (state >= 0) {
            const row = lane.spans.add(begin, begin + duration, state);
            const { text } = lane.spans;
            text.name[row] = name;
            for (let i = 0; i < nArguments; i++) {
                text[columns[i]][row] = values[i];
            }
        } else if (this.texts.all[category] === 'call') {
            const at = columns.indexOf('at');
            lane.calls.push({
                begin,
                end: begin + duration,
                name,
                at: at >= 0 && at < nArguments ? values[at] : 0,
            });
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

    private taken(key: string | number, to: number, pid: number, tid: number): void {
        const given = this.given.get(key);
        if (given !== undefined) {
            this.given.delete(key);
            this.handed.push({
                from: given.at,
                to,
                fromLane: this.lane(number(given.pid), number(given.tid)),
                toLane: this.lane(number(pid), number(tid)),
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

function makeHandovers(reader: Reader, lanes: Map<LaneRows, Lane>): Handovers {
    const rows = reader.handed.sort((a, b) => a.to - b.to);
    return {
        n: rows.length,
        from: Float64Array.from(rows, (row) => row.from),
        to: Float64Array.from(rows, (row) => row.to),
        fromLane: rows.map((row) => lanes.get(row.fromLane)),
        toLane: rows.map((row) => lanes.get(row.toLane)),
    };
}

// The file's events go to the reader; its header is returned.
function readFile(bytes: Uint8Array, reader: Reader): Json {
    const scan = new Scanner(bytes);
    let header: Json = {};
    if (!scan.openObject()) {
        scan.fail();
    }
    while (scan.next()) {
        const key = scan.key();
        if (key === OTHER_DATA) {
            header = object(scan.value());
        } else if (key === TRACE_EVENTS && scan.openList()) {
            while (scan.next()) {
                reader.event(scan);
            }
        } else {
            scan.skip();
        }
    }
    return header;
}

export function readTrace(bytes: Uint8Array, index: number): Trace {
    const reader = new Reader();
    const other = readFile(bytes, reader);
    for (const info of list(other.threads).map(object)) {
        reader.lane(number(info.pid), number(info.tid)).info = info;
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
    const lanes = new Map<number, Lane>();
    const laneOf = new Map<LaneRows, Lane>();
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
        laneOf.set(rows, lane);
        process.lanes.push(lane);
        trace.wall = Math.max(trace.wall, lane.end);
    }
    trace.processes = [...processes.values()].sort((a, b) => a.order - b.order);
    for (const process of trace.processes) {
        process.lanes.sort((a, b) => a.order - b.order || a.begin - b.begin);
        trace.lanes.push(...process.lanes);
    }
    trace.handovers = makeHandovers(reader, laneOf);
    for (const instant of reader.instants) {
        const lane = lanes.get(instant.lane);
        if (lane !== undefined) {
            trace.instants.push({ ...instant, lane });
        }
    }
    trace.instants.sort((a, b) => a.at - b.at);
}
