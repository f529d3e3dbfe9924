import { useDocumentTitle } from '@mantine/hooks'

/** What the browser's tab says: the page, then the program; the program alone until the page has a name. */
export function usePageTitle(page?: string) {
  useDocumentTitle(page ? `${page} · Assay` : 'Assay')
}
