// unpack.ts - from the page's <script type="text/plain"> back to the bytes of a trace.

const PIECE = 4 << 18; // of base64: whole groups of four

function* decoded(base64: string): Generator<Uint8Array> {
    for (let at = 0; at < base64.length; at += PIECE) {
        const binary = atob(base64.slice(at, at + PIECE));
        const bytes = new Uint8Array(binary.length);
        for (let i = 0; i < binary.length; i++) {
            bytes[i] = binary.charCodeAt(i);
        }
        yield bytes;
    }
}

export function canUnpack(): boolean {
    return typeof DecompressionStream === 'function';
}

export async function unpack(element: Element): Promise<Uint8Array> {
    const pieces = decoded((element.textContent ?? '').trim());
    const packed = new ReadableStream<BufferSource>({
        pull(controller) {
            const { value, done } = pieces.next();
            if (done) {
                controller.close();
            } else {
                controller.enqueue(value as BufferSource);
            }
        },
    });
    return new Uint8Array(
        await new Response(packed.pipeThrough(new DecompressionStream('deflate'))).arrayBuffer(),
    );
}
