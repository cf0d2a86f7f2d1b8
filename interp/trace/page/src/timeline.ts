// timeline.ts - the canvas with the lanes: what is drawn when, and what lies where.

import { h } from './dom.ts';
import { moment, niceStep, time } from './format.ts';
import { layOut, type LaneRow, type Layout, type RowBox } from './layout.ts';
import { baseName, type Instant, type Lane, type Trace } from './model.ts';
import {
    paintCalls,
    paintHandovers,
    paintLane,
    paintMatches,
    timeAt,
    xOf,
    type Scale,
} from './paint.ts';
import { palette, type Palette } from './theme.ts';
import type { View } from './view.ts';

export const AXIS = 24;
const TICK_GAP = 90;
const LABEL_GAP = 8; // px between two labels of the axis
const NARROWEST_GUTTER = 92;
const NAME_FONT = '600 12px system-ui, sans-serif';

export class Timeline {
    readonly layout: Layout;
    readonly canvas = h('canvas', { class: 'lanes', tabindex: 0, role: 'application' });
    readonly scroller: HTMLElement;
    private readonly context = this.canvas.getContext('2d')!;
    private palette: Palette | undefined;
    private pending = 0;
    private pixels = 1;

    constructor(
        readonly traces: Trace[],
        readonly view: View,
    ) {
        this.layout = layOut(traces);
        const spacer = h('div', { class: 'spacer' });
        spacer.style.height = `${this.layout.height + AXIS}px`;
        this.scroller = h('div', { class: 'scroller' }, this.canvas, spacer);
        this.scroller.addEventListener('scroll', () => this.redraw());
        view.on(['window', 'chosen', 'filter'], () => this.redraw());
        view.on(['theme'], () => {
            this.palette = undefined;
            this.draw();
        });
        new ResizeObserver(() => this.resize()).observe(this.scroller);
    }

    // Room for the names of the threads, in CSS pixels.
    gutter = NARROWEST_GUTTER;

    private measure(width: number): void {
        this.context.font = NAME_FONT;
        const longest = Math.max(
            ...this.layout.order.map(
                (lane) => this.context.measureText(lane.name.slice(0, 80)).width,
            ),
            0,
        );
        this.gutter = Math.round(Math.max(NARROWEST_GUTTER, Math.min(longest + 20, width / 5)));
    }

    get scale(): Scale {
        return {
            left: this.gutter,
            right: Math.max(this.gutter + 1, this.canvas.clientWidth - 10),
            from: this.view.from,
            to: this.view.to,
        };
    }

    timeAt(x: number): number {
        return timeAt(this.scale, x);
    }

    // The row under a point of the canvas.
    rowAt(y: number): RowBox | undefined {
        const inside = y - AXIS + this.scroller.scrollTop;
        return y < AXIS
            ? undefined
            : this.layout.rows.find((row) => inside >= row.y && inside < row.y + row.height);
    }

    // The marked moment (fork, exit ...) near a point.
    instantAt(x: number, row: LaneRow): Instant | undefined {
        return row.lane.trace.instants.find(
            (instant) => instant.lane === row.lane && Math.abs(xOf(this.scale, instant.at) - x) < 5,
        );
    }

    // Scrolls so that a lane can be seen.
    reveal(lane: Lane): void {
        const row = this.layout.lanes.get(lane);
        if (row !== undefined) {
            const room = this.scroller.clientHeight - AXIS;
            const { scrollTop } = this.scroller;
            if (row.y < scrollTop || row.y + row.height > scrollTop + room) {
                this.scroller.scrollTop = row.y - room / 2;
            }
        }
    }

    redraw(): void {
        this.pending ||= requestAnimationFrame(() => this.draw());
    }

    private resize(): void {
        const width = this.scroller.clientWidth;
        const height = Math.min(this.scroller.clientHeight, this.layout.height + AXIS);
        this.pixels = devicePixelRatio || 1;
        this.canvas.style.width = `${width}px`;
        this.canvas.style.height = `${height}px`;
        this.canvas.width = Math.round(width * this.pixels);
        this.canvas.height = Math.round(height * this.pixels);
        this.palette = undefined;
        this.measure(width);
        this.draw();
    }

    draw(): void {
        cancelAnimationFrame(this.pending);
        this.pending = 0;
        const c = this.context;
        const p = (this.palette ??= palette(c, this.pixels));
        const { clientWidth: width, clientHeight: height } = this.canvas;
        c.setTransform(this.pixels, 0, 0, this.pixels, 0, 0);
        c.fillStyle = p.back;
        c.fillRect(0, 0, width, height);
        const scale = this.scale;
        this.drawGrid(c, p, scale, height);
        c.save();
        c.beginPath();
        c.rect(0, AXIS, width, height - AXIS);
        c.clip();
        c.translate(0, AXIS - this.scroller.scrollTop);
        this.drawRows(c, p, scale);
        c.restore();
    }

