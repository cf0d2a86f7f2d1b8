// main.ts - puts the page together once the traces are unpacked.

import { comparison, verdicts } from './compare.ts';
import { button, h, section } from './dom.ts';
import { moment } from './format.ts';
import { histograms } from './histogram.ts';
import { choose, listen } from './input.ts';
import { baseName, labelTraces, type Lane, type Trace } from './model.ts';
import { occupancyCharts } from './occupancy.ts';
import { overview } from './overview.ts';
import { chosenPanel, legend, stretchTable } from './panel.ts';
import { Search } from './search.ts';
import { readTrace } from './read.ts';
import { sourceView } from './source.ts';
import { threadTable } from './threads.ts';
import { themeSwitch } from './theme.ts';
import { Timeline } from './timeline.ts';
import { canUnpack, unpack } from './unpack.ts';
import { View } from './view.ts';

const KEYS: [string, string][] = [
    ['← →', 'stretch before, next'],
    ['↑ ↓', 'thread above, below'],
    ['+ −', 'zoom'],
    ['a d', 'move'],
    ['0', 'whole run'],
    ['Enter', 'zoom to the stretch'],
    ['g', 'follow the GIL'],
    ['/', 'search'],
    ['n N', 'next, previous match'],
    ['Esc', 'let go'],
];

function head(traces: Trace[], view: View): HTMLElement {
    const scripts = [...new Set(traces.map((trace) => baseName(trace.script)))];
    return h(
        'header',
        {},
        h('div', {}, h('p', { class: 'brand' }, 'mini report'), h('h1', {}, scripts.join(', '))),
        themeSwitch(() => view.tell('theme')),
    );
}

function timelineSection(
    traces: Trace[],
    view: View,
    timeline: Timeline,
    search: Search,
): HTMLElement {
    const tip = listen(timeline, view, {
        search: () => search.focus(),
        nextMatch: (step) => search.next(step),
    });
    const range = h('output', { class: 'range', 'aria-live': 'off' });
    const tell = () => {
        range.textContent = `${moment(view.from, view.width)} – ${moment(view.to, view.width)}`;
    };
    view.on(['window'], tell);
    tell();
    const zooms = h(
        'div',
        { class: 'zooms', role: 'group', 'aria-label': 'zoom' },
        button('−', () => view.zoom(1.8), { 'aria-label': 'zoom out', title: 'zoom out (−)' }),
        button('+', () => view.zoom(1 / 1.8), { 'aria-label': 'zoom in', title: 'zoom in (+)' }),
        button('◀', () => view.pan(-view.width / 3), {
            'aria-label': 'earlier',
            title: 'earlier (a)',
        }),
        button('▶', () => view.pan(view.width / 3), { 'aria-label': 'later', title: 'later (d)' }),
        button('Whole run', () => view.showAll(), { title: 'whole run (0)' }),
        range,
    );
    timeline.canvas.setAttribute(
        'aria-label',
        `timeline of ${timeline.layout.order.length} threads: ${timeline.layout.order
            .map((lane) => lane.name)
            .slice(0, 20)
            .join(', ')}`,
    );
    timeline.canvas.setAttribute('aria-describedby', 'keys');
    const keys = h(
        'details',
        { class: 'keys' },
        h('summary', {}, 'Keys'),
        h(
            'dl',
            { id: 'keys' },
            ...KEYS.flatMap(([key, what]) => [h('dt', {}, h('kbd', {}, key)), h('dd', {}, what)]),
        ),
    );
    return section(
        'timeline',
        'Timeline',
        `Each row is a thread, from left to right in time${traces.length > 1 ? ', all runs on the same scale' : ''}. ` +
            'Where many stretches share a pixel, its column shows their shares. Turn the wheel to zoom, drag to move.',
        h('div', { class: 'tools' }, zooms, search.element, keys),
        overview(traces, view),
        timeline.scroller,
        legend(traces, view),
        chosenPanel(timeline, view),
        stretchTable(traces, view),
        tip,
    );
}

