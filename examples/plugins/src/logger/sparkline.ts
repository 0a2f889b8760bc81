import { expectFunction, expectKnownOptions, expectText, type State, type Stateful } from '@metric-learning/contracts'
import type { Plugin } from '@metric-learning/core'

export interface SparklineOptions {
  /** The number to draw, by its tag in logs. */
  readonly tag: string
  /** Takes each line. Default: writes it to the standard error. */
  readonly write?: (line: string) => void
}

const BARS = '▁▂▃▄▅▆▇█'

/**
 * A plugin that draws a number in a line after each epoch, as `train/loss ▇▄▂▁ 0.12`: the last 40 values, from the smallest of them to the largest. Its
 * values are saved with a run, so that the line of one that goes on has no gap.
 *
 * @throws {OptionError} when an option is unknown or missing.
 * @see Tufte 2006, Beautiful Evidence.
 */
export function sparkline(options: SparklineOptions): Plugin & Stateful {
  const name = 'sparkline'
  expectKnownOptions(name, options, ['tag', 'write'])
  const { tag, write = (line) => void process.stderr.write(`${line}\n`) } = options
  expectText(name, 'tag', tag, 'a tag', "Pass one such as 'train/loss'.")
  expectFunction(name, 'write', write, '(line) => console.log(line)')
  let values: readonly number[] = []
  return {
    name,
    apply({ hooks }) {
      hooks.log.tap({ name }, (entry) => {
        if (entry.kind === 'scalar' && entry.tag === tag && Number.isFinite(entry.value)) values = [...values, entry.value].slice(-40)
      })
      hooks.epochEnd.tap({ name }, () => {
        if (values.length > 0) write(`${tag} ${barsOf(values)} ${values.at(-1)!.toPrecision(3)}`)
      })
    },
    state: (): State => ({ values: { values } }),
    restore({ values: saved }) {
      values = (saved?.['values'] ?? []) as readonly number[]
    },
  }
}

function barsOf(values: readonly number[]): string {
  const [least, most] = [Math.min(...values), Math.max(...values)]
  return values.map((value) => BARS[most === least ? 0 : Math.round(((value - least) / (most - least)) * (BARS.length - 1))]).join('')
}
