import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkedExperiment, type Experiment } from '@metric-learning/experiments'
import { beforeAll, expect, it, onTestFinished } from 'vitest'
import { BESIDE_PML, runPml } from './pml-side.js'
import { tenLosses } from './ten-losses.js'

const SEEDS = [0, 1]
let experiment: Experiment
beforeAll(async () => {
  experiment = await checkedExperiment({ ...tenLosses('quick-draw', SEEDS), data: { quickDraw: { samplesPerClass: 1, testSamplesPerClass: 1 } } }, { who: 'test', folder: '/' })
})

/** A Python that notes when it begins and ends, with what it is told, and prints a line of results; of the seed that fails none. */
function fakePython(failing = -1) {
  const folder = mkdtempSync(join(tmpdir(), 'pml-side-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  const python = join(folder, 'python')
  writeFileSync(
    python,
    `#!/bin/sh
if [ "$1" = -c ]; then echo '[]'; exit; fi
all="$*"
shift
while [ $# -gt 0 ]; do case "$1" in --method) method=$2 ;; --seed) seed=$2 ;; esac; shift 2; done
echo "begin $all" >> ${folder}/calls
sleep 0.3
echo end >> ${folder}/calls
[ "$seed" = ${failing} ] && exit 1
echo "{\\"method\\":\\"$method, PML\\",\\"seed\\":$seed,\\"view\\":\\"joined\\",\\"metrics\\":{}}"
`,
  )
  chmodSync(python, 0o755)
  const calls = () => readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')
  return { folder: join(folder, 'out'), python, calls, say: () => undefined }
}

/** The most calls that were under way at a time. */
const together = (calls: readonly string[]): number => {
  let [under, most] = [0, 0]
  for (const call of calls) most = Math.max(most, (under += call === 'end' ? -1 : 1))
  return most
}

const wanted = SEEDS.flatMap((seed) => BESIDE_PML.map((method) => ({ method: `${method}, PML`, seed })))

it.each([1, 2])('runs as many repeats at a time as it is told, each with its share of the threads: %i', async (jobs) => {
  const { calls, ...side } = fakePython()
  const rows = await runPml({ experiment, ...side, jobs })
  expect(rows.map(({ method, seed }) => ({ method, seed }))).toEqual(wanted)
  expect(together(calls())).toBe(jobs)
  const begun = calls().filter((call) => call !== 'end')
  expect(begun).toHaveLength(wanted.length)
  for (const call of begun) expect(call).toMatch(new RegExp(`--epochs 8 --judge-every 2 --learning-rate 0.003 --threads ${Math.max(1, Math.floor(availableParallelism() / jobs))}$`))
})

it('goes on where a repeat failed, and does none twice', async () => {
  const { calls, ...side } = fakePython(1)
  await expect(runPml({ experiment, ...side, jobs: 1 })).rejects.toThrow('code 1')
  writeFileSync(side.python, readFileSync(side.python, 'utf8').replace('= 1 ] && exit 1', '= none ] && exit 1'))
  const before = calls().filter((call) => call !== 'end').length
  expect((await runPml({ experiment, ...side, jobs: 1 })).map(({ method, seed }) => ({ method, seed }))).toEqual(wanted)
  expect(before).toBe(BESIDE_PML.length + 1)
  expect(calls().filter((call) => call !== 'end')).toHaveLength(before + BESIDE_PML.length)
})
