import { BackendError } from '@metric-learning/contracts'
import { runCommand } from './run-command.js'

/** What is used of the wheels: libraries, the C headers, what CUDA compiles kernels with, and the licences. */
const wanted = [
  String.raw`tensorflow/libtensorflow_(cc|framework)\.so\.2`,
  String.raw`tensorflow/include/(tensorflow/c/|xla/tsl/c/|(tensorflow/core|tsl)/platform/ctstring)`,
  String.raw`nvidia/[^/]+/(lib|bin|nvvm)/`,
  String.raw`[^/]+\.dist-info/.*(LICENSE|License|NOTICE)`,
  String.raw`tensorflow/THIRD_PARTY_NOTICES\.txt`,
].join('|')

/** A wheel is a zip archive, and Python is there anyway. */
const program = `
import os, re, sys, zipfile
target, wanted, wheels = sys.argv[1], re.compile(sys.argv[2]), sys.argv[3:]
for wheel in wheels:
    with zipfile.ZipFile(wheel) as archive:
        for entry in archive.infolist():
            if wanted.match(entry.filename):
                path = archive.extract(entry, target)
                os.chmod(path, (entry.external_attr >> 16) & 0o777 or 0o755)
`

/**
 * Unpacks the used part of wheels side by side into `folder`, in the layout that pip would make:
 * the one in which the libraries find each other.
 *
 * @throws {BackendError} when a wheel is damaged or the disk is full.
 */
export async function unpackWheels(python: string, wheels: readonly string[], folder: string): Promise<void> {
  const result = await runCommand(python, ['-c', program, folder, wanted, ...wheels])
  if (result.code !== 0) {
    const reason = result.output.trim().split('\n').at(-1) || 'no message'
    throw new BackendError({
      who: 'native set-up',
      wanted: 'to unpack the TensorFlow library',
      got: reason,
      fix: /No space/.test(reason)
        ? 'Free some space, or set METRIC_LEARNING_CACHE to a folder on another disk, and run the set-up again.'
        : 'Run the set-up again; it fetches what is damaged anew.',
      cause: result.output,
    })
  }
}
