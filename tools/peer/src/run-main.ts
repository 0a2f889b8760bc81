import { isMetricLearningError } from '@metric-learning/contracts'
import { ProcessError } from './run-process.js'

/**
 * Runs a program; a failure that was foreseen ends it with its message and exit code 1, not with a stack. Asked to end
 * (SIGINT, SIGTERM), it takes the processes along that it has started.
 */
export async function runMain(main: () => Promise<void>): Promise<void> {
  for (const [signal, code] of [['SIGINT', 130], ['SIGTERM', 143]] as const) process.once(signal, () => process.exit(code))
  try {
    await main()
  } catch (error) {
    if (!isMetricLearningError(error) && !(error instanceof ProcessError)) throw error
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 1
  }
}
