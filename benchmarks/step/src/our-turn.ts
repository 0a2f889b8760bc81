// A turn of our side, in a process of its own: `our-turn.ts REQUEST`, with a TurnRequest as JSON, prints a Turn as JSON.
import { useBackend } from '@metric-learning/backend'
import { median, residentMemory, runMain } from '@metric-learning/peer'
import { StepClock } from './step-clock.js'
import { trainerOf } from './trainer-of.js'
import type { Turn, TurnRequest } from './turn.js'

const request = JSON.parse(process.argv[2]!) as TurnRequest

await runMain(async () => {
  await useBackend(request.device === 'cuda' ? 'cuda' : 'native-cpu', { log: () => undefined })
  const baseMiB = residentMemory('now')
  const clock = new StepClock(request)
  const steps = request.warmUp + request.steps
  await trainerOf(request, { steps, plugins: [clock] }).train({ epochs: 1 })
  const milliseconds = request.device === 'cuda' ? clock.total / request.steps : median(clock.times)
  process.stdout.write(`${JSON.stringify({ milliseconds, baseMiB, peakMiB: residentMemory('peak') } satisfies Turn)}\n`)
})
