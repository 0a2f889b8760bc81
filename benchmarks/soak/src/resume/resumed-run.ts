// One process of a run that may be killed: `resumed-run.ts FOLDER compiled|eager EPOCHS BACKEND` begins the run of a folder, or goes on with it.
// It says on standard output where it is, a word a line: each a MomentKind.
import { writeSync } from 'node:fs'
import { useBackend } from '@metric-learning/backend'
import type { Plugin } from '@metric-learning/core'
import type { MeasuredBackend } from '@metric-learning/peer'
import { SoakRun } from '../soak-run.js'
import type { MomentKind } from './kill-moment.js'

const [folder, mode, epochs, backend] = process.argv.slice(2)

/** At once, whatever happens next. */
const tell = (kind: MomentKind): undefined => {
  writeSync(1, `${kind}\n`)
}

const teller: Plugin = {
  name: 'teller',
  apply({ hooks }) {
    const tap = { name: 'teller', stage: 'measure' } as const
    hooks.batchStart.tap(tap, () => tell('step'))
    hooks.evalStart.tap(tap, () => tell('evaluation'))
    hooks.save.tap(tap, () => tell('save'))
    hooks.done.tap({ name: 'teller', stage: 'save' }, () => tell('end'))
  },
}

await useBackend(backend as MeasuredBackend, { log: () => undefined })
tell('start')
const run = new SoakRun({
  folder: folder!,
  compile: mode === 'compiled' ? 'require' : false,
  epochs: Number(epochs),
  stepsOfEpoch: 11,
  stepsBetweenCheckpoints: 3,
  patience: 2,
  logEverySteps: 2,
  onLoad: () => tell('load'),
  plugins: [teller],
})
await run.train()
await run.dispose()
