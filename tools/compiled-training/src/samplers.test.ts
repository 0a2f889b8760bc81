import * as tf from '@tensorflow/tfjs-core'
import { Random, type BatchSampler, type State } from '@metric-learning/contracts'
import { Adam, Trainer, type Plugin, type RunState } from '@metric-learning/core'
import { TripletMarginLoss } from '@metric-learning/losses'
import { MultiSimilarityMiner } from '@metric-learning/miners'
import { ConvNet, Embedder } from '@metric-learning/models'
import { stepCompiler, type CompileMode } from '@metric-learning/ops'
import { FixedSetOfTriplets, HierarchicalSampler, MPerClassSampler, TuplesToWeightsSampler } from '@metric-learning/samplers'
import { describe, expect, it } from 'vitest'
import { pictures } from './pictures.js'

const dataset = pictures(5, 8)

interface Run {
  readonly trainer: Trainer
  readonly losses: number[]
  readonly sizes: number[]
  dispose(): void
}

/** A run of a small ConvNet with a sampler that may look at it. */
function run(compile: CompileMode, samplerOf: (networks: { readonly trunk: ConvNet; readonly embedder: Embedder }) => BatchSampler & { dispose?(): void }): Run {
  const random = new Random(3)
  const trunk = new ConvNet({ width: 4, blocks: 2, random })
  const embedder = new Embedder({ inputSize: trunk.outputSize, embeddingSize: 6, random })
  const sampler = samplerOf({ trunk, embedder })
  const [losses, sizes]: [number[], number[]] = [[], []]
  const watch: Plugin = {
    name: 'watch',
    apply({ hooks }) {
      hooks.batchEnd.tapPromise({ name: 'watch' }, async ({ loss, rows }) => {
        losses.push(await loss())
        sizes.push(rows.length)
      })
    },
  }
  const optimizers = { trunk: new Adam({ learningRate: 0.01 }), embedder: new Adam({ learningRate: 0.01 }) }
  const trainer = new Trainer({ trunk, embedder, dataset, sampler, compile, optimizers, objectives: [{ loss: new TripletMarginLoss({ margin: 0.2 }) }], plugins: [watch] })
  const owned = [trainer, trunk, embedder, sampler, ...Object.values(optimizers)]
  return { trainer, losses, sizes, dispose: () => owned.forEach((one) => one.dispose?.()) }
}

const parametersOf = ({ trainer }: Run) => [...trainer.parameters.values()].map((variable) => [...variable.dataSync()])

/** What would come out of a file. */
const saved = (state: RunState): RunState =>
  Object.fromEntries(
    Object.entries(state).map(([section, { values = {}, tensors = new Map<string, tf.Tensor>() }]): [string, State] => [
      section,
      { values: JSON.parse(JSON.stringify(values)) as NonNullable<State['values']>, tensors: new Map([...tensors].map(([name, tensor]) => [name, tf.tensor(tensor.dataSync(), tensor.shape, tensor.dtype)])) },
    ]),
  )

describe.runIf(stepCompiler())('Samplers whose last batch has another size', () => {
  const { labels } = dataset
  it.each<[string, () => BatchSampler, number[]]>([
    ['MPerClassSampler, drawn', () => new MPerClassSampler({ labels, m: 4, batchSize: 16, dropLast: false }), [16, 16, 8]],
    ["MPerClassSampler, coverage 'all'", () => new MPerClassSampler({ labels, m: 4, batchSize: 16, coverage: 'all', dropLast: false }), [16, 12, 12]],
    ['FixedSetOfTriplets', () => new FixedSetOfTriplets({ labels, numTriplets: 10, batchSize: 12, dropLast: false }), [12, 12, 6]],
  ])('%s: a graph for each size, with the losses of eager steps', async (_, make, sizes) => {
    const [compiled, eager] = [run('require', make), run(false, make)]
    await compiled.trainer.train({ epochs: 3 })
    await eager.trainer.train({ epochs: 3 })
    expect(compiled.sizes).toEqual([...sizes, ...sizes, ...sizes])
    expect(eager.sizes).toEqual(compiled.sizes)
    compiled.losses.forEach((loss, step) => expect(loss, `step ${step + 1}`).toBeCloseTo(eager.losses[step]!, 3))
    compiled.dispose()
    eager.dispose()
  })
})

