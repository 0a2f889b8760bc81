#!/usr/bin/env node
import { CreatePluginError } from '../create-plugin-error.js'
import { nodeComplaint } from '../node-complaint.js'

const complaint = nodeComplaint('create-metric-learning-plugin')
try {
  if (complaint === undefined) await run()
  else fail(complaint)
} catch (error) {
  if (!(error instanceof CreatePluginError)) throw error
  fail(error.message)
}

/** What asks on a terminal is loaded after Node is known to take it. */
async function run(): Promise<void> {
  const [{ program }, { askOnTerminal }] = await Promise.all([import('./program.js'), import('./ask-on-terminal.js')])
  const isTerminal = process.stdin.isTTY && process.stdout.isTTY
  await program((line) => process.stdout.write(`${line}\n`), isTerminal ? askOnTerminal : undefined).parseAsync()
}

function fail(message: string): void {
  process.stderr.write(`${message}\n`)
  process.exitCode = 1
}
