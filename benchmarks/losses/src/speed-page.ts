import type { Gpu } from '@metric-learning/benchmark-step'
import { machine, MeasuredPage, median, threads, versions } from '@metric-learning/peer'
import { embeddingSize, measuredLosses, samplesPerClass, type Measurement, type Row, type Unfinished } from './rows.js'

/** docs/loss-speed.md, as it is so far; with a card that of the card. */
export async function speedPage(file: string, python: string, gpu?: Gpu): Promise<MeasuredPage> {
  const { before, columns, place } = gpu ? onCard(gpu) : onProcessor()
  return new MeasuredPage({
    file,
    before: [
      '# Speed and memory of losses',
      '',
      `Forward and backward pass on embeddings [n, ${embeddingSize}], ${samplesPerClass} samples of a class, beside PyTorch Metric Learning (PML). Ours is`,
      'compiled, as in the trainer. Every number comes from processes of its own, ours and PML\'s in turns; milliseconds are',
      ...before,
      'Where a process was given up, the table says at which limit of time or memory.',
    ],
    columns: ['loss', 'n', 'processes', 'ours, ms', 'PML, ms', 'PML / ours', ...columns],
    keys: 2,
    rank: ([loss, n]) => [measuredLosses.findIndex((name) => name === loss), Number(n)],
    circumstances: `${place}. ${await versions(python)}. ${threads} threads each.`,
    after: ['', `Made by \`npm run bench:losses${gpu ? ' -- --backend cuda' : ''}\`.`],
  })
}

const onProcessor = () => ({
  before: ['medians over all their passes. Memory is the most that was resident beyond what the process held before its first pass.'],
  columns: ['ours, extra MiB', 'PML, extra MiB'],
  place: `Machine: ${machine()}`,
})

const onCard = ({ name, driver, memoryMiB }: Gpu) => ({
  before: [
    'medians over all their passes, each of which waits for the card. Memory is the most in use on the card, beyond what was before the',
    'process began, as `nvidia-smi` has it: with what each library keeps for itself, and in the portions in which it takes it.',
  ],
  columns: ['ours, card MiB', 'PML, card MiB'],
  place: `Card: ${name}, ${Math.round(memoryMiB / 1024)} GiB, driver ${driver}; machine: ${machine()}`,
})

/** A row of the table. */
export function cellsOf({ loss, n, ours, pml }: Row): string[] {
  const [a, b] = [summary(ours), summary(pml)]
  const ratio = b.time / a.time
  const processes = [ours, pml].map((runs) => runs.length).filter(Boolean).join(' + ')
  return [loss, String(n), processes, a.shownTime, b.shownTime, Number.isNaN(ratio) ? '–' : `${digits(ratio)}x`, a.shownMemory, b.shownMemory]
}

/** Of the processes that came to an end, or why they did not. */
function summary(runs: readonly (Measurement | Unfinished)[]) {
  const failed = runs.find((run) => 'reason' in run)
  const finished = runs.filter((run) => 'times' in run)
  const time = failed ? NaN : median(finished.flatMap(({ times }) => times))
  const memory = failed ? NaN : median(finished.map((run) => run.memory))
  return {
    time,
    shownTime: failed?.reason ?? (Number.isNaN(time) ? '–' : digits(time)),
    shownMemory: Number.isNaN(memory) ? '–' : memory.toFixed(0),
  }
}

const digits = (value: number): string => (value >= 100 ? value.toFixed(0) : value.toPrecision(3))
