import type { MetricLearningError } from '@metric-learning/contracts'

const OTHER_DATA = 'Give the folder the images that it had, or begin a new run; --weights takes the trunk in the best-model of this one.'

/** What errors of the packages advise, and the flags of the command line that do it. */
export const FLAGS: readonly (readonly [advice: RegExp, flag: string])[] = [
  [/`onCorrupt: 'skip'`/g, '--on-corrupt skip'],
  [/`strict`/g, '--strict'],
  [/`cache`/g, '--cache'],
  [/`root`/g, '--data'],
  [/split by samples with `splitSamples`/g, 'pass --split samples'],
  [/`allowRepeats: true`/g, '--allow-repeats'],
  [/`m`/g, '--samples-per-class'],
  [/`batchSize`/g, '--batch-size'],
  [/`chunkSize`/g, '--chunk-size'],
  [/`imageSize`/g, '--image-size'],
  [/Lower the learning rate or clip gradients/g, 'Lower --learning-rate'],
  [/Make the module with the options that the saved one had, or name in `ignore` what to pass over\./g, 'Pass the --trunk that it belongs to; a file of torchvision wants --data, for it takes colours.'],
  [/Make the module with the sizes that the saved one had/g, 'Pass the --trunk that it belongs to, and weights for images of as many channels'],
  [/Make data set and sampler with the options that they had; to train on with other batches, load the modules alone\./g, OTHER_DATA],
  [/Make it with the options that the saved one had\./g, OTHER_DATA],
  [/Take another checkpoint\./g, 'Resume another run, or begin a new one: leave --resume out.'],
  [/or use 'native-cpu'/g, 'or pass --backend native-cpu'],
  [/use the `cpu` backend/g, 'pass --backend cpu'],
  [/Use the wasm backend here/g, 'Pass --backend wasm'],
]

/** The message of an error, with the options of packages that it names as flags. */
export function inFlags({ message }: MetricLearningError): string {
  return FLAGS.reduce((text, [advice, flag]) => text.replace(advice, flag), message)
}
