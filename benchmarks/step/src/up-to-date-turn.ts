// What it costs that a compiled step is never out of date, in a process of its own: `up-to-date-turn.ts REQUEST`, with an
// UpToDateRequest as JSON, prints an UpToDateCost as JSON. On the CPU.
import { compileStep, useBackend } from '@metric-learning/backend'
import { Random } from '@metric-learning/contracts'
import { Adam } from '@metric-learning/core'
import { Embedder } from '@metric-learning/models'
import { reachableFields, relationsOf } from '@metric-learning/ops'
import { median, runMain } from '@metric-learning/peer'
import * as tf from '@tensorflow/tfjs-core'
import { NETS, type LossName, type Net } from './nets.js'
import { objectiveOf, trunkOf } from './trainer-of.js'
import type { UpToDateCost, UpToDateRequest } from './up-to-date-cost.js'

const request = JSON.parse(process.argv[2]!) as UpToDateRequest

/** Comparisons that are timed. */
const rounds = 9
/** Runs after which no comparison of a side's own comes for as many again. */
const settled = 81

await runMain(async () => {
  await useBackend('native-cpu', { log: () => undefined })
  process.stdout.write(`${JSON.stringify(measure(NETS.find(({ name }) => name === request.net)!, request.loss))}\n`)
})

/** Steps with guards beside steps without either guards or comparisons, in turns. */
function measure(net: Net, loss: LossName): UpToDateCost {
  const [guarded, plain] = [sideOf(net, loss, true), sideOf(net, loss, false)]
  for (const { step } of [guarded, plain]) for (let i = 0; i < settled; i++) step()
  const times = { guarded: [] as number[], plain: [] as number[], compared: [] as number[] }
  // As long as a side makes no comparison of its own.
  const stepsOfRound = Math.floor((settled - 2) / rounds)
  for (let round = 0; round < rounds; round++) {
    guarded.verify()
    times.compared.push(timeOf(guarded.step))
    for (let i = 1; i < stepsOfRound; i++) {
      times.guarded.push(timeOf(guarded.step))
      times.plain.push(timeOf(plain.step))
    }
  }
  const cost = {
    step: median(times.plain),
    fields: [...reachableFields(guarded.roots)].length,
    guards: guardMicroseconds(guarded.roots) / 1000,
    comparison: median(times.compared) - median(times.guarded),
  }
  for (const side of [guarded, plain]) side.dispose()
  return cost
}

/** The training step of a net on one batch of noise. */
function sideOf({ name, batch, imageSize, channels }: Net, lossName: LossName, isGuarded: boolean) {
  const random = new Random(0)
  const trunk = trunkOf(name, channels, random)
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: 64, random })
  const { loss, miner } = objectiveOf(lossName)
  const adam = new Adam()
  const roots = { modules: { trunk, embedder }, objectives: { [lossName]: { loss, miner: miner ?? null } }, optimizers: { adam } }
  const parameters = new Map(
    Object.entries({ trunk, embedder, loss }).flatMap(([owner, part]) => [...part.parameters].map(([key, value]) => [`${owner}.${key}`, value] as const)),
  )
  const relations = relationsOf(Int32Array.from({ length: batch }, (_, row) => row >> 2))
  const update = (samples: tf.Tensor): tf.Tensor[] => {
    const forward = () => {
      const embeddings = embedder.call(trunk.call(samples, { training: true })) as tf.Tensor2D
      const selection = miner?.mine(embeddings, relations)
      return loss.compute(embeddings, relations, selection ? { selection } : {})
    }
    const { value, grads } = tf.variableGrads(forward, [...parameters.values()])
    adam.apply(parameters, new Map([...parameters].map(([key, variable]) => [key, grads[variable.name]!])))
    return [value]
  }
  const compiled = compileStep((samples) => update(samples!), { fallback: 'throw', ...(isGuarded && { guarded: roots }) })
  const samples = tf.keep(tf.randomUniform([batch, imageSize, imageSize, channels], 0, 1, 'float32', 1))
  return {
    roots,
    verify: () => {
      compiled.verify()
    },
    step: () => {
      tf.tidy(() => compiled(samples, ...relations.tensors)[0]!.dataSync())
    },
    dispose: () => {
      compiled.dispose()
      tf.dispose(samples)
      for (const part of [relations, trunk, embedder, adam]) part.dispose()
      for (const variable of loss.parameters.values()) variable.dispose()
    },
  }
}

/** What guards cost, on a step that does next to nothing: the least noise. */
function guardMicroseconds(roots: Readonly<Record<string, object>>): number {
  const x = tf.scalar(1)
  const nothing = () => (input?: tf.Tensor) => [tf.neg(input!)]
  const [guarded, plain] = [compileStep(nothing(), { guarded: roots }), compileStep(nothing(), {})]
  const times = { guarded: [] as number[], plain: [] as number[] }
  for (let i = 0; i < 5000; i++) {
    times.guarded.push(timeOf(() => tf.dispose(guarded(x))))
    times.plain.push(timeOf(() => tf.dispose(plain(x))))
  }
  for (const one of [guarded, plain, x]) one.dispose()
  return 1000 * (median(times.guarded) - median(times.plain))
}

function timeOf(work: () => void): number {
  const started = performance.now()
  work()
  return performance.now() - started
}
