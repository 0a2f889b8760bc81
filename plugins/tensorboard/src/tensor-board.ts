import type { LogEntry, Plugin, Trainer } from '@metric-learning/core'
import { ProjectorTables } from './projector-tables.js'
import { RunFiles } from './run-files.js'
import { checkedOptions, type TensorBoardOptions } from './tensor-board-options.js'

/**
 * A plugin that writes all that a run logs for TensorBoard: its configuration as a text and as hyperparameters, scalars, texts, histograms and pictures as they come (a scalar without a value
 * leaves a gap in its curve), and the last
 * embedding table of each tag for the projector. docs/logging.md lists the tags.
 *
 * A tag is of one kind: another one is refused where it is logged, for TensorBoard could not show the run. Values and rows that are not
 * finite have no place in histograms and tables: they are left out, and a warning says so once for a tag.
 *
 * The files are whole whenever a hook that may wait returns, and closed when the run is done or has failed. A run that is resumed
 * writes a file of its own, and hides what the others have of later steps.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @example new Trainer({ ...parts, plugins: [tester, tensorBoard({ folder: 'runs/first' })] })
 */
export function tensorBoard(options: TensorBoardOptions): Plugin {
  return new TensorBoard(checkedOptions(options))
}

class TensorBoard implements Plugin {
  readonly name: string
  readonly #files: RunFiles
  readonly #tables: ProjectorTables
  /** Tags of which was said that something is left out. */
  readonly #warned = new Set<string>()

  constructor(private readonly options: ReturnType<typeof checkedOptions>) {
    this.name = options.name
    this.#files = new RunFiles(options.folder)
    this.#tables = new ProjectorTables(options.maxPoints, options.sprites)
  }

  apply({ hooks }: Trainer): void {
    const tap = { name: this.name, stage: 'report' } as const
    hooks.log.tap(tap, (entry) => this.#log(entry))
    // Others may log in these; the file is opened after that, and after a checkpoint was restored.
    for (const start of ['setup', 'epochStart'] as const) {
      hooks[start].tap({ name: this.name, stage: 'measure' }, () => this.#files.begin())
      hooks[start].tapPromise(tap, ({ trainer }) => this.#files.write(trainer.step))
    }
    for (const pause of ['batchEnd', 'evalEnd', 'epochEnd'] as const) {
      hooks[pause].tapPromise(tap, async ({ step }) => {
        if (this.#files.isWaiting) await this.#files.write(step)
      })
    }
    hooks.done.tapPromise(tap, ({ step }) => this.#files.end(step, 'success'))
    hooks.failed.tapPromise(tap, ({ step }) => this.#files.end(step, 'failure'))
  }

  #log(entry: LogEntry): undefined {
    if (entry.kind === 'embedding') {
      if (this.options.embeddings) this.#table(entry)
    } else if (entry.kind === 'histogram') {
      const values = this.#finite(entry)
      if (values.length > 0) this.#files.add({ ...entry, values })
    } else if (entry.kind !== 'missing' && (entry.kind !== 'image' || this.options.images)) {
      this.#files.add(entry)
    }
  }

  #table({ tag, step, table }: Extract<LogEntry, { kind: 'embedding' }>): void {
    const { finish, left } = this.#tables.take(tag, table)
    if (left > 0) this.#warn(tag, `the table "${tag}" of step ${step} is without ${left} of ${table.labels.length} rows, which are not finite`)
    if (finish) this.#files.addTable(tag, finish)
  }

  /** A copy without NaN and infinities, which have no place in a histogram. */
  #finite({ tag, step, values }: Extract<LogEntry, { kind: 'histogram' }>): Float64Array {
    const all = Float64Array.from(values)
    const finite = all.filter(Number.isFinite)
    const left = all.length - finite.length
    if (finite.length === 0) this.#warn(tag, `no histogram "${tag}" at step ${step}: ${left === 0 ? 'it is of no values' : `none of its ${left} values is finite`}`)
    else if (left > 0) this.#warn(tag, `the histogram "${tag}" of step ${step} is without ${left} of ${all.length} values, which are not finite`)
    return finite
  }

  /** Once for each tag: what can't be shown does not end the run. */
  #warn(tag: string, message: string): void {
    if (this.#warned.has(tag)) return
    this.#warned.add(tag)
    process.emitWarning(`${this.name}: ${message}. (Said once for this tag.)`)
  }
}
