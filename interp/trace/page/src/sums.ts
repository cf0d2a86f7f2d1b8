// sums.ts - the figures of tables and charts, made of spans.

import type { Handovers, Lane, Process, Trace } from './model.ts';
import { COMPUTE, GIL, LOCK, N_STATES, RUN } from './states.ts';

export function total(lanes: Lane[], state: number): number {
    return lanes.reduce((sum, lane) => sum + lane.spans.total(state), 0);
}

export interface Figures {
    wall: number;
    running: number; // threads that ran at the same time, on average
    cpu: number;
    gilWait: number;
    lockWait: number;
    forced: number;
    handovers: number;
    latency: Distribution;
}

export function figures(trace: Trace): Figures {
    return {
        wall: trace.wall,
        running:
            trace.wall > 0
                ? (total(trace.lanes, RUN) + total(trace.lanes, COMPUTE)) / trace.wall
                : 0,
        cpu: trace.lanes.reduce((sum, lane) => sum + lane.cpu, 0),
        gilWait: total(trace.lanes, GIL),
        lockWait: total(trace.lanes, LOCK),
        forced: trace.lanes.reduce((sum, lane) => sum + lane.forced, 0),
        handovers: trace.handovers.n,
        latency: distribution(latencies(trace.handovers)),
    };
}

// ---- Distributions ----

export interface Distribution {
    sorted: Float64Array;
    median: number;
    p99: number;
    max: number;
}

export function distribution(values: Float64Array): Distribution {
    const sorted = values.slice().sort();
    const at = (share: number) =>
        sorted.length === 0
            ? 0
            : sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))];
    return {
        sorted,
        median: at(0.5),
        p99: at(0.99),
        max: sorted.length === 0 ? 0 : sorted[sorted.length - 1],
    };
}

export function latencies(handovers: Handovers): Float64Array {
    return handovers.to.map((to, i) => Math.max(0, to - handovers.from[i]));
}

export function durations(lanes: Lane[], state: number): Float64Array {
    const values: number[] = [];
    for (const { spans } of lanes) {
        for (let i = 0; i < spans.n; i++) {
            if (spans.state[i] === state) {
                values.push(spans.end[i] - spans.begin[i]);
            }
        }
    }
    return Float64Array.from(values);
}

// ---- Over time ----

// How many threads of a process were in each of `states` on average, in each of n equal parts of
// [from, to).
export function density(
    process: Process,
    states: number[],
    from: number,
    to: number,
    n: number,
): Float64Array[] {
    const sums = states.map(() => new Float64Array(n));
    const step = (to - from) / n;
    for (const { spans, begin, end } of process.lanes) {
        if (end <= from || begin >= to) {
            continue;
        }
        const first = Math.max(0, Math.floor((begin - from) / step));
        const last = Math.min(n, Math.ceil((end - from) / step));
        let index = spans.indexAt(from + first * step);
        const before = states.map((state) => spans.until(state, from + first * step, index));
        for (let k = first; k < last; k++) {
            const t = from + (k + 1) * step;
            index = spans.indexFrom(index, t);
            for (let s = 0; s < states.length; s++) {
                const after = spans.until(states[s], t, index);
                sums[s][k] += (after - before[s]) / step;
                before[s] = after;
            }
        }
    }
    return sums;
}

// ---- By line ----

export interface LineSums {
    run: number;
    wait: number; // for the GIL, locks, others
    idle: number; // input, output and sleep
    n: number;
}

// file -> line -> sums. A stretch counts for the line at which the thread was when it ended.
export function byLine(
    lanes: Lane[],
    placeOf: (at: string) => { file: string; line: number } | undefined,
): Map<string, Map<number, LineSums>> {
    const files = new Map<string, Map<number, LineSums>>();
    for (const trace of new Set(lanes.map((lane) => lane.trace))) {
        const sums = Array.from(
            { length: N_STATES + 1 },
            () => new Float64Array(trace.texts.length),
        );
        for (const { spans, trace: own } of lanes) {
            for (let i = 0; own === trace && i < spans.n; i++) {
                const at = spans.text.at[i];
                sums[spans.state[i]][at] += spans.end[i] - spans.begin[i];
                sums[N_STATES][at]++;
            }
        }
        trace.texts.forEach((text, at) => {
            const place = sums[N_STATES][at] > 0 ? placeOf(text) : undefined;
            if (place === undefined) {
                return;
            }
            let lines = files.get(place.file);
            if (lines === undefined) {
                files.set(place.file, (lines = new Map()));
            }
            const [run, compute, gil, lock, io, sleep, wait, stop] = sums.map((column) => column[at]);
            lines.set(place.line, {
                run: run + compute,
                wait: gil + lock + wait + stop,
                idle: io + sleep,
                n: sums[N_STATES][at],
            });
        });
    }
    return files;
}
