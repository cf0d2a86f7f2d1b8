// describe.ts - a span in words: for the pointer, for the panel below the timeline, for readers of
// the screen.

import { h } from './dom.ts';
import { moment, percent, plural, time } from './format.ts';
import { sourceLine, type Lane, type Spans, type TextColumn } from './model.ts';
import { GIL, RUN, STATES } from './states.ts';
import { swatch } from './theme.ts';

export interface Fact {
    term: string;
    text: string;
    code?: string;
}

function textOf(lane: Lane, column: TextColumn, i: number): string {
    return lane.trace.texts[lane.spans.text[column][i]];
}

// "worker-1 waits for the GIL, 5.13 ms"
export function headline(lane: Lane, i: number): string {
    const { spans } = lane;
    return `${lane.name} ${STATES[spans.state[i]].doing}, ${time(spans.end[i] - spans.begin[i])}`;
}

export function facts(lane: Lane, i: number): Fact[] {
    const { spans, trace } = lane;
    const state = spans.state[i];
    const name = textOf(lane, 'name', i);
    const at = textOf(lane, 'at', i);
    const found: (Fact | undefined)[] = [
        fact('why', textOf(lane, 'why', i)),
        {
            term: state === RUN ? 'until line' : 'at line',
            text: at,
            code: sourceLine(trace, at).trim(),
        },
        fact('in', textOf(lane, 'fn', i)),
        name !== STATES[state].id && name !== 'wait for GIL' ? fact('call', name) : undefined,
        fact('waits for', textOf(lane, 'object', i)),
        fact('made at', textOf(lane, 'madeAt', i)),
        fact(state === GIL ? 'held by' : 'owner', textOf(lane, 'owner', i)),
        {
            term: 'owner took it at',
            text: textOf(lane, 'ownerAt', i),
            code: sourceLine(trace, textOf(lane, 'ownerAt', i)).trim(),
        },
        {
            term: 'from',
            text: `${moment(spans.begin[i], spans.end[i] - spans.begin[i])} after the start`,
        },
    ];
    return found.filter((one): one is Fact => one !== undefined && one.text !== '');
}

function fact(term: string, text: string): Fact | undefined {
    return text === '' ? undefined : { term, text };
}

export function factList(list: Fact[]): HTMLElement {
    return h(
        'dl',
        { class: 'facts' },
        ...list.flatMap(({ term, text, code }) => [
            h('dt', {}, term),
            h('dd', {}, text, code ? h('code', {}, code) : null),
        ]),
    );
}

export function spanCard(lane: Lane, i: number): Node[] {
    return [
        h('p', { class: 'headline' }, swatch(lane.spans.state[i]), ' ', headline(lane, i)),
        factList(facts(lane, i)),
    ];
}

// What shares a pixel: the division of its time.
export function mixedCard(lane: Lane, from: number, to: number): Node[] {
    const { spans } = lane;
    const n = spans.indexAt(to) - Math.max(0, spans.indexAt(from)) + 1;
    const shares = STATES.map((state, s) => ({
        state,
        s,
        share: spans.between(s, from, to) / (to - from),
    }))
        .filter(({ share }) => share > 0)
        .sort((a, b) => b.share - a.share);
    return [
        h(
            'p',
            { class: 'headline' },
            `${lane.name}: ${plural(n, 'stretch', 'stretches')} in ${time(to - from)}`,
        ),
        h(
            'ul',
            { class: 'shares' },
            ...shares.map(({ state, s, share }) =>
                h('li', {}, swatch(s), ` ${state.label} ${percent(share)}`),
            ),
        ),
        h('p', { class: 'hint' }, 'Zoom in to see each.'),
    ];
}

// The span that covers t, or undefined when the thread was not alive.
export function spanAt(spans: Spans, t: number): number | undefined {
    const i = spans.indexAt(t);
    return i >= 0 && t <= spans.end[i] ? i : undefined;
}
