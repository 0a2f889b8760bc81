import { Option, type Command } from 'commander'
import { diagnose } from '../doctor/diagnose.js'
import { formatDiagnosis } from '../doctor/format-diagnosis.js'
import { install } from './install.js'

/**
 * Adds `install` and `doctor` to a command line.
 *
 * @param program of commander
 */
export function addBackendCommands(program: Command): void {
  program
    .command('install')
    .description('Fetches the TensorFlow library and compiles the addon, into a cache that all projects share; once per machine.')
    .addOption(new Option('--cuda', 'with CUDA (3.4 GB), also where no NVIDIA GPU is visible').conflicts(['cpu', 'systemCuda']))
    .addOption(new Option('--system-cuda', 'for the CUDA 12 and cuDNN 9 that this machine has already (573 MB)').conflicts('cpu'))
    .option('--cpu', 'without CUDA, also where there is a GPU')
    .option('--quiet', 'says nothing where all is there')
    // Of `--gpu` the nearest is `--cpu`.
    .showSuggestionAfterError(false)
    .helpOption('-h, --help', 'show this')
    .action(async (flags: { cuda?: boolean; systemCuda?: boolean; cpu?: boolean; quiet?: boolean }) => {
      process.exitCode = await install(flags.cuda ? 'cuda' : flags.systemCuda ? 'system-cuda' : flags.cpu ? 'cpu' : undefined, flags.quiet)
    })

  program
    .command('doctor')
    .description('Says what is there, what is missing, and how fast each backend is.')
    .option('--json', 'as JSON')
    .helpOption('-h, --help', 'show this')
    .action(async ({ json = false }: { json?: boolean }) => {
      const diagnosis = await diagnose()
      console.log(json ? JSON.stringify(diagnosis, undefined, 2) : formatDiagnosis(diagnosis))
      process.exitCode = diagnosis.healthy ? 0 : 1
    })
}
