// The script of the live page: puts in what changed, and says when nothing comes any more. What is shown stays when the run is gone.
const notice = document.getElementById('notice')
/** Milliseconds without a sign of life after which a connection is given up, and from then to the next try. */
const [PATIENCE, PAUSE] = [30_000, 2_000]
let version = document.currentScript.dataset.version
let heard = Date.now()
let events

function connect() {
  heard = Date.now()
  events?.close()
  events = new EventSource(`events?after=${version}`)
  events.addEventListener('changes', (event) => {
    for (const { id, markup } of JSON.parse(event.data)) document.getElementById(id).innerHTML = markup
    version = event.lastEventId
    hear()
  })
  events.addEventListener('beat', hear)
  events.addEventListener('open', hear)
  // Another run is served here now.
  events.addEventListener('reload', () => location.reload())
  events.addEventListener('error', () => {
    const ended = document.querySelector('[data-under-way]') === null
    const since = new Date(heard).toLocaleTimeString()
    notice.textContent = ended ? 'The run has ended, and its page is served no more. This is what it showed last.' : `No connection to the run since ${since}; trying again.`
    notice.hidden = false
    // A browser gives up by itself where somebody else answers, such as a tunnel without its other end.
    if (events.readyState === EventSource.CLOSED) setTimeout(connect, PAUSE)
  })
}

function hear() {
  heard = Date.now()
  notice.hidden = true
}

setInterval(() => {
  if (Date.now() - heard > PATIENCE) connect()
}, PAUSE)
connect()
