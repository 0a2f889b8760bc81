import type { NeighbourMetric } from '@metric-learning/evaluation'

/**
 * How much farther the nearest reference of another class is than the nearest match, as a share of both: (d⁻ - d⁺) / (d⁻ + d⁺), from -1 to 1 and above 0
 * where the nearest matches. Unlike precision at 1 it says by how much. It sorts all references, for the nearest match may be anywhere.
 *
 * @see Crammer et al. 2002, Margin Analysis of the LVQ Algorithm, whose hypothesis margin is half of d⁻ - d⁺.
 */
export const neighbourMargin: NeighbourMetric<'neighbourMargin'> = {
  name: 'neighbourMargin',
  label: 'margin',
  title: 'margin between nearest match and nearest other',
  meaning: 'How much farther the nearest of another class is, as a share of both distances.',
  better: 'larger',
  judges: 'neighbours',
  neighbours: 'all',
  compute({ distances, isMatch, rows }) {
    const match = distances[isMatch.subarray(0, rows.length).indexOf(1)]!
    const other = distances[isMatch.subarray(0, rows.length).indexOf(0)]
    if (other === undefined) return 1
    return match + other === 0 ? 0 : (other - match) / (match + other)
  },
}
