import { Random } from '@metric-learning/contracts'
import type { EmbeddingsRecord, RunRecord } from './run-record.js'

/** Held-out metrics of about the size that the quickstart reaches; made up where only their order of magnitude is known. */
export const UNTRAINED = {
  AMI: 0.114,
  NMI: 0.435,
  meanAveragePrecision: 0.038,
  meanAveragePrecisionAtR: 0.021,
  meanReciprocalRank: 0.189,
  precisionAt1: 0.111,
  rPrecision: 0.058,
}
export const TRIPLET = {
  AMI: 0.309,
  NMI: 0.562,
  meanAveragePrecision: 0.142,
  meanAveragePrecisionAtR: 0.101,
  meanReciprocalRank: 0.468,
  precisionAt1: 0.353,
  rPrecision: 0.181,
}

type Metrics = Readonly<Record<string, number>>

/** A run of `metrics.length - 1` epochs of 10 steps of 64 samples in 2 s; the first metrics are those of epoch 0. */
export function sampleRun(
  name: string,
  metrics: readonly Metrics[] = [UNTRAINED, TRIPLET],
  changes: Partial<RunRecord> = {},
): RunRecord {
  const epochs = Array.from({ length: Math.max(0, metrics.length - 1) }, (_, i) => i + 1)
  return {
    name,
    result: 'last',
    status: 'complete',
    plannedEpochs: epochs.length,
    epochs: epochs.map((epoch) => ({
      epoch,
      complete: true,
      steps: 10,
      samples: 640,
      seconds: 2,
      dataWaitSeconds: 0.125,
      meanLoss: 1 / epoch,
    })),
    losses: epochs.map((epoch) => ({ step: 10 * epoch, epoch, loss: 1 / epoch })),
    evaluations: metrics.map((heldOut, epoch) => ({
      epoch,
      step: 10 * epoch,
      tester: 'tester',
      metrics: { heldOut },
      isBest: true,
      seconds: 1,
    })),
    ...changes,
  }
}

/** 4 classes of 6 rows, before training: without structure. */
export function untrainedEmbeddings(classNames: readonly string[] = ['cat', 'dog', 'axe', 'sun']): EmbeddingsRecord {
  const random = new Random(0)
  const labels = Array.from({ length: 24 }, (_, row) => row % 4)
  return {
    split: 'heldOut',
    classNames,
    rows: labels.map((_, row) => row),
    labels,
    dim: 2,
    untrained: labels.flatMap(() => [random.normal(), random.normal()]),
  }
}

/** The same, also after training: in tight groups. */
export function sampleEmbeddings(classNames?: readonly string[]): EmbeddingsRecord {
  const untrained = untrainedEmbeddings(classNames)
  const random = new Random(1)
  return {
    ...untrained,
    trained: untrained.labels.flatMap((label) => [10 * label + 0.1 * random.normal(), 0.1 * random.normal()]),
  }
}
