import { crc32, deflateSync } from 'node:zlib'
import type { PngImage } from 'tensorboard-logger-ts'

/** An RGB picture as PNG. `colour` gives the three channels, 0 to 255, of the pixel in column x and row y. */
export function encodePng(width: number, height: number, colour: (x: number, y: number) => readonly number[]): PngImage {
  const line = 1 + 3 * width
  const pixels = Buffer.alloc(line * height) // Each line begins with its filter: 0, none.
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) pixels.set(colour(x, y), y * line + 1 + 3 * x)
  }
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2], 8) // 8 bits a channel, RGB
  const signature = Buffer.from('89504e470d0a1a0a', 'hex')
  const chunks = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))]
  return { png: Buffer.concat([signature, ...chunks]), width, height }
}

function chunk(name: string, data: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(name), data])
  const bytes = Buffer.alloc(named.length + 8)
  bytes.writeUInt32BE(data.length, 0)
  bytes.set(named, 4)
  bytes.writeUInt32BE(crc32(named), named.length + 4)
  return bytes
}
