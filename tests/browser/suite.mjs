// suite.mjs - the page of mini --report, looked at by a browser.
//
// tests/browser/run starts it: node suite.mjs MINI [part of a test's name]. Prints a line for each test and "N passed, N failed".

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Harness, ROOT, colour, column, drawn, keys, pixels, range, texts } from './harness.mjs';
import { calls, hostile, large, processes, turns } from './made_up.mjs';
import { addTests as addSpeedscopeTests } from './speedscope.mjs';

const tests = [];
const test = (name, run) => tests.push({ name, run });

test('the verdict comes first, in words', (h) =>
    h.look(h.report(turns().text()), async (page) => {
        assert.equal(await page.title(), 'made_up.mini – mini report');
        assert.equal((await texts(page.locator('h2')))[0], 'What happened');
        assert.deepEqual(await texts(page.locator('.kind')), ['Serialized']);
        assert.match(await page.locator('.words').textContent(), /^2 threads wanted the CPU/);
    }));

test('the lanes are the threads, and say what they did', (h) =>
    h.look(h.report(turns().text()), async (page) => {
        assert.match(
            await page.locator('canvas.lanes').getAttribute('aria-label'),
            /3 threads: MainThread, worker-1, worker-2/,
        );
        const heard = [];
        for (let i = 0; i < 3; i++) {
            await keys(page, 'ArrowDown');
            heard.push(await page.locator('.panel .headline').innerText());
        }
        assert.match(heard[0], /MainThread (runs|waits)/);
        assert.match(heard[1], /worker-1 runs, 5\.00 ms/);
        assert.match(heard[2], /worker-2 waits for the GIL, 5\.01 ms/);
    }));

test('under a GIL one lane is green at a time, without it two', async (h) => {
    const greens = async (page) => {
        const run = await colour(page, 'run');
        const counts = [];
        for (let x = 200; x < 1200; x += 97) {
            counts.push((await column(page, x)).filter((c) => c === run).length);
        }
        return counts;
    };
    let one;
    await h.look(h.report(turns({ jitter: false }).text()), async (page) => {
        one = await greens(page);
    });
    await h.look(h.report(turns({ mode: 'no-gil' }).text()), async (page) => {
        const two = await greens(page);
        one.forEach((n, i) => assert.ok(n > 8 && two[i] >= 1.6 * n, `${one} and ${two}`));
        assert.ok(!(await column(page, 400)).includes(await colour(page, 'gil')));
    });
});

test('wheel, drag, buttons and keys move the window', (h) =>
    h.look(h.report(turns().text()), async (page) => {
        const box = await page.locator('canvas.lanes').boundingBox();
        const width = async () => (([from, to]) => to - from)(await range(page));
        const whole = await width();
        await page.mouse.move(box.x + 700, box.y + 60);
        await page.mouse.wheel(0, -300);
        await drawn(page);
        const [from, to] = await range(page);
        assert.ok(to - from < whole * 0.7 && from > 0 && to < whole, `${from} ${to} of ${whole}`);
        await page.mouse.down();
        await page.mouse.move(box.x + 400, box.y + 60, { steps: 4 });
        await page.mouse.up();
        await drawn(page);
        const [later] = await range(page);
        assert.ok(later > from + (to - from) * 0.1, `dragged from ${from} to ${later}`);
        await page.getByRole('button', { name: 'zoom in' }).click();
        assert.ok((await width()) < (to - from) * 0.7);
        await page.getByRole('button', { name: 'Whole run', exact: true }).click();
        assert.equal(await width(), whole);
        await keys(page, '+', '+');
        const zoomed = await width();
        assert.ok(zoomed < whole / 2);
        await keys(page, 'd');
        assert.ok((await range(page))[0] > (whole - zoomed) / 2);
        await keys(page, '0');
        assert.equal(await width(), whole);
        await page.mouse.move(box.x + 40, box.y + 60);
        await page.mouse.wheel(0, -300); // over the names the page scrolls, as everywhere
        await drawn(page);
        assert.equal(await width(), whole);
    }));

