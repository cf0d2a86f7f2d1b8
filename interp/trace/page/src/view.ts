// view.ts - what all parts of the page share: the window of time that is shown, the span that is
// chosen, the filter. Whoever draws one of them listens for its change.

import type { Filter } from './filter.ts';
import type { Lane } from './model.ts';

export interface Chosen {
    lane: Lane;
    index: number;
}

type Topic = 'window' | 'chosen' | 'filter' | 'theme';

const NARROWEST_US = 0.05;

export class View {
    from = 0;
    to: number;
    chosen: Chosen | undefined;
    filter: Filter | undefined;
    private readonly listeners: [Topic, () => void][] = [];

    constructor(readonly end: number) {
        this.to = end;
    }

    on(topics: Topic[], act: () => void): void {
        this.listeners.push(...topics.map((topic): [Topic, () => void] => [topic, act]));
    }

    tell(topic: Topic): void {
        for (const [wanted, act] of this.listeners) {
            if (wanted === topic) {
                act();
            }
        }
    }

    get width(): number {
        return this.to - this.from;
    }

    get isWhole(): boolean {
        return this.from <= 0 && this.to >= this.end;
    }

    show(from: number, to: number): void {
        const width = Math.min(this.end, Math.max(NARROWEST_US, to - from));
        const begin = Math.min(Math.max(0, from), this.end - width);
        if (begin !== this.from || begin + width !== this.to) {
            this.from = begin;
            this.to = begin + width;
            this.tell('window');
        }
    }

    zoom(factor: number, around = (this.from + this.to) / 2): void {
        const width = Math.min(this.end, Math.max(NARROWEST_US, this.width * factor));
        const left = (around - this.from) / this.width;
        this.show(around - left * width, around + (1 - left) * width);
    }

    pan(us: number): void {
        const begin = Math.min(Math.max(0, this.from + us), this.end - this.width);
        this.show(begin, begin + this.width);
    }

    showAll(): void {
        this.show(0, this.end);
    }

    choose(chosen: Chosen | undefined): void {
        this.chosen = chosen;
        this.tell('chosen');
    }

    setFilter(filter: Filter | undefined): void {
        this.filter = filter;
        this.tell('filter');
    }
}
