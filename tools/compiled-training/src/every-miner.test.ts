import type { Miner } from '@metric-learning/contracts'
import { stepCompiler } from '@metric-learning/ops'
import { TripletMarginLoss } from '@metric-learning/losses'
import * as exported from '@metric-learning/miners'
import { describe, expect, it } from 'vitest'
import { smallRun } from './small-run.js'

type MinerClass = new (options?: object) => Miner

const isMiner = (value: unknown): value is MinerClass => typeof value === 'function' && 'mine' in ((value.prototype ?? {}) as object)
const miners = Object.entries<unknown>(exported).flatMap(([name, value]) => (isMiner(value) ? [[name, value] as const] : []))

/** Options of those that cannot do without. */
const options: Readonly<Record<string, object>> = {
  CappedMiner: { miner: new exported.TripletMarginMiner(), maxTuples: 40 },
  IntersectionMiner: { miners: [new exported.MultiSimilarityMiner(), new exported.TripletMarginMiner()] },
  UnionMiner: { miners: [new exported.BatchHardMiner(), new exported.DistanceWeightedMiner()] },
}

describe.runIf(stepCompiler())('Every miner', () => {
  it('is looked at', () => {
    expect(miners.map(([name]) => name)).toEqual(expect.arrayContaining(['BatchHardMiner', 'DistanceWeightedMiner', 'MultiSimilarityMiner', 'TripletMarginMiner']))
  })

  it.each(miners)('%s mines in one graph with the loss, as it does eagerly', async (name, MinerOfTheirs) => {
    const run = (compile: 'require' | false) =>
      smallRun({ loss: new TripletMarginLoss({ margin: 0.2 }), miner: new MinerOfTheirs(options[name]) }, { epochs: 1, compile, batchSize: 24 })
    const [compiled, eager] = [await run('require'), await run(false)]
    compiled.losses.forEach((loss, step) => expect(loss, `step ${step + 1}`).toBeCloseTo(eager.losses[step]!, 5))
  })

  it.each(['require', false] as const)('records within another what it records alone (compile: %s)', async (compile) => {
    const run = (miner: Miner) => smallRun({ loss: new TripletMarginLoss({ margin: 0.2 }), miner }, { epochs: 1, compile, batchSize: 24 })
    const made = () => [new exported.PairMarginMiner({ negMargin: 2, collectStats: true }), new exported.BatchHardMiner({ collectStats: true })] as const
    const nested = new exported.IntersectionMiner({ miners: [new exported.UnionMiner({ miners: made() }), new exported.HDCMiner()] })
    const { statistics } = await run(nested)
    expect(Object.keys(statistics).sort()).toEqual([...nested.statistics!].sort())
    expect(statistics['miners.0/miners.0/numNegPairs']).toBe(24 * 20)
    expect(statistics['miners.0/miners.1/numTriplets']).toBe(24)
  })
})
