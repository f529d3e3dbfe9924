import { http, HttpResponse } from 'msw'

import type { components } from '@/lib/api/schema'

import type { MockDesk } from './mock-desk.ts'
import { found, problemResponse } from './responses.ts'

type Schemas = components['schemas']

/** The registry's addresses: look, import, activate, roll back, shadow. */
export function modelHandlers({ models }: MockDesk) {
  return [
    http.get('*/api/v1/model', () => HttpResponse.json(servingModel(models.active))),
    http.get('*/api/v1/models', () => HttpResponse.json(models.list())),
    http.post('*/api/v1/models', async ({ request }) => {
      const bundle = (await request.formData()).get('bundle') as File
      if (!bundle.name.endsWith('.zip')) {
        return problemResponse(
          422,
          'bundle_refused',
          'head.npz is not as its card says (its hash differs). Nothing was kept.',
        )
      }
      const version = bundle.name.replace(/\.zip$/, '')
      models.take(version)
      return HttpResponse.json(models.find(version), { status: 201 })
    }),
    http.post('*/api/v1/models/rollback', () => {
      models.activate('finetuned-0f0f0f0f', 'rollback')
      return HttpResponse.json(models.active)
    }),
    http.get('*/api/v1/models/:version', ({ params }) =>
      found(models.find(String(params.version))),
    ),
    http.post('*/api/v1/models/:version/activate', ({ params }) => {
      models.activate(String(params.version))
      return HttpResponse.json(models.active)
    }),
    http.post('*/api/v1/models/:version/shadow', ({ params }) => {
      models.shadow(String(params.version))
      return found(models.find(String(params.version)))
    }),
    http.delete('*/api/v1/models/:version/shadow', () => {
      models.shadow(null)
      return new HttpResponse(null, { status: 204 })
    }),
  ]
}

function servingModel(version?: Schemas['ModelVersionDetail']): Schemas['Model'] {
  return {
    version: version?.version ?? '',
    recipe: version?.recipe ?? '',
    engine: 'litert-int8',
    input_size: 256,
    trained_on: '',
    limits: [],
    thresholds: { real_below: 0.25, fake_from: 0.6 },
    test: version?.test ?? null,
  }
}