test('two fingers zoom', (h) =>
    h.look(h.report(turns().text()), async (page) => {
        const box = await page.locator('canvas.lanes').boundingBox();
        const session = await page.context().newCDPSession(page);
        const touch = (type, ...xs) =>
            session.send('Input.dispatchTouchEvent', {
                type,
                touchPoints: xs.map((x, id) => ({ x: box.x + x, y: box.y + 60, id })),
            });
        await touch('touchStart', 600, 700);
        for (let i = 1; i <= 8; i++) {
            await touch('touchMove', 600 - 20 * i, 700 + 20 * i);
        }
        await touch('touchEnd');
        await drawn(page);
        const [from, to] = await range(page);
        assert.ok(to - from < 120 && from > 0, `${from} to ${to}`);
    }));

test('hovering tells cause, place and source line', (h) =>
    h.look(h.report(turns({ jitter: false }).text()), async (page) => {
        await keys(page, 'ArrowDown', 'ArrowDown', 'Enter'); // now worker-1's first run is in the middle
        const box = await page.locator('canvas.lanes').boundingBox();
        await page.mouse.move(box.x + 700, box.y + 24 + 36 + 16);
        const tip = page.getByRole('tooltip');
        await tip.waitFor();
        const text = await tip.innerText();
        for (const part of [
            'worker-1 runs, 5.00 ms',
            'interval, asked by worker-2',
            'made_up.mini:6',
            'total += n',
        ]) {
            assert.ok(text.includes(part), text);
        }
    }));

test('where many share a pixel, the shares are told', (h) =>
    h.look(h.report(turns({ rounds: 20000 }).text()), async (page) => {
        const box = await page.locator('canvas.lanes').boundingBox();
        await page.mouse.move(box.x + 700, box.y + 24 + 36 + 16);
        const text = await page.getByRole('tooltip').innerText();
        assert.match(text, /\d+ stretches in/);
        assert.match(text, /running 4\d|running 5\d/);
        assert.match(text, /waiting for the GIL/);
    }));

test('arrows show who handed the GIL to whom, when there is room', async (h) => {
    const arrows = async (page) => {
        // dark columns in the gap between the lanes of the two workers
        const dark = (await pixels(page, 160, 24 + 2 * 36 - 3, 1100, 1)).filter(
            (c) => parseInt(c.slice(1, 3), 16) < 140,
        );
        return dark.length;
    };
    await h.look(h.report(turns({ rounds: 12 }).text()), async (page) => {
        const n = await arrows(page);
        assert.ok(n >= 12 && n < 300, `${n} columns`);
    });
    await h.look(h.report(turns({ rounds: 4000 }).text()), async (page) => {
        assert.equal(await arrows(page), 0);
        await keys(page, ...Array(15).fill('+'));
        assert.ok((await arrows(page)) > 0);
    });
});

test('calls have lanes of their own, one for each depth', (h) =>
    h.look(h.report(calls().text()), async (page) => {
        const box = await page.locator('canvas.lanes').boundingBox();
        const left = 160; // of the lanes; the whole run is shown
        const at = async (ms, depth) => {
            await page.mouse.move(
                box.x + left + ((box.width - left) * ms) / 10,
                box.y + 24 + 36 + 12 * depth + 6,
            );
            await drawn(page);
            const tip = page.getByRole('tooltip');
            return (await tip.isVisible()) ? tip.innerText() : '';
        };
        assert.match(await at(3, 0), /^<module>, 10\.0 ms\s+made_up\.mini:1/);
        assert.match(await at(3.2, 1), /^work\(\), 4\.00 ms\s+made_up\.mini:3/);
        assert.match(await at(8, 1), /^work\(\), 4\.00 ms/);
        assert.match(await at(2.6, 2), /^inner\(\), 1\.00 ms\s+made_up\.mini:5/);
        assert.equal(await at(8, 2), '');
        assert.equal(await at(5.6, 1), '');
        assert.deepEqual(await texts(page.locator('.threads tbody th')), ['MainThread']);
    }));

