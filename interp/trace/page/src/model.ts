// model.ts - a trace as columns of numbers, in which a million spans cost little and are found by
// binary search.
//
// Times are in us since the script's begin. Texts are numbers of Trace.texts; 0 is no text.

import { N_STATES } from './states.ts';

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

// Spans while a file is read: columns that grow, since a million objects would be slow and large.
export class SpanRows {
    n = 0;
    begin = new Float64Array(64);
    end = new Float64Array(64);
    state = new Uint8Array(64);
    readonly text = Object.fromEntries(TEXT_COLUMNS.map((c) => [c, new Int32Array(64)])) as Record<
        TextColumn,
        Int32Array
    >;
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
        return this.isOrdered
            ? undefined
            : Uint32Array.from({ length: this.n }, (_, i) => i).sort(
                  (a, b) => this.begin[a] - this.begin[b],
              );
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
            (order === undefined
                ? column.slice(0, rows.n)
                : column.slice(0, rows.n).map((_, i) => column[order[i]])) as T;
        this.n = rows.n;
        this.begin = ordered(rows.begin);
        this.end = ordered(rows.end);
        this.state = ordered(rows.state);
        this.text = Object.fromEntries(
            TEXT_COLUMNS.map((c) => [c, ordered(rows.text[c])]),
        ) as Spans['text'];
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
        const here =
            this.state[index] === state ? Math.min(t, this.end[index]) - this.begin[index] : 0;
        return sums[index] + here;
    }

    between(state: number, from: number, to: number): number {
        return (
            this.until(state, to, this.indexAt(to)) - this.until(state, from, this.indexAt(from))
        );
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
    label: string; // tells it from the page's other traces: "with the GIL"
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

// ---- Names and places ----

export function baseName(path: string): string {
    return path.slice(path.lastIndexOf('/') + 1);
}

// Labels that tell the traces of a page apart: by mode, by script, at last by number.
export function labelTraces(traces: Trace[]): void {
    const byMode = (trace: Trace) =>
        trace.processes.length > 2 && trace.mode !== 'no-gil'
            ? `${trace.processes.length} processes`
            : trace.mode === 'no-gil'
              ? 'without the GIL'
              : 'with the GIL';
    const isUnique = (label: (trace: Trace) => string) =>
        new Set(traces.map(label)).size === traces.length;
    const byScript = (trace: Trace) => `${baseName(trace.script)}, ${byMode(trace)}`;
    for (const trace of traces) {
        trace.label = isUnique(byMode)
            ? byMode(trace)
            : isUnique(byScript)
              ? byScript(trace)
              : `${trace.index + 1}. ${byScript(trace)}`;
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
