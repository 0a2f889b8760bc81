#!/usr/bin/env node
import { CreatePluginError } from '../create-plugin-error.js'
import { askOnTerminal } from './ask-on-terminal.js'
import { program } from './program.js'

const isTerminal = process.stdin.isTTY && process.stdout.isTTY
try {
  await program((line) => process.stdout.write(`${line}\n`), isTerminal ? askOnTerminal : undefined).parseAsync()
} catch (error) {
  if (!(error instanceof CreatePluginError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
