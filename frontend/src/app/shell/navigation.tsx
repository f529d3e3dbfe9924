import { IconCube, IconHome, IconPlugConnected, IconStack2 } from '@tabler/icons-react'
import { Link } from '@tanstack/react-router'

import classes from './navigation.module.css'

const places = [
  { to: '/', label: 'Home', Icon: IconHome },
  { to: '/batches', label: 'Batches', Icon: IconStack2 },
  { to: '/models', label: 'Models', Icon: IconCube },
  { to: '/integrations', label: 'Integrations', Icon: IconPlugConnected },
] as const

export function Navigation() {
  return (
    <nav className={classes.navigation} aria-label="Main">
      {places.map(({ to, label, Icon }) => (
        <Link key={to} to={to} className={classes.place} activeOptions={{ exact: to === '/' }}>
          <Icon size={22} stroke={1.5} aria-hidden />
          {label}
        </Link>
      ))}
    </nav>
  )
}
