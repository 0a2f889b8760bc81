import type { LossName, Net } from './nets.js'
import { median, SIDES, type Side, type Turn } from './turn.js'

/** All turns of one net with one loss, by side; a side that does not work has none. */
export interface Row {
  readonly net: Net
  readonly loss: LossName
  readonly turns: Readonly<Record<Side, readonly Turn[]>>
}

/** docs/step-speed.md. */
export function stepPage(rows: readonly Row[], machine: string, command: string): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const title = ['net, batch', 'loss', ...SIDES.map((side) => `${side}, ms`), 'compiled / PyTorch', 'memory, MB: compiled', 'PyTorch']
  return [
    '# Speed of the training step',
    '',
    'Forward, miner, loss, backward and Adam, float32, on two CPU threads; medians of turns that alternate, each in a process',
    'of its own. PyTorch is 2.13 with the miner and loss of PyTorch Metric Learning 2.9; `torch.compile` compiles the net.',
    '',
    line(title),
    line(title.map((_, i) => (i < 2 ? '---' : '---:'))),
    ...rows.map(({ net, loss, turns }) => {
      const middle = (side: Side, of: keyof Turn) => (turns[side].length ? median(turns[side].map((turn) => turn[of])) : NaN)
      const show = (value: number, digits: number) => (Number.isNaN(value) ? '–' : value.toFixed(digits))
      return line([
        `${net.title}, ${net.batch}`,
        loss,
        ...SIDES.map((side) => show(middle(side, 'milliseconds'), 1)),
        `${show(middle('compiled', 'milliseconds') / middle('PyTorch', 'milliseconds'), 2)}x`,
        show(middle('compiled', 'peakMegabytes'), 0),
        show(middle('PyTorch', 'peakMegabytes'), 0),
      ])
    }),
    '',
    `Machine: ${machine}. Made by \`${command}\`.`,
    '',
  ].join('\n')
}
