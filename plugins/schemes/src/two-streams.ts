import { expectKnownOptions, expectMethods, OptionError, type Module } from '@metric-learning/contracts'
import { metricLossOnly, type EmbeddingPath, type Scheme } from '@metric-learning/core'
import { twoViews } from './two-views.js'

/** Parts of {@link twoStreams}. */
export interface TwoStreamsParts extends EmbeddingPath {
  /** What the second stream goes through, where that is another network than the first one's, as of sketches beside photographs. Default: the same. */
  readonly other?: EmbeddingPath
}

/**
 * Two streams of samples, row by row of one class: anchors, and what they are compared with; PyTorch Metric Learning's
 * TwoStreamMetricLoss. The dataset has two views of each sample: an anchor and one of its positives. An objective with
 * `against: 'otherEmbeddings'` looks for the positives and negatives of each anchor in the second stream alone.
 *
 * Outputs: `embeddings`, of the first views, and `otherEmbeddings`, of the second ones, float32 [n, dim] each. Modules: `trunk` and
 * `embedder`, through which both streams go as one batch of 2n; with `other` also `otherTrunk` and `otherEmbedder`, each stream then a
 * batch of its own. Evaluations embed with the first stream's.
 *
 * @throws {OptionError} when a part is unknown, embeddings of the two streams are not equally wide, or an embedder does not fit its trunk.
 * @example
 * new Trainer({
 *   scheme: twoStreams({ trunk, embedder }),
 *   objectives: [{ loss: new TripletMarginLoss(), miner: new BatchHardMiner(), against: 'otherEmbeddings' }],
 *   dataset: pairs, sampler,
 * })
 */
export function twoStreams(parts: TwoStreamsParts): Scheme {
  expectKnownOptions('twoStreams', parts, ['trunk', 'embedder', 'other'])
  const { other, ...path } = parts
  metricLossOnly(path, 'twoStreams')
  if (other === undefined) return { ...twoViews(path), name: 'TwoStreams' }
  expectMethods('twoStreams', 'other.trunk', (other as Partial<EmbeddingPath> | null)?.trunk, ['call'], 'new ConvNet()')
  metricLossOnly(other, 'twoStreams, other')
  const { trunk, embedder } = path
  const [width, otherWidth] = [path, other].map((each) => (each.embedder ?? each.trunk).outputSize) as [number, number]
  if (width !== otherWidth) {
    throw new OptionError({ who: 'twoStreams', wanted: `embeddings of ${width} numbers from \`other\`, as from the first stream`, got: String(otherWidth), fix: 'Give both embedders one `embeddingSize`.' })
  }
  const embed = (each: EmbeddingPath, ...[samples, mode]: Parameters<Module['call']>) => {
    const features = each.trunk.call(samples, mode)
    return each.embedder ? each.embedder.call(features, mode) : features
  }
  return {
    name: 'TwoStreams',
    modules: { trunk, ...(embedder && { embedder }), otherTrunk: other.trunk, ...(other.embedder && { otherEmbedder: other.embedder }) },
    views: 2,
    outputs: { embeddings: width, otherEmbeddings: otherWidth },
    computedBy: { embeddings: ['trunk', ...(embedder ? ['embedder'] : [])], otherEmbeddings: ['otherTrunk', ...(other.embedder ? ['otherEmbedder'] : [])] },
    forward: ({ views }, mode) => ({ embeddings: embed(path, views[0]!, mode), otherEmbeddings: embed(other, views[1]!, mode) }),
  }
}
