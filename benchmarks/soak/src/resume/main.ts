import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { useBackend } from '@metric-learning/backend'
import { Random } from '@metric-learning/contracts'
import { backendOption, integer, runMain, say, type MeasuredBackend } from '@metric-learning/peer'
import { Command, Option } from 'commander'
import { differenceBetween, finishedRun } from './finished-run.js'
import { describeMoment, drawKillMoments } from './kill-moment.js'
import { killedRun } from './killed-run.js'
import { MODES, runUntil, type Mode } from './run-until.js'

/** More than the run takes: early stopping ends it. */
const EPOCHS = 12

const options = new Command('npm run soak:resume --')
  .description(
    'Runs that are killed with SIGKILL at random moments, resumed until they come to their end, and compared with the ' +
      'uninterrupted one: all tensors and values of the last checkpoint, and all that was logged, times and memory apart, bit for ' +
      'bit. On a GPU with TensorFlow\'s deterministic operations. Exit code 1 where one differs; its folder stays.',
  )
  .option('--runs <count>', 'runs of each mode', integer(1), 50)
  .addOption(new Option('--mode <name>', 'compiled steps, eager ones, or first the ones and then the others').choices([...MODES, 'both']).default('both'))
  .option('--seed <number>', 'from which moments follow; default drawn, and printed', integer(0))
  .addOption(backendOption())
  .parse()
  .opts<{ runs: number; mode: Mode | 'both'; seed?: number; backend: MeasuredBackend }>()

await runMain(async () => {
  // Reads checkpoints; runs are in processes of their own.
  await useBackend('native-cpu', { log: say })
  const { runs, mode, seed = Math.floor(Math.random() * 2 ** 31) } = options
  console.log(`Seed of the moments: ${seed}`)
  const place = await mkdtemp(join(tmpdir(), 'soak-resume-'))
  for (const each of MODES.filter((name) => mode === 'both' || mode === name)) if (!(await soak(each, place, runs, seed))) process.exitCode = 1
  if (process.exitCode !== 1) await rm(place, { recursive: true })
})

/** Whether all runs of a mode are equal. */
async function soak(mode: Mode, place: string, runs: number, seed: number): Promise<boolean> {
  const folder = join(place, `${mode}-uninterrupted`)
  await runUntil({ folder, mode, epochs: EPOCHS, backend: options.backend })
  const wanted = await finishedRun(folder)
  const steps = Number(wanted.get('value trainer step'))
  console.log(`${mode}: the uninterrupted run takes ${steps} steps`)
  const started = performance.now()
  let [equal, kills, halves] = [0, 0, 0]
  for (let i = 1; i <= runs; i++) {
    const own = join(place, `${mode}-${i}`)
    const { moments, halfSaves } = await killedRun({ folder: own, mode, epochs: EPOCHS, backend: options.backend }, drawKillMoments(Random.at(seed, mode, i), steps))
    const difference = moments.length === 0 ? 'it ended before it was killed' : differenceBetween(await finishedRun(own), wanted)
    console.log(`${mode} ${i} of ${runs}: killed at ${moments.map(describeMoment).join(', ')}: ${difference ?? 'equal'}`)
    kills += moments.length
    halves += halfSaves
    if (difference === undefined) {
      equal += 1
      await rm(own, { recursive: true })
    } else console.log(`  in ${own}, beside ${folder}`)
  }
  const seconds = ((performance.now() - started) / 1000).toFixed(0)
  console.log(`${mode}: ${kills} kills in ${seconds} s, ${halves} of them in the middle of a save`)
  console.log(`${mode}: ${equal} of ${runs} resumed runs equal the uninterrupted one`)
  return equal === runs
}
