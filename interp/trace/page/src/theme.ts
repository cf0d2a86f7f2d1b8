// theme.ts - dark and light: the system's wish, or the reader's choice; always light on paper.

import { h } from './dom.ts';
import { STATES } from './states.ts';

export interface Palette {
    text: string;
    faint: string;
    grid: string;
    back: string;
    band: string;
    accent: string;
    states: string[];
    patterns: (CanvasPattern | string)[];
    packed: Uint32Array; // the states' colours as pixels
}

const KEY = 'mini-report-theme';
const CHOICES = ['auto', 'light', 'dark'] as const;
type Choice = (typeof CHOICES)[number];

function stored(): Choice {
    try {
        const value = localStorage.getItem(KEY) as Choice;
        return CHOICES.includes(value) ? value : 'auto';
    } catch {
        return 'auto'; // a page from a file may have no storage
    }
}

const systemIsDark = matchMedia('(prefers-color-scheme: dark)');

function apply(choice: Choice): void {
    const isDark = choice === 'auto' ? systemIsDark.matches : choice === 'dark';
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
}

function store(choice: Choice): void {
    try {
        localStorage.setItem(KEY, choice);
    } catch {
        // Then it holds until the page is closed.
    }
}

// The switch; `changed` is called whenever colours are other ones than before.
export function themeSwitch(changed: () => void): HTMLElement {
    const select = h('select', { id: 'theme' });
    for (const choice of CHOICES) {
        select.append(h('option', { value: choice }, choice));
    }
    select.value = stored();
    const use = () => {
        apply(select.value as Choice);
        changed();
    };
    select.addEventListener('change', () => {
        store(select.value as Choice);
        use();
    });
    systemIsDark.addEventListener('change', use);
    matchMedia('print').addEventListener('change', changed);
    apply(select.value as Choice);
    return h('label', { class: 'theme' }, 'Colours ', select);
}

const TILE = 8;

// One tile of a pattern: the state's colour with marks in `ink`.
function drawTile(c: CanvasRenderingContext2D, kind: string, colour: string, ink: string): void {
    c.fillStyle = colour;
    c.fillRect(0, 0, TILE, TILE);
    c.strokeStyle = c.fillStyle = ink;
    c.lineWidth = 1.4;
    c.beginPath();
    if (kind === 'diagonal' || kind === 'cross') {
        for (const x of [-TILE, 0, TILE]) {
            c.moveTo(x, TILE);
            c.lineTo(x + TILE, 0);
        }
    }
    if (kind === 'cross') {
        for (const x of [-TILE, 0, TILE]) {
            c.moveTo(x, 0);
            c.lineTo(x + TILE, TILE);
        }
    }
    if (kind === 'dots') {
        for (const [x, y] of [
            [2, 2],
            [6, 6],
        ]) {
            c.moveTo(x, y);
            c.arc(x, y, 1.2, 0, 7);
        }
        c.fill();
        c.beginPath();
    }
    if (kind === 'weave') {
        c.moveTo(0, 2);
        c.lineTo(TILE, 2);
        c.moveTo(0, 6);
        c.lineTo(TILE, 6);
    }
    if (kind === 'line') {
        c.moveTo(0, TILE / 2);
        c.lineTo(TILE, TILE / 2);
    }
    if (kind === 'thin') {
        c.moveTo(2, 1);
        c.lineTo(2, 3);
        c.moveTo(6, 5);
        c.lineTo(6, 7);
    }
    if (kind === 'bars') {
        c.moveTo(2, 0);
        c.lineTo(2, TILE);
        c.moveTo(6, 0);
        c.lineTo(6, TILE);
    }
    c.stroke();
}

function tile(kind: string, colour: string, ink: string, scale: number): HTMLCanvasElement {
    const canvas = h('canvas', { width: TILE * scale, height: TILE * scale });
    const context = canvas.getContext('2d')!;
    context.scale(scale, scale);
    drawTile(context, kind, colour, ink);
    return canvas;
}

// "#rrggbb" as a pixel of an ImageData, on a machine of either byte order.
function packed(colours: string[]): Uint32Array {
    const bytes = new Uint8ClampedArray(colours.length * 4);
    colours.forEach((colour, i) => {
        const parts = /^#(..)(..)(..)$/.exec(colour)?.slice(1) ?? ['80', '80', '80'];
        bytes.set([...parts.map((part) => parseInt(part, 16)), 255], i * 4);
    });
    return new Uint32Array(bytes.buffer);
}

// The colours that the style sheet gives now. `scale` is the canvas's pixels per CSS pixel.
export function palette(context: CanvasRenderingContext2D, scale: number): Palette {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string) => style.getPropertyValue(`--${name}`).trim();
    const states = STATES.map((state) => colour(state.id));
    const patterns = STATES.map((state, s) => {
        if (state.pattern === 'solid') {
            return states[s];
        }
        const pattern = context.createPattern(
            tile(state.pattern, states[s], colour(`${state.id}-ink`), scale),
            'repeat',
        );
        pattern?.setTransform(new DOMMatrix().scale(1 / scale));
        return pattern ?? states[s];
    });
    return {
        text: colour('text'),
        faint: colour('faint'),
        grid: colour('grid'),
        back: colour('back'),
        band: colour('band'),
        accent: colour('accent'),
        states,
        patterns,
        packed: packed(states),
    };
}

// A state as a small picture for legends and tables, in the colours of the moment.
export function swatch(s: number): HTMLElement {
    return h(
        'span',
        { class: `swatch ${STATES[s].pattern} state-${STATES[s].id}`, 'aria-hidden': 'true' },
        STATES[s].character,
    );
}
