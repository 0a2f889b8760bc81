import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { decodeRecords } from '../records/tf-record.js'
import { decodeEvent, type SummaryValue } from './event-proto.js'

/** Bytes that are read at a time. */
const CHUNK = 4 * 1024 * 1024
/** Of a record, besides its data. */
const FRAME = 16

/**
 * The page of TensorBoard that shows each tag (`scalars`, `histograms`, …), by what the event files of a folder have first. A file
 * that is damaged or can't be read counts up to there, as TensorBoard itself reads it.
 */
export async function kindsInFolder(folder: string): Promise<Map<string, string>> {
  const kinds = new Map<string, string>()
  const files = (await readdir(folder)).filter((name) => name.includes('tfevents')).sort()
  for (const file of files) {
    try {
      for await (const record of recordsOf(join(folder, file))) {
        for (const value of decodeEvent(record).summary?.value ?? []) {
          const kind = kindOf(value)
          if (kind !== undefined && !kinds.has(value.tag)) kinds.set(value.tag, kind)
        }
      }
    } catch {
      // What is behind it nobody reads.
    }
  }
  return kinds
}

/** Record by record: the file may be larger than what can be read at once. */
async function* recordsOf(file: string): AsyncGenerator<Uint8Array> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of createReadStream(file, { highWaterMark: CHUNK }) as AsyncIterable<Buffer>) {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    let used = 0
    for (const record of decodeRecords(rest)) {
      used += record.length + FRAME
      yield record
    }
    rest = rest.subarray(used)
  }
}

function kindOf({ metadata, simpleValue, image, histo }: SummaryValue): string | undefined {
  const named = metadata?.pluginData.pluginName
  if (named !== undefined && named !== '') return named
  if (simpleValue !== undefined) return 'scalars'
  if (image) return 'images'
  return histo ? 'histograms' : undefined
}
