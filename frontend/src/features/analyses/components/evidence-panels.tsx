import { IconInfoSquareRounded } from '@tabler/icons-react'
import type { ReactNode } from 'react'

import type { Credentials, Evidence } from '../api/get-evidence'
import classes from './evidence.module.css'
import { Fact, FactList } from './fact-list'
import { Place } from './place'
import { SimilarImages } from './similar-images'
import { SpectrumChart } from './spectrum-chart'

type Props = {
  analysisId: string
  evidence: Evidence
  /** Whether the place of the image may be asked for. */
  mayLocate: boolean
}

export function EvidencePanels({ analysisId, evidence, mayLocate }: Props) {
  return (
    <>
      {evidence.declared_ai && <DeclaredAi declared={evidence.declared_ai} />}
      <div className={classes.panels}>
        <div>
          <Panel title="Spectrum">
            <SpectrumChart spectrum={evidence.spectrum} />
          </Panel>
          <Panel title="Similar images">
            <SimilarImages images={evidence.similar} />
          </Panel>
        </div>
        <div>
          <Panel title="Content credentials">
            <ContentCredentials credentials={evidence.c2pa} />
          </Panel>
          <Panel title="File">
            <FileEvidence evidence={evidence} />
            {mayLocate && <Place key={analysisId} analysisId={analysisId} />}
          </Panel>
        </div>
      </div>
    </>
  )
}

function Panel({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.panel}>
      <h3>{title}</h3>
      {children}
    </section>
  )
}

/** Said by the file itself, so apart from the score: neither proves the other. */
function DeclaredAi({ declared }: { declared: NonNullable<Evidence['declared_ai']> }) {
  return (
    <div className={classes.banner} role="note" data-testid="declared-ai">
      <IconInfoSquareRounded size={24} stroke={1.6} aria-hidden />
      <div>
        <p>
          <b>The file says it was made with AI</b>
        </p>
        <p>
          By {placeWords(declared.by)}: {declared.detail}. The score does not know of it.
        </p>
      </div>
    </div>
  )
}

/** Where in the file the declaration stands. */
function placeWords(place: string): string {
  if (place === 'c2pa') return 'its content credentials'
  if (place === 'iptc') return 'its IPTC source type'
  const [kind = '', ...name] = place.split(' ')
  return `its ${kind === 'exif' ? 'EXIF' : kind} “${name.join(' ')}”`
}

function FileEvidence({ evidence: { metadata, jpeg } }: { evidence: Evidence }) {
  const facts = Object.entries(metadata)
  return (
    <>
      <FactList>
        {jpeg && (
          <>
            <Fact name="JPEG quality">
              about {jpeg.quality} of 100{jpeg.subsampling && `, colour ${jpeg.subsampling}`}
            </Fact>
            <Fact name="Saved twice">
              {jpeg.double_compression
                ? 'Signs of an earlier JPEG compression'
                : 'No sign of an earlier JPEG compression'}
            </Fact>
          </>
        )}
        {facts.map(([name, value]) => (
          <Fact key={name} name={name}>
            {value}
          </Fact>
        ))}
      </FactList>
      {facts.length === 0 && (
        <p className={classes.quiet}>
          No camera or program has left a note in the file. Most sites remove them, so this says
          little.
        </p>
      )}
    </>
  )
}

function ContentCredentials({ credentials }: { credentials: Credentials }) {
  const { title, detail } = credentialWords(credentials)
  return (
    <div data-testid="credentials" data-state={credentials.state}>
      <p>
        <b>{title}</b>
      </p>
      <p className={classes.quiet}>{detail}</p>
    </div>
  )
}

function credentialWords({ state, signer }: Credentials): { title: string; detail: string } {
  const by = signer ? `: ${signer}` : ''
  switch (state) {
    case 'trusted':
      return {
        title: `Signed and trusted${by}`,
        detail: 'The signer is on the list of trusted ones, and the file is as it was signed.',
      }
    case 'signed':
      return {
        title: `Signed by unknown${by}`,
        detail: 'The file is as it was signed, but anybody can make such a signature.',
      }
    case 'invalid':
      return {
        title: `Signature broken${by}`,
        detail: 'The file was changed after it was signed, or the signature is damaged.',
      }
    case 'remote':
      return {
        title: 'Kept elsewhere',
        detail: 'The file names an address for them. This server asks nobody, so nothing is known.',
      }
    case 'none':
      return {
        title: 'None',
        detail:
          'This says nothing: most cameras and programs write none, and most sites remove them.',
      }
    case 'not_installed':
      return {
        title: 'Not read',
        detail: 'The file has some; this server lacks the library that reads them.',
      }
  }
}
