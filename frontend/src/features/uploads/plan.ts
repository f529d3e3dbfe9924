import { formatCounted } from '@/lib/numbers'
import { formatMinute } from '@/lib/times'

/** How many files, and how many bytes, one request may carry. */
export type Limits = { files: number; bytes: number }

const megabyte = 1_000_000
/** Small, so that the batch and its page are there at once even on a slow line. */
const firstRequest: Limits = { files: 10, bytes: 10 * megabyte }
const laterRequests: Limits = { files: 100, bytes: 50 * megabyte }

/** Cuts files into requests, in their order; a file over the byte limit travels alone. */
export function planRequests(
  files: readonly File[],
  first: Limits = firstRequest,
  later: Limits = laterRequests,
): File[][] {
  const requests: File[][] = []
  let request: File[] = []
  let bytes = 0
  for (const file of files) {
    const limits = requests.length === 0 ? first : later
    const isFull = request.length >= limits.files || bytes + file.size > limits.bytes
    if (isFull && request.length > 0) {
      requests.push(request)
      request = []
      bytes = 0
    }
    request.push(file)
    bytes += file.size
  }
  if (request.length > 0) requests.push(request)
  return requests
}

/** The name of the folder or the archive, when that is what was dropped. */
export function suggestName(files: readonly File[]): string {
  const folders = new Set(files.map(folderOf))
  const [folder = ''] = folders
  if (folders.size === 1 && folder) return folder
  const only = files.length === 1 ? files[0] : undefined
  return only && isArchive(only) ? only.name.replace(/\.zip$/i, '') : ''
}

/** What several loose files are called when nobody named them; one file is a batch of its own name. */
export function nameLoose(files: readonly File[], now: Date): string {
  return files.length > 1 ? `${formatCounted(files.length, 'file')}, ${formatMinute(now)}` : ''
}

export function isArchive(file: File): boolean {
  return /\.zip$/i.test(file.name) || file.type === 'application/zip'
}

export function bytesOf(files: readonly File[]): number {
  return files.reduce((bytes, file) => bytes + file.size, 0)
}

/** The first folder of a path: a folder picker and a dropped folder each say it in their own way. */
function folderOf(file: File & { relativePath?: string }): string {
  const path = (file.webkitRelativePath || file.relativePath) ?? ''
  const folders = path.split('/').filter((part) => part !== '' && part !== '.')
  return folders.length > 1 ? (folders[0] ?? '') : ''
}
