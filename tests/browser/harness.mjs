// harness.mjs - reports made by the binary, opened in Chromium; a page that logs an error or asks
// for anything but its own file fails its test.

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';

export const ROOT = new URL('../../', import.meta.url).pathname;

const FLAGS = [
    '--headless',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
];
export class Harness {
    constructor(mini) {
        this.mini = mini;
        this.folder = mkdtempSync(join(tmpdir(), 'mini-browser-'));
        this.n = 0;
    }

    async open() {
        const asRoot = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
        this.context = await chromium.launchPersistentContext(join(this.folder, 'profile'), {
            executablePath: process.env.CHROMIUM,
            headless: true,
            args: [...FLAGS, ...asRoot],
            viewport: { width: 1400, height: 900 },
            hasTouch: true,
        });
        this.context.setDefaultTimeout(20000);
    }

    async close() {
        await this.context?.close();
        rmSync(this.folder, { recursive: true, force: true });
    }

    file(name, text) {
        const path = join(this.folder, name);
        writeFileSync(path, text);
        return path;
    }

    // A page of these traces (texts), made by `mini report`.
    report(...texts) {
        const traces = texts.map((text) => this.file(`${++this.n}.json`, text));
        const out = join(this.folder, `${++this.n}.html`);
        execFileSync(this.mini, ['report', ...traces, '-o', out], {
            stdio: ['ignore', 'inherit', 'inherit'],
        });
        return out;
    }

    // A page that mini wrote of a script's run.
    record(script, flags = [], args = []) {
        return this.run('--report', `${++this.n}.html`, script, flags, args);
    }

    // The text of a trace of a script's run.
    trace(script, flags = [], args = []) {
        return readFileSync(this.run('--trace', `${++this.n}.json`, script, flags, args), 'utf8');
    }

    run(option, name, script, flags, args) {
        const out = join(this.folder, name);
        const ran = spawnSync(this.mini, [option, out, ...flags, script, ...args], {
            encoding: 'utf8',
            timeout: 60000,
        });
        assert.equal(ran.status, 0, `${script}: ${ran.stderr}`);
        return out;
    }

    // Opens it, and gives the page to `look`. `prepare` is called before anything is loaded.
    async look(path, look, { prepare = () => {}, errors: expected = [] } = {}) {
        const page = await this.context.newPage();
        const errors = [];
        page.on('console', (message) => {
            if (['error', 'warning'].includes(message.type())) {
                errors.push(message.text());
            }
        });
        page.on('pageerror', (error) => errors.push(error.message));
        page.on('request', (request) => {
            if (!/^(file|data|about):/.test(request.url())) {
                errors.push(`asks for ${request.url()}`);
            }
        });
        try {
            await prepare(page);
            await page.goto(pathToFileURL(path).href);
            if (expected.length === 0) {
                await page.waitForSelector('html[data-state]', { timeout: 60000 });
            }
            await look(page);
            assert.deepEqual(
                errors.filter((error) => !expected.some((part) => error.includes(part))),
                [],
            );
        } finally {
            await page.close();
        }
    }
}

// ---- What tests ask of a page ----

// The colours of a part of the canvas with the lanes, row by row, left to right; a negative y counts
// from below.
export function pixels(page, x, y, width, height) {
    return page.evaluate(
        ([x, y, width, height]) => {
            const canvas = document.querySelector('canvas.lanes');
            const scale = canvas.width / canvas.clientWidth;
            const copy = new OffscreenCanvas(width, height).getContext('2d', {
                willReadFrequently: true,
            });
            const top = y < 0 ? canvas.clientHeight + y : y;
            copy.drawImage(
                canvas,
                x * scale,
                top * scale,
                width * scale,
                height * scale,
                0,
                0,
                width,
                height,
            );
            const { data } = copy.getImageData(0, 0, width, height);
            return Array.from(
                { length: width * height },
                (_, i) =>
                    '#' +
                    [0, 1, 2].map((k) => data[4 * i + k].toString(16).padStart(2, '0')).join(''),
            );
        },
        [x, y, width, height],
    );
}

// A column of the lanes, from top to bottom.
export async function column(page, x) {
    return pixels(
        page,
        x,
        0,
        1,
        await page.locator('canvas.lanes').evaluate((canvas) => canvas.clientHeight),
    );
}

export function colour(page, name) {
    return page.evaluate(
        (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim(),
        name,
    );
}

// Two frames later everything that was asked for is drawn.
export function drawn(page) {
    return page.evaluate(
        () => new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve))),
    );
}

export async function keys(page, ...names) {
    for (const name of names) {
        await page.locator('canvas.lanes').press(name);
    }
    await drawn(page);
}

// The window of time that is shown, in ms.
export async function range(page) {
    const text = await page.locator('.range').textContent();
    return text.split(' – ').map((part) => {
        const [value, unit] = part.split(' ');
        return Number(value) * { s: 1000, ms: 1, µs: 0.001 }[unit];
    });
}

export async function texts(locator) {
    return (await locator.allTextContents()).map((text) => text.trim());
}
