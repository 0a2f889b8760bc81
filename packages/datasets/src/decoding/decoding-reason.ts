/** Beginnings of files, and by what name libvips calls their loaders. */
const LOADERS: readonly (readonly [loader: RegExp, isOf: (bytes: Buffer) => boolean])[] = [
  [/jpeg/i, (bytes) => bytes.length >= 2 && bytes.readUInt16BE(0) === 0xffd8],
  [/png/i, (bytes) => bytes.toString('latin1', 1, 4) === 'PNG'],
  [/gif/i, (bytes) => bytes.toString('latin1', 0, 3) === 'GIF'],
  [/webp/i, (bytes) => bytes.toString('latin1', 8, 12) === 'WEBP'],
  [/tiff/i, (bytes) => /^(II|MM)/.test(bytes.toString('latin1', 0, 2))],
  [/heif/i, (bytes) => bytes.toString('latin1', 4, 8) === 'ftyp'],
  [/svg/i, (bytes) => /<svg|<\?xml/.test(bytes.toString('latin1', 0, 1000))],
]

/** The note of sharp on a warning, which stands in the next line. */
const TREATED = /^Warning treated as error/

/**
 * Why a file could not be decoded: the first line of the message that is about files of its kind.
 *
 * libvips gathers the messages of all threads of a process in one place, so that those of others may stand before.
 */
export function decodingReason(error: unknown, bytes: Buffer): string {
  const own = LOADERS.find(([, isOf]) => isOf(bytes))?.[0]
  const others = LOADERS.map(([loader]) => loader).filter((loader) => loader !== own)
  const lines = (error instanceof Error ? error.message : String(error)).split('\n').filter((line) => line !== '' && !TREATED.test(line))
  return lines.find((line) => own?.test(line)) ?? lines.find((line) => !others.some((loader) => loader.test(line))) ?? 'it cannot be decoded'
}
