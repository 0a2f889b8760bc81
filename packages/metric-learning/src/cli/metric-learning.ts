#!/usr/bin/env node
import { isMetricLearningError } from '@metric-learning/contracts'
import { commandLine } from './command-line.js'

const say = (line: string) => process.stderr.write(`${line}\n`)

const { CreatePluginError, nodeComplaint } = await import('create-metric-learning-plugin')

const complaint = nodeComplaint('metric-learning')
try {
  if (complaint === undefined) await (await commandLine(process.argv[2], say)).parseAsync()
  else {
    say(complaint)
    process.exitCode = 1
  }
} catch (error) {
  if (isMetricLearningError(error) || error instanceof CreatePluginError) {
    say(`\n${error.message}`)
    process.exitCode = 1
  } else {
    const { Stopped } = await import('@metric-learning/experiments')
    if (!(error instanceof Stopped)) throw error
    say('Stopped. The same command goes on where it was.')
    process.exitCode = error.signal === 'SIGINT' ? 130 : 143
  }
}
