/** A float tensor in a golden file, row-major; non-finite numbers are strings. */
export interface GoldenTensor {
  readonly shape: readonly number[]
  readonly data: readonly (number | string)[]
}

/** An object to construct: a class of PyTorch Metric Learning and its keyword arguments. */
export interface GoldenObject {
  readonly class: string
  readonly args: Readonly<Record<string, unknown>>
}

/** How far a value may be off: atol + rtol · |expected|. */
export interface GoldenTolerance {
  readonly rtol: number
  readonly value_atol: number
  readonly grad_atol?: number
}

/**
 * One case: what PyTorch Metric Learning gave for these inputs. `class` or `function` says of what;
 * tensors in `inputs` are resolved already.
 */
export interface GoldenCase {
  readonly id: string
  readonly class?: string
  readonly function?: string
  readonly args: Readonly<Record<string, unknown>>
  readonly tags: readonly string[]
  readonly inputs: Readonly<Record<string, unknown>>
  readonly expected: Readonly<Record<string, unknown>>
  readonly tol: GoldenTolerance
}

/** The modules that golden files are about. */
export const goldenModules = [
  'distances', 'reducers', 'regularizers', 'losses', 'wrappers', 'miners', 'samplers', 'accuracy', 'utils',
] as const

export type GoldenModule = (typeof goldenModules)[number]

/** A number of a golden file, non-finite ones included. */
export const goldenNumber = (value: unknown): number => Number(value)

/** Whether a value of a golden file is a tensor. */
export const isGoldenTensor = (value: unknown): value is GoldenTensor =>
  typeof value === 'object' && value !== null && 'shape' in value && 'data' in value

/** Whether a value of a golden file describes an object. */
export const isGoldenObject = (value: unknown): value is GoldenObject =>
  typeof value === 'object' && value !== null && 'class' in value && 'args' in value
