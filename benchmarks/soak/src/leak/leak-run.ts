import type { Plugin } from '@metric-learning/core'
import { Profiler } from '@metric-learning/profiler'
import { readMemory, type MemoryReading } from '../memory-reading.js'
import { SoakRun } from '../soak-run.js'

export interface LeakRunOptions {
  /** Where logs and checkpoints go. */
  readonly folder: string
  readonly steps: number
  /** As many epochs, each of which ends with one. */
  readonly evaluations: number
  /** Told of each reading: one an epoch, after its evaluation. */
  readonly onReading?: (reading: MemoryReading) => void
  readonly plugins?: readonly Plugin[]
}

/** Takes compiled steps with every plugin on, and reads memory at the end of each epoch. */
export async function leakRun({ folder, steps, evaluations, onReading, plugins = [] }: LeakRunOptions): Promise<readonly MemoryReading[]> {
  const readings: MemoryReading[] = []
  const meter: Plugin = {
    name: 'meter',
    apply({ hooks }) {
      hooks.epochEnd.tap({ name: 'meter', stage: 'report' }, ({ step }) => {
        const reading = readMemory(step)
        readings.push(reading)
        onReading?.(reading)
      })
    },
  }
  // Its timeline grows until it is full: within the warm-up.
  const profiler = new Profiler({ maxTraceEvents: steps })
  const stepsOfEpoch = Math.ceil(steps / evaluations)
  const run = new SoakRun({
    folder,
    compile: 'require',
    epochs: evaluations,
    stepsOfEpoch,
    stepsBetweenCheckpoints: Math.ceil(stepsOfEpoch / 4),
    patience: Number.MAX_SAFE_INTEGER,
    logEverySteps: 20,
    plugins: [profiler, ...plugins, meter],
  })
  try {
    await run.train()
  } finally {
    await run.dispose()
    profiler.dispose()
  }
  return readings
}
