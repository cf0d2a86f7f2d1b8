// compare.ts - the conclusion of each trace, and the traces beside each other in figures.

import { h } from './dom.ts';
import { count, percent, plural, time } from './format.ts';
import { baseName, type Trace, type Verdict } from './model.ts';
import { figures, type Figures } from './sums.ts';

// What the verdicts' names mean, for those who have not met them.
const MEANINGS: Record<string, string> = {
    serialized: 'Threads that could have run side by side took turns.',
    parallel: 'Threads or processes really ran at the same time.',
    overlapped: 'While some waited, others went on: waiting was done side by side.',
    contended: 'The script’s own locks, not the GIL, kept threads waiting.',
    convoy: 'A thread that mostly waits for input queued up behind one that computes.',
    starved: 'A thread wanted to run and hardly ever could.',
    unbalanced: 'One thread or process had most of the work; the others were done early.',
    computing: 'Mostly one thread at a time computed.',
    waiting: 'Most of the time nothing ran.',
    oversubscribed: 'More threads wanted to run than there are cores.',
    disturbed: 'The figures are those of a busy machine; look at the shares, not at the seconds.',
};

function capital(text: string): string {
    return text.charAt(0).toUpperCase() + text.slice(1);
}

// The words as sentences; a flag is never broken at its hyphens.
function sentences(text: string): (string | HTMLElement)[] {
    return `${capital(text)}.`
        .split(/(--[a-z-]+)/)
        .map((part, i) => (i % 2 === 1 ? h('code', { class: 'flag' }, part) : part));
}

function verdictLine({ kind, text }: Verdict): HTMLElement {
    const rest = text.toLowerCase().startsWith(`${kind.toLowerCase()}:`)
        ? text.slice(kind.length + 1).trim()
        : text;
    const meaning = MEANINGS[kind.toLowerCase()];
    return h(
        'li',
        {},
        h('p', { class: 'kind' }, capital(kind)),
        h('p', { class: 'words' }, ...sentences(rest)),
        meaning !== undefined && h('p', { class: 'meaning' }, meaning),
    );
}

function conditions(trace: Trace): string {
    const parts = [
        time(trace.wall),
        plural(trace.lanes.length, 'thread'),
        plural(trace.processes.length, 'process', 'processes'),
        plural(trace.cores, 'core'),
        trace.mode === 'no-gil' ? 'no GIL' : `GIL, switch interval ${time(trace.intervalUs)}`,
    ];
    if (trace.policy !== '' && trace.policy !== 'interval') {
        parts.push(`policy ${trace.policy}`);
    }
    if (trace.seed !== '') {
        parts.push(`seed ${trace.seed}`);
    }
    return parts.join(' · ');
}

export function verdicts(traces: Trace[]): HTMLElement {
    return h(
        'div',
        { class: traces.length > 1 ? 'verdicts' : 'verdicts alone' },
        ...traces.map((trace) =>
            h(
                'article',
                { class: 'verdict' },
                traces.length > 1 && h('h3', {}, trace.label),
                trace.verdicts.length > 0
                    ? h('ul', {}, ...trace.verdicts.map(verdictLine))
                    : h('p', { class: 'words' }, 'Nothing stands out in this run.'),
                h('p', { class: 'conditions' }, conditions(trace)),
                trace.lost > 0 &&
                    h(
                        'p',
                        { class: 'lost', role: 'alert' },
                        `${plural(trace.lost, 'event')} found no room and are missing: what follows is incomplete.`,
                    ),
            ),
        ),
    );
}

interface Measure {
    title: string;
    about: string;
    show: (own: Figures, first: Figures) => string;
    bar?: (own: Figures) => number;
}

const MEASURES: Measure[] = [
    {
        title: 'wall time',
        about: 'from the script’s begin to its end',
        show: (own) => time(own.wall),
        bar: (own) => own.wall,
    },
    {
        title: 'speed',
        about: 'compared with the first run',
        show: (own, first) => (own.wall > 0 ? `${(first.wall / own.wall).toFixed(2)} ×` : '–'),
    },
    {
        title: 'threads running',
        about: 'at the same time, on average',
        show: (own) => own.running.toFixed(2),
        bar: (own) => own.running,
    },
    {
        title: 'CPU time',
        about: 'of all threads, as the system counted it',
        show: (own) => (own.cpu > 0 ? time(own.cpu) : '–'),
        bar: (own) => own.cpu,
    },
    {
        title: 'waiting for the GIL',
        about: 'all threads together',
        show: (own) => shareOfWall(own.gilWait, own),
        bar: (own) => own.gilWait,
    },
    {
        title: 'waiting for locks',
        about: 'all threads together',
        show: (own) => shareOfWall(own.lockWait, own),
        bar: (own) => own.lockWait,
    },
    {
        title: 'forced switches',
        about: 'a thread was asked to give the GIL up',
        show: (own) => count(own.forced),
        bar: (own) => own.forced,
    },
    {
        title: 'hand-overs',
        about: 'the GIL went from one thread to another',
        show: (own) =>
            own.handovers > 0 ? `${count(own.handovers)}, median ${time(own.latency.median)}` : '–',
        bar: (own) => own.handovers,
    },
];

function shareOfWall(value: number, own: Figures): string {
    return value > 0 ? `${time(value)} (${percent(value / own.wall)} of the wall time)` : '–';
}

export function comparison(traces: Trace[]): HTMLElement {
    const all = traces.map(figures);
    const isSameScript = new Set(traces.map((trace) => baseName(trace.script))).size === 1;
    const rows = MEASURES.filter(
        ({ bar }) => bar === undefined || all.some((own) => bar(own) > 0),
    ).map(({ title, about, show, bar }) => {
        const most = bar === undefined ? 0 : Math.max(...all.map(bar));
        return h(
            'tr',
            {},
            h('th', { scope: 'row' }, title, h('small', {}, about)),
            ...all.map((own) => {
                const cell = h('td', {}, h('span', {}, show(own, all[0])));
                if (bar !== undefined) {
                    const line = h('span', { class: 'measure', 'aria-hidden': 'true' });
                    line.style.setProperty('--share', String(bar(own) / most));
                    cell.append(line);
                }
                return cell;
            }),
        );
    });
    return h(
        'div',
        { class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'comparison' },
        h(
            'table',
            { class: 'compare' },
            h(
                'thead',
                {},
                h(
                    'tr',
                    {},
                    h('td'),
                    ...traces.map((trace) =>
                        h(
                            'th',
                            { scope: 'col' },
                            trace.label,
                            !isSameScript && h('small', {}, baseName(trace.script)),
                        ),
                    ),
                ),
            ),
            h('tbody', {}, ...rows),
        ),
    );
}
