import { Text } from '@mantine/core'
import { Dropzone } from '@mantine/dropzone'
import { useEffect } from 'react'

import classes from './window-drop.module.css'

/** Takes files that are dropped or pasted anywhere, on any page. */
export function WindowDrop({ onFiles }: { onFiles: (files: readonly File[]) => void }) {
  useEffect(() => {
    function takePasted(event: ClipboardEvent) {
      if (isField(event.target)) return // what is pasted there is text, whatever comes along with it
      const files = [...(event.clipboardData?.files ?? [])]
      if (files.length > 0) onFiles(files)
    }
    document.addEventListener('paste', takePasted)
    return () => {
      document.removeEventListener('paste', takePasted)
    }
  }, [onFiles])

  return (
    <Dropzone.FullScreen
      onDrop={onFiles}
      className={classes.veil}
      activateOnKeyboard={false} // nobody can tab to what is not seen
      inputProps={{ 'aria-label': 'Photos or a ZIP' }}
    >
      <Text className={classes.words}>Let go to add the files</Text>
    </Dropzone.FullScreen>
  )
}

function isField(target: EventTarget | null): boolean {
  return target instanceof Element && target.matches('input, textarea')
}
