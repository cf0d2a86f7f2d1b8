// input.ts - pointer, wheel, fingers and keys on the timeline.

import { h } from './dom.ts';
import { time } from './format.ts';
import { mixedCard, spanAt, spanCard } from './describe.ts';
import { upperBound, type Lane } from './model.ts';
import { xOf } from './paint.ts';
import type { Timeline } from './timeline.ts';
import type { View } from './view.ts';

const CLICK_PX = 4; // a pointer that moves less has clicked
const SCROLL_PAUSE_MS = 350; // a page that is being scrolled goes on scrolling over the canvas

export interface Actions {
    search: () => void;
    nextMatch: (step: 1 | -1) => void;
}

export function listen(timeline: Timeline, view: View, actions: Actions): HTMLElement {
    const tip = h('div', { class: 'tip', role: 'tooltip', hidden: true });
    listenToWheel(timeline, view);
    listenToPointers(timeline, view, tip);
    timeline.canvas.addEventListener('keydown', (event) => {
        if (
            !event.ctrlKey &&
            !event.metaKey &&
            !event.altKey &&
            pressed(event, timeline, view, actions)
        ) {
            event.preventDefault();
        }
    });
    return tip;
}

// ---- Wheel ----

function listenToWheel(timeline: Timeline, view: View): void {
    let scrolledAt = -Infinity;
    addEventListener(
        'scroll',
        () => {
            scrolledAt = performance.now();
        },
        { passive: true },
    );
    timeline.canvas.addEventListener(
        'wheel',
        (event) => {
            const isLabels = event.offsetX < timeline.gutter;
            const isScrolling = performance.now() - scrolledAt < SCROLL_PAUSE_MS;
            if (!event.ctrlKey && (isLabels || isScrolling)) {
                return;
            }
            event.preventDefault();
            const scale = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
            const across = event.shiftKey ? event.deltaY : event.deltaX;
            if (Math.abs(across) > Math.abs(event.shiftKey ? 0 : event.deltaY)) {
                view.pan(((across * scale) / timeline.canvas.clientWidth) * view.width);
            } else {
                view.zoom(
                    Math.exp(Math.max(-200, Math.min(200, event.deltaY * scale)) * 0.003),
                    timeline.timeAt(event.offsetX),
                );
            }
        },
        { passive: false },
    );
}

// ---- Pointers ----

function listenToPointers(timeline: Timeline, view: View, tip: HTMLElement): void {
    const { canvas } = timeline;
    const down = new Map<number, { x: number; y: number; startX: number; startY: number }>();
    canvas.addEventListener('pointerdown', (event) => {
        canvas.focus({ preventScroll: true });
        canvas.setPointerCapture(event.pointerId);
        down.set(event.pointerId, {
            x: event.offsetX,
            y: event.offsetY,
            startX: event.offsetX,
            startY: event.offsetY,
        });
        tip.hidden = true;
    });
    canvas.addEventListener('pointermove', (event) => {
        const pointer = down.get(event.pointerId);
        if (pointer === undefined) {
            hover(timeline, tip, event);
            return;
        }
        const other = [...down].find(([id]) => id !== event.pointerId)?.[1];
        if (other === undefined) {
            view.pan(timeline.timeAt(pointer.x) - timeline.timeAt(event.offsetX));
        } else {
            pinch(timeline, view, pointer.x, event.offsetX, other.x);
        }
        pointer.x = event.offsetX;
        pointer.y = event.offsetY;
    });
    for (const name of ['pointerup', 'pointercancel'] as const) {
        canvas.addEventListener(name, (event) => {
            const pointer = down.get(event.pointerId);
            down.delete(event.pointerId);
            if (
                pointer !== undefined &&
                name === 'pointerup' &&
                Math.hypot(event.offsetX - pointer.startX, event.offsetY - pointer.startY) <
                    CLICK_PX
            ) {
                chooseAt(timeline, view, event.offsetX, event.offsetY);
            }
        });
    }
    canvas.addEventListener('pointerleave', () => {
        tip.hidden = true;
    });
    canvas.addEventListener('dblclick', (event) => {
        chooseAt(timeline, view, event.offsetX, event.offsetY);
        zoomToChosen(view);
    });
}