test('work in a library is a state of its own', (h) =>
    h.look(h.report(calls().text()), async (page) => {
        const green = await colour(page, 'run');
        const yellow = await colour(page, 'compute');
        assert.ok((await column(page, 400)).includes(green));
        assert.ok((await column(page, 1200)).includes(yellow));
        assert.match(await page.locator('.legend').innerText(), /computing without the GIL/);
        const heads = await texts(page.locator('.threads thead th'));
        assert.ok(heads.some((head) => head.includes('computing without the GIL')), heads);
    }));

test('keys walk, zoom and follow the GIL', (h) =>
    h.look(h.report(turns().text()), async (page) => {
        const headline = () => page.locator('.panel .headline').innerText();
        await keys(page, 'ArrowDown', 'ArrowDown', 'ArrowRight', 'ArrowRight');
        const third = await headline();
        assert.match(third, /worker-1 waits for the GIL, 5\.\d+ ms/);
        await keys(page, 'ArrowRight');
        assert.match(await headline(), /worker-1 runs/);
        await keys(page, 'Enter');
        const [from, to] = await range(page);
        assert.ok(to - from < 12, `${from} to ${to}`);
        await keys(page, 'g');
        assert.match(await headline(), /worker-2 runs/);
        await keys(page, 'Escape');
        assert.match(await page.locator('.panel').innerText(), /Point at a stretch/);
    }));

test('the search finds threads, functions, lines and text of lines', (h) =>
    h.look(h.report(turns().text()), async (page) => {
        const search = page.getByLabel('Search');
        const found = page.locator('.found');
        const say = async (query, pattern) => {
            await search.fill(query);
            await page.waitForFunction(
                (q) => document.querySelector('.found').textContent.startsWith(`“${q}”`),
                query,
            );
            assert.match(await found.textContent(), pattern);
        };
        await say('worker-2', /in 2 threads/); // its own, and those of who waited for it
        assert.ok(
            (await texts(page.locator('#matches button'))).some((text) =>
                /^thread\s*worker-2/.test(text),
            ),
        );
        await page.locator('#matches button').first().click();
        assert.match(await found.textContent(), /stretches in 1 thread$/);
        await say('work', /stretches in 3 threads/);
        await say('total += n', /stretches in 2 threads/);
        await say('t.join()', /1 stretch in 1 thread/);
        await search.press('Enter');
        assert.match(
            await page.locator('.panel .headline').innerText(),
            /MainThread waits for a thread/,
        );
        await say('no such thing', /nothing matches/);
        await search.press('Escape');
        assert.equal(await found.textContent(), '');
    }));

test('a filter dims all that does not match', (h) =>
    h.look(h.report(turns({ mode: 'no-gil' }).text()), async (page) => {
        const run = await colour(page, 'run');
        const green = async () => (await column(page, 300)).filter((c) => c === run).length;
        const before = await green();
        await page.getByLabel('Search').fill('worker-1');
        await page.locator('.found', { hasText: 'worker-1' }).waitFor();
        await drawn(page);
        const after = await green();
        assert.ok(after > 0 && after < before * 0.7, `${before} then ${after}`);
    }));

test('the source has heat by line, and a click filters', (h) =>
    h.look(h.report(turns().text()), async (page) => {
        const rows = page.locator('.source tbody tr');
        assert.equal(await rows.count(), 14);
        const run = (line) =>
            rows
                .nth(line - 1)
                .locator('.heat.run')
                .innerText();
        assert.match(await run(6), /ms/);
        assert.match(await run(7), /ms/);
        assert.equal(await run(3), '');
        await page.getByRole('button', { name: 'line 6: show only what happened here' }).click();
        assert.match(
            await page.locator('.found').textContent(),
            /line made_up\.mini:6: \d+ stretches in 2 threads/,
        );
        assert.ok(await rows.nth(5).evaluate((row) => row.classList.contains('chosen')));
    }));

