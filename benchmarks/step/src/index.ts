export { LOSSES, NET_NAMES, NETS, type LossName } from './nets.js'
export { trainerOf } from './trainer-of.js'
