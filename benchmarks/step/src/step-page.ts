import { machine, MeasuredPage, median, threads } from '@metric-learning/peer'
import type { Turns } from './alternate.js'
import { loggingShare, type LoggingCost } from './logging-cost.js'
import { LOSSES, NETS, type LossName, type Net } from './nets.js'
import { COMPILED, EAGER, PYTORCH, TORCH_COMPILE, type Side } from './side.js'
import type { Turn } from './turn.js'
import { upToDateShare, type UpToDateCost } from './up-to-date-cost.js'

/** The sides, in the order of the table. */
export const STEP_SIDES = [COMPILED, EAGER, PYTORCH, TORCH_COMPILE]

/** Steps of the epochs of which a comparison is a part: the quickstart's, and short ones. */
const STEPS_OF_EPOCH = { quickstart: 382, short: 100 } as const

const what = ({ title, batch }: Net) => `${title}, ${batch}`

/** docs/step-speed.md, as it is so far. */
export function stepPage(file: string, versions: string): MeasuredPage {
  return new MeasuredPage({
    file,
    before: [
      '# Speed of the training step',
      '',
      'Forward, miner, loss, backward and Adam, float32: compiled, as the trainer does by default, and eager, beside PyTorch with',
      'the miner and loss of PyTorch Metric Learning, eager and with `torch.compile` of the net. Sides take turns, each turn in a',
      'process of its own; a turn is the median of its steps, the table has medians of turns. Memory is the peak of what was',
      'resident in the process (`VmHWM`), and in brackets how much of it came after the libraries were loaded. *Never out of date* is',
      `what it costs that a compiled step is never out of date, as a share of its time: guards, and the comparison at the start of an`,
      `epoch (docs/compiled-steps.md), of ${STEPS_OF_EPOCH.quickstart} steps as in the quickstart, and in brackets of ${STEPS_OF_EPOCH.short}; measured apart, in one process. *Logged*: how much longer a step takes with all that is logged`,
      'by default (docs/logging.md), than with nobody who logs: what a look costs, over the 20 steps from one to the next. Two trainers in one process took turns, one looked at in each step.',
    ],
    columns: [
      ...['net, batch', 'loss', 'turns'],
      ...STEP_SIDES.map(({ title }) => `${title}, ms`),
      ...['compiled / PyTorch', 'compiled, MiB', 'PyTorch, MiB', 'never out of date', 'logged'],
    ],
    keys: 2,
    rank: ([net, loss]) => [NETS.findIndex((one) => what(one) === net), LOSSES.findIndex((name) => name === loss)],
    circumstances: `Machine: ${machine()}. ${versions}. ${threads} threads each.`,
    after: ['', 'Made by `npm run bench:step`.'],
  })
}

/** A row of the table. */
export function stepCells(net: Net, loss: LossName, taken: ReadonlyMap<Side, Turns<Turn>>, upToDate: UpToDateCost, logging: LoggingCost): string[] {
  const time = (side: Side) => middle(taken.get(side)!, ({ milliseconds }) => milliseconds)
  const memory = (side: Side) => {
    const [peak, growth] = [middle(taken.get(side)!, ({ peakMiB }) => peakMiB), middle(taken.get(side)!, (turn) => turn.peakMiB - turn.baseMiB)]
    return Number.isNaN(peak) ? '–' : `${peak.toFixed(0)} (${growth.toFixed(0)})`
  }
  const ratio = time(COMPILED) / time(PYTORCH)
  const share = (steps: number) => (100 * upToDateShare(upToDate, steps)).toFixed(2)
  return [
    what(net),
    loss,
    String(taken.get(COMPILED)!.turns.length),
    ...STEP_SIDES.map((side) => taken.get(side)!.failure ?? time(side).toFixed(1)),
    Number.isNaN(ratio) ? '–' : `${ratio.toFixed(2)}x`,
    memory(COMPILED),
    memory(PYTORCH),
    `${share(STEPS_OF_EPOCH.quickstart)} % (${share(STEPS_OF_EPOCH.short)})`,
    `${(100 * loggingShare(logging)).toFixed(1)} %`,
  ]
}

/** The median over the turns of a side; NaN when it failed. */
export function middle<T>({ turns, failure }: Turns<T>, of: (turn: T) => number): number {
  return failure === undefined ? median(turns.map(of)) : NaN
}
