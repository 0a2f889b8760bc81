import cliProgress, { type Options, type Params } from 'cli-progress'
import { fittedLine, type LinePart } from './fitted-line.js'
import { LineTerminal, type ProgressStream, type TerminalKind } from './line-terminal.js'

/** Columns of a bar, at least and at most. */
const BAR = [8, 30] as const

const DRAWN: Options = { barCompleteString: '█'.repeat(BAR[1]), barIncompleteString: '░'.repeat(BAR[1]), barGlue: '' }

/** A bar, as a part of a line. */
export const barPart = (progress: number, rank: number): LinePart => ({
  text: (columns) => cliProgress.Format.BarFormat(progress, { ...DRAWN, barsize: columns }),
  rank,
  columns: BAR,
})

/** What a line says where that share of the bar is done. */
export type LineParts = (progress: number) => readonly LinePart[]

/** A line of a terminal that is rewritten up to ten times a second, while there is something new to say. */
export class LiveLine {
  readonly #terminal: LineTerminal
  readonly #parts: LineParts
  #bar: UnheldBar | undefined

  constructor(stream: ProgressStream, kind: Exclude<TerminalKind, 'lines'>, parts: LineParts) {
    this.#terminal = new LineTerminal(stream, kind)
    this.#parts = parts
  }

  /** Shows the line; one that is shown goes on as this one. */
  begin(total: number, done: number): void {
    if (this.#bar) {
      this.#bar.setTotal(total)
      this.#bar.update(done)
      return
    }
    // The last column stays free: some terminals wrap once it is full.
    const format = (_: Options, { progress, maxWidth }: Params) => fittedLine(this.#parts(progress), maxWidth - 1)
    this.#bar = new UnheldBar({ terminal: this.#terminal, format, emptyOnZero: true, fps: 10 } as Options)
    this.#bar.start(total, done)
  }

  update(done: number): void {
    this.#bar?.update(done)
  }

  /** Takes the line away, so that others can be written in its place. */
  clear(): void {
    if (this.#stop()) this.#terminal.clearLine()
  }

  /** Leaves the line as it stands, and the cursor below it. */
  leave(): void {
    if (this.#stop()) this.#terminal.endLine()
  }

  /** Whether there was one. */
  #stop(): boolean {
    const bar = this.#bar
    this.#bar = undefined
    bar?.stop()
    return bar !== undefined
  }
}

/** A bar whose timer does not hold the process: a loop over steps may be left without a word. */
class UnheldBar extends cliProgress.SingleBar {
  private declare readonly timer: NodeJS.Timeout | null

  override render(): void {
    super.render()
    this.timer?.unref()
  }
}
