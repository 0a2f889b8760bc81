import { createRequire } from 'node:module'
import { join } from 'node:path'
import type { BackendInfo } from '@metric-learning/backend'
import { writeReport, type ReportOptions, type RunRecord } from '@metric-learning/report'
import { samplePng } from '@metric-learning/datasets'
import { batchesOf } from './batches.js'
import type { ComparisonData } from './data.js'
import { SIDES } from './comparison.js'
import type { QuickstartOptions } from './options.js'
import { RECIPE } from './recipe.js'
import { describeTrunk } from './trunk.js'

/** What is compared, whoever shows it. */
export interface Compared {
  readonly data: ComparisonData
  readonly cautions: readonly string[]
  readonly options: QuickstartOptions
}

export interface Comparison extends Compared {
  readonly runs: readonly RunRecord[]
  /** Of this run. */
  readonly folder: string
  readonly backend: BackendInfo
  readonly say: (line: string) => void
}

/** What the report and the live page have in common. */
export function partsOfComparison({ data, cautions, options }: Compared): Required<Pick<ReportOptions, 'title' | 'images' | 'configuration' | 'seed'>> {
  return {
    title: options.losses.map((loss) => SIDES[loss].title).join(' against '),
    images: (row) => samplePng(data.heldOut, row, { inverted: data.inverted }),
    configuration: {
      data: data.description,
      ...(cautions.length > 0 && { caution: cautions.join(' ') }),
      trunk: describeTrunk(options),
      'embedding size': options.embeddingSize,
      sampler: `MPerClassSampler, m = ${options.samplesPerClass}, batches of ${batchesOf(data.train, options).batchSize}`,
      ...(options.chunkSize !== undefined && { chunks: `of ${options.chunkSize} images` }),
      ...(options.augment && { augmentation: 'crops and flips at random' }),
      optimizer: `Adam ${options.learningRate}${options.losses.includes('arcface') ? `; ArcFace’s weights on an Adam of their own at ${RECIPE.arcFaceLearningRate}` : ''}`,
      epochs: options.epochs,
      precision: options.precision,
      seed: options.seed,
    },
    seed: options.seed,
  }
}

/** Writes report.html into the run's folder and returns its path. */
export async function writeComparison({ runs, data, cautions, folder, options, backend, say }: Comparison): Promise<string> {
  say('\nDrawing the report …')
  const file = join(folder, 'report.html')
  await writeReport(file, {
    ...partsOfComparison({ data, cautions, options }),
    runs,
    versions: versions(backend),
    command: ['npm run quickstart', ...(process.argv.length > 2 ? ['--', ...process.argv.slice(2)] : [])].join(' '),
  })
  return file
}

function versions(backend: BackendInfo): Record<string, string> {
  const require = createRequire(import.meta.url)
  const versionOf = (name: string) => (require(`${name}/package.json`) as { version: string }).version
  return {
    'metric-learning': versionOf('@metric-learning/core'),
    'TensorFlow.js': versionOf('@tensorflow/tfjs-core'),
    backend: backend.description,
    'Node.js': process.versions.node,
    platform: `${process.platform} ${process.arch}`,
  }
}
