/** Numbers as people read them: thin spaces in counts, units on everything else. */

const thin = '\u202f'

export function formatCount(count: number): string {
  return Math.round(count)
    .toString()
    .replace(/\B(?=(\d{3})+$)/g, thin)
}

/** `97.2 %` of a share between 0 and 1; nearly nothing is not rounded to nothing, nor nearly all to all. */
export function formatShare(share: number, digits = 1): string {
  const step = 10 ** -digits
  const percent = share * 100
  if (percent > 0 && percent < step / 2) return `<${step.toFixed(digits)}${thin}%`
  if (percent < 100 && percent >= 100 - step / 2) return `>${(100 - step).toFixed(digits)}${thin}%`
  return `${percent.toFixed(digits)}${thin}%`
}

/** `97.2 %` of a value that is in per cent already. */
export function formatPercent(percent: number): string {
  return formatShare(percent / 100)
}

/** A number with its sign, the minus as long as the plus. */
export function formatSigned(value: number, digits = 2): string {
  const sign = value < 0 ? '\u2212' : '+'
  return `${sign}${Math.abs(value).toFixed(digits)}`
}

const byteUnits = ['B', 'KB', 'MB', 'GB'] as const

export function formatBytes(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1000 && unit < byteUnits.length - 1) {
    value /= 1000
    unit += 1
  }
  const digits = unit === 0 || value >= 100 ? 0 : 1
  return `${value.toFixed(digits)}${thin}${byteUnits[unit] ?? ''}`
}

export function formatRate(imagesPerSecond: number): string {
  const value = imagesPerSecond < 10 ? imagesPerSecond.toFixed(1) : formatCount(imagesPerSecond)
  return `${value} img/s`
}

/** `1 file`, `340 files`. */
export function formatCounted(count: number, one: string, many = `${one}s`): string {
  return `${formatCount(count)} ${count === 1 ? one : many}`
}