function build(traces: Trace[]): Node[] {
    const view = new View(Math.max(1, ...traces.map((trace) => trace.wall)));
    const timeline = new Timeline(traces, view);
    const search = new Search(timeline, view);
    const focusLane = (lane: Lane) => {
        timeline.canvas.scrollIntoView({ block: 'nearest' });
        timeline.canvas.focus({ preventScroll: true });
        if (lane.spans.n > 0) {
            choose(timeline, view, lane, Math.max(0, lane.spans.indexAt(view.from)));
        }
    };
    const latency = histograms(traces);
    const hasGil = traces.some((trace) => trace.mode !== 'no-gil');
    return [
        head(traces, view),
        h(
            'main',
            {},
            section(
                'verdict',
                'What happened',
                traces.length > 1
                    ? 'The conclusion for each run.'
                    : 'The conclusion first; below, what it is drawn from.',
                verdicts(traces),
            ),
            traces.length > 1 &&
                section(
                    'comparison',
                    'Side by side',
                    'The same measures for each run; bars are relative to the largest.',
                    comparison(traces),
                ),
            timelineSection(traces, view, timeline, search),
            section(
                'occupancy',
                hasGil ? 'Who has the GIL, who wants it' : 'How many threads ran',
                hasGil
                    ? 'Solid: threads that ran; under a GIL at most one of a process. Striped, on top: threads that could have run, but waited for the GIL. The same part of the run as above.'
                    : 'Threads that ran at the same time. The same part of the run as above.',
                occupancyCharts(traces, view, () => timeline.gutter),
            ),
            latency &&
                section(
                    'latency',
                    'How long the GIL took to get',
                    'Hand-overs: from the moment one thread gave the lock up until the next had it. Waits: from wanting the lock until having it. Bars count; the scale grows by factors.',
                    latency,
                ),
            section(
                'threads',
                'Threads',
                'Where each thread’s time went. Click a name to see it in the timeline, a heading to sort.',
                threadTable(traces, view, focusLane),
            ),
            section(
                'source',
                'Source',
                'Time by line: the darker, the more. A stretch counts for the line at which it ended. Click a line’s number to see only that line in the timeline.',
                sourceView(traces, view),
            ),
        ),
        h(
            'footer',
            {},
            h('p', {}, `Recorded by mini ${traces[0].version}. This page needs no network.`),
        ),
    ].filter((part): part is HTMLElement => part instanceof Node);
}

function say(text: string): void {
    const loading = document.getElementById('loading')!;
    loading.textContent = text;
    loading.hidden = text === '';
}

// Lets the browser draw before the next piece of work.
function breath(): Promise<void> {
    return new Promise((resolve) => setTimeout(resolve));
}

async function main(): Promise<void> {
    const elements = [...document.querySelectorAll('script.trace')];
    if (!canUnpack()) {
        say(
            'This browser cannot unpack the traces in this page: it lacks DecompressionStream. Chrome 80, Firefox 113 and Safari 16.4 have it.',
        );
        return;
    }
    const traces: Trace[] = [];
    for (const [index, element] of elements.entries()) {
        say(`Unpacking trace ${index + 1} of ${elements.length} …`);
        await breath();
        traces.push(readTrace(await unpack(element), index));
        element.remove(); // its text is no longer needed
    }
    if (traces.length === 0) {
        say('There is no trace in this page.');
        return;
    }
    labelTraces(traces);
    document.title = `${[...new Set(traces.map((trace) => baseName(trace.script)))].join(', ')} – mini report`;
    const page = document.getElementById('page')!;
    page.append(...build(traces));
    page.hidden = false;
    say('');
    document.documentElement.dataset.state = 'ready';
}

main().catch((error: unknown) => {
    say(
        `This page's traces cannot be read: ${error instanceof Error ? error.message : String(error)}`,
    );
    document.documentElement.dataset.state = 'failed';
    console.error(error);
});
