"""Why somebody may not come in.

AccountError
 ├ WrongCredentials    login_failed
 └ TooManyAttempts     throttled
"""


class AccountError(Exception):
    code = ""
    message = ""


class WrongCredentials(AccountError):
    code = "login_failed"
    message = "User name and password do not match. Check both and try again."


class TooManyAttempts(AccountError):
    code = "throttled"
    message = "Too many wrong passwords for this user from this address. Wait a while, then try again."

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(self.message)
        self.retry_after_seconds = retry_after_seconds
