import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { integer, pageOption, ProcessError, pythonOption, pythonWith, runForJson, runMain, say, sourceProgram, threads } from '@metric-learning/peer'
import { Command, InvalidArgumentError, Option } from 'commander'
import { drawEmbeddings } from './draw-embeddings.js'
import { cellsOf, evaluationPage } from './evaluation-page.js'
import { limits } from './limits.js'
import { measuredRows, type MeasuredRow, type Measurement, type Unfinished } from './rows.js'

const here = fileURLToPath(new URL('..', import.meta.url))

const PML_NAMES: Readonly<Record<string, string>> = {
  precisionAt1: 'precision_at_1',
  rPrecision: 'r_precision',
  meanAveragePrecision: 'mean_average_precision',
  meanAveragePrecisionAtR: 'mean_average_precision_at_r',
  meanReciprocalRank: 'mean_reciprocal_rank',
}

interface Options {
  readonly rows: readonly MeasuredRow[]
  readonly seconds: number
  readonly memory: number
  readonly python?: string
  readonly output: string
}

const options = new Command('npm run bench:evaluation --')
  .description('Time and memory of evaluations beside PyTorch Metric Learning with faiss; writes docs/evaluation-speed.md, row by row.')
  .addOption(new Option('--rows <text>', `only those whose name contains this: ${measuredRows.map(({ name }) => name).join('; ')}`).argParser(containing).default(measuredRows, 'all'))
  .option('--seconds <count>', 'when a process is given up', integer(1), 900)
  .option('--memory <GiB>', 'when PyTorch is given up', integer(1), 12)
  .addOption(pythonOption())
  .addOption(pageOption('docs/evaluation-speed.md'))
  .parse()
  .opts<Options>()

await runMain(async () => {
  const python = await pythonWith('pytorch', { modules: ['torch', 'pytorch_metric_learning', 'faiss', 'sklearn'], python: options.python, say })
  const page = await evaluationPage(options.output, python, limits)
  say(page.outlook)
  for (const row of options.rows) {
    const folder = mkdtempSync(join(tmpdir(), 'evaluation-'))
    try {
      page.put(await measure(row, folder, python))
    } finally {
      rmSync(folder, { recursive: true, force: true })
    }
  }
  process.stdout.write(page.text())
})

/** Both sides by turns, on the same files. */
async function measure(row: MeasuredRow, folder: string, python: string): Promise<string[]> {
  const files = [join(folder, 'embeddings'), join(folder, 'labels')] as const
  say(`${row.name}: draws ${row.n.toLocaleString('en')} embeddings`)
  const { embeddings, labels } = drawEmbeddings(row)
  writeFileSync(files[0], embeddings)
  writeFileSync(files[1], labels)
  const metrics = row.metrics.map((name) => PML_NAMES[name] ?? name)
  const sides = {
    ours: () => turn(process.execPath, sourceProgram(`${here}src/measure-ours.ts`, row.name, ...files)),
    peer: () => turn(python, [`${here}pml_evaluation.py`, row.task, ...files, ...[row.dim, row.classes, threads, options.memory].map(String), ...metrics]),
  }
  const [ours, peer]: (Measurement | Unfinished)[][] = [[], []]
  for (let i = 0; i < row.turns; i++) {
    ours!.push(await sides.ours())
    // What was given up once is not tried again.
    if (row.peer && !peer!.some((one) => 'reason' in one)) peer!.push(renamed(await sides.peer()))
    say(cellsOf(row, { ours: ours!, peer: row.peer ? peer! : undefined }).join('  '))
  }
  return cellsOf(row, { ours: ours!, peer: row.peer ? peer! : undefined })
}

function turn(command: string, args: readonly string[]): Promise<Measurement | Unfinished> {
  return runForJson<Measurement | Unfinished>(command, args, { seconds: options.seconds, showErrors: true }).catch((error: unknown) => {
    if (!(error instanceof ProcessError)) throw error
    say(error.message)
    return { reason: error.reason }
  })
}

/** PML's values under our names. */
function renamed(turn: Measurement | Unfinished): Measurement | Unfinished {
  if ('reason' in turn) return turn
  const ours = new Map(Object.entries(PML_NAMES).map(([own, theirs]) => [theirs, own]))
  return { ...turn, values: Object.fromEntries(Object.entries(turn.values).map(([name, value]) => [ours.get(name) ?? name, value])) }
}

/** For commander: what contains a text. */
function containing(text: string): readonly MeasuredRow[] {
  const found = measuredRows.filter(({ name }) => name.includes(text))
  if (found.length === 0) throw new InvalidArgumentError(`it is in none of ${measuredRows.map(({ name }) => name).join('; ')}.`)
  return found
}
