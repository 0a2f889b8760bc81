import { readFileSync } from 'node:fs'
import type { DocumentedCode } from '../code/read-exports.js'
import { comingFromPml, type PeerClasses } from '../pml/coming-from-pml.js'
import { root } from '../root.js'
import { hookPages } from './hook-pages.js'
import { metricPages } from './metric-pages.js'
import { optionPages } from './option-pages.js'
import { partPages } from './part-pages.js'
import { writerFor } from './writer.js'

/** Folders in docs whose pages are made from the code. */
export const FOLDERS = ['miners', 'samplers', 'distances', 'reducers', 'regularizers', 'metrics', 'hooks', 'options'] as const

/** Pages that are made from the code, by their paths in docs. */
export function allPages(code: DocumentedCode): ReadonlyMap<string, string> {
  const write = writerFor(code)
  const made = {
    miners: partPages('miners', code, write),
    samplers: partPages('samplers', code, write),
    distances: partPages('distances', code, write),
    reducers: partPages('reducers', code, write),
    regularizers: partPages('regularizers', code, write),
    metrics: metricPages(readFileSync(`${root}docs/metrics.md`, 'utf8'), write),
    hooks: hookPages(code, write),
    options: optionPages(code, write),
  } satisfies Record<(typeof FOLDERS)[number], ReadonlyMap<string, string>>
  const peer = JSON.parse(readFileSync(`${root}tools/docs-site/data/pytorch-metric-learning.json`, 'utf8')) as PeerClasses
  const introduction = readFileSync(`${root}tools/docs-site/src/pml/introduction.md`, 'utf8')
  return new Map([['coming-from-pml.md', comingFromPml(peer, code, introduction)], ...FOLDERS.flatMap((folder) => [...made[folder]].map(([path, text]): [string, string] => [`${folder}/${path}`, text]))])
}
