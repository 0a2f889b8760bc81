import { it } from 'vitest'

/** Checks to leave out, each with the reason, which the report of the tests shows. */
export type Skips<Check extends string> = Readonly<Partial<Record<Check, string>>>

/**
 * One check of a suite.
 *
 * @param skip the reason why it does not apply; it is then reported as skipped
 */
export function check(title: string, skip: string | undefined, body: () => void | Promise<void>): void {
  if (skip === undefined) it(title, body)
  else it.skip(`${title} (skipped: ${skip})`)
}