test('the table of threads adds up, sorts, and follows the window', (h) =>
    h.look(h.report(turns({ jitter: false }).text()), async (page) => {
        const cells = async (row) =>
            texts(page.locator('.threads tbody tr').nth(row).locator('th, td'));
        const heads = (await texts(page.locator('.threads thead th'))).map((head) =>
            head.replace(/^\W+/, ''),
        );
        const column = (name) => heads.findIndex((head) => head.startsWith(name));
        const worker = await cells(1);
        assert.equal(worker[0], 'worker-1');
        assert.equal(worker[column('running')], '100 ms');
        assert.equal(worker[column('waiting for the GIL')], '100 ms');
        assert.equal(worker[column('forced')], '20');
        await page.getByRole('button', { name: 'running', exact: true }).click();
        assert.equal((await cells(2))[0], 'MainThread');
        await page.getByRole('button', { name: 'visible part' }).click();
        await keys(page, '+', '+', '+');
        assert.notEqual((await cells(0))[column('running')], '100 ms');
    }));

test('occupancy and latency are told in words, too', (h) =>
    h.look(h.report(turns().text()), async (page) => {
        assert.match(
            await page.locator('#occupancy figcaption').textContent(),
            /GIL was held 9\d\.\d%.*1\.00 more threads wanted it/,
        );
        const captions = await texts(page.locator('#latency figcaption'));
        assert.match(captions[0], /hand-overs: 40 times, median 8\.00 µs/);
        assert.match(captions[1], /waits for the GIL: 80 times/);
        assert.equal(await page.locator('#latency svg[role=img]').count(), 2);
    }));

test('the timeline as a table', (h) =>
    h.look(h.report(turns().text()), async (page) => {
        await page.getByText('The timeline as a table').click();
        assert.equal(await page.locator('#stretches tbody tr').count(), 122);
        assert.match(
            await page.locator('#stretches tbody tr').nth(1).innerText(),
            /worker-1\s+runs|MainThread\s+waits/,
        );
        await keys(page, 'ArrowDown', 'ArrowDown', 'Enter');
        await page.waitForFunction(
            () => document.querySelectorAll('#stretches tbody tr').length < 20,
        );
    }));

test('several traces on one scale, compared', async (h) => {
    const path = h.report(turns().text(), turns({ mode: 'no-gil' }).text(), processes().text());
    await h.look(path, async (page) => {
        assert.deepEqual(await texts(page.locator('.verdict h3')), [
            'with the GIL',
            'without the GIL',
            '3 processes',
        ]);
        assert.deepEqual(await texts(page.locator('.compare thead th')), [
            'with the GIL',
            'without the GIL',
            '3 processes',
        ]);
        const speed = await texts(page.locator('.compare tbody tr').nth(1).locator('td'));
        assert.deepEqual(speed, ['1.00 ×', '2.01 ×', '1.97 ×']);
        const run = await colour(page, 'run');
        const early = (await column(page, 300)).filter((c) => c === run).length;
        const late = (await column(page, 1200)).filter((c) => c === run).length;
        assert.ok(early > 3 * late && late > 0, `${early} and ${late}`);
        await page
            .getByRole('group', { name: 'which run' })
            .getByRole('button', { name: 'without the GIL' })
            .click();
        assert.equal(
            await page.locator('.source tbody tr').nth(4).locator('.heat.wait').innerText(),
            '',
        );
    });
});

