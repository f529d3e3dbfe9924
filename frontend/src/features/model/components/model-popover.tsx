import { Anchor, Popover, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'

import { modelQuery } from '../api/get-model'

/** The model behind a verdict, and what it was trained on, one press away. */
export function ModelPopover({ version }: { version: string }) {
  const { data: model } = useQuery(modelQuery)
  return (
    <Popover width={340} position="bottom-start" shadow="md" withArrow>
      <Popover.Target>
        <Anchor component="button" type="button" size="sm">
          Model {version}
        </Anchor>
      </Popover.Target>
      <Popover.Dropdown>
        {model?.version === version ? (
          <Text size="sm">{model.trained_on}</Text>
        ) : (
          <Text size="sm">
            Another model is installed by now
            {model && `: ${model.version}`}. This verdict stays as this model gave it.
          </Text>
        )}
        <Anchor component={Link} to="/model" size="sm" mt="xs" display="block">
          What this model can and cannot tell
        </Anchor>
      </Popover.Dropdown>
    </Popover>
  )
}
