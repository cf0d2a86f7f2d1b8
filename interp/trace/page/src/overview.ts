// overview.ts - the whole run in a strip; the part that the timeline shows is framed in it.
//
// For the pointer only: keys do the same on the timeline.

import { h } from './dom.ts';
import type { Trace } from './model.ts';
import { paintLane, timeAt, xOf, type Scale } from './paint.ts';
import { palette, type Palette } from './theme.ts';
import type { View } from './view.ts';

const HEIGHT = 44;
const EDGE = 7;

export function overview(traces: Trace[], view: View): HTMLElement {
    const canvas = h('canvas', { class: 'overview', 'aria-hidden': 'true' });
    const context = canvas.getContext('2d')!;
    const lanes = traces.flatMap((trace) => trace.lanes);
    const whole = h('canvas');
    const pixels = devicePixelRatio || 1;
    const scale = (): Scale => ({
        left: 0,
        right: Math.max(1, canvas.clientWidth),
        from: 0,
        to: view.end,
    });

    // The lanes do not change: they are drawn once, and again for another width or theme.
    const drawWhole = () => {
        const width = canvas.clientWidth;
        canvas.width = whole.width = Math.max(1, Math.round(width * pixels));
        canvas.height = whole.height = HEIGHT * pixels;
        const c = whole.getContext('2d')!;
        c.scale(pixels, pixels);
        p = palette(c, pixels);
        const flat = { ...p, patterns: p.states };
        c.fillStyle = p.back;
        c.fillRect(0, 0, width, HEIGHT);
        const height = HEIGHT / lanes.length;
        lanes.forEach((lane, i) =>
            paintLane(
                c,
                flat,
                scale(),
                lane,
                i * height,
                Math.max(0.5, height - (height > 3 ? 1 : 0)),
            ),
        );
        draw();
    };
    let p: Palette;
    const draw = () => {
        const from = xOf(scale(), view.from);
        const to = xOf(scale(), view.to);
        context.setTransform(1, 0, 0, 1, 0, 0);
        context.drawImage(whole, 0, 0);
        context.scale(pixels, pixels);
        context.fillStyle = p.back;
        context.globalAlpha = 0.72;
        context.fillRect(0, 0, from, HEIGHT);
        context.fillRect(to, 0, canvas.clientWidth - to, HEIGHT);
        context.globalAlpha = 1;
        context.strokeStyle = p.accent;
        context.lineWidth = 2;
        context.strokeRect(from + 1, 1, Math.max(2, to - from - 2), HEIGHT - 2);
    };
    let pending = 0;
    const soon = () => {
        pending ||= requestAnimationFrame(() => {
            pending = 0;
            draw();
        });
    };
    view.on(['window'], soon);
    view.on(['theme'], drawWhole);
    new ResizeObserver(drawWhole).observe(canvas);
    listenToDrag(
        canvas,
        view,
        (x) => timeAt(scale(), x),
        (t) => xOf(scale(), t),
    );
    return canvas;
}

// Drags the frame, or one of its edges; elsewhere the frame comes to the pointer.
function listenToDrag(
    canvas: HTMLCanvasElement,
    view: View,
    timeOf: (x: number) => number,
    xAt: (t: number) => number,
): void {
    let move: ((x: number) => void) | undefined;
    canvas.addEventListener('pointerdown', (event) => {
        canvas.setPointerCapture(event.pointerId);
        const { from, to } = view;
        const start = timeOf(event.offsetX);
        if (Math.abs(event.offsetX - xAt(from)) < EDGE) {
            move = (x) => view.show(Math.min(timeOf(x), to), to);
        } else if (Math.abs(event.offsetX - xAt(to)) < EDGE) {
            move = (x) => view.show(from, Math.max(timeOf(x), from));
        } else if (start < from || start > to || view.isWhole) {
            move = (x) => view.show(Math.min(start, timeOf(x)), Math.max(start, timeOf(x)));
        } else {
            move = (x) => view.show(from + timeOf(x) - start, to + timeOf(x) - start);
        }
    });
    canvas.addEventListener('pointermove', (event) => move?.(event.offsetX));
    canvas.addEventListener('pointerup', () => {
        move = undefined;
    });
    canvas.addEventListener('pointercancel', () => {
        move = undefined;
    });
}
