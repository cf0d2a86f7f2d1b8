// panel.ts - below the timeline: the legend, the chosen stretch in words, and the same as a table
// for those to whom a canvas says nothing.

import { button, debounced, h } from './dom.ts';
import { factList, facts, headline } from './describe.ts';
import { filterByState } from './filter.ts';
import { moment, plural, time } from './format.ts';
import { followHandover, step, zoomToChosen } from './input.ts';
import { placeOf, type Lane, type Trace } from './model.ts';
import { STATES } from './states.ts';
import { swatch } from './theme.ts';
import type { Timeline } from './timeline.ts';
import type { View } from './view.ts';

export function legend(traces: Trace[], view: View): HTMLElement {
    const lanes = traces.flatMap((trace) => trace.lanes);
    const entries = STATES.map((state, s) => {
        if (!lanes.some((lane) => lane.spans.has(s))) {
            return null;
        }
        const entry = button(
            '',
            () => {
                const isOn = view.filter?.label === state.label;
                view.setFilter(isOn ? undefined : filterByState(s, state.label, lanes));
            },
            { 'aria-pressed': 'false', title: 'show only this' },
        );
        entry.append(swatch(s), h('span', {}, h('b', {}, state.label), ` ${state.meaning}`));
        view.on(['filter'], () =>
            entry.setAttribute('aria-pressed', String(view.filter?.label === state.label)),
        );
        return h('li', {}, entry);
    });
    const extra: string[] = [];
    if (traces.some((trace) => trace.handovers.n > 0)) {
        extra.push('Arrows, when zoomed in: who handed the GIL to whom.');
    }
    if (traces.some((trace) => trace.instants.length > 0)) {
        extra.push('▼ fork, exit, collection or change of the GIL.');
    }
    return h(
        'div',
        { class: 'legend' },
        h('ul', {}, ...entries),
        extra.length > 0 && h('p', { class: 'hint' }, extra.join(' ')),
    );
}

export function chosenPanel(timeline: Timeline, view: View): HTMLElement {
    const text = h('div', { class: 'told', 'aria-live': 'polite' });
    const showLine = button('Show the line', () => {
        const at = view.chosen && atOf(view.chosen.lane, view.chosen.index);
        const place = placeOf(at ?? '');
        const row = place && document.getElementById(`source-${place.file}-${place.line}`);
        row?.closest('details')?.setAttribute('open', '');
        row?.scrollIntoView({ block: 'center' });
        row?.querySelector('button')?.focus();
    });
    const buttons = h(
        'div',
        { class: 'tools' },
        button('◀ Before', () => step(timeline, view, -1)),
        button('Next ▶', () => step(timeline, view, 1)),
        button('Zoom to it', () => zoomToChosen(view)),
        button('Follow the GIL', () => followHandover(timeline, view), {
            title: 'to the thread that got the lock next (g)',
        }),
        showLine,
    );
    const panel = h('div', { class: 'panel' }, text, buttons);
    const fill = () => {
        const { chosen } = view;
        buttons.hidden = chosen === undefined;
        panel.classList.toggle('empty', chosen === undefined);
        if (chosen === undefined) {
            text.replaceChildren(
                h(
                    'p',
                    { class: 'hint' },
                    'Point at a stretch, click it, or walk with the arrow keys, to see what it was and why it ended.',
                ),
            );
        } else {
            text.replaceChildren(
                h(
                    'p',
                    { class: 'headline' },
                    swatch(chosen.lane.spans.state[chosen.index]),
                    ' ',
                    headline(chosen.lane, chosen.index),
                ),
                factList(facts(chosen.lane, chosen.index)),
            );
        }
    };
    fill();
    view.on(['chosen'], fill);
    return panel;
}

function atOf(lane: Lane, i: number): string {
    return lane.trace.texts[lane.spans.text.at[i]];
}

const MOST_ROWS = 300;

interface Listed {
    lane: Lane;
    index: number;
}

// The first stretches of the window in the order of time, and how many there are.
function inWindow(lanes: Lane[], view: View): { rows: Listed[]; n: number } {
    const rows: Listed[] = [];
    let n = 0;
    for (const lane of lanes) {
        const { spans } = lane;
        const first = Math.max(0, spans.indexAt(view.from));
        const last = spans.indexAt(view.to);
        n += Math.max(0, last - first + 1);
        for (let index = first; index <= Math.min(last, first + MOST_ROWS); index++) {
            rows.push({ lane, index });
        }
    }
    rows.sort((a, b) => a.lane.spans.begin[a.index] - b.lane.spans.begin[b.index]);
    return { rows: rows.slice(0, MOST_ROWS), n };
}

export function stretchTable(traces: Trace[], view: View): HTMLElement {
    const lanes = traces.flatMap((trace) => trace.lanes);
    const body = h('tbody');
    const note = h('p', { class: 'caption' });
    const details = h(
        'details',
        { class: 'as-table' },
        h('summary', {}, 'The timeline as a table'),
        note,
        h(
            'div',
            { class: 'wide', tabindex: 0, role: 'region', 'aria-label': 'stretches of time' },
            h(
                'table',
                { id: 'stretches' },
                h(
                    'thead',
                    {},
                    h(
                        'tr',
                        {},
                        ...['from', 'thread', 'does', 'for', 'at line', 'why'].map((title) =>
                            h('th', { scope: 'col' }, title),
                        ),
                    ),
                ),
                body,
            ),
        ),
    );
    const fill = () => {
        if (!details.open) {
            return;
        }
        const { rows, n } = inWindow(lanes, view);
        note.textContent =
            `${plural(n, 'stretch', 'stretches')} in the window from ${moment(view.from, view.width)} to ${moment(view.to, view.width)}` +
            (n > rows.length ? `; the first ${rows.length} follow. Zoom in to see others.` : '.');
        body.replaceChildren(...rows.map(({ lane, index }) => row(lane, index, view)));
    };
    details.addEventListener('toggle', fill);
    view.on(['window'], debounced(150, fill));
    return details;
}

function row(lane: Lane, i: number, view: View): HTMLElement {
    const { spans, trace } = lane;
    const text = (column: 'why' | 'object') => trace.texts[spans.text[column][i]];
    return h(
        'tr',
        {},
        h('td', { class: 'number' }, moment(spans.begin[i], Math.min(view.width, 1e6))),
        h('th', { scope: 'row' }, lane.name),
        h('td', {}, STATES[spans.state[i]].doing),
        h('td', { class: 'number' }, time(spans.end[i] - spans.begin[i])),
        h('td', {}, h('code', {}, atOf(lane, i))),
        h('td', {}, [text('why'), text('object')].filter(Boolean).join(', ')),
    );
}
