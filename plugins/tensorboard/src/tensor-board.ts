import type { LogEntry, Plugin, Trainer } from '@metric-learning/core'
import { ProjectorTables } from './projector-tables.js'
import { RunFiles } from './run-files.js'
import { checkedOptions, type TensorBoardOptions } from './tensor-board-options.js'

/**
 * A plugin that writes all that a run logs for TensorBoard: scalars, texts, histograms and pictures as they come, and the last
 * embedding table of each tag for the projector. docs/logging.md lists the tags.
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
    for (const end of ['done', 'failed'] as const) hooks[end].tapPromise(tap, ({ step }) => this.#files.end(step))
  }

  #log(entry: LogEntry): undefined {
    if (entry.kind === 'embedding') {
      if (this.options.embeddings) this.#files.addTable(entry.tag, this.#tables.take(entry.tag, entry.table))
    } else if (entry.kind === 'histogram') {
      this.#files.add({ ...entry, values: Float64Array.from(entry.values) })
    } else if (entry.kind !== 'image' || this.options.images) {
      this.#files.add(entry)
    }
  }
}
