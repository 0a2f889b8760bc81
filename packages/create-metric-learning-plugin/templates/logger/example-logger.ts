import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { cannotWrite, expectKnownOptions, expectText, type State, type Stateful } from '@metric-learning/contracts'
import type { Plugin } from '@metric-learning/core'

export interface ExampleLoggerOptions {
  /** Where the table goes; folders are made, and a file that is there is replaced. */
  readonly file: string
}

/**
 * A plugin that writes a table in Markdown when a run ends, also by an error: each number that was logged, with its last value and the step of that.
 * What it has seen is saved with a run, so that the table of a run that goes on is whole.
 *
 * (Say here what yours does with what is logged: numbers, texts, histograms, pictures, embedding tables.)
 *
 * @throws {OptionError} when an option is unknown or missing.
 * @throws {DataError} at the end of the run, when the file can't be written.
 */
export function exampleLogger(options: ExampleLoggerOptions): Plugin & Stateful {
  const name = 'exampleLogger'
  expectKnownOptions(name, options, ['file'])
  const { file } = options
  expectText(name, 'file', file, 'the path of a file', "Pass one such as `'runs/first/last.md'`.")
  let last: Readonly<Record<string, readonly [step: number, value: number]>> = {}

  const write = (): undefined => {
    const rows = Object.entries(last).map(([tag, [step, value]]) => `| ${tag} | ${step} | ${value} |\n`)
    try {
      mkdirSync(dirname(file), { recursive: true })
      writeFileSync(file, `| tag | step | value |\n|---|---:|---:|\n${rows.join('')}`)
    } catch (cause) {
      throw cannotWrite(name, file, cause)
    }
  }

  return {
    name,
    apply({ hooks }) {
      hooks.log.tap({ name }, (entry) => {
        if (entry.kind === 'scalar') last = { ...last, [entry.tag]: [entry.step, entry.value] }
      })
      hooks.done.tap({ name }, write)
      hooks.failed.tap({ name }, write)
    },
    state: (): State => ({ values: { last } }),
    restore({ values }) {
      last = (values?.['last'] ?? {}) as typeof last
    },
  }
}
