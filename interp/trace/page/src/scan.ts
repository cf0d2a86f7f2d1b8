// scan.ts - JSON as bytes: walks over values without making objects of them.
//
// A trace is mostly a list of a million small objects. JSON.parse would make each of them, its arguments
// and every text in it; here the reader takes what it wants of the bytes, and leaves the rest to
// JSON.parse, value by value.

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COMMA = 0x2c;
const COLON = 0x3a;
const OPEN = 0x7b;
const CLOSE = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const MINUS = 0x2d;
const POINT = 0x2e;
const ZERO = 0x30;
const NINE = 0x39;

const POWERS = Array.from({ length: 16 }, (_, n) => 10 ** n);
const utf8 = new TextDecoder('utf-8');

// Tells the names of members from each other: their length, their first bytes and their last one.
export function keyCode(name: string): number {
    return code(
        name.length,
        name.charCodeAt(0),
        name.charCodeAt(1),
        name.charCodeAt(name.length - 1),
    );
}

function code(length: number, first: number, second: number, last: number): number {
    return (length << 24) | (first << 16) | (second << 8) | last;
}

export class Scanner {
    at = 0;

    constructor(readonly bytes: Uint8Array) {}

    fail(): never {
        throw new Error(`no JSON at byte ${this.at}`);
    }

    // The next byte that is no blank.
    peek(): number {
        const { bytes } = this;
        while (bytes[this.at] <= 0x20) {
            this.at++;
        }
        return this.at < bytes.length ? bytes[this.at] : this.fail();
    }

    private take(byte: number): void {
        if (this.peek() !== byte) {
            this.fail();
        }
        this.at++;
    }

    // Begins with the object or list here; then, before each member: is there another one?
    //     for (scan.open(); scan.next(); ) ...
    private isFirst = true;

    openObject(): boolean {
        return this.openWith(OPEN);
    }

    openList(): boolean {
        return this.openWith(OPEN_LIST);
    }

    private openWith(byte: number): boolean {
        if (this.peek() !== byte) {
            return false;
        }
        this.at++;
        this.isFirst = true;
        return true;
    }

    next(): boolean {
        const byte = this.peek();
        if (byte === CLOSE || byte === CLOSE_LIST) {
            this.at++;
            this.isFirst = false;
            return false;
        }
        if (!this.isFirst) {
            this.take(COMMA);
        }
        this.isFirst = false;
        return true;
    }

    // Steps over a text: its bytes are [textBegin, textEnd).
    textBegin = 0;
    textEnd = 0;
    textHash = 0;
    isEscaped = false; // there are backslashes in it

    text(): boolean {
        const { bytes } = this;
        if (this.peek() !== QUOTE) {
            return false;
        }
        let at = this.at + 1;
        let hash = 0;
        this.textBegin = at;
        this.isEscaped = false;
        for (let byte = bytes[at]; byte !== QUOTE; byte = bytes[++at]) {
            if (byte === BACKSLASH) {
                this.isEscaped = true;
                byte = bytes[++at];
            }
            if (byte === undefined) {
                this.fail();
            }
            hash = Math.imul(hash ^ byte, 0x01000193);
        }
        this.textEnd = at;
        this.textHash = hash ^ (hash >>> 15);
        this.at = at + 1;
        return true;
    }

    // Steps over a member's name and the colon behind it: its keyCode.
    key(): number {
        if (!this.text()) {
            this.fail();
        }
        if (this.bytes[this.at] === COLON) {
            this.at++;
        } else {
            this.take(COLON);
        }
        const { bytes, textBegin, textEnd } = this;
        return code(textEnd - textBegin, bytes[textBegin], bytes[textBegin + 1], bytes[textEnd - 1]);
    }

