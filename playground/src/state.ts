/** What the page shows, and its form in the fragment of the address: compressed, and never sent to a server. */

export interface State {
  manifest: string;
  /** The objects before the update; empty for a creation. */
  old: string;
  /** The settings of the combined module, as YAML. */
  settings: string;
}

/** The longest text that a link may unpack to, in characters. */
const LIMIT = 2_000_000;

/** The fragment of a state, without `#`. */
export async function pack(state: State): Promise<string> {
  const bytes = await through(new TextEncoder().encode(JSON.stringify(state)), new CompressionStream("deflate-raw"));
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** The state of a fragment; `undefined` when it is not one that the page wrote. */
export async function unpack(fragment: string): Promise<State | undefined> {
  try {
    const text = atob(fragment.replaceAll("-", "+").replaceAll("_", "/"));
    const bytes = Uint8Array.from(text, (character) => character.charCodeAt(0));
    const state: unknown = JSON.parse(
      new TextDecoder("utf-8", { fatal: true }).decode(await through(bytes, new DecompressionStream("deflate-raw"))),
    );
    const { manifest, old, settings } = state as Record<keyof State, unknown>;
    if (typeof manifest !== "string" || typeof old !== "string" || typeof settings !== "string") return undefined;
    return { manifest, old, settings };
  } catch {
    return undefined;
  }
}

/** The bytes that a stream makes of others. */
async function through(bytes: Uint8Array<ArrayBuffer>, stream: GenericTransformStream): Promise<Uint8Array> {
  const reader = new Blob([bytes]).stream().pipeThrough(stream).getReader();
  const chunks: Uint8Array<ArrayBuffer>[] = [];
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    length += value.length;
    if (length > LIMIT) throw new Error("the link unpacks to more than a manifest");
    chunks.push(value);
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer());
}
