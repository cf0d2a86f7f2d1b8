// states.ts - what a thread can do, in words, characters, colours and patterns.
//
// The colours are Okabe and Ito's, which people with any colour vision tell apart; the pattern and
// the character (the one of --timeline) say it again without colour.

export interface State {
    id: string;
    character: string;
    label: string; // in a legend
    doing: string; // "worker-1 ..."
    meaning: string; // one sentence
    pattern: 'solid' | 'weave' | 'diagonal' | 'cross' | 'dots' | 'thin' | 'line' | 'bars';
}

export const STATES: State[] = [
    {
        id: 'run',
        character: '#',
        label: 'running',
        doing: 'runs',
        pattern: 'solid',
        meaning: 'executes the script; under a GIL it holds the lock',
    },
    {
        id: 'compute',
        character: '=',
        label: 'computing without the GIL',
        doing: 'computes without the GIL',
        pattern: 'weave',
        meaning: 'works in a library that gives the GIL up: hashing, compressing, searching',
    },
    {
        id: 'gil',
        character: '.',
        label: 'waiting for the GIL',
        doing: 'waits for the GIL',
        pattern: 'diagonal',
        meaning: 'could run, but another thread holds the lock',
    },
    {
        id: 'lock',
        character: 'x',
        label: 'waiting for a lock',
        doing: 'waits for a lock',
        pattern: 'cross',
        meaning: 'waits for a Lock, Condition or Queue of the script',
    },
    {
        id: 'io',
        character: '~',
        label: 'input, output',
        doing: 'waits for input or output',
        pattern: 'dots',
        meaning: 'waits in read, write or the like; the GIL is free for others',
    },
    {
        id: 'sleep',
        character: 'z',
        label: 'sleeping',
        doing: 'sleeps',
        pattern: 'thin',
        meaning: 'time.sleep(); the GIL is free for others',
    },
    {
        id: 'wait',
        character: '-',
        label: 'waiting for others',
        doing: 'waits for a thread or process',
        pattern: 'line',
        meaning: 'waits for a thread (join) or a child process to end',
    },
    {
        id: 'stop',
        character: '!',
        label: 'standing still',
        doing: 'stands still',
        pattern: 'bars',
        meaning: 'stopped for a moment, mostly for a garbage collection',
    },
];

export const RUN = 0;
export const COMPUTE = 1;
export const GIL = 2;
export const LOCK = 3;
export const N_STATES = STATES.length;

const INDEX = new Map(STATES.map((state, index) => [state.id, index]));

export function stateIndex(id: string): number {
    return INDEX.get(id) ?? -1;
}
