import { screen, waitFor, within } from '@testing-library/react'
import { userEvent } from '@testing-library/user-event'
import { http } from 'msw'
import { expect, test } from 'vitest'

import { open, startMockServer } from '@/testing/open-app'
import { problemResponse } from '@/testing/responses'

const server = startMockServer()

test('a verdict stands beside how often it is wrong on images of this quality', async () => {
  await open('/batches/forty/analyses/forty_3')
  expect(await screen.findByTestId('error-words')).toHaveTextContent(
    'False alarms: about 1 in 110 real photos of this quality (0.4–1.8 %)',
  )
  expect(screen.getByText(/Reached, at worst .95 % sure.: 1.0.% of 1.020/)).toBeVisible()
  expect(await screen.findByRole('img', { name: /real below 25.%, fake from 60.%/ })).toBeVisible()
})

test('what is not assessed is no error: it says why, what it means and what to do', async () => {
  await open('/batches/forty/analyses/forty_5')
  expect(await screen.findByTestId('verdict-words')).toHaveTextContent(
    'Not assessed: no face found',
  )
  const reason = screen.getByTestId('reason')
  expect(reason).toHaveTextContent('faces are all that this detector knows')
  expect(reason).toHaveTextContent('Send an image that shows a face')
  expect(screen.queryByRole('alert')).toBeNull()
  expect(screen.queryByTestId('error-words')).toBeNull()
  expect(screen.queryByRole('img', { name: /^Fake probability/ })).toBeNull()
  expect(screen.queryByTestId('map-canvas')).toBeNull()
  expect(screen.queryByTestId('lean-words')).toBeNull()
})

test('a verdict has its strength and the likelihood ratio with its interval', async () => {
  await open('/batches/forty/analyses/forty_3')
  const words = await screen.findByTestId('strength-words')
  expect(words).toHaveTextContent(/^(Strong|Moderate|Weak) support for a synthetic face/)
  expect(words).toHaveTextContent(/times as frequent among synthetic faces as among photographs \(/)
})

test('under an inconclusive verdict stand its lean and why it stops, and no score that is not reliable', async () => {
  await open('/batches/forty/analyses/forty_11')
  expect(await screen.findByTestId('verdict-words')).toHaveTextContent(/^Inconclusive$/)
  expect(screen.getByTestId('lean-words')).toHaveTextContent(
    /^Leans (real|synthetic), but this score is not reliable for such a file\.$/,
  )
  expect(screen.queryByTestId('strength-words')).toBeNull()
  expect(screen.queryByRole('img', { name: /^Fake probability/ })).toBeNull()
  expect(screen.queryByText(/^(FAKE|REAL) /)).toBeNull()
  expect(screen.getByTestId('map-canvas')).toBeInTheDocument()
})

test('an inconclusive verdict gives all its reasons and how stable it is', async () => {
  await open('/batches/forty/analyses/forty_11')
  expect(await screen.findAllByTestId('reason')).toHaveLength(2)
  expect(screen.getByRole('img', { name: '2 of 4 copies answer alike' })).toBeVisible()
})

test('of an animation it says how many of its frames were looked at, beside a clear verdict', async () => {
  await open('/batches/forty/analyses/forty_19')
  expect(await screen.findByTestId('reason')).toHaveTextContent('Long animation to mind')
  expect(screen.getByText(/^16 of 240 frames looked at; number 32 decided/)).toBeVisible()
  expect(screen.getByTestId('verdict-words')).not.toHaveTextContent('nconclusive')
})

test('of several faces each has its box and score, and the boxes are taken off by a key', async () => {
  await open('/batches/forty/analyses/forty_13')
  expect(await screen.findAllByTestId('face-box')).toHaveLength(5)
  const deciding = screen.getAllByTestId('face').filter((face) => face.dataset.deciding === 'true')
  expect(deciding).toHaveLength(1)
  expect(deciding[0]).toHaveTextContent('Face 3')
  await userEvent.keyboard('f')
  expect(screen.queryByTestId('face-box')).toBeNull()
  expect(screen.getByRole('button', { name: /Show faces/ })).toHaveAttribute(
    'aria-pressed',
    'false',
  )
})

test('evidence is asked for on demand, and a declared origin stands apart from the score', async () => {
  const asked: string[] = []
  server.events.on('request:start', ({ request }) => asked.push(new URL(request.url).pathname))
  await open('/batches/forty/analyses/forty_3')
  await screen.findByTestId('verdict-words')
  expect(asked).not.toContain('/api/v1/analyses/forty_3/evidence')

  await userEvent.click(screen.getByRole('button', { name: /Show evidence/ }))
  expect(await screen.findByTestId('declared-ai')).toHaveTextContent('trainedAlgorithmicMedia')
  expect(screen.getByRole('img', { name: /frequencies lie outside the band/ })).toBeVisible()
  expect(screen.getByTestId('credentials')).toHaveTextContent(
    'Signed by unknown: Example Images Ltd',
  )
  expect(screen.getByText('Signs of an earlier JPEG compression')).toBeVisible()
  const same = screen.getByRole('link', { name: /same picture/ })
  expect(same).toHaveAttribute('href', '/batches/thousands/analyses/thousands_3')
})

test('no credentials say nothing, and are said to', async () => {
  await open('/batches/forty/analyses/forty_1')
  await userEvent.click(await screen.findByRole('button', { name: /Show evidence/ }))
  const credentials = await screen.findByTestId('credentials')
  expect(credentials).toHaveTextContent('This says nothing')
  expect(screen.queryByTestId('declared-ai')).toBeNull()
})

test('evidence that cannot be read is an error of its own; the verdict stays', async () => {
  server.use(
    http.get('*/api/v1/analyses/:id/evidence', () =>
      problemResponse(410, 'image_gone', 'The file is not in the store any more.'),
    ),
  )
  await open('/batches/forty/analyses/forty_9')
  await userEvent.click(await screen.findByRole('button', { name: /Show evidence/ }))
  const alert = await screen.findByRole('alert')
  expect(within(alert).getByText('The file is not in the store any more.')).toBeVisible()
  await waitFor(() => {
    expect(screen.getByTestId('verdict-words')).toBeVisible()
  })
})
