import { useBackend } from '@metric-learning/backend'

// The fastest backend that works here. The native one, which `npx metric-learning-backend install` gets, runs all checks of the kit.
await useBackend('auto', { log: () => undefined })
