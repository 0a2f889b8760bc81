export { findGpu, onlyGpu, type Gpu } from './gpu/find-gpu.js'
export { GpuMeter } from './gpu/gpu-meter.js'
export { LOSSES, NET_NAMES, NETS, type LossName } from './nets.js'
export { trainerOf } from './trainer-of.js'
