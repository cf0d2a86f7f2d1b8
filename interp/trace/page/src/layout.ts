// layout.ts - which lane stands where on the canvas: traces, in them processes, in them threads.

import type { Calls, Lane, Process, Trace } from './model.ts';

export interface LaneRow {
    kind: 'lane';
    lane: Lane;
    y: number;
    height: number;
}

export interface CallsRow {
    kind: 'calls';
    lane: Lane;
    calls: Calls;
    y: number;
    height: number;
}

export interface HeadRow {
    kind: 'trace' | 'process';
    trace: Trace;
    process?: Process;
    y: number;
    height: number;
}

export type RowBox = LaneRow | CallsRow | HeadRow;

export interface Layout {
    rows: RowBox[];
    lanes: Map<Lane, LaneRow>;
    order: Lane[];
    height: number;
}

const DEEPEST = 12; // calls below that are not drawn

export function layOut(traces: Trace[]): Layout {
    const rows: RowBox[] = [];
    const lanes = new Map<Lane, LaneRow>();
    const nLanes = traces.reduce((n, trace) => n + trace.lanes.length, 0);
    const laneHeight = nLanes <= 6 ? 32 : nLanes <= 40 ? 24 : nLanes <= 150 ? 16 : 10;
    const gap = laneHeight > 10 ? 4 : 1;
    let y = 0;
    for (const trace of traces) {
        if (traces.length > 1) {
            y += trace === traces[0] ? 2 : 14;
            rows.push({ kind: 'trace', trace, y, height: 24 });
            y += 26;
        }
        for (const process of trace.processes) {
            if (trace.processes.length > 1) {
                rows.push({ kind: 'process', trace, process, y, height: 18 });
                y += 20;
            }
            for (const lane of process.lanes) {
                const row: LaneRow = { kind: 'lane', lane, y, height: laneHeight };
                rows.push(row);
                lanes.set(lane, row);
                y += laneHeight + gap;
                for (const calls of lane.calls.slice(0, DEEPEST)) {
                    rows.push({ kind: 'calls', lane, calls, y, height: 11 });
                    y += 12;
                }
                y += lane.calls.length > 0 ? gap : 0;
            }
            y += trace.processes.length > 1 ? 6 : 0;
        }
    }
    return { rows, lanes, order: traces.flatMap((trace) => trace.lanes), height: y + 4 };
}
