import { TensorBoardLoggerError } from '../errors/tensorboard-logger-error.js'
import type { PngImage } from '../images/png-image.js'
import { pngSize } from '../images/png-size.js'
import { RecordStream } from '../records/record-stream.js'
import { DATA_CLASS, DT_FLOAT, DT_STRING, encodeEvent, SESSION_START, type SummaryMetadata, type SummaryValue } from './event-proto.js'
import { histogramOf } from './histogram.js'
import { encodeExperiment, encodeSessionEnd, encodeSessionStart, HPARAMS_TAGS, type HparamsExperiment, type HparamValue, type SessionStatus } from './hparams-proto.js'
import { openEventFile } from './open-event-file.js'
import { shareKinds, type SharedKinds } from './shared-kinds.js'
import { wellFormed } from './well-formed.js'

/** Bytes that may wait for the disk. */
const LIMIT = 64 * 1024 * 1024

export interface EventFileWriterOptions {
  /**
   * Hides what earlier files of the folder say about this step and later ones: for a run that starts again (0),
   * or goes on after a checkpoint (the step after it). Default: nothing is hidden.
   */
  readonly purgeStep?: number
}

/**
 * Writes one TensorBoard event file. Entries are taken at once and written in the background; each is one event.
 *
 * - tag: name of the series, of entries of one kind; what precedes its first `/` groups charts.
 * - step: any integer; the horizontal axis.
 * - wallTime: seconds since 1970. Default: now.
 *
 * Tags and texts that are cut within a character, such as an emoji, have U+FFFD there.
 *
 * Every entry throws a {@link TensorBoardLoggerError}: `TBL_ARGUMENT` for what TensorBoard could not show, such as a histogram under
 * a tag that has scalars, in this file, an earlier one of the folder, or one that this process writes there at the same time; `TBL_CLOSED`
 * after `close`, `TBL_BUFFER_FULL` when 64 MiB wait for the disk. Errors of the disk are told by `flush` and `close`. What another
 * process writes there after this writer was opened is not seen: give each process a folder.
 *
 * @example
 * const writer = await EventFileWriter.open('runs/first')
 * writer.scalar('train/loss', 0.25, 100)
 * await writer.close()
 */
export class EventFileWriter {
  readonly #records: RecordStream
  #isClosed = false

  private constructor(
    /** The file that is written. */
    readonly file: string,
    records: RecordStream,
    /** The page that shows each tag. */
    private readonly shared: SharedKinds,
  ) {
    this.#records = records
  }

  /**
   * Creates a new file in a folder, which is made when it is missing. Several writers may share a folder: TensorBoard
   * shows all its files as one run. Files that are there are read, for the kinds of their tags.
   *
   * @throws {TensorBoardLoggerError} `TBL_IO` when it cannot be written, `TBL_ARGUMENT` when `purgeStep` is no integer.
   */
  static async open(folder: string, { purgeStep }: EventFileWriterOptions = {}): Promise<EventFileWriter> {
    const who = 'EventFileWriter.open'
    if (purgeStep !== undefined) expectStep(who, purgeStep)
    const { file, handle } = await openEventFile(folder)
    const shared = await shareKinds(folder)
    const records = new RecordStream(file, handle, LIMIT)
    const wallTime = now()
    records.write(who, encodeEvent({ wallTime, fileVersion: 'brain.Event:2' }))
    if (purgeStep !== undefined) {
      records.write(who, encodeEvent({ wallTime, step: purgeStep, sessionLog: { status: SESSION_START } }))
    }
    const writer = new EventFileWriter(file, records, shared)
    await records.flush().catch((error: unknown) => {
      writer.#leave()
      throw error
    })
    return writer
  }

  /** A number, kept as float32. NaN and infinities are shown as such. */
  scalar(tag: string, value: number, step: number, wallTime?: number): void {
    expectType('scalar', 'number', value, tag)
    const metadata = shownBy('scalars', DATA_CLASS.scalar)
    this.#add('scalar', { tag, metadata, simpleValue: value }, step, wallTime)
  }

  /** A picture. Throws `TBL_ARGUMENT` also when the bytes are no PNG of that size. */
  image(tag: string, { png, width, height }: PngImage, step: number, wallTime?: number): void {
    expectSize({ png, width, height })
    const image = { width, height, encodedImageString: png }
    this.#add('image', { tag, metadata: shownBy('images', DATA_CLASS.blobSequence), image }, step, wallTime)
  }

  /** How values are distributed, in 30 buckets. Throws `TBL_ARGUMENT` also when there are none, or one is not finite. */
  histogram(tag: string, values: ArrayLike<number>, step: number, wallTime?: number): void {
    const metadata = shownBy('histograms', DATA_CLASS.tensor)
    this.#add('histogram', { tag, metadata, histo: histogramOf(values) }, step, wallTime)
  }

  /** A text, shown as Markdown. */
  text(tag: string, markdown: string, step: number, wallTime?: number): void {
    expectType('text', 'string', markdown, tag)
    const tensor = { dtype: DT_STRING, tensorShape: {}, stringVal: [Buffer.from(wellFormed(markdown))] }
    this.#add('text', { tag, metadata: shownBy('text', DATA_CLASS.tensor), tensor }, step, wallTime)
  }

