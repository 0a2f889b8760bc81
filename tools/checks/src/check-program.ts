import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { path, pythonOption, pythonWith, runMain, runProcess, say, type PythonEnvironment } from '@metric-learning/peer'
import { Command } from 'commander'

export interface Check {
  /** Of the npm script. */
  readonly name: string
  readonly description: string
  readonly environment: PythonEnvironment
  /** What the script imports. */
  readonly modules: readonly string[]
  /** Is given the folder; prints what it compares, and fails when something differs. */
  readonly script: URL
  /** Writes into the folder what the script reads. Comes first, unless `read` is given. */
  readonly write?: (folder: string) => Promise<void>
  /** Compares with what the script has written into the folder. */
  readonly read?: (folder: string) => Promise<void>
}

/** The program of a check: a folder that one side writes and the other reads. */
export async function checkProgram({ name, description, environment, modules, script, write, read }: Check): Promise<void> {
  const command = new Command(`npm run ${name} --`)
    .description(description)
    .argument('[folder]', 'where files are left (default: a temporary folder)', path)
    .addOption(pythonOption())
    .parse()
  const { python } = command.opts<{ python?: string }>()
  const kept = command.processedArgs[0] as string | undefined
  await runMain(async () => {
    if (kept !== undefined) mkdirSync(kept, { recursive: true })
    const folder = kept ?? mkdtempSync(join(tmpdir(), `${name.replace(':', '-')}-`))
    try {
      const peer = await pythonWith(environment, { modules, python, say })
      await write?.(folder)
      await runProcess(peer, [fileURLToPath(script), folder], { onLine: (line) => process.stdout.write(`${line}\n`) })
      await read?.(folder)
    } finally {
      if (kept === undefined) rmSync(folder, { recursive: true })
    }
  })
}