// One finger went from x0 to x1 while the other stood at `fixed`.
function pinch(timeline: Timeline, view: View, x0: number, x1: number, fixed: number): void {
    if (Math.abs(x1 - fixed) > 8 && Math.abs(x0 - fixed) > 8) {
        view.zoom(Math.abs(x0 - fixed) / Math.abs(x1 - fixed), timeline.timeAt(fixed));
    }
}

function chooseAt(timeline: Timeline, view: View, x: number, y: number): void {
    const row = timeline.rowAt(y);
    const i =
        row?.kind === 'lane'
            ? spanAt(row.lane.spans, timeline.timeAt(Math.max(x, timeline.gutter)))
            : undefined;
    view.choose(row?.kind === 'lane' && i !== undefined ? { lane: row.lane, index: i } : undefined);
}

function hover(timeline: Timeline, tip: HTMLElement, event: PointerEvent): void {
    const content =
        event.offsetX < timeline.gutter
            ? undefined
            : cardAt(timeline, event.offsetX, event.offsetY);
    tip.hidden = content === undefined;
    if (content === undefined) {
        return;
    }
    tip.replaceChildren(...content);
    const { innerWidth, innerHeight } = window;
    const { offsetWidth, offsetHeight } = tip;
    const isLow = event.clientY + 18 + offsetHeight > innerHeight;
    tip.style.left = `${Math.max(4, Math.min(event.clientX + 14, innerWidth - offsetWidth - 8))}px`;
    tip.style.top = `${isLow ? Math.max(4, event.clientY - offsetHeight - 12) : event.clientY + 18}px`;
}

function cardAt(timeline: Timeline, x: number, y: number): Node[] | undefined {
    const row = timeline.rowAt(y);
    const t = timeline.timeAt(x);
    if (row?.kind === 'calls') {
        const i = upperBound(row.calls.begin, t) - 1;
        const { texts } = row.lane.trace;
        const name = texts[row.calls.name[i]] ?? '';
        return i >= 0 && t <= row.calls.end[i]
            ? [
                  h(
                      'p',
                      { class: 'headline' },
                      `${name}${name.startsWith('<') ? '' : '()'}, ${time(row.calls.end[i] - row.calls.begin[i])}`,
                  ),
                  h('p', {}, texts[row.calls.at[i]]),
              ]
            : undefined;
    }
    if (row?.kind !== 'lane') {
        return undefined;
    }
    const instant = timeline.instantAt(x, row);
    const marked = instant && h('p', { class: 'headline' }, `▼ ${instant.name} ${instant.detail}`);
    const i = spanAt(row.lane.spans, t);
    if (i === undefined) {
        return marked && [marked];
    }
    const { spans } = row.lane;
    const isWide = xOf(timeline.scale, spans.end[i]) - xOf(timeline.scale, spans.begin[i]) >= 1.5;
    const left = Math.floor(x);
    const card = isWide
        ? spanCard(row.lane, i)
        : mixedCard(row.lane, timeline.timeAt(left), timeline.timeAt(left + 1));
    return marked === undefined ? card : [marked, ...card];
}

// ---- Keys ----

