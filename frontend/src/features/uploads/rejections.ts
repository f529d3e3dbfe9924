import { formatCount, formatCounted } from '@/lib/numbers'

import type { Rejected } from './upload'

/** What is wrong with a file, said of one and of many. */
const reasons: Record<string, [string, string]> = {
  unsupported_format: ['is not an image', 'are not images'],
  unsupported_kind: ['is of a kind that cannot be read', 'are of kinds that cannot be read'],
  file_too_large: ['is over 20 MB', 'are over 20 MB'],
  too_many_pixels: ['is over 100 megapixels', 'are over 100 megapixels'],
  too_many_frames: ['has over 1,000 frames', 'have over 1,000 frames'],
  empty_file: ['is empty', 'are empty'],
  truncated_image: ['is cut short', 'are cut short'],
  undecodable_image: ['cannot be opened', 'cannot be opened'],
  batch_full: ['did not fit into the batch', 'did not fit into the batch'],
  body_too_large: ['is too large to send', 'are too large to send'],
  archive_encrypted: ['is a locked archive', 'are locked archives'],
  archive_too_large: ['is too large an archive', 'are too large archives'],
  archive_too_many_files: ['holds too many files', 'hold too many files'],
  archive_damaged: ['is a damaged archive', 'are damaged archives'],
  archive_nested: ['is an archive in an archive', 'are archives in archives'],
  archive_unsafe_entry: ['has an unsafe path', 'have unsafe paths'],
}
const otherwise: [string, string] = ['was refused', 'were refused']

/** `12 of 340 files were not accepted: 9 are not images, 3 are over 20 MB.` */
export function describeRejections(rejected: readonly Rejected[], accepted: number): string {
  const total = rejected.length + accepted
  const be = rejected.length === 1 ? 'was' : 'were'
  const causes = countByReason(rejected).map(
    ([[one, many], count]) => `${formatCount(count)} ${count === 1 ? one : many}`,
  )
  return `${formatCount(rejected.length)} of ${formatCounted(total, 'file')} ${be} not accepted: ${causes.join(', ')}.`
}

function countByReason(rejected: readonly Rejected[]): [[string, string], number][] {
  const counts = new Map<[string, string], number>()
  for (const { code } of rejected) {
    const reason = reasons[code] ?? otherwise
    counts.set(reason, (counts.get(reason) ?? 0) + 1)
  }
  return [...counts].sort(([, a], [, b]) => b - a)
}
