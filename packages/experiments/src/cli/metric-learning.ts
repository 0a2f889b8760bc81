#!/usr/bin/env node
import { isMetricLearningError } from '@metric-learning/contracts'
import { Stopped } from '../run/train-run.js'
import { program } from './program.js'

const say = (line: string) => process.stderr.write(`${line}\n`)

try {
  await program(say).parseAsync()
} catch (error) {
  if (error instanceof Stopped) {
    say('Stopped. The same command goes on where it was.')
    process.exitCode = error.signal === 'SIGINT' ? 130 : 143
  } else if (isMetricLearningError(error)) {
    say(`\n${error.message}`)
    process.exitCode = 1
  } else throw error
}
