import { adjustedMutualInformation } from '../clustering/adjusted-mutual-information.js'
import { normalizedMutualInformation } from '../clustering/normalized-mutual-information.js'
import type { ClusteringMetric } from './metric.js'

/** See {@link adjustedMutualInformation}. */
export const AMI: ClusteringMetric<'AMI'> = {
  name: 'AMI',
  label: 'AMI',
  title: 'adjusted mutual information',
  meaning: 'How well k-means clusters agree with the classes, corrected for chance.',
  inPercent: true,
  judges: 'clusters',
  compute: adjustedMutualInformation,
}

/** See {@link normalizedMutualInformation}. */
export const NMI: ClusteringMetric<'NMI'> = {
  name: 'NMI',
  label: 'NMI',
  title: 'normalised mutual information',
  meaning: 'How well k-means clusters agree with the classes.',
  inPercent: true,
  judges: 'clusters',
  compute: normalizedMutualInformation,
}
