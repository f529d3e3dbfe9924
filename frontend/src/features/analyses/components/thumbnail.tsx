import { IconPhotoOff } from '@tabler/icons-react'
import { useState } from 'react'

import classes from './thumbnail.module.css'

/** The small image; its name stands beside it, so it needs none of its own. */
export function Thumbnail({ url }: { url: string }) {
  const [isBroken, setBroken] = useState(false)
  return (
    <span className={classes.frame}>
      {isBroken ? (
        <IconPhotoOff size={28} stroke={1.2} aria-hidden />
      ) : (
        <img
          src={url}
          alt=""
          loading="lazy"
          decoding="async"
          onError={() => {
            setBroken(true)
          }}
        />
      )}
    </span>
  )
}