  /**
   * What the run of this folder was made with, for the page of hyperparameters, which compares runs by them and by all scalars. Once in a
   * run. Throws `TBL_ARGUMENT` also for a value that is no text, truth value or finite number.
   */
  sessionStart(hparams: Readonly<Record<string, HparamValue>>, wallTime = now()): void {
    expectHparams(hparams)
    this.#hparams('sessionStart', HPARAMS_TAGS.start, encodeSessionStart(hparams, wallTime), wallTime)
  }

  /** How that run ended. */
  sessionEnd(status: SessionStatus, wallTime = now()): void {
    this.#hparams('sessionEnd', HPARAMS_TAGS.end, encodeSessionEnd(status, wallTime), wallTime)
  }

  /**
   * Which hyperparameters and metrics the runs below this folder are compared by. TensorBoard takes the first that it finds for all runs; without
   * one it shows all that it finds. So it is written once, in a folder of its own above the runs, if at all.
   */
  experiment(experiment: HparamsExperiment, wallTime = now()): void {
    this.#hparams('experiment', HPARAMS_TAGS.experiment, encodeExperiment(experiment, wallTime), wallTime)
  }

  /**
   * Resolves when the operating system has all entries, so that TensorBoard can read them.
   *
   * @throws {TensorBoardLoggerError} `TBL_IO`
   */
  async flush(): Promise<void> {
    await this.#records.flush()
  }

  /**
   * Writes what waits and closes the file. Closing again does nothing.
   *
   * @throws {TensorBoardLoggerError} `TBL_IO`
   */
  async close(): Promise<void> {
    try {
      await this.#records.close()
    } finally {
      this.#leave()
    }
  }

  /** All that it says is in the metadata; the value is of nothing. */
  #hparams(method: string, tag: string, content: Uint8Array, wallTime: number): void {
    const metadata = { pluginData: { pluginName: 'hparams', content }, dataClass: DATA_CLASS.tensor }
    this.#add(method, { tag, metadata, tensor: { dtype: DT_FLOAT, tensorShape: { dim: [{ size: 0 }] } } }, 0, wallTime)
  }

  #leave(): void {
    if (!this.#isClosed) this.shared.release()
    this.#isClosed = true
  }

  #add(method: string, { tag, ...content }: SummaryValue, step: number, wallTime = now()): void {
    const who = `EventFileWriter.${method}`
    if (typeof tag !== 'string' || tag === '') {
      throw new TensorBoardLoggerError('TBL_ARGUMENT', {
        who,
        wanted: 'a tag',
        got: JSON.stringify(tag) ?? 'undefined',
        fix: 'Name the series, such as train/loss.',
      })
    }
    expectStep(who, step)
    expectTime(who, wallTime)
    const value = { tag: wellFormed(tag), ...content }
    this.#expectKind(who, value.tag, content.metadata!.pluginData.pluginName)
    this.#records.write(who, encodeEvent({ wallTime, step, summary: { value: [value] } }))
    this.shared.kinds.set(value.tag, content.metadata!.pluginData.pluginName)
  }

  #expectKind(who: string, tag: string, kind: string): void {
    const first = this.shared.kinds.get(tag) ?? kind
    if (first === kind) return
    throw new TensorBoardLoggerError('TBL_ARGUMENT', {
      who,
      wanted: 'a tag with entries of one kind, for TensorBoard shows no other',
      got: `"${tag}", under which the files of this folder have ${first}`,
      fix: `Use another tag, such as ${tag}/${kind}, or another folder.`,
    })
  }
}

const now = () => Date.now() / 1000

const shownBy = (pluginName: string, dataClass: number): SummaryMetadata => ({ pluginData: { pluginName }, dataClass })

function expectStep(who: string, step: number): void {
  if (Number.isSafeInteger(step)) return
  throw new TensorBoardLoggerError('TBL_ARGUMENT', {
    who,
    wanted: 'an integer as step',
    got: String(step),
    fix: 'Count steps or epochs.',
  })
}

function expectTime(who: string, wallTime: number): void {
  if (Number.isFinite(wallTime)) return
  throw new TensorBoardLoggerError('TBL_ARGUMENT', { who, wanted: 'seconds since 1970 as wall time', got: String(wallTime), fix: 'Leave it out: it is now.' })
}

function expectType(method: string, type: 'number' | 'string', value: unknown, tag: string): void {
  if (typeof value === type) return
  throw new TensorBoardLoggerError('TBL_ARGUMENT', {
    who: `EventFileWriter.${method}`,
    wanted: `a ${type} for "${tag}"`,
    got: value === null ? 'null' : typeof value,
    fix: 'Leave the entry out where there is none.',
  })
}

function expectHparams(hparams: Readonly<Record<string, HparamValue>>): void {
  const fault = Object.entries(hparams).find(([name, value]) => name === '' || !(typeof value === 'string' || typeof value === 'boolean' || Number.isFinite(value)))
  if (!fault) return
  throw new TensorBoardLoggerError('TBL_ARGUMENT', {
    who: 'EventFileWriter.sessionStart',
    wanted: 'hyperparameters with a name, that are texts, truth values or finite numbers',
    got: `${String(fault[1])} as "${fault[0]}"`,
    fix: 'Leave it out, or pass it as a text.',
  })
}

function expectSize({ png, width, height }: PngImage): void {
  const who = 'EventFileWriter.image'
  const size = pngSize(who, png)
  if (size.width === width && size.height === height) return
  throw new TensorBoardLoggerError('TBL_ARGUMENT', {
    who,
    wanted: `a PNG of ${width} x ${height} pixels`,
    got: `one of ${size.width} x ${size.height}`,
    fix: 'Pass the width and height of the PNG itself.',
  })
}
