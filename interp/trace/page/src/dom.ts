// dom.ts - making elements. Data reaches the page only through here, as text and as attributes
// that cannot run: there is no innerHTML anywhere, so no name or source line can become markup.

type Child = Node | string | null | undefined | false;
type Attributes = Record<string, string | number | boolean | undefined>;

function fill(element: Element, attributes: Attributes, children: Child[]): void {
    for (const [name, value] of Object.entries(attributes)) {
        if (value !== undefined && value !== false) {
            element.setAttribute(name, value === true ? '' : String(value));
        }
    }
    element.append(
        ...children.filter(
            (child): child is Node | string => child instanceof Node || typeof child === 'string',
        ),
    );
}

export function h<K extends keyof HTMLElementTagNameMap>(
    tag: K,
    attributes: Attributes = {},
    ...children: Child[]
): HTMLElementTagNameMap[K] {
    const element = document.createElement(tag);
    fill(element, attributes, children);
    return element;
}

export function svg(tag: string, attributes: Attributes = {}, ...children: Child[]): SVGElement {
    const element = document.createElementNS('http://www.w3.org/2000/svg', tag);
    fill(element, attributes, children);
    return element;
}

export function button(
    label: string,
    action: () => void,
    attributes: Attributes = {},
): HTMLButtonElement {
    const element = h('button', { type: 'button', ...attributes }, label);
    element.addEventListener('click', action);
    return element;
}

// A section with a heading, and a sentence that says what one sees.
export function section(
    id: string,
    title: string,
    caption: string,
    ...children: Child[]
): HTMLElement {
    return h(
        'section',
        { id, 'aria-labelledby': `${id}-title` },
        h('h2', { id: `${id}-title` }, title),
        h('p', { class: 'caption' }, caption),
        ...children,
    );
}

// A choice of one, as a row of buttons.
export function choice(
    label: string,
    options: string[],
    chosen: number,
    act: (index: number) => void,
): HTMLElement {
    const buttons = options.map((option, index) =>
        button(
            option,
            () => {
                buttons.forEach((other, i) =>
                    other.setAttribute('aria-pressed', String(i === index)),
                );
                act(index);
            },
            { 'aria-pressed': String(index === chosen) },
        ),
    );
    return h('div', { class: 'choice', role: 'group', 'aria-label': label }, ...buttons);
}

// A function that calls `act` once, `ms` after the last of several calls.
export function debounced(ms: number, act: () => void): () => void {
    let timer = 0;
    return () => {
        clearTimeout(timer);
        timer = window.setTimeout(act, ms);
    };
}
