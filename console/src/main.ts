// Starts the console: the sign-in link is taken out of the address bar before anything else can read it.

import { createApp } from 'vue'
import App from './App.vue'
import { sessionKey } from './composables/useSession.ts'
import { startTheme } from './composables/useTheme.ts'
import { createCredentialStore } from './lib/credentials.ts'
import { hasKey, readSignInLink } from './lib/sign-in-link.ts'
import { createConsoleRouter } from './router.ts'
import { createSession } from './session.ts'
import './styles.css'

const session = createSession(createCredentialStore(sessionStorage, localStorage))

/** True when the fragment was a sign-in link. A key is taken out of the address bar and the browser's history in any case. */
function takeSignInLink(): boolean {
  if (!hasKey(location.hash)) return false
  const credentials = readSignInLink(location.hash)
  history.replaceState(history.state, '', location.pathname + location.search)
  if (credentials) session.offer(credentials)
  return credentials !== undefined
}

if (!takeSignInLink()) session.resume()
startTheme()
const router = createConsoleRouter(session)

// A link opened in a tab that shows the console already changes the fragment only.
addEventListener('hashchange', () => {
  if (takeSignInLink()) void router.replace({ name: 'connect' })
})

createApp(App).provide(sessionKey, session).use(router).mount('#app')
