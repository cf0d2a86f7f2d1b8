// speedscope.mjs - whether speedscope, a viewer of many kinds of profiles, reads what --trace writes.
//
// Its importer has no door of its own: the viewer loads a profile from a file that its address names,
// and shows how many tracks it found and, in the sandwich view, their frames with their times.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ROOT } from './harness.mjs';

const VIEWER = join(dirname(createRequire(import.meta.url).resolve('speedscope/package.json')), 'dist/release/index.html');

// What speedscope says about the file at `path`: its title line, and the rows of the sandwich view.
async function load(h, path) {
    const script = h.file(`load-${++h.n}.js`, `speedscope.loadFileFromBase64(${JSON.stringify(basename(path))}, `
                                              + `${JSON.stringify(readFileSync(path, 'base64'))})`);
    const page = await h.context.newPage();
    const complaints = [];
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('dialog', (dialog) => { complaints.push(dialog.message()); dialog.dismiss(); });
    page.on('console', (message) => {
        if (['error', 'warning'].includes(message.type()) && !message.text().includes('GL Driver Message')) {
            complaints.push(message.text());
        }
    });
    try {
        await page.goto(`${pathToFileURL(VIEWER).href}#localProfilePath=${script}`);
        await page.getByText('Export').waitFor();           // it is offered when a profile is there
        const title = (await page.evaluate(() => document.body.innerText)).split('\n')[1];
        await page.keyboard.press('3');
        await page.getByText('Symbol Name').waitFor();
        const text = await page.evaluate(() => document.body.innerText);
        assert.deepEqual(complaints, []);
        return { title, frames: text.slice(text.indexOf('Symbol Name')) };
    } finally {
        await page.close();
    }
}

function record(h, name, script, flags = [], args = []) {
    const path = join(h.folder, `${++h.n}-${name}`);
    const ran = spawnSync(h.mini, ['--trace', path, ...flags, join(ROOT, script), ...args], { encoding: 'utf8', timeout: 60000 });
    assert.equal(ran.status, 0, `${script}: ${ran.stderr}`);
    return path;
}

// Tracks on which something lies: what a viewer has to show.
function tracksOf(path) {
    const events = JSON.parse(readFileSync(path, 'utf8')).traceEvents;
    return new Set(events.filter((e) => e.ph === 'X').map((e) => `${e.pid}:${e.tid}`)).size;
}

// Arguments that make a script short.
const SMALL = {
    'gil_experiment.mini': ['2', '0.02'],
    'cpu_bound_threading.mini': ['3000'],
    'cpu_bound_multiprocessing.mini': ['2000'],
    'convoy.mini': ['5'],
};

function allScripts() {
    const found = readdirSync(join(ROOT, 'scripts'), { recursive: true }).filter((name) => name.endsWith('.mini'));
    assert(found.length > 8, found);
    return found.sort().map((name) => join('scripts', name));
}

export function addTests(test) {
    for (const script of allScripts()) {
        for (const flag of ['-Xgil=1', '--no-gil']) {
            test(`speedscope shows all tracks of ${flag} ${basename(script)}`, async (h) => {
                const path = record(h, 'trace.json', script, [flag], SMALL[basename(script)] ?? []);
                const { title, frames } = await load(h, path);
                assert.match(title, new RegExp(`\\(1/${tracksOf(path)}\\)$`));
                assert.match(frames, /\brun\b/);
            });
        }
    }
    test('speedscope reads folded stacks', async (h) => {
        const path = record(h, 'trace.folded', 'scripts/examples/io_bound_threading.mini');
        const { title, frames } = await load(h, path);
        assert.equal(title, basename(path));
        assert.match(frames, /request\S*answer \(.*io_bound_threading\.mini:26\)/);
    });
}
