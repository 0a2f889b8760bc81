import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { latestCheckpoint, readCheckpoint } from '@metric-learning/checkpoints'
import type { RunState } from '@metric-learning/core'
import { PLACES } from '../soak-run.js'

/**
 * All that a run left behind and that follows from its seed, by what it is: `tensor modules.trunk blocks.0.conv.weight`, `value
 * plugins.schedules …`, `log 12`. Bytes of tensors are hexadecimal. Times and memory are left out.
 */
export type FinishedRun = ReadonlyMap<string, string>

/** Tags of what is measured, and not computed: docs/logging.md. */
const isMeasured = (tag: string): boolean => /^(train\/(samplesPerSecond|dataWait)|memory\/.*|epoch\/.*)$/.test(tag)

/** Reads the last checkpoint of a run, and its log. */
export async function finishedRun(folder: string): Promise<FinishedRun> {
  const found = new Map<string, string>()
  const checkpoint = await readCheckpoint((await latestCheckpoint(join(folder, PLACES.checkpoints)))!)
  try {
    await takeState(checkpoint.state, found)
  } finally {
    checkpoint.dispose()
  }
  const lines = (await readFile(join(folder, PLACES.jsonLines), 'utf8')).trim().split('\n')
  const entries = lines.map((line) => ({ line, ...(JSON.parse(line) as { readonly tag: string; readonly step: number }) }))
  // Whether steps wait too long for their data is measured as well.
  entries
    .filter(({ tag }) => tag !== 'health/dataWait')
    .forEach(({ line, tag, step }, i) => found.set(`line ${i + 1} of the log`, isMeasured(tag) ? `${tag} at step ${step}` : line))
  return found
}

/** The first thing in which a run differs from another one; `undefined` where they are equal. */
export function differenceBetween(run: FinishedRun, wanted: FinishedRun): string | undefined {
  for (const what of new Set([...wanted.keys(), ...run.keys()])) {
    const [here, there] = [run.get(what), wanted.get(what)]
    if (here !== there) return `${what}: ${shown(here)} in place of ${shown(there)}`
  }
  return undefined
}

const shown = (text = 'nothing'): string => (text.length > 120 ? `${text.slice(0, 120)}…` : text)

async function takeState(state: RunState, found: Map<string, string>): Promise<void> {
  for (const [section, { values = {}, tensors = [] }] of Object.entries(state)) {
    for (const [name, tensor] of tensors) {
      const { buffer, byteOffset, byteLength } = await tensor.data()
      found.set(`tensor ${section} ${name}`, `${tensor.dtype} [${tensor.shape.join()}] ${Buffer.from(buffer, byteOffset, byteLength).toString('hex')}`)
    }
    takeValues(`value ${section}`, values, found)
  }
}

/** Each plain value under its path. Lengths of log files go with the digits of times. */
function takeValues(path: string, value: unknown, found: Map<string, string>): void {
  if (typeof value !== 'object' || value === null) {
    found.set(path, JSON.stringify(value))
    return
  }
  for (const [key, part] of Object.entries(value)) {
    if (!/^(bytes|seconds|dataWaitSeconds)$/.test(key) && !isMeasured(key)) takeValues(`${path} ${key}`, part, found)
  }
}
