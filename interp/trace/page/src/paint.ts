// paint.ts - drawing lanes, so that the work depends on the pixels shown and not on the number of
// spans.
//
// A span that is wider than a pixel is a rectangle with its pattern. Where several share a pixel,
// the pixel's column shows how its time was divided among the states, exactly: from sums, found
// by binary search.

import { upperBound, type Calls, type Handovers, type Lane, type Spans } from './model.ts';
import { N_STATES, STATES } from './states.ts';
import type { Palette } from './theme.ts';
import { time } from './format.ts';

// Where a moment lies on the canvas.
export interface Scale {
    left: number; // x of `from`
    right: number; // x of `to`
    from: number;
    to: number;
}

export function xOf(scale: Scale, t: number): number {
    return scale.left + ((t - scale.from) / (scale.to - scale.from)) * (scale.right - scale.left);
}

export function timeAt(scale: Scale, x: number): number {
    return scale.from + ((x - scale.left) / (scale.right - scale.left)) * (scale.to - scale.from);
}

const PATTERNED = 3; // px from which a pattern can be recognised
const LABELLED = 46; // px that a span's name needs

function paintSpan(
    c: CanvasRenderingContext2D,
    p: Palette,
    lane: Lane,
    i: number,
    x: number,
    width: number,
    y: number,
    height: number,
): void {
    const { spans, trace } = lane;
    const state = spans.state[i];
    c.fillStyle = width >= PATTERNED ? p.patterns[state] : p.states[state];
    c.fillRect(x, y, width, height);
    if (width < LABELLED || height < 14) {
        return;
    }
    const label = `${trace.texts[spans.text.name[i]] || STATES[state].label}  ${time(spans.end[i] - spans.begin[i])}`;
    c.font = '11px system-ui, sans-serif';
    const measured = c.measureText(label).width;
    if (measured + 12 > width) {
        return;
    }
    c.fillStyle = p.states[state];
    c.fillRect(x + 4, y + 4, measured + 6, height - 8);
    c.fillStyle = textOn(p, state);
    c.fillText(label, x + 7, y + height / 2 + 4);
}

// Black or white, whichever is read more easily on the state's colour.
function textOn(p: Palette, state: number): string {
    const hex = /^#(..)(..)(..)$/.exec(p.states[state]);
    if (hex === null) {
        return p.text;
    }
    const [r, g, b] = hex.slice(1).map((part) => (parseInt(part, 16) / 255) ** 2.2);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.18 ? '#000' : '#fff';
}

// Pixels of columns that several spans share: a picture as wide as the lane, since as many small
// rectangles would cost a hundred times as much.
class Columns {
    private readonly canvas = document.createElement('canvas');
    private readonly context = this.canvas.getContext('2d', { willReadFrequently: true })!;
    private image = new ImageData(1, 1);
    private pixels = new Uint32Array(1);
    private isUsed = false;
    private readonly before = new Float64Array(N_STATES); // what each state had until `reached`
    private reached = NaN;

    begin(width: number, height: number): void {
        if (this.image.width !== width || this.image.height !== height) {
            this.canvas.width = width;
            this.canvas.height = height;
            this.image = new ImageData(width, height);
            this.pixels = new Uint32Array(this.image.data.buffer);
        } else if (this.isUsed) {
            this.pixels.fill(0);
        }
        this.isUsed = false;
        this.reached = NaN;
    }

    // The shares of the states in [from, to), stacked from below in the order of STATES.
    paint(
        colours: Uint32Array,
        spans: Spans,
        from: number,
        to: number,
        first: number,
        last: number,
        x: number,
    ): void {
        const { width, height } = this.image;
        let share = 0;
        let y = height;
        const isNext = this.reached === from;
        this.isUsed = true;
        this.reached = to;
        for (let s = 0; s < N_STATES; s++) {
            if (spans.has(s)) {
                const before = isNext ? this.before[s] : spans.until(s, from, first);
                this.before[s] = spans.until(s, to, last);
                share += (this.before[s] - before) / (to - from);
                const top = Math.max(0, height - Math.round(share * height));
                for (; y > top;) {
                    this.pixels[--y * width + x] = colours[s];
                }
            }
        }
    }

    end(c: CanvasRenderingContext2D, x: number, y: number): void {
        if (this.isUsed) {
            this.context.putImageData(this.image, 0, 0);
            c.imageSmoothingEnabled = false;
            c.drawImage(this.canvas, x, y);
        }
    }
}

const columns = new Columns();

export function paintLane(
    c: CanvasRenderingContext2D,
    p: Palette,
    scale: Scale,
    lane: Lane,
    y: number,
    height: number,
): void {
    const { spans } = lane;
    if (spans.n === 0) {
        return;
    }
    const end = Math.min(scale.right, Math.ceil(xOf(scale, spans.end[spans.n - 1])));
    let x = Math.max(scale.left, Math.floor(xOf(scale, spans.begin[0])));
    let i = spans.indexAt(timeAt(scale, x));
    const left = x;
    columns.begin(
        Math.max(1, Math.ceil(scale.right) - Math.floor(scale.left)),
        Math.max(1, Math.round(height)),
    );
    while (x < end) {
        const from = timeAt(scale, x);
        const to = timeAt(scale, x + 1);
        if (i >= 0 && spans.begin[i] <= from && spans.end[i] >= to) {
            const right = Math.min(end, Math.max(x + 1, Math.floor(xOf(scale, spans.end[i]))));
            paintSpan(c, p, lane, i, x, right - x, y, height);
            x = right;
            i = spans.indexFrom(i, timeAt(scale, x));
        } else {
            const last = spans.indexFrom(i, to);
            columns.paint(p.packed, spans, from, to, i, last, x - left);
            x += 1;
            i = last;
        }
    }
    columns.end(c, left, y);
}

