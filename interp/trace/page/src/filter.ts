// filter.ts - which spans are meant: by a search, a source line, or a state.
//
// What matches is found once, by the numbers of texts, and kept as sorted indexes for each lane.

import type { Lane, TextColumn, Trace } from './model.ts';
import { sourceLine } from './model.ts';

export interface Match {
    kind: string; // "thread", "function", "lock", "line"
    text: string;
    extra: string; // a line's source
    make: () => Filter;
}

export class Filter {
    private readonly found = new Map<Lane, Int32Array>();
    n = 0;
    nLanes = 0;

    constructor(
        readonly label: string,
        lanes: Lane[],
        matches: (lane: Lane) => ((i: number) => boolean) | boolean,
    ) {
        for (const lane of lanes) {
            const test = matches(lane);
            const indexes: number[] = [];
            for (let i = 0; test !== false && i < lane.spans.n; i++) {
                if (test === true || test(i)) {
                    indexes.push(i);
                }
            }
            if (indexes.length > 0) {
                this.found.set(lane, Int32Array.from(indexes));
                this.n += indexes.length;
                this.nLanes++;
            }
        }
    }

    indexes(lane: Lane): Int32Array | undefined {
        return this.found.get(lane);
    }

    // The match that begins next after (or before) t, over all lanes; the first again after the last.
    next(
        after: { t: number; lane: number } | undefined,
        lanes: Lane[],
        step: 1 | -1,
    ): { lane: Lane; index: number } | undefined {
        let best: { lane: Lane; index: number; t: number; order: number } | undefined;
        let wrapped: typeof best;
        const isBefore = (t: number, order: number, than: { t: number; order: number }) =>
            step * (t - than.t || order - than.order) < 0;
        for (const [order, lane] of lanes.entries()) {
            for (const index of this.found.get(lane) ?? []) {
                const t = lane.spans.begin[index];
                const here = { lane, index, t, order };
                if (wrapped === undefined || isBefore(t, order, wrapped)) {
                    wrapped = here;
                }
                const isBehind =
                    after === undefined || step * (t - after.t || order - after.lane) > 0;
                if (isBehind && (best === undefined || isBefore(t, order, best))) {
                    best = here;
                }
            }
        }
        return best ?? wrapped;
    }
}

const SEARCHED: TextColumn[] = ['name', 'at', 'fn', 'object', 'madeAt', 'owner', 'ownerAt'];

function byTexts(
    label: string,
    lanes: Lane[],
    columns: TextColumn[],
    isMatch: (text: string, trace: Trace) => boolean,
    isLane: (lane: Lane) => boolean = () => false,
): Filter {
    const sets = new Map<Trace, Uint8Array>();
    const setOf = (trace: Trace) => {
        let set = sets.get(trace);
        if (set === undefined) {
            set = Uint8Array.from(trace.texts, (text) =>
                Number(text !== '' && isMatch(text, trace)),
            );
            sets.set(trace, set);
        }
        return set;
    };
    return new Filter(label, lanes, (lane) => {
        if (isLane(lane)) {
            return true;
        }
        const set = setOf(lane.trace);
        const used = columns.map((column) => lane.spans.text[column]);
        return set.includes(1) && ((i) => used.some((column) => set[column[i]] === 1));
    });
}

export function filterByText(query: string, lanes: Lane[]): Filter {
    const wanted = query.toLowerCase();
    const has = (text: string) => text.toLowerCase().includes(wanted);
    return byTexts(
        `“${query}”`,
        lanes,
        SEARCHED,
        (text, trace) => has(text) || has(sourceLine(trace, text)),
        (lane) => has(lane.name),
    );
}

export function filterByPlace(at: string, lanes: Lane[]): Filter {
    return byTexts(`line ${at}`, lanes, ['at'], (text) => text === at);
}

export function filterByState(state: number, label: string, lanes: Lane[]): Filter {
    return new Filter(
        label,
        lanes,
        (lane) => lane.spans.has(state) && ((i) => lane.spans.state[i] === state),
    );
}

const KINDS: [TextColumn, string][] = [
    ['fn', 'function'],
    ['object', 'lock'],
    ['at', 'line'],
];

// What a search may mean, by name, most frequent first.
export function matchesOf(query: string, lanes: Lane[], limit: number): Match[] {
    const wanted = query.toLowerCase();
    const matches: Match[] = [];
    for (const lane of lanes) {
        if (lane.name.toLowerCase().includes(wanted)) {
            matches.push({
                kind: 'thread',
                text: lane.name,
                extra: lane.process.name,
                make: () => new Filter(`thread ${lane.name}`, [lane], () => true),
            });
        }
    }
    for (const [column, kind] of KINDS) {
        const uses = new Map<string, { n: number; extra: string }>();
        for (const trace of new Set(lanes.map((lane) => lane.trace))) {
            const used = new Int32Array(trace.texts.length);
            for (const lane of trace.lanes) {
                for (const n of lane.spans.text[column]) {
                    used[n]++;
                }
            }
            trace.texts.forEach((text, n) => {
                const extra = used[n] > 0 && column === 'at' ? sourceLine(trace, text).trim() : '';
                if (
                    used[n] > 0 &&
                    text !== '' &&
                    `${text} ${extra}`.toLowerCase().includes(wanted)
                ) {
                    uses.set(text, { n: used[n] + (uses.get(text)?.n ?? 0), extra });
                }
            });
        }
        for (const [text, { extra }] of [...uses].sort((a, b) => b[1].n - a[1].n)) {
            matches.push({
                kind,
                text,
                extra,
                make: () => byTexts(`${kind} ${text}`, lanes, [column], (other) => other === text),
            });
        }
    }
    return matches.slice(0, limit);
}
