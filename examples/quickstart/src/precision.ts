import type { BackendName } from '@metric-learning/backend'
import { OptionError } from '@metric-learning/contracts'
import type { QuickstartOptions } from './options.js'

/** Those that do not compile steps, which other precisions than float32 take. */
const EAGER: readonly BackendName[] = ['wasm', 'cpu']

/**
 * Refuses a precision that the backend does not have, before anything is read.
 *
 * @param backend the one that is asked for, or that `auto` came to
 * @throws {OptionError} when it does not compile steps.
 */
export function expectPrecision({ precision }: QuickstartOptions, backend: BackendName): void {
  if (precision === 'float32' || !EAGER.includes(backend)) return
  throw new OptionError({
    who: 'quickstart',
    wanted: `a native backend for --precision ${precision}`,
    got: backend,
    fix: 'Pass --backend native-cpu or --backend cuda, or leave --precision out.',
  })
}
