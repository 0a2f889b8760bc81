import { spawn } from 'node:child_process'
import type { Measurement, Unfinished } from './rows.js'

/** Runs a process that prints one line of JSON, and gives up on it after some seconds. */
export function runProcess(command: string, args: readonly string[], seconds: number): Promise<Measurement | Unfinished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let [output, errors] = ['', '']
    let isLate = false
    const timer = setTimeout(() => {
      isLate = true
      child.kill('SIGKILL')
    }, seconds * 1000)
    child.stdout.setEncoding('utf8').on('data', (part: string) => (output += part))
    child.stderr.setEncoding('utf8').on('data', (part: string) => (errors += part))
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      if (isLate) resolve({ reason: `more than ${seconds} s` })
      else if (code === 0) resolve(JSON.parse(output.trim().split('\n').at(-1)!) as Measurement | Unfinished)
      else reject(new Error(`${command} ${args.join(' ')} ended with code ${code ?? 'none'}:\n${errors.slice(-2000)}`))
    })
  })
}
