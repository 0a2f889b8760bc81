import { appendFileSync, closeSync, fstatSync, ftruncateSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import {
  describeValue,
  expectKnownOptions,
  expectText,
  OptionError,
  PluginError,
  StateError,
  type State,
  type Stateful,
} from '@metric-learning/contracts'
import type { LogEntry, Plugin, Trainer } from '@metric-learning/core'

export interface LogFileOptions {
  /** Path of the file. Its folder is made when it is missing. What a new run finds there is replaced once its setup is done. */
  readonly file: string
  /** Of the plugin, and of what it remembers in a checkpoint. Give one where a trainer has two of the kind. Default `'jsonLines'` or `'csvFile'`. */
  readonly name?: string
}

/** How entries become lines. */
export interface LogFormat {
  /** Of the plugin, unless it is given one. */
  readonly name: string
  /** What a file begins with. */
  readonly header: string
  /** The line of an entry, with its end; `undefined` where it is left out. */
  line(entry: LogEntry): string | undefined
}

/**
 * Writes each entry of `hooks.log` as a line, at once: the file is whole whenever a hook returns, also that of a process that is
 * killed. It is closed when the run is done or has failed.
 *
 * How long the file is belongs to the state of a run: a resumed one goes on from there, and what came after that is dropped.
 *
 * @throws {OptionError} when an option is unknown, `file` is no path, or `name` no name; and, when the trainer is made, where another of its
 * plugins writes the same file.
 * @throws {PluginError} in `setup`, when the file can't be written, and in `log`, when a line can't; it names the file.
 */
export class LogFile implements Plugin, Stateful {
  readonly name: string
  readonly #file: string
  readonly #format: LogFormat
  /** Bytes of the file that are of this run. */
  #size = 0
  #descriptor: number | undefined
  /** Lines logged before `setup`, where it shows whether a run is resumed. */
  #waiting: string | undefined = ''

  constructor(options: LogFileOptions, format: LogFormat) {
    const { name: who } = format
    expectKnownOptions(who, options, ['file', 'name'])
    const { file, name = who } = options
    expectText(who, 'file', file, 'the path of a file', "Pass one, such as 'runs/first/log'.")
    expectText(who, 'name', name, 'a name', "Pass one, such as 'trainLog'.")
    this.name = name
    this.#file = file
    this.#format = format
  }

  apply({ hooks, options }: Trainer): void {
    this.#expectOwnFile(options.plugins ?? [])
    const tap = { name: this.name, stage: 'report' } as const
    hooks.setup.tap(tap, () => {
      this.#write(this.#waiting ?? '')
      this.#waiting = undefined
    })
    hooks.log.tap(tap, (entry) => {
      const line = this.#format.line(entry)
      if (line === undefined) return
      if (this.#waiting === undefined) this.#write(line)
      else this.#waiting += line
    })
    for (const end of ['done', 'failed'] as const) hooks[end].tap(tap, () => this.#orExplain(() => this.#close()))
  }

  state(): State {
    return { values: { bytes: this.#size } }
  }

  restore({ values = {} }: State): void {
    const { bytes } = values
    if (typeof bytes !== 'number') {
      throw new StateError({ who: this.name, wanted: '`bytes` of its file', got: describeValue(bytes), fix: 'Pass what `state()` gave.' })
    }
    this.#close()
    this.#size = bytes
  }

  /** Two that write one file would cut off each other's lines. */
  #expectOwnFile(plugins: readonly unknown[]): void {
    const other = plugins.find((plugin): plugin is LogFile => plugin instanceof LogFile && plugin !== this && resolve(plugin.#file) === resolve(this.#file))
    if (!other) return
    throw new OptionError({ who: this.name, wanted: 'a `file` of its own', got: `${this.#file}, which ${other.name} writes as well`, fix: 'Give each another `file`.' })
  }

  #write(lines: string): undefined {
    return this.#orExplain(() => {
      const descriptor = (this.#descriptor ??= this.#open())
      const text = this.#size === 0 ? this.#format.header + lines : lines
      appendFileSync(descriptor, text)
      this.#size += Buffer.byteLength(text)
    })
  }

  /** What of the file is not of this run goes. */
  #open(): number {
    mkdirSync(dirname(this.#file), { recursive: true })
    const descriptor = openSync(this.#file, 'a')
    const { size } = fstatSync(descriptor)
    // Less than there was: another file, or one that lost its end. Its last line may be cut.
    if (size < this.#size) this.#size = readFileSync(this.#file).lastIndexOf('\n') + 1
    if (size > this.#size) ftruncateSync(descriptor, this.#size)
    return descriptor
  }

  #close(): void {
    const descriptor = this.#descriptor
    this.#descriptor = undefined
    if (descriptor !== undefined) closeSync(descriptor)
  }

  /** After an error the file is closed: a line that was cut goes when it is opened again. */
  #orExplain(work: () => void): undefined {
    try {
      work()
    } catch (cause) {
      const error = new PluginError({
        who: this.name,
        wanted: `to write ${this.#file}`,
        got: cause instanceof Error ? cause.message : String(cause),
        fix: 'Make room, or pass another `file`.',
        cause,
      })
      try {
        this.#close()
      } catch {
        // It says the same once more.
      }
      throw error
    }
  }
}
