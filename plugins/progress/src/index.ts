export { csvFile } from './csv-file.js'
export { jsonLines } from './json-lines.js'
export type { LogFileOptions } from './log-file.js'
export { progressLine, type ProgressLineOptions, type ProgressStream } from './progress-line.js'
