import { OptionError, StateError } from '@metric-learning/contracts'
import type { LogEntry } from '@metric-learning/core'
import { EventFileWriter, writeProjector, type HparamValue, type ProjectorTable, type SessionStatus } from 'tensorboard-logger-ts'

/** What goes into the event file. */
type FileEntry = Exclude<LogEntry, { readonly kind: 'embedding' | 'missing' }>

interface TimedEntry {
  readonly entry: FileEntry
  /** Seconds since 1970. */
  readonly wallTime: number
}

/**
 * The files of one run: entries and tables are taken at any moment of it, and written whenever a hook may await.
 */
export class RunFiles {
  #writer: EventFileWriter | undefined
  readonly #entries: TimedEntry[] = []
  readonly #tables = new Map<string, () => Promise<ProjectorTable>>()
  /** The kind of each tag so far. */
  readonly #kinds = new Map<string, FileEntry['kind']>()
  #hasEnded = false

  constructor(private readonly folder: string) {}

  /** Whether something waits to be written. */
  get isWaiting(): boolean {
    return this.#entries.length + this.#tables.size > 0
  }

  /** @throws {OptionError} when its tag has entries of another kind. */
  add(entry: FileEntry): void {
    this.#expectRunning(entry.tag)
    this.#expectKind(entry)
    this.#entries.push({ entry, wallTime: Date.now() / 1000 })
  }

  /** A later table takes the place of an earlier one of its tag. It is finished when it is written. */
  addTable(tag: string, finish: () => Promise<ProjectorTable>): void {
    this.#expectRunning(tag)
    this.#tables.set(tag, finish)
  }

  /** The run begins, or goes on after it has ended. */
  begin(): undefined {
    this.#hasEnded = false
  }

  /** Writes what waits, and sees that it has left the process. `step` is where the run stands. */
  async write(step: number): Promise<void> {
    this.#writer ??= await this.#open(step)
    for (let next = this.#entries.shift(); next; next = this.#entries.shift()) {
      writeEntry(this.#writer, next)
      // Pictures are large, and the writer holds only so much.
      if (next.entry.kind === 'image') await this.#writer.flush()
    }
    await this.#writer.flush()
    if (this.#tables.size === 0) return
    const tables: ProjectorTable[] = []
    for (const finish of this.#tables.values()) tables.push(await finish())
    this.#tables.clear()
    await writeProjector(this.folder, tables)
  }

  /** The run ends: writes what waits and how it ended, then closes the file. */
  async end(step: number, status: SessionStatus): Promise<void> {
    this.#hasEnded = true
    try {
      if (this.isWaiting || this.#writer) {
        await this.write(step)
        this.#writer?.sessionEnd(status)
      }
    } finally {
      const writer = this.#writer
      this.#writer = undefined
      await writer?.close()
    }
  }

  /** A new file, which says that other files of the folder are obsolete from here on: they are of an earlier run. */
  #open(step: number): Promise<EventFileWriter> {
    return EventFileWriter.open(this.folder, { purgeStep: step === 0 ? 0 : step + 1 })
  }

  /** TensorBoard shows one kind of entry under a tag, and nothing at all where there are two. Said here, where one sees who logged it. */
  #expectKind({ tag, kind }: FileEntry): void {
    const first = this.#kinds.get(tag) ?? kind
    this.#kinds.set(tag, first)
    if (first === kind) return
    throw new OptionError({
      who: 'tensorBoard',
      wanted: 'entries of one kind under a tag',
      got: `a ${kind} under "${tag}", which is a ${first} elsewhere`,
      fix: `Log it under another tag, such as "${tag}/${kind}".`,
    })
  }

  #expectRunning(what: string): void {
    if (!this.#hasEnded) return
    throw new StateError({
      who: 'tensorBoard',
      wanted: 'entries while the run goes on',
      got: `"${what}" after its end`,
      fix: 'Log before `done`, or train on first.',
    })
  }
}

function writeEntry(writer: EventFileWriter, { entry, wallTime }: TimedEntry): void {
  const { tag, step } = entry
  switch (entry.kind) {
    case 'scalar':
      writer.scalar(tag, entry.value, step, wallTime)
      return
    case 'histogram':
      writer.histogram(tag, entry.values, step, wallTime)
      return
    case 'image':
      writer.image(tag, entry.image, step, wallTime)
      return
    case 'text':
      writer.text(tag, entry.text, step, wallTime)
      return
    case 'configuration':
      writer.text(tag, tableOf(entry.values), step, wallTime)
      writer.sessionStart(hparamsOf(entry.values), wallTime)
  }
}

type Values = Extract<LogEntry, { readonly kind: 'configuration' }>['values']

const tableOf = (values: Values): string =>
  ['| option | value |', '|---|---|', ...Object.entries(values).map((row) => `| ${row.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`)].join('\n')

/** Those that the page of hyperparameters takes: no nulls, and what is not finite as a text. */
const hparamsOf = (values: Values): Record<string, HparamValue> =>
  Object.fromEntries(
    Object.entries(values).flatMap(([name, value]) => (value === null ? [] : [[name, typeof value === 'number' && !Number.isFinite(value) ? String(value) : value] as const])),
  )
