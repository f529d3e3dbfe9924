import { Anchor, Popover, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { modelVersionQuery } from '../api/get-model-version'
import { cardOf } from '../card'

/** The model behind a verdict, and what it was trained on, one press away. */
export function ModelPopover({ version }: { version: string }) {
  const { data: model, isError } = useQuery(modelVersionQuery(version))
  return (
    <Popover width={340} position="bottom-start" shadow="md" withArrow>
      <Popover.Target>
        <Anchor component="button" type="button" size="sm">
          Model {version}
        </Anchor>
      </Popover.Target>
      <Popover.Dropdown>
        {model && <Text size="sm">{cardOf(model).trained_on}</Text>}
        {isError && (
          <Text size="sm">
            This server keeps no card of this model. The verdict stays as the model gave it.
          </Text>
        )}
        {model && (
          <Anchor
            size="sm"
            mt="xs"
            display="block"
            renderRoot={(props) => <Link to="/models/$version" params={{ version }} {...props} />}
          >
            What this model can and cannot tell
          </Anchor>
        )}
      </Popover.Dropdown>
    </Popover>
  )
}
