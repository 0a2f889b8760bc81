import type { BatchEndContext, EvalEndContext, LogEntry, Plugin, Trainer } from '@metric-learning/core'
import { ProjectorTables } from './projector-tables.js'
import { RunFiles } from './run-files.js'
import { checkedOptions, type TensorBoardOptions } from './tensor-board-options.js'
import { Throughput } from './throughput.js'

/**
 * A plugin that writes a run for TensorBoard:
 *
 * | tag | when |
 * |---|---|
 * | `train/loss`, `train/loss/<term>`, `train/samplesPerSecond` | every `everySteps` steps; the loss is read only then |
 * | `train/dataWait`: milliseconds that a step waited for its data, mean since the last | every `everySteps` steps |
 * | `epoch/seconds`, `epoch/samplesPerSecond` | after an epoch |
 * | `<split>/<metric>`, such as `val/precisionAt1` | after an evaluation |
 * | what `trainer.log` is given | as it comes |
 * | projector tables, by split | after an evaluation; the last one stays |
 *
 * Where two testers have a split of one name, the second one's tags and tables begin with its own name.
 *
 * The files are whole whenever a hook returns, and closed when the run is done or has failed.
 *
 * @throws {OptionError} when an option is unknown or out of range.
 * @example new Trainer({ ...parts, plugins: [tester, tensorBoard({ folder: 'runs/first' })] })
 */
export function tensorBoard(options: TensorBoardOptions): Plugin {
  return new TensorBoard(checkedOptions(options))
}

class TensorBoard implements Plugin {
  readonly name = 'tensorBoard'
  readonly #files: RunFiles
  readonly #tables: ProjectorTables
  readonly #throughput = new Throughput()
  /** The tester that was the first to publish a split. */
  readonly #ownerOf = new Map<string, string>()

  constructor(private readonly options: ReturnType<typeof checkedOptions>) {
    this.#files = new RunFiles(options.folder)
    this.#tables = new ProjectorTables(options.maxPoints, options.sprites)
  }

  apply({ hooks }: Trainer): void {
    const tap = { name: this.name, stage: 'report' } as const
    hooks.log.tap(tap, (entry) => this.#log(entry))
    // Before testers evaluate and checkpoints are restored; the file is opened after that.
    const first = { name: this.name, stage: 'measure' } as const
    const begin = () => this.#files.begin()
    hooks.setup.tap(first, begin)
    hooks.epochStart.tap(first, begin)
    hooks.setup.tapPromise(tap, ({ trainer }) => this.#files.write(trainer.step))
    hooks.epochStart.tapPromise(tap, async ({ trainer }) => {
      await this.#files.write(trainer.step)
      this.#throughput.restart()
    })
    hooks.batchEnd.tapPromise(tap, (context) => this.#batch(context))
    hooks.epochEnd.tapPromise(tap, async ({ step, seconds, samplesPerSecond }) => {
      this.#scalar('epoch/seconds', seconds, step)
      this.#scalar('epoch/samplesPerSecond', samplesPerSecond, step)
      await this.#files.write(step)
    })
    hooks.evalEnd.tapPromise(tap, (context) => this.#evaluation(context))
    hooks.done.tapPromise(tap, ({ step }) => this.#files.end(step))
    hooks.failed.tapPromise(tap, async ({ step }) => {
      // The run fails with its own error; one of the files must not take its place.
      await this.#files.end(step).catch(() => undefined)
    })
  }

  #log(entry: LogEntry): undefined {
    if (entry.kind === 'embedding') {
      if (this.options.embeddings) this.#files.addTable(this.#tables.ofLogged(entry.tag, entry.table))
    } else if (entry.kind === 'histogram') {
      this.#files.add({ ...entry, values: Float64Array.from(entry.values) })
    } else if (entry.kind === 'scalar' || this.options.images) {
      this.#files.add(entry)
    }
  }

  async #batch({ step, rows, dataWait, loss, losses }: BatchEndContext): Promise<void> {
    this.#throughput.add(rows.length, dataWait)
    if (step % this.options.everySteps === 0) {
      this.#scalar('train/loss', await loss(), step)
      for (const [term, value] of Object.entries(await losses())) this.#scalar(`train/loss/${term}`, value, step)
      // After the loss is read, so that the time counts in which the device worked.
      const pace = this.#throughput.look()
      this.#scalar('train/samplesPerSecond', pace.samplesPerSecond, step)
      this.#scalar('train/dataWait', pace.dataWait, step)
    }
    if (this.#files.isWaiting) await this.#files.write(step)
  }

  async #evaluation({ tester, metrics, splits, warnings = [], step }: EvalEndContext): Promise<void> {
    for (const [split, values] of Object.entries(metrics)) {
      const title = this.#titleOf(split, tester)
      for (const [metric, value] of Object.entries(values)) this.#scalar(`${title}/${metric}`, value, step)
      const evaluated = splits.find(({ name }) => name === split)
      if (evaluated && this.options.embeddings) this.#files.addTable(await this.#tables.ofSplit(title, evaluated))
    }
    if (warnings.length > 0) {
      const text = warnings.map((warning) => `- ${warning}\n`).join('')
      this.#files.add({ kind: 'text', tag: `${tester}/warnings`, step, text })
    }
    await this.#files.write(step)
  }

  #titleOf(split: string, tester: string): string {
    const owner = this.#ownerOf.get(split) ?? tester
    this.#ownerOf.set(split, owner)
    return owner === tester ? split : `${tester}/${split}`
  }

  #scalar(tag: string, value: number, step: number): void {
    this.#files.add({ kind: 'scalar', tag, value, step })
  }
}