test('dark and light: the system decides, the switch overrides', (h) =>
    h.look(h.report(turns().text()), async (page) => {
        const back = async () => [
            await page.evaluate(() => getComputedStyle(document.body).backgroundColor),
            (await pixels(page, 4, -2, 1, 1))[0],
        ];
        const light = await back();
        await page.emulateMedia({ colorScheme: 'dark' });
        await drawn(page);
        const dark = await back();
        assert.notDeepEqual(dark, light);
        assert.equal(dark[1], await colour(page, 'back'));
        await page.getByLabel('Colours').selectOption('light');
        await drawn(page);
        assert.deepEqual(await back(), light);
        await page.reload();
        await page.waitForSelector('html[data-state=ready]');
        assert.deepEqual(await back(), light);
        await page.getByLabel('Colours').selectOption('auto');
        await drawn(page);
        assert.deepEqual(await back(), dark);
    }));

test('on paper: light, without tools', (h) =>
    h.look(h.report(turns().text()), async (page) => {
        await page.emulateMedia({ colorScheme: 'dark', media: 'print' });
        await drawn(page);
        assert.equal((await pixels(page, 4, -2, 1, 1))[0], '#ffffff');
        assert.equal(await page.locator('.zooms').isVisible(), false);
        assert.equal(await page.locator('.verdict').isVisible(), true);
        const pdf = await page.pdf({ format: 'A4' });
        assert.ok(
            pdf.length > 20000 && pdf.subarray(0, 5).toString() === '%PDF-',
            `${pdf.length} bytes`,
        );
    }));

test('hostile names are text', (h) =>
    h.look(h.report(hostile().text(), hostile().text()), async (page) => {
        await keys(page, 'ArrowDown', 'ArrowRight', 'ArrowLeft');
        const name = '<img src=x onerror="window.hacked=2">';
        assert.ok((await page.locator('.panel').innerText()).includes(name));
        await page.getByLabel('Search').fill('<img');
        await page.locator('#matches button').first().click();
        await page.getByText('The timeline as a table').click();
        const box = await page.locator('canvas.lanes').boundingBox();
        await page.mouse.move(box.x + 300, box.y + 80);
        await drawn(page);
        assert.equal(await page.evaluate(() => window.hacked), undefined);
        assert.equal(await page.locator('img, iframe, script.trace').count(), 0);
        assert.equal(await page.locator('script').count(), 1);
        assert.ok((await page.locator('.source').first().innerText()).includes(name));
        assert.ok((await page.locator('.kind').first().innerText()).includes(name));
    }));

test('nothing to unpack with: a message', (h) =>
    h.look(
        h.report(turns().text()),
        async (page) => {
            assert.match(await page.locator('#loading').innerText(), /lacks DecompressionStream/);
        },
        {
            prepare: (page) =>
                page.addInitScript(() => {
                    delete window.DecompressionStream;
                }),
            errors: ['none'],
        },
    ));

test('a page that was cut short says so', (h) => {
    const whole = readFileSync(h.report(turns().text()), 'utf8');
    const cut = h.file('cut.html', whole.replace(/(class="trace">.{400})[^<]*/, '$1'));
    return h.look(
        cut,
        async (page) => {
            await page.waitForSelector('html[data-state=failed]');
            assert.match(await page.locator('#loading').innerText(), /cannot be read/);
        },
        { errors: ['Error'] },
    );
});

test('a trace with nothing in it', (h) => {
    const text = JSON.stringify({
        otherData: { format: 1, script: 'x.mini', lost_events: 3 },
        traceEvents: [],
    });
    return h.look(h.report(text), async (page) => {
        assert.match(await page.locator('.lost').innerText(), /3 events found no room/);
        await keys(page, 'ArrowDown', 'ArrowRight', '+', 'Enter', 'g');
    });
});

