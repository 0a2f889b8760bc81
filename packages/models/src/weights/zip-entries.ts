/**
 * The entries of a zip archive that are stored as they are, as `torch.save` writes them: by name, how to get the bytes.
 *
 * @throws {Error} when it is no whole archive, or an entry is compressed.
 */
export function zipEntries(bytes: Uint8Array): ReadonlyMap<string, () => Uint8Array> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let end = bytes.length - 22
  while (end >= 0 && view.getUint32(end, true) !== 0x06054b50) end--
  if (end < 0) throw new Error('a zip archive that is cut off')
  const entries = new Map<string, () => Uint8Array>()
  let at = view.getUint32(end + 16, true)
  for (let i = view.getUint16(end + 10, true); i > 0; i--) {
    if (view.getUint32(at, true) !== 0x02014b50) throw new Error('a zip archive that is damaged')
    const [nameLength, extraLength, commentLength] = [view.getUint16(at + 28, true), view.getUint16(at + 30, true), view.getUint16(at + 32, true)]
    const name = new TextDecoder().decode(bytes.subarray(at + 46, at + 46 + nameLength))
    const [method, size, header] = [view.getUint16(at + 10, true), view.getUint32(at + 24, true), view.getUint32(at + 42, true)]
    entries.set(name, () => {
      if (method !== 0) throw new Error(`${name} in a compressed form`)
      const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true)
      if (start + size > bytes.length) throw new Error('a zip archive that is cut off')
      return bytes.subarray(start, start + size)
    })
    at += 46 + nameLength + extraLength + commentLength
  }
  return entries
}
