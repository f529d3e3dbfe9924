import { Button, Group, Text } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import { IconFolder, IconPhotoPlus } from '@tabler/icons-react'
import { useEffect, useRef } from 'react'

import classes from './drop-zone.module.css'

type Props = {
  onFiles: (files: readonly File[]) => void
  /** Where it stands in place of what had the focus. */
  takesFocus: boolean
}

/** The calm place that files go to: one sentence says what will happen to them. */
export function DropZone({ onFiles, takesFocus }: Props) {
  const openPicker = useRef<() => void>(null)
  const choose = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    if (takesFocus) choose.current?.focus()
  }, [takesFocus])
  return (
    <Dropzone
      onDrop={onFiles}
      openRef={openPicker}
      className={classes.zone}
      aria-label="Choose photos or a ZIP"
      inputProps={{ 'data-testid': 'drop-input', 'aria-label': 'Photos or a ZIP' } as object}
    >
      <div className={classes.inside}>
        <IconPhotoPlus size={40} stroke={1.2} className={classes.icon} aria-hidden />
        <Text component="h1" className={classes.title}>
          <span className={classes.pointer}>Drop photos, a folder or a ZIP</span>
          <span className={classes.touch}>Choose photos or a ZIP</span>
        </Text>
        <Text className={classes.what}>
          Each face photo gets a verdict and a map of what moved it. Files stay on this server.
        </Text>
        <Group justify="center" gap="xs" mt="md" className={classes.buttons}>
          <Button ref={choose} variant="default" size="md" onClick={() => openPicker.current?.()}>
            Choose files
          </Button>
          <FolderButton onFiles={onFiles} />
        </Group>
        <Text size="sm" c="dimmed" mt="sm">
          <span className={classes.pointer}>or paste with Ctrl V · </span>
          JPEG, HEIC, PNG, WebP, AVIF, GIF, BMP, TIFF up to 20 MB
        </Text>
      </div>
    </Dropzone>
  )
}

function FolderButton({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  const input = useRef<HTMLInputElement>(null)
  return (
    <>
      <Button
        variant="default"
        size="md"
        className={classes.folder}
        leftSection={<IconFolder size={18} aria-hidden />}
        onClick={(event) => {
          event.stopPropagation() // the zone around it opens the file picker
          input.current?.click()
        }}
      >
        Choose a folder
      </Button>
      <input
        ref={input}
        type="file"
        hidden
        // React knows the attribute, its types do not.
        {...{ webkitdirectory: '' }}
        onClick={(event) => {
          event.stopPropagation()
        }}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])])
          event.currentTarget.value = ''
        }}
      />
    </>
  )
}