describe('TuplesToWeightsSampler in a run', () => {
  const make = (compile: boolean) =>
    run(compile, (networks) => new TuplesToWeightsSampler({ dataset, ...networks, miner: new MultiSimilarityMiner({ epsilon: 0.01 }), batchSize: 10, subsetSize: 30, compile }))

  it.each([true, false])('goes on from any step with the weights that its epoch began with, bit for bit (compile: %s)', async (compile) => {
    const whole = make(compile)
    await whole.trainer.train({ epochs: 3 })
    for (const stopAt of [2, 3, 5]) {
      const [first, second] = [make(compile), make(compile)]
      for await (const { step } of first.trainer.steps({ epochs: 3 })) if (step === stopAt) break
      const state = saved(await first.trainer.state())
      expect(state['sampler']!.tensors!.get('weights')!.shape).toEqual([40])
      await second.trainer.restore(state)
      await second.trainer.train({ epochs: 3 })
      expect([...first.losses, ...second.losses]).toEqual(whole.losses)
      expect(parametersOf(second)).toEqual(parametersOf(whole))
      for (const one of [first, second]) one.dispose()
    }
    whole.dispose()
  })

  it('is another run with another miner or dataset', async () => {
    const one = make(false)
    const state = saved(await one.trainer.state())
    const named = run(false, (networks) => new TuplesToWeightsSampler({ dataset, ...networks, miner: { name: 'other', mine: () => undefined as never }, batchSize: 10, subsetSize: 30 }))
    await expect(named.trainer.restore(state)).rejects.toThrow('got sampler.miner, which was MultiSimilarityMiner and is other')
    expect(() => run(false, (networks) => new TuplesToWeightsSampler({ dataset: pictures(5, 4), ...networks, miner: new MultiSimilarityMiner(), batchSize: 10 }))).toThrow('wanted to be made for the 40 samples')
    for (const each of [one, named]) each.dispose()
  })
})

describe('A run that goes on with a sampler of other labels', () => {
  const coarse = { ...dataset, columns: { coarse: { labels: dataset.labels.map((label) => label >> 1) } } }
  const labels = Array.from({ length: 40 }, (_, row) => [row % 10, (row + 1) % 10, row % 2, (row % 10) % 5 < 2 ? 0 : 1])
  const hierarchical = (innerLabel: number, outerLabel: number) => () => new HierarchicalSampler({ labels, batchSize: 8, samplesPerClass: 2, innerLabel, outerLabel })
  const weighing = (column?: string) => (networks: object) =>
    new TuplesToWeightsSampler({ ...(networks as { readonly trunk: ConvNet }), dataset: coarse, miner: new MultiSimilarityMiner(), batchSize: 10, ...(column && { labels: column }) })

  it.each([
    ['HierarchicalSampler, classes', hierarchical(0, 2), hierarchical(1, 2), 'wanted classes of 40 samples, got other classes of 40 samples'],
    ['HierarchicalSampler, super classes', hierarchical(0, 2), hierarchical(0, 3), 'wanted superClasses of 40 samples, got other superClasses of 40 samples'],
    ['TuplesToWeightsSampler', weighing(), weighing('coarse'), 'wanted labels of 40 samples, got other labels of 40 samples'],
  ])('would draw other batches, and is refused: %s', async (_, before, now, difference) => {
    const [one, same, other] = [run(false, before), run(false, before), run(false, now)]
    const state = saved(await one.trainer.state())
    await same.trainer.restore(state)
    await expect(other.trainer.restore(state)).rejects.toThrow(difference)
    for (const each of [one, same, other]) each.dispose()
  })
})
