import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { GoldenCase, GoldenModule, GoldenTensor, GoldenTolerance } from './golden-case.js'

type Optional = 'args' | 'tags' | 'tol'

interface GoldenFile {
  readonly tensors: Readonly<Record<string, GoldenTensor>>
  readonly cases: readonly (Omit<GoldenCase, Optional> & Partial<Pick<GoldenCase, Optional>>)[]
}

/** Cases in which PyTorch Metric Learning raises have no tolerance; it is needed where there should be a value. */
const ofFixedErrors: GoldenTolerance = { rtol: 1e-5, value_atol: 1e-5, grad_atol: 1e-5 }

/** The fixtures of the project itself. */
export const ownFixtures = fileURLToPath(new URL('../fixtures', import.meta.url))

/**
 * The cases of a module in all its files (`losses.json`, `losses.2.json`, …), with references to shared tensors
 * resolved. None when the folder has no file of the module.
 */
export function readGolden(module: GoldenModule, folder = ownFixtures): GoldenCase[] {
  const files = readdirSync(folder).filter((name) => new RegExp(`^${module}(\\.\\d+)?\\.json$`).test(name))
  return files.sort().flatMap((name) => casesOf(JSON.parse(readFileSync(join(folder, name), 'utf8')) as GoldenFile))
}

function casesOf({ tensors, cases }: GoldenFile): GoldenCase[] {
  return cases.map((one) => ({
    ...one,
    args: one.args ?? {},
    tags: one.tags ?? [],
    tol: one.tol ?? ofFixedErrors,
    inputs: resolve(one.inputs, tensors) as GoldenCase['inputs'],
  }))
}

function resolve(value: unknown, tensors: GoldenFile['tensors']): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, tensors))
  if (typeof value !== 'object' || value === null) return value
  if ('$ref' in value) return tensors[String(value.$ref)]
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, tensors)]))
}