function pressed(event: KeyboardEvent, timeline: Timeline, view: View, actions: Actions): boolean {
    switch (event.key) {
        case 'ArrowLeft':
            event.shiftKey ? view.pan(-view.width / 5) : step(timeline, view, -1);
            break;
        case 'ArrowRight':
            event.shiftKey ? view.pan(view.width / 5) : step(timeline, view, 1);
            break;
        case 'ArrowUp':
            changeLane(timeline, view, -1);
            break;
        case 'ArrowDown':
            changeLane(timeline, view, 1);
            break;
        case '+':
        case '=':
        case 'w':
            view.zoom(1 / 1.5, middle(view));
            break;
        case '-':
        case 's':
            view.zoom(1.5, middle(view));
            break;
        case 'a':
            view.pan(-view.width / 5);
            break;
        case 'd':
            view.pan(view.width / 5);
            break;
        case '0':
            view.showAll();
            break;
        case 'Home':
            view.show(0, view.width);
            break;
        case 'End':
            view.show(view.end - view.width, view.end);
            break;
        case 'Enter':
            zoomToChosen(view);
            break;
        case 'g':
            followHandover(timeline, view);
            break;
        case '/':
            actions.search();
            break;
        case 'n':
            actions.nextMatch(1);
            break;
        case 'N':
            actions.nextMatch(-1);
            break;
        case 'Escape':
            view.chosen === undefined ? view.setFilter(undefined) : view.choose(undefined);
            break;
        default:
            return false;
    }
    return true;
}

// Zooming by keys keeps the chosen span where it is, if it can be seen.
function middle(view: View): number {
    const { chosen } = view;
    const at =
        chosen && (chosen.lane.spans.begin[chosen.index] + chosen.lane.spans.end[chosen.index]) / 2;
    return at !== undefined && at > view.from && at < view.to ? at : (view.from + view.to) / 2;
}

export function choose(timeline: Timeline, view: View, lane: Lane, index: number): void {
    const begin = lane.spans.begin[index];
    const end = lane.spans.end[index];
    if (end <= view.from || begin >= view.to) {
        view.show((begin + end - view.width) / 2, (begin + end + view.width) / 2);
    }
    timeline.reveal(lane);
    view.choose({ lane, index });
}

function firstVisible(view: View, lane: Lane): number {
    return Math.max(0, Math.min(lane.spans.n - 1, upperBound(lane.spans.end, view.from)));
}

export function step(timeline: Timeline, view: View, by: 1 | -1): void {
    const lane = view.chosen?.lane ?? timeline.layout.order.find((one) => one.spans.n > 0);
    if (lane === undefined) {
        return;
    }
    const index = view.chosen === undefined ? firstVisible(view, lane) : view.chosen.index + by;
    if (index >= 0 && index < lane.spans.n) {
        choose(timeline, view, lane, index);
    }
}

function changeLane(timeline: Timeline, view: View, by: 1 | -1): void {
    const order = timeline.layout.order.filter((lane) => lane.spans.n > 0);
    const { chosen } = view;
    const at = chosen === undefined ? (by > 0 ? -1 : order.length) : order.indexOf(chosen.lane);
    const lane = order[at + by];
    if (lane === undefined) {
        return;
    }
    const t = chosen?.lane.spans.begin[chosen.index] ?? view.from;
    const index = Math.max(0, lane.spans.indexAt(Math.max(t, view.from)));
    choose(timeline, view, lane, index);
}

export function zoomToChosen(view: View): void {
    const { chosen } = view;
    if (chosen !== undefined) {
        const begin = chosen.lane.spans.begin[chosen.index];
        const end = chosen.lane.spans.end[chosen.index];
        const margin = (end - begin) * 0.3;
        view.show(begin - margin, end + margin);
    }
}

// From the chosen span of a thread to the one that got the GIL from it next.
export function followHandover(timeline: Timeline, view: View): void {
    const { chosen } = view;
    const handovers = chosen?.lane.trace.handovers;
    if (chosen === undefined || handovers === undefined) {
        return;
    }
    const begin = chosen.lane.spans.begin[chosen.index];
    for (let i = upperBound(handovers.to, begin); i < handovers.n; i++) {
        const taker = handovers.toLane[i];
        if (
            handovers.fromLane[i] === chosen.lane &&
            handovers.from[i] >= begin &&
            taker !== undefined &&
            taker.spans.n > 0
        ) {
            choose(timeline, view, taker, Math.max(0, taker.spans.indexAt(handovers.to[i])));
            return;
        }
    }
}
