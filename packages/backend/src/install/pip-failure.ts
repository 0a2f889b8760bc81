import type { ErrorParts } from '@metric-learning/contracts'

const again = 'run the set-up again'

/** What pip's messages mean, the most telling first. */
const causes: readonly { readonly says: RegExp; readonly got: string; readonly fix: string }[] = [
  {
    says: /DO NOT MATCH THE HASHES|Expected sha256/i,
    got: 'a wheel with another hash than the pinned one',
    fix: `The download or the mirror is damaged or altered: check pip's index (\`pip config list\`) and ${again}.`,
  },
  {
    says: /No space left on device|Disk quota exceeded/i,
    got: 'a full disk',
    fix: `Free some space, or set METRIC_LEARNING_CACHE to a folder on another disk, and ${again}.`,
  },
  {
    says: /CERTIFICATE_VERIFY_FAILED|SSLError|SSL:/i,
    got: 'a certificate pip does not trust',
    fix: `Behind a company proxy, give pip its certificate (\`pip config set global.cert FILE\`) and ${again}.`,
  },
  {
    says: /name resolution|Name or service not known|NewConnectionError|Connection ?(refused|reset|aborted|broken)|unreachable|ProxyError|timed out|Max retries|IncompleteRead|ConnectionError/i,
    got: 'no connection to the package index',
    fix: `Check the network, or the proxy (HTTPS_PROXY), and ${again}.`,
  },
  {
    says: /No matching distribution|Could not find a version/i,
    got: 'a package index that does not have it',
    fix: `Check which index pip uses (\`pip config list\`): it must mirror PyPI. Then ${again}.`,
  },
]

/** Turns what pip printed into one line that says what is wrong and what to do. */
export function pipFailure(output: string): ErrorParts {
  const cause = causes.find(({ says }) => says.test(output))
  const lastError = output.trim().split('\n').filter((line) => /error/i.test(line)).at(-1)?.trim()
  return {
    who: 'native set-up',
    wanted: 'pip to fetch the TensorFlow library',
    got: cause?.got ?? `an error of pip: ${lastError ?? 'it said nothing'}`,
    fix: cause?.fix ?? `Solve that and ${again}.`,
    cause: output,
  }
}
