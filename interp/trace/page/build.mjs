// Puts the page together: src/page.html with style.css and the bundled main.ts inside.
//
//   node build.mjs FILE            writes FILE
//   node build.mjs --check FILE    exit status 1 when FILE is not what the source builds
//
// The result holds the line <!-- traces -->: report.c writes the traces in its place.

import { readFile, writeFile } from 'node:fs/promises';
import { build } from 'esbuild';

const LIMIT_BYTES = 400 * 1024;
const HERE = new URL('.', import.meta.url);

async function bundle(entry) {
    const result = await build({
        entryPoints: [new URL(entry, HERE).pathname],
        bundle: true,
        minify: true,
        write: false,
        format: 'iife',
        target: ['es2023'],
        charset: 'ascii',
        legalComments: 'none',
        logLevel: 'warning',
    });
    return result.outputFiles[0].text.trim();
}

// Text inside <script> and <style> ends at the first "</": no bundle may contain its own end.
function embedded(text, tag) {
    if (text.includes('</' + tag)) {
        throw new Error(`the bundle contains </${tag}`);
    }
    return text;
}

async function page() {
    const template = await readFile(new URL('src/page.html', HERE), 'utf8');
    const parts = {
        '<!-- style -->': `<style>${embedded(await bundle('src/style.css'), 'style')}</style>`,
        '<!-- script -->': `<script>${embedded(await bundle('src/main.ts'), 'script')}</script>`,
    };
    let text = template;
    for (const [mark, part] of Object.entries(parts)) {
        if (text.split(mark).length !== 2) {
            throw new Error(`src/page.html must hold ${mark} once`);
        }
        text = text.replace(mark, () => part);
    }
    if (text.split('<!-- traces -->').length !== 2) {
        throw new Error('the page must hold <!-- traces --> once');
    }
    if (Buffer.byteLength(text) > LIMIT_BYTES) {
        throw new Error(
            `the page has ${Buffer.byteLength(text)} bytes, the limit is ${LIMIT_BYTES}`,
        );
    }
    return text;
}

const isCheck = process.argv[2] === '--check';
const file = process.argv[isCheck ? 3 : 2];
const built = await page();
if (!isCheck) {
    await writeFile(file, built);
    console.log(`${file}: ${Buffer.byteLength(built)} bytes`);
} else if ((await readFile(file, 'utf8')) !== built) {
    console.error(
        `${file} is not what its source builds: run "npm run build" in interp/trace/page`,
    );
    process.exit(1);
}
