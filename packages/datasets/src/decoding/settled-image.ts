import { decodeImage, type DecodedImage, type ImageFormat } from './decode-image.js'
import { decodingReason } from './decoding-reason.js'

/** Answers, at most, until two of them are the same. */
const ASKED_AT_MOST = 4

/** The image, or why there is none: the first reason that comes twice in a row, since one alone may be about another image. */
export async function settledImage(bytes: Buffer, format: ImageFormat): Promise<DecodedImage | string> {
  let reason = ''
  for (let asked = 0; asked < ASKED_AT_MOST; asked++) {
    const before = reason
    try {
      return await decodeImage(bytes, format)
    } catch (error) {
      reason = decodingReason(error, bytes)
    }
    if (reason === before) break
  }
  return reason
}
