/** A file of that many bytes. */
export function fileOf(name: string, bytes = 1000): File {
  return new File([new Uint8Array(bytes)], name)
}

export function filesOf(count: number, bytes = 1000): File[] {
  return Array.from({ length: count }, (_, place) => fileOf(`face-${place}.jpg`, bytes))
}
