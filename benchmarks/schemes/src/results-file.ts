import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs'
import { METRICS, type Metric, type SchemeResult } from './result.js'

/** Runs that are done, a line of JSON each. A run that is done again takes the place of the former. */
export class ResultsFile {
  constructor(private readonly file: string) {}

  /** The last one of each library, scheme and seed. */
  all(): readonly SchemeResult[] {
    if (!existsSync(this.file)) return []
    const lines = readFileSync(this.file, 'utf8').split('\n').filter(Boolean)
    return [...new Map(lines.map((line) => JSON.parse(line) as SchemeResult).map((result) => [keyOf(result), result])).values()]
  }

  has(one: Pick<SchemeResult, 'library' | 'scheme' | 'seed'>): boolean {
    return this.all().some((result) => keyOf(result) === keyOf(one))
  }

  /** Adds a run; of its metrics those that the page shows are kept. */
  add({ library, scheme, seed, untrained, trained }: SchemeResult): void {
    appendFileSync(this.file, `${JSON.stringify({ library, scheme, seed, untrained: shown(untrained), trained: shown(trained) })}\n`)
  }

  /** Forgets what was run before something else took its place. */
  tidy(): void {
    const lines = this.all().map((result) => `${JSON.stringify(result)}\n`)
    writeFileSync(this.file, lines.sort().join(''))
  }
}

const keyOf = ({ library, scheme, seed }: Pick<SchemeResult, 'library' | 'scheme' | 'seed'>): string => `${library} ${scheme} ${seed}`

const shown = (metrics: Readonly<Record<Metric, number>>) =>
  Object.fromEntries(Object.keys(METRICS).map((metric) => [metric, metrics[metric as Metric]])) as Record<Metric, number>
