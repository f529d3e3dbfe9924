import { Button, Group, Text, TextInput } from '@mantine/core'
import { IconFileZip, IconPhoto } from '@tabler/icons-react'
import { useEffect, useRef, useState } from 'react'

import { formatBytes, formatCount, formatCounted } from '@/lib/numbers'

import { bytesOf, isArchive, nameLoose, suggestName } from '../plan'
import classes from './staged-files.module.css'

/** A browser decodes every preview at full size, so only the first few are shown. */
const previewCount = 23

type Props = {
  files: readonly File[]
  /** What was typed as the name; null leaves it to the files. */
  name: string | null
  onName: (name: string) => void
  onDetect: (name: string) => void
  onClear: () => void
}

/** What was dropped, to look at before it is sent. */
export function StagedFiles({ files, name, onName, onDetect, onClear }: Props) {
  const shownName = name ?? suggestName(files)
  const hidden = files.length - previewCount
  const panel = useRef<HTMLFormElement>(null)
  useEffect(() => {
    // The button that was pressed for the files has made way for them.
    if (document.activeElement === document.body) panel.current?.focus()
  }, [])
  return (
    <form
      ref={panel}
      tabIndex={-1}
      aria-labelledby="staged"
      className={classes.panel}
      onSubmit={(event) => {
        event.preventDefault()
        onDetect(shownName.trim() || nameLoose(files, new Date()))
      }}
    >
      <Group justify="space-between" align="baseline" wrap="nowrap">
        <Text component="h1" id="staged" className={classes.title}>
          {formatCounted(files.length, 'file')}
          <span className={classes.size}>{formatBytes(bytesOf(files))}</span>
        </Text>
        <Button variant="subtle" color="gray" onClick={onClear}>
          Clear
        </Button>
      </Group>
      <ul className={classes.previews}>
        {files.slice(0, previewCount).map((file, place) => (
          <li key={`${place} ${file.name}`}>
            <Preview file={file} />
          </li>
        ))}
        {hidden > 0 && <li className={classes.more}>+ {formatCount(hidden)} more</li>}
      </ul>
      <div className={classes.actions}>
        <TextInput
          size="lg"
          maxLength={200}
          className={classes.name}
          aria-label="Name of the batch"
          placeholder="Name, if you like"
          value={shownName}
          onChange={(event) => {
            onName(event.currentTarget.value)
          }}
        />
        <Button type="submit" size="lg" className={classes.detect} data-testid="detect-button">
          Detect
        </Button>
      </div>
    </form>
  )
}

function Preview({ file }: { file: File }) {
  const url = useObjectUrl(file)
  const [isBroken, setBroken] = useState(false)
  const Icon = isArchive(file) ? IconFileZip : IconPhoto
  return (
    <figure className={classes.preview} title={file.name}>
      {url && !isBroken && !isArchive(file) ? (
        <img
          src={url}
          alt=""
          decoding="async"
          onError={() => {
            setBroken(true)
          }}
        />
      ) : (
        <Icon size={28} stroke={1.2} aria-hidden />
      )}
      <figcaption>{file.name}</figcaption>
    </figure>
  )
}

function useObjectUrl(file: File): string | null {
  const [url, setUrl] = useState<string | null>(null)
  useEffect(() => {
    const created = URL.createObjectURL(file)
    // eslint-disable-next-line react-hooks/set-state-in-effect -- the address has to be released again
    setUrl(created)
    return () => {
      URL.revokeObjectURL(created)
    }
  }, [file])
  return url
}
