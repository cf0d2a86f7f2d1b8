// occupancy.ts - for each process: how many threads ran, and how many more wanted to, over time.

import { h } from './dom.ts';
import { percent, time } from './format.ts';
import type { Process, Trace } from './model.ts';
import { density, total } from './sums.ts';
import { GIL, RUN } from './states.ts';
import { palette, type Palette } from './theme.ts';
import type { View } from './view.ts';

const HEIGHT = 84; // as in style.css
const TOP = 18;
const MOST = 12; // processes that are drawn

export function occupancyCharts(traces: Trace[], view: View, gutter: () => number): HTMLElement {
    const figures = traces.flatMap((trace) =>
        trace.processes
            .slice(0, MOST)
            .map((process) => chart(trace, process, traces.length > 1, view, gutter)),
    );
    return h('div', { class: 'charts' }, ...figures);
}

function summary(trace: Trace, process: Process): string {
    const life =
        Math.max(...process.lanes.map((lane) => lane.end)) -
        Math.min(...process.lanes.map((lane) => lane.begin));
    const run = life > 0 ? total(process.lanes, RUN) / life : 0;
    const wanted = life > 0 ? total(process.lanes, GIL) / life : 0;
    return trace.mode === 'no-gil'
        ? `${run.toFixed(2)} threads ran on average`
        : `the GIL was held ${percent(Math.min(1, run))} of ${time(life)}; ${wanted < 0.005 ? 'hardly anybody waited for it' : `${wanted.toFixed(2)} more threads wanted it on average`}`;
}

function chart(
    trace: Trace,
    process: Process,
    hasLabel: boolean,
    view: View,
    gutter: () => number,
): HTMLElement {
    const title = [hasLabel ? trace.label : '', trace.processes.length > 1 ? process.name : '']
        .filter(Boolean)
        .join(', ');
    const text = summary(trace, process);
    const canvas = h('canvas', { role: 'img', 'aria-label': `${title} ${text}` });
    const context = canvas.getContext('2d')!;
    let pending = 0;
    let p: Palette | undefined;
    const draw = () => {
        pending = 0;
        const pixels = devicePixelRatio || 1;
        p ??= palette(context, pixels);
        context.setTransform(pixels, 0, 0, pixels, 0, 0);
        paint(context, p, trace, process, view, gutter(), Math.round(canvas.clientWidth));
    };
    const restart = () => {
        canvas.width = Math.max(1, Math.round(canvas.clientWidth * (devicePixelRatio || 1)));
        canvas.height = Math.round(HEIGHT * (devicePixelRatio || 1));
        p = undefined;
        draw();
    };
    const soon = () => {
        pending ||= requestAnimationFrame(draw);
    };
    view.on(['window'], soon);
    view.on(['theme'], restart);
    new ResizeObserver(restart).observe(canvas);
    return h(
        'figure',
        {},
        h('figcaption', {}, title && h('strong', {}, `${title}: `), text),
        canvas,
    );
}

function paint(
    c: CanvasRenderingContext2D,
    p: Palette,
    trace: Trace,
    process: Process,
    view: View,
    left: number,
    width: number,
): void {
    const n = Math.max(1, Math.floor(width - 10 - left));
    const [running, wanting] = density(process, [RUN, GIL], view.from, view.to, n);
    let highest = 1;
    for (let k = 0; k < n; k++) {
        highest = Math.max(highest, running[k] + wanting[k]);
    }
    highest = Math.ceil(highest - 0.05);
    const base = HEIGHT - 4;
    const unit = (base - TOP) / highest;
    c.clearRect(0, 0, width, HEIGHT);
    paintAxis(c, p, highest, base, unit, left, left + n, trace.cores);
    const none = new Float64Array(n);
    const both = running.map((value, k) => value + wanting[k]);
    paintArea(c, p.states[RUN], none, running, left, base, unit);
    paintArea(c, p.patterns[GIL], running, both, left, base, unit);
}

// What lies between two curves, as one shape: a column for each pixel would cost far more.
function paintArea(
    c: CanvasRenderingContext2D,
    fill: string | CanvasPattern,
    low: Float64Array,
    high: Float64Array,
    left: number,
    base: number,
    unit: number,
): void {
    c.fillStyle = fill;
    c.beginPath();
    c.moveTo(left, base);
    for (let k = 0; k < high.length; k++) {
        c.lineTo(left + k, base - high[k] * unit);
        c.lineTo(left + k + 1, base - high[k] * unit);
    }
    for (let k = low.length - 1; k >= 0; k--) {
        c.lineTo(left + k + 1, base - low[k] * unit);
        c.lineTo(left + k, base - low[k] * unit);
    }
    c.fill();
}

function paintAxis(
    c: CanvasRenderingContext2D,
    p: Palette,
    highest: number,
    base: number,
    unit: number,
    left: number,
    right: number,
    cores: number,
): void {
    const step = Math.max(1, Math.ceil(highest / 4));
    c.font = '11px system-ui, sans-serif';
    c.textAlign = 'right';
    for (let value = 0; value <= highest; value += step) {
        const y = Math.round(base - value * unit);
        c.fillStyle = p.grid;
        c.fillRect(left, y, right - left, 1);
        c.fillStyle = p.faint;
        c.fillText(
            value === step ? `${value} thread${value === 1 ? '' : 's'}` : String(value),
            left - 6,
            y + 4,
        );
    }
    c.textAlign = 'left';
    if (cores <= highest) {
        c.strokeStyle = p.faint;
        c.setLineDash([4, 4]);
        c.beginPath();
        c.moveTo(left, base - cores * unit - 0.5);
        c.lineTo(right, base - cores * unit - 0.5);
        c.stroke();
        c.setLineDash([]);
        c.fillStyle = p.faint;
        c.textAlign = 'right';
        c.fillText(`${cores} cores`, right, base - cores * unit - 3);
        c.textAlign = 'left';
    }
}
