// format.ts - numbers for people. Times are in microseconds, as in the trace.

const UNITS: [number, string][] = [
    [1e6, 's'],
    [1e3, 'ms'],
    [1, 'µs'],
    [1e-3, 'ns'],
];

// Three significant digits, and the unit that keeps the number small: "5.13 ms".
export function time(us: number): string {
    if (us <= 0) {
        return '0 s';
    }
    const [size, unit] = UNITS.find(([size]) => us >= size * 0.9995) ?? UNITS[3];
    return `${digits(us / size)} ${unit}`;
}

function digits(value: number): string {
    return value >= 99.95 ? value.toFixed(0) : value >= 9.995 ? value.toFixed(1) : value.toFixed(2);
}

// A moment, exact enough to tell it from another one in a window of `width` us.
export function moment(us: number, width: number): string {
    const [size, unit] = width >= 1e6 ? UNITS[0] : width >= 1e3 ? UNITS[1] : UNITS[2];
    const step = width / 1000 / size;
    return `${(us / size).toFixed(Math.min(6, Math.max(0, Math.ceil(-Math.log10(step)))))} ${unit}`;
}

export function percent(share: number): string {
    const value = share * 100;
    if (value > 0 && value < 0.1) {
        return '< 0.1%';
    }
    return `${value >= 99.95 || value === 0 ? value.toFixed(0) : value.toFixed(1)}%`;
}

export function count(n: number): string {
    return n.toLocaleString('en');
}

export function plural(n: number, one: string, many = one + 's'): string {
    return `${count(n)} ${n === 1 ? one : many}`;
}

// Round distances between marks on an axis: 1, 2, 5, 10 ... so that at least `least` us lie between.
export function niceStep(least: number): number {
    const power = 10 ** Math.floor(Math.log10(least));
    const factor = least / power;
    return power * (factor <= 1 ? 1 : factor <= 2 ? 2 : factor <= 5 ? 5 : 10);
}
