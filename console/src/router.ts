// The pages and their addresses. Without a session every one of them leads to the connect page first.

import { createRouter, createWebHistory, type Router, type RouterHistory } from 'vue-router'
import type { Session } from './composables/useSession.ts'
import ConnectView from './views/ConnectView.vue'
import DevicesView from './views/DevicesView.vue'

declare module 'vue-router' {
  interface RouteMeta {
    /** Shown to those who are not signed in, without the shell. */
    open?: boolean
    title?: string
  }
}

export function createConsoleRouter(session: Session, history: RouterHistory = createWebHistory()): Router {
  const router = createRouter({
    history,
    routes: [
      { path: '/', redirect: '/devices' },
      { path: '/connect', name: 'connect', component: ConnectView, meta: { open: true, title: 'Connect' } },
      { path: '/devices', name: 'devices', component: DevicesView, meta: { title: 'Devices' } },
      { path: '/devices/:id', name: 'device', component: () => import('./views/DeviceView.vue') },
      {
        path: '/:path(.*)*',
        name: 'lost',
        component: () => import('./views/LostView.vue'),
        meta: { title: 'Not found' },
      },
    ],
    scrollBehavior: (to, from, saved) => saved ?? (to.path === from.path ? {} : { top: 0 }),
  })

  router.beforeEach((to) => {
    if (to.meta.open || session.current.value) return true
    const next = to.fullPath.slice(0, to.fullPath.length - to.hash.length)
    return { name: 'connect', query: next === '/devices' ? {} : { next } }
  })
  router.afterEach((to) => {
    if (to.name !== 'device') document.title = to.meta.title ? `${to.meta.title} · Telehub` : 'Telehub'
  })
  return router
}
