/** How metrics are called in tables. */
const LABELS: Readonly<Record<string, string>> = {
  AMI: 'AMI',
  NMI: 'NMI',
  meanAveragePrecision: 'MAP',
  meanAveragePrecisionAtR: 'MAP@R',
  meanReciprocalRank: 'MRR',
  precisionAt1: 'P@1',
  rPrecision: 'R-precision',
}

export const labelOf = (metric: string): string => LABELS[metric] ?? metric
