import { embeddingSize, samplesPerClass, type Measurement, type MeasuredLoss, type Unfinished } from './rows.js'

/** All runs of a loss at a batch size. PML has none where only we were asked. */
export interface Row {
  readonly loss: MeasuredLoss
  readonly n: number
  readonly ours: readonly (Measurement | Unfinished)[]
  readonly pml: readonly (Measurement | Unfinished)[]
}

/** Where the numbers come from. */
export interface Circumstances {
  readonly machine: string
  readonly versions: string
  readonly command: string
  readonly rounds: number
}

/** docs/loss-speed.md */
export function speedPage(rows: readonly Row[], { machine, versions, command, rounds }: Circumstances): string {
  return [
    '# Speed and memory of losses',
    '',
    `Forward and backward pass on embeddings [n, ${embeddingSize}], ${samplesPerClass} samples of a class, beside PyTorch Metric Learning (PML). Ours is compiled, as in the trainer.`,
    `Milliseconds are medians; memory is the most that was resident beyond what the process held before its first pass.`,
    `Every number comes from processes of its own, ours and PML's in turns, ${rounds} of each.`,
    '',
    '| loss | n | ours, ms | PML, ms | PML / ours | ours, MiB | PML, MiB |',
    '|---|---:|---:|---:|---:|---:|---:|',
    ...rows.map(line),
    '',
    `Machine: ${machine}. ${versions}.`,
    '',
    `Made by \`${command}\`.`,
    '',
  ].join('\n')
}

/** The middle of some numbers. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

function line({ loss, n, ours, pml }: Row): string {
  const [a, b] = [summary(ours), summary(pml)]
  const ratio = a.time !== undefined && b.time !== undefined ? digits(b.time / a.time) : '–'
  return `| ${[loss, n, a.shownTime, b.shownTime, ratio, a.shownMemory, b.shownMemory].join(' | ')} |`
}

function summary(runs: readonly (Measurement | Unfinished)[]) {
  const finished = runs.filter((run) => 'times' in run)
  if (finished.length === 0) return { shownTime: runs[0] && 'reason' in runs[0] ? runs[0].reason : '–', shownMemory: '–' }
  const time = median(finished.flatMap(({ times }) => times))
  return { time, shownTime: digits(time), shownMemory: Math.round(median(finished.map(({ memory }) => memory))) }
}

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))
