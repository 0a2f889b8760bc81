import { OptionError } from '@metric-learning/contracts'

const VARIABLE = 'METRIC_LEARNING_TENSORFLOW_LOGS'

/**
 * Whether TensorFlow's own messages are wanted: `METRIC_LEARNING_TENSORFLOW_LOGS=1`. Not when it is unset, empty or `0`.
 *
 * @throws {OptionError} when it is anything else.
 */
export function tensorflowLogsAreWanted(env: NodeJS.ProcessEnv = process.env): boolean {
  const value = env[VARIABLE] ?? ''
  if (value === '1') return true
  if (['', '0'].includes(value)) return false
  throw new OptionError({ who: 'useBackend', wanted: `${VARIABLE} to be 1 or 0`, got: `'${value}'`, fix: 'Set it to 1 to see what TensorFlow itself says.' })
}
