// Tries a hub and a key, step by step, and signs in when all steps pass.

import { checkHub, type HubChecks } from '@telehub/hub/client'
import { computed, onScopeDispose, ref, shallowRef } from 'vue'
import { useRoute, useRouter } from 'vue-router'
import { checksPassed } from '../lib/checks.ts'
import { hubUrl } from '../lib/sign-in-link.ts'
import { useSession } from './useSession.ts'

/** While the hub refuses this origin, look again: the page moves on by itself once it is allowed. */
const lookAgainMs = 4_000

export function useSignIn() {
  const session = useSession()
  const route = useRoute()
  const router = useRouter()
  const offer = session.takeOffer()
  const hubs = session.hubs()

  const url = ref(offer?.url ?? textOf(route.query.hub) ?? hubs[0] ?? 'http://127.0.0.1:8080')
  const secret = ref(offer?.key ?? '')
  const remember = ref(false)
  const urlProblem = ref<string>()
  const secretProblem = ref<string>()
  const busy = ref(false)
  const checks = shallowRef<Partial<HubChecks>>()
  const originRefused = computed(() => checks.value?.origin?.state === 'failed')
  /** The latest run; an older one that is still under way finds nothing any more. */
  let latest = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  function connect(): void {
    const target = hubUrl(url.value)
    urlProblem.value = target ? undefined : 'Write an address like http://192.168.1.20:8080.'
    secretProblem.value = secret.value.trim() ? undefined : 'Paste a key: viewer, operator or admin.'
    if (!target || secretProblem.value) return
    url.value = target
    checks.value = {}
    busy.value = true
    void check((progress) => {
      checks.value = progress
    })
  }

  /** The findings stay in sight until there are new ones. */
  function again(): void {
    busy.value = true
    void check()
  }

  async function check(onProgress?: (checks: Partial<HubChecks>) => void): Promise<void> {
    const credentials = { url: url.value, key: secret.value.trim() }
    const mine = ++latest
    const isLatest = () => mine === latest
    clearTimeout(timer)
    const found = await checkHub(credentials.url, {
      key: credentials.key,
      onProgress: (progress) => isLatest() && onProgress?.(progress),
    })
    if (!isLatest()) return
    checks.value = found
    busy.value = false
    if (originRefused.value) timer = setTimeout(() => void check(), lookAgainMs)
    if (!checksPassed(found)) return
    session.signIn(credentials, remember.value)
    void router.replace(textOf(route.query.next) ?? '/devices')
  }

  onScopeDispose(() => {
    latest += 1
    clearTimeout(timer)
  })
  if (offer) connect()

  return { url, secret, remember, urlProblem, secretProblem, busy, checks, originRefused, hubs, connect, again }
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
