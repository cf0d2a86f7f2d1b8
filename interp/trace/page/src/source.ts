// source.ts - the programs, with the time that was run and waited at each line.

import { button, choice, h } from './dom.ts';
import { time } from './format.ts';
import { filterByPlace } from './filter.ts';
import { baseName, placeOf, type Lane, type Trace } from './model.ts';
import { byLine, type LineSums } from './sums.ts';
import type { View } from './view.ts';

const TOKEN =
    /("""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\])*"?|'(?:\\.|[^'\\])*'?)|(#.*)|\b(and|as|assert|async|await|break|class|continue|def|del|elif|else|except|finally|for|from|global|if|import|in|is|lambda|nonlocal|not|or|pass|raise|return|try|while|with|yield|True|False|None|match|case)\b/g;
const CLASSES = ['', 'string', 'comment', 'keyword'];

// The text as lines of coloured pieces. A string of three quotes may go over several lines.
function coloured(text: string): DocumentFragment[] {
    const lines = [document.createDocumentFragment()];
    const add = (piece: string, kind: number) => {
        piece.split('\n').forEach((part, i) => {
            if (i > 0) {
                lines.push(document.createDocumentFragment());
            }
            lines[lines.length - 1].append(
                kind > 0 && part !== '' ? h('span', { class: CLASSES[kind] }, part) : part,
            );
        });
    };
    let at = 0;
    for (const match of text.matchAll(TOKEN)) {
        add(text.slice(at, match.index), 0);
        add(match[0], match.slice(1).findIndex((group) => group !== undefined) + 1);
        at = match.index + match[0].length;
    }
    add(text.slice(at), 0);
    return lines;
}

function heat(kind: string, value: number, most: number): HTMLElement {
    const cell = h('td', { class: `heat ${kind}` }, value > 0 ? time(value) : '');
    cell.style.setProperty('--share', String(most > 0 ? value / most : 0));
    return cell;
}

function listing(
    file: string,
    lines: string[],
    sums: Map<number, LineSums>,
    view: View,
    lanes: Lane[],
): HTMLElement {
    const most = Math.max(
        1e-9,
        ...[...sums.values()].flatMap((sum) => [sum.run, sum.wait, sum.idle]),
    );
    const rows = coloured(lines.join('\n')).map((code, i) => {
        const number = i + 1;
        const sum = sums.get(number);
        const label =
            sum === undefined
                ? String(number)
                : button(
                      String(number),
                      () => {
                          const at = `${file}:${number}`;
                          view.setFilter(
                              view.filter?.label === `line ${at}`
                                  ? undefined
                                  : filterByPlace(at, lanes),
                          );
                      },
                      {
                          class: 'link',
                          title: 'show only what happened at this line',
                          'aria-label': `line ${number}: show only what happened here`,
                      },
                  );
        return h(
            'tr',
            { id: `source-${file}-${number}`, class: sum ? 'used' : '' },
            h('td', { class: 'line' }, label),
            heat('run', sum?.run ?? 0, most),
            heat('wait', sum?.wait ?? 0, most),
            heat('idle', sum?.idle ?? 0, most),
            h('td', { class: 'code' }, h('code', {}, code)),
        );
    });
    const mark = () => {
        rows.forEach((row, i) =>
            row.classList.toggle('chosen', view.filter?.label === `line ${file}:${i + 1}`),
        );
    };
    view.on(['filter'], mark);
    return h(
        'div',
        { class: 'wide', tabindex: 0, role: 'region', 'aria-label': `source of ${file}` },
        h(
            'table',
            { class: 'source' },
            h(
                'thead',
                {},
                h(
                    'tr',
                    {},
                    h('th', { scope: 'col', class: 'line' }, 'line'),
                    h('th', { scope: 'col' }, 'run'),
                    h('th', { scope: 'col' }, 'waited'),
                    h('th', { scope: 'col' }, 'I/O, sleep'),
                    h('th', { scope: 'col' }, baseName(file)),
                ),
            ),
            h('tbody', {}, ...rows),
        ),
    );
}

function listings(trace: Trace, view: View, lanes: Lane[]): Node[] {
    const files = byLine(trace.lanes, placeOf);
    const isScript = (file: string) =>
        file === trace.script || baseName(file) === baseName(trace.script);
    const names = [...trace.sources.keys()].sort(
        (a, b) => Number(isScript(b)) - Number(isScript(a)),
    );
    if (names.length === 0) {
        return [h('p', { class: 'caption' }, 'The trace holds no source text.')];
    }
    return names.map((file, i) =>
        h(
            'details',
            { open: i === 0 },
            h('summary', {}, file),
            listing(file, trace.sources.get(file) ?? [], files.get(file) ?? new Map(), view, lanes),
        ),
    );
}

export function sourceView(traces: Trace[], view: View): HTMLElement {
    const lanes = traces.flatMap((trace) => trace.lanes);
    const box = h('div', {}, ...listings(traces[0], view, lanes));
    if (traces.length === 1) {
        return box;
    }
    const tabs = choice(
        'which run',
        traces.map((trace) => trace.label),
        0,
        (i) => {
            box.replaceChildren(...listings(traces[i], view, lanes));
        },
    );
    return h('div', {}, h('div', { class: 'tools' }, tabs), box);
}
