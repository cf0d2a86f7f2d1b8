// histogram.ts - how long things took, on a logarithmic scale.

import { h, svg } from './dom.ts';
import { count, plural, time } from './format.ts';
import type { Trace } from './model.ts';
import { distribution, durations, latencies, type Distribution } from './sums.ts';
import { GIL } from './states.ts';

const STEPS = [1, 2, 5];
const LOWEST_POWER = -1; // 100 ns
const HIGHEST_POWER = 7; // 10 s
const WIDTH = 520;
const HEIGHT = 190;
const BASE = 150;

// 0.1, 0.2, 0.5, 1, 2 ... us: where a bar begins; the last one ends a bar.
const LIMITS = Array.from({ length: HIGHEST_POWER - LOWEST_POWER }, (_, i) =>
    STEPS.map((step) => step * 10 ** (i + LOWEST_POWER)),
)
    .flat()
    .concat(10 ** HIGHEST_POWER);

function barOf(value: number): number {
    const above = LIMITS.findIndex((limit) => value < limit);
    return above < 0 ? LIMITS.length - 2 : Math.max(0, above - 1);
}

function counts(sorted: Float64Array): number[] {
    const bars = new Array<number>(LIMITS.length - 1).fill(0);
    for (const value of sorted) {
        bars[barOf(value)]++;
    }
    return bars;
}

const FEWEST = 10;
const TICK_GAP = 50;

// The bars to draw: those that count something, the mark, and enough around them.
function shown(bars: number[], mark: number | undefined): { first: number; last: number } {
    const used = bars
        .flatMap((n, bar) => (n > 0 ? [bar] : []))
        .concat(mark === undefined ? [] : [barOf(mark)]);
    const missing = Math.max(2, FEWEST - (Math.max(...used) - Math.min(...used) + 1));
    const first = Math.max(0, Math.min(...used) - Math.floor(missing / 2));
    return {
        first,
        last: Math.min(bars.length - 1, Math.max(Math.max(...used) + 1, first + FEWEST - 1)),
    };
}

function chart(
    name: string,
    values: Distribution,
    mark: { at: number; label: string } | undefined,
): SVGElement {
    const bars = counts(values.sorted);
    const { first, last } = shown(bars, mark?.at);
    const width = WIDTH / (last - first + 1);
    const highest = Math.max(...bars);
    const x = (value: number) => {
        const bar = barOf(value);
        const share =
            Math.log(Math.max(value, LIMITS[bar]) / LIMITS[bar]) /
            Math.log(LIMITS[bar + 1] / LIMITS[bar]);
        return (bar - first + Math.min(1, share)) * width;
    };
    const parts: Node[] = [];
    for (let bar = first; bar <= last; bar++) {
        const left = (bar - first) * width;
        const height = (bars[bar] / highest) * (BASE - 52);
        if (bars[bar] > 0) {
            parts.push(
                svg(
                    'rect',
                    { class: 'bar', x: left + 1, y: BASE - height, width: width - 2, height },
                    svg(
                        'title',
                        {},
                        `${time(LIMITS[bar])} to ${time(LIMITS[bar + 1])}: ${count(bars[bar])}`,
                    ),
                ),
            );
            parts.push(
                svg(
                    'text',
                    {
                        class: 'n',
                        x: left + width / 2,
                        y: BASE - height - 4,
                        'text-anchor': 'middle',
                    },
                    count(bars[bar]),
                ),
            );
        }
        if ((bar - first) % Math.ceil(TICK_GAP / width) === 0) {
            parts.push(
                svg(
                    'text',
                    { x: left, y: BASE + 16, 'text-anchor': bar === first ? 'start' : 'middle' },
                    time(LIMITS[bar]).replace('.00', '').replace('.0', ''),
                ),
            );
        }
    }
    for (const { at, label, level } of [
        { at: values.median, label: 'median', level: 0 },
        ...(mark ? [{ ...mark, level: 1 }] : []),
    ]) {
        parts.push(
            svg('line', { class: 'mark', x1: x(at), x2: x(at), y1: 12 + level * 12, y2: BASE }),
        );
        parts.push(
            svg(
                'text',
                {
                    class: 'marked',
                    x: x(at) + (x(at) > WIDTH * 0.7 ? -4 : 4),
                    y: 16 + level * 12,
                    'text-anchor': x(at) > WIDTH * 0.7 ? 'end' : 'start',
                },
                label,
            ),
        );
    }
    parts.push(svg('line', { class: 'base', x1: 0, x2: WIDTH, y1: BASE, y2: BASE }));
    return svg(
        'svg',
        {
            viewBox: `0 0 ${WIDTH} ${HEIGHT - 18}`,
            role: 'img',
            'aria-label': `${name}: ${words(values)}`,
        },
        ...parts,
    );
}

function words(values: Distribution): string {
    return `median ${time(values.median)}, 99 of 100 below ${time(values.p99)}, longest ${time(values.max)}`;
}

function figure(
    title: string,
    values: Distribution,
    mark?: { at: number; label: string },
): HTMLElement {
    return h(
        'figure',
        { class: 'histogram' },
        h(
            'figcaption',
            {},
            h('strong', {}, `${title}: `),
            `${plural(values.sorted.length, 'time')}, ${words(values)}`,
        ),
        chart(title, values, mark),
    );
}

export function histograms(traces: Trace[]): HTMLElement | undefined {
    const figures: HTMLElement[] = [];
    for (const trace of traces) {
        const prefix = traces.length > 1 ? `${trace.label}, ` : '';
        const handed = distribution(latencies(trace.handovers));
        const waited = distribution(durations(trace.lanes, GIL));
        if (handed.sorted.length > 0) {
            figures.push(figure(`${prefix}hand-overs`, handed));
        }
        if (waited.sorted.length > 0) {
            figures.push(
                figure(
                    `${prefix}waits for the GIL`,
                    waited,
                    trace.intervalUs > 0
                        ? {
                              at: trace.intervalUs,
                              label: `switch interval ${time(trace.intervalUs)}`,
                          }
                        : undefined,
                ),
            );
        }
    }
    return figures.length > 0 ? h('div', { class: 'histograms' }, ...figures) : undefined;
}