    // A number, or NaN when here is something else, which is stepped over, too.
    number(): number {
        const { bytes } = this;
        const first = this.peek();
        const begin = this.at;
        let at = first === MINUS ? begin + 1 : begin;
        let digits = 0;
        let decimals = -1;
        let value = 0;
        for (; ; at++) {
            const byte = bytes[at];
            if (byte >= ZERO && byte <= NINE) {
                value = value * 10 + (byte - ZERO);
                digits++;
                decimals += decimals >= 0 ? 1 : 0;
            } else if (byte === POINT && decimals < 0) {
                decimals = 0;
            } else {
                break;
            }
        }
        const isPlain = bytes[at] === COMMA || bytes[at] === CLOSE || bytes[at] === CLOSE_LIST;
        if (digits === 0 || digits > 15 || !isPlain) {
            const other = this.value();
            return typeof other === 'number' ? other : NaN;
        }
        this.at = at;
        // Both are exact, so the quotient is the number that JSON.parse would find.
        value = decimals > 0 ? value / POWERS[decimals] : value;
        return first === MINUS ? -value : value;
    }

    // Steps over any value.
    skip(): void {
        const { bytes } = this;
        const byte = this.peek();
        if (byte === QUOTE) {
            this.text();
            return;
        }
        let depth = 0;
        for (; this.at < bytes.length; this.at++) {
            const here = bytes[this.at];
            if (here === QUOTE) {
                this.text();
                this.at--;
            } else if (here === OPEN || here === OPEN_LIST) {
                depth++;
            } else if (here === CLOSE || here === CLOSE_LIST) {
                if (depth === 0) {
                    return; // of what surrounds it
                }
                if (--depth === 0) {
                    this.at++;
                    return;
                }
            } else if (depth === 0 && (here === COMMA || here <= 0x20)) {
                return;
            }
        }
    }

    // Any value, as JSON.parse makes it.
    value(): unknown {
        this.peek();
        const begin = this.at;
        this.skip();
        return JSON.parse(utf8.decode(this.bytes.subarray(begin, this.at)));
    }
}

// Texts and their numbers; 0 is the empty one. Of texts in the bytes of a Scanner those are found by
// their bytes, without making strings.
export class Texts {
    readonly all = [''];
    private readonly numbers = new Map([['', 0]]);
    private slots = new Int32Array(1024); // number + 1; 0: free
    private readonly known: (Uint8Array | undefined)[] = []; // by number: the bytes
    private readonly hashes: number[] = [];
    private nKnown = 0;

    number(value: string): number {
        let n = this.numbers.get(value);
        if (n === undefined) {
            n = this.all.length;
            this.all.push(value);
            this.numbers.set(value, n);
        }
        return n;
    }

    // Of the text that `scan` has just stepped over.
    scanned(scan: Scanner): number {
        const { bytes, textBegin: begin, textEnd: end, textHash: hash } = scan;
        for (let slot = hash & (this.slots.length - 1); ; slot = (slot + 1) & (this.slots.length - 1)) {
            const n = this.slots[slot] - 1;
            if (n < 0) {
                return this.add(scan, hash, slot);
            }
            if (this.hashes[n] === hash && same(this.known[n]!, bytes, begin, end)) {
                return n;
            }
        }
    }

    private add(scan: Scanner, hash: number, slot: number): number {
        const raw = scan.bytes.slice(scan.textBegin, scan.textEnd);
        const text = scan.isEscaped ? (JSON.parse(`"${utf8.decode(raw)}"`) as string) : utf8.decode(raw);
        const n = this.number(text);
        if (this.known[n] !== undefined) {
            return n; // the same text, written in another way
        }
        this.known[n] = raw;
        this.hashes[n] = hash;
        this.slots[slot] = n + 1;
        if (++this.nKnown * 2 > this.slots.length) {
            this.grow();
        }
        return n;
    }

    private grow(): void {
        this.slots = new Int32Array(2 * this.slots.length);
        this.known.forEach((_, n) => {
            let slot = this.hashes[n] & (this.slots.length - 1);
            while (this.slots[slot] !== 0) {
                slot = (slot + 1) & (this.slots.length - 1);
            }
            this.slots[slot] = n + 1;
        });
    }
}

function same(known: Uint8Array, bytes: Uint8Array, begin: number, end: number): boolean {
    if (known.length !== end - begin) {
        return false;
    }
    for (let i = begin, k = 0; i < end; i++, k++) {
        if (bytes[i] !== known[k]) {
            return false;
        }
    }
    return true;
}
