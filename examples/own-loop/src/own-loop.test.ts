import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs-core'
import { Random, type Dataset } from '@metric-learning/contracts'
import { afterAll, describe, expect, it } from 'vitest'
import { plainLoop } from './plain-loop.js'
import { stepsOfTrainer } from './steps-of-trainer.js'

const [classes, perClass, side] = [8, 8, 16]

/** Pictures of noise around one picture a class. */
function noisy(seed: number): Dataset {
  const random = new Random(seed)
  const centres = Array.from({ length: classes }, () => Float32Array.from({ length: side * side }, () => random.normal()))
  const pictures = Array.from({ length: classes * perClass }, (_, row) => centres[row % classes]!.map((value) => value + 0.3 * random.normal()))
  return {
    name: 'noisy',
    labels: Int32Array.from(pictures.keys(), (row) => row % classes),
    classNames: [...'abcdefgh'],
    sampleShape: [side, side, 1],
    load: (rows) => Promise.resolve({ values: Float32Array.from([...rows].flatMap((row) => [...pictures[row]!])), shape: [rows.length, side, side, 1] }),
  }
}

const base = mkdtempSync(join(tmpdir(), 'own-loop-'))
afterAll(() => {
  rmSync(base, { recursive: true })
})
const [train, heldOut] = [noisy(1), noisy(2)]
const place = (name: string) => join(base, name)

describe.each([
  ['the steps of the trainer', stepsOfTrainer],
  ['the parts alone', plainLoop],
])('a loop with %s', (name, loop) => {
  const run = (folder: string, steps: number, lines: string[] = []) => loop({ train, heldOut, folder: place(`${name}-${folder}`), steps, say: (line) => lines.push(line) })

  it('learns, and says how far it is', async () => {
    const lines: string[] = []
    await run('lines', 40, lines)
    const losses = lines.flatMap((line) => /loss ([\d.]+)/.exec(line)?.[1] ?? []).map(Number)
    expect(losses).toHaveLength(4)
    expect(losses[0]).toBeGreaterThan(losses.at(-1)!)
  })

  it('ends the same, bit for bit, when it was cut off in the middle of an epoch and goes on', async () => {
    const whole = await run('whole', 14)
    await run('parts', 5)
    const resumed = await run('parts', 14)
    expect(resumed.weights).toEqual(whole.weights)
    expect(resumed.weights.some((weight) => weight !== 0)).toBe(true)
  })

  it('leaves no tensor behind, however many steps it takes', async () => {
    await run('first', 3)
    const before = tf.memory().numTensors
    await run('short', 2)
    expect(tf.memory().numTensors).toBe(before)
    await run('long', 20)
    expect(tf.memory().numTensors).toBe(before)
  })
})

describe('both loops', () => {
  it('judge held-out samples better than chance', async () => {
    const options = { train, heldOut, steps: 40, say: () => undefined }
    const { metrics } = await plainLoop({ ...options, folder: place('judged-plain') })
    expect(metrics.precisionAt1).toBeGreaterThan(2 / classes)
    const { best } = await stepsOfTrainer({ ...options, folder: place('judged-trainer') })
    expect(best!.value).toBeGreaterThan(2 / classes)
    const logged = readFileSync(place('judged-trainer/log.jsonl'), 'utf8')
    expect(logged).toContain('"tag":"train/loss"')
    expect(logged).toContain('"tag":"heldOut/precisionAt1"')
  })

  it('take the same steps', async () => {
    const options = { train, heldOut, steps: 4, say: () => undefined }
    const [plain, trained] = [await plainLoop({ ...options, folder: place('same-plain') }), await stepsOfTrainer({ ...options, folder: place('same-trainer') })]
    plain.weights.forEach((weight, i) => expect(weight).toBeCloseTo(trained.weights[i]!, 5))
  })
})
