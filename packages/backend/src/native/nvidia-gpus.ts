import { spawnSync } from 'node:child_process'

/**
 * The names of the NVIDIA GPUs this process may use, as the driver lists them; none without a driver, and none
 * when `CUDA_VISIBLE_DEVICES` hides them all.
 */
export function nvidiaGpus(env: NodeJS.ProcessEnv = process.env): string[] {
  if (['', '-1'].includes(env.CUDA_VISIBLE_DEVICES ?? 'all')) return []
  const query = spawnSync('nvidia-smi', ['--query-gpu=name', '--format=csv,noheader'], { encoding: 'utf8', env })
  return query.status === 0 ? query.stdout.split('\n').filter((line) => line.trim() !== '') : []
}
