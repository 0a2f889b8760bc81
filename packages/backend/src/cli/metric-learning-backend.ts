#!/usr/bin/env node
import { Command, Option } from 'commander'
import { diagnose } from '../doctor/diagnose.js'
import { formatDiagnosis } from '../doctor/format-diagnosis.js'
import { install } from './install.js'

const program = new Command('metric-learning-backend').description('The native TensorFlow backend of metric-learning')

program
  .command('install')
  .description('fetch the TensorFlow library and compile the addon, into a cache that all projects share')
  .addOption(new Option('--cuda', 'with CUDA (3.4 GB), also where no NVIDIA GPU is visible').conflicts(['cpu', 'systemCuda']))
  .addOption(new Option('--system-cuda', 'for the CUDA 12 and cuDNN 9 that this machine has already (573 MB)').conflicts('cpu'))
  .option('--cpu', 'without CUDA, also where there is a GPU')
  .action(async (flags: { cuda?: boolean; systemCuda?: boolean; cpu?: boolean }) => {
    process.exitCode = await install(flags.cuda ? 'cuda' : flags.systemCuda ? 'system-cuda' : flags.cpu ? 'cpu' : undefined)
  })

program
  .command('doctor')
  .description('say what is there, what is missing, and how fast each backend is')
  .option('--json', 'as JSON')
  .action(async ({ json = false }: { json?: boolean }) => {
    const diagnosis = await diagnose()
    console.log(json ? JSON.stringify(diagnosis, undefined, 2) : formatDiagnosis(diagnosis))
    process.exitCode = diagnosis.healthy ? 0 : 1
  })

await program.parseAsync()
