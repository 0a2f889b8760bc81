/** One of those that are compared. */
export interface Side {
  readonly title: string
  readonly library: 'ours' | 'PyTorch'
  readonly compile: boolean
}

export const COMPILED: Side = { title: 'compiled', library: 'ours', compile: true }
export const EAGER: Side = { title: 'eager', library: 'ours', compile: false }
export const PYTORCH: Side = { title: 'PyTorch', library: 'PyTorch', compile: false }
export const TORCH_COMPILE: Side = { title: 'torch.compile', library: 'PyTorch', compile: true }