test('everything has a name, and fits a narrow window', (h) =>
    h.look(h.report(turns().text(), processes().text()), async (page) => {
        const nameless = await page.evaluate(() =>
            [
                ...document.querySelectorAll(
                    'button, input, select, canvas:not([aria-hidden]), [role=region], [role=img]',
                ),
            ]
                .filter(
                    (e) =>
                        !(e.getAttribute('aria-label') || e.textContent.trim() || e.labels?.length),
                )
                .map((e) => e.outerHTML),
        );
        assert.deepEqual(nameless, []);
        const ids = await page.evaluate(() =>
            [...document.querySelectorAll('[id]')].map((e) => e.id),
        );
        assert.equal(new Set(ids).size, ids.length);
        await page.keyboard.press('Tab');
        for (const width of [1400, 800, 360]) {
            await page.setViewportSize({ width, height: 800 });
            await drawn(page);
            const over = await page.evaluate(
                () => document.documentElement.scrollWidth - innerWidth,
            );
            assert.ok(over <= 0, `${over} px too wide at ${width}`);
        }
        await page.locator('canvas.lanes').focus();
        assert.match(
            await page.locator('canvas.lanes').evaluate((e) => getComputedStyle(e).outlineStyle),
            /solid|auto/,
        );
    }));

// ---- Real runs ----

const EXAMPLES = join(ROOT, 'scripts/examples');
const names = (page) => texts(page.locator('.threads tbody th'));
const conditions = (page) => page.locator('.conditions').textContent();

// What the page says of each thread must be what the trace says: states that add up to its life.
function addsUp(text) {
    for (const thread of JSON.parse(text).otherData.threads) {
        const sum = Object.values(thread.states_us).reduce((a, b) => a + b, 0);
        assert.ok(Math.abs(sum - (thread.end_us - thread.begin_us)) < 0.01, JSON.stringify(thread));
    }
}

test('a real run: threads that compute, with the GIL and without it', async (h) => {
    const script = join(EXAMPLES, 'cpu_bound_threading.mini');
    await h.look(h.record(script, [], ['20000']), async (page) => {
        assert.deepEqual(await names(page), ['MainThread', 'Thread-1 (into)', 'Thread-2 (into)']);
        assert.match(
            await conditions(page),
            /3 threads · 1 process · .* · GIL, switch interval 5\.00 ms/,
        );
        assert.match(await page.locator('#occupancy figcaption').textContent(), /the GIL was held/);
        assert.ok((await page.locator('.source .heat.run:not(:empty)').count()) > 1);
        assert.ok((await page.locator('.kind').count()) >= 1);
    });
    await h.look(h.record(script, ['--no-gil'], ['20000']), async (page) => {
        assert.match(await conditions(page), /no GIL/);
        assert.match(
            await page.locator('#occupancy figcaption').textContent(),
            /threads ran on average/,
        );
    });
});

test('a real run: calls are shown', (h) =>
    h.look(h.record(join(EXAMPLES, 'cpu_bound_threading.mini'), ['--trace-calls'], ['2000']), async (page) => {
        assert.deepEqual(await names(page), ['MainThread', 'Thread-1 (into)', 'Thread-2 (into)']);
        const box = await page.locator('canvas.lanes').boundingBox();
        await page.mouse.move(box.x + 700, box.y + 24 + 36 + 6);
        await page.getByRole('tooltip').waitFor();
        assert.match(await page.getByRole('tooltip').innerText(), /^<module>, /);
    }));

test('a real run: processes are groups of lanes', (h) =>
    h.look(
        h.record(join(EXAMPLES, 'cpu_bound_multiprocessing.mini'), [], ['20000']),
        async (page) => {
            assert.match(await conditions(page), /3 processes/);
            assert.deepEqual(await names(page), ['MainThread', 'MainThread', 'MainThread']);
            const groups = await texts(page.locator('.threads .group'));
            assert.match(groups[0], /^cpu_bound_multiprocessing\.mini \(pid \d+\)$/);
            assert.match(groups[2], /^child of \d+ \(pid \d+\)$/);
            assert.equal(await page.locator('#occupancy figure').count(), 3);
        },
    ));

