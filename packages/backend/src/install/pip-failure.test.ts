import { describe, expect, it } from 'vitest'
import { pipFailure } from './pip-failure.js'

/** What pip 23 to 25 print, shortened. */
const outputs = {
  hash: `Collecting tensorflow-cpu==2.21.0
ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE. If you have updated the package versions, please update the hashes. Otherwise, examine the package contents carefully; someone may have tampered with them.
    tensorflow-cpu==2.21.0 from https://example.org/tensorflow_cpu.whl:
        Expected sha256 0000
             Got        dcc8`,
  noNetwork: `WARNING: Retrying (Retry(total=0, connect=None, read=None, redirect=None, status=None)) after connection broken by 'NewConnectionError('<pip._vendor.urllib3.connection.HTTPSConnection object>: Failed to establish a new connection: [Errno -3] Temporary failure in name resolution')': /simple/tensorflow-cpu/
ERROR: Could not find a version that satisfies the requirement tensorflow-cpu==2.21.0 (from versions: none)
ERROR: No matching distribution found for tensorflow-cpu==2.21.0`,
  certificate: `WARNING: Retrying (Retry(total=0)) after connection broken by 'SSLError(SSLCertVerificationError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certificate in certificate chain (_ssl.c:1006)'))': /simple/tensorflow-cpu/
ERROR: No matching distribution found for tensorflow-cpu==2.21.0`,
  notThere: `ERROR: Could not find a version that satisfies the requirement tensorflow-cpu==2.21.0 (from versions: 2.16.1)
ERROR: No matching distribution found for tensorflow-cpu==2.21.0`,
  disk: 'ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device',
  other: 'usage: pip\nERROR: no such option: --only-binary',
  nothing: '',
}

describe('pipFailure', () => {
  it.each([
    ['hash', 'another hash', 'mirror'],
    ['noNetwork', 'no connection', 'HTTPS_PROXY'],
    ['certificate', 'certificate', 'global.cert'],
    ['notThere', 'does not have it', 'mirror PyPI'],
    ['disk', 'full disk', 'METRIC_LEARNING_CACHE'],
    ['other', 'no such option: --only-binary', 'run the set-up again'],
    ['nothing', 'said nothing', 'run the set-up again'],
  ] as const)('%s: says what is wrong and what to do', (name, got, fix) => {
    const parts = pipFailure(outputs[name])
    expect(parts.got).toContain(got)
    expect(parts.fix).toContain(fix)
    expect(parts.got + parts.fix).not.toContain('\n')
    expect(parts.cause).toBe(outputs[name])
  })
})
