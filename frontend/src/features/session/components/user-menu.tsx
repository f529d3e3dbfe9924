import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import {
  IconActivity,
  IconLogout,
  IconMoon,
  IconSettings,
  IconSun,
  IconUserCircle,
} from '@tabler/icons-react'

import { Confirm } from '@/components/confirm'
import { formatCounted } from '@/lib/numbers'

import type { User } from '../api/get-session'
import { useLogOut } from '../api/log-out'

type Props = {
  user: User
  /** How many files only this window holds: logging out loses them. */
  unsentFiles: number
  onLoggedOut: () => void
}

export function UserMenu({ user, unsentFiles, onLoggedOut }: Props) {
  const { colorScheme, toggleColorScheme } = useMantineColorScheme()
  const logOut = useLogOut()
  const [isAsking, asking] = useDisclosure(false, { onOpen: logOut.reset })
  const isDark = colorScheme !== 'light'

  function leave() {
    logOut.mutate(undefined, { onSuccess: onLoggedOut })
  }

  return (
    <>
      {/* Its placeholder would be a child that a menu may not have: the first item has the focus. */}
      <Menu position="right-end" withinPortal withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon size={44} aria-label="You and this screen">
            <IconUserCircle size={24} stroke={1.5} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>Logged in as {user.username}</Menu.Label>
          <Menu.Item
            leftSection={isDark ? <IconSun size={16} /> : <IconMoon size={16} />}
            onClick={toggleColorScheme}
          >
            {isDark ? 'Light theme' : 'Dark theme'}
          </Menu.Item>
          {user.is_staff && <StaffItems />}
          <Menu.Divider />
          <Menu.Item
            leftSection={<IconLogout size={16} />}
            onClick={unsentFiles > 0 ? asking.open : leave}
          >
            Log out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Confirm
        isOpen={isAsking}
        title="Log out before all is sent?"
        action="Log out"
        refusal="Stay"
        isPending={logOut.isPending}
        error={logOut.error}
        onConfirm={leave}
        onClose={asking.close}
      >
        {formatCounted(unsentFiles, 'file')} {unsentFiles === 1 ? 'has' : 'have'} not reached the
        server yet. Logging out takes {unsentFiles === 1 ? 'it' : 'them'} out of this window.
      </Confirm>
    </>
  )
}

function StaffItems() {
  return (
    <>
      <Menu.Item component="a" href="/admin/status/" leftSection={<IconActivity size={16} />}>
        System status
      </Menu.Item>
      <Menu.Item component="a" href="/admin/" leftSection={<IconSettings size={16} />}>
        Administration
      </Menu.Item>
    </>
  )
}
