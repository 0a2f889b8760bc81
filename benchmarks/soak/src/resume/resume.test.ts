import { appendFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { stepCompiler } from '@metric-learning/ops'
import { afterAll, describe, expect, it } from 'vitest'
import { PLACES } from '../soak-run.js'
import { differenceBetween, finishedRun } from './finished-run.js'
import type { KillMoment } from './kill-moment.js'
import { killedRun } from './killed-run.js'
import { runUntil, type Mode, type RunRequest } from './run-until.js'

const place = mkdtempSync(join(tmpdir(), 'soak-resume-'))
afterAll(() => rmSync(place, { recursive: true }))

/** What has to be among the things that are compared. */
const REMEMBERED = [
  'tensor modules.trunk blocks.0.norm.running_mean',
  'tensor losses.memory embeddingMemory',
  'tensor losses.drawn draws',
  'tensor optimizers.losses.arcFace',
  'value scheduled objectives.memory',
  'value plugins.schedules',
  'value plugins.earlyStopping heldOut/meanAveragePrecisionAtR waited',
  'line 100 of the log',
]

describe.runIf(stepCompiler())('A run that is killed and resumed', () => {
  it.each<[Mode, readonly KillMoment[]]>([
    [
      'compiled',
      [
        { kind: 'save', count: 9, milliseconds: 2 },
        { kind: 'end', count: 1, milliseconds: 0 },
      ],
    ],
    ['eager', [{ kind: 'load', count: 20, milliseconds: 1 }]],
  ])('equals the uninterrupted one, bit for bit: %s', { timeout: 180_000 }, async (mode, moments) => {
    const [whole, killed] = [`${mode}-whole`, `${mode}-killed`].map((name) => ({ folder: join(place, name), mode, epochs: 3, backend: 'native-cpu' as const })) as [RunRequest, RunRequest]
    await runUntil(whole)
    const wanted = await finishedRun(whole.folder)
    for (const name of REMEMBERED) expect([...wanted.keys()].some((key) => key.startsWith(name)), name).toBe(true)

    expect((await killedRun(killed, moments)).moments[0]).toEqual(moments[0])
    expect(differenceBetween(await finishedRun(killed.folder), wanted)).toBeUndefined()

    // What would be no equal run.
    appendFileSync(join(killed.folder, PLACES.jsonLines), '{"kind":"scalar","tag":"train/loss","step":1000,"value":1}\n')
    expect(differenceBetween(await finishedRun(killed.folder), wanted)).toMatch(/^line \d+ of the log: \{.*"step":1000,"value":1\} in place of nothing$/)
  })
})

it('a difference is the first one, named with both sides', () => {
  const wanted = new Map([
    ['tensor modules.trunk weight', 'float32 [1] 0000803f'],
    ['value trainer step', '99'],
  ])
  expect(differenceBetween(new Map(wanted), wanted)).toBeUndefined()
  expect(differenceBetween(new Map(wanted).set('tensor modules.trunk weight', 'float32 [1] 0100803f').set('value trainer step', '98'), wanted)).toBe(
    'tensor modules.trunk weight: float32 [1] 0100803f in place of float32 [1] 0000803f',
  )
  expect(differenceBetween(new Map([...wanted].slice(0, 1)), wanted)).toBe('value trainer step: nothing in place of 99')
})