test('a real run: waiting for a lock is found by its name', (h) =>
    h.look(h.record(join(EXAMPLES, 'shared_memory_gil_limitations.mini')), async (page) => {
        assert.match(await page.locator('.legend').innerText(), /waiting for a lock/);
        await page.getByLabel('Search').fill("Lock 'lock'");
        await page.locator('#matches button', { hasText: "lock Lock 'lock'" }).click();
        await page.getByRole('button', { name: 'next match' }).click();
        assert.match(await page.locator('.panel').innerText(), /waits for a lock[^]*with lock/);
    }));

test('real traces, recorded apart, on one page', async (h) => {
    const script = join(EXAMPLES, 'io_bound_threading.mini');
    const traces = [h.trace(script), h.trace(script, ['--no-gil'])];
    traces.forEach(addsUp);
    await h.look(h.report(...traces), async (page) => {
        assert.deepEqual(await texts(page.locator('.compare thead th')), [
            'with the GIL',
            'without the GIL',
        ]);
        assert.match(await page.locator('.legend').innerText(), /sleeping/);
        assert.match(await page.locator('.legend').innerText(), /input, output/);
        assert.equal((await names(page)).length % 2, 0);
    });
});

test('a million spans stay smooth', (h) =>
    h.look(h.report(large(1000000)), async (page) => {
        // Frames in turns, so that what else the machine does slows both: an empty canvas of the same
        // size that is cleared at each frame, and the timeline that is moved at each frame.
        const measure = async () => {
            const lanes = document.querySelector('canvas.lanes');
            const blank = document.createElement('canvas');
            blank.width = lanes.width;
            blank.height = lanes.height;
            document.body.prepend(blank);
            const context = blank.getContext('2d');
            const press = (key) => lanes.dispatchEvent(new KeyboardEvent('keydown', { key }));
            const frames = async (act) => {
                let n = 0;
                for (const end = performance.now() + 500; performance.now() < end; n++) {
                    await new Promise(requestAnimationFrame);
                    act(n);
                }
                return n;
            };
            let empty = 0;
            let moved = 0;
            press('+');
            for (let i = 0; i < 4; i++) {
                empty += await frames((n) => {
                    context.fillStyle = n % 2 ? '#fff' : '#eee';
                    context.fillRect(0, 0, blank.width, blank.height);
                });
                moved += await frames((n) =>
                    press(i % 2 ? (n % 24 < 12 ? '+' : '-') : n % 2 ? 'a' : 'd'),
                );
            }
            blank.remove();
            return { empty, moved };
        };
        // A machine that is busy may give one turn less than another; not every time.
        for (let i = 0; i < 8; i++) {
            const { empty, moved } = await page.evaluate(measure);
            console.log(`     ${moved} frames, ${empty} of an empty canvas`);
            if (moved > empty / 3) {
                return;
            }
        }
        assert.fail('fewer than a third of the frames of an empty canvas');
    }));

if (process.env.PAGE_CHECK) {
    test('the checked-in page is what its source builds', () => {
        const check = spawnSync('npm', ['run', '--silent', 'check'], {
            cwd: join(ROOT, 'interp/trace/page'),
            encoding: 'utf8',
        });
        assert.equal(check.status, 0, check.stdout + check.stderr);
    });
}

addSpeedscopeTests(test);

async function main() {
    const [mini, part = ''] = process.argv.slice(2);
    const harness = new Harness(mini);
    let passed = 0;
    let failed = 0;
    try {
        await harness.open();
        for (const { name, run } of tests.filter((one) => one.name.includes(part))) {
            const start = Date.now();
            try {
                await run(harness);
                passed++;
                console.log(`ok   ${name} (${((Date.now() - start) / 1000).toFixed(1)} s)`);
            } catch (error) {
                failed++;
                console.log(`FAIL ${name}\n${error.stack ?? error}`.replace(/\n/g, '\n     '));
            }
        }
    } catch (error) {
        failed++;
        console.log(`FAIL Chromium does not start: ${error.message}`);
    } finally {
        await harness.close();
    }
    console.log(`${passed} passed, ${failed} failed`);
    process.exitCode = failed > 0 ? 1 : 0;
}

await main();
