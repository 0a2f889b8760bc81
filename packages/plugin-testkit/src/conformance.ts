import { expectKnownOptions } from '@metric-learning/contracts'
import { expect, it } from 'vitest'
import { ConformanceError } from './expectations.js'

/** Checks to leave out, each with the reason, which the report of the tests shows. */
export type Skips<Check extends string> = Readonly<Partial<Record<Check, string>>>

/** What a suite says of one of its checks. */
export interface CheckText {
  /** What holds where it passes: the title of the test. */
  readonly title: string
  /** Where to look where it fails: the end of the message. */
  readonly look: string
}

/** How a check is run. */
export interface CheckOptions {
  /** Why it is about nothing that is tried here: it is skipped. */
  readonly inapplicable?: string | undefined
  /** Why it can't be run on this backend or machine: it is skipped, and fails where {@link REQUIRE_ALL_CHECKS} is set. */
  readonly unavailable?: string | undefined
  /** The one of several that it is about, such as a parameter; the title has it. */
  readonly of?: string
}

/** The environment variable that has checks fail which the backend or the machine can't run: `1` for a release. */
export const REQUIRE_ALL_CHECKS = 'METRIC_LEARNING_REQUIRE_ALL_CHECKS'

/** Adds one check to the suite. */
export type AddCheck<Check extends string> = (check: Check, body: () => void | Promise<void>, options?: CheckOptions) => void

/**
 * The checks of a suite as tests of vitest. A reason to skip one is its test's title; what fails says where to look.
 *
 * @param suite the function that third parties call, for errors
 * @throws {OptionError} when a check that is to be skipped is none of the suite.
 */
export function checksOf<Check extends string>(suite: string, texts: Readonly<Record<Check, CheckText>>, skip: Skips<Check>): AddCheck<Check> {
  expectKnownOptions(`${suite}, skip`, skip, Object.keys(texts))
  const isRequired = !['', '0', undefined].includes(process.env[REQUIRE_ALL_CHECKS])
  return (check, body, { inapplicable, unavailable, of } = {}) => {
    const { title: plain, look } = texts[check]
    const title = of === undefined ? plain : `${plain}: ${of}`
    const reason = skip[check] ?? inapplicable
    if (reason !== undefined) it.skip(`${title} (skipped: ${reason})`)
    else if (unavailable === undefined) it(title, () => pointing(look, body))
    else if (isRequired) it(title, () => cannotRun(unavailable))
    else it.skip(`${title} (can't run here: ${unavailable})`)
  }
}

/** Runs a check; its error says where to look, too. */
async function pointing(look: string, body: () => void | Promise<void>): Promise<void> {
  try {
    await body()
    // For projects whose tests all have to assert something (vitest's `requireAssertions`).
    expect(true).toBe(true)
  } catch (error) {
    if (!(error instanceof Error)) throw error
    const { message, stack = '' } = error
    error.message = `${message}\nLook at ${look}`
    error.stack = stack.includes(message) ? stack.replace(message, () => error.message) : `${error.name}: ${error.message}\n${stack}`
    throw error
  }
}

function cannotRun(reason: string): never {
  throw new ConformanceError(
    `This check can't run here: ${reason}. ${REQUIRE_ALL_CHECKS} is set, so that nothing passes untried: ` +
      "load the native backend in vitest's `setupFiles`, or leave the variable out.",
  )
}
