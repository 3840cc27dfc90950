import { readFile } from "node:fs/promises";

/** The bytes of a file of this package. */
export async function bytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await readFile(url));
}
