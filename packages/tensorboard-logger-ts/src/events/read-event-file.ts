import { readFile } from 'node:fs/promises'
import { ioError } from '../errors/io-error.js'
import { decodeRecords } from '../records/tf-record.js'
import { decodeEvent, type HistogramProto, type SummaryValue } from './event-proto.js'

interface LoggedEvent {
  readonly tag: string
  readonly step: number
  /** Seconds since 1970. */
  readonly wallTime: number
}

/** One entry of an event file. */
export type LoggedEntry = LoggedEvent &
  (
    | { readonly kind: 'scalar'; readonly value: number }
    | { readonly kind: 'image'; readonly png: Uint8Array; readonly width: number; readonly height: number }
    | { readonly kind: 'histogram'; readonly histogram: HistogramProto }
    | { readonly kind: 'text'; readonly text: string }
  )

/**
 * The entries of an event file, in their order: what {@link EventFileWriter} writes, and the same kinds from other
 * writers where they use the same fields. Anything else in the file is passed over. The file is read as a whole.
 *
 * @throws {TensorBoardLoggerError} `TBL_IO` when it cannot be read, `TBL_RECORD` when it is damaged.
 */
export async function readEventFile(file: string): Promise<LoggedEntry[]> {
  const bytes = await readFile(file).catch((error: unknown) => {
    throw ioError('readEventFile', `to read ${file}`, error)
  })
  return [...decodeRecords(bytes)].flatMap((record) => {
    const { wallTime, step = 0, summary } = decodeEvent(record)
    return (summary?.value ?? []).flatMap((value) => entriesOf(value, { tag: value.tag, step, wallTime }))
  })
}

function entriesOf({ simpleValue, image, histo, tensor, metadata }: SummaryValue, event: LoggedEvent): LoggedEntry[] {
  if (simpleValue !== undefined) return [{ ...event, kind: 'scalar', value: simpleValue }]
  if (image) {
    const { width, height, encodedImageString } = image
    return [{ ...event, kind: 'image', width, height, png: encodedImageString }]
  }
  if (histo) return [{ ...event, kind: 'histogram', histogram: histo }]
  const [text] = metadata?.pluginData.pluginName === 'text' ? (tensor?.stringVal ?? []) : []
  return text === undefined ? [] : [{ ...event, kind: 'text', text: Buffer.from(text).toString() }]
}