    private drawGrid(c: CanvasRenderingContext2D, p: Palette, scale: Scale, height: number): void {
        const width = scale.to - scale.from;
        const step = niceStep(width / Math.max(1, (scale.right - scale.left) / TICK_GAP));
        c.font = '11px system-ui, sans-serif';
        c.textAlign = 'center';
        let free = 0; // from here on no label stands yet
        for (let t = Math.ceil(scale.from / step) * step; t <= scale.to; t += step) {
            const x = Math.round(xOf(scale, t)) + 0.5;
            c.fillStyle = p.grid;
            c.fillRect(x - 0.5, AXIS - 6, 1, height);
            c.fillStyle = p.faint;
            const label = t < step / 2 ? '0' : moment(t, Math.max(step * 10, width));
            const half = c.measureText(label).width / 2;
            const middle = Math.min(x, scale.right - half);
            // Far into a long run labels are wider than the gaps between them.
            if (middle - half >= free) {
                c.fillText(label, middle, 13);
                free = middle + half + LABEL_GAP;
            }
        }
        c.textAlign = 'left';
    }

    private drawRows(c: CanvasRenderingContext2D, p: Palette, scale: Scale): void {
        const top = this.scroller.scrollTop;
        const bottom = top + this.scroller.clientHeight;
        for (const row of this.layout.rows) {
            if (row.y + row.height < top || row.y > bottom) {
                continue;
            }
            if (row.kind === 'lane') {
                this.drawLane(c, p, scale, row);
            } else if (row.kind === 'calls') {
                paintCalls(c, p, scale, row.lane, row.calls, row.y, row.height);
            } else {
                this.drawHead(c, p, scale, row.y, row.height, row.trace, row.process?.name);
            }
        }
        for (const trace of this.traces) {
            paintHandovers(c, p, scale, trace.handovers, (lane) => {
                const row = this.layout.lanes.get(lane);
                return row && row.y + row.height / 2;
            });
        }
        this.drawChosen(c, p, scale);
    }

    private drawHead(
        c: CanvasRenderingContext2D,
        p: Palette,
        scale: Scale,
        y: number,
        height: number,
        trace: Trace,
        process: string | undefined,
    ): void {
        const isTrace = process === undefined;
        if (isTrace) {
            c.fillStyle = p.band;
            c.fillRect(0, y, scale.right + 10, height);
        }
        c.font = isTrace ? '600 13px system-ui, sans-serif' : '600 11px system-ui, sans-serif';
        c.fillStyle = isTrace ? p.text : p.faint;
        c.fillText(process ?? `${trace.label}: ${time(trace.wall)}`, 8, y + height - 6);
        if (isTrace) {
            c.font = '12px system-ui, sans-serif';
            c.fillStyle = p.faint;
            c.textAlign = 'right';
            c.fillText(baseName(trace.script), scale.right, y + height - 7);
            c.textAlign = 'left';
        }
    }

    private drawLane(c: CanvasRenderingContext2D, p: Palette, scale: Scale, row: LaneRow): void {
        const { lane, y, height } = row;
        const isChosen = this.view.chosen?.lane === lane;
        if (height >= 10) {
            c.font = `${isChosen ? '600 ' : ''}${height >= 20 ? 12 : 9}px system-ui, sans-serif`;
            c.fillStyle = p.text;
            c.fillText(fitted(c, lane.name, scale.left - 16), 8, y + height / 2 + 4);
        }
        const filter = this.view.filter;
        c.globalAlpha = filter === undefined ? 1 : 0.18;
        paintLane(c, p, scale, lane, y, height);
        c.globalAlpha = 1;
        const matches = filter?.indexes(lane);
        if (matches !== undefined) {
            paintMatches(c, p, scale, lane, matches, y, height);
        }
        this.drawInstants(c, p, scale, row);
    }

    private drawInstants(
        c: CanvasRenderingContext2D,
        p: Palette,
        scale: Scale,
        row: LaneRow,
    ): void {
        let free = -Infinity;
        for (const instant of row.lane.trace.instants) {
            const x = xOf(scale, instant.at);
            if (instant.lane !== row.lane || x < scale.left || x > scale.right || x < free) {
                continue;
            }
            free = x + 6;
            c.fillStyle = p.accent;
            c.beginPath();
            c.moveTo(x, row.y + 6);
            c.lineTo(x - 4, row.y - 1);
            c.lineTo(x + 4, row.y - 1);
            c.fill();
        }
    }

    private drawChosen(c: CanvasRenderingContext2D, p: Palette, scale: Scale): void {
        const { chosen } = this.view;
        const row = chosen && this.layout.lanes.get(chosen.lane);
        if (chosen === undefined || row === undefined) {
            return;
        }
        const { spans } = chosen.lane;
        const x = Math.max(scale.left - 2, xOf(scale, spans.begin[chosen.index]));
        const right = Math.min(scale.right + 2, xOf(scale, spans.end[chosen.index]));
        if (right >= scale.left && x <= scale.right) {
            c.strokeStyle = p.accent;
            c.lineWidth = 3;
            c.strokeRect(x - 1, row.y - 1, Math.max(3, right - x) + 2, row.height + 2);
        }
    }
}

const ellipsed = new Map<string, string>();

// The text, shortened to fit `width`; remembered, since names are measured at each frame.
function fitted(c: CanvasRenderingContext2D, text: string, width: number): string {
    const key = `${c.font}|${width}|${text}`;
    let short = ellipsed.get(key);
    if (short === undefined) {
        short = text;
        for (let n = Math.min(text.length, 200); n > 1 && c.measureText(short).width > width; n--) {
            short = `${text.slice(0, n - 1)}…`;
        }
        ellipsed.set(key, short);
    }
    return short;
}
