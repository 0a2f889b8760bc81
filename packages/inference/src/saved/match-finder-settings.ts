import { StateError, type Distance, type Plain } from '@metric-learning/contracts'
import { CosineSimilarity, DotProductSimilarity, LpDistance, SNRDistance } from '@metric-learning/distances'
import { MatchFinder } from '../match-finder.js'

interface DistanceSettings {
  readonly name: string
  readonly measure: string | null
  readonly normalizeEmbeddings: boolean
  readonly p: number | 'Infinity'
  readonly power: number
}

/** A finder in plain words: the formula of its distance, its options, the threshold. */
export function matchFinderSettings({ distance, threshold }: MatchFinder): { readonly [name: string]: Plain } {
  return { distance: distanceSettings(distance), threshold: threshold ?? null }
}

/**
 * The finder that was described, if its distance is one of `@metric-learning/distances`.
 *
 * @param file where it is described, for messages
 * @throws {StateError} when it is another one, which has to be given.
 */
export function matchFinderOf(file: string, settings: Plain): MatchFinder {
  const { distance, threshold } = settings as unknown as { distance: DistanceSettings; threshold: number | null }
  return new MatchFinder({ distance: distanceOf(file, distance), ...(threshold !== null && { threshold }) })
}

function distanceSettings({ name, measure, normalizeEmbeddings, p, power }: Distance): { readonly [name: string]: Plain } {
  return { name, measure: measure ?? null, normalizeEmbeddings, p: p === Infinity ? 'Infinity' : p, power }
}

function distanceOf(file: string, { name, measure, normalizeEmbeddings, p, power }: DistanceSettings): Distance {
  const options = { p: Number(p), power }
  const all = { ...options, normalizeEmbeddings }
  switch (measure) {
    case 'CosineSimilarity':
      return new CosineSimilarity(options)
    case 'DotProductSimilarity':
      return new DotProductSimilarity(all)
    case 'LpDistance':
      return new LpDistance(all)
    case 'SNRDistance':
      return new SNRDistance(all)
    default:
      throw new StateError({
        who: 'InferenceModel.load',
        wanted: `a \`matchFinder\` with the distance of the model in ${file}`,
        got: `none, where that is ${name}`,
        fix: 'Pass the finder that the model was saved with.',
      })
  }
}
