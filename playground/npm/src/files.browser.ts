/** The bytes of a file of this package. */
export async function bytes(url: URL): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(url);
  if (!response.ok) {
    throw new Error(`${url.href} cannot be read: the server answers ${response.status}`);
  }
  return new Uint8Array(await response.arrayBuffer());
}
