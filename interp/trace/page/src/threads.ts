// threads.ts - the table with a row for each thread.

import { button, choice, h } from './dom.ts';
import { count, percent, time } from './format.ts';
import type { Lane, Trace } from './model.ts';
import { STATES } from './states.ts';
import { swatch } from './theme.ts';
import type { View } from './view.ts';

interface Column {
    title: string;
    about: string;
    value: (lane: Lane, from: number, to: number) => number;
    show: (value: number, lane: Lane) => string;
}

function life(lane: Lane, from: number, to: number): number {
    return Math.max(0, Math.min(to, lane.end) - Math.max(from, lane.begin));
}

function columns(lanes: Lane[]): Column[] {
    const states = STATES.map((state, s): Column => ({
        title: state.label,
        about: state.meaning,
        value: (lane, from, to) => lane.spans.between(s, from, to),
        show: (value) => (value > 0 ? time(value) : '–'),
    })).filter((_, s) => lanes.some((lane) => lane.spans.has(s)));
    const whole: Column[] = [
        {
            title: 'CPU',
            about: 'processor time, as the system counted it; whole run',
            value: (lane) => lane.cpu,
            show: (value) => (value > 0 ? time(value) : '–'),
        },
        {
            title: 'forced switches',
            about: 'it gave the GIL up because it was asked to; whole run',
            value: (lane) => lane.forced,
            show: count,
        },
        {
            title: 'voluntary switches',
            about: 'it gave the GIL up in order to wait; whole run',
            value: (lane) => lane.voluntary,
            show: count,
        },
    ];
    return [
        { title: 'alive', about: 'from its begin to its end', value: life, show: time },
        ...states,
        ...whole,
    ];
}

// A thread's time as one bar.
function bar(lane: Lane, from: number, to: number): HTMLElement {
    const all = life(lane, from, to);
    const shares = STATES.map((state, s) => ({
        state,
        s,
        share: all > 0 ? lane.spans.between(s, from, to) / all : 0,
    })).filter(({ share }) => share > 0.002);
    const label = shares.map(({ state, share }) => `${state.label} ${percent(share)}`).join(', ');
    return h(
        'div',
        { class: 'bar', role: 'img', 'aria-label': label, title: label },
        ...shares.map(({ s, share, state }) => {
            const part = h('span', { class: `${state.pattern} state-${STATES[s].id}` });
            part.style.flexGrow = String(share);
            return part;
        }),
    );
}

export function threadTable(
    traces: Trace[],
    view: View,
    focusLane: (lane: Lane) => void,
): HTMLElement {
    const lanes = traces.flatMap((trace) => trace.lanes);
    const all = columns(lanes);
    const hasGroups = traces.length > 1 || traces[0].processes.length > 1;
    let isVisiblePart = false;
    let sort: { column: Column | undefined; sign: number } = { column: undefined, sign: 1 };
    const body = h('tbody');
    const fill = () => {
        const from = isVisiblePart ? view.from : 0;
        const to = isVisiblePart ? view.to : view.end;
        const rows = [...lanes];
        const { column, sign } = sort;
        if (column !== undefined) {
            rows.sort((a, b) => sign * (column.value(b, from, to) - column.value(a, from, to)));
        }
        body.replaceChildren(
            ...rows.map((lane) =>
                h(
                    'tr',
                    {},
                    h(
                        'th',
                        { scope: 'row' },
                        button(lane.name, () => focusLane(lane), { class: 'link' }),
                    ),
                    hasGroups &&
                        h(
                            'td',
                            { class: 'group' },
                            [
                                traces.length > 1 ? lane.trace.label : '',
                                lane.trace.processes.length > 1 ? lane.process.name : '',
                            ]
                                .filter(Boolean)
                                .join(', '),
                        ),
                    h('td', { class: 'bars' }, bar(lane, from, to)),
                    ...all.map((one) =>
                        h('td', { class: 'number' }, one.show(one.value(lane, from, to), lane)),
                    ),
                ),
            ),
        );
    };
    const heads = all.map((column) => {
        const head = h('th', { scope: 'col', class: 'number', title: column.about });
        const state = STATES.findIndex((one) => one.label === column.title);
        head.append(
            button(
                column.title,
                () => {
                    sort = { column, sign: sort.column === column ? -sort.sign : 1 };
                    heads.forEach((other) => other.removeAttribute('aria-sort'));
                    head.setAttribute('aria-sort', sort.sign > 0 ? 'descending' : 'ascending');
                    fill();
                },
                { class: 'sort' },
            ),
        );
        if (state >= 0) {
            head.prepend(swatch(state));
        }
        return head;
    });
    fill();
    view.on(['window'], () => {
        if (isVisiblePart) {
            fill();
        }
    });
    const part = choice('which part of the run', ['whole run', 'visible part'], 0, (i) => {
        isVisiblePart = i === 1;
        fill();
    });
    return h(
        'div',
        {},
        h('div', { class: 'tools' }, part),
        h(
            'div',
            { class: 'wide long', tabindex: 0, role: 'region', 'aria-label': 'table of threads' },
            h(
                'table',
                { class: 'threads' },
                h(
                    'thead',
                    {},
                    h(
                        'tr',
                        {},
                        h('th', { scope: 'col' }, 'thread'),
                        hasGroups && h('th', { scope: 'col' }, 'of'),
                        h('th', { scope: 'col' }, 'its time'),
                        ...heads,
                    ),
                ),
                body,
            ),
        ),
    );
}
