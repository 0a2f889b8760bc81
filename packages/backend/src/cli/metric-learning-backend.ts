#!/usr/bin/env node
import { Command } from 'commander'
import { addBackendCommands } from './commands.js'

const program = new Command('metric-learning-backend').description('The native TensorFlow backend of metric-learning').showHelpAfterError('(--help shows what there is)')
addBackendCommands(program)
await program.parseAsync()
