// search.ts - the field above the timeline: finds threads, functions, locks and lines, and shows
// only what matches.

import { button, debounced, h } from './dom.ts';
import { plural } from './format.ts';
import { filterByText, matchesOf } from './filter.ts';
import { choose } from './input.ts';
import type { Timeline } from './timeline.ts';
import type { View } from './view.ts';

const MOST_SHOWN = 8;

export class Search {
    readonly element: HTMLElement;
    private readonly input = h('input', {
        type: 'search',
        id: 'search',
        autocomplete: 'off',
        spellcheck: 'false',
        placeholder: 'thread, function, lock, line …',
        'aria-controls': 'matches',
    });
    private readonly status = h('span', { class: 'found', role: 'status' });
    private readonly list = h('ul', { id: 'matches', class: 'matches' });
    private readonly steps = h(
        'span',
        { class: 'steps', hidden: true },
        button('◀', () => this.next(-1), {
            'aria-label': 'previous match',
            title: 'previous match (N)',
        }),
        button('▶', () => this.next(1), { 'aria-label': 'next match', title: 'next match (n)' }),
        button('✕', () => this.clear(), {
            'aria-label': 'show everything again',
            title: 'show everything again (Esc)',
        }),
    );

    constructor(
        private readonly timeline: Timeline,
        private readonly view: View,
    ) {
        this.element = h(
            'div',
            { class: 'search' },
            h('label', { for: 'search' }, 'Search '),
            this.input,
            this.steps,
            this.status,
            this.list,
        );
        this.input.addEventListener(
            'input',
            debounced(80, () => this.search()),
        );
        this.input.addEventListener('keydown', (event) => {
            if (event.key === 'Enter') {
                this.next(event.shiftKey ? -1 : 1);
            } else if (event.key === 'Escape') {
                this.clear();
            }
        });
        view.on(['filter'], () => this.tell());
    }

    focus(): void {
        this.input.focus();
        this.input.select();
    }

    next(step: 1 | -1): void {
        const { chosen, filter } = this.view;
        const { order } = this.timeline.layout;
        const after = chosen && {
            t: chosen.lane.spans.begin[chosen.index],
            lane: order.indexOf(chosen.lane),
        };
        const found = filter?.next(after, order, step);
        if (found !== undefined) {
            choose(this.timeline, this.view, found.lane, found.index);
        }
    }

    private clear(): void {
        this.input.value = '';
        this.list.replaceChildren();
        this.view.setFilter(undefined);
    }

    private search(): void {
        const query = this.input.value.trim();
        const { order } = this.timeline.layout;
        if (query === '') {
            this.clear();
            return;
        }
        this.list.replaceChildren(
            ...matchesOf(query, order, MOST_SHOWN).map(({ kind, text, extra, make }) => {
                const entry = button('', () => this.view.setFilter(make()));
                entry.append(
                    h('small', {}, kind),
                    ` ${text} `,
                    extra === '' ? '' : h('code', {}, extra),
                );
                return h('li', {}, entry);
            }),
        );
        this.view.setFilter(filterByText(query, order));
    }

    private tell(): void {
        const { filter } = this.view;
        this.steps.hidden = filter === undefined;
        this.status.textContent =
            filter === undefined
                ? ''
                : filter.n === 0
                  ? `${filter.label}: nothing matches`
                  : `${filter.label}: ${plural(filter.n, 'stretch', 'stretches')} in ${plural(filter.nLanes, 'thread')}`;
    }
}
