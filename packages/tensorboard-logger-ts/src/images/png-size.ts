import { TensorBoardLoggerError } from '../errors/tensorboard-logger-error.js'

/** The signature, then the length and name of the first chunk. */
const START = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

/**
 * Width and height in pixels, from the header of a PNG.
 *
 * @throws {TensorBoardLoggerError} `TBL_ARGUMENT` when the bytes are no PNG.
 */
export function pngSize(who: string, png: Uint8Array): { readonly width: number; readonly height: number } {
  const bytes = Buffer.from(png.buffer, png.byteOffset, png.byteLength)
  if (bytes.length < START.length + 8 || !bytes.subarray(0, START.length).equals(START)) {
    throw new TensorBoardLoggerError('TBL_ARGUMENT', {
      who,
      wanted: 'the bytes of a PNG',
      got: bytes.length === 0 ? 'no bytes' : `${bytes.length} bytes that begin with ${bytes.subarray(0, 8).toString('hex')}`,
      fix: 'Encode the pixels as PNG first, with sharp for instance.',
    })
  }
  return { width: bytes.readUInt32BE(START.length), height: bytes.readUInt32BE(START.length + 4) }
}
