import type { Module } from '@metric-learning/contracts'
import { countParameters } from './count-parameters.js'

/**
 * A module as text: a line with the totals, then a line for each parameter and buffer.
 *
 *     Embedder: 8,256 parameters, output 64
 *     weight  [128, 64]  8,192
 *     bias    [64]          64
 */
export function summarize(module: Module): string {
  const rows = [
    ...[...module.parameters].map(([name, { shape, size }]) => [name, `[${shape.join(', ')}]`, count(size)]),
    ...[...module.buffers].map(([name, { shape, size }]) => [name, `[${shape.join(', ')}]`, `${count(size)} (buffer)`]),
  ]
  const width = (column: number) => Math.max(...rows.map((row) => row[column]!.replace(' (buffer)', '').length))
  const lines = rows.map(([name, shape, size]) => {
    const [digits, ...note] = size!.split(' ')
    return [name!.padEnd(width(0)), shape!.padEnd(width(1)), [digits!.padStart(width(2)), ...note].join(' ')].join('  ')
  })
  const title = `${module.name}: ${count(countParameters(module))} parameters, output ${module.outputSize}`
  return [title, ...lines].join('\n')
}

const count = (value: number) => value.toLocaleString('en')
