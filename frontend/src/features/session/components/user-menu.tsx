import { ActionIcon, Menu, useMantineColorScheme } from '@mantine/core'
import {
  IconActivity,
  IconLogout,
  IconMoon,
  IconSettings,
  IconSun,
  IconUserCircle,
} from '@tabler/icons-react'

import type { User } from '../api/get-session'
import { useLogOut } from '../api/log-out'

export function UserMenu({ user, onLoggedOut }: { user: User; onLoggedOut: () => void }) {
  const { colorScheme, toggleColorScheme } = useMantineColorScheme()
  const logOut = useLogOut()
  const isDark = colorScheme !== 'light'

  return (
    <Menu position="right-end" withinPortal>
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
        {user.is_staff && (
          <>
            <Menu.Item component="a" href="/admin/status/" leftSection={<IconActivity size={16} />}>
              System status
            </Menu.Item>
            <Menu.Item component="a" href="/admin/" leftSection={<IconSettings size={16} />}>
              Administration
            </Menu.Item>
          </>
        )}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconLogout size={16} />}
          onClick={() => {
            logOut.mutate(undefined, { onSuccess: onLoggedOut })
          }}
        >
          Log out
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  )
}
