import { readFileSync } from 'node:fs'
import type { GoldenCase, GoldenTensor } from './golden-case.js'

interface GoldenFile {
  readonly tensors: Readonly<Record<string, GoldenTensor>>
  readonly cases: readonly GoldenCase[]
}

/** The cases of a module (`losses`, `miners`, …) in `data/`, with references to shared tensors resolved. */
export function readGolden(module: string): GoldenCase[] {
  const text = readFileSync(new URL(`data/${module}.json`, import.meta.url), 'utf8')
  const { tensors, cases } = JSON.parse(text) as GoldenFile
  return cases.map((one) => ({ ...one, inputs: resolve(one.inputs, tensors) as GoldenCase['inputs'] }))
}

function resolve(value: unknown, tensors: GoldenFile['tensors']): unknown {
  if (Array.isArray(value)) return value.map((item) => resolve(item, tensors))
  if (typeof value !== 'object' || value === null) return value
  if ('$ref' in value) return tensors[String(value.$ref)]
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, resolve(item, tensors)]))
}