// The spans of a filter, at most one for each pixel.
export function paintMatches(
    c: CanvasRenderingContext2D,
    p: Palette,
    scale: Scale,
    lane: Lane,
    indexes: Int32Array,
    y: number,
    height: number,
): void {
    const { spans } = lane;
    let low = 0;
    let high = indexes.length;
    while (low < high) {
        // the first match that ends in the window
        const middle = (low + high) >>> 1;
        if (spans.end[indexes[middle]] <= scale.from) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    for (let k = low; k < indexes.length;) {
        const i = indexes[k];
        const x = Math.max(scale.left, xOf(scale, spans.begin[i]));
        if (x >= scale.right) {
            return;
        }
        const width = Math.max(1, Math.min(scale.right, xOf(scale, spans.end[i])) - x);
        paintSpan(c, p, lane, i, x, width, y, height);
        k = nextBehind(spans, indexes, k + 1, timeAt(scale, Math.floor(x) + 1));
    }
}

// The first k at `low` or behind whose span ends behind t.
function nextBehind(spans: Spans, indexes: Int32Array, low: number, t: number): number {
    let step = 1;
    while (low + step < indexes.length && spans.end[indexes[low + step]] <= t) {
        step *= 2;
    }
    let high = Math.min(indexes.length, low + step + 1);
    while (low < high) {
        const middle = (low + high) >>> 1;
        if (spans.end[indexes[middle]] <= t) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

export function paintCalls(
    c: CanvasRenderingContext2D,
    p: Palette,
    scale: Scale,
    lane: Lane,
    calls: Calls,
    y: number,
    height: number,
): void {
    let i = Math.max(0, upperBound(calls.end, scale.from));
    c.font = '9px system-ui, sans-serif';
    while (i < calls.begin.length && calls.begin[i] < scale.to) {
        const x = Math.max(scale.left, xOf(scale, calls.begin[i]));
        const right = Math.min(scale.right, xOf(scale, calls.end[i]));
        const width = Math.max(0.5, right - x);
        c.fillStyle = p.band;
        c.fillRect(x, y, width, height);
        if (width > 3) {
            c.strokeStyle = p.faint;
            c.lineWidth = 0.5;
            c.strokeRect(x + 0.5, y + 0.5, width - 1, height - 1);
        }
        if (width > 24) {
            c.save();
            c.beginPath();
            c.rect(x, y, width - 2, height);
            c.clip();
            c.fillStyle = p.text;
            c.fillText(lane.trace.texts[calls.name[i]], x + 3, y + height - 3);
            c.restore();
        }
        i = Math.max(
            i + 1,
            upperBound(calls.end, timeAt(scale, Math.floor(right) + (width < 1 ? 1 : 0)), i),
        );
    }
}

const MOST_ARROWS = 250;

// Who handed the GIL to whom; only when there is room to tell the arrows apart.
export function paintHandovers(
    c: CanvasRenderingContext2D,
    p: Palette,
    scale: Scale,
    handovers: Handovers,
    middleOf: (lane: Lane) => number | undefined,
): void {
    const first = upperBound(handovers.to, scale.from);
    const last = upperBound(handovers.to, scale.to);
    if (last - first > Math.min(MOST_ARROWS, (scale.right - scale.left) / 20)) {
        return;
    }
    c.strokeStyle = c.fillStyle = p.text;
    c.lineWidth = 1.2;
    for (let i = first; i < last; i++) {
        const giver = handovers.fromLane[i];
        const taker = handovers.toLane[i];
        const y0 = giver && middleOf(giver);
        const y1 = taker && middleOf(taker);
        if (y0 !== undefined && y1 !== undefined && y0 !== y1) {
            paintArrow(
                c,
                Math.max(scale.left, xOf(scale, handovers.from[i])),
                y0,
                xOf(scale, handovers.to[i]),
                y1,
            );
        }
    }
}

function paintArrow(
    c: CanvasRenderingContext2D,
    x0: number,
    y0: number,
    x1: number,
    y1: number,
): void {
    const direction = Math.sign(y1 - y0);
    const head = y1 - direction * 4;
    c.beginPath();
    c.arc(x0, y0, 2, 0, 7);
    c.fill();
    c.beginPath();
    c.moveTo(x0, y0);
    c.bezierCurveTo(x0, (y0 + head) / 2, x1, (y0 + head) / 2, x1, head);
    c.stroke();
    c.beginPath();
    c.moveTo(x1, y1 + direction * 2);
    c.lineTo(x1 - 3.5, head - direction * 2);
    c.lineTo(x1 + 3.5, head - direction * 2);
    c.fill();
}
